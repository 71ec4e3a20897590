/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What is found about a module: findings, in the order in which they decide. A finding has a code, on which decisions
 * are based, and a word for it on which scripts may rely (docs/json.md).
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "read/conf/policy.h"

enum why_weight {
	WHY_FACT,     /* states the situation */
	WHY_NOTE,     /* changes what happens */
	WHY_TROUBLE,  /* it loads, but may not do what it is loaded for */
	WHY_OBSTACLE, /* the module will not be loaded: by whom, says the scope */
};

/* Which loads an obstacle stands in the way of. */
enum why_scope {
	WHY_OF_ALL,     /* every load */
	WHY_OF_ALIASES, /* what udev and the kernel ask for; by its name it is loaded */
	WHY_OF_BOOT,    /* what the lists of modules to load at boot ask for */
};

/* What may ask for a module. */
enum why_way {
	WHY_BY_NAME,
	WHY_BY_ALIAS, /* for a device (udev), a file system, a protocol (the kernel) */
	WHY_AT_BOOT,  /* modules-load.d(5) and its like */
	WHY_WAYS,
};

enum why_outcome {
	WHY_UNANSWERED,
	WHY_YES,
	WHY_NO,
	WHY_NOT_ASKED, /* nothing asks for it in this way */
	WHY_UNKNOWN,
};

enum why_code {
	/* state */
	WHY_NOT_LOADED,
	WHY_LOADED,
	WHY_BUILTIN,
	WHY_COMING,
	WHY_GOING,
	/* policy */
	WHY_DENIED_BY_KERNEL,
	/* process */
	WHY_NO_SUPPORT,
	WHY_MODULES_DISABLED,
	WHY_USER_NAMESPACE,
	WHY_NO_CAPABILITY,
	/* file */
	WHY_FILE,
	WHY_COPY,
	WHY_NO_FILE,
	WHY_FILE_MISSING,
	WHY_UNREADABLE,
	WHY_NOT_ELF,
	WHY_NO_MODINFO,
	WHY_OTHER_NAME,
	WHY_VERMAGIC,
	WHY_VERMAGIC_VERSIONS,
	WHY_VERMAGIC_FLAGS,
	WHY_LIVEPATCH,
	WHY_XZ_CHECK,
	/* signature; its word is the code of the verdict: why_word() */
	WHY_SIGNATURE,
	WHY_SIGNATURE_UNKNOWN, /* something that decides was not read */
	/* needs */
	WHY_DEPENDENCY,
	WHY_DEPENDENCY_MISSING,
	WHY_DEPENDENCY_DENIED,
	WHY_SYMBOL_NOT_LOADED,
	WHY_SYMBOL_UNKNOWN,
	WHY_SYMBOL_TWICE,
	WHY_SYMBOL_GPL_ONLY,
	WHY_SYMBOL_NAMESPACE,
	WHY_SYMBOL_RULES_UNKNOWN,
	WHY_VERSIONS,
	WHY_VERSIONS_WRONG,
	/* kernel: its own words, after a refusal; the module's own error */
	WHY_KERNEL_SAYS,
	WHY_INIT_FAILED,
	/* What follows a small kmod does not know. security: other judges than the signature's */
	WHY_SECURITY_POLICY,
	WHY_SECURITY_DENIED,
	WHY_SECURITY_UNKNOWN,
	/* What follows is found by kmodctl alone. state */
	WHY_OTHER_BUILD,
	/* policy */
	WHY_INITCALL_DENIED,
	WHY_INITCALL_UNKNOWN,
	WHY_BLACKLISTED,
	WHY_PULLED_IN,
	WHY_PULLED_AT_BOOT,
	WHY_INSTALL_COMMAND,
	WHY_INSTALL_DENIED,
	WHY_INSTALL_LOOP,
	WHY_ALIAS_OFF,
	WHY_INSTALL_CANCELLED,
	WHY_REMOVE_COMMAND,
	WHY_SOFTDEP,
	WHY_WEAKDEP,
	WHY_ALIAS_ELSEWHERE,
	WHY_LISTED_AT_BOOT,
	WHY_CONFIG_UNREADABLE,
	WHY_LIST_UNREADABLE,
	WHY_INSTALL_MISSING,
	WHY_LINE_MISSES,
	WHY_FILE_UNREAD,
	WHY_INITRAMFS_OLDER,
	/* process */
	WHY_PROC_UNREAD,
	/* file */
	WHY_ARCHITECTURE,
	WHY_SIGNED_TWICE,
	WHY_CUT,
	WHY_CUT_UNKNOWN, /* whether the kernel takes signatures off was not read */
	WHY_RELOCATIONS,
	WHY_TYPES,
	/* needs */
	WHY_DEPENDENCY_REFUSED,
	/* options */
	WHY_OPTION,
	WHY_OPTION_WRONG,
	WHY_OPTION_UNUSED,
	WHY_OPTION_NOT_IN_EFFECT,
	/* devices */
	WHY_DEVICE,
	WHY_DEVICE_TAKEN,
	WHY_IS_DEVICE,
	WHY_DEVICE_UNKNOWN,
	WHY_DEVICE_UNBOUND,
	WHY_NO_DEVICE,
	/* firmware */
	WHY_FIRMWARE,
	WHY_FIRMWARE_PARTLY,
	WHY_FIRMWARE_MISSING,
	/* users; its word is the kind of user: why_word() */
	WHY_USER,
	/* not-found */
	WHY_NO_MODULES,
	WHY_NO_RELEASE,
	WHY_NO_INDEX,
	WHY_STALE_INDEX,
	WHY_OTHER_RELEASE,
	WHY_IN_KERNEL,
	WHY_NOT_INSTALLED,
	WHY_DKMS_FAILED,
	WHY_DKMS_NOT_INSTALLED,
	WHY_DKMS_NOT_BUILT,
	WHY_DKMS_EXCLUDED,
	WHY_DKMS_BROKEN,
	WHY_FILE_NAME,
	WHY_OTHER_CASE,
	WHY_IS_SYMBOL,
	WHY_NO_SUCH_PATH,
	WHY_IS_DIRECTORY,
	WHY_CONFIG_MODULE,
	WHY_CONFIG_OFF,
	WHY_CONFIG_BUILTIN,
};

