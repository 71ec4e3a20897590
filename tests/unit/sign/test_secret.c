// SPDX-License-Identifier: MIT

/*
 * After a key was made, written, read back encrypted and plain, used and freed, no part of it may be left in this
 * process's memory. The search goes over /proc/self/mem, for the first octets of the private exponent (RSA: of both
 * primes, EC: the scalar) as files have them, and as libcrypto has its numbers: lowest word first, each in the byte
 * order of the machine.
 */
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "act/sign/secret.h"

#define PATTERN 16
#define PATTERNS_MAX 8
#define MASK 0xa5

/* What is searched for, masked: the patterns themselves must not be found. */
struct patterns {
	uint8_t masked[PATTERNS_MAX][PATTERN];
	size_t n;
};

static void remember(struct patterns *p, const uint8_t *bytes)
{
	assert_true(p->n < PATTERNS_MAX);
	for (size_t i = 0; i < PATTERN; i++)
		p->masked[p->n][i] = bytes[i] ^ MASK;
	p->n++;
}

/* The highest words of a number of whole words, as they lie in memory. */
static void remember_words(struct patterns *p, const uint8_t *big)
{
	uint8_t words[PATTERN];

	for (size_t i = 0; i < PATTERN; i += sizeof(BN_ULONG)) {
		BN_ULONG word = 0;

		for (size_t k = 0; k < sizeof(word); k++)
			word = word << 8 | big[i + k];
		memcpy(words + PATTERN - sizeof(word) - i, &word, sizeof(word));
	}
	remember(p, words);
	explicit_bzero(words, sizeof(words));
}

static void remember_number(struct patterns *p, const EVP_PKEY *key, const char *name)
{
	const int word = (int)sizeof(BN_ULONG);
	uint8_t big[1024];
	BIGNUM *number = NULL;
	int n;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	n = BN_bn2bin(number, big);
	assert_true(n >= 2 * PATTERN);
	remember(p, big);
	assert_true(BN_bn2binpad(number, big, (n + word - 1) / word * word) > 0);
	remember_words(p, big);
	explicit_bzero(big, sizeof(big));
	BN_clear_free(number);
}

static bool matches(const uint8_t *at, const uint8_t *masked)
{
	for (size_t i = 0; i < PATTERN; i++)
		if ((at[i] ^ MASK) != masked[i])
			return false;
	return true;
}

static unsigned search_region(const struct patterns *p, const uint8_t *bytes, size_t n)
{
	unsigned found = 0;

	for (size_t at = 0; at + PATTERN <= n; at++)
		for (size_t k = 0; k < p->n; k++)
			found += (bytes[at] ^ MASK) == p->masked[k][0] && matches(bytes + at, p->masked[k]);
	return found;
}

/* Opened before secret_protect(), after which only root can. */
static int mem;

static unsigned search_memory(const struct patterns *p)
{
	FILE *maps = fopen("/proc/self/maps", "re"); /* anew: an emulator's file stays as it was when it was opened */
	unsigned found = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t start, end;
		uint8_t *copy;
		ssize_t n;
		char r, w;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c%c", &start, &end, &r, &w) != 4 || r != 'r' || w != 'w')
			continue;
		copy = malloc(end - start);
		assert_non_null(copy);
		n = pread(mem, copy, end - start, (off_t)start);
		if (n > 0)
			found += search_region(p, copy, (size_t)n);
		explicit_bzero(copy, end - start);
		free(copy);
	}
	fclose(maps);
	return found;
}

/* An emulator may run the program at other addresses than those that it knows. */
static void need_own_memory(void)
{
	static const char known[PATTERN] = "fifteen letters";
	char found[PATTERN] = "";

	if (pread(mem, found, PATTERN, (off_t)(uintptr_t)known) != PATTERN || memcmp(found, known, PATTERN) != 0)
		skip_because("/proc/self/mem does not have this program's addresses");
}

static int give(void *data _unused_, const char *subject _unused_, struct buf *into)
{
	return buf_adds(into, "a passphrase");
}

static void write_key(const struct key_pair *pair, const char *dir, bool encrypted)
{
	_cleanup_secret_ struct buf pem = BUF_INIT, phrase = BUF_INIT;
	char path[4096];
	int fd;

	assert_int_equal(secret_init(&pem), 0);
	assert_int_equal(secret_init(&phrase), 0);
	assert_int_equal(give(NULL, NULL, &phrase), 0);
	assert_int_equal(key_write(pair->key, encrypted ? &phrase : NULL, &pem), 0);
	snprintf(path, sizeof(path), "%s/%s", dir, encrypted ? "encrypted" : "plain");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, pem.p, pem.n), pem.n);
	close(fd);
}

