// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/num.h"
#include "base/optstring.h"
#include "base/vec.h"
#include "read/image/facts.h"

/* ---- parm= and parmtype= joined ---- */

struct half {
	const char *name, *text;
	size_t name_len, order;
	bool is_type;
};

struct halves {
	struct half *items;
	size_t n, cap;
};

static bool key_is(const struct modinfo_item *i, const char *key)
{
	return i->key_len == strlen(key) && memcmp(i->key, key, i->key_len) == 0;
}

static int collect(const struct modinfo *m, struct halves *ret)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct modinfo_item *item = &m->items[i];
		bool is_type = key_is(item, "parmtype");
		const char *colon = strchr(item->value, ':');

		if (!colon || (!is_type && !key_is(item, "parm")))
			continue;
		if (vec_room(&ret->items, ret->n, &ret->cap) < 0)
			return -ENOMEM;
		ret->items[ret->n++] = (struct half){
			item->value, colon + 1, (size_t)(colon - item->value), i, is_type,
		};
	}
	return 0;
}

static bool same_name(const struct half *a, const struct half *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

static int by_name(const void *pa, const void *pb)
{
	const struct half *a = pa, *b = pb;
	int c = memcmp(a->name, b->name, a->name_len < b->name_len ? a->name_len : b->name_len);

	if (c != 0)
		return c;
	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

struct ordered {
	struct parameter p;
	size_t order;
};

static int by_order(const void *pa, const void *pb)
{
	const struct ordered *a = pa, *b = pb;

	return a->order < b->order ? -1 : a->order > b->order;
}

/* Folds runs of one name; the last text of each kind counts. Returns their number. */
static size_t fold_runs(const struct halves *h, unsigned long_bits, struct ordered *out)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct half *x = &h->items[i];

		if (i == 0 || !same_name(x, x - 1))
			out[n++] = (struct ordered){ { x->name, x->name_len, NULL, NULL, long_bits }, x->order };
		if (x->is_type)
			out[n - 1].p.type = x->text;
		else
			out[n - 1].p.description = x->text;
	}
	return n;
}

#ifdef KMODCTL_SMALL
static int sort_names(struct parameters *list _unused_)
{
	return 0;
}
#else
static int by_folded_name(const void *pa, const void *pb)
{
	const struct parameter *a = *(const struct parameter *const *)pa, *b = *(const struct parameter *const *)pb;
	int c = modname_compare_n(a->name, a->name_len, b->name, b->name_len);

	return c ? c : a < b ? -1 : a > b;
}

static int sort_names(struct parameters *list)
{
	if (list->n == 0)
		return 0;
	list->sorted = calloc(list->n, sizeof(*list->sorted));
	if (!list->sorted)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		list->sorted[i] = &list->items[i];
	qsort(list->sorted, list->n, sizeof(*list->sorted), by_folded_name);
	return 0;
}
#endif

static int join(struct halves *h, unsigned long_bits, struct parameters *ret)
{
	_cleanup_free_ struct ordered *runs = NULL;
	struct parameters list = { 0 };

	if (h->n > 0) {
		qsort(h->items, h->n, sizeof(*h->items), by_name);
		runs = calloc(h->n, sizeof(*runs));
		list.items = calloc(h->n, sizeof(*list.items));
		if (!runs || !list.items) {
			parameters_done(&list);
			return -ENOMEM;
		}
		list.cap = h->n;
		list.n = fold_runs(h, long_bits, runs);
		qsort(runs, list.n, sizeof(*runs), by_order);
	}
	for (size_t i = 0; i < list.n; i++)
		list.items[i] = runs[i].p;
	if (sort_names(&list) < 0) {
		parameters_done(&list);
		return -ENOMEM;
	}
	*ret = list;
	return 0;
}

int parameters_read(const struct modinfo *m, struct parameters *ret)
{
	struct halves halves = { 0 };
	int r = collect(m, &halves);

	if (r == 0)
		r = join(&halves, m->long_bits, ret);
	free(halves.items);
	return r;
}

void parameters_done(struct parameters *p)
{
	free(p->items);
	free(p->sorted);
	*p = (struct parameters){ 0 };
}

#ifdef KMODCTL_SMALL
const struct parameter *parameters_find(const struct parameters *p, const char *name, size_t name_len)
{
	for (size_t i = 0; i < p->n; i++)
		if (modname_equal_n(p->items[i].name, p->items[i].name_len, name, name_len))
			return &p->items[i];
	return NULL;
}
#else
const struct parameter *parameters_find(const struct parameters *p, const char *name, size_t name_len)
{
	const struct parameter *found = NULL;
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct parameter *x = p->sorted[middle];
		int c = modname_compare_n(x->name, x->name_len, name, name_len);

		if (c == 0)
			found = x;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return found;
}
#endif

/* ---- values, as kernel/params.c and lib/kstrtox.c read them ---- */

