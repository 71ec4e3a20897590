// SPDX-License-Identifier: MIT
#include "messages.h"

#include <string.h>

#include "read/conf/modload.h"
#include "read/conf/policy.h"

#define MODPROBE "/etc/modprobe.d/t.conf"
#define LIST "/etc/modules-load.d/t.conf"

/* What is reported about a file of modprobe.d. */
static void expect(struct fixture *f, const void *content, size_t n, const char *want)
{
	const char *paths[] = { MODPROBE, NULL };
	const struct policy_request request = { .root = f->root, .paths = paths };
	struct policy *p = NULL;

	unit_write(f->dir, &MODPROBE[1], content, n);
	buf_clear(&f->messages);
	assert_int_equal(policy_load(&request, &f->diag, &p), 0);
	policy_free(p);
	assert_string_equal(buf_str(&f->messages), want);
}

/* The same of a list of modules. */
static void expect_list(struct fixture *f, const void *content, size_t n, const char *want)
{
	const char *files[] = { LIST, NULL };
	const struct modload_request request = { f->root, files };
	_cleanup_modload_ struct modload m = { 0 };

	unit_write(f->dir, &LIST[1], content, n);
	buf_clear(&f->messages);
	assert_int_equal(modload_read(&request, &f->diag, &m), 0);
	assert_string_equal(buf_str(&f->messages), want);
}

#define EXPECT(content, want) expect(*state, content, sizeof(content) - 1, want)
#define EXPECT_LIST(content, want) expect_list(*state, content, sizeof(content) - 1, want)
#define CR_LF                                                                                                         \
	"lines end in CR LF: the carriage return counts as a part of the last word, and a backslash before it joins " \
	"no lines\n"
#define SEPARATES " does not separate words"

static void byte_order_marks(void **state)
{
	static const char want[] = " begins with a byte order mark, which counts as a part of its first line\n";
	char text[256];

	snprintf(text, sizeof(text),
		 MODPROBE "%s" MODPROBE " line 1: ignoring bad line starting with '\xef\xbb\xbf"
			  "blacklist'\n",
		 want);
	EXPECT("\xef\xbb\xbf"
	       "blacklist a\nblacklist b\n",
	       text);
	snprintf(text, sizeof(text), LIST "%s", want);
	EXPECT_LIST("\xef\xbb\xbf"
		    "a\n",
		    text);
	EXPECT_LIST("\xff\xfe"
		    "a\0\n\0",
		    LIST " is written in UTF-16, of which nothing is understood: save it as UTF-8\n");
	EXPECT("#\xef\xbb\xbf"
	       "blacklist a\n",
	       "");
}

static void carriage_returns_once_for_each_file(void **state)
{
	EXPECT("# a\r\nblacklist a\r\nblacklist b\r\n", MODPROBE " line 2: " CR_LF);
	EXPECT("blacklist a\rblacklist b\rblacklist c\n",
	       MODPROBE " line 1: a carriage return does not end a line, unless a newline does (U+000D)\n");
	EXPECT_LIST("# a\r\na\r\nb\rc\r\n", "");
}

static void characters_that_look_like_others(void **state)
{
	EXPECT("blacklist\xc2\xa0"
	       "a\nblacklist b\xc2\xa0"
	       "c\n",
	       MODPROBE " line 1: a no-break space" SEPARATES " (U+00A0)\n" MODPROBE
			" line 1: ignoring bad line starting with 'blacklist\xc2\xa0"
			"a'\n");
	EXPECT("options a b=\xe2\x80\x9cx y\xe2\x80\x9d\n",
	       MODPROBE " line 1: this quotation mark does not quote (U+201C)\n");
	EXPECT("blacklist snd\xe2\x80\x93"
	       "pcm\n",
	       MODPROBE " line 1: this dash is not '-' (U+2013)\n");
	EXPECT("alias a\vb c\f\n", MODPROBE " line 1: a vertical tab" SEPARATES " (U+000B)\n" MODPROBE
					    " line 1: a form feed" SEPARATES " (U+000C)\n");
	EXPECT("blacklist a\0blacklist b\n",
	       MODPROBE " line 1: a NUL byte ends the line: what follows is not read (U+0000)\n");
	EXPECT("blacklist a\xe2\x80\x8b\n",
	       MODPROBE " line 1: a character that cannot be seen is a part of the word (U+200B)\n");
	EXPECT_LIST("a\xc2\xa0\n", LIST " line 1: a no-break space" SEPARATES " (U+00A0)\n");
}

static void text_for_others_is_left_alone(void **state)
{
	EXPECT("install a echo \xe2\x80\x9cx\xe2\x80\x9d\xc2\xa0\nremove a echo \xe2\x80\x93\n", "");
	EXPECT("options a b=x\xe2\x80\x93y\n# \xc2\xa0 \xe2\x80\x9c\noptions a b=\xc3\xa9\xff\n", "");
	EXPECT("softdep a pre: b\vc\fd\re\n", "");
}

static void remarks_behind_names(void **state)
{
	static const char want[] = " line 1: \"#\" does not begin a comment here, only at the beginning of a line\n";
	char text[256];

	snprintf(text, sizeof(text), LIST "%s", want);
	EXPECT_LIST("a # b # c\nd # e\n", text);
	snprintf(text, sizeof(text), MODPROBE "%s", want);
	EXPECT("softdep a pre: b # c\nsoftdep b pre: c # d\n", text);
	EXPECT("blacklist a # b\ninstall a /bin/true # c\n", "");
}

static void words_that_are_no_names(void **state)
{
	static const char want[] = "%s line 1: a word of 65536 bytes is too long to be a name\n%s";
	static char line[65536 + 10] = "blacklist ";
	char text[512], word[128 + 1] = "";

	memset(line + 10, 'x', sizeof(line) - 10);
	snprintf(text, sizeof(text), want, MODPROBE, "");
	expect(*state, line, sizeof(line), text);
	snprintf(text, sizeof(text), want, LIST, "");
	expect_list(*state, line + 10, sizeof(line) - 10, text);
	memcpy(line, "options m ", 10);
	expect(*state, line, sizeof(line), "");
	/* what is quoted is not longer than a line on a terminal or two */
	memset(word, 'x', sizeof(word) - 1);
	snprintf(text, sizeof(text), want, MODPROBE, MODPROBE " line 1: ignoring bad line starting with '");
	strcat(strcat(text, word), "...'\n");
	expect(*state, line + 10, sizeof(line) - 10, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(byte_order_marks),
		FIXTURE_TEST(carriage_returns_once_for_each_file),
		FIXTURE_TEST(characters_that_look_like_others),
		FIXTURE_TEST(text_for_others_is_left_alone),
		FIXTURE_TEST(remarks_behind_names),
		FIXTURE_TEST(words_that_are_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
