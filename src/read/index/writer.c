// SPDX-License-Identifier: MIT
#include "read/index/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/vec.h"
#include "read/index/ascii.h"
#include "read/index/format.h"

struct entry {
	uint64_t word; /* key[depth .. depth+8), big endian, zero past the end: a cache for sorting */
	const char *key;
	const char *value;
	uint32_t priority;
	uint32_t added; /* its number in the order of adding */
};

/* A range of entries that still waits for its turn. */
struct task {
	size_t lo, hi;  /* [lo, hi) */
	size_t depth;   /* their keys are equal up to here */
	size_t patch;   /* emitting: where the reference goes */
	unsigned parts; /* sorting: how often they may still be split by a pivot */
};

struct index_writer {
	struct entry *items;
	size_t n, cap;
	size_t text; /* bytes of all keys and values */
	struct task *tasks;
	size_t n_tasks, cap_tasks;
};

struct index_writer *index_writer_new(void)
{
	return calloc(1, sizeof(struct index_writer));
}

void index_writer_free(struct index_writer *w)
{
	if (!w)
		return;
	free(w->items);
	free(w->tasks);
	free(w);
}

int index_writer_add(struct index_writer *w, const char *key, const char *value, uint32_t priority)
{
	size_t key_len = strlen(key), value_len = strlen(value);

	if (!index_is_plain(key, key_len) || !index_is_plain(value, value_len))
		return -EINVAL;
	if (w->n == UINT32_MAX)
		return -EFBIG;
	if (vec_room(&w->items, w->n, &w->cap) < 0)
		return -ENOMEM;
	w->items[w->n] = (struct entry){ 0, key, value, priority, (uint32_t)w->n };
	w->n++;
	w->text += key_len + value_len;
	return 0;
}

static int push(struct index_writer *w, struct task t)
{
	if (t.lo >= t.hi)
		return 0;
	if (vec_room(&w->tasks, w->n_tasks, &w->cap_tasks) < 0)
		return -ENOMEM;
	w->tasks[w->n_tasks++] = t;
	return 0;
}

/* Order of the values of one key: priority, and the newest first among equals. */
static int compare_values(const struct entry *a, const struct entry *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->added > b->added ? -1 : 1;
}

static int compare_values_v(const void *a, const void *b)
{
	return compare_values(a, b);
}

static int compare_from(const struct entry *a, const struct entry *b, size_t depth)
{
	int c = strcmp(a->key + depth, b->key + depth);

	return c ? c : compare_values(a, b);
}

static void insertion_sort(struct entry *e, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++) {
		struct entry x = e[i];
		size_t j = i;

		for (; j > 0 && compare_from(&x, &e[j - 1], depth) < 0; j--)
			e[j] = e[j - 1];
		e[j] = x;
	}
}

static uint64_t key_word(const char *key)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < 8 && key[i]; i++)
		word = word << 8 | (unsigned char)key[i];
	return i ? word << (8 * (8 - i)) : 0;
}

static uint64_t median(uint64_t a, uint64_t b, uint64_t c)
{
	if (a > b)
		return median(b, a, c);
	return c <= a ? a : c >= b ? b : c;
}

static uint64_t pick_pivot(const struct entry *e, size_t n)
{
	size_t step = n / 8;

	if (n < 64)
		return median(e[0].word, e[n / 2].word, e[n - 1].word);
	return median(median(e[0].word, e[step].word, e[2 * step].word),
		      median(e[3 * step].word, e[4 * step].word, e[5 * step].word),
		      median(e[6 * step].word, e[7 * step].word, e[n - 1].word));
}

static void swap_entries(struct entry *a, struct entry *b)
{
	struct entry t = *a;

	*a = *b;
	*b = t;
}

/* Splits e into [0, *ret_lt) below, [*ret_lt, *ret_gt) equal to and [*ret_gt, n) above the pivot. */
static void partition(struct entry *e, size_t n, uint64_t pivot, size_t *ret_lt, size_t *ret_gt)
{
	size_t lt = 0, i = 0, gt = n;

	while (i < gt) {
		if (e[i].word < pivot)
			swap_entries(&e[lt++], &e[i++]);
		else if (e[i].word > pivot)
			swap_entries(&e[i], &e[--gt]);
		else
			i++;
	}
	*ret_lt = lt;
	*ret_gt = gt;
}

/* Twice what even splitting needs, which honest keys do not reach. */
static unsigned parts_allowed(size_t n)
{
	unsigned parts = 2;

	for (; n > 1; n /= 2)
		parts += 2;
	return parts;
}

/* Entries whose next eight bytes are equal: they are the same key, or differ further on. */
static int sort_equal(struct index_writer *w, struct task t, uint64_t word)
{
	if ((word & 0xff) == 0) {
		if (t.hi > t.lo)
			qsort(w->items + t.lo, t.hi - t.lo, sizeof(*w->items), compare_values_v);
		return 0;
	}
	t.depth += 8;
	t.parts = parts_allowed(t.hi - t.lo);
	for (size_t i = t.lo; i < t.hi; i++)
		w->items[i].word = key_word(w->items[i].key + t.depth);
	return push(w, t);
}

static int compare_words_v(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->word < y->word ? -1 : x->word > y->word;
}

