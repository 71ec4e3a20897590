// SPDX-License-Identifier: MIT
/* kmodctl key export: a certificate in the forms that firmware and its vendors take. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "base/replace.h"
#include "read/efi/siglist.h"
#include "act/sign/auth.h"
#include "act/sign/cert.h"
#include "act/sign/key.h"
#include "act/sign/keyring.h"
#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/key.h"
#include "face/kmodctl/passphrase.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"

struct export_options {
	const char *der, *pem, *esl, *auth;
	const char *kek_key, *kek_cert, *passphrase_file;
	struct efi_guid owner;
	uint32_t number; /* of the certificate in the file, from 1; 0: the only one */
	bool json, has_owner;
};

enum {
	OPT_DER = CLI_LONG,
	OPT_PEM,
	OPT_ESL,
	OPT_AUTH,
	OPT_KEK_KEY,
	OPT_KEK_CERT,
	OPT_PASSPHRASE_FILE,
	OPT_OWNER,
	OPT_NUMBER,
	OPT_JSON
};

static const struct cli_option export_options[] = {
	{ OPT_DER, "der", "FILE", "write the certificate in DER, for mokutil and most vendors", NULL, 0 },
	{ OPT_PEM, "pem", "FILE", "write the certificate in PEM", NULL, 0 },
	{ OPT_ESL, "esl", "FILE", "write an EFI signature list with the certificate", NULL, 0 },
	{ OPT_AUTH, "auth", "FILE", "write an update of db that appends the list, signed by a KEK key", NULL, 0 },
	{ OPT_OWNER, "owner", "GUID", "owner of the entry (default: made from the certificate)", NULL, 0 },
	{ OPT_KEK_KEY, "kek-key", "KEY", "private key whose certificate is in KEK: file or pkcs11: URI", NULL, 0 },
	{ OPT_KEK_CERT, "kek-cert", "CERT", "certificate of that key", NULL, 0 },
	{ OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "first line is the KEK key's passphrase or PIN", NULL, 0 },
	{ OPT_NUMBER, "number", "N", "of several certificates in the file: the Nth, from 1", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set_owner(struct env *env, struct export_options *o, const char *arg)
{
	o->has_owner = efi_guid_parse(arg, &o->owner) == 0;
	if (!o->has_owner)
		report_error(env, "sign.guid", "'%s' is not a GUID", arg);
	return o->has_owner ? 0 : -EINVAL;
}

static int set_number(struct env *env, struct export_options *o, const char *arg)
{
	if (parse_u32(arg, 10, &o->number) == 0 && o->number > 0)
		return 0;
	report_error(env, "sign.certificate-number", "'%s' is not a number from 1 on", arg);
	return -EINVAL;
}

static int export_set(struct env *env, void *values, int id, const char *arg)
{
	struct export_options *o = values;
	const char **slots[] = { &o->der, &o->pem, &o->esl, &o->auth, &o->kek_key, &o->kek_cert, &o->passphrase_file };

	if (id == OPT_OWNER)
		return set_owner(env, o, arg);
	if (id == OPT_NUMBER)
		return set_number(env, o, arg);
	if (id == OPT_JSON)
		o->json = true;
	else
		*slots[id - OPT_DER] = arg;
	return 0;
}

static const char *const export_usage[] = {
	"[--der FILE] [--pem FILE] [--esl FILE] CERT",
	"--auth FILE --kek-key KEY --kek-cert CERT CERT",
	NULL,
};

static int write_out(struct env *env, const char *path, struct span content)
{
	int r = file_output(&env->sys.root, path, content, 0644);

	if (r < 0)
		report_error(env, "sign.write", "%s: cannot write: %s", path, strerror(-r));
	return r;
}

/* The same certificate always gets the same owner: the beginning of its fingerprint, marked as a random-kind GUID. */
static struct efi_guid default_owner(const struct cert *c)
{
	struct cert_facts facts;
	struct efi_guid guid;

	cert_facts(c, time(NULL), &facts);
	memcpy(guid.b, facts.sha256, sizeof(guid.b));
	guid.b[7] = (guid.b[7] & 0x0f) | 0x40;
	guid.b[8] = (guid.b[8] & 0x3f) | 0x80;
	return guid;
}

static int write_auth(struct env *env, const struct export_options *o, struct span list)
{
	const struct efi_guid db = EFI_GUID_SECURITY;
	struct auth_request request = { .variable = "db", .time = time(NULL), .payload = list };
	_cleanup_(key_free_p) struct key *key = NULL;
	_cleanup_(cert_free_p) struct cert *kek = NULL;
	_cleanup_buf_ struct buf blob = BUF_INIT;
	struct passphrase passphrase;
	int r;

	memcpy(request.vendor, db.b, sizeof(request.vendor));
	passphrase_init(&passphrase, env, o->passphrase_file);
	r = passphrase_load_certificate(&passphrase, o->kek_cert, &kek);
	if (r == 0)
		r = passphrase_load_key(&passphrase, o->kek_key, &key);
	if (r == 0)
		r = auth_append_blob(&request, key, kek, &env->sys.diag, &blob);
	return r < 0 ? r : write_out(env, o->auth, buf_span(&blob));
}

static int write_lists(struct env *env, const struct export_options *o, const struct cert *c)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	const struct efi_guid owner = o->has_owner ? o->owner : default_owner(c);
	int r = siglist_append(&list, SIGLIST_X509, &owner, cert_der(c));

	if (r == 0 && o->esl)
		r = write_out(env, o->esl, buf_span(&list));
	if (r == 0 && o->auth)
		r = write_auth(env, o, buf_span(&list));
	return r;
}

static int export_certificate(struct env *env, const struct export_options *o, const struct cert *c)
{
	_cleanup_buf_ struct buf pem = BUF_INIT;
	int r = 0;

	if (o->der)
		r = write_out(env, o->der, cert_der(c));
	if (r == 0 && o->pem)
		r = cert_write_pem(c, &pem);
	if (r == 0 && o->pem)
		r = write_out(env, o->pem, buf_span(&pem));
	return r < 0 || (!o->esl && !o->auth) ? r : write_lists(env, o, c);
}

static void print_json(struct env *env, const struct export_options *o)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "der", o->der);
	json_str(&j, "pem", o->pem);
	json_str(&j, "esl", o->esl);
	json_str(&j, "auth", o->auth);
	answer_close(env, &j);
}

