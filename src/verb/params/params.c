// SPDX-License-Identifier: MIT
#include "verb/params/params.h"

#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/num.h"
#include "base/optstring.h"

#define NUMBER_MAX 32

/* ---- values ---- */

struct text {
	const char *p;
	size_t n;
};

/* 1, 0, or -EINVAL: as the kernel's kstrtobool(), which reads only the first characters. */
static int bool_of(struct text t)
{
	if (t.n == 0)
		return -EINVAL;
	if (strchr("yYtT1", t.p[0]))
		return 1;
	if (strchr("nNfF0", t.p[0]))
		return 0;
	if ((t.p[0] == 'o' || t.p[0] == 'O') && t.n > 1)
		return t.p[1] == 'n' || t.p[1] == 'N' ? 1 : t.p[1] == 'f' || t.p[1] == 'F' ? 0 : -EINVAL;
	return -EINVAL;
}

static int same_bool(struct text a, struct text b)
{
	int x = bool_of(a), y = bool_of(b);

	return x < 0 || y < 0 ? -EINVAL : x == y;
}

/* Magnitude and sign apart, so that every type of the kernel fits. */
static int number_of(struct text t, bool *ret_negative, uint64_t *ret)
{
	char digits[NUMBER_MAX];
	int r;

	*ret_negative = t.n > 0 && t.p[0] == '-';
	if (t.n > 0 && (t.p[0] == '-' || t.p[0] == '+'))
		t = (struct text){ t.p + 1, t.n - 1 };
	if (t.n >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, t.p, t.n);
	digits[t.n] = '\0';
	r = parse_u64(digits, 0, ret);
	*ret_negative = *ret_negative && *ret != 0;
	return r;
}

static int same_number(struct text a, struct text b)
{
	bool a_negative, b_negative;
	uint64_t x = 0, y = 0;

	if (number_of(a, &a_negative, &x) < 0 || number_of(b, &b_negative, &y) < 0)
		return -EINVAL;
	return x == y && a_negative == b_negative;
}

