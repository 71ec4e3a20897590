// SPDX-License-Identifier: MIT
#include "verb/why/finding.h"

#include <errno.h>
#include <string.h>

#include "base/vec.h"

#define MESSAGE_PREFIX "why."

/*
 * The topic of each code, and its word as used in messages; NULL: the finding has its own. A small kmod, which explains
 * refusals only, ends where these end.
 */
static const struct {
	const char *topic, *message;
} codes[] = {
	[WHY_NOT_LOADED] = { "state", "why.not-loaded" },
	[WHY_LOADED] = { "state", "why.loaded" },
	[WHY_BUILTIN] = { "state", "why.builtin" },
	[WHY_COMING] = { "state", "why.coming" },
	[WHY_GOING] = { "state", "why.going" },
	[WHY_DENIED_BY_KERNEL] = { "policy", "why.denied-by-kernel" },
	[WHY_NO_SUPPORT] = { "process", "why.no-support" },
	[WHY_MODULES_DISABLED] = { "process", "why.modules-disabled" },
	[WHY_USER_NAMESPACE] = { "process", "why.user-namespace" },
	[WHY_NO_CAPABILITY] = { "process", "why.no-capability" },
	[WHY_FILE] = { "file", "why.file" },
	[WHY_COPY] = { "file", "why.copy" },
	[WHY_NO_FILE] = { "file", "why.no-file" },
	[WHY_FILE_MISSING] = { "file", "why.file-missing" },
	[WHY_UNREADABLE] = { "file", "why.unreadable" },
	[WHY_NOT_ELF] = { "file", "why.not-elf" },
	[WHY_NO_MODINFO] = { "file", "why.no-modinfo" },
	[WHY_OTHER_NAME] = { "file", "why.other-name" },
	[WHY_VERMAGIC] = { "file", "why.vermagic" },
	[WHY_VERMAGIC_VERSIONS] = { "file", "why.vermagic-versions" },
	[WHY_VERMAGIC_FLAGS] = { "file", "why.vermagic-flags" },
	[WHY_LIVEPATCH] = { "file", "why.livepatch" },
	[WHY_XZ_CHECK] = { "file", "why.xz-check" },
	[WHY_SIGNATURE] = { "signature", NULL },
	[WHY_SIGNATURE_UNKNOWN] = { "signature", NULL },
	[WHY_DEPENDENCY] = { "needs", "why.dependency" },
	[WHY_DEPENDENCY_MISSING] = { "needs", "why.dependency-missing" },
	[WHY_DEPENDENCY_DENIED] = { "needs", "why.dependency-denied" },
	[WHY_SYMBOL_NOT_LOADED] = { "needs", "why.symbol-not-loaded" },
	[WHY_SYMBOL_UNKNOWN] = { "needs", "why.symbol-unknown" },
	[WHY_SYMBOL_TWICE] = { "needs", "why.symbol-twice" },
	[WHY_SYMBOL_GPL_ONLY] = { "needs", "why.symbol-gpl-only" },
	[WHY_SYMBOL_NAMESPACE] = { "needs", "why.symbol-namespace" },
	[WHY_SYMBOL_RULES_UNKNOWN] = { "needs", "why.symbol-rules-unknown" },
	[WHY_VERSIONS] = { "needs", "why.versions" },
	[WHY_VERSIONS_WRONG] = { "needs", "why.versions-wrong" },
	[WHY_KERNEL_SAYS] = { "kernel", "why.kernel-says" },
	[WHY_INIT_FAILED] = { "kernel", "why.init-failed" },
#ifndef KMODCTL_SMALL
	[WHY_SECURITY_POLICY] = { "security", "why.security-policy" },
	[WHY_SECURITY_DENIED] = { "security", "why.security-denied" },
	[WHY_SECURITY_UNKNOWN] = { "security", "why.security-unknown" },
	[WHY_INITCALL_DENIED] = { "policy", "why.initcall-denied" },
	[WHY_INITCALL_UNKNOWN] = { "policy", "why.initcall-unknown" },
	[WHY_BLACKLISTED] = { "policy", "why.blacklisted" },
	[WHY_PULLED_IN] = { "policy", "why.pulled-in" },
	[WHY_PULLED_AT_BOOT] = { "policy", "why.pulled-at-boot" },
	[WHY_INSTALL_COMMAND] = { "policy", "why.install-command" },
	[WHY_INSTALL_DENIED] = { "policy", "why.install-denied" },
	[WHY_INSTALL_LOOP] = { "policy", "why.install-loop" },
	[WHY_ALIAS_OFF] = { "policy", "why.alias-off" },
	[WHY_INSTALL_CANCELLED] = { "policy", "why.install-cancelled" },
	[WHY_REMOVE_COMMAND] = { "policy", "why.remove-command" },
	[WHY_SOFTDEP] = { "policy", "why.softdep" },
	[WHY_WEAKDEP] = { "policy", "why.weakdep" },
	[WHY_ALIAS_ELSEWHERE] = { "policy", "why.alias-elsewhere" },
	[WHY_LISTED_AT_BOOT] = { "policy", "why.listed-at-boot" },
	[WHY_CONFIG_UNREADABLE] = { "policy", "why.config-unreadable" },
	[WHY_LIST_UNREADABLE] = { "policy", "why.list-unreadable" },
	[WHY_INSTALL_MISSING] = { "policy", "why.install-missing" },
	[WHY_LINE_MISSES] = { "policy", "why.line-misses" },
	[WHY_FILE_UNREAD] = { "policy", "why.file-unread" },
	[WHY_INITRAMFS_OLDER] = { "policy", "why.initramfs-older" },
	[WHY_PROC_UNREAD] = { "process", "why.proc-unread" },
	[WHY_ARCHITECTURE] = { "file", "why.architecture" },
	[WHY_SIGNED_TWICE] = { "signature", "why.signed-twice" },
	[WHY_CUT] = { "file", "why.cut" },
	[WHY_CUT_UNKNOWN] = { "file", "why.cut-unknown" },
	[WHY_RELOCATIONS] = { "file", "why.relocations" },
	[WHY_TYPES] = { "file", "why.types" },
	[WHY_DEPENDENCY_REFUSED] = { "needs", "why.dependency-refused" },
	[WHY_OTHER_BUILD] = { "state", "why.other-build" },
	[WHY_OPTION] = { "options", "why.option" },
	[WHY_OPTION_WRONG] = { "options", "why.option-wrong" },
	[WHY_OPTION_UNUSED] = { "options", "why.option-unused" },
	[WHY_OPTION_NOT_IN_EFFECT] = { "options", "why.option-not-in-effect" },
	[WHY_DEVICE] = { "devices", "why.device" },
	[WHY_DEVICE_TAKEN] = { "devices", "why.device-taken" },
	[WHY_IS_DEVICE] = { "devices", "why.is-device" },
	[WHY_DEVICE_UNKNOWN] = { "devices", "why.device-unknown" },
	[WHY_DEVICE_UNBOUND] = { "devices", "why.device-unbound" },
	[WHY_NO_DEVICE] = { "devices", "why.no-device" },
	[WHY_FIRMWARE] = { "firmware", "why.firmware" },
	[WHY_FIRMWARE_PARTLY] = { "firmware", "why.firmware-partly" },
	[WHY_FIRMWARE_MISSING] = { "firmware", "why.firmware-missing" },
	[WHY_USER] = { "users", NULL },
	[WHY_NO_MODULES] = { "not-found", "why.no-modules" },
	[WHY_NO_RELEASE] = { "not-found", "why.no-release" },
	[WHY_NO_INDEX] = { "not-found", "why.no-index" },
	[WHY_STALE_INDEX] = { "not-found", "why.stale-index" },
	[WHY_OTHER_RELEASE] = { "not-found", "why.other-release" },
	[WHY_IN_KERNEL] = { "not-found", "why.in-kernel" },
	[WHY_NOT_INSTALLED] = { "not-found", "why.not-installed" },
	[WHY_DKMS_FAILED] = { "not-found", "why.dkms-failed" },
	[WHY_DKMS_NOT_INSTALLED] = { "not-found", "why.dkms-not-installed" },
	[WHY_DKMS_NOT_BUILT] = { "not-found", "why.dkms-not-built" },
	[WHY_DKMS_EXCLUDED] = { "not-found", "why.dkms-excluded" },
	[WHY_DKMS_BROKEN] = { "not-found", "why.dkms-broken" },
	[WHY_FILE_NAME] = { "not-found", "why.file-name" },
	[WHY_OTHER_CASE] = { "not-found", "why.other-case" },
	[WHY_IS_SYMBOL] = { "needs", "why.is-symbol" },
	[WHY_NO_SUCH_PATH] = { "not-found", "why.no-such-path" },
	[WHY_IS_DIRECTORY] = { "not-found", "why.is-directory" },
	[WHY_CONFIG_MODULE] = { "not-found", "why.config-module" },
	[WHY_CONFIG_OFF] = { "not-found", "why.config-off" },
	[WHY_CONFIG_BUILTIN] = { "not-found", "why.config-builtin" },
#endif
};

