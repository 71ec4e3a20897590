// SPDX-License-Identifier: MIT
/*
 * Wildcard search: the trie's patterns are run as one automaton against the key. A set of key positions says
 * how far the pattern text of the current path may have matched; each byte of pattern text moves the whole set
 * at once (a literal: the positions that hold it, one further; '?': all, one further; '*': everything from the
 * lowest on), and an empty set prunes the subtree.
 *
 * As in kmod, a path is compared literally up to its first wildcard: a backslash before that is an ordinary
 * byte, and a wildcard byte on an edge counts both ways when the key has the same byte there. Bracket
 * expressions that only fnmatch(3) can decide (unterminated ones, [:class:]) are left to it at the leaves.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "read/index/bitset.h"
#include "read/index/bracket.h"
#include "read/index/node.h"
#include "read/index/reader.h"
#include "read/index/values.h"

#define FIRST_FRAMES 32

enum mode {
	MODE_LITERAL, /* no wildcard yet; one position */
	MODE_PLAIN,
	MODE_ESCAPED, /* after a backslash */
	MODE_BRACKET,
	MODE_LIBC, /* decided by fnmatch(3) at the leaves */
};

/* What is known after some pattern text, besides the set of positions. */
struct state {
	struct bracket bracket;
	uint32_t text_len; /* of the pattern text kept for fnmatch(3); shorter than the file */
	uint32_t text_start;
	uint8_t mode;
};

struct frame {
	struct state state;
	uint32_t ref;
	uint8_t edge;
};

struct search {
	struct span bytes, key;
	uint64_t *at_char;     /* per character: where the key has it */
	uint64_t key_chars[2]; /* all characters of the key */
	uint64_t *now;         /* positions at the current place */
	uint64_t *next;        /* scratch */
	struct frame *frames;
	uint64_t *positions; /* those of each frame */
	size_t n, cap;
	bool on_heap;    /* frames and positions outgrew what the caller gave */
	struct buf text; /* pattern text from an open bracket on */
	uint64_t budget; /* bytes of the file that may still be visited */
	struct index_values *found;
};

/* Removes the positions past the key's end. */
SPECIALIZED void set_trim(const struct search *s, uint64_t *set, size_t words)
{
	set[words - 1] &= UINT64_MAX >> (WORD_BITS - 1 - s->key.n % WORD_BITS);
}

SPECIALIZED void take_any(const struct search *s, uint64_t *set, size_t words)
{
	set_advance(set, words);
	set_trim(s, set, words);
}

SPECIALIZED void take_star(const struct search *s, uint64_t *set, size_t words)
{
	size_t i = 0;

	while (i < words && set[i] == 0)
		i++;
	if (i == words)
		return;
	set[i] = -(set[i] & -set[i]);
	while (++i < words)
		set[i] = UINT64_MAX;
	set_trim(s, set, words);
}

SPECIALIZED void take_literal(const struct search *s, uint64_t *set, uint8_t c, size_t words)
{
	for (size_t i = 0; i < words; i++)
		set[i] &= c < INDEX_CHARS ? s->at_char[c * words + i] : 0;
	set_advance(set, words);
}

SPECIALIZED void take_bracket(const struct search *s, uint64_t *set, const struct bracket *b, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		for (uint64_t left = set[i]; left; left &= left - 1) {
			size_t at = i * WORD_BITS + (size_t)__builtin_ctzll(left);

			if (at >= s->key.n || !bracket_matches(b, s->key.p[at]))
				set[i] &= ~(left & -left);
		}
	}
	set_advance(set, words);
}

static bool is_wildcard(uint8_t c)
{
	return c == '*' || c == '?' || c == '[';
}

/* Not a literal, at least after the first wildcard. */
static bool is_special(uint8_t c)
{
	return is_wildcard(c) || c == '\\';
}

