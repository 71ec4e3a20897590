// SPDX-License-Identifier: MIT
/* kmodctl key generate: a private key and its self-signed certificate. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/signals.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"
#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/kmodctl/key.h"
#include "face/kmodctl/passphrase.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"
#include "system/target.h"

#define DAYS_DEFAULT 36500
#define DAYS_MAX 2500000u /* year 9999, the last that X.509 can write, is reached before that */

struct generate_options {
	struct key_request request;
	const char *out, *passphrase_file;
	const char *kernel; /* NULL: the running one */
	bool passphrase, json;
};

enum {
	OPT_TYPE = CLI_LONG,
	OPT_CN,
	OPT_ORG,
	OPT_EMAIL,
	OPT_DAYS,
	OPT_MODULE_ONLY,
	OPT_PASSPHRASE,
	OPT_PASSPHRASE_FILE,
	OPT_JSON
};

static const struct cli_option generate_options[] = {
	{ 'o', "out", "PREFIX", "write PREFIX.priv, PREFIX.der and PREFIX.pem (default: signing_key)", NULL, 0 },
	{ OPT_TYPE, "type", "TYPE", "rsa4096 (default), rsa3072, rsa2048, p256, p384, p521, ml-dsa-44, -65, -87", NULL,
	  0 },
	{ OPT_CN, "cn", "NAME", "common name: what modinfo shows as signer", NULL, 0 },
	{ OPT_ORG, "org", "NAME", "organization", NULL, 0 },
	{ OPT_EMAIL, "email", "ADDRESS", "e-mail address", NULL, 0 },
	{ OPT_DAYS, "days", "N", "days of validity (default: 36500)", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel version that is to check modules by the key (default: the running one)",
	  NULL, 0 },
	{ OPT_MODULE_ONLY, "module-only", NULL, "make a key for modules only: shim rejects boot files signed by it",
	  NULL, 0 },
	{ OPT_PASSPHRASE, "passphrase", NULL, "encrypt the private key; asks for the passphrase", NULL, 0 },
	{ OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "encrypt it with the first line of FILE", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set_days(struct env *env, struct generate_options *o, const char *arg)
{
	uint32_t days;

	if (parse_u32(arg, 10, &days) < 0 || days == 0 || days > DAYS_MAX) {
		report_error(env, "sign.generate-days", "'%s' is not a number of days from 1 to %u", arg, DAYS_MAX);
		return -EINVAL;
	}
	o->request.days = days;
	return 0;
}

static int generate_set(struct env *env, void *values, int id, const char *arg)
{
	struct generate_options *o = values;

	switch (id) {
	case 'o':
		o->out = arg;
		break;
	case 'k':
		o->kernel = arg;
		break;
	case OPT_TYPE:
		o->request.type = arg;
		return key_check_type(arg, &env->sys.diag);
	case OPT_CN:
		o->request.common_name = arg;
		break;
	case OPT_ORG:
		o->request.organization = arg;
		break;
	case OPT_EMAIL:
		o->request.email = arg;
		break;
	case OPT_DAYS:
		return set_days(env, o, arg);
	case OPT_MODULE_ONLY:
		o->request.module_only = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_PASSPHRASE_FILE:
		o->passphrase_file = arg;
		/* fall through */
	case OPT_PASSPHRASE:
		o->passphrase = true;
		break;
	}
	return 0;
}

static const char *const generate_usage[] = { "[--cn NAME] [-o PREFIX] [options]", NULL };

struct output {
	struct buf path;
	bool made;
};

/* O_EXCL: an existing file is never written to, and the mode is right from the first byte. */
static int write_new(struct env *env, struct output *o, struct span content, mode_t mode)
{
	_cleanup_close_ int fd = root_create(&env->sys.root, buf_str(&o->path), O_WRONLY | O_EXCL, mode);
	int r = fd < 0 ? fd : 0;

	o->made = fd >= 0;
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0)
		r = fd_write_all(fd, content.p, content.n);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		report_error(env, "sign.write", "%s: cannot write: %s", buf_str(&o->path), strerror(-r));
	return r;
}

static int write_private(struct env *env, const struct generate_options *o, const struct key_pair *pair,
			 struct output *file)
{
	_cleanup_secret_ struct buf passphrase = BUF_INIT, pem = BUF_INIT;
	struct passphrase source;
	int r = secret_init(&pem);

	passphrase_init(&source, env, o->passphrase_file);
	if (r == 0 && o->passphrase)
		r = secret_init(&passphrase);
	if (r == 0 && o->passphrase) {
		r = passphrase_choose(&source, &passphrase);
		if (r == -ENOKEY || (r == 0 && passphrase.n == 0)) {
			report_error(env, "sign.no-passphrase", "no passphrase to encrypt the private key with");
			r = -ENOKEY;
		}
	}
	if (r == 0)
		r = key_write(pair->key, o->passphrase ? &passphrase : NULL, &pem);
	return r < 0 ? r : write_new(env, file, buf_span(&pem), 0600);
}

static int write_all(struct env *env, const struct generate_options *o, const struct key_pair *pair,
		     struct output *files)
{
	_cleanup_buf_ struct buf pem = BUF_INIT;
	int r = write_private(env, o, pair, &files[0]);

	if (r == 0)
		r = write_new(env, &files[1], cert_der(pair->cert), 0644);
	if (r == 0)
		r = cert_write_pem(pair->cert, &pem);
	return r < 0 ? r : write_new(env, &files[2], buf_span(&pem), 0644);
}

static void remove_made(struct env *env, struct output *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (files[i].made)
			root_unlink(&env->sys.root, buf_str(&files[i].path));
}

static void tell(struct env *env, const struct generate_options *o, const struct output *files)
{
	const char *key = buf_str(&files[0].path), *der = buf_str(&files[1].path), *pem = buf_str(&files[2].path);

	if (o->json) {
		struct json j;

		answer_open(env, &j);
		json_str(&j, "private_key", key);
		json_str(&j, "der", der);
		json_str(&j, "pem", pem);
		answer_close(env, &j);
	} else {
		say(env->out, "private key: %s\ncertificate: %s %s\n", key, der, pem);
	}
}

/* Writes all three files or none, also when interrupted. */
static int write_pair(struct env *env, const struct generate_options *o, const struct key_pair *pair)
{
	static const char *const endings[] = { "priv", "der", "pem" };
	struct output files[ELEMENTSOF(endings)] = { 0 };
	struct signals held;
	int r = 0;

	signals_hold(&held);

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(files); i++)
		r = buf_addf(&files[i].path, "%s.%s", o->out, endings[i]);
	if (r == 0)
		r = write_all(env, o, pair, files);
	if (r < 0)
		remove_made(env, files, ELEMENTSOF(files));
	signals_release(&held);
	if (r == 0)
		tell(env, o, files);
	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		buf_done(&files[i].path);
	return r;
}