static const char *word_of(enum why_code code)
{
	return codes[code].message ? codes[code].message + strlen(MESSAGE_PREFIX) : "";
}

int why_add(struct why *w, enum why_weight weight, enum why_code code, const struct policy_entry *at, const char *fmt,
	    ...)
{
	struct why_finding f = {
		.weight = weight,
		.code = code,
		.topic = codes[code].topic,
		.word = word_of(code),
		.message = codes[code].message,
		.line = at ? at->line : 0,
	};
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	f.text = arena_str(&w->strings, buf_str(&text));
	f.file = at ? arena_str(&w->strings, at->file) : NULL;
	if (buf_error(&text) || !f.text || (at && !f.file) || vec_room(&w->items, w->n, &w->cap) < 0)
		return -ENOMEM;
	w->items[w->n++] = f;
	w->n_obstacles += weight == WHY_OBSTACLE;
	return 0;
}

int why_fix(struct why *w, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	w->items[w->n - 1].fix = buf_error(&text) ? NULL : arena_str(&w->strings, buf_str(&text));
	return w->items[w->n - 1].fix ? 0 : -ENOMEM;
}

#ifndef KMODCTL_SMALL
int why_command_argv(struct why *w, const char *const *argv)
{
	const char **copy;
	size_t n = 0;

	while (argv[n])
		n++;
	copy = arena_array(&w->strings, n + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_str(&w->strings, argv[i]);
		if (!copy[i])
			return -ENOMEM;
	}
	w->items[w->n - 1].command = copy;
	return copy ? 0 : -ENOMEM;
}
#endif

