// SPDX-License-Identifier: MIT
/*
 * The module's signature without a crypto library: the certificate that a signature names by issuer and serial number
 * is looked for in shim's lists and in the kernel's image. A key in /proc/keys is known only by its name, which does
 * not prove that it is the same key.
 */
#include "verb/why/signature.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "read/efi/vars.h"
#include "read/image/siginfo.h"
#include "read/image/vmlinuz.h"
#include "read/kernel/rings.h"
#include "system/release.h"
#include "verb/why/algorithms.h"
#include "verb/why/certificate.h"
#include "verb/why/parts.h"

#define KEY_FILE_MAX 65536

static const enum why_weight weights[] = {
	[TRUST_LOADS] = WHY_FACT,
	[TRUST_TAINTS] = WHY_NOTE,
	[TRUST_REFUSED] = WHY_OBSTACLE,
	[TRUST_UNDECIDED] = WHY_NOTE,
};

struct evidence {
	struct subject *s;
	const struct machine_reading *reading;
	struct trust_machine machine;
	unsigned version; /* of the kernel, 100 * major + minor */
	struct siginfo info;
	struct trust_module module;
	struct buf own_key, other_key; /* key ids in hex */
	char unfit[224];               /* module.unfit */
	bool in_doubt;                 /* a ring that is consulted may or may not hold its key */
	bool attributes_in_doubt;      /* this kernel may or may not take its signed attributes */
};

struct trust_machine signature_machine(const struct machine_reading *reading)
{
	struct trust_machine m = reading->machine;

	/* What was read of these is judged without the file; a kernel without modules does not have that sysctl. */
	if (m.modules_disabled.value == TRUST_YES || m.without_modules.value == TRUST_YES)
		m.modules_disabled.value = TRUST_NO;
	if (m.without_modules.value == TRUST_YES)
		m.without_modules.value = TRUST_NO;
	return m;
}

int signature_add(struct why *found, const struct trust_machine *machine, const struct trust_module *module,
		  const struct trust_verdict *v)
{
	_cleanup_buf_ struct buf text = BUF_INIT, cause = BUF_INIT, fix = BUF_INIT;
	int r;

	/* The kernel looks at the signature before it finds that; what the file is, why_object() says. */
	if (v->id == TRUST_RULE_NOT_ELF)
		return 0;
	trust_cause(machine, module, v, &cause);
	trust_fix(machine, module, v, &fix);
	buf_addf(&text, "%s: ", trust_outcome_name(v->outcome));
	if (v->outcome == TRUST_UNDECIDED) {
		trust_unread_text(machine, module, v, &text);
		buf_adds(&text, ": ");
	}
	buf_adds(&text, buf_str(&cause));
	if (v->outcome == TRUST_REFUSED && trust_is_about_signature(v))
		buf_addf(&text, "; %s", v->rule);
	if (buf_error(&text) || buf_error(&cause) || buf_error(&fix))
		return -ENOMEM;
	r = why_add(found, weights[v->outcome], v->outcome == TRUST_UNDECIDED ? WHY_SIGNATURE_UNKNOWN : WHY_SIGNATURE,
		    NULL, "%s", buf_str(&text));
	if (r < 0)
		return r;
	why_word(found, v->code);
	return fix.n ? why_fix(found, "%s", buf_str(&fix)) : 0;
}

#ifndef KMODCTL_SMALL
bool signature_may_be_for_ima(const struct source *src)
{
	int fd = source_fd(src);

	return fd < 0 || fgetxattr(fd, "security.ima", NULL, 0) >= 0 || (errno != ENODATA && errno != EOPNOTSUPP);
}
#endif

/* ---- its key ---- */

#ifdef KMODCTL_SMALL
/* Issuer and serial number, or the key identifier, compared as bytes. */
enum likeness certificate_find(struct span lists, const struct siginfo *info, struct certificate *ret _unused_)
{
	return info->key_id.n && memmem(lists.p, lists.n, info->key_id.p, info->key_id.n) &&
			       (info->by_skid ||
				(info->issuer.n && memmem(lists.p, lists.n, info->issuer.p, info->issuer.n))) ?
		       SAME_KEY :
		       FOREIGN;
}
#endif

/* How many keys of the signer's name do the rings show? -errno: that is not known. */
static int count_namesakes(const struct evidence *e)
{
#ifdef KMODCTL_SMALL
	return e->info.signer[0] ? proc_keys_count_name(&e->s->q->sys->root, e->info.signer) : -ENOENT;
#else
	_cleanup_buf_ struct buf name = BUF_INIT;
	int r = siginfo_ring_name(e->info.issuer_entries, &name);

	return r < 0 ? r : name.n > 0 ? proc_keys_count_name(&e->s->q->sys->root, buf_str(&name)) : -ENOENT;
#endif
}

