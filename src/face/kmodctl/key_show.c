// SPDX-License-Identifier: MIT
/* kmodctl key show: what a certificate or private key is, and whether kernels can use it for modules. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "base/json.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/file_kind.h"
#include "act/sign/key.h"
#include "act/sign/keyring.h"
#include "act/sign/secret.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/say.h"
#include "face/common/command.h"
#include "face/kmodctl/key.h"
#include "system/target.h"
#include "face/kmodctl/passphrase.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"

struct show_options {
	const char *passphrase_file;
	const char *kernel; /* NULL: the running one */
	bool json;
};

enum { OPT_JSON = CLI_LONG, OPT_PASSPHRASE_FILE };

static const struct cli_option show_options[] = {
	{ 'k', "kernel", "VERSION", "kernel version whose rules count (default: the running one)", NULL, 0 },
	{ OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "first line is the private key's passphrase", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int show_set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct show_options *o = values;

	switch (id) {
	case 'k':
		o->kernel = arg;
		break;
	case OPT_PASSPHRASE_FILE:
		o->passphrase_file = arg;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	}
	return 0;
}

static const char *const show_usage[] = { "[options] FILE|pkcs11:URI", NULL };

/* All that is printed, as text. */
struct shown {
	struct buf subject, issuer, name, serial, skid, sha1, sha256;
	char from[32], to[32];
	struct cert_facts facts;
	unsigned problems;
	struct cert_standing standing;
	char kernel[16]; /* "6.12" */
};

static void shown_done(struct shown *s)
{
	struct buf *all[] = { &s->subject, &s->issuer, &s->name, &s->serial, &s->skid, &s->sha1, &s->sha256 };

	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		buf_done(all[i]);
}

static void put_date(int64_t seconds, char *ret, size_t n)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(ret, n, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		ret[0] = '\0';
}

static int gather(const struct cert *c, const struct kernel_target *kernel, struct shown *s)
{
	int r = 0;

	cert_facts(c, time(NULL), &s->facts);
	s->problems = cert_problems_here(&s->facts, kernel);
	cert_judge(c, kernel, &s->standing);
	snprintf(s->kernel, sizeof(s->kernel), "%u.%u", kernel->version / 100, kernel->version % 100);
	put_date(s->facts.not_before, s->from, sizeof(s->from));
	put_date(s->facts.not_after, s->to, sizeof(s->to));
	r |= cert_subject_text(c, &s->subject);
	r |= cert_issuer_text(c, &s->issuer);
	r |= cert_name(c, &s->name);
	r |= hex_colons(cert_serial_id(c), 0, &s->serial);
	r |= hex_colons(cert_skid(c), 0, &s->skid);
	r |= hex_colons(span_of(s->facts.sha1, sizeof(s->facts.sha1)), 0, &s->sha1);
	r |= hex_colons(span_of(s->facts.sha256, sizeof(s->facts.sha256)), 0, &s->sha256);
	return r < 0 ? -ENOMEM : 0;
}

struct usage_name {
	bool set;
	const char *name;
};

static size_t list_usages(const struct cert_facts *f, const char **ret)
{
	const struct usage_name all[] = {
		{ f->digital_signature && f->has_key_usage, "digitalSignature" },
		{ f->cert_sign && f->has_key_usage, "keyCertSign" },
		{ f->code_signing, "codeSigning" },
		{ f->module_signing, "moduleSigningOnly" },
	};
	size_t n = 0;

	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		if (all[i].set)
			ret[n++] = all[i].name;
	return n;
}

#define USAGES_MAX 4

static void print_usages(FILE *out, const struct cert_facts *f)
{
	const char *usages[USAGES_MAX];
	size_t n = list_usages(f, usages);

	fputs("usages:       ", out);
	for (size_t i = 0; i < n; i++)
		say(out, " %s", usages[i]);
	say(out, "%s\n", f->is_ca ? " CA" : n ? "" : " none named");
}

static void print_text(FILE *out, const struct shown *s)
{
	say(out, "subject:       %s\n", buf_str(&s->subject));
	if (!s->facts.self_signed)
		say(out, "issuer:        %s\n", buf_str(&s->issuer));
	say(out, "ring entry:    %s\n", buf_str(&s->name));
	say(out, "serial:        %s   (sig_key of modinfo)\n", buf_str(&s->serial));
	say(out, "key id (SKID): %s\n", s->skid.n ? buf_str(&s->skid) : "none");
	say(out, "SHA-1:         %s\n", buf_str(&s->sha1));
	say(out, "SHA-256:       %s\n", buf_str(&s->sha256));
	say(out, "algorithm:     %s, certificate signed with %s\n", s->facts.algorithm, s->facts.signed_with);
	print_usages(out, &s->facts);
	say(out, "valid:         %s to %s\n", s->from, s->to);
	say(out, "for modules:   %s (Linux %s%s)\n", s->standing.usable ? "yes" : "no", s->kernel,
	    s->standing.asked == CERT_NOT_ASKED ? "" : ", asked the kernel");
	if (!s->standing.usable)
		say(out, "reason:        %s\n", s->standing.reason);
	for (unsigned bit = 1; bit <= CERT_MODULE_ONLY; bit <<= 1)
		if (s->problems & bit)
			say(out, "note:          %s\n", cert_problem_text(bit));
}

static void json_lists(struct json *j, const struct shown *s)
{
	const char *usages[USAGES_MAX];
	size_t n = list_usages(&s->facts, usages);

	json_array(j, "usages");
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, usages[i]);
	json_end(j);
	json_array(j, "notes");
	for (unsigned bit = 1; bit <= CERT_MODULE_ONLY; bit <<= 1)
		if (s->problems & bit)
			json_str(j, NULL, cert_problem_text(bit));
	json_end(j);
}

