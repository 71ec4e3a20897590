// SPDX-License-Identifier: MIT
#include "read/kernel/lockstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/num.h"
#include "base/optstring.h"

#define CAP_SYS_MODULE_BIT 16 /* linux/capability.h */
#define TEXT_MAX (1u << 20)

static const char *const lockdown_names[] = {
	[LOCKDOWN_NONE] = "none",
	[LOCKDOWN_INTEGRITY] = "integrity",
	[LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
};

const char *lockdown_name(enum lockdown level)
{
	return level < LOCKDOWN_NONE || level > LOCKDOWN_CONFIDENTIALITY ? NULL : lockdown_names[level];
}

void lockstate_done(struct lockstate *s)
{
	strv_done(&s->blacklist);
	strv_done(&s->replaced);
	strv_done(&s->oversized);
	strv_done(&s->initcalls);
}

bool lockstate_is_without_modules(const struct root *root)
{
	return root_exists(root, "/proc/version") && !root_exists(root, "/proc/modules") &&
	       !root_exists(root, "/proc/sys/kernel/modules_disabled");
}

bool lockstate_is_blacklisted(const struct lockstate *s, const char *name)
{
	return strv_has(&s->blacklist, name);
}

enum lockdown lockdown_parse(const char *text)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	if (!close)
		return LOCKDOWN_UNKNOWN;
	open++;
	for (int i = LOCKDOWN_NONE; i <= LOCKDOWN_CONFIDENTIALITY; i++) {
		size_t n = strlen(lockdown_names[i]);

		if ((size_t)(close - open) == n && memcmp(open, lockdown_names[i], n) == 0)
			return (enum lockdown)i;
	}
	return LOCKDOWN_UNKNOWN;
}

static int add_names(const char *list, size_t n, struct strv *into)
{
	_cleanup_free_ char *copy = strndup(list, n);
	char *at = copy, *name;

	if (!copy)
		return -ENOMEM;
	while ((name = strsep(&at, ",")))
		if (*name && strv_add(into, name) < 0)
			return -ENOMEM;
	return 0;
}

/* A module_blacklist=. */
static int take_list(const struct option *o, struct lockstate *s)
{
	int r = 0;

	if (o->value_len > OPTION_STRING_MAX)
		return add_names(o->value, o->value_len, &s->oversized);
	for (size_t i = 0; i < s->blacklist.n && r == 0; i++)
		r = strv_add(&s->replaced, s->blacklist.items[i]);
	strv_done(&s->blacklist);
	return r < 0 ? r : add_names(o->value, o->value_len, &s->blacklist);
}

/* The lists as the kernel finds them on its command line (kernel-parameters.txt). */
static int parse_lists(struct span cmdline, struct lockstate *s)
{
	struct option o;
	int r = 0;

	while (r == 0 && option_next(&cmdline, &o)) {
		if (!o.value && o.key_len == 2 && memcmp(o.key, "--", 2) == 0)
			return 0; /* the rest is for init */
		if (o.value && option_is(&o, "module_blacklist"))
			r = take_list(&o, s);
		else if (o.value && option_is(&o, "initcall_blacklist"))
			r = add_names(o.value, o.value_len, &s->initcalls);
	}
	return r;
}

/* ---- one file each ---- */

static void read_text(const struct root *root, struct lock_source *source, const char *path, struct buf *into)
{
	source->path = path;
	buf_clear(into);
	source->error = file_read(root, path, TEXT_MAX, into);
	if (source->error == 0)
		source->error = buf_error(into);
	if (source->error < 0)
		buf_clear(into);
}

/* Y/N or 1/0, as sysfs parameters and sysctls show them. */
static enum lock_answer parse_answer(const char *text, struct lock_source *source)
{
	if (source->error == 0 && strchr("Yy1", text[0]) && text[0])
		return LOCK_YES;
	if (source->error == 0 && strchr("Nn0", text[0]) && text[0])
		return LOCK_NO;
	if (source->error == 0)
		source->error = -EINVAL;
	return LOCK_UNKNOWN;
}