static void set_matched(struct trust_module *m)
{
	m->signature = TRUST_SIG_MATCHED;
	m->maybe = 1u << TRUST_SIG_CHANGED;
	m->unread = "the content, which was not checked";
}

#ifdef KMODCTL_SMALL
/* The ring depends on what the certificate says of its use, and only its own name tells whether it is there. */
static void place(struct evidence *e, const struct certificate *c _unused_, enum trust_origin origin)
{
	unsigned rings =
		trust_rings_for(&e->machine, origin, 0) | trust_rings_for(&e->machine, origin, TRUST_USE_OF_CA);
	const char *why;
	enum trust_answer asked = trust_rings_asked(&e->machine, rings, &why);
	bool named = count_namesakes(e) != 0;

	e->module.ring = trust_ring_for(&e->machine, origin, 0);
	e->in_doubt = asked == TRUST_UNKNOWN || !named;
	if (asked == TRUST_YES && named)
		set_matched(&e->module);
}

static void find_file(struct evidence *e _unused_)
{
}

static int set_other(struct evidence *e, const struct certificate *c _unused_)
{
	e->in_doubt = true;
	return 0;
}

static int look_at_kernel(struct evidence *e _unused_)
{
	return 0;
}

static void look_at_db(struct evidence *e _unused_)
{
}

static void look_at_forbidden(struct evidence *e _unused_)
{
}
#else
/* The ring that the kernel put the signer's certificate into; none, if they are shown without it or it is unfit. */
static void place(struct evidence *e, const struct certificate *c, enum trust_origin origin)
{
	unsigned use = certificate_use(c), rings = trust_rings_for(&e->machine, origin, use);
	int seen = proc_keys_have(&e->s->q->sys->root, certificate_skid(c), c->number);
	const char *why;
	enum trust_answer asked = trust_rings_asked(&e->machine, rings, &why);

	e->module.use = use;
	e->module.ring = TRUST_RING_NONE;
	if (certificate_is_unfit(c, e->version, &e->reading->config, e->unfit, sizeof(e->unfit)))
		e->module.unfit = e->unfit;
	if (seen == 0 || (seen < 0 && e->module.unfit))
		return;
	e->module.ring = trust_first_ring(rings);
	e->in_doubt = asked == TRUST_UNKNOWN;
	if (asked != TRUST_YES)
		return;
	if (!certificate_signs_code(c) && kconfig_wants_code_signing(&e->reading->config, e->unfit, sizeof(e->unfit)))
		e->module.unused = e->unfit;
	else
		set_matched(&e->module);
}

const struct signature_key_file signature_key_files[SIGNATURE_KEY_FILES] = {
	{ "/var/lib/dkms/mok.key", "/var/lib/dkms/mok.pub" },
	{ "/var/lib/shim-signed/mok/MOK.priv", "/var/lib/shim-signed/mok/MOK.der" },
	{ "/etc/pki/akmods/private/private_key.priv", "/etc/pki/akmods/certs/public_key.der" },
};

static void find_file(struct evidence *e)
{
	for (size_t i = 0; i < SIGNATURE_KEY_FILES && !e->module.certificate; i++) {
		const char *path = signature_key_files[i].certificate;
		_cleanup_buf_ struct buf der = BUF_INIT;
		struct certificate c;

		if (file_read(&e->s->q->sys->root, path, KEY_FILE_MAX, &der) == 0 &&
		    certificate_find(buf_span(&der), &e->info, &c) == SAME_KEY)
			e->module.certificate = path;
	}
}

static int set_namesake(struct evidence *e, const struct certificate *c, enum trust_other kind, enum trust_ring ring)
{
	struct trust_module *m = &e->module;
	int r = hex_colons(e->info.key_id, 0, &e->own_key);

	if (r == 0)
		r = hex_colons(certificate_serial(c), 0, &e->other_key);
	m->other = kind;
	m->other_ring = ring;
	m->own_key = buf_str(&e->own_key);
	m->other_key = buf_str(&e->other_key);
	/* Another ring may have one more key of that name. */
	e->in_doubt = count_namesakes(e) != 1;
	return r;
}

/* The list has the certificate of another key that is called so. */
static int set_other(struct evidence *e, const struct certificate *c)
{
	unsigned use = certificate_use(c), rings = trust_rings_for(&e->machine, TRUST_FROM_MOK, use);
	const char *why;

	/* Only one that counts matters. */
	if (trust_rings_asked(&e->machine, rings, &why) == TRUST_NO ||
	    proc_keys_have(&e->s->q->sys->root, certificate_skid(c), c->number) == 0)
		return 0;
	return set_namesake(e, c, use & TRUST_USE_CA ? TRUST_OTHER_ISSUED : TRUST_OTHER_NAMESAKE,
			    trust_first_ring(rings));
}

