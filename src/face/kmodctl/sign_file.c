// SPDX-License-Identifier: MIT
/* sign-file: the command line of the kernel's scripts/sign-file, for Kbuild and DKMS. */
#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "base/replace.h"
#include "read/image/codec.h"
#include "read/image/trailer.h"
#include "act/sign/cert.h"
#include "act/sign/cms.h"
#include "act/sign/hash_alias.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"
#include "act/sign/sign.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/passphrase.h"
#include "face/common/report.h"

#define STATUS_USAGE 2
#define MODULE_FILE_MAX (UINT64_C(1) << 30)
#define RAW_SIGNATURE_MAX (1u << 20)

struct sign_file_options {
	bool only_signature; /* -d */
	bool save_signature; /* -p */
	bool by_skid;        /* -k */
	bool raw;            /* -s */
	const char *hash, *key, *cert, *module;
	const char *target; /* NULL: the module itself */
};

static const struct cli_option sign_file_options[] = {
	{ 'd', NULL, NULL, "write MODULE.p7s and do not change the module", NULL, 0 },
	{ 'p', NULL, NULL, "write MODULE.p7s as well", NULL, 0 },
	{ 'k', NULL, NULL, "name the signer by subject key identifier", NULL, 0 },
	{ 's', NULL, NULL, "append a signature that was made elsewhere", NULL, 0 },
	{ 0 },
};

static int sign_file_set(struct env *env _unused_, void *values, int id, const char *arg _unused_)
{
	struct sign_file_options *o = values;

	switch (id) {
	case 'd':
		o->only_signature = o->save_signature = true;
		break;
	case 'p':
		o->save_signature = true;
		break;
	case 'k':
		o->by_skid = true;
		break;
	case 's':
		o->raw = true;
		break;
	}
	return 0;
}

static const char *const sign_file_usage[] = {
	"[-dpk] HASH KEY CERT MODULE [DEST]",
	"-s RAW-SIGNATURE HASH CERT MODULE [DEST]",
	NULL,
};

static const struct cli sign_file_cli = {
	.usage = sign_file_usage,
	.summary = "Sign one kernel module as the kernel's own sign-file does.",
	.options = sign_file_options,
	.epilog = "KEY is a file or a pkcs11: URI; KBUILD_SIGN_PIN holds its passphrase or PIN.\n"
		  "An existing signature of the module is replaced. `kmodctl sign` does more.",
	.stop_at_first = true,
	.set = sign_file_set,
};

static bool take_operands(struct sign_file_options *o, int n, char **operands)
{
	if (n < 4 || n > 5)
		return false;
	if (o->raw) {
		o->key = operands[0]; /* the signature takes the place of the key */
		o->hash = operands[1];
	} else {
		o->hash = operands[0];
		o->key = operands[1];
	}
	o->hash = hash_alias(o->hash);
	o->cert = operands[2];
	o->module = operands[3];
	o->target = n == 5 ? operands[4] : NULL;
	return true;
}

static int make_message(struct env *env, const struct sign_file_options *o, struct span payload, struct buf *ret)
{
	_cleanup_(cms_signing_free_p) struct cms_signing *signing = NULL;
	_cleanup_(key_free_p) struct key *key = NULL;
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	struct passphrase passphrase;
	int r;

	passphrase_init(&passphrase, env, NULL);
	r = passphrase_load_key(&passphrase, o->key, &key);
	if (r == 0)
		r = passphrase_load_certificate(&passphrase, o->cert, &cert);
	if (r == 0)
		r = cms_signing_new(key, cert, NULL, o->hash, o->by_skid ? CMS_BY_SKID : 0, &env->sys.diag, &signing);
	return r < 0 ? r : cms_sign(signing, payload, &env->sys.diag, ret);
}

static int read_raw(struct env *env, const char *path, struct buf *ret)
{
	int r = file_read(&env->sys.root, path, RAW_SIGNATURE_MAX, ret);

	if (r < 0)
		report_error(env, "sign.signature-unreadable", "%s: cannot read the signature: %s", path, strerror(-r));
	return r;
}

