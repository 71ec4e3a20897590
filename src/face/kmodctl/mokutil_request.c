// SPDX-License-Identifier: MIT
/* mokutil: testing keys, and requests to shim's MokManager. */
#include <errno.h>
#include <string.h>

#include "act/sign/cert.h"
#include "base/fileio.h"
#include "base/oom.h"
#include "base/num.h"
#include "face/common/prompt.h"
#include "face/common/say.h"
#include "face/kmodctl/mokutil.h"
#include "verb/mok/batch.h"
#include "verb/mok/standing.h"

/* ---- keys ---- */

#define SEVERAL "%s contains several certificates; give each in a file of its own (kmodctl mok import takes them all)"

/* -EBADMSG: not a certificate in DER. -E2BIG: several; a request holds one in each of its entries. */
static int load_der(struct mokutil *m, const char *path, struct cert **ret)
{
	_cleanup_(cert_free_p) struct cert *first = NULL, *second = NULL;
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	struct span rest;
	int r = file_read(&m->env->sys.root, path, 1 << 20, &bytes);

	if (r < 0)
		return r;
	rest = buf_span(&bytes);
	if (bytes.n == 0 || bytes.p[0] != 0x30 || cert_next(&rest, path, &first) <= 0)
		return -EBADMSG;
	if (cert_next(&rest, path, &second) > 0)
		return -E2BIG;
	*ret = take_ptr(first);
	return 0;
}

/* Where the key is already, and (unless --no-ca-check) its issuer. 0 or -errno, reported. */
static int look_up(const struct mokutil *m, const struct mok_search *search, const struct cert *cert,
		   enum mok_standing *standing, enum mok_ca *ca)
{
	int r = mok_find(search, cert, standing);

	if (r == 0 && m->ca_check)
		r = mok_find_ca(search, cert, ca);
	if (r < 0)
		say(m->env->err, "Failed to read the lists of keys: %s\n", strerror(-r));
	return r;
}

int mokutil_test_key(struct mokutil *m)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	const struct mok_search search = { &m->env->sys, m->list, m->ignore_keyring };
	enum mok_standing standing;
	enum mok_ca ca = MOK_CA_NONE;
	int r = load_der(m, m->argument, &cert);

	if (r < 0) {
		if (r == -EBADMSG)
			fputs("Not a valid x509 certificate\n", m->env->err);
		else if (r == -E2BIG)
			say(m->env->err, SEVERAL "\n", m->argument);
		else
			say(m->env->err, "Failed to open %s\n", m->argument);
		return EXIT_FAILED;
	}
	if (look_up(m, &search, cert, &standing, &ca) < 0)
		return EXIT_FAILED;
	if (standing == MOK_ABSENT && ca != MOK_CA_NONE) {
		say(m->env->err, "CA of %s is %s\n", m->argument,
		    ca == MOK_CA_ENROLLED ? "already enrolled" : "blocked");
		return EXIT_FAILED;
	}
	say(m->env->out, "%s is %s\n", m->argument, mok_standing_text(standing, m->list));
	return standing != MOK_ABSENT;
}

/* Why a key is left out of a request to enroll it; "" when it is not. */
static int skip_enrollment(struct mokutil *m, const char *file, const struct cert *cert, bool *ret)
{
	const struct mok_search search = { &m->env->sys, m->list, m->ignore_keyring };
	enum mok_standing standing;
	enum mok_ca ca = MOK_CA_NONE;
	int r = look_up(m, &search, cert, &standing, &ca);

	if (r < 0)
		return r;
	*ret = standing != MOK_ABSENT || ca != MOK_CA_NONE;
	if (standing != MOK_ABSENT)
		say(m->env->out, "SKIP: %s is %s\n", file, mok_standing_text(standing, m->list));
	else if (ca != MOK_CA_NONE)
		say(m->env->out, "CA %s. Skip %s\n", ca == MOK_CA_ENROLLED ? "enrolled" : "blocked", file);
	return 0;
}

static int skip_deletion(struct mokutil *m, const char *file, const struct cert *cert, bool *ret)
{
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	int r = mok_enrolled(&m->env->sys.root, m->list, &enrolled);

	if (r == 0)
		r = siglist_contains(buf_span(&enrolled), SIGLIST_X509, cert_der(cert));
	*ret = r <= 0;
	if (*ret)
		say(m->env->out, "SKIP: %s is not in %s\n", file, m->list == MOK_KEYS ? "MokList" : "MokListX");
	return only_oom(r);
}

