// SPDX-License-Identifier: MIT
/* Where the password of a request comes from: typed, a file with a hash, root's line in /etc/shadow. */
#include "record.h"

#include <crypt.h>
#include <errno.h>

#include "base/buf.h"
#include "verb/mok/password.h"

struct bench {
	struct sys sys;
	struct buf messages; /* codes */
	struct mok_secret secret;
	const char *typed;
	int asked;
};

static void collect(void *data, const struct diag_msg *msg)
{
	struct bench *b = data;

	buf_addf(&b->messages, "%s ", msg->code);
}

static int choose(void *data, size_t min, size_t max, char *ret)
{
	struct bench *b = data;

	assert_int_equal(min, MOKPW_MIN);
	assert_int_equal(max, MOKPW_MAX);
	b->asked++;
	if (!b->typed)
		return -ECANCELED;
	snprintf(ret, max + 2, "%s", b->typed);
	return 0;
}

static int answer(void *data, const char *note, const char *prompt, char *ret, size_t cap)
{
	struct bench *b = data;

	assert_true(*note && *prompt);
	b->asked++;
	snprintf(ret, cap, "%s", b->typed);
	return 0;
}

static void bench_open(struct bench *b, const char *dir)
{
	*b = (struct bench){
		.sys = { .root = { .prefix = dir }, .diag = { collect, b, LOG_ERR } },
		.secret = { .choose = choose, .answer = answer, .data = b },
	};
}

static int record(struct bench *b, uint8_t ret[MOKPW_RECORD])
{
	return mok_record(&b->sys, &b->secret, ret);
}

static void assert_password(const uint8_t *made, const char *password)
{
	assert_true(record_is_of(made, password));
	assert_false(record_is_of(made, "another"));
}

static void a_typed_password(void **state)
{
	uint8_t made[MOKPW_RECORD];
	struct bench b;

	bench_open(&b, *state);
	b.typed = "typed by hand";
	assert_int_equal(record(&b, made), 0);
	assert_password(made, "typed by hand");
	b.typed = NULL;
	assert_int_equal(record(&b, made), -ECANCELED);
	assert_int_equal(b.asked, 2);
	buf_done(&b.messages);
}

/* crypt(3) text of a password by a method of this prefix. */
static void hash_of(const char *prefix, const char *password, char *ret, size_t cap)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data data = { 0 };

	assert_non_null(crypt_gensalt_rn(prefix, 0, NULL, 0, setting, sizeof(setting)));
	snprintf(ret, cap, "%s", crypt_r(password, setting, &data));
	assert_int_not_equal(ret[0], '*');
}

static void put_hash(const char *dir, const char *name, const char *before, const char *prefix, const char *behind)
{
	char hash[CRYPT_OUTPUT_SIZE], text[CRYPT_OUTPUT_SIZE + 128];

	hash_of(prefix, "of root", hash, sizeof(hash));
	snprintf(text, sizeof(text), "%s%s%s\n", before, hash, behind);
	unit_puts(dir, name, text);
}

static void a_file_with_a_hash(void **state)
{
	uint8_t made[MOKPW_RECORD];
	struct bench b;

	bench_open(&b, *state);
	b.secret.hash_file = "/hash";
	assert_int_equal(record(&b, made), -ENOENT);
	put_hash(*state, "hash", "", "$6$", "");
	assert_int_equal(record(&b, made), 0);
	assert_password(made, "of root");
	put_hash(*state, "hash", "", "$y$", "");
	assert_int_equal(record(&b, made), -ENOTSUP);
	unit_puts(*state, "hash", "$6$no-hash\n");
	assert_int_equal(record(&b, made), -EBADMSG);
	assert_string_equal(buf_str(&b.messages), "mok.hash-file mok.hash-method mok.hash-damaged ");
	assert_int_equal(b.asked, 0);
	buf_done(&b.messages);
}

static void root_whose_hash_mokmanager_knows(void **state)
{
	uint8_t made[MOKPW_RECORD];
	struct bench b;

	bench_open(&b, *state);
	b.secret.root_password = true;
	put_hash(*state, "etc/shadow", "daemon:*:19000:0:99999:7:::\nroot:", "$6$", ":19000:0:99999:7:::");
	assert_int_equal(record(&b, made), 0);
	assert_password(made, "of root");
	assert_int_equal(b.asked, 0);
	buf_done(&b.messages);
}

/* yescrypt: the password is needed once, and must be root's. */
static void root_whose_hash_it_does_not_know(void **state)
{
	uint8_t made[MOKPW_RECORD];
	struct bench b;

	bench_open(&b, *state);
	b.secret.root_password = true;
	put_hash(*state, "etc/shadow", "root:", "$y$", ":19000:0:99999:7:::");
	b.typed = "of root";
	assert_int_equal(record(&b, made), 0);
	assert_password(made, "of root");
	b.typed = "a guess";
	assert_int_equal(record(&b, made), -EACCES);
	assert_string_equal(buf_str(&b.messages), "mok.root-password ");
	assert_int_equal(b.asked, 2);
	buf_done(&b.messages);
}

static void root_without_a_password(void **state)
{
	static const char *const lines[] = { "root:*:19000::::::\n", "root:!$6$locked:1::::::\n", "root::1::::::\n",
					     "root", "" };
	uint8_t made[MOKPW_RECORD];
	struct bench b;

	bench_open(&b, *state);
	b.secret.root_password = true;
	assert_int_equal(record(&b, made), -ENOENT);
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		unit_puts(*state, "etc/shadow", lines[i]);
		assert_int_equal(record(&b, made), -ENODATA);
	}
	assert_non_null(strstr(buf_str(&b.messages), "mok.no-root-password "));
	buf_done(&b.messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(a_typed_password),
		unit_test_in_dir(a_file_with_a_hash),
		unit_test_in_dir(root_whose_hash_mokmanager_knows),
		unit_test_in_dir(root_whose_hash_it_does_not_know),
		unit_test_in_dir(root_without_a_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