static int same_text(struct text a, struct text b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* A type about which nothing is known may show a value in its own way. */
static int same_or_unknown(struct text a, struct text b)
{
	return same_text(a, b) ? 1 : -EINVAL;
}

static int (*comparison_of(const char *type))(struct text, struct text)
{
	static const char *const numbers[] = { "byte", "short", "ushort", "int",   "uint",
					       "long", "ulong", "ullong", "hexint" };
	static const char *const bools[] = { "bool", "invbool", "bint" };

	for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
		if (strcmp(type, numbers[i]) == 0)
			return same_number;
	for (size_t i = 0; i < ELEMENTSOF(bools); i++)
		if (strcmp(type, bools[i]) == 0)
			return same_bool;
	return strcmp(type, "charp") == 0 || strcmp(type, "string") == 0 ? same_text : same_or_unknown;
}

static struct text take_element(struct text *list)
{
	const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
	struct text element = { list->p, comma ? (size_t)(comma - list->p) : list->n };
	size_t used = element.n + (comma != NULL);

	*list = (struct text){ list->p + used, list->n - used };
	return element;
}

static int same_array(int (*same)(struct text, struct text), struct text given, struct text shown)
{
	int r = 1;

	while (r == 1 && given.n > 0)
		r = shown.n == 0 ? 0 : same(take_element(&given), take_element(&shown));
	return r;
}

int params_same_value(const char *type, const char *value, const char *shown)
{
	static const char array_of[] = "array of ";
	struct text given = { value ? value : "1", value ? strlen(value) : 1 }, current = { shown, strlen(shown) };

	if (!type)
		return same_or_unknown(given, current);
	if (strncmp(type, array_of, sizeof(array_of) - 1) == 0)
		return same_array(comparison_of(type + sizeof(array_of) - 1), given, current);
	return comparison_of(type)(given, current);
}

/* ---- names ---- */

const struct params_item *params_find(const struct params *p, const char *name, size_t name_len)
{
	for (size_t i = 0; i < p->n; i++)
		if (modname_equal_n(p->items[i].name, p->items[i].name_len, name, name_len))
			return &p->items[i];
	return NULL;
}

/* ---- defaults ---- */

/* Only a value that the type can have counts: "default is to ask the BIOS" does not state one. */
static bool could_be_default(const struct params_item *item, struct text t)
{
	const struct parameter p = { .type = item->type };

	return t.n > 0 && (same_number(t, t) == 1 || same_bool(t, t) == 1) && parameter_check(&p, t.p, t.n) == 0;
}

const char *params_stated_default(const struct params_item *item, size_t *ret_n)
{
	static const char word[] = "default";
	const char *at = item->description ? strcasestr(item->description, word) : NULL;
	int (*comparison)(struct text, struct text) = item->type ? comparison_of(item->type) : NULL;
	struct text t;

	if (!at || (comparison != same_number && comparison != same_bool))
		return NULL;
	at += sizeof(word) - 1;
	at += strspn(at, " :=");
	if (strncmp(at, "is ", 3) == 0)
		at += 3;
	t = (struct text){ at, strcspn(at, " ,.;)]\t") };
	if (!could_be_default(item, t))
		return NULL;
	*ret_n = t.n;
	return at;
}

/* ---- what is configured ---- */

static int take_option(struct params_item *item, const struct policy_entry *e, const struct option *o)
{
	char *value = o->value ? strndup(o->value, o->value_len) : NULL;

	if (o->value && !value)
		return -ENOMEM;
	free(item->configured);
	item->configured = value;
	item->origin = e;
	return 0;
}

/* The items are those that the module declares, in their order, and then what only the running kernel shows. */
static struct params_item *item_of(const struct params_query *q, const struct params *list, const struct option *o)
{
	const struct parameter *p = parameters_find(q->declared, o->key, o->key_len);

	if (p)
		return &list->items[p - q->declared->items];
	for (size_t i = q->declared->n; i < list->n; i++)
		if (modname_equal_n(o->key, o->key_len, list->items[i].name, list->items[i].name_len))
			return &list->items[i];
	return NULL;
}

static int find_configured(const struct params_query *q, const struct params *list)
{
	size_t n = q->policy ? policy_count(q->policy, POLICY_OPTIONS) : 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct policy_entry *e = policy_get(q->policy, POLICY_OPTIONS, i);
		struct span text = span_of_str(e->value);
		struct params_item *item;
		struct option o;

		if (strcmp(e->name, q->module) != 0 || (q->builtin && e->line != 0))
			continue;
		while (r == 0 && option_next(&text, &o)) {
			item = item_of(q, list, &o);
			r = item ? take_option(item, e, &o) : 0;
		}
	}
	return r;
}

static enum params_effect effect_of(const struct params_item *item)
{
	int same;

	if (!item->origin)
		return PARAMS_UNSET;
	if (!item->live || !item->live->value)
		return PARAMS_UNKNOWN;
	same = params_same_value(item->type, item->configured, item->live->value);
	return same < 0 ? PARAMS_UNKNOWN : same ? PARAMS_IN_EFFECT : PARAMS_NOT_IN_EFFECT;
}

/* ---- all of them ---- */

static int add_item(const struct params_query *q, const struct parameter *p, struct params *ret)
{
	if (vec_room(&ret->items, ret->n, &ret->cap) < 0)
		return -ENOMEM;
	ret->items[ret->n++] = (struct params_item){
		.name = p->name,
		.name_len = p->name_len,
		.type = p->type,
		.description = p->description,
		.live = settings_find_n(q->live, p->name, p->name_len),
	};
	return 0;
}

int params_explain(const struct params_query *q, struct params *ret)
{
	struct params list = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->declared->n; i++)
		r = add_item(q, &q->declared->items[i], &list);
	for (size_t i = 0; r == 0 && i < q->live->n; i++) {
		const struct parameter shown = {
			.name = q->live->items[i].name,
			.name_len = strlen(q->live->items[i].name),
		};

		if (!parameters_find(q->declared, shown.name, shown.name_len))
			r = add_item(q, &shown, &list);
	}
	if (r == 0)
		r = find_configured(q, &list);
	for (size_t i = 0; i < list.n; i++)
		list.items[i].effect = effect_of(&list.items[i]);
	if (r < 0)
		params_done(&list);
	else
		*ret = list;
	return r;
}

void params_done(struct params *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->items[i].configured);
	free(p->items);
	*p = (struct params){ 0 };
}
