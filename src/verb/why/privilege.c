// SPDX-License-Identifier: MIT
/*
 * An ordinary user asks about the module, not about himself: root, udev and the kernel load modules. That he may not
 * is noted; that a process of root may not, in a container, stands in the way.
 */
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "verb/why/parts.h"

#define STATUS_MAX (64u << 10)

/* The second number of the line "Uid:\t1000\t1000\t1000\t1000". */
static bool is_ordinary(const struct root *root)
{
	_cleanup_buf_ struct buf status = BUF_INIT;
	uint64_t real, effective;
	const char *p;

	if (file_read(root, "/proc/self/status", STATUS_MAX, &status) < 0)
		return false;
	p = strstr(buf_str(&status), "\nUid:");
	if (!p)
		return false;
	p += strlen("\nUid:");
	p += strspn(p, " \t");
	return scan_u64(&p, &real) && (p += strspn(p, " \t")) && scan_u64(&p, &effective) && effective != 0;
}

/* Takes out the finding that is about the process. */
static bool take_out(struct why *w, size_t from)
{
	for (size_t i = from; i < w->n; i++)
		if (w->items[i].code == WHY_NO_CAPABILITY) {
			memmove(&w->items[i], &w->items[i + 1], (w->n - i - 1) * sizeof(*w->items));
			w->n--;
			w->n_obstacles--;
			return true;
		}
	return false;
}

/* Nothing that /proc has in every kernel: what would refuse all modules, or this one, is not known. */
static int tell_unread(struct subject *s)
{
	static const char *const files[] = { "/proc/self/status", "/proc/version", "/proc/cmdline", "/proc/modules" };
	int r;

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		if (root_exists(&s->q->sys->root, files[i]))
			return 0;
	r = why_add(s->found, WHY_NOTE, WHY_PROC_UNREAD, NULL,
		    "/proc is not mounted: whether this kernel loads modules, and denies this one, is not known");
	if (r >= 0)
		r = why_fix(s->found, "mount it; in a container, ask on the host");
	return r < 0 ? r : why_command(s->found, "mount", "-t", "proc", "proc", "/proc");
}

int why_privilege(struct subject *s)
{
	int r = tell_unread(s);
	size_t before = s->found->n;

	if (r >= 0)
		r = why_process(s);

	if (r < 0 || !is_ordinary(&s->q->sys->root) || !take_out(s->found, before))
		return r;
	r = why_add(s->found, WHY_NOTE, WHY_NO_CAPABILITY, NULL,
		    "you are not root, who alone may load it, and to whom more is shown");
	return r < 0 ? r : subject_fix_as_root(s);
}
