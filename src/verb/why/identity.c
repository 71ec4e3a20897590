// SPDX-License-Identifier: MIT
/* Does the loaded module come from the file on disk? sysfs shows version, srcversion and build id of what is loaded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "read/image/elf.h"

#define NOTE_MAX 4096
#define NOTE_HEAD 16 /* three words and "GNU" */

/* One of the attributes that a module and sysfs have. 1: they differ. 0: same; -ENODATA: one of the two has none. */
static int attribute_differs(const struct root *root, const char *module, const struct modinfo *info, const char *key,
			     char *ret_live, size_t cap)
{
	const char *here = modinfo_get(info, key);
	char path[512];

	snprintf(path, sizeof(path), "/sys/module/%s/%s", module, key);
	if (!here || file_read_line(root, path, ret_live, cap) < 0)
		return -ENODATA;
	return strcmp(ret_live, here) != 0;
}

/* Borrowed from note and the file. */
static int build_ids(const struct root *root, const char *module, const struct elf *e, struct buf *note,
		     struct span *ret_live, struct span *ret_here)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", module);
	if (facts_build_id(e, ret_here) < 0 || file_read(root, path, NOTE_MAX, note) < 0 ||
	    span_sub(buf_span(note), NOTE_HEAD, ret_here->n, ret_live) < 0)
		return -ENODATA;
	return 0;
}

int identity_is_loaded(const struct root *root, const char *name, const struct elf *e, const struct modinfo *info)
{
	_cleanup_buf_ struct buf note = BUF_INIT;
	struct span loaded, here;
	char live[256];
	int by_source;

	if (build_ids(root, name, e, &note, &loaded, &here) == 0)
		return span_eq(loaded, here);
	by_source = attribute_differs(root, name, info, "srcversion", live, sizeof(live));
	return by_source < 0 ? by_source : !by_source;
}

static int tell_difference(struct subject *s, const char *what, const char *live, const char *here)
{
	int r = why_add(s->found, WHY_TROUBLE, WHY_OTHER_BUILD, NULL,
			"the loaded module is a different build from the file: its %s is %s, the file's is %s", what,
			live, here);

	if (r < 0)
		return r;
	r = why_fix(s->found, "load it again, or reboot; if that does not help, the initramfs has the other file: "
			      "rebuild it");
	return r < 0 ? r : remedy_reload(s->found, &s->q->sys->root, s->q->release, s->c->name);
}

static int tell_build_id(struct subject *s)
{
	_cleanup_buf_ struct buf note = BUF_INIT, live = BUF_INIT, here = BUF_INIT;
	struct span loaded, file;

	if (build_ids(&s->q->sys->root, s->c->name, &s->elf, &note, &loaded, &file) < 0 || span_eq(loaded, file))
		return 0;
	hex_plain(loaded, &live);
	hex_plain(file, &here);
	return tell_difference(s, "build id", buf_str(&live), buf_str(&here));
}

int why_identity(struct subject *s)
{
	static const char *const keys[] = { "version", "srcversion" };
	char live[256];

	if (s->state != LIVE_LIVE || !s->is_module)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(keys); i++)
		if (attribute_differs(&s->q->sys->root, s->c->name, &s->info, keys[i], live, sizeof(live)) == 1)
			return tell_difference(s, keys[i], live, modinfo_get(&s->info, keys[i]));
	return tell_build_id(s);
}
