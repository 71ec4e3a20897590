// SPDX-License-Identifier: MIT
/*
 * Editing a modprobe.d file: what is set reads back, doing the same again changes nothing, and every line that is not
 * an options line of the module stays, byte for byte, in its order.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/optstring.h"
#include "read/conf/edit.h"
#include "read/conf/lexer.h"

#define MODULE "mod"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct edit_change changes[] = {
	{ .name = "set", .value = "new value" },
	{ .name = "flag", .value = "", .bare = true },
	{ .name = "gone", .value = NULL },
};

/* Adds the words that the kernel gets for the module, as the configuration reader and the kernel cut them. */
static void list_words(struct span text, struct strv *ret)
{
	_cleanup_lexer_ struct lexer l;
	char *line, *name;

	lexer_init(&l, text);
	while (lexer_next(&l, &line) > 0) {
		const char *keyword = lexer_word(&line);
		struct span rest;
		struct option o;

		name = keyword && strcmp(keyword, "options") == 0 ? lexer_word(&line) : NULL;
		if (!name || alias_normalize(name, name, strlen(name) + 1) < 0 || strcmp(name, MODULE) != 0)
			continue;
		for (rest = span_of_str(line); option_next(&rest, &o);)
			assert(strv_take(ret, span_dup(o.word)) == 0);
	}
}

static size_t count_word(struct span text, const char *word)
{
	_cleanup_strv_ struct strv words = { 0 };
	size_t n = 0;

	list_words(text, &words);
	for (size_t i = 0; i < words.n; i++)
		n += edit_word_is(words.items[i], word);
	return n;
}

/* The text with all parameters of the module taken out: what must not change. */
static void strip_module(struct span text, struct buf *ret)
{
	_cleanup_strv_ struct strv words = { 0 };
	struct edit_change *none;

	list_words(text, &words);
	none = calloc(words.n + 1, sizeof(*none));
	for (size_t i = 0; i < words.n; i++) {
		words.items[i][strcspn(words.items[i], "=")] = '\0';
		none[i].name = words.items[i];
	}
	/* A name that cannot be written cannot be taken out by name either: then there is nothing to compare. */
	if (edit_options(text, MODULE, none, words.n, ret) < 0)
		buf_clear(ret);
	free(none);
}

static void compare_rest(struct span before, struct span after)
{
	_cleanup_buf_ struct buf a = BUF_INIT, b = BUF_INIT;

	strip_module(before, &a);
	strip_module(after, &b);
	if (a.n == 0 || b.n == 0)
		return;
	/* A last line without newline gets one when a line is added behind it, two if it ends in a backslash. */
	while (b.n > a.n && b.n <= a.n + 2 && b.p[b.n - 1] == '\n')
		b.n--;
	assert(span_eq(buf_span(&a), buf_span(&b)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf once = BUF_INIT, twice = BUF_INIT;
	struct span text = span_of(data, size);

	if (size && memchr(data, '\0', size)) {
		assert(edit_options(text, MODULE, changes, ELEMENTSOF(changes), &once) == -EINVAL);
		return 0;
	}
	assert(edit_options(text, MODULE, changes, ELEMENTSOF(changes), &once) == 0);
	assert(count_word(buf_span(&once), "set") == 1);
	assert(count_word(buf_span(&once), "flag") == 1);
	assert(count_word(buf_span(&once), "gone") == 0);
	assert(edit_options(buf_span(&once), MODULE, changes, ELEMENTSOF(changes), &twice) == 0);
	assert(span_eq(buf_span(&once), buf_span(&twice)));
	compare_rest(text, buf_span(&once));
	return 0;
}
