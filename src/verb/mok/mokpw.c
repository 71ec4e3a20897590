// SPDX-License-Identifier: MIT
#include "verb/mok/mokpw.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/num.h"

#define SALT_AT 12
#define SALT_MAX 32
#define HASH_AT (SALT_AT + SALT_MAX)
#define DEFAULT_ROUNDS 5000

/* crypt(5)'s digits, and how the digest's bytes are shuffled over them: groups of three bytes, four digits each. */
static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static const uint8_t order_sha256[] = { 0,  10, 20, 21, 1,  11, 12, 22, 2,  3,  13, 23, 24, 4,  14, 15,
					25, 5,  6,  16, 26, 27, 7,  17, 18, 28, 8,  9,  19, 29, 31, 30 };
static const uint8_t order_sha512[] = { 0,  21, 42, 22, 43, 1,  44, 2,  23, 3,  24, 45, 25, 46, 4,  47,
					5,  26, 6,  27, 48, 28, 49, 7,  50, 8,  29, 9,  30, 51, 31, 52,
					10, 53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57,
					37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41, 63 };

struct sha_form {
	enum mokpw_method method;
	char prefix;
	const uint8_t *order;
	size_t n;
};

static const struct sha_form sha_forms[] = {
	{ MOKPW_SHA256, '5', order_sha256, sizeof(order_sha256) },
	{ MOKPW_SHA512, '6', order_sha512, sizeof(order_sha512) },
};

/* Bits of the next n digits, least significant first. */
static int take_digits(const char **s, unsigned n, uint32_t *ret)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < n; i++, (*s)++) {
		const char *at = **s ? strchr(digits, **s) : NULL;

		if (!at)
			return -EBADMSG;
		v |= (uint32_t)(at - digits) << (6 * i);
	}
	*ret = v;
	return 0;
}

/* The digest behind the text form. order lists its bytes, the most significant of each group first. */
static int decode_digest(const struct sha_form *f, const char *text, uint8_t *hash)
{
	size_t i = 0;
	uint32_t v;

	while (i < f->n) {
		size_t group = f->n - i < 3 ? f->n - i : 3;

		if (take_digits(&text, group == 3 ? 4 : group + 1, &v) < 0)
			return -EBADMSG;
		for (size_t k = 0; k < group; k++)
			hash[f->order[i + k]] = (uint8_t)(v >> (8 * (group - 1 - k)));
		i += group;
	}
	return *text ? -EBADMSG : 0;
}

static void put_head(uint8_t *record, enum mokpw_method method, uint64_t rounds, const char *salt, size_t salt_len)
{
	memset(record, 0, MOKPW_RECORD);
	record[0] = (uint8_t)method;
	store_le32(record + 2, (uint32_t)rounds);
	store_le32(record + 6, (uint32_t)(rounds >> 32));
	record[10] = (uint8_t)salt_len;
	memcpy(record + SALT_AT, salt, salt_len);
}

/* "rounds=N$" or nothing */
static int take_rounds(const char **s, uint64_t *ret)
{
	static const char word[] = "rounds=";
	char number[24];
	size_t n;

	*ret = DEFAULT_ROUNDS;
	if (strncmp(*s, word, strlen(word)) != 0)
		return 0;
	*s += strlen(word);
	n = strcspn(*s, "$");
	if (n >= sizeof(number) || (*s)[n] != '$')
		return -EBADMSG;
	memcpy(number, *s, n);
	number[n] = '\0';
	*s += n + 1;
	return parse_u64(number, 10, ret) < 0 ? -EBADMSG : 0;
}

static int record_sha(const struct sha_form *f, const char *s, uint8_t *ret)
{
	uint8_t record[MOKPW_RECORD];
	uint64_t rounds;
	size_t salt_len;

	if (take_rounds(&s, &rounds) < 0)
		return -EBADMSG;
	salt_len = strcspn(s, "$");
	if (s[salt_len] != '$' || salt_len == 0 || salt_len > 16)
		return -EBADMSG;
	put_head(record, f->method, rounds, s, salt_len);
	if (decode_digest(f, s + salt_len + 1, record + HASH_AT) < 0)
		return -EBADMSG;
	memcpy(ret, record, MOKPW_RECORD);
	return 0;
}