struct text {
	const char *p;
	size_t n;
};

static char at(struct text t, size_t i)
{
	return i < t.n ? t.p[i] : '\0';
}

static struct text skip(struct text t, size_t n)
{
	return (struct text){ t.p + n, t.n - n };
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : INT_MAX;
}

/* Removes the prefix: 0x before a hexadecimal digit, 0 for octal (the zero stays a digit). */
static int take_base(struct text *t)
{
	if (at(*t, 0) != '0')
		return 10;
	if ((at(*t, 1) | 0x20) != 'x' || digit_value(at(*t, 2)) == INT_MAX)
		return 8;
	*t = skip(*t, 2);
	return 16;
}

static int parse_digits(struct text t, uint64_t *ret)
{
	int base = take_base(&t), r = 0;
	uint64_t v = 0;
	size_t i = 0;

	for (; i < t.n && digit_value(t.p[i]) < base; i++) {
		if (mul_overflows(v, (uint64_t)base, &v) || add_overflows(v, (uint64_t)digit_value(t.p[i]), &v))
			r = -ERANGE;
	}
	if (at(t, i) == '\n')
		t.n--;
	if (i == 0 || i != t.n)
		return -EINVAL;
	*ret = v;
	return r;
}

static int check_unsigned(struct text t, unsigned bits)
{
	uint64_t v;
	int r = parse_digits(at(t, 0) == '+' ? skip(t, 1) : t, &v);

	if (r < 0)
		return r;
	return bits < 64 && v >> bits != 0 ? -ERANGE : 0;
}

static int check_signed(struct text t, unsigned bits)
{
	bool negative = at(t, 0) == '-';
	uint64_t v, limit = UINT64_C(1) << (bits - 1);
	int r = parse_digits(negative || at(t, 0) == '+' ? skip(t, 1) : t, &v);

	if (r < 0)
		return r;
	return v > limit - (negative ? 0 : 1) ? -ERANGE : 0;
}

/* Only the first characters count: "yes", "on", "of". */
static int check_bool(struct text t, unsigned bits)
{
	char c = at(t, 0);

	(void)bits;
	if (c != '\0' && strchr("yYtT1nNfF0", c))
		return 0;
	if ((c == 'o' || c == 'O') && at(t, 1) != '\0' && strchr("nNfF", at(t, 1)))
		return 0;
	return -EINVAL;
}

static int check_charp(struct text t, unsigned bits)
{
	(void)bits;
	return t.n > OPTION_STRING_MAX ? -ERANGE : 0;
}

struct kernel_type {
	const char *name;
	int (*check)(struct text t, unsigned bits);
	unsigned bits; /* 0: those of a long */
	bool no_value; /* may be given without '=' */
};

static const struct kernel_type kernel_types[] = {
	{ "byte", check_unsigned, 8, false },    { "short", check_signed, 16, false },
	{ "ushort", check_unsigned, 16, false }, { "int", check_signed, 32, false },
	{ "uint", check_unsigned, 32, false },   { "long", check_signed, 0, false },
	{ "ulong", check_unsigned, 0, false },   { "ullong", check_unsigned, 64, false },
	{ "hexint", check_unsigned, 32, false }, { "charp", check_charp, 0, false },
	{ "bool", check_bool, 0, true },         { "bint", check_bool, 0, true },
	{ "invbool", check_bool, 0, false },
};

static const struct kernel_type *find_type(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(kernel_types); i++) {
		if (strcmp(kernel_types[i].name, name) == 0)
			return &kernel_types[i];
	}
	return NULL;
}

static int check_array(const struct kernel_type *type, struct text t, unsigned bits)
{
	int r = 0;

	for (;;) {
		const char *comma = memchr(t.p, ',', t.n);
		size_t n = comma ? (size_t)(comma - t.p) : t.n;

		r = type->check((struct text){ t.p, n }, bits);
		if (r < 0 || !comma)
			return r;
		t = skip(t, n + 1);
	}
}

int parameter_check(const struct parameter *p, const char *value, size_t value_len)
{
	static const char array_of[] = "array of ";
	bool is_array = p->type && strncmp(p->type, array_of, sizeof(array_of) - 1) == 0;
	const struct kernel_type *type = p->type ? find_type(p->type + (is_array ? sizeof(array_of) - 1 : 0)) : NULL;
	struct text t = { value, value_len };
	unsigned bits;

	if (!type)
		return 0;
	if (!value)
		return !is_array && type->no_value ? 0 : -EINVAL;
	if (at(t, 0) == '"') {
		t = skip(t, 1);
		if (t.n > 0 && t.p[t.n - 1] == '"')
			t.n--;
	}
	bits = type->bits ? type->bits : p->long_bits ? p->long_bits : 64;
	return is_array ? check_array(type, t, bits) : type->check(t, bits);
}