void why_word(struct why *w, const char *word)
{
	w->items[w->n - 1].word = word;
}

void why_narrow(struct why *w, enum why_scope scope)
{
	w->items[w->n - 1].scope = scope;
	w->n_obstacles--;
}

const struct why_finding *why_find(const struct why *w, enum why_code code)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].code == code)
			return &w->items[i];
	return NULL;
}

const struct why_finding *why_first_of(const struct why *w, enum why_weight weight)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].weight == weight)
			return &w->items[i];
	return NULL;
}

const struct why_finding *why_obstacle_of(const struct why *w, enum why_scope scope)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].weight == WHY_OBSTACLE && w->items[i].scope == scope)
			return &w->items[i];
	return NULL;
}

void why_done(struct why *w)
{
	free(w->items);
	arena_done(&w->strings);
	*w = (struct why){ 0 };
}

void why_json(const struct why *w, const char *key, struct json *j)
{
	static const char *const weights[] = {
		[WHY_FACT] = "fact", [WHY_NOTE] = "note", [WHY_TROUBLE] = "trouble", [WHY_OBSTACLE] = "obstacle"
	};

	static const char *const scopes[] = {
		[WHY_OF_ALL] = "load", [WHY_OF_ALIASES] = "aliases", [WHY_OF_BOOT] = "boot"
	};

	json_array(j, key);
	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];

		json_object(j, NULL);
		json_str(j, "topic", f->topic);
		json_str(j, "code", f->word);
		json_str(j, "weight", weights[f->weight]);
		json_str(j, "obstructs", f->weight == WHY_OBSTACLE ? scopes[f->scope] : NULL);
		json_str(j, "text", f->text);
		json_str(j, "file", f->file);
		f->line ? json_int(j, "line", f->line) : json_null(j, "line");
		json_str(j, "fix", f->fix);
		json_argv(j, "fix_command", f->command);
		json_end(j);
	}
	json_end(j);
}