static int save_message(struct env *env, const char *module, struct span message)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	int r = buf_addf(&path, "%s.p7s", module);

	if (r == 0)
		r = file_generate(&env->sys.root, buf_str(&path), PLACE_NAMED, message, 0644);
	if (r < 0)
		report_error(env, "sign.write", "%s: cannot write: %s", buf_str(&path), strerror(-r));
	return r;
}

/* What open(2) gives a new file, as the kernel's script does. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(022);

	umask(mask);
	return 0666 & ~mask;
}

static int replace_module(struct replacement *file, struct span content)
{
	int r = replacement_begin(file);

	if (r == 0)
		r = replacement_write(file, content);
	if (r == 0)
		r = replacement_settle(file, 0);
	return r < 0 ? r : replacement_commit(file);
}

static int write_signed(struct env *env, const struct sign_file_options *o, struct replacement *file,
			struct span payload, const struct buf *tail)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;
	int r;

	buf_add(&whole, payload.p, payload.n);
	r = buf_add(&whole, tail->p, tail->n);
	if (r == 0)
		r = o->target ? file_output(&env->sys.root, o->target, buf_span(&whole), usual_mode()) :
				replace_module(file, buf_span(&whole));
	if (r < 0)
		report_error(env, "sign.write", "%s: cannot write: %s", o->target ? o->target : o->module,
			     strerror(-r));
	return r;
}

/* The content to sign: without a signature that is there already, which would make the new one useless. */
static struct span without_signature(struct span file)
{
	struct trailer t = trailer_read(file);

	while (t.state == TRAILER_OK) {
		file = t.payload;
		t = trailer_read(file);
	}
	return file;
}

static int sign_module(struct env *env, const struct sign_file_options *o, struct replacement *file,
		       struct span payload)
{
	_cleanup_buf_ struct buf tail = BUF_INIT;
	int r = o->raw ? read_raw(env, o->key, &tail) : make_message(env, o, payload, &tail);

	if (r == 0 && o->save_signature && !o->raw)
		r = save_message(env, o->module, buf_span(&tail));
	if (r < 0 || o->only_signature)
		return r;
	r = sign_add_trailer(&tail, tail.n);
	return r < 0 ? r : write_signed(env, o, file, payload, &tail);
}

/* A module that is to be replaced is opened once, and its content read from there. */
static int read_module(struct env *env, const struct sign_file_options *o, struct replacement *file, struct buf *into)
{
	int r;

	if (o->target || o->only_signature)
		return file_read(&env->sys.root, o->module, MODULE_FILE_MAX, into);
	r = replacement_find(&env->sys.root, o->module, PLACE_NAMED, file);
	if (r == 0 && file->old < 0)
		r = -ENOENT;
	return r < 0 ? r : fd_read(file->old, MODULE_FILE_MAX, into);
}

static int run(struct env *env, const struct sign_file_options *o)
{
	_cleanup_replacement_ struct replacement file = REPLACEMENT_INIT;
	_cleanup_buf_ struct buf content = BUF_INIT;
	int r = read_module(env, o, &file, &content);

	if (r < 0) {
		report_error(env, "sign.unreadable", "%s: %s", o->module, strerror(-r));
		return r;
	}
	if (codec_detect(buf_span(&content)))
		report_warning(env, "sign.compressed",
			       "%s: compressed; the kernel will not find a signature that lies outside "
			       "of the compressed data (kmodctl sign unpacks it)",
			       o->module);
	return sign_module(env, o, &file, without_signature(buf_span(&content)));
}

int cmd_sign_file(struct env *env, int argc, char **argv)
{
	struct sign_file_options o = { 0 };
	int first;

	secret_protect();
	switch (cli_parse(env, &sign_file_cli, argc, argv, &o, &first)) {
	case CLI_DONE:
		return 0;
	case CLI_BAD:
		cli_help(&sign_file_cli, env->tool, env->err);
		return STATUS_USAGE;
	case CLI_GO:
		break;
	}
	if (!take_operands(&o, argc - first, argv + first)) {
		cli_help(&sign_file_cli, env->tool, env->err);
		return STATUS_USAGE;
	}
	return run(env, &o) < 0 ? 1 : 0;
}
