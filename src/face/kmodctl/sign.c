// SPDX-License-Identifier: MIT
/* kmodctl sign: signs modules in place, or removes their signatures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/signals.h"
#include "face/common/say.h"
#include "read/image/codec.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/cms.h"
#include "act/sign/hash_alias.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"
#include "act/sign/sign.h"
#include "act/sign/verify.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/file_work.h"
#include "system/module_files.h"
#include "system/target.h"
#include "face/kmodctl/passphrase.h"
#include "face/common/report.h"

struct sign_options {
	const char *key, *cert, *hash, *passphrase_file;
	struct module_files files;
	enum sign_mode mode;
	bool by_skid, dry_run, json, verbose;
	unsigned jobs; /* 0: by CPUs */
};

enum {
	OPT_KEY = CLI_LONG,
	OPT_CERT,
	OPT_HASH,
	OPT_PASSPHRASE_FILE,
	OPT_ONLY_UNSIGNED,
	OPT_DETACHED,
	OPT_STRIP,
	OPT_SKID,
	OPT_JSON,
};

static const struct cli_option sign_options[] = {
	{ OPT_KEY, "key", "KEY", "private key: a PEM, DER or PKCS#12 file, or a pkcs11: URI", NULL, 0 },
	{ OPT_CERT, "cert", "CERT", "its X.509 certificate, PEM or DER (default: the one in a PKCS#12 file)", NULL, 0 },
	{ OPT_HASH, "hash", "HASH", "sha256 (default), sha384, sha512, sha224, sha1, sha3-256, sha3-384, sha3-512",
	  NULL, 0 },
	{ OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "first line is the key's passphrase or the token's PIN", NULL,
	  0 },
	{ 'a', "all", NULL, "every module of the kernel version", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel version (default: the running one)", NULL, 0 },
	{ OPT_ONLY_UNSIGNED, "only-unsigned", NULL, "skip modules that have a signature", NULL, 0 },
	{ OPT_DETACHED, "detached", NULL, "write FILE.p7s and do not change the module", NULL, 0 },
	{ OPT_STRIP, "strip", NULL, "remove signatures; needs no key", NULL, 0 },
	{ OPT_SKID, "skid", NULL, "name the signer by subject key identifier", NULL, 0 },
	{ 'j', "jobs", "N", "files at a time (default: CPUs)", NULL, 0 },
	{ 'n', "dry-run", NULL, "do everything but write", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ 'v', "verbose", NULL, "print every file", NULL, 0 },
	{ 0 },
};

static int sign_set_value(struct sign_options *o, int id, const char *arg)
{
	const char **slot = id == OPT_KEY             ? &o->key :
			    id == OPT_CERT            ? &o->cert :
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
	if (o->mode != SIGN_REPLACE && o->mode != mode) {
		report_error(env, "sign.modes", "--only-unsigned, --detached and --strip exclude one another");
		return -EINVAL;
	}
	o->mode = mode;
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
	case OPT_DETACHED:
		return set_mode(env, o, SIGN_DETACHED);
	case OPT_STRIP:
		return set_mode(env, o, SIGN_STRIP);
	case OPT_SKID:
		o->by_skid = true;
		break;
	case 'j':
		return cli_set_jobs(env, arg, &o->jobs);
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
	struct keyring ring; /* the certificate */
	struct cms_signing *signing;
};

static void signer_done(struct signer *s)
{
	cms_signing_free(s->signing);
	keyring_done(&s->ring);
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

	if (!h)
		return 0; /* reported by cms_signing_new() */
	if (!cms_hash_is_known_to(h, kernel->version)) {
		report_error(env, "sign.hash-dead", "Linux %u.%u does not take module signatures with %s",
			     kernel->version / 100, kernel->version % 100, name);
		return -ENOPKG;
	}
	if (!cert_hash_option(h->name, &option) || kernel->config.crypto[option] != KCONFIG_NOT_BUILT)
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
		r = cms_signing_new(s->key, cert, o->hash, o->by_skid ? CMS_BY_SKID : 0, &env->sys.diag, &s->signing);
	return r;
}

/* ---- the work ---- */

struct work {
	struct env *env;
	const struct strv *files;
	const size_t *tops; /* of the files */
	struct sign_job job;
	struct sign_scratch *scratch; /* one per worker */
	struct sign_result *results;  /* one per file */
	struct file_progress progress;
};

static int sign_one(void *data, unsigned worker, size_t index)
{
	struct work *w = data;
	const struct sign_target target = { &w->env->sys.root, w->files->items[index], w->tops[index] };
	int r;

	if (signals_waiting())
		return -EINTR;
	r = sign_file(&w->job, &target, &w->scratch[worker], &w->env->sys.diag, &w->results[index]);
	file_progress_step(&w->progress);
	return r;
}

static void free_scratch(struct sign_scratch *scratch, unsigned n)
{
	for (unsigned i = 0; scratch && i < n; i++) {
		scratch_free(scratch[i].input);
		scratch_free(scratch[i].check);
	}
	free(scratch);
}

static struct sign_scratch *make_scratch(unsigned n)
{
	struct sign_scratch *s = calloc(n, sizeof(*s));

	for (unsigned i = 0; s && i < n; i++) {
		s[i].input = scratch_new();
		s[i].check = scratch_new();
		if (!s[i].input || !s[i].check) {
			free_scratch(s, n);
			return NULL;
		}
	}
	return s;
}

/* When a signal comes, files in progress are finished, and no more are started. */
static int run_pool(struct work *w, unsigned jobs)
{
	struct signals held;
	int r;

	signals_hold(&held);
	file_progress_init(&w->progress, w->env, w->files->n);
	r = pool_run(jobs, w->files->n, sign_one, w);
	file_progress_done(&w->progress);
	signals_release(&held);
	return r;
}

static int run_work(struct work *w, unsigned jobs)
{
	int r = -ENOMEM;

	w->scratch = make_scratch(jobs);
	w->results = calloc(w->files->n ? w->files->n : 1, sizeof(*w->results));
	if (w->scratch && w->results)
		r = run_pool(w, jobs);
	free_scratch(w->scratch, jobs);
	return r;
}

/* ---- the result ---- */

/* The words of modinfo. */
static const char *codec_word(const struct sign_result *r)
{
	const struct codec *c = codec_by_id(r->codec);

	return r->outcome == SIGN_FAILED ? NULL : c ? c->name : "none";
}

static void print_json(const struct work *w, const size_t *counts)
{
	struct json j;

	answer_open(w->env, &j);
	json_bool(&j, "dry_run", w->job.dry_run);
	json_array(&j, "files");
	for (size_t i = 0; i < w->files->n; i++) {
		const struct sign_result *r = &w->results[i];

		json_object(&j, NULL);
		json_str(&j, "path", w->files->items[i]);
		json_str(&j, "outcome", sign_outcome_name(r->outcome));
		json_str(&j, "error", r->error ? strerror(-r->error) : NULL);
		json_str(&j, "compression", codec_word(r));
		json_uint(&j, "size", r->size);
		json_uint(&j, "signature_size", r->signature_size);
		json_end(&j);
	}
	json_end(&j);
	json_object(&j, "counts");
	for (enum sign_outcome o = 0; o < SIGN_OUTCOMES; o++)
		json_uint(&j, sign_outcome_name(o), counts[o]);
	json_end(&j);
	answer_close(w->env, &j);
}

static void print_text(const struct work *w, bool verbose, const size_t *counts)
{
	FILE *out = w->env->out;

	for (size_t i = 0; verbose && i < w->files->n; i++)
		say(out, "%s: %s\n", w->files->items[i], sign_outcome_name(w->results[i].outcome));
	say(out, "%zu module%s:", w->files->n, w->files->n == 1 ? "" : "s");
	for (enum sign_outcome o = 0, first = 1; o < SIGN_OUTCOMES; o++) {
		if (!counts[o])
			continue;
		say(out, "%s %zu %s", first ? "" : ",", counts[o], sign_outcome_name(o));
		first = 0;
	}
	say(out, "%s\n", w->job.dry_run ? " (dry run: nothing was written)" : "");
}

static void print_results(const struct work *w, const struct sign_options *o)
{
	size_t counts[SIGN_OUTCOMES] = { 0 };

	for (size_t i = 0; i < w->files->n; i++)
		counts[w->results[i].outcome]++;
	if (o->json)
		print_json(w, counts);
	else
		print_text(w, o->verbose, counts);
}

static int sign_files(struct env *env, const struct sign_options *o, const struct signer *s, unsigned kernel,
		      const struct module_list *list)
{
	unsigned jobs = s->key && key_is_token(s->key) ? 1 : o->jobs ? o->jobs : pool_cpus();
	struct work w = {
		.env = env,
		.files = &list->paths,
		.tops = list->tops.items,
		.job = { .mode = o->mode,
			 .signing = s->signing,
			 .ring = &s->ring,
			 .kernel = kernel,
			 .dry_run = o->dry_run },
	};
	int r = run_work(&w, jobs);

	if (w.results && r != -ENOMEM)
		print_results(&w, o);
	free(w.results);
	return r;
}

static bool options_fit(struct env *env, const struct sign_options *o)
{
	if (o->mode == SIGN_STRIP || o->key)
		return true;
	report_error(env, "sign.no-key", "give --key and --cert (kmodctl key generate makes a pair)");
	return false;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct sign_options *o = values;
	_cleanup_(signer_done) struct signer signer = { 0 };
	_cleanup_module_list_ struct module_list files = { 0 };
	struct target target = { .is_named = o->files.version || o->files.all };
	int r;

	if (!options_fit(env, o))
		return 1;
	r = kernel_target_read(&env->sys, o->files.version, &target.kernel);
	if (r == 0 && o->mode != SIGN_STRIP)
		r = signer_load(env, o, &target, &signer);
	if (r == 0)
		r = module_files_collect(&env->sys, &o->files, argc, argv, &files);
	if (r == 0)
		r = sign_files(env, o, &signer, target.kernel.version, &files);
	return r < 0 ? 1 : 0;
}

int cmd_sign(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = sign_usage,
		.summary = "Sign kernel modules in place. An existing signature is replaced;\n"
			   "compressed modules are unpacked, signed and packed again; each result is read\n"
			   "back and verified before it replaces the file.",
		.options = sign_options,
		.epilog = "The passphrase of the key comes from --passphrase-file, the environment variable\n"
			  "KBUILD_SIGN_PIN, or the terminal. Exit status: 0 all done, 1 some file or\n"
			  "everything failed (each one is reported).",
		.set = sign_set,
		.run = run,
	};
	struct sign_options o = { .hash = "sha256" };

	secret_protect();
	return cli_main(env, &cli, argc, argv, &o);
}
