/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The password record that MokManager checks a typed password against (shim's PASSWORD_CRYPT, 172 bytes, little
 * endian, packed): u16 method, u64 rounds, u16 salt length, salt[32], hash[128].
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOKPW_RECORD 172
#define MOKPW_MIN 1
#define MOKPW_MAX 256

enum mokpw_method {
	MOKPW_DES = 0,
	MOKPW_BSDI = 1,
	MOKPW_MD5 = 2,
	MOKPW_SHA256 = 3,
	MOKPW_SHA512 = 4,
	MOKPW_BLOWFISH = 5,
};

/*
 * crypt(5) text of a password: "$6$" with a random salt of 16 characters. The password itself is not kept.
 * -ERANGE: not 1 to 256 characters. -EINVAL: crypt(3) refused.
 */
int mokpw_crypt(const char *password, char *ret, size_t cap);

/* Can it be typed on a US keyboard, the only one that firmware has? */
bool mokpw_is_typable(const char *password);

/*
 * The record of a crypt(5) text: $5$, $6$ (with or without rounds=), $2a$, $2b$, $2y$. -ENOTSUP: a method that
 * MokManager does not have (yescrypt, gost) or that is too weak to be used here (DES, MD5). -EBADMSG: damaged text.
 */
int mokpw_record(const char *crypted, uint8_t ret[MOKPW_RECORD]);

/* 1: the password matches this crypt(5) text, of any method; 0: it does not; -ENOMEM. */
int mokpw_is(const char *crypted, const char *password);

/*
 * The variable that requests a switch ("disable validation"): u32 state, u32 length, UCS-2 password[16]; the password
 * in clear.
 */
#define MOKPW_SWITCH 40
#define MOKPW_SWITCH_MIN 8
#define MOKPW_SWITCH_MAX 16

/* -ERANGE: not 8 to 16 characters; -EILSEQ: one that cannot be typed. */
int mokpw_switch(uint32_t state, const char *password, uint8_t ret[MOKPW_SWITCH]);

/*
 * A password that can be typed at firmware consoles, which always use the US layout: only letters that lie on the
 * same keys on QWERTY, QWERTZ and AZERTY keyboards. 0, or -errno when no random bytes are available.
 */
#define MOKPW_SUGGESTED 12
int mokpw_suggest(char ret[MOKPW_SUGGESTED + 1]);
