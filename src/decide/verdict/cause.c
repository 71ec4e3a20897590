// SPDX-License-Identifier: MIT
/* The cause of a verdict, for people. */
#include "decide/verdict/verdict.h"

static const char *signer(const struct trust_module *mod)
{
	return mod->signer && *mod->signer ? mod->signer : "an unnamed key";
}

#ifdef KMODCTL_SMALL
static bool cause_other(const struct trust_module *mod _unused_, struct buf *into _unused_)
{
	return false;
}

static bool cause_hidden(const struct trust_module *mod _unused_, struct buf *into _unused_)
{
	return false;
}
#else
/* The ring has the key, but it is of no use; or it has one of that name, but not this one. */
static bool cause_other(const struct trust_module *mod, struct buf *into)
{
	if (mod->unused)
		buf_addf(into, "signed by \"%s\", whose key is in %s and counts for nothing: %s", signer(mod),
			 trust_ring_name(mod->ring), mod->unused);
	if (mod->unused || mod->other == TRUST_OTHER_NONE)
		return mod->unused;
	buf_adds(into, mod->other == TRUST_OTHER_ISSUED ? "signed by a key that \"" :
							  "signed by another key of that name, \"");
	buf_adds(into, signer(mod));
	buf_adds(into, mod->other == TRUST_OTHER_ISSUED ? "\" issued, not by its own" :
		       mod->other == TRUST_OTHER_BUILD  ? "\", that of another build of the kernel" :
							  "\"");
	buf_addf(into, ": sig_key %s, the ring%s%s has %s", mod->own_key, mod->other_ring == TRUST_RING_NONE ? "" : " ",
		 trust_ring_name(mod->other_ring), mod->other_key);
	return true;
}

/* No list has its key; the rings, which may, are not shown. */
static bool cause_hidden(const struct trust_module *mod, struct buf *into)
{
	if (mod->ring != TRUST_RING_NONE || !(mod->maybe & 1u << TRUST_SIG_GOOD))
		return false;
	buf_addf(into, "signed by \"%s\"; whether the kernel has that key is not shown", signer(mod));
	return true;
}
#endif

static void cause_unknown_key(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	if (!cause_other(mod, into) && !cause_hidden(mod, into))
		buf_addf(into,
			 "signed by \"%s\", whose key is in none of the key rings this kernel consults for modules",
			 signer(mod));
	trust_cause_of_place(m, mod, "; ", into);
}

static void cause_revoked(const struct trust_module *mod, struct buf *into)
{
	if (mod->blocked_in)
		buf_addf(into, "the key of \"%s\" is revoked: it is in %s and in .blacklist", signer(mod),
			 mod->blocked_in);
	else if (mod->unfit)
		buf_adds(into, mod->unfit);
	else
		buf_addf(into, "signed by \"%s\", but the digest of this very file is in .blacklist", signer(mod));
}

static void cause_good(const struct trust_module *mod, struct buf *into)
{
	buf_addf(into, "signed by \"%s\"", signer(mod));
#ifndef KMODCTL_SMALL
	if (mod->root)
		buf_addf(into, ", by way of certificates in the signature up to one that \"%s\" issued, which is",
			 mod->root);
#endif
	buf_addf(into, " in %s", trust_ring_name(mod->ring));
}

static void cause_signature(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	switch (mod->signature) {
	case TRUST_SIG_NONE:
		buf_addf(into, "the module is not signed%s%s", mod->unfit ? ": " : "", mod->unfit ? mod->unfit : "");
		break;
	case TRUST_SIG_FORCED:
		buf_adds(into, "the load was forced, which makes the kernel ignore the signature");
		break;
	case TRUST_SIG_SCHEME:
		buf_adds(into, "the signature is of a kind that this kernel does not know (not PKCS#7)");
		break;
	case TRUST_SIG_ALGORITHM:
		buf_addf(into, "signed by \"%s\" with a hash or key type that this kernel does not have", signer(mod));
		if (mod->unfit)
			buf_addf(into, ": %s", mod->unfit);
		break;
	case TRUST_SIG_UNKNOWN_KEY:
		cause_unknown_key(m, mod, into);
		break;
	case TRUST_SIG_GOOD:
		cause_good(mod, into);
		break;
	case TRUST_SIG_MATCHED:
		buf_addf(into, "signed by \"%s\", whose key is in %s; the content was not checked", signer(mod),
			 trust_ring_name(mod->ring));
		break;
	case TRUST_SIG_NAMED:
#ifndef KMODCTL_SMALL
		buf_addf(into, "signed by \"%s\"; a key of that name is in %s, not compared: it may be another one",
			 signer(mod), trust_ring_name(mod->other_ring));
#endif
		break;
	case TRUST_SIG_CHANGED:
		buf_addf(into, "the module was changed (stripped?) after \"%s\" signed it", signer(mod));
		break;
	case TRUST_SIG_ATTRIBUTES:
		buf_adds(into, "the signature carries signed attributes, which the kernel does not accept");
		break;
	case TRUST_SIG_REVOKED:
		cause_revoked(mod, into);
		break;
	case TRUST_SIG_DAMAGED:
	case TRUST_SIGS:
		buf_adds(into, mod->unfit ? mod->unfit : "the signature is damaged");
		break;
	}
}

void trust_cause(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
		 struct buf *into)
{
	if (v->id != TRUST_RULE_UNREAD && !trust_is_about_signature(v)) {
		buf_adds(into, v->rule);
		if (v->id == TRUST_RULE_NOT_ELF && mod->is_elf)
			buf_adds(into, " without its signature, which this kernel takes off first");
		return;
	}
	cause_signature(m, mod, into);
	if (mod->blocked_in && mod->signature != TRUST_SIG_REVOKED)
		buf_addf(into, "; %s blocks the key, but this kernel does not hold that against modules",
			 mod->blocked_in);
	if (v->id == TRUST_RULE_UNREAD)
		trust_unread_cause(v, into);
}
