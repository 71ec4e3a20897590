// SPDX-License-Identifier: MIT
#include "read/image/trailer.h"

/* kmod knows two key algorithms, nine hashes and three kinds of key id. */
#define SHOWN_ALGOS 2
#define SHOWN_HASHES 9
#define SHOWN_ID_TYPES 3

static int take_last(struct span *s, uint64_t len, struct span *ret)
{
	struct span head;

	if (len > s->n || span_sub(*s, 0, s->n - len, &head) < 0)
		return -ERANGE;
	*ret = span_of(s->p + head.n, (size_t)len);
	*s = head;
	return 0;
}

static void read_info(struct span info, struct trailer *t)
{
	t->algo = info.p[0];
	t->hash = info.p[1];
	t->id_type = info.p[2];
	t->signer_len = info.p[3];
	t->key_id_len = info.p[4];
	memcpy(t->pad, info.p + 5, sizeof(t->pad));
	t->sig_len = load_be32(info.p + 8);
}

struct trailer trailer_read(struct span file)
{
	struct trailer t = { .payload = file };
	struct span rest = file, magic, info;

	if (file.n <= TRAILER_MAGIC_LEN || !span_ends(file, TRAILER_MAGIC, TRAILER_MAGIC_LEN) ||
	    take_last(&rest, TRAILER_MAGIC_LEN, &magic) < 0)
		return t;
	t.state = TRAILER_DAMAGED;
	t.payload = rest;
	if (take_last(&rest, TRAILER_INFO_LEN, &info) < 0)
		return t;
	read_info(info, &t);
	if (t.sig_len >= rest.n || take_last(&rest, t.sig_len, &t.signature) < 0 ||
	    take_last(&rest, t.key_id_len, &t.key_id) < 0 || take_last(&rest, t.signer_len, &t.signer) < 0)
		return t;
	t.state = TRAILER_OK;
	t.payload = rest;
	return t;
}

uint64_t trailer_size(const struct trailer *t)
{
	if (t->state != TRAILER_OK)
		return t->state == TRAILER_NONE ? 0 : TRAILER_MAGIC_LEN;
	return (uint64_t)t->signer_len + t->key_id_len + t->sig_len + TRAILER_INFO_LEN + TRAILER_MAGIC_LEN;
}

bool trailer_is_shown(const struct trailer *t)
{
	return t->state == TRAILER_OK && t->algo < SHOWN_ALGOS && t->hash < SHOWN_HASHES &&
	       t->id_type < SHOWN_ID_TYPES && t->sig_len != 0;
}
