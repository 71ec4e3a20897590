// SPDX-License-Identifier: MIT
/* kmodctl key export: a certificate in the forms that firmware and its vendors take. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/replace.h"
#include "read/efi/siglist.h"
#include "act/sign/auth.h"
#include "act/sign/cert.h"
#include "act/sign/key.h"
#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/key.h"
#include "face/kmodctl/passphrase.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"

struct export_options {
	const char *der, *pem, *esl, *auth;
	const char *owner, *kek_key, *kek_cert, *passphrase_file;
	bool json;
};

enum {
	OPT_DER = CLI_LONG,
	OPT_PEM,
	OPT_ESL,
	OPT_AUTH,
	OPT_OWNER,
	OPT_KEK_KEY,
	OPT_KEK_CERT,
	OPT_PASSPHRASE_FILE,
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
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int export_set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct export_options *o = values;
	const char **slots[] = { &o->der,   &o->pem,     &o->esl,      &o->auth,
				 &o->owner, &o->kek_key, &o->kek_cert, &o->passphrase_file };

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

static int choose_owner(struct env *env, const struct export_options *o, const struct cert *c, struct efi_guid *ret)
{
	if (!o->owner) {
		*ret = default_owner(c);
		return 0;
	}
	if (efi_guid_parse(o->owner, ret) == 0)
		return 0;
	report_error(env, "sign.guid", "'%s' is not a GUID", o->owner);
	return -EINVAL;
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
	struct efi_guid owner;
	int r = choose_owner(env, o, c, &owner);

	if (r == 0)
		r = siglist_append(&list, SIGLIST_X509, &owner, cert_der(c));
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

static int run(struct env *env, void *values, int argc, char **argv)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;

	const struct export_options *o = values;

	if (!options_fit(env, o, argc))
		return STATUS_USAGE;
	if (cert_load(&env->sys.root, argv[0], &env->sys.diag, &cert) < 0 || export_certificate(env, o, cert) < 0)
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
