/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Would this kernel accept this module? A pure decision over what was read of both (docs/formats/trust.md): the order
 * of the kernel's own checks, the errno of finit_module(2), the taint letters, and as text the cause, rule and fix.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "decide/verdict/machine.h"

/* The result of the kernel's check of the appended signature. */
enum trust_signature {
	TRUST_SIG_NONE,        /* no trailer */
	TRUST_SIG_FORCED,      /* loaded with force flags: treated as unsigned */
	TRUST_SIG_SCHEME,      /* a trailer that is not PKCS#7 */
	TRUST_SIG_ALGORITHM,   /* hash or key type that this kernel does not have */
	TRUST_SIG_UNKNOWN_KEY, /* its key is in none of the rings that the kernel consults */
	TRUST_SIG_GOOD,
	TRUST_SIG_MATCHED,    /* its key is in a ring that the kernel consults; the content could not be checked here */
	TRUST_SIG_CHANGED,    /* known key, other content: changed or stripped after signing */
	TRUST_SIG_ATTRIBUTES, /* carries signed attributes */
	TRUST_SIG_REVOKED,    /* its key or its hash is in .blacklist */
	TRUST_SIG_DAMAGED,    /* cannot be parsed as a signature */
	TRUST_SIG_NAMED,      /* a ring that the kernel consults has a key of that name, which could not be compared */
	TRUST_SIGS,
};

/* A ring that the kernel consults has another key of the signer's name. */
enum trust_other {
	TRUST_OTHER_NONE,
	TRUST_OTHER_NAMESAKE, /* made anew under the old name? */
	TRUST_OTHER_BUILD,    /* the running kernel's: the module is of another build */
	TRUST_OTHER_ISSUED,   /* a CA's, that issued the signer's */
};

/* The facts about the module other than its signature. */
struct trust_module {
	enum trust_signature signature;
	const char *signer;   /* "" or NULL: none */
	enum trust_ring ring; /* that holds its key; for an unknown key: a ring that is not consulted, or none */
	int error;            /* the errno of a hard failure, positive; 0: the usual one */
	enum trust_other other;
	enum trust_ring other_ring;      /* that has another key of that name, or perhaps the same */
	const char *own_key, *other_key; /* of another: both key ids in hex */
	const char *certificate;         /* a file with that of the signer; NULL: not found */
	const char *root;                /* whose key vouches by way of certificates in the signature; NULL: none */
	bool enrolled;                   /* its key is in the MOK list, whatever ring it landed in */
	bool pending;                    /* its key waits in MokNew */
	const char *blocked_in; /* the list of forbidden things that has its key: "dbx", "MokListXRT"; NULL: none */
	bool is_empty;          /* no bytes */
	bool is_elf;            /* a module by its ELF header and .modinfo, for this kind of machine */
	bool is_cut; /* its object reaches into its signature, which kernels that check signatures take off */
	bool out_of_tree, proprietary, staging, livepatch, test; /* what modinfo says */
	bool forced;                                             /* --force */
	unsigned use;                                            /* enum trust_use of its certificate */
	/* Why no ring takes the certificate, the kernel lacks the hash or does not see the signature; or NULL. */
	const char *unfit;
	const char *unused; /* its ring counts, and yet no module is checked by the key: why; NULL: that is not so */
	unsigned maybe;     /* other states that the signature may have: a set of 1 << enum trust_signature */
	const char *unread; /* what would tell which of them: a path, or a constant */
	int unread_error;   /* 0; why it could not be read */
	const char *settle; /* how to find out: a constant */
	bool blacklisted;   /* module_blacklist= names it */
	bool ima_signed;    /* it has a security.ima, which was not looked at, or may have one */
};

enum trust_outcome { TRUST_LOADS, TRUST_TAINTS, TRUST_REFUSED, TRUST_UNDECIDED };