/* One byte of pattern text after the first wildcard. */
SPECIALIZED void take_pattern(const struct search *s, struct state *st, uint64_t *set, uint8_t c, size_t words)
{
	if (st->mode == MODE_ESCAPED) {
		take_literal(s, set, c, words);
		st->mode = MODE_PLAIN;
	} else if (st->mode == MODE_BRACKET) {
		switch (bracket_take(&st->bracket, c)) {
		case BRACKET_MORE:
			break;
		case BRACKET_CLOSED:
			take_bracket(s, set, &st->bracket, words);
			st->mode = MODE_PLAIN;
			break;
		case BRACKET_ODD:
			st->mode = MODE_LIBC;
			break;
		}
	} else if (c == '*') {
		take_star(s, set, words);
	} else if (c == '?') {
		take_any(s, set, words);
	} else if (c == '[') {
		st->mode = MODE_BRACKET;
		st->bracket = (struct bracket){ 0 };
		st->text_start = st->text_len;
	} else if (c == '\\') {
		st->mode = MODE_ESCAPED;
	} else {
		take_literal(s, set, c, words);
	}
}

/* One byte on a node's prefix or on a pattern edge. False: nothing can match any more. */
SPECIALIZED bool take(const struct search *s, struct state *st, uint64_t *set, uint8_t c, size_t words)
{
	if (st->mode == MODE_LIBC)
		return true;
	if (st->mode == MODE_LITERAL && is_wildcard(c))
		st->mode = MODE_PLAIN;
	if (st->mode == MODE_LITERAL)
		take_literal(s, set, c, words);
	else
		take_pattern(s, st, set, c, words);
	return !set_is_empty(set, words);
}

/* Keeps the text of a bracket expression for fnmatch(3). */
static int keep_text(struct search *s, struct state *st, uint8_t c)
{
	if (st->mode != MODE_BRACKET && st->mode != MODE_LIBC)
		return 0;
	s->text.n = st->text_len++;
	return buf_addc(&s->text, (char)c);
}

static int spend(struct search *s, size_t n)
{
	if (n > s->budget)
		return -EINVAL;
	s->budget -= n;
	return 0;
}

static int add_values(struct search *s, struct index_node *node)
{
	struct index_values *v = s->found;
	struct index_value value;
	size_t before = node->values.n;
	int r;

	while ((r = index_node_value(node, &value.value, &value.priority)) > 0) {
		if (vec_room(&v->items, v->n, &v->cap) < 0)
			return -ENOMEM;
		v->items[v->n++] = value;
	}
	return r < 0 ? r : spend(s, before - node->values.n);
}

static bool libc_matches(const struct search *s, const struct state *st, size_t words)
{
	const char *pattern = buf_str(&s->text) + st->text_start;

	for (size_t i = 0; i <= s->key.n && i / WORD_BITS < words; i++)
		if (set_has(s->now, i) && fnmatch(pattern, (const char *)s->key.p + i, 0) == 0)
			return true;
	return false;
}

SPECIALIZED bool is_match(const struct search *s, const struct state *st, size_t words)
{
	if (st->mode == MODE_LITERAL || st->mode == MODE_PLAIN)
		return set_has(s->now, s->key.n);
	return st->mode != MODE_ESCAPED && libc_matches(s, st, words);
}

static int grow_frames(struct search *s, size_t words)
{
	size_t cap = s->cap * 2, frame_bytes, set_bytes;
	struct frame *frames;
	uint64_t *positions;

	if (mul_overflows(cap, sizeof(*frames), &frame_bytes) ||
	    mul_overflows(cap, words * sizeof(*positions), &set_bytes))
		return -ENOMEM;
	frames = malloc(frame_bytes);
	positions = malloc(set_bytes);
	if (!frames || !positions) {
		free(frames);
		free(positions);
		return -ENOMEM;
	}
	memcpy(frames, s->frames, s->n * sizeof(*frames));
	memcpy(positions, s->positions, s->n * words * sizeof(*positions));
	if (s->on_heap) {
		free(s->frames);
		free(s->positions);
	}
	s->frames = frames;
	s->positions = positions;
	s->cap = cap;
	s->on_heap = true;
	return 0;
}

SPECIALIZED int push(struct search *s, const struct state *st, const uint64_t *set, uint32_t ref, uint8_t edge,
		     size_t words)
{
	if (s->n == s->cap && grow_frames(s, words) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < words; i++)
		s->positions[s->n * words + i] = set[i];
	s->frames[s->n++] = (struct frame){ *st, ref, edge };
	return 0;
}

