// SPDX-License-Identifier: MIT
#include "pair.h"

#include "act/sign/secret.h"

struct answers {
	const char *text;
	unsigned asked;
};

static int give(void *data, const char *subject _unused_, struct buf *into)
{
	struct answers *a = data;

	a->asked++;
	return a->text ? buf_adds(into, a->text) : -ENOKEY;
}

/* Writes the key of pair to dir/key, encrypted if phrase is not NULL. */
static char *store(const struct key_pair *pair, const char *dir, const char *phrase)
{
	_cleanup_secret_ struct buf pem = BUF_INIT, secret = BUF_INIT;
	char *path;

	assert_int_equal(secret_init(&pem), 0);
	assert_int_equal(secret_init(&secret), 0);
	if (phrase)
		assert_int_equal(buf_adds(&secret, phrase), 0);
	assert_int_equal(key_write(pair->key, phrase ? &secret : NULL, &pem), 0);
	unit_write(dir, "key", pem.p, pem.n);
	assert_true(asprintf(&path, "%s/key", dir) > 0);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

static int load(const char *path, struct answers *a, struct heard *h, struct key **ret)
{
	const struct key_passphrase source = { give, a };
	const struct root root = ROOT_REAL;

	heard_init(h);
	return key_load(&root, path, &source, &h->diag, ret);
}

static void every_type_signs_for_its_certificate(void **state _unused_)
{
	static const char *const types[] = { "rsa2048", "p256", "p384", "p521" };

	for (size_t i = 0; i < ELEMENTSOF(types); i++) {
		_cleanup_(key_pair_done) struct key_pair pair = make_pair(types[i], "one");

		assert_true(key_matches(pair.key, pair.cert));
	}
}

static void a_written_key_loads(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_(key_free_p) struct key *key = NULL;
	struct answers a = { 0 };
	char *dir = unit_mkdtemp();
	_cleanup_free_ char *path = store(&pair, dir, NULL);
	struct heard h;

	assert_int_equal(load(path, &a, &h, &key), 0);
	assert_true(key_matches(key, pair.cert));
	assert_int_equal(a.asked, 0);
	assert_int_equal(h.n, 0);
	unit_rmdir(dir);
}

static void an_encrypted_key_asks(void **state _unused_)
{
	static const struct {
		const char *phrase;
		int result;
		const char *code;
	} cases[] = { { "secret", 0, "" },
		      { "wrong", -EKEYREJECTED, "sign.key-passphrase" },
		      { NULL, -ENOKEY, "sign.key-locked" } };
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	char *dir = unit_mkdtemp();
	_cleanup_free_ char *path = store(&pair, dir, "secret");

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_(key_free_p) struct key *key = NULL;
		struct answers a = { .text = cases[i].phrase };
		struct heard h;

		assert_int_equal(load(path, &a, &h, &key), cases[i].result);
		assert_string_equal(h.code, cases[i].code);
		assert_true(a.asked > 0);
	}
	unit_rmdir(dir);
}

static void a_key_that_others_may_read_is_warned_of(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_(key_free_p) struct key *key = NULL;
	struct answers a = { 0 };
	char *dir = unit_mkdtemp();
	_cleanup_free_ char *path = store(&pair, dir, NULL);
	struct heard h;

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(load(path, &a, &h, &key), 0);
	assert_string_equal(h.code, "sign.key-readable");
	unit_rmdir(dir);
}

static void what_is_no_key_is_told(void **state _unused_)
{
	struct answers a = { 0 };
	struct key *key = NULL;
	char *dir = unit_mkdtemp(), path[4096];
	struct heard h;

	unit_puts(dir, "key", "not a key");
	snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(load(path, &a, &h, &key), -EBADMSG);
	assert_string_equal(h.code, "sign.key-bad");
	snprintf(path, sizeof(path), "%s/absent", dir);
	assert_int_equal(load(path, &a, &h, &key), -ENOENT);
	assert_string_equal(h.code, "sign.key-unreadable");
	assert_null(key);
	unit_rmdir(dir);
}

static void unknown_types_are_told(void **state _unused_)
{
	const struct key_request request = { .type = "dsa1024", .common_name = "x", .days = 1 };
	struct key_pair pair;
	struct heard h;

	heard_init(&h);
	assert_int_equal(key_generate(&request, &h.diag, &pair), -EINVAL);
	assert_string_equal(h.code, "sign.generate-type");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_signs_for_its_certificate),
		cmocka_unit_test(a_written_key_loads),
		cmocka_unit_test(an_encrypted_key_asks),
		cmocka_unit_test(a_key_that_others_may_read_is_warned_of),
		cmocka_unit_test(what_is_no_key_is_told),
		cmocka_unit_test(unknown_types_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
