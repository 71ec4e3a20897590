// SPDX-License-Identifier: MIT
/* What was found of a refusal, in words. What finds it need not be linked with this. */
#include <errno.h>
#include <string.h>

#include "read/kernel/calls.h"
#include "read/kernel/kconfig.h"
#include "read/kernel/lockstate.h"
#include "verb/why/refusal.h"

int refusal_line(const char *name, const struct why_finding *f, struct buf *into)
{
	buf_addf(into, "%s: %s", name, f->text);
	if (f->file)
		buf_addf(into, " (%s", f->file);
	if (f->line)
		buf_addf(into, ":%u", f->line);
	if (f->file)
		buf_addc(into, ')');
	if (f->fix)
		buf_addf(into, "; fix: %s", f->fix);
	return buf_error(into);
}

void refusal_report_found(struct diag *diag, const char *name, const struct why *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct why_finding *f = &found->items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		if (refusal_line(name, f, &line) >= 0)
			diag_report(diag, LOG_ERR, why_message_code(f), f->file, f->line, "%s", buf_str(&line));
	}
}

const char *refusal_words(int error, const struct why *found)
{
	if (error == -ENOENT && found && found->n && strcmp(found->items[0].topic, "needs") == 0)
		return "Unknown symbol in module";
	return strerror(-error);
}

const char *refusal_doubt(int error, const struct why *found)
{
	return found->n || found->no_doubt || error == -EEXIST || error == -ENOMEM ? "" : "; the cause is unknown";
}

/* Its configuration is not read where the list of modules shows that it has support. */
static bool is_built_without(const struct sys *sys)
{
	struct utsname uts;
	struct kconfig_entry e;

	return !root_exists(&sys->root, "/proc/modules") && kernel_uname(sys->kernel, &uts) == 0 &&
	       kconfig_find(&sys->root, uts.release, "CONFIG_MODULES", &e) == 1 && strcmp(e.value, "n") == 0;
}

void refusal_report_support(struct sys *sys)
{
	if (lockstate_is_without_modules(&sys->root) || is_built_without(sys))
		sys_error(sys, "why.no-support", REFUSAL_NO_SUPPORT);
}