/* The values of one certificate, in the object that is open. */
static void json_certificate(struct json *j, const struct shown *s)
{
	json_str(j, "subject", buf_str(&s->subject));
	json_str(j, "issuer", buf_str(&s->issuer));
	json_str(j, "ring_entry", buf_str(&s->name));
	json_str(j, "serial", buf_str(&s->serial));
	json_str(j, "skid", s->skid.n ? buf_str(&s->skid) : NULL);
	json_str(j, "sha1", buf_str(&s->sha1));
	json_str(j, "sha256", buf_str(&s->sha256));
	json_str(j, "algorithm", s->facts.algorithm);
	json_str(j, "signed_with", s->facts.signed_with);
	json_int(j, "not_before", s->facts.not_before);
	json_int(j, "not_after", s->facts.not_after);
	json_bool(j, "ca", s->facts.is_ca);
	json_str(j, "kernel", s->kernel);
	json_bool(j, "usable", s->standing.usable);
	json_str(j, "reason", s->standing.usable ? NULL : s->standing.reason);
	if (s->standing.asked == CERT_NOT_ASKED)
		json_null(j, "kernel_takes");
	else
		json_bool(j, "kernel_takes", s->standing.asked == CERT_TAKEN);
	json_lists(j, s);
}

/* The first one's values are the answer's own, as if it were alone. */
static void print_json(struct env *env, const struct shown *all, size_t n)
{
	struct json j;

	answer_open(env, &j);
	json_certificate(&j, &all[0]);
	json_array(&j, "others");
	for (size_t i = 1; i < n; i++) {
		json_object(&j, NULL);
		json_certificate(&j, &all[i]);
		json_end(&j);
	}
	json_end(&j);
	answer_close(env, &j);
}