/* The child at edge c, unless its text cannot match. */
SPECIALIZED int push_child(struct search *s, const struct state *parent, const struct index_node *node, uint8_t c,
			   size_t words)
{
	uint32_t ref = index_node_child(node, c);
	struct state st;

	if (index_ref_is_null(s->bytes, ref))
		return 0;
	for (size_t i = 0; i < words; i++)
		s->next[i] = s->now[i];
	if (parent->mode <= MODE_PLAIN && !is_special(c)) {
		take_literal(s, s->next, c, words);
		return set_is_empty(s->next, words) ? 0 : push(s, parent, s->next, ref, c, words);
	}
	/* Below the literal reading of a wildcard on the stack: the pattern's results come first. */
	if (parent->mode == MODE_LITERAL && is_wildcard(c)) {
		take_literal(s, s->next, c, words);
		if (!set_is_empty(s->next, words) && push(s, parent, s->next, ref, c, words) < 0)
			return -ENOMEM;
		for (size_t i = 0; i < words; i++)
			s->next[i] = s->now[i];
	}
	st = *parent;
	return take(s, &st, s->next, c, words) ? push(s, &st, s->next, ref, c, words) : 0;
}

/* Which edges may lead on: the wildcards, and what the key has at the current positions. */
SPECIALIZED void wanted_edges(const struct search *s, const struct state *st, uint64_t want[2], size_t words)
{
	want[0] = UINT64_MAX;
	want[1] = UINT64_MAX;
	if (st->mode == MODE_BRACKET || st->mode == MODE_LIBC)
		return;
	if (words == 1 && (s->now[0] & (s->now[0] - 1)) == 0) {
		size_t at = (size_t)__builtin_ctzll(s->now[0]);
		uint8_t c = at < s->key.n ? s->key.p[at] : INDEX_CHARS;

		want[0] = c < 64 ? UINT64_C(1) << c : 0;
		want[1] = c >= 64 && c < INDEX_CHARS ? UINT64_C(1) << (c - 64) : 0;
	} else {
		want[0] = s->key_chars[0];
		want[1] = s->key_chars[1];
	}
	if (st->mode == MODE_ESCAPED)
		return;
	want[0] |= UINT64_C(1) << '*' | UINT64_C(1) << '?';
	want[1] |= UINT64_C(1) << ('[' - 64) | UINT64_C(1) << ('\\' - 64);
}