/* What decides. Up to TRUST_RULE_NOT_CHECKED it is not the signature. */
enum trust_rule {
	TRUST_RULE_UNREAD,
	TRUST_RULE_UNSUPPORTED,
	TRUST_RULE_DISABLED,
	TRUST_RULE_EMPTY,
	TRUST_RULE_APPRAISED,
	TRUST_RULE_NOT_ELF,
	TRUST_RULE_BLACKLISTED,
	TRUST_RULE_NOT_CHECKED,
	TRUST_RULE_GOOD,
	TRUST_RULE_MATCHED,
	TRUST_RULE_CHANGED,
	TRUST_RULE_ATTRIBUTES,
	TRUST_RULE_REVOKED,
	TRUST_RULE_DAMAGED,
	TRUST_RULE_REFUSED,
	/* Three for each soft failure, in the order of enum trust_signature. */
	TRUST_RULE_UNSIGNED_ENFORCED,
	TRUST_RULE_UNSIGNED_LOCKDOWN,
	TRUST_RULE_UNSIGNED,
	TRUST_RULE_FORCED_ENFORCED,
	TRUST_RULE_FORCED_LOCKDOWN,
	TRUST_RULE_FORCED,
	TRUST_RULE_SCHEME_ENFORCED,
	TRUST_RULE_SCHEME_LOCKDOWN,
	TRUST_RULE_SCHEME,
	TRUST_RULE_ALGORITHM_ENFORCED,
	TRUST_RULE_ALGORITHM_LOCKDOWN,
	TRUST_RULE_ALGORITHM,
	TRUST_RULE_UNKNOWN_KEY_ENFORCED,
	TRUST_RULE_UNKNOWN_KEY_LOCKDOWN,
	TRUST_RULE_UNKNOWN_KEY,
};

/* Facts that decide and may be unread. */
enum trust_unread {
	TRUST_UNREAD_SUPPORT,
	TRUST_UNREAD_DISABLED,
	TRUST_UNREAD_CHECKED,
	TRUST_UNREAD_APPRAISED,
	TRUST_UNREAD_ENFORCE,
	TRUST_UNREAD_DENIED,
	TRUST_UNREAD_LOCKDOWN,
	TRUST_UNREAD_SIGNATURE,
	TRUST_UNREADS,
};

struct trust_possible {
	enum trust_outcome outcome;
	int error;
	char taint[8];
};
#define TRUST_POSSIBLE_MAX 6

struct trust_verdict {
	enum trust_outcome outcome;
	int error;        /* 0 or the errno, positive; of a refusal 0: one of several, which possible has */
	char taint[8];    /* letters of /sys/module/NAME/taint, in its order: "OE" */
	uint32_t tainted; /* what is added to /proc/sys/kernel/tainted */
	enum trust_rule id;
	const char *code; /* stable: "trust.unsigned-enforced" */
	const char *rule; /* the kernel's rule, one sentence, a constant */
	char perhaps[8];  /* letters of taint that depend on what was not read */
	/* Of TRUST_RULE_UNREAD: what was not read, a set of 1 << enum trust_unread, and the answers that it leaves. */
	unsigned unread;
	struct trust_possible possible[TRUST_POSSIBLE_MAX];
	size_t n_possible;
};

/* The verdict on a machine whose facts are all known: one that is not counts as off, signatures as checked. */
void trust_judge_known(const struct trust_machine *machine, const struct trust_module *module,
		       struct trust_verdict *ret);
#ifdef KMODCTL_SMALL
/* It explains refusals only, of which the kernel has told the errno. */
#define trust_judge trust_judge_known
#else
/*
 * Judges with every value that the unread facts can have. If outcome and errno are the same, they are the verdict, by
 * the rule that needs none of those facts; otherwise the rule is TRUST_RULE_UNREAD, and the outcome TRUST_REFUSED if
 * all refuse, or TRUST_UNDECIDED.
 */
void trust_judge(const struct trust_machine *machine, const struct trust_module *module, struct trust_verdict *ret);
#endif
/* Id, code and rule. */
void trust_verdict_set_rule(struct trust_verdict *v, enum trust_rule id);
/* Letters of /sys/module/NAME/taint, in its order. */
void trust_taint_letters(uint32_t tainted, char ret[static 8]);

/*
 * The signature was checked with a key, and is in that state if the kernel asks one of the rings (a set of 1 << enum
 * trust_ring) that its certificate may be in.
 */
void trust_place_key(const struct trust_machine *machine, unsigned rings, enum trust_signature checked,
		     struct trust_module *module);

/* Of a key that no ring which is asked holds: its ring, or why it is on none, behind the text before; or nothing. */
void trust_cause_of_place(const struct trust_machine *machine, const struct trust_module *module, const char *before,
			  struct buf *into);

#ifdef KMODCTL_SMALL
static inline void trust_unread_text(const struct trust_machine *machine _unused_,
				     const struct trust_module *module _unused_,
				     const struct trust_verdict *verdict _unused_, struct buf *into _unused_)
{
}

static inline void trust_unread_cause(const struct trust_verdict *verdict _unused_, struct buf *into _unused_)
{
}
#else
/* "refused: EPERM", "loads, taints the kernel: OE", "unknown: PATH: reason". */
void trust_verdict_text(const struct trust_machine *machine, const struct trust_module *module,
			const struct trust_verdict *verdict, struct buf *into);
