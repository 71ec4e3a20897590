// SPDX-License-Identifier: MIT
#include "base/optstring.h"

#include <string.h>

#include "base/modname.h"

static const char blanks[] = " \t\n\v\f\r";

static bool is_blank(uint8_t c)
{
	return c && strchr(blanks, c);
}

/* The word that *text begins with; *ret_equals is the place of its first '=', or its length. */
static struct span take_word(struct span *text, size_t *ret_equals)
{
	bool quoted = false, has_equals = false;
	struct span word;
	size_t n;

	for (n = 0; n < text->n && (quoted || !is_blank(text->p[n])); n++) {
		if (text->p[n] == '"')
			quoted = !quoted;
		if (text->p[n] != '=' || has_equals)
			continue;
		has_equals = true;
		*ret_equals = n;
	}
	if (!has_equals)
		*ret_equals = n;
	word = span_of(text->p, n);
	*text = span_of(text->p + n, text->n - n);
	return word;
}

bool option_next(struct span *text, struct option *ret)
{
	size_t begin = 0, equals, end;
	struct span word;

	while (text->n > 0 && is_blank(text->p[0]))
		*text = span_of(text->p + 1, text->n - 1);
	if (text->n == 0)
		return false;
	word = take_word(text, &equals);
	end = word.n;
	/* "key=value" quoted as a whole */
	if (word.p[0] == '"') {
		begin = 1;
		end -= end > begin && word.p[end - 1] == '"';
	}
	*ret = (struct option){ .word = word, .key = (const char *)word.p + begin };
	if (equals >= end) {
		ret->key_len = end - begin;
		return true;
	}
	ret->key_len = equals - begin;
	equals++;
	if (equals < end && word.p[equals] == '"') {
		equals++;
		end -= end > equals && word.p[end - 1] == '"';
	}
	ret->value = (const char *)word.p + equals;
	ret->value_len = end - equals;
	return true;
}

bool option_is(const struct option *o, const char *name)
{
	return modname_equal_n(o->key, o->key_len, name, strlen(name));
}

bool option_needs_quotes(const char *value)
{
	return strpbrk(value, blanks);
}

int option_put(struct buf *into, const char *name, const char *value)
{
	const char *quote = value && option_needs_quotes(value) ? "\"" : "";

	return value ? buf_addf(into, "%s=%s%s%s", name, quote, value, quote) : buf_adds(into, name);
}

static void add_argument(const char *arg, struct buf *into)
{
	const char *value = strchr(arg, '=');

	if (value && value[1] != '"' && value[1] != '\'' && strchr(value + 1, ' '))
		buf_addf(into, "%.*s=\"%s\"", (int)(value - arg), arg, value + 1);
	else
		buf_adds(into, arg);
}

int optstring_join(int argc, char *const *argv, struct buf *into)
{
	size_t start = into->n;

	for (int i = 0; i < argc; i++) {
		if (into->n > start)
			buf_addc(into, ' ');
		add_argument(argv[i], into);
	}
	return buf_error(into);
}