/* The kernel that the key is for may be another one: a warning, not an error. */
static void warn_of_kernel(struct env *env, const struct kernel_target *kernel, const struct cert *cert)
{
	struct cert_standing standing;

	cert_judge(cert, kernel, &standing);
	if (!standing.usable)
		report_warning(env, "sign.generate-unusable", "Linux %u.%u%s does not check modules by this key: %s",
			       kernel->version / 100, kernel->version % 100,
			       standing.asked == CERT_REFUSED ? " (asked the kernel)" : "", standing.reason);
}

static int generate(struct env *env, const struct generate_options *o)
{
	_cleanup_(key_pair_done) struct key_pair pair = { 0 };
	struct kernel_target kernel;

	if (kernel_target_read(&env->sys, o->kernel, &kernel) < 0)
		return o->kernel ? STATUS_USAGE : STATUS_NO;
	if (key_generate(&o->request, &env->sys.diag, &pair) < 0)
		return STATUS_NO;
	warn_of_kernel(env, &kernel, pair.cert);
	return write_pair(env, o, &pair) < 0 ? STATUS_NO : STATUS_YES;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	if (argc == 0)
		return generate(env, values);
	report_error(env, "sign.operand", "'%s': generate takes no operands", argv[0]);
	return STATUS_USAGE;
}

int cmd_key_generate(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = generate_usage,
		.summary = "Make a key pair for signing modules: a private key (PEM, PKCS#8, mode 0600) and\n"
			   "a self-signed certificate in DER (for mokutil and sign-file) and PEM.",
		.options = generate_options,
		.epilog = "Existing files are never overwritten. Anyone who holds PREFIX.priv can sign for\n"
			  "every system that trusts PREFIX.der: keep it on as few machines as possible, or\n"
			  "use --passphrase.\n\n" STATUS_HELP("done", "not done; none of the files was written", ""),
		.wrong_usage = STATUS_USAGE,
		.set = generate_set,
		.run = run,
	};
	struct generate_options o = {
		.request = { .type = "rsa4096", .common_name = "Module signing key", .days = DAYS_DEFAULT },
		.out = "signing_key",
	};

	return cli_main(env, &cli, argc, argv, &o);
}