/* The same with the possible answers instead of what was not read. */
void trust_possible_text(const struct trust_verdict *verdict, struct buf *into);
/* Of TRUST_RULE_UNREAD: what was not read and why, as paths and reasons; the facts and the answers; how to find out. */
void trust_unread_text(const struct trust_machine *machine, const struct trust_module *module,
		       const struct trust_verdict *verdict, struct buf *into);
void trust_unread_cause(const struct trust_verdict *verdict, struct buf *into);
void trust_unread_fix(const struct trust_machine *machine, const struct trust_module *module,
		      const struct trust_verdict *verdict, struct buf *into);
#endif

/* Is its key on .blacklist, or a certificate on the way to it, rather than the digest of the file? */
bool trust_key_is_revoked(const struct trust_module *mod);
/* Does the verdict follow from the signature, and not from something else about file or machine? */
bool trust_is_about_signature(const struct trust_verdict *v);

/* What is to be done about a verdict. */
enum trust_remedy {
	TRUST_REMEDY_NONE,
	TRUST_REMEDY_REBOOT,       /* modules_disabled */
	TRUST_REMEDY_OTHER_KERNEL, /* this one loads none */
	TRUST_REMEDY_CMDLINE,      /* module_blacklist= */
	TRUST_REMEDY_REBUILD,      /* the file is no module */
	TRUST_REMEDY_APPRAISAL,    /* it has no security.ima */
	TRUST_REMEDY_OTHER_KEY,    /* its key was withdrawn */
	TRUST_REMEDY_NEWER,        /* the file was withdrawn */
	TRUST_REMEDY_CONFIRM,      /* a request is pending */
	TRUST_REMEDY_SECURE_BOOT,  /* enrolled, but the kernel reads the list under Secure Boot only */
	TRUST_REMEDY_TRUST_MOK,    /* enrolled, and the kernel would take the key if shim's list were trusted */
	TRUST_REMEDY_IMPORT,       /* its key is not enrolled */
	TRUST_REMEDY_IMPORT_AND_TRUST,
	TRUST_REMEDY_INCLUDE,       /* its issuer's key counts, and would vouch for its certificate in the signature */
	TRUST_REMEDY_CA_KEY,        /* enrolled, but the kernel takes only certificates of CAs for modules */
	TRUST_REMEDY_FIT_KEY,       /* enrolled, but no ring takes the certificate */
	TRUST_REMEDY_LOG,           /* enrolled, and on no ring for a reason that only the kernel knows */
	TRUST_REMEDY_ITS_KERNEL,    /* it is of another build than the running one */
	TRUST_REMEDY_KERNEL_KEY,    /* no key that could be enrolled counts */
	TRUST_REMEDY_UNFORCE,       /* --force */
	TRUST_REMEDY_SIGN,          /* unsigned, and a key can be enrolled */
	TRUST_REMEDY_KERNEL_SIGNED, /* unsigned, and none can */
	TRUST_REMEDY_SIGN_AGAIN,    /* another kind of signature */
	TRUST_REMEDY_RESTORE,       /* changed or damaged since it was signed */
};
enum trust_remedy trust_remedy(const struct trust_machine *machine, const struct trust_module *module,
			       const struct trust_verdict *verdict);

/* Of a key that no ring which is asked holds. */
enum trust_remedy trust_remedy_of_place(const struct trust_machine *machine, const struct trust_module *module);

/* One line each, appended to the buffers: why, and what to do about it ("" when nothing is to be done). */
void trust_cause(const struct trust_machine *machine, const struct trust_module *module,
		 const struct trust_verdict *verdict, struct buf *into);
#ifdef KMODCTL_SMALL
/* An initramfs has no kmodctl that could sign or enroll anything. */
static inline void trust_fix(const struct trust_machine *machine _unused_, const struct trust_module *module _unused_,
			     const struct trust_verdict *verdict _unused_, struct buf *into _unused_)
{
}
#else
void trust_fix(const struct trust_machine *machine, const struct trust_module *module,
	       const struct trust_verdict *verdict, struct buf *into);
#endif

/*
 * The reverse: the kernel refused with this errno (positive); which signature state explains it on such a machine?
 * seen is what is known about the file; a state that contradicts the errno is replaced by the likeliest one that does
 * not. false: the errno has nothing to do with trust.
 */
bool trust_explain(const struct trust_machine *machine, int error, struct trust_module *seen,
		   struct trust_verdict *ret);

const char *trust_signature_name(enum trust_signature s); /* "unsigned", "good", ... stable, for JSON */
const char *trust_outcome_name(enum trust_outcome o);     /* "loads", "taints", "refused", "unknown" */