static void print_all(struct env *env, const struct show_options *o, const struct shown *all, size_t n)
{
	if (o->json) {
		print_json(env, all, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputc('\n', env->out);
		if (n > 1)
			say(env->out, "certificate:   %zu of %zu\n", i + 1, n);
		print_text(env->out, &all[i]);
	}
}

static int show_certificates(struct env *env, const struct show_options *o, struct cert *const *certs, size_t n)
{
	_cleanup_free_ struct shown *all = calloc(n, sizeof(*all));
	struct kernel_target kernel;
	int status = STATUS_YES;

	if (!all)
		return STATUS_UNKNOWN;
	if (kernel_target_read(&env->sys, o->kernel, &kernel) < 0)
		return o->kernel ? STATUS_USAGE : STATUS_UNKNOWN;
	for (size_t i = 0; i < n && status != STATUS_UNKNOWN; i++) {
		if (gather(certs[i], &kernel, &all[i]) < 0)
			status = STATUS_UNKNOWN;
		else if (!all[i].standing.usable)
			status = STATUS_NO;
	}
	if (status != STATUS_UNKNOWN)
		print_all(env, o, all, n);
	for (size_t i = 0; i < n; i++)
		shown_done(&all[i]);
	return status;
}

static int show_private(struct env *env, const struct show_options *o, const struct key *key)
{
	_cleanup_buf_ struct buf skid = BUF_INIT;
	char algorithm[48];
	uint8_t id[20];

	if (key_skid(key, id) == 0 && hex_colons(span_of(id, sizeof(id)), 0, &skid) < 0)
		return STATUS_UNKNOWN;
	cert_describe_key(key_private(key), algorithm, sizeof(algorithm));
	if (o->json) {
		struct json j;

		answer_open(env, &j);
		json_str(&j, "algorithm", algorithm);
		json_str(&j, "skid", skid.n ? buf_str(&skid) : NULL);
		json_bool(&j, "token", key_is_token(key));
		answer_close(env, &j);
	} else {
		say(env->out, "private key:   %s%s\nkey id (SKID): %s\n", algorithm,
		    key_is_token(key) ? ", on a token" : "", skid.n ? buf_str(&skid) : "unknown");
	}
	return 0;
}

/* PKCS#12 has both: the certificate says more. */
static int show_loaded(struct env *env, const struct show_options *o, struct key *key)
{
	_cleanup_(cert_free_p) struct cert *cert = key_take_certificate(key);

	return cert ? show_certificates(env, o, &cert, 1) : show_private(env, o, key);
}

static int show_key(struct env *env, const struct show_options *o, const char *where)
{
	_cleanup_(key_free_p) struct key *key = NULL;
	struct passphrase passphrase;

	passphrase_init(&passphrase, env, o->passphrase_file);
	return passphrase_load_key(&passphrase, where, &key) < 0 ? STATUS_UNKNOWN : show_loaded(env, o, key);
}

/* Neither a certificate nor a token: a key, or something else. */
static int show_other(struct env *env, const struct show_options *o, const char *path)
{
	_cleanup_secret_ struct buf b = BUF_INIT;
	int r = secret_init(&b);

	if (r == 0)
		r = secret_read(&env->sys.root, path, &b);
	if (r == 0 && file_holds_key(buf_span(&b)))
		return show_key(env, o, path);
	if (r == 0)
		file_report_kind(buf_span(&b), path, WANT_EITHER, "sign.certificate-bad", &env->sys.diag);
	else
		report_error(env, "sign.unreadable", "%s: %s", path, file_strerror(r));
	return STATUS_UNKNOWN;
}

/* error: the certificate behind those of the ring could not be read. */
static int show_ring(struct env *env, const struct show_options *o, const char *path, const struct keyring *ring,
		     int error)
{
	int status = show_certificates(env, o, ring->certs, ring->n);

	if (error == 0)
		return status;
	report_error(env, "sign.certificate-bad", "%s, certificate %zu is damaged", path, ring->n + 1);
	return status == STATUS_USAGE ? status : STATUS_UNKNOWN;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	_cleanup_keyring_ struct keyring ring = { 0 };
	bool token;
	int r;

	if (argc != 1) {
		report_error(env, "sign.operand", "give one certificate or private key");
		return STATUS_USAGE;
	}
	display_page(env);
	/* The library of a token starts what it likes. */
	token = strncasecmp(argv[0], "pkcs11:", 7) == 0;
	if (!token)
		command_confine(env, CONFINE_KEEP_TERMINAL | CONFINE_KEEP_KEYS);
	/* Certificates if the file holds any, else a private key, whose loader reports what is wrong. */
	r = token ? -EBADMSG : keyring_add_file(&ring, &env->sys.root, argv[0], NULL);
	if (ring.n > 0)
		return show_ring(env, values, argv[0], &ring, r);
	if (r == -EBADMSG)
		return token ? show_key(env, values, argv[0]) : show_other(env, values, argv[0]);
	report_error(env, "sign.unreadable", "%s: %s", argv[0], file_strerror(r));
	return STATUS_UNKNOWN;
}

int cmd_key_show(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = show_usage,
		.summary = "Show a certificate (DER, PEM, PKCS#12) or a private key, and what would stop a\n"
			   "kernel from using it for modules.",
		.options = show_options,
		.epilog = STATUS_HELP("usable for modules, or a private key", "not usable by that kernel",
				      STATUS_ROW(3, "neither a certificate nor a key that could be read")),
		.wrong_usage = STATUS_USAGE,
		.set = show_set,
		.run = run,
	};
	struct show_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