static void read_lockdown(const struct root *root, struct buf *text, struct lockstate *s)
{
	read_text(root, &s->lockdown_source, "/sys/kernel/security/lockdown", text);
	s->lockdown = lockdown_parse(buf_str(text));
	if (s->lockdown_source.error == 0 && s->lockdown == LOCKDOWN_UNKNOWN)
		s->lockdown_source.error = -EINVAL;
}

static void read_answers(const struct root *root, struct buf *text, struct lockstate *s)
{
	read_text(root, &s->sig_enforce_source, "/sys/module/module/parameters/sig_enforce", text);
	s->sig_enforce = parse_answer(buf_str(text), &s->sig_enforce_source);
	read_text(root, &s->modules_disabled_source, "/proc/sys/kernel/modules_disabled", text);
	s->modules_disabled = parse_answer(buf_str(text), &s->modules_disabled_source);
}

/* line: "\nNAME:". NULL: there is none. */
static const char *status_value(const char *status, const char *line)
{
	const char *value = strstr(status, line);

	if (!value)
		return NULL;
	value += strlen(line);
	return value + strspn(value, " \t");
}

/* The mask of the line "CapEff:\t000001ffffffffff". */
static int parse_capabilities(const char *status, uint64_t *ret)
{
	const char *value = status_value(status, "\nCapEff:");
	char mask[32];
	size_t n;

	if (!value)
		return -EINVAL;
	n = strcspn(value, "\n");
	if (n >= sizeof(mask))
		return -EINVAL;
	memcpy(mask, value, n);
	mask[n] = '\0';
	return parse_u64(mask, 16, ret);
}

/* The mode in the line "Seccomp:\t0", which a kernel without seccomp(2) has not (proc_pid_status(5)). */
static bool parse_filtered(const char *status)
{
	const char *mode = status_value(status, "\nSeccomp:");

	return mode && *mode != '0';
}

static void read_process(const struct root *root, struct buf *text, struct lockstate *s)
{
	uint64_t mask;

	s->cap_sys_module = s->is_filtered = LOCK_UNKNOWN;
	read_text(root, &s->cap_source, "/proc/self/status", text);
	if (s->cap_source.error == 0)
		s->is_filtered = parse_filtered(buf_str(text)) ? LOCK_YES : LOCK_NO;
	if (s->cap_source.error == 0)
		s->cap_source.error = parse_capabilities(buf_str(text), &mask);
	if (s->cap_source.error == 0)
		s->cap_sys_module = mask >> CAP_SYS_MODULE_BIT & 1 ? LOCK_YES : LOCK_NO;
}

/* Only the initial user namespace maps the whole range of ids onto itself (user_namespaces(7)). */
static void read_user_namespace(const struct root *root, struct buf *text, struct lockstate *s)
{
	uint64_t inside, outside, count;
	const char *p;

	s->in_user_namespace = LOCK_UNKNOWN;
	read_text(root, &s->userns_source, "/proc/self/uid_map", text);
	if (s->userns_source.error < 0)
		return;
	p = buf_str(text);
	p += strspn(p, " ");
	s->in_user_namespace = scan_u64(&p, &inside) && scan_u64(&p, &outside) && scan_u64(&p, &count) &&
					       p[strspn(p, "\n")] == '\0' && inside == 0 && outside == 0 &&
					       count == UINT32_MAX ?
				       LOCK_NO :
				       LOCK_YES;
}

static int read_blacklist(const struct root *root, struct buf *text, struct lockstate *s)
{
	read_text(root, &s->blacklist_source, "/proc/cmdline", text);
	return parse_lists(buf_span(text), s);
}

int lockstate_read(const struct root *root, struct lockstate *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct lockstate s = { 0 };

	read_lockdown(root, &text, &s);
	read_answers(root, &text, &s);
	read_process(root, &text, &s);
	read_user_namespace(root, &text, &s);
	if (read_blacklist(root, &text, &s) < 0) {
		lockstate_done(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
