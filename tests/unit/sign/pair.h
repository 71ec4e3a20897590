/* SPDX-License-Identifier: MIT */
#pragma once

/* Key pairs and small modules for the tests of the sign room. P-256 pairs are made in a millisecond. */

#include "../unit.h"

#include "mkko.h"
#include "act/sign/cert.h"
#include "act/sign/cms.h"
#include "act/sign/key.h"
#include "act/sign/sign.h"
#include "act/sign/verify.h"

/* Messages of the code under test, by code: what the last one was. */
struct heard {
	struct diag diag;
	char code[64];
	unsigned n;
};

static void hear(void *data, const struct diag_msg *msg)
{
	struct heard *h = data;

	snprintf(h->code, sizeof(h->code), "%s", msg->code);
	h->n++;
}

static inline _unused_ void heard_init(struct heard *h)
{
	*h = (struct heard){ .diag = { .sink = hear, .data = h, .max_level = LOG_DEBUG } };
}

static inline _unused_ struct key_pair make_pair(const char *type, const char *cn)
{
	const struct key_request request = { .type = type, .common_name = cn, .days = 10 };
	struct key_pair pair;

	assert_int_equal(key_generate(&request, NULL, &pair), 0);
	return pair;
}

static inline _unused_ struct cms_signing *make_signing(const struct key_pair *pair, const char *hash, unsigned flags)
{
	struct cms_signing *s;

	assert_int_equal(cms_signing_new(pair->key, pair->cert, NULL, hash, flags, NULL, &s), 0);
	return s;
}

/* A keyring with the pair's certificate, which moves into it. */
static inline _unused_ struct keyring ring_of(struct key_pair *pair)
{
	struct keyring ring = { 0 };

	assert_int_equal(keyring_take(&ring, take_ptr(pair->cert)), 0);
	return ring;
}

#define TINY_MODULE "info license=GPL\ninfo name=tiny\nneed printk\nsection .gnu.linkonce.this_module 00\n"

static inline _unused_ void tiny_module(struct buf *into)
{
	assert_int_equal(mkko_build(TINY_MODULE, into), 0);
}

/* Payload, message, trailer. */
static inline _unused_ void sign_into(const struct cms_signing *s, struct span payload, struct buf *into)
{
	size_t message;

	assert_int_equal(buf_add(into, payload.p, payload.n), 0);
	message = into->n;
	{
		_cleanup_buf_ struct buf der = BUF_INIT;

		assert_int_equal(cms_sign(s, payload, NULL, &der), 0);
		assert_int_equal(buf_add(into, der.p, der.n), 0);
	}
	assert_int_equal(sign_add_trailer(into, into->n - message), 0);
}