/* "$2y$05$" + 22 salt characters, NUL included in the salt; then 31 characters as they are. */
static int record_blowfish(const char *s, uint8_t *ret)
{
	enum { prefix = 29, hash = 31 };

	if (strlen(s) != prefix + hash)
		return -EBADMSG;
	put_head(ret, MOKPW_BLOWFISH, 0, s, prefix);
	ret[10] = prefix + 1;
	memcpy(ret + HASH_AT, s + prefix, hash);
	return 0;
}

int mokpw_record(const char *crypted, uint8_t ret[MOKPW_RECORD])
{
	for (size_t i = 0; i < ELEMENTSOF(sha_forms); i++)
		if (crypted[0] == '$' && crypted[1] == sha_forms[i].prefix && crypted[2] == '$')
			return record_sha(&sha_forms[i], crypted + 3, ret);
	if (strncmp(crypted, "$2", 2) == 0)
		return record_blowfish(crypted, ret);
	return -ENOTSUP;
}

static int crypt_with(const char *password, const char *setting, char *ret, size_t cap)
{
	_cleanup_free_ struct crypt_data *data = calloc(1, sizeof(*data));
	const char *text;
	int r = -EINVAL;

	if (!data)
		return -ENOMEM;
	text = crypt_r(password, setting, data);
	if (text && text[0] != '*' && strlen(text) < cap) {
		memcpy(ret, text, strlen(text) + 1);
		r = 0;
	}
	explicit_bzero(data, sizeof(*data));
	return r;
}

int mokpw_is(const char *crypted, const char *password)
{
	char again[CRYPT_OUTPUT_SIZE];
	int r = crypt_with(password, crypted, again, sizeof(again));

	return r == -ENOMEM ? r : r == 0 && strcmp(again, crypted) == 0;
}

/* n characters of the set, each equally likely. */
static int random_chars(const char *set, size_t n, char *ret)
{
	size_t m = strlen(set), limit = 256 - 256 % m;

	for (size_t i = 0; i < n;) {
		uint8_t b;

		if (getrandom(&b, 1, 0) != 1)
			return -EIO;
		if (b < limit)
			ret[i++] = set[b % m];
	}
	ret[n] = '\0';
	return 0;
}

int mokpw_crypt(const char *password, char *ret, size_t cap)
{
	char salt[17], setting[32];
	size_t n = strlen(password);
	int r;

	if (n < MOKPW_MIN || n > MOKPW_MAX)
		return -ERANGE;
	r = random_chars(digits, 16, salt);
	if (r < 0)
		return r;
	snprintf(setting, sizeof(setting), "$6$%s", salt);
	return crypt_with(password, setting, ret, cap);
}

bool mokpw_is_typable(const char *password)
{
	while (*password >= ' ' && *password <= '~')
		password++;
	return *password == '\0';
}

int mokpw_switch(uint32_t state, const char *password, uint8_t ret[MOKPW_SWITCH])
{
	size_t n = strlen(password);

	if (n < MOKPW_SWITCH_MIN || n > MOKPW_SWITCH_MAX)
		return -ERANGE;
	if (!mokpw_is_typable(password))
		return -EILSEQ;
	memset(ret, 0, MOKPW_SWITCH);
	store_le32(ret, state);
	store_le32(ret + 4, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		ret[8 + 2 * i] = (uint8_t)password[i];
	return 0;
}

/* q a z w y m and all digits and signs move between the three layouts. */
static const char same_keys[] = "bcdefghijklnoprstuvx";

int mokpw_suggest(char ret[MOKPW_SUGGESTED + 1])
{
	return random_chars(same_keys, MOKPW_SUGGESTED, ret);
}