struct why_finding {
	enum why_weight weight;
	enum why_scope scope; /* of an obstacle */
	enum why_code code;
	const char *topic;   /* "state", "policy", "process", "file", "signature", "needs", "options", "devices" ... */
	const char *word;    /* of the code: "symbol-unknown" */
	const char *message; /* the code of a message that reports it: "why.symbol-unknown"; NULL: its word is that */
	const char *text;
	const char *file; /* where it stands; NULL: nowhere in particular */
	unsigned line;
	const char *fix; /* what to do about it; NULL: nothing, or it is obvious */
	/* What carries the fix out, a NULL-terminated argv; NULL: no single command does (docs/json.md). */
	const char *const *command;
};

/* Would a load in this way succeed? */
struct why_answer {
	enum why_outcome outcome;
	const char *text; /* what decides; NULL: nothing stands in the way */
	size_t because;   /* the finding that decides, by its number + 1; 0: none */
};

struct why {
	struct why_finding *items;
	size_t n, cap;
	size_t n_obstacles; /* of every load */
	struct why_answer answers[WHY_WAYS];
	bool for_devices; /* it has aliases that devices match */
	bool no_doubt;    /* nobody looked for causes, or its file could not be read, which was reported then */
	struct arena strings;
};

/* Appends a finding; the format is its text, *at (may be NULL) the place where it stands. 0, -ENOMEM. */
int why_add(struct why *w, enum why_weight weight, enum why_code code, const struct policy_entry *at, const char *fmt,
	    ...) _printf_(5, 6);
/* The fix of the finding that was added last. 0, -ENOMEM. */
int why_fix(struct why *w, const char *fmt, ...) _printf_(2, 3);
/*
 * The command of the fix of the finding that was added last: words, with the real names in them. Normalized names of
 * modules begin with no '-', nor do paths that are absolute; before anything else stands "--". 0, -ENOMEM.
 */
#ifdef KMODCTL_SMALL
/* The tools of an initramfs print no commands. */
static inline int why_command_argv(struct why *w _unused_, const char *const *argv _unused_)
{
	return 0;
}
#else
int why_command_argv(struct why *w, const char *const *argv);
#endif
#define why_command(w, ...) why_command_argv(w, (const char *const[]){ __VA_ARGS__, NULL })
/* The word of the finding that was added last, instead of its code's own: a constant. */
void why_word(struct why *w, const char *word);
/* The finding that was added last, an obstacle, is one of these loads only. */
void why_narrow(struct why *w, enum why_scope scope);

const struct why_finding *why_find(const struct why *w, enum why_code code);          /* the first; NULL: none */
const struct why_finding *why_first_of(const struct why *w, enum why_weight weight);  /* NULL: none */
const struct why_finding *why_obstacle_of(const struct why *w, enum why_scope scope); /* the first; NULL: none */
void why_done(struct why *w);

/* The code of a message that reports the finding: "why.symbol-unknown", or that of the verdict, "trust.changed". */
static inline const char *why_message_code(const struct why_finding *f)
{
	return f->message ? f->message : f->word;
}

/* An array of the findings, under key. */
void why_json(const struct why *w, const char *key, struct json *j);

#define _cleanup_why_ _cleanup_(why_done)