static void tell_done(struct mokutil *m, const char *file, enum mok_action action, enum mok_done done)
{
	enum mok_action opposite = action == MOK_ENROLL ? MOK_DELETE : MOK_ENROLL;

	if (done == MOK_REVERSED)
		say(m->env->out, "Removed %s from %s\n", file, mok_names(m->list, opposite)->list);
	else if (done == MOK_SKIPPED)
		say(m->env->out, "SKIP: %s is already in the %s%s request\n", file, m->list == MOK_KEYS ? "" : "MokX ",
		    action == MOK_ENROLL ? "enrollment" : "deletion");
}

/*
 * The opposite request goes first: a key that waits to be deleted is enrolled, and one that waits to be enrolled is
 * not.
 */
static int has_opposite(struct mokutil *m, enum mok_action action, const struct cert *cert)
{
	_cleanup_buf_ struct buf pending = BUF_INIT;
	enum mok_action opposite = action == MOK_ENROLL ? MOK_DELETE : MOK_ENROLL;

	return mok_pending(&m->env->sys.root, m->list, opposite, &pending) == 0 &&
	       siglist_contains(buf_span(&pending), SIGLIST_X509, cert_der(cert)) > 0;
}

static int add_file(struct mokutil *m, struct mok_batch *b, const char *file)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	enum mok_done done;
	bool skip = false;
	int r = load_der(m, file, &cert);

	if (r == -EBADMSG)
		say(m->env->err, "Abort!!! %s is not a valid x509 certificate in DER format\n", file);
	else if (r == -E2BIG)
		say(m->env->err, "Abort!!! " SEVERAL "\n", file);
	else if (r < 0)
		say(m->env->err, "Failed to get file status, %s\n", file);
	if (r == 0 && !has_opposite(m, b->action, cert))
		r = b->action == MOK_ENROLL ? skip_enrollment(m, file, cert, &skip) :
					      skip_deletion(m, file, cert, &skip);
	if (r < 0 || skip)
		return r;
	r = mok_batch_add(b, SIGLIST_X509, cert_der(cert), &done);
	if (r == 0)
		tell_done(m, file, b->action, done);
	return r;
}

