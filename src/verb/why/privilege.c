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

int why_privilege(struct subject *s)
{
	size_t before = s->found->n;
	int r = why_process(s);
	struct why_finding *f = NULL;

	for (size_t i = before; i < s->found->n && r >= 0; i++)
		if (s->found->items[i].code == WHY_NO_CAPABILITY)
			f = &s->found->items[i];
	if (!f || !is_ordinary(&s->q->sys->root))
		return r;
	f->weight = WHY_NOTE;
	f->text = "you are not root, who alone may load it, and to whom more is shown";
	s->found->n_obstacles--;
	f->fix = arena_strf(&s->found->strings, "sudo kmodctl why %s", s->c->path ? s->c->path : s->c->name);
	return f->fix ? 0 : -ENOMEM;
}