/* A key of the firmware's owner. */
static void look_at_db(struct evidence *e)
{
	const struct efi_guid security = EFI_GUID_SECURITY;
	_cleanup_efi_var_ struct efi_var db = { 0 };
	struct certificate c;

	if (efi_var_read(&e->s->q->sys->root, "db", &security, &db) < 0 ||
	    certificate_find(buf_span(&db.data), &e->info, &c) != SAME_KEY)
		return;
	e->in_doubt = false;
	e->module.other = TRUST_OTHER_NONE;
	place(e, &c, TRUST_FROM_DB);
}

/* The running kernel's own key has the same name in every build of it: the one in its image is compared. */
static int look_at_kernel(struct evidence *e)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	struct certificate c;
	int r = vmlinuz_read(&e->s->q->sys->root, e->s->q->release, &image);
	enum likeness found = r == 0 ? certificate_find(buf_span(&image), &e->info, &c) : FOREIGN;

	if (found == OTHER_KEY)
		return set_namesake(e, &c, certificate_use(&c) & TRUST_USE_CA ? TRUST_OTHER_ISSUED : TRUST_OTHER_BUILD,
				    TRUST_RING_BUILTIN);
	if (found == SAME_KEY) {
		e->in_doubt = false;
		e->module.ring = TRUST_RING_BUILTIN;
		set_matched(&e->module);
	}
	return r == -ENOMEM ? r : 0;
}

static void find_forbidden(struct evidence *e, struct span list, const char *name, enum trust_origin origin)
{
	struct certificate c;

	if (e->module.blocked_in || certificate_find(list, &e->info, &c) != SAME_KEY)
		return;
	e->module.blocked_in = name;
	if (trust_ring_for(&e->machine, origin, 0) != TRUST_RING_BLACKLIST)
		return;
	e->module.signature = TRUST_SIG_REVOKED;
	e->in_doubt = false;
}

static void look_at_forbidden(struct evidence *e)
{
	const struct root *root = &e->s->q->sys->root;
	const struct efi_guid security = EFI_GUID_SECURITY;
	_cleanup_efi_var_ struct efi_var dbx = { 0 };
	_cleanup_buf_ struct buf mokx = BUF_INIT;
	enum efi_list_source source;

	if (efi_var_read(root, "dbx", &security, &dbx) == 0)
		find_forbidden(e, buf_span(&dbx.data), "dbx", TRUST_FROM_DBX);
	if (efi_read_mok_list(root, "MokListXRT", &mokx, &source) == 0)
		find_forbidden(e, buf_span(&mokx), "MokListXRT", TRUST_FROM_MOKX);
}
#endif

static int look_elsewhere(struct evidence *e)
{
	int named = count_namesakes(e), r = 0;

	e->in_doubt = named != 0;
	if (named > 0)
		r = look_at_kernel(e);
	if (r == 0 && e->in_doubt)
		look_at_db(e);
	return r;
}

static int look_for_key(struct evidence *e)
{
	const struct root *root = &e->s->q->sys->root;
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	_cleanup_efi_var_ struct efi_var pending = { 0 };
	enum efi_list_source source;
	enum likeness in_list = FOREIGN;
	struct trust_module *m = &e->module;
	struct certificate own, none;
	int r = 0;

	m->signature = TRUST_SIG_UNKNOWN_KEY;
	if (efi_read_mok_list(root, "MokListRT", &enrolled, &source) == 0)
		in_list = certificate_find(buf_span(&enrolled), &e->info, &own);
	m->enrolled = in_list == SAME_KEY;
	m->pending = efi_var_read(root, "MokNew", &shim, &pending) == 0 &&
		     certificate_find(buf_span(&pending.data), &e->info, &none) == SAME_KEY;
	if (m->enrolled)
		place(e, &own, TRUST_FROM_MOK);
	else if (in_list == OTHER_KEY)
		r = set_other(e, &own);
	if (r == 0 && !m->enrolled && m->other == TRUST_OTHER_NONE)
		r = look_elsewhere(e);
	if (!m->enrolled && !m->pending)
		find_file(e);
	/* These need more than one name to be looked for. */
	e->in_doubt |= !m->enrolled && (e->info.has_certificates || e->info.n_signers > 1);
	look_at_forbidden(e);
	return r;
}