/* For entries that have been made so that pivots split them badly: qsort(3) does not know pivots. */
static int sort_unevenly_split(struct index_writer *w, struct task t)
{
	struct entry *e = w->items;
	int r = 0;

	qsort(e + t.lo, t.hi - t.lo, sizeof(*e), compare_words_v);
	for (size_t lo = t.lo, hi; lo < t.hi && r == 0; lo = hi) {
		struct task equal = t;

		for (hi = lo + 1; hi < t.hi && e[hi].word == e[lo].word; hi++)
			;
		equal.lo = lo;
		equal.hi = hi;
		r = sort_equal(w, equal, e[lo].word);
	}
	return r;
}

static int split(struct index_writer *w, struct task t)
{
	struct task part = t;
	uint64_t pivot = pick_pivot(w->items + t.lo, t.hi - t.lo);
	size_t lt, gt;

	partition(w->items + t.lo, t.hi - t.lo, pivot, &lt, &gt);
	part.parts = --t.parts;
	part.hi = t.lo + lt;
	t.lo += gt;
	if (push(w, part) < 0 || push(w, t) < 0)
		return -ENOMEM;
	part.lo = part.hi;
	part.hi = t.lo;
	return sort_equal(w, part, pivot);
}

/* Multikey quicksort on words of eight bytes, with its own stack. */
static int sort_entries(struct index_writer *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->items[i].word = key_word(w->items[i].key);
	if (push(w, (struct task){ .hi = w->n, .parts = parts_allowed(w->n) }) < 0)
		return -ENOMEM;
	while (w->n_tasks > 0) {
		struct task t = w->tasks[--w->n_tasks];
		int r = 0;

		if (t.hi - t.lo < 16)
			insertion_sort(w->items + t.lo, t.hi - t.lo, t.depth);
		else
			r = t.parts ? split(w, t) : sort_unevenly_split(w, t);
		if (r < 0)
			return r;
	}
	return 0;
}

static size_t common_length(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static void emit_values(const struct index_writer *w, size_t lo, size_t n, struct buf *into)
{
	buf_add_be32(into, (uint32_t)n);
	for (size_t i = lo; i < lo + n; i++) {
		buf_add_be32(into, w->items[i].priority);
		buf_add(into, w->items[i].value, strlen(w->items[i].value) + 1);
	}
}

/* Writes a table of empty references for t's children and queues them so that they follow in ascending order. */
static int emit_children(struct index_writer *w, struct task t, struct buf *into)
{
	uint8_t first = (uint8_t)w->items[t.lo].key[t.depth], last = (uint8_t)w->items[t.hi - 1].key[t.depth];
	size_t table = into->n + 2, hi = t.hi;

	buf_addc(into, (char)first);
	buf_addc(into, (char)last);
	for (unsigned c = first; c <= last; c++)
		buf_add_be32(into, 0);
	while (hi > t.lo) {
		uint8_t c = (uint8_t)w->items[hi - 1].key[t.depth];
		size_t lo = hi - 1;

		while (lo > t.lo && (uint8_t)w->items[lo - 1].key[t.depth] == c)
			lo--;
		if (push(w, (struct task){ lo, hi, t.depth + 1, table + (size_t)(c - first) * 4, 0 }) < 0)
			return -ENOMEM;
		hi = lo;
	}
	return 0;
}

/* base: where the file starts in the buffer. */
static int emit_node(struct index_writer *w, struct task t, size_t base, struct buf *into)
{
	const char *key = w->items[t.lo].key;
	size_t prefix = t.depth ? common_length(key + t.depth, w->items[t.hi - 1].key + t.depth) : 0;
	uint32_t ref = (uint32_t)(into->n - base);
	size_t values = 0;

	if (into->n - base > INDEX_NODE_OFFSET)
		return -EFBIG;
	if (prefix) {
		ref |= INDEX_NODE_PREFIX;
		buf_add(into, key + t.depth, prefix);
		buf_addc(into, '\0');
	}
	t.depth += prefix;
	while (t.lo + values < t.hi && w->items[t.lo + values].key[t.depth] == '\0')
		values++;
	if (t.lo + values < t.hi) {
		struct task children = t;

		ref |= INDEX_NODE_CHILDREN;
		children.lo += values;
		if (emit_children(w, children, into) < 0)
			return -ENOMEM;
	}
	if (values) {
		ref |= INDEX_NODE_VALUES;
		emit_values(w, t.lo, values, into);
	}
	if (buf_error(into))
		return buf_error(into);
	store_be32(into->p + t.patch, ref);
	return 0;
}

int index_writer_finish(struct index_writer *w, struct buf *into)
{
	size_t base = into->n;
	int r = sort_entries(w);

	/* More than most files need: growing would copy. */
	if (r == 0)
		r = buf_reserve(into, INDEX_HEADER_LEN + w->text + w->n * 16);
	if (r < 0)
		return r;
	buf_add_be32(into, INDEX_MAGIC);
	buf_add_be32(into, INDEX_VERSION);
	buf_add_be32(into, INDEX_HEADER_LEN);
	r = push(w, (struct task){ .hi = w->n, .patch = base + 8 });
	while (r == 0 && w->n_tasks > 0)
		r = emit_node(w, w->tasks[--w->n_tasks], base, into);
	return r < 0 ? r : buf_error(into);
}
