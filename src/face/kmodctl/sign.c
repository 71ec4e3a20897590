// SPDX-License-Identifier: MIT
/* kmodctl sign: signs modules in place, or removes their signatures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "act/sign/cert.h"
#include "act/sign/chain.h"
#include "act/sign/cms.h"
#include "act/sign/hash_alias.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"
#include "act/sign/sign.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/sign_kernel.h"
#include "face/kmodctl/sign_work.h"
#include "face/kmodctl/status.h"
#include "system/module_files.h"
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
	{ 'a', "all", NULL, "every module of the kernel of -k, or of the running one", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel that is to load them (default: the one that each was built for)", NULL, 0 },
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
	struct sign_kernels kernels;
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
	file_kernels_done(&s->kernels.kernels);
}

static void warn_of_certificate(struct env *env, const struct cert *cert, unsigned problems)
{
	static const unsigned told[] = { CERT_IS_CA, CERT_NO_DIGITAL_SIGNATURE, CERT_EXPIRED, CERT_NOT_YET_VALID };

	for (size_t i = 0; i < ELEMENTSOF(told); i++)
		if (problems & told[i])
			report_warning(env, "sign.certificate-usage", "%s: %s", cert_label(cert),
				       cert_problem_text(told[i]));
}

/* Becomes the owner of cert. */
static int use_certificate(struct env *env, struct cert *cert, struct signer *s)
{
	struct cert_facts facts;
	int r = keyring_take(&s->ring, cert);

	if (r < 0)
		return r;
	cert_facts(cert, time(NULL), &facts);
	warn_of_certificate(env, cert, cert_problems(&facts));
	return sign_kernels_check_certificate(&s->kernels, cert);
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

static int signer_load(struct env *env, const struct sign_options *o, struct signer *s)
{
	struct passphrase passphrase;
	struct cert *cert = NULL;
	int r;

	passphrase_init(&passphrase, env, o->passphrase_file);
	r = sign_kernels_check_hash(&s->kernels);
	/* Before the key, so that a passphrase is not asked for in vain. */
	if (r == 0 && o->cert)
		r = passphrase_load_certificate(&passphrase, o->cert, &cert);
	if (r == 0 && cert)
		r = use_certificate(env, cert, s);
	if (r == 0)
		r = passphrase_load_key(&passphrase, o->key, &s->key);
	if (r == 0 && !cert) {
		cert = key_take_certificate(s->key);
		r = cert ? use_certificate(env, cert, s) : report_no_certificate(env, o->key);
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

static int sign_files(struct env *env, const struct sign_options *o, struct signer *s, const struct module_list *files)
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
			 .kernel_of = sign_kernel_of,
			 .kernel_data = &s->kernels,
			 .dry_run = o->dry_run },
	};

	return sign_work_run(&w);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct sign_options *o = values;
	_cleanup_(signer_done) struct signer signer = { .kernels.hash = o->hash };
	_cleanup_module_list_ struct module_list files = { 0 };

	if (!options_fit(env, o, argc))
		return STATUS_USAGE;
	if (file_kernels_open(&env->sys, &o->files, &signer.kernels.kernels) < 0)
		return o->files.version ? STATUS_USAGE : STATUS_NO;
	if (o->mode != SIGN_STRIP && signer_load(env, o, &signer) < 0)
		return STATUS_NO;
	if (module_files_collect(&env->sys, &o->files, argc, argv, &files) < 0)
		return STATUS_NO;
	return sign_files(env, o, &signer, &files);
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
