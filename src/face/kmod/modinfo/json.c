// SPDX-License-Identifier: MIT
/* One module as docs/json.md describes it: the usual keys at fixed places, the others in "info". */
#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "read/image/codec.h"
#include "face/kmod/modinfo/private.h"

static const char *const single_keys[] = { "description", "version", "srcversion", "vermagic" };
static const char *const list_keys[] = { "license", "author", "alias", "firmware", "softdep", "weakdep", "import_ns" };

static bool key_is(const struct modinfo_item *item, const char *key)
{
	return item->key_len == strlen(key) && memcmp(item->key, key, item->key_len) == 0;
}

static void print_list(struct json *j, const struct modinfo *m, const char *key)
{
	json_array(j, key);
	for (size_t i = 0; i < m->n; i++) {
		if (key_is(&m->items[i], key))
			json_str(j, NULL, m->items[i].value);
	}
	json_end(j);
}

/* "a,b,c" of depends= as an array. */
static void print_depends(struct json *j, const struct modinfo *m)
{
	const char *rest = modinfo_get(m, "depends");

	json_array(j, "depends");
	while (rest && *rest) {
		size_t n = strcspn(rest, ",");

		if (n > 0)
			json_strn(j, NULL, rest, n);
		rest += n + (rest[n] == ',');
	}
	json_end(j);
}

static bool in(const struct modinfo_item *item, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (key_is(item, keys[i]))
			return true;
	}
	return false;
}

static bool has_its_place(const struct modinfo_item *item)
{
	static const char *const others[] = { "parm", "parmtype", "depends" };

	return in(item, single_keys, ELEMENTSOF(single_keys)) || in(item, list_keys, ELEMENTSOF(list_keys)) ||
	       in(item, others, ELEMENTSOF(others));
}

static int by_key(const void *pa, const void *pb)
{
	const struct modinfo_item *a = *(const struct modinfo_item *const *)pa,
				  *b = *(const struct modinfo_item *const *)pb;
	size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;
	int c = memcmp(a->key, b->key, n);

	if (c != 0)
		return c;
	if (a->key_len != b->key_len)
		return a->key_len < b->key_len ? -1 : 1;
	return a < b ? -1 : a > b; /* file order: they are elements of one array */
}

static bool same_key(const struct modinfo_item *a, const struct modinfo_item *b)
{
	return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* The remaining keys, sorted, each an array of its values in file order. */
static int print_others(struct json *j, const struct modinfo *m)
{
	_cleanup_free_ const struct modinfo_item **items = calloc(m->n + 1, sizeof(*items));
	size_t n = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		if (!has_its_place(&m->items[i]))
			items[n++] = &m->items[i];
	}
	qsort(items, n, sizeof(*items), by_key);
	json_object(j, "info");
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !same_key(items[i], items[i - 1])) {
			_cleanup_free_ char *key = strndup(items[i]->key, items[i]->key_len);

			if (!key)
				return -ENOMEM;
			json_array(j, key);
		}
		json_str(j, NULL, items[i]->value);
		if (i + 1 == n || !same_key(items[i], items[i + 1]))
			json_end(j);
	}
	json_end(j);
	return 0;
}

static void print_parameters(struct json *j, const struct parameters *list)
{
	json_array(j, "parameters");
	for (size_t i = 0; i < list->n; i++) {
		const struct parameter *p = &list->items[i];

		json_object(j, NULL);
		json_strn(j, "name", p->name, p->name_len);
		json_str(j, "type", p->type);
		json_str(j, "description", p->description);
		json_end(j);
	}
	json_end(j);
}

static int print_hex(struct json *j, const char *key, struct span bytes, int (*format)(struct span, struct buf *))
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = format(bytes, &text);

	if (r == 0)
		json_str(j, key, bytes.n > 0 ? buf_str(&text) : NULL);
	return r;
}

static int hex_pairs(struct span bytes, struct buf *into)
{
	return hex_colons(bytes, 0, into);
}

static int print_signature(struct json *j, const struct modinfo_subject *s)
{
	const struct siginfo *i = &s->signature;
	int r;

	if (!s->is_signed) {
		json_null(j, "signature");
		return 0;
	}
	json_object(j, "signature");
	json_str(j, "type", i->id_type);
	json_str(j, "signer", i->signer[0] ? i->signer : NULL);
	r = print_hex(j, "key", i->key_id, hex_pairs);
	json_str(j, "key_kind", !i->parsed ? NULL : i->by_skid ? "skid" : "serial");
	json_str(j, "hash", i->parsed ? i->hash : NULL);
	json_str(j, "algorithm", i->signature_algorithm);
	json_uint(j, "signers", i->n_signers);
	if (r == 0)
		r = print_hex(j, "value", i->signature, hex_plain);
	json_end(j);
	return r;
}

static const char *compression_name(const struct modinfo_subject *s)
{
	const struct codec *c = s->src ? codec_by_id(source_codec(s->src)) : NULL;

	return !s->src ? NULL : c ? c->kernel : "none";
}

int modinfo_json(struct json *j, const struct modinfo_subject *s)
{
	int r;

	json_object(j, NULL);
	json_str(j, "name", s->name);
	json_str(j, "filename", s->path);
	json_bool(j, "builtin", !s->path);
	json_str(j, "compression", compression_name(s));
	for (size_t i = 0; i < ELEMENTSOF(single_keys); i++)
		json_str(j, single_keys[i], modinfo_get(&s->info, single_keys[i]));
	for (size_t i = 0; i < ELEMENTSOF(list_keys); i++)
		print_list(j, &s->info, list_keys[i]);
	print_depends(j, &s->info);
	print_parameters(j, &s->parameters);
	r = print_others(j, &s->info);
	if (r == 0)
		r = print_hex(j, "build_id", s->build_id, hex_plain);
	if (r == 0)
		r = print_signature(j, s);
	json_end(j);
	return r;
}