static int commit(struct mokutil *m, struct mok_batch *b)
{
	uint8_t record[MOKPW_RECORD];

	if (b->n == 0)
		return 0;
	if (mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_FAILED;
	return mok_batch_commit(b, record) < 0 ? EXIT_FAILED : 0;
}

int mokutil_request_keys(struct mokutil *m)
{
	_cleanup_mok_batch_ struct mok_batch b = { .sys = &m->env->sys,
						   .list = m->list,
						   .action = (enum mok_action)m->verb->value };

	for (int i = 0; i < m->n_files; i++)
		if (add_file(m, &b, m->files[i]) < 0)
			return EXIT_FAILED;
	return commit(m, &b);
}

/* ---- hashes ---- */

static int parse_hash(const char *text, uint8_t *ret, size_t cap, size_t *ret_n)
{
	size_t n = strlen(text) / 2;

	if (strlen(text) % 2 || n > cap || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };

		ret[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*ret_n = n;
	return 0;
}

/* Already enrolled (for a request to enroll it), or not enrolled (to delete it). */
static bool skip_hash(struct mokutil *m, enum siglist_type type, struct span hash)
{
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	bool in = mok_enrolled(&m->env->sys.root, m->list, &enrolled) == 0 &&
		  siglist_contains(buf_span(&enrolled), type, hash) > 0;

	return m->verb->value == MOK_ENROLL ? in : !in;
}

int mokutil_request_hash(struct mokutil *m)
{
	_cleanup_mok_batch_ struct mok_batch b = { .sys = &m->env->sys,
						   .list = m->list,
						   .action = (enum mok_action)m->verb->value };
	enum siglist_type type;
	enum mok_done done;
	uint8_t hash[64];
	size_t n;

	if (parse_hash(m->argument, hash, sizeof(hash), &n) < 0 || !siglist_hash_type(n, &type) ||
	    type == SIGLIST_SHA1) {
		say(m->env->err, "\"%s\" is not a SHA-224, SHA-256, SHA-384 or SHA-512 hash\n", m->argument);
		return EXIT_FAILED;
	}
	if (skip_hash(m, type, span_of(hash, n))) {
		fputs("Skip hash\n", m->env->out);
		return 0;
	}
	if (mok_batch_add(&b, type, span_of(hash, n), &done) < 0)
		return EXIT_FAILED;
	if (done == MOK_SKIPPED)
		fputs("Skip hash\n", m->env->out);
	return commit(m, &b);
}

/* ---- other requests ---- */

int mokutil_revoke_request(struct mokutil *m)
{
	return mok_revoke(&m->env->sys.root, &m->env->sys.diag, m->list, (enum mok_action)m->verb->value) < 0 ?
		       EXIT_FAILED :
		       0;
}

int mokutil_reset(struct mokutil *m)
{
	uint8_t record[MOKPW_RECORD];

	if (mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_FAILED;
	return mok_request(&m->env->sys.root, &m->env->sys.diag, m->list, MOK_ENROLL, span_of(NULL, 0), record) < 0 ?
		       EXIT_FAILED :
		       0;
}

int mokutil_set_password(struct mokutil *m)
{
	uint8_t record[MOKPW_RECORD];

	if (m->verb->value && mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_FAILED;
	return mok_password(&m->env->sys.root, &m->env->sys.diag, m->verb->value ? record : NULL) < 0 ? EXIT_FAILED : 0;
}

/* value: 2 * which + on */
int mokutil_toggle(struct mokutil *m)
{
	char password[MOKPW_SWITCH_MAX + 1];
	int r;

	say(m->env->out, "password length: %d~%d\n", MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX);
	if (prompt_password(m->env, MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX, password) < 0) {
		fputs("Abort\n", m->env->err);
		return EXIT_FAILED;
	}
	r = mok_switch(&m->env->sys.root, &m->env->sys.diag, (enum mok_switch)(m->verb->value / 2), m->verb->value % 2,
		       password);
	explicit_bzero(password, sizeof(password));
	return r < 0 ? EXIT_FAILED : 0;
}

int mokutil_generate_hash(struct mokutil *m)
{
	char password[MOKPW_MAX + 2], crypted[384];
	int r = 0;

	if (m->argument)
		snprintf(password, sizeof(password), "%s", m->argument);
	else
		r = prompt_password(m->env, MOKPW_MIN, MOKPW_MAX, password);
	if (r == 0)
		r = mokpw_crypt(password, crypted, sizeof(crypted));
	explicit_bzero(password, sizeof(password));
	if (r < 0) {
		fputs(m->argument ? "invalid password length\n" : "Abort\n", m->env->err);
		return EXIT_FAILED;
	}
	say(m->env->out, "%s\n", crypted);
	return 0;
}

int mokutil_set_timeout(struct mokutil *m)
{
	int64_t seconds;

	if (parse_i64(m->argument, 0, &seconds) < 0 || seconds < -1 || seconds > 0x7fff) {
		say(m->env->err, "\"%s\" is not a number of seconds from -1 to 32767\n", m->argument);
		return EXIT_FAILED;
	}
	return mok_timeout(&m->env->sys.root, &m->env->sys.diag, (int32_t)seconds) < 0 ? EXIT_FAILED : 0;
}

int mokutil_set_flag(struct mokutil *m)
{
	static const char *const names[] = { "SHIM_VERBOSE", "FALLBACK_VERBOSE", "FB_NO_REBOOT" };
	bool on = m->word == 0;

	return mok_set(&m->env->sys.root, &m->env->sys.diag, names[m->verb->value], span_of("\1", on)) < 0 ?
		       EXIT_FAILED :
		       0;
}

int mokutil_set_policy(struct mokutil *m)
{
	static const char *const names[] = { "SbatPolicy", "SSPPolicy" };
	uint8_t value = m->word == MOKUTIL_PREVIOUS ? MOKUTIL_AUTOMATIC + 1 : m->word + 1;

	return mok_set(&m->env->sys.root, &m->env->sys.diag, names[m->verb->value], span_of(&value, 1)) < 0 ?
		       EXIT_FAILED :
		       0;
}