static int read_module(struct evidence *e, struct span file)
{
	struct trailer t = trailer_read(file);
	struct trust_module *m = &e->module;
	enum kconfig_built attributes;
	int r = 0;

	*m = (struct trust_module){ .is_elf = true, .signature = TRUST_SIG_NONE };
	if (t.state == TRAILER_NONE) {
		m->unfit = signature_unseen(e->s->src, file, e->unfit, sizeof(e->unfit));
		return 0;
	}
	if (t.state == TRAILER_DAMAGED) {
		m->signature = TRUST_SIG_DAMAGED;
		return 0;
	}
	siginfo_read(&t, &e->info);
	attributes = algorithms_let_attributes(&t, &e->info, e->version, &e->reading->config);
	m->signer = e->info.signer;
	if (t.id_type != TRAILER_PKCS7)
		m->signature = TRUST_SIG_SCHEME;
	else if (e->info.parsed && !algorithms_are_known(&t, &e->info, e->version))
		m->signature = TRUST_SIG_ALGORITHM;
	else if (!e->info.parsed || e->info.has_content)
		m->signature = TRUST_SIG_DAMAGED;
	else if (e->info.has_signed_attributes && attributes == KCONFIG_NOT_BUILT)
		m->signature = TRUST_SIG_ATTRIBUTES;
	else if (algorithm_is_lacking(&e->info, &e->reading->config, e->unfit, sizeof(e->unfit))) {
		m->signature = TRUST_SIG_ALGORITHM;
		m->unfit = e->unfit;
	} else {
		r = look_for_key(e);
		e->attributes_in_doubt = e->info.has_signed_attributes && attributes == KCONFIG_BUILT_UNKNOWN;
		e->in_doubt |= e->attributes_in_doubt;
	}
	return r;
}

/* ---- the verdict ---- */

/* A missing key, a change of the module and .blacklist all explain the kernel's answer. */
static bool is_ambiguous(const struct evidence *e, int error)
{
	struct trust_module changed = e->module;
	struct trust_verdict v;

	changed.signature = TRUST_SIG_CHANGED;
	trust_judge(&e->machine, &changed, &v);
	return e->in_doubt && v.error == error;
}

static int tell_ambiguous(struct evidence *e)
{
	struct why *found = e->s->found;
	int r = why_add(
		found, WHY_OBSTACLE, WHY_SIGNATURE, NULL,
		"refused: signed by \"%s\"; either the kernel does not have that key,%s or the module was changed"
		" after it was signed, or one of the two was revoked",
		*e->info.signer ? e->info.signer : "an unnamed key",
		e->attributes_in_doubt ? " or takes no signed attributes from it," : "");

	if (r < 0)
		return r;
	why_word(found, "trust.refused");
	r = why_fix(found, "`kmodctl trust %s` examines which it is", e->s->path);
	return r < 0 ? r : why_command(found, "kmodctl", "trust", "--", e->s->path);
}

/* The kernel's answer is evidence, too: it looked at signatures. */
static int explain(struct evidence *e, int error)
{
	struct trust_verdict v;

	e->machine.sig_checked.value = TRUST_YES;
	/* These it would have answered otherwise. */
	if (error != ENOSYS)
		e->machine.without_modules.value = TRUST_NO;
	if (error != EPERM)
		e->machine.modules_disabled.value = e->machine.denied.value = TRUST_NO;
	if (is_ambiguous(e, error))
		return tell_ambiguous(e);
	if (!trust_explain(&e->machine, error, &e->module, &v))
		return 0;
	return signature_add(e->s->found, &e->machine, &e->module, &v);
}

static int judge(struct evidence *e)
{
	struct trust_verdict v;

	if (e->in_doubt)
		return 0;
	e->module.is_elf = e->s->is_elf;
	e->module.ima_signed = signature_may_be_for_ima(e->s->src);
	trust_judge(&e->machine, &e->module, &v);
	return signature_add(e->s->found, &e->machine, &e->module, &v);
}

static int read_and_judge(struct subject *s)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	struct evidence e = { .s = s };
	struct span file;
	int r = source_whole(s->src, &file);

	if (r >= 0)
		r = machine_read(s->q->sys, &reading);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	e.reading = &reading;
	e.machine = signature_machine(&reading);
	e.version = e.machine.version ? e.machine.version : RELEASE_VERSION_ASSUMED;
	r = read_module(&e, file);
	if (r == 0)
		r = s->refused ? explain(&e, -s->refused) : judge(&e);
	buf_done(&e.own_key);
	buf_done(&e.other_key);
	return r;
}

int why_signature(struct subject *s)
{
	if (!s->src && !(s->is_tiny && s->q->signature))
		return 0;
	return s->q->signature ? s->q->signature(s->q->sys, s->path, s->found) : read_and_judge(s);
}
