// SPDX-License-Identifier: MIT
/* What a module's file says, as lists. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "read/image/facts.h"
#include "read/image/siginfo.h"
#include "system/module.h"
#include "face/libkmod/module.h"

/* ---- an opened file ---- */

struct opened {
	struct source *src;
	struct elf elf;
};

static void opened_done(struct opened *o)
{
	elf_done(&o->elf);
	source_close(o->src);
}

#define _cleanup_opened_ _cleanup_(opened_done)

static int open_module(const struct kmod_module *mod, struct opened *ret)
{
	const char *path = kmod_module_get_path(mod);
	struct opened o = { 0 };
	int r;

	if (!path)
		return -ENOENT;
	r = source_open(&mod->ctx->sys.root, path, NULL, &mod->ctx->sys.diag, &o.src);
	if (r < 0)
		return r;
	r = elf_open(o.src, &o.elf);
	if (r < 0) {
		source_close(o.src);
		return r;
	}
	*ret = o;
	return 0;
}

/* ---- info ---- */

struct info {
	char *value;
	char key[];
};

static void free_info(void *data)
{
	struct info *i = data;

	free(i->value);
	free(i);
}

static int add_info(struct kmod_list **list, const char *key, size_t key_len, const char *value)
{
	struct info *i = malloc(sizeof(*i) + key_len + 1);

	if (!i)
		return -ENOMEM;
	memcpy(i->key, key, key_len);
	i->key[key_len] = '\0';
	i->value = strdup(value);
	if (!i->value || list_append(list, i) < 0) {
		free_info(i);
		return -ENOMEM;
	}
	return 0;
}

static int add_hex(struct kmod_list **list, const char *key, struct span bytes, size_t wrap)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	if (hex_colons(bytes, wrap, &b) < 0)
		return -ENOMEM;
	return add_info(list, key, strlen(key), buf_str(&b));
}

static int add_text(struct kmod_list **list, const char *key, const char *value)
{
	return add_info(list, key, strlen(key), value);
}

static int add_modinfo(struct kmod_list **list, const struct modinfo *m)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = add_info(list, m->items[i].key, m->items[i].key_len, m->items[i].value);
	return r;
}

#define HEX_WRAP 20

static int add_signature(struct kmod_list **list, struct source *src)
{
	struct trailer t;
	struct siginfo s;
	int r = source_trailer(src, &t);

	if (r < 0)
		return r;
	if (t.state != TRAILER_OK || !trailer_is_shown(&t))
		return 0;
	siginfo_read(&t, &s);
	r = add_text(list, "sig_id", s.id_type);
	r = r < 0 ? r : add_text(list, "signer", s.signer);
	r = r < 0 ? r : add_hex(list, "sig_key", s.key_id, HEX_WRAP);
	r = r < 0 ? r : add_text(list, "sig_hashalgo", s.hash);
	return r < 0 ? r : add_hex(list, "signature", s.signature, HEX_WRAP);
}

static int info_from_file(const struct kmod_module *mod, struct kmod_list **list)
{
	_cleanup_opened_ struct opened o = { 0 };
	_cleanup_modinfo_ struct modinfo m = { 0 };
	struct span build_id;
	int r = open_module(mod, &o);

	if (r == 0)
		r = modinfo_read(&o.elf, &m);
	if (r == 0)
		r = add_modinfo(list, &m);
	if (r == 0 && facts_build_id(&o.elf, &build_id) == 0)
		r = add_hex(list, "build-id", build_id, HEX_WRAP);
	return r < 0 ? r : add_signature(list, o.src);
}

static int info_from_builtin(const struct kmod_module *mod, struct kmod_list **list)
{
	_cleanup_modinfo_ struct modinfo m = { 0 };
	int r = module_read_builtin(ctx_catalog(mod->ctx), mod->name, &mod->ctx->sys.diag, &m);

	return r < 0 ? r : add_modinfo(list, &m);
}

static int count_list(const struct kmod_list *list)
{
	const struct kmod_list *e;
	int n = 0;

	kmod_list_foreach(e, list)
		n++;
	return n;
}