static void use_key(const char *dir, const char *name, const struct cert *cert)
{
	const struct key_passphrase source = { give, NULL };
	const struct root root = { .prefix = dir };
	_cleanup_buf_ struct buf message = BUF_INIT;
	struct cms_signing *signing;
	struct key *key;

	assert_int_equal(key_load(&root, name, &source, NULL, &key), 0);
	assert_int_equal(cms_signing_new(key, cert, NULL, "sha256", 0, NULL, &signing), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(cms_sign(signing, span_of_str("payload"), NULL, &message), 0);
	cms_signing_free(signing);
	key_free(key);
}

/* AddressSanitizer maps terabytes for itself and keeps what is freed: there is nothing to be learnt under it. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0
#endif

static void nothing_is_left(const char *type, const char *const *numbers)
{
	if (UNDER_SANITIZER)
		skip_because("the sanitizer keeps what is freed");
	need_own_memory();
	struct key_pair pair = make_pair(type, "secret");
	struct patterns patterns = { .n = 0 };
	char *dir = unit_mkdtemp();

	for (; *numbers; numbers++)
		remember_number(&patterns, key_private(pair.key), *numbers);
	assert_true(search_memory(&patterns) > 0); /* or the search itself does not work */
	write_key(&pair, dir, false);
	write_key(&pair, dir, true);
	key_free(take_ptr(pair.key));
	use_key(dir, "/plain", pair.cert);
	use_key(dir, "/encrypted", pair.cert);
	key_pair_done(&pair);
	assert_int_equal(search_memory(&patterns), 0);
	unit_rmdir(dir);
}

static void no_rsa_key_is_left(void **state _unused_)
{
	static const char *const numbers[] = { OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
					       OSSL_PKEY_PARAM_RSA_FACTOR2, NULL };

	nothing_is_left("rsa2048", numbers);
}

static void no_ec_key_is_left(void **state _unused_)
{
	static const char *const numbers[] = { OSSL_PKEY_PARAM_PRIV_KEY, NULL };

	nothing_is_left("p384", numbers);
}

/* Read where it was, by the kernel: far from the front of the buffer, where freeing it writes pointers. */
static void no_passphrase_is_left(void **state _unused_)
{
	_cleanup_free_ char *behind = NULL; /* keeps the freed memory from going back to the system */
	char found[PATTERN] = "";
	struct buf b;
	off_t at;

	need_own_memory();
	assert_int_equal(secret_init(&b), 0);
	behind = malloc(64);
	memcpy(b.p + SECRET_MAX / 2, "a secret phrase", PATTERN);
	at = (off_t)(uintptr_t)(b.p + SECRET_MAX / 2);
	assert_int_equal(pread(mem, found, PATTERN, at), PATTERN);
	assert_string_equal(found, "a secret phrase");
	secret_done(&b);
	assert_int_equal(pread(mem, found, PATTERN, at), PATTERN);
	assert_string_not_equal(found, "a secret phrase");
}

/* libcrypto grows its buffers as it reads a key: where they were, nothing may stay. */
static void nothing_is_left_where_memory_grew(void **state _unused_)
{
	char found[PATTERN] = "", *p = OPENSSL_malloc(512), *fence = OPENSSL_malloc(64), *grown;
	off_t at = (off_t)(uintptr_t)(p + 256);

	need_own_memory();
	memcpy(p + 256, "a secret phrase", PATTERN);
	grown = OPENSSL_realloc(p, 4096);
	assert_non_null(grown);
	assert_string_equal(grown + 256, "a secret phrase");
	assert_int_equal(pread(mem, found, PATTERN, at), PATTERN);
	assert_string_not_equal(found, "a secret phrase");
	OPENSSL_free(grown);
	OPENSSL_free(fence);
}

static void a_file_that_is_too_long_is_no_secret(void **state)
{
	static const char text[SECRET_MAX + 1];
	const struct root root = { .prefix = *state };
	struct buf b;

	for (size_t n = SECRET_MAX; n <= SECRET_MAX + 1; n++) {
		unit_write(*state, "f", text, n);
		assert_int_equal(secret_init(&b), 0);
		assert_int_equal(secret_read(&root, "/f", &b), n > SECRET_MAX ? -EFBIG : 0);
		secret_done(&b);
	}
}

static void no_core_is_written(void **state _unused_)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rsa_key_is_left),
		cmocka_unit_test(no_ec_key_is_left),
		cmocka_unit_test(no_passphrase_is_left),
		cmocka_unit_test(nothing_is_left_where_memory_grew),
		unit_test_in_dir(a_file_that_is_too_long_is_no_secret),
		cmocka_unit_test(no_core_is_written),
	};

	const struct rlimit some_core = { 1, 1 };

	mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	setrlimit(RLIMIT_CORE, &some_core);
	if (mem < 0 || !secret_protect())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
