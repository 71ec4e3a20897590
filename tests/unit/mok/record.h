/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether a password record is that of a password: it is made again, by its own method, rounds and salt. */

#include "../unit.h"

#include <crypt.h>

#include "base/num.h"
#include "verb/mok/mokpw.h"

static inline _unused_ bool record_is_of(const uint8_t record[MOKPW_RECORD], const char *password)
{
	enum { SALT_AT = 12, HASH_AT = 44 };
	unsigned method = load_le16(record), salt_len = load_le16(record + 10);
	_cleanup_free_ struct crypt_data *data = calloc(1, sizeof(*data));
	const char *salt = (const char *)record + SALT_AT;
	uint8_t again[MOKPW_RECORD];
	char setting[192];

	if (method == MOKPW_BLOWFISH)
		snprintf(setting, sizeof(setting), "%s", salt);
	else
		snprintf(setting, sizeof(setting), "$%d$rounds=%llu$%.*s", method == MOKPW_SHA256 ? 5 : 6,
			 (unsigned long long)load_le64(record + 2), (int)salt_len, salt);
	assert_non_null(crypt_r(password, setting, data));
	assert_int_equal(mokpw_record(data->output, again), 0);
	return memcmp(again + HASH_AT, record + HASH_AT, MOKPW_RECORD - HASH_AT) == 0;
}