/* Last edge first: the stack then returns them in ascending order. */
SPECIALIZED int push_children(struct search *s, const struct state *st, const struct index_node *node, size_t words)
{
	uint64_t want[2];

	if (!node->children.n)
		return 0;
	wanted_edges(s, st, want, words);
	for (unsigned half = 2; half-- > 0;) {
		want[half] &= half_range(half, node->first, node->last);
		while (want[half]) {
			unsigned bit = WORD_BITS - 1 - (unsigned)__builtin_clzll(want[half]);

			want[half] &= ~(UINT64_C(1) << bit);
			if (push_child(s, st, node, (uint8_t)(half * WORD_BITS + bit), words) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/*
 * How many bytes of the text are literals that the key has at the only current position; the position moves past
 * them. 0 when there are several positions.
 */
SPECIALIZED size_t take_literal_run(const struct search *s, const struct state *st, struct span text, size_t words)
{
	size_t n = 0, at;

	if (words > 1 || st->mode > MODE_PLAIN || (s->now[0] & (s->now[0] - 1)))
		return 0;
	at = (size_t)__builtin_ctzll(s->now[0]);
	while (n < text.n && at + n < s->key.n && text.p[n] == s->key.p[at + n] && !is_special(text.p[n]))
		n++;
	s->now[0] <<= n;
	return n;
}

/* 1: the prefix can match, 0: it cannot. */
SPECIALIZED int take_prefix(struct search *s, struct state *st, struct span prefix, size_t words)
{
	for (;;) {
		struct span byte;

		span_take(&prefix, take_literal_run(s, st, prefix, words), &byte);
		if (span_take(&prefix, 1, &byte) < 0)
			return 1;
		if (!take(s, st, s->now, byte.p[0], words))
			return 0;
		if (keep_text(s, st, byte.p[0]) < 0)
			return -ENOMEM;
	}
}

SPECIALIZED int visit(struct search *s, struct frame *f, size_t words)
{
	struct index_node node;
	int r;

	if (f->edge && keep_text(s, &f->state, f->edge) < 0)
		return -ENOMEM;
	r = index_node_read(s->bytes, f->ref, &node);
	if (r <= 0)
		return r;
	r = spend(s, index_node_size(f->ref, &node));
	if (r < 0)
		return r;
	r = take_prefix(s, &f->state, node.prefix, words);
	if (r <= 0)
		return r;
	if (node.n_values && is_match(s, &f->state, words)) {
		r = add_values(s, &node);
		if (r < 0)
			return r;
	}
	return push_children(s, &f->state, &node, words);
}

SPECIALIZED int run(struct search *s, uint32_t root, size_t words)
{
	const struct state start = { .mode = MODE_LITERAL };
	int r = 0;

	set_add(s->now, 0);
	if (push(s, &start, s->now, root, 0, words) < 0)
		return -ENOMEM;
	while (s->n > 0 && r == 0) {
		struct frame f = s->frames[--s->n];

		for (size_t i = 0; i < words; i++)
			s->now[i] = s->positions[s->n * words + i];
		r = visit(s, &f, words);
	}
	return r;
}

SPECIALIZED void read_key(struct search *s, size_t words)
{
	uint64_t *at_char = s->at_char, low = 0, high = 0;
	const struct span key = s->key;

	for (size_t i = 0; i < key.n; i++) {
		uint8_t c = key.p[i];

		if (c >= INDEX_CHARS)
			continue;
		at_char[c * words + i / WORD_BITS] |= UINT64_C(1) << (i % WORD_BITS);
		if (c < WORD_BITS)
			low |= UINT64_C(1) << c;
		else
			high |= UINT64_C(1) << (c % WORD_BITS);
	}
	s->key_chars[0] = low;
	s->key_chars[1] = high;
}

/* A node may be visited again as pattern text for each wildcard edge that also matched literally. */
static uint64_t visit_budget(const struct search *s)
{
	bool wildcards = (s->key_chars[0] & (UINT64_C(1) << '*' | UINT64_C(1) << '?')) ||
			 (s->key_chars[1] & UINT64_C(1) << ('[' - WORD_BITS));

	return (wildcards ? (uint64_t)s->key.n + 1 : 1) * s->bytes.n;
}

SPECIALIZED int read_and_run(struct search *s, uint32_t root, size_t words)
{
	read_key(s, words);
	s->budget = visit_budget(s);
	return run(s, root, words);
}

static int search_run(struct search *s, uint32_t root, size_t words)
{
	int r = words == 1 ? read_and_run(s, root, 1) : read_and_run(s, root, words);

	if (s->on_heap) {
		free(s->frames);
		free(s->positions);
	}
	buf_done(&s->text);
	return r;
}

/* Keys of less than 64 bytes, which are nearly all: only the result is allocated. */
static int search_short(struct search *s, uint32_t root)
{
	uint64_t at_char[INDEX_CHARS] = { 0 }, now[1] = { 0 }, next[1] = { 0 }, positions[FIRST_FRAMES];
	struct frame frames[FIRST_FRAMES];

	s->at_char = at_char;
	s->now = now;
	s->next = next;
	s->positions = positions;
	s->frames = frames;
	s->cap = FIRST_FRAMES;
	return search_run(s, root, 1);
}

static int search_long(struct search *s, uint32_t root, size_t words)
{
	_cleanup_free_ uint64_t *sets = calloc((INDEX_CHARS + FIRST_FRAMES + 2) * sizeof(*sets), words);
	struct frame frames[FIRST_FRAMES];

	if (!sets)
		return -ENOMEM;
	s->at_char = sets;
	s->now = sets + INDEX_CHARS * words;
	s->next = s->now + words;
	s->positions = s->next + words;
	s->frames = frames;
	s->cap = FIRST_FRAMES;
	return search_run(s, root, words);
}

int index_reader_search(const struct index_reader *r, const char *key, struct index_values *ret)
{
	struct search s = { .bytes = r->bytes, .key = span_of_str(key), .found = ret };
	size_t words = s.key.n / WORD_BITS + 1, before = ret->n;
	int result = words == 1 ? search_short(&s, r->root) : search_long(&s, r->root, words);

	if (result < 0)
		return result;
	return ret->n > before ? values_sort(ret->items + before, ret->n - before) : 0;
}
