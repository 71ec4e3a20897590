// SPDX-License-Identifier: MIT
/* kmodctl sign: signs modules in place, or removes their signatures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/chain.h"
#include "act/sign/cms.h"
#include "act/sign/hash_alias.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"
#include "act/sign/sign.h"
#include "act/sign/verify.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/sign_work.h"
#include "face/kmodctl/status.h"
#include "system/module_files.h"
#include "system/target.h"
#include "face/kmodctl/passphrase.h"
#include "face/common/report.h"

struct sign_options {
	const char *key, *cert, *chain, *hash, *passphrase_file;
	struct module_files files;
	enum sign_mode mode;
	bool has_mode; /* an option chose it */
	bool by_skid, with_cert, dry_run, json, verbose, yes;
	unsigned jobs; /* 0: by CPUs */
};

enum {
	OPT_KEY = CLI_LONG,
	OPT_CERT,
	OPT_INCLUDE_CERT,
	OPT_CHAIN,
	OPT_HASH,
	OPT_PASSPHRASE_FILE,
	OPT_ONLY_UNSIGNED,
	OPT_RESIGN,
	OPT_DETACHED,
	OPT_STRIP,
	OPT_SKID,
	OPT_JSON,
};

static const struct cli_option sign_options[] = {
	{ OPT_KEY, "key", "KEY", "private key: a PEM, DER or PKCS#12 file, or a pkcs11: URI", NULL, 0 },
	{ OPT_CERT, "cert", "CERT", "its X.509 certificate, PEM or DER (default: the one in a PKCS#12 file)", NULL, 0 },
	{ OPT_INCLUDE_CERT, "include-cert", NULL, "put the certificate into the signature", NULL, 0 },
	{ OPT_CHAIN, "chain", "FILE", "the same, with the certificates of issuers in FILE", NULL, 0 },
	{ OPT_HASH, "hash", "HASH", "sha256 (default), sha384, sha512, sha224, sha1, sha3-256, sha3-384, sha3-512",
	  NULL, 0 },
	{ OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "first line is the key's passphrase or the token's PIN", NULL,
	  0 },
	{ 'a', "all", NULL, "every module of the kernel version", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel version (default: the running one)", NULL, 0 },
	{ OPT_RESIGN, "resign", NULL, "replace signatures; says whose, and asks", NULL, 0 },
	{ OPT_ONLY_UNSIGNED, "only-unsigned", NULL, "skip modules that have a signature (the default)", NULL, 0 },
	{ OPT_DETACHED, "detached", NULL, "write FILE.p7s and do not change the module", NULL, 0 },
	{ OPT_STRIP, "strip", NULL, "remove signatures; needs no key", NULL, 0 },
	{ OPT_SKID, "skid", NULL, "name the signer by subject key identifier", NULL, 0 },
	{ 'j', "jobs", "N", "files at a time (default: CPUs)", NULL, 0 },
	{ 'n', "dry-run", NULL, "do everything but write", NULL, 0 },
	{ 'y', "yes", NULL, "with --resign: do not ask", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ 'v', "verbose", NULL, "print every file", NULL, 0 },
	{ 0 },
};

static int sign_set_value(struct sign_options *o, int id, const char *arg)
{
	const char **slot = id == OPT_KEY             ? &o->key :
			    id == OPT_CERT            ? &o->cert :
			    id == OPT_CHAIN           ? &o->chain :
			    id == OPT_HASH            ? &o->hash :
			    id == 'k'                 ? &o->files.version :
			    id == OPT_PASSPHRASE_FILE ? &o->passphrase_file :
							NULL;

	if (slot)
		*slot = id == OPT_HASH ? hash_alias(arg) : arg;
	return slot != NULL;
}

static int set_mode(struct env *env, struct sign_options *o, enum sign_mode mode)
{
	if (o->has_mode && o->mode != mode) {
		report_error(env, "sign.modes",
			     "--resign, --only-unsigned, --detached and --strip exclude one another");
		return -EINVAL;
	}
	o->mode = mode;
	o->has_mode = true;
	return 0;
}

static int sign_set(struct env *env, void *values, int id, const char *arg)
{
	struct sign_options *o = values;

	if (sign_set_value(o, id, arg))
		return 0;
	switch (id) {
	case 'a':
		o->files.all = true;
		break;
	case OPT_ONLY_UNSIGNED:
		return set_mode(env, o, SIGN_ONLY_UNSIGNED);
	case OPT_RESIGN:
		return set_mode(env, o, SIGN_REPLACE);
	case OPT_DETACHED:
		return set_mode(env, o, SIGN_DETACHED);
	case OPT_STRIP:
		return set_mode(env, o, SIGN_STRIP);
	case OPT_SKID:
		o->by_skid = true;
		break;
	case OPT_INCLUDE_CERT:
		o->with_cert = true;
		break;
	case 'j':
		return cli_set_jobs(env, arg, &o->jobs);
	case 'y':
		o->yes = true;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case 'v':
		report_show_codes(env);
		o->verbose = true;
		break;
	}
	return 0;
}

static const char *const sign_usage[] = {
	"--key KEY --cert CERT [options] FILE|DIR...",
	"--key KEY --cert CERT [options] --all [-k VERSION]",
	"--strip FILE|DIR...",
	NULL,
};

/* ---- the signer ---- */

struct signer {
	struct key *key;
	struct keyring ring;    /* the certificate */
	struct keyring issuers; /* that go into the signature */
	struct cms_signing *signing;
};

static void signer_done(struct signer *s)
{
	cms_signing_free(s->signing);
	keyring_done(&s->ring);
	keyring_done(&s->issuers);
	key_free(s->key);
}

static void warn_of_certificate(struct env *env, const struct cert *cert, unsigned problems)
{
	static const unsigned told[] = { CERT_IS_CA, CERT_NO_DIGITAL_SIGNATURE, CERT_EXPIRED, CERT_NOT_YET_VALID };

	for (size_t i = 0; i < ELEMENTSOF(told); i++)
		if (problems & told[i])
			report_warning(env, "sign.certificate-usage", "%s: %s", cert_label(cert),
				       cert_problem_text(told[i]));
}

/* The kernel that modules are signed for. */
struct target {
	struct kernel_target kernel;
	bool is_named; /* with -k or --all; otherwise it is the running one, which may build for others */
};

static int check_certificate(struct env *env, struct keyring *ring, const struct target *target)
{
	const struct kernel_target *kernel = &target->kernel;
	const struct kernel_target rules = { .version = kernel->version, .config.error = -ENOENT };
	const struct cert *cert = ring->certs[0];
	struct cert_standing here;
	struct cert_facts facts;

	cert_facts(cert, time(NULL), &facts);
	warn_of_certificate(env, cert, cert_problems(&facts));
	keyring_judge(ring, kernel);
	if (cert_standing(cert)->usable)
		return 0;
	here = *cert_standing(cert);
	if (!target->is_named)
		keyring_judge(ring, &rules);
	if (!cert_standing(cert)->usable) {
		report_error(env, "sign.certificate-dead",
			     "%s: Linux %u.%u does not check modules by this certificate: %s", cert_label(cert),
			     kernel->version / 100, kernel->version % 100, here.reason);
		return -EKEYREJECTED;
	}
	report_warning(env, "sign.certificate-here",
		       "%s: the running kernel does not check modules by this certificate: %s; -k names another one",
		       cert_label(cert), here.reason);
	return 0;
}

static int check_hash(struct env *env, const char *name, const struct target *target)
{
	const struct kernel_target *kernel = &target->kernel;
	const struct cms_hash *h = cms_hash_by_name(name);
	enum kconfig_crypto option;

	if (!cms_hash_is_known_to(h, kernel->version)) {
		report_error(env, "sign.hash-dead", "Linux %u.%u does not take module signatures with %s",
			     kernel->version / 100, kernel->version % 100, name);
		return -ENOPKG;
	}
	if (!kconfig_hash_option(h->name, &option) || kernel->config.crypto[option] != KCONFIG_NOT_BUILT)
		return 0;
	diag_report(&env->sys.diag, target->is_named ? LOG_ERR : LOG_WARNING, "sign.hash-dead", NULL, 0,
		    "the %skernel is built without %s (%s)", target->is_named ? "" : "running ",
		    kconfig_crypto_name(option), kernel->config.path);
	return target->is_named ? -ENOPKG : 0;
}

/* Becomes the owner of cert. */
static int use_certificate(struct env *env, struct cert *cert, const struct target *target, struct signer *s)
{
	int r = keyring_take(&s->ring, cert);

	return r < 0 ? r : check_certificate(env, &s->ring, target);
}

static int report_no_certificate(struct env *env, const char *key)
{
	report_error(env, "sign.no-key", "%s has no certificate in it; give one with --cert", key);
	return -EINVAL;
}

/* Kernels look a signer up in the message by issuer and serial number only, and then for the issuer that it names. */
static int signing_new(struct env *env, const struct sign_options *o, struct signer *s)
{
	const struct cert *cert = s->ring.certs[0];
	bool included = o->with_cert || o->chain;
	unsigned flags = (o->by_skid ? CMS_BY_SKID : 0u) | (included ? CMS_WITH_CERTIFICATE : 0u);
	int r = o->chain ? keyring_add_file(&s->issuers, &env->sys.root, o->chain, &env->sys.diag) : 0;

	if (r < 0)
		return r;
	if (included && !chain_names_issuer(cert))
		report_warning(env, "sign.no-issuer",
			       "%s: it is its own issuer or does not name the issuer's key: no kernel finds another "
			       "key by way of it",
			       cert_label(cert));
	return cms_signing_new(s->key, cert, &s->issuers, o->hash, flags, &env->sys.diag, &s->signing);
}

static int signer_load(struct env *env, const struct sign_options *o, const struct target *target, struct signer *s)
{
	struct passphrase passphrase;
	struct cert *cert = NULL;
	int r;

	passphrase_init(&passphrase, env, o->passphrase_file);
	r = check_hash(env, o->hash, target);
	/* Before the key, so that a passphrase is not asked for in vain. */
	if (r == 0 && o->cert)
		r = passphrase_load_certificate(&passphrase, o->cert, &cert);
	if (r == 0 && cert)
		r = use_certificate(env, cert, target, s);
	if (r == 0)
		r = passphrase_load_key(&passphrase, o->key, &s->key);
	if (r == 0 && !cert) {
		cert = key_take_certificate(s->key);
		r = cert ? use_certificate(env, cert, target, s) : report_no_certificate(env, o->key);
	}
	if (r == 0)
		r = signing_new(env, o, s);
	return r;
}

/* ---- the command ---- */

static bool options_fit(struct env *env, const struct sign_options *o, int operands)
{
	if (o->by_skid && (o->with_cert || o->chain))
		report_error(env, "sign.modes",
			     "--skid excludes --include-cert and --chain: kernels would not look at the certificates");
	else if (o->mode != SIGN_STRIP && !o->key)
		report_error(env, "sign.no-key", "give --key and --cert (kmodctl key generate makes a pair)");
	else if (operands == 0 && !o->files.all)
		report_error(env, "sign.no-files", MODULE_FILES_NONE);
	else if (!cms_hash_by_name(o->hash))
		report_error(env, "sign.hash-unknown", "'%s': no such hash for module signatures", o->hash);
	else
		return true;
	return false;
}

static int sign_files(struct env *env, const struct sign_options *o, const struct signer *s, unsigned kernel,
		      const struct module_list *files)
{
	struct sign_work w = {
		.env = env,
		.files = files,
		.jobs = s->key && key_is_token(s->key) ? 1 :
			o->jobs                        ? o->jobs :
							 pool_cpus(),
		.json = o->json,
		.verbose = o->verbose,
		.yes = o->yes,
		.job = { .mode = o->mode,
			 .signing = s->signing,
			 .ring = &s->ring,
			 .kernel = kernel,
			 .dry_run = o->dry_run },
	};

	return sign_work_run(&w);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct sign_options *o = values;
	_cleanup_(signer_done) struct signer signer = { 0 };
	_cleanup_module_list_ struct module_list files = { 0 };
	struct target target = { .is_named = o->files.version || o->files.all };

	if (!options_fit(env, o, argc))
		return STATUS_USAGE;
	if (kernel_target_read(&env->sys, o->files.version, &target.kernel) < 0)
		return o->files.version ? STATUS_USAGE : STATUS_NO;
	if (o->mode != SIGN_STRIP && signer_load(env, o, &target, &signer) < 0)
		return STATUS_NO;
	if (module_files_collect(&env->sys, &o->files, argc, argv, &files) < 0)
		return STATUS_NO;
	return sign_files(env, o, &signer, target.kernel.version, &files);
}

int cmd_sign(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = sign_usage,
		.summary = "Sign kernel modules in place. Modules that have a signature are left alone;\n"
			   "compressed modules are unpacked, signed and packed again; each result is read\n"
			   "back and verified before it replaces the file.",
		.options = sign_options,
		.epilog = "The passphrase of the key comes from --passphrase-file, the environment variable\n"
			  "KBUILD_SIGN_PIN, or the terminal.\n\n" STATUS_HELP(
				  "done, also for those that have a signature",
				  "a file, or all of it, failed; each one is reported", ""),
		.wrong_usage = STATUS_USAGE,
		.set = sign_set,
		.run = run,
	};
	struct sign_options o = { .hash = "sha256", .mode = SIGN_ONLY_UNSIGNED };

	secret_protect();
	return cli_main(env, &cli, argc, argv, &o);
}