KMOD_EXPORT int kmod_module_get_info(const struct kmod_module *mod, struct kmod_list **list)
{
	struct kmod_list *found = NULL;
	int r;

	if (!mod || !list)
		return -ENOENT;
	assert(!*list);
	r = kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN ? info_from_builtin(mod, &found) :
								    info_from_file(mod, &found);
	if (r < 0) {
		kmod_module_info_free_list(found);
		return r;
	}
	*list = found;
	return count_list(found);
}

KMOD_EXPORT const char *kmod_module_info_get_key(const struct kmod_list *entry)
{
	return entry ? ((const struct info *)entry->data)->key : NULL;
}

KMOD_EXPORT const char *kmod_module_info_get_value(const struct kmod_list *entry)
{
	return entry ? ((const struct info *)entry->data)->value : NULL;
}

KMOD_EXPORT void kmod_module_info_free_list(struct kmod_list *list)
{
	list_free(list, free_info);
}

/* ---- symbols: three lists of the same entries ---- */

struct symbol_entry {
	uint64_t crc;
	char bind;
	char name[];
};

static int add_symbol(struct kmod_list **list, const struct symbol *s)
{
	size_t n = strlen(s->name) + 1;
	struct symbol_entry *e = malloc(sizeof(*e) + n);

	if (!e)
		return -ENOMEM;
	e->crc = s->crc;
	e->bind = s->bind;
	memcpy(e->name, s->name, n);
	if (list_append(list, e) < 0) {
		free(e);
		return -ENOMEM;
	}
	return 0;
}

/* The entries that read() finds in the module's file: their number, or -errno. */
static int list_symbols(const struct kmod_module *mod, int (*read)(const struct elf *e, struct symbols *ret),
			struct kmod_list **list)
{
	_cleanup_opened_ struct opened o = { 0 };
	_cleanup_symbols_ struct symbols found = { 0 };
	struct kmod_list *all = NULL;
	int r;

	if (!mod || !list)
		return -ENOENT;
	assert(!*list);
	r = open_module(mod, &o);
	if (r == 0)
		r = read(&o.elf, &found);
	for (size_t i = 0; r == 0 && i < found.n; i++)
		r = add_symbol(&all, &found.items[i]);
	if (r < 0) {
		list_free(all, free);
		return r;
	}
	*list = all;
	return (int)found.n;
}

static const struct symbol_entry *symbol_of(const struct kmod_list *entry)
{
	return entry ? entry->data : NULL;
}

KMOD_EXPORT int kmod_module_get_versions(const struct kmod_module *mod, struct kmod_list **list)
{
	return list_symbols(mod, facts_versions, list);
}

KMOD_EXPORT const char *kmod_module_version_get_symbol(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->name : NULL;
}

KMOD_EXPORT uint64_t kmod_module_version_get_crc(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->crc : 0;
}

KMOD_EXPORT void kmod_module_versions_free_list(struct kmod_list *list)
{
	list_free(list, free);
}

KMOD_EXPORT int kmod_module_get_symbols(const struct kmod_module *mod, struct kmod_list **list)
{
	return list_symbols(mod, facts_exports, list);
}

KMOD_EXPORT const char *kmod_module_symbol_get_symbol(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->name : NULL;
}

KMOD_EXPORT uint64_t kmod_module_symbol_get_crc(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->crc : 0;
}

KMOD_EXPORT void kmod_module_symbols_free_list(struct kmod_list *list)
{
	list_free(list, free);
}

KMOD_EXPORT int kmod_module_get_dependency_symbols(const struct kmod_module *mod, struct kmod_list **list)
{
	return list_symbols(mod, facts_imports, list);
}

KMOD_EXPORT const char *kmod_module_dependency_symbol_get_symbol(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->name : NULL;
}

KMOD_EXPORT int kmod_module_dependency_symbol_get_bind(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->bind : KMOD_SYMBOL_NONE;
}

KMOD_EXPORT uint64_t kmod_module_dependency_symbol_get_crc(const struct kmod_list *entry)
{
	return entry ? symbol_of(entry)->crc : 0;
}

KMOD_EXPORT void kmod_module_dependency_symbols_free_list(struct kmod_list *list)
{
	list_free(list, free);
}