static bool options_fit(struct env *env, const struct export_options *o, int operands)
{
	if (operands != 1)
		report_error(env, "sign.operand", "give one certificate");
	else if (!o->der && !o->pem && !o->esl && !o->auth)
		report_error(env, "sign.no-output", "nothing to write; give --der, --pem, --esl or --auth");
	else if (o->auth && (!o->kek_key || !o->kek_cert))
		report_error(env, "sign.no-kek",
			     "--auth needs --kek-key and --kek-cert: only a key of KEK may sign updates of db");
	else
		return true;
	return false;
}

/* "1 (CN = Vendor), 2 (CN = Owner)" */
static int name_certificates(const struct keyring *ring, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; i < ring->n && r == 0; i++) {
		_cleanup_buf_ struct buf subject = BUF_INIT;

		r = cert_subject_text(ring->certs[i], &subject);
		if (r == 0)
			r = buf_addf(ret, "%s%zu (%s)", i ? ", " : "", i + 1, buf_str(&subject));
	}
	return r;
}

/* The certificate that is meant, or NULL: reported. */
static const struct cert *choose(struct env *env, const struct export_options *o, const char *path,
				 const struct keyring *ring)
{
	_cleanup_buf_ struct buf names = BUF_INIT;

	if (ring->n == 1 && !o->number)
		return ring->certs[0];
	if (o->number && o->number <= ring->n)
		return ring->certs[o->number - 1];
	if (name_certificates(ring, &names) < 0)
		report_error(env, "cli.memory", "out of memory");
	else if (o->number)
		report_error(env, "sign.certificate-number", "%s: has no certificate %u; it has %s", path, o->number,
			     buf_str(&names));
	else
		report_error(env, "sign.certificate-number",
			     "%s: contains %zu certificates; choose one with --number: %s", path, ring->n,
			     buf_str(&names));
	return NULL;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	_cleanup_keyring_ struct keyring ring = { 0 };
	const struct export_options *o = values;
	const struct cert *cert;

	if (!options_fit(env, o, argc))
		return STATUS_USAGE;
	if (keyring_add_file(&ring, &env->sys.root, argv[0], &env->sys.diag) < 0)
		return STATUS_NO;
	cert = choose(env, o, argv[0], &ring);
	if (!cert || export_certificate(env, o, cert) < 0)
		return STATUS_NO;
	if (o->json)
		print_json(env, o);
	return STATUS_YES;
}

int cmd_key_export(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = export_usage,
		.summary = "Write a certificate in the forms that firmware takes.",
		.options = export_options,
		.epilog = "An update of db must be signed by a key that the platform's KEK holds: without\n"
			  "one, give the --esl or --der file to the vendor, or enroll the certificate with\n"
			  "shim (mokutil --import), which needs no signature.\n\n" STATUS_HELP("done", "not done", ""),
		.wrong_usage = STATUS_USAGE,
		.set = export_set,
		.run = run,
	};
	struct export_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
