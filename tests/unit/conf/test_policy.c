// SPDX-License-Identifier: MIT
#include "messages.h"

#include <errno.h>

#include "read/conf/policy.h"

static struct policy *load(struct fixture *f, const char *moduledir)
{
	const char *paths[] = { "/etc/modprobe.d", NULL };
	const struct policy_request request = { .root = f->root, .paths = paths, .moduledir = moduledir };
	struct policy *p = NULL;

	assert_int_equal(policy_load(&request, &f->diag, &p), 0);
	return p;
}

static void add_value(struct buf *out, const struct policy_entry *e)
{
	if (e->kind == POLICY_BLACKLIST)
		return;
	buf_addc(out, ' ');
	if (e->kind == POLICY_SOFTDEP || e->kind == POLICY_WEAKDEP)
		policy_format_deps(e, out);
	else
		buf_adds(out, e->value);
}

/* As the first part of `modprobe -c`, with '$' for the newlines. */
static char *listing(const struct policy *p)
{
	struct buf out = BUF_INIT;

	for (enum policy_kind kind = 0; kind < POLICY_N; kind++) {
		for (size_t i = 0; i < policy_count(p, kind); i++) {
			const struct policy_entry *e = policy_get(p, kind, i);

			buf_addf(&out, "%s %s", policy_kind_name(kind), e->name);
			add_value(&out, e);
			buf_addc(&out, '$');
		}
	}
	return buf_steal(&out);
}

static void expect(struct fixture *f, const char *want)
{
	struct policy *p = load(f, NULL);
	char *got = listing(p);

	assert_string_equal(got, want);
	free(got);
	policy_free(p);
}

static void expect_text(struct fixture *f, const char *conf, const char *want)
{
	unit_puts(f->dir, "etc/modprobe.d/t.conf", conf);
	expect(f, want);
}

static void expect_bad(struct fixture *f, const char *conf, const char *message)
{
	buf_clear(&f->messages);
	expect_text(f, conf, "");
	assert_string_equal(buf_str(&f->messages), message);
}

static void aliases_and_blacklists_are_normalised(void **state)
{
	expect_text(*state, "alias a-b* c-d more\nalias x[a-b]-c y\nblacklist e-f more\n",
		    "blacklist e_f$alias a_b* c_d$alias x[a-b]_c y$");
}

static void texts_are_kept(void **state)
{
	expect_text(*state, "options m-n  a=1\tb=\"c d\" \ninstall i  /bin/x\ty \nremove r z\\\n  w\n",
		    "install i  /bin/x\ty $remove r z  w$options m_n  a=1 b=\"c d\" $");
}

static void softdeps(void **state)
{
	expect_text(
		*state,
		"softdep a pre: b-c d post: e\nsoftdep f x pre: g\nsoftdep h x y\nsoftdep i post: j post: k pre: l\n"
		"softdep m pre:x n pre: o\nsoftdep p pre:\n",
		"softdep a pre: b-c dpost: e$softdep f pre: g$softdep h $softdep i pre: lpost: j k$"
		"softdep m pre: o$softdep p $");
}

/* kmod loses the keyword behind two separators. */
static void softdep_with_extra_blanks(void **state)
{
	expect_text(*state, "softdep m  pre: a\nweakdep w \t b  c\n", "softdep m pre: a$weakdep w b c$");
}

static void names_of_softdep_end_at_any_white_space(void **state)
{
	expect_text(*state,
		    "softdep m pre: a\r\nsoftdep n pre:\rb\fc\vd post:\re\r\nweakdep w a\rb\fc\vd\r\n"
		    "softdep o \r\nsoftdep p pre: f\r\v\f \tpost: \r\nsoftdep q \rpre: g\n",
		    "softdep m pre: a$softdep n pre: b c dpost: e$softdep o $softdep p pre: f$softdep q pre: g$weakdep "
		    "w a b c d$");
}

/* As kmod, which ends the words of these lines at blanks and tabs. */
static void other_words_keep_other_white_space(void **state)
{
	expect_text(*state,
		    "blacklist m\r\ninstall m\fx c\r\nremove m c\v\nalias a\r b\r\noptions m a=1\r\n"
		    "softdep m\rx pre: a\nweakdep w\rx a\n",
		    "blacklist m\r$install m\fx c\r$remove m c\v$alias a\r b\r$options m a=1\r$"
		    "softdep m\rx pre: a$weakdep w\rx a$");
}

static void weakdeps(void **state)
{
	expect_text(*state, "weakdep a-b c-d e pre: f\n", "weakdep a_b c-d e pre: f$");
}

static void bad_lines(void **state)
{
	static const char *const lines[] = { "options",    "options m",  "options m ",  "install m", "remove m",
					     "softdep m",  "softdep m ", "weakdep m",   "alias a",   "alias a[ b",
					     "alias a b]", "blacklist",  "blacklist x]" };

	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		char conf[64], message[128];

		snprintf(conf, sizeof(conf), "\n%s", lines[i]);
		snprintf(message, sizeof(message),
			 "/etc/modprobe.d/t.conf line 2: ignoring bad line starting with '%.*s'\n",
			 (int)strcspn(lines[i], " "), lines[i]);
		expect_bad(*state, conf, message);
	}
	expect_bad(*state, "a\\\nb\\\nc d\n", "/etc/modprobe.d/t.conf line 3: ignoring bad line starting with 'abc'\n");
	expect_bad(*state, "  # x\n", "/etc/modprobe.d/t.conf line 1: ignoring bad line starting with '#'\n");
	expect_bad(*state, " \t\n", "");
}

static void gone_commands(void **state)
{
	expect_bad(*state, "include /x\nconfig binary_indexes yes\n",
		   "/etc/modprobe.d/t.conf: command include is deprecated and not parsed anymore\n"
		   "/etc/modprobe.d/t.conf: command config is deprecated and not parsed anymore\n");
}

static void bad_lines_do_not_stop_the_file(void **state)
{
	expect_text(*state, "bogus\nblacklist a\n", "blacklist a$");
}

static void entries_know_their_place(void **state)
{
	struct fixture *f = *state;
	const struct policy_entry *e;
	struct policy *p;

	unit_puts(f->dir, "etc/modprobe.d/a.conf", "# x\nblacklist \\\n a\n");
	unit_puts(f->dir, "etc/modprobe.d/b.conf", "blacklist b\n");
	unit_puts(f->dir, "proc/cmdline", "modprobe.blacklist=c\n");
	p = load(f, NULL);
	e = policy_blacklist(p, "a");
	assert_string_equal(e->file, "/etc/modprobe.d/a.conf");
	assert_int_equal(e->line, 3);
	e = policy_blacklist(p, "b");
	assert_string_equal(e->file, "/etc/modprobe.d/b.conf");
	assert_int_equal(e->line, 1);
	e = policy_blacklist(p, "c");
	assert_string_equal(e->file, "/proc/cmdline");
	assert_int_equal(e->line, 0);
	policy_free(p);
}

static void options_come_from_name_and_alias(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf got = BUF_INIT;
	struct policy *p;

	unit_puts(f->dir, "etc/modprobe.d/a.conf",
		  "options foo-bar a=1\noptions foo_alias c=3\noptions foo_bar b=2\noptions foo* d=4\n");
	unit_puts(f->dir, "proc/cmdline", "foo-bar.e=5");
	p = load(f, NULL);
	assert_int_equal(policy_options(p, "foo_bar", NULL, &got), 1);
	assert_string_equal(buf_str(&got), "a=1 b=2 e=5");
	buf_clear(&got);
	assert_int_equal(policy_options(p, "foo_bar", "foo_alias", &got), 1);
	assert_string_equal(buf_str(&got), "a=1 c=3 b=2 e=5");
	buf_clear(&got);
	assert_int_equal(policy_options(p, "foo_bar", "foo_bar", &got), 1);
	assert_string_equal(buf_str(&got), "a=1 b=2 e=5");
	buf_clear(&got);
	assert_int_equal(policy_options(p, "foo_alias2", NULL, &got), 0);
	assert_string_equal(buf_str(&got), "");
	policy_free(p);
}

static void first_match_wins(void **state)
{
	struct fixture *f = *state;
	struct policy *p;

	unit_puts(f->dir, "etc/modprobe.d/a.conf", "install snd* one\ninstall snd_x two\nremove snd* three\n");
	p = load(f, NULL);
	assert_string_equal(policy_match(p, POLICY_INSTALL, "snd_x")->value, "one");
	assert_string_equal(policy_literal(p, POLICY_INSTALL, "snd_x")->value, "two");
	assert_null(policy_literal(p, POLICY_REMOVE, "snd_x"));
	assert_string_equal(policy_literal(p, POLICY_REMOVE, "snd*")->value, "three");
	assert_null(policy_match(p, POLICY_SOFTDEP, "snd_x"));
	assert_null(policy_get(p, POLICY_INSTALL, 2));
	policy_free(p);
}

static void order_of_names_and_patterns(void **state)
{
	static const char *const rows[][2] = {
		{ "aa", "1" }, { "ab", "2" },   { "ac", "3" }, { "b", "6" },
		{ "a?", "3" }, { "x[1]", "8" }, { "x1", "7" },
	};
	struct fixture *f = *state;
	struct policy *p;

	unit_puts(f->dir, "etc/modprobe.d/a.conf",
		  "install aa 1\ninstall ab 2\ninstall a* 3\ninstall ac 4\ninstall ab 5\ninstall b 6\n"
		  "install x[1] 7\ninstall x* 8\n");
	p = load(f, NULL);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		assert_string_equal(policy_match(p, POLICY_INSTALL, rows[i][0])->value, rows[i][1]);
	policy_free(p);
}

static void blacklist_is_literal(void **state)
{
	struct fixture *f = *state;
	struct policy *p;

	unit_puts(f->dir, "etc/modprobe.d/a.conf", "blacklist snd*\n");
	p = load(f, NULL);
	assert_null(policy_blacklist(p, "snd_x"));
	assert_non_null(policy_blacklist(p, "snd*"));
	policy_free(p);
}

/* modules.softdep sorts by its name: "a.conf" comes before it and wins, "z.conf" does not. */
static void softdeps_of_the_release_are_one_of_the_files(void **state)
{
	struct fixture *f = *state;
	struct policy *p;
	char *got;

	unit_puts(f->dir, "lib/modules/1/modules.softdep", "softdep m pre: release\n");
	unit_puts(f->dir, "lib/modules/1/modules.weakdep", "weakdep m release\n");
	unit_puts(f->dir, "etc/modprobe.d/a.conf", "softdep m pre: first\n");
	unit_puts(f->dir, "etc/modprobe.d/z.conf", "softdep m pre: last\n");
	p = load(f, "/lib/modules/1");
	got = listing(p);
	assert_string_equal(got, "softdep m pre: first$softdep m pre: release$softdep m pre: last$weakdep m release$");
	free(got);
	policy_free(p);
}

static void indexes_configure_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct policy *p;
	char *got;

	unit_puts(f->dir, "lib/modules/1/modules.softdep",
		  "install m true\nremove m true\nblacklist m\noptions m a=1\nalias b m\nweakdep m a\nsoftdep m pre: "
		  "a\n");
	unit_puts(f->dir, "lib/modules/1/modules.weakdep",
		  "install m true\nsoftdep m pre: a\ninclude x\nweakdep m a\n");
	p = load(f, "/lib/modules/1");
	got = listing(p);
	assert_string_equal(got, "softdep m pre: a$weakdep m a$");
	assert_non_null(strstr(buf_str(&f->messages), "/lib/modules/1/modules.softdep line 1: ignoring line starting "
						      "with 'install': only softdep lines count in this file"));
	assert_non_null(strstr(buf_str(&f->messages), "/lib/modules/1/modules.weakdep line 3: "));
	free(got);
	policy_free(p);
}

static void what_cannot_be_read_denies_loading(void **state)
{
	struct fixture *f = *state;
	struct policy *p;
	char path[4096];

	unit_puts(f->dir, "etc/modprobe.d/a.conf", "blacklist m\n");
	p = load(f, NULL);
	assert_int_equal(policy_check(p, &f->diag), 0);
	policy_free(p);
	snprintf(path, sizeof(path), "%s/etc/modprobe.d/a.conf", f->dir);
	assert_int_equal(truncate(path, (off_t)2 << 30), 0);
	p = load(f, NULL);
	assert_int_equal(policy_check(p, &f->diag), -EPERM);
	policy_free(p);
}

/* Whoever types at the boot loader's prompt sets options, but runs no commands. */
static void options_of_the_command_line_that_a_shell_would_interpret(void **state)
{
	static const char unsafe[] = ";&|<>()$`\\'*?[]{}#~!";
	struct fixture *f = *state;
	struct policy *p;
	char line[32];

	for (const char *c = unsafe; *c; c++) {
		snprintf(line, sizeof(line), "m.p=1%c2 n.p=1", *c);
		unit_puts(f->dir, "proc/cmdline", line);
		p = load(f, NULL);
		assert_true(policy_is_unsafe(p, "m", NULL));
		assert_true(policy_is_unsafe(p, "x", "m"));
		assert_false(policy_is_unsafe(p, "n", NULL));
		policy_free(p);
	}
}

static void kernel_command_line(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "proc/cmdline",
		  "quiet \"q-r.s=t u\" m.p=a\"b\tc\" bad[.x=1 modprobe.blacklist=a-b,,c modprobe.blacklist "
		  "modprobe.y=1\n");
	expect(f, "blacklist a-b$blacklist $blacklist c$options q_r s=\"t u\"$options m p=a\"b c\"$"
		  "options modprobe blacklist$options modprobe y=1$");
	assert_string_equal(buf_str(&f->messages),
			    "Ignoring bad option on kernel command line while parsing module name: 'bad['\n");
}

static void command_line_is_cut_as_kmod_does(void **state)
{
	struct fixture *f = *state;
	char line[4200];

	memset(line, ' ', sizeof(line));
	memcpy(line, "m.p=1", 5);
	memcpy(line + 4092, "n.q=1", 6);
	unit_puts(f->dir, "proc/cmdline", line);
	expect(f, "options m p=1$options n q$");
}

static void command_line_can_be_left_out(void **state)
{
	struct fixture *f = *state;
	const char *none[] = { NULL };
	const struct policy_request request = { .root = f->root, .paths = none, .no_cmdline = true };
	struct policy *p = NULL;

	unit_puts(f->dir, "proc/cmdline", "m.p=1");
	assert_int_equal(policy_load(&request, NULL, &p), 0);
	assert_int_equal(policy_count(p, POLICY_OPTIONS), 0);
	policy_free(p);
}

static void default_directories(void **state)
{
	struct fixture *f = *state;
	const struct policy_request request = { .root = f->root };
	struct policy *p = NULL;
	char *got;

	unit_puts(f->dir, "etc/modprobe.d/a.conf", "blacklist etc\n");
	unit_puts(f->dir, "run/modprobe.d/b.conf", "blacklist run\n");
	unit_puts(f->dir, "usr/local/lib/modprobe.d/c.conf", "blacklist local\n");
	unit_puts(f->dir, "usr/lib/modprobe.d/d.conf", "blacklist usr\n");
	unit_puts(f->dir, "lib/modprobe.d/e.conf", "blacklist lib\n");
	unit_puts(f->dir, "lib/modprobe.d/a.conf", "blacklist masked\n");
	assert_int_equal(policy_load(&request, NULL, &p), 0);
	got = listing(p);
	assert_string_equal(got, "blacklist etc$blacklist run$blacklist local$blacklist usr$blacklist lib$");
	free(got);
	policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(aliases_and_blacklists_are_normalised),
		FIXTURE_TEST(texts_are_kept),
		FIXTURE_TEST(softdeps),
		FIXTURE_TEST(softdep_with_extra_blanks),
		FIXTURE_TEST(names_of_softdep_end_at_any_white_space),
		FIXTURE_TEST(other_words_keep_other_white_space),
		FIXTURE_TEST(weakdeps),
		FIXTURE_TEST(bad_lines),
		FIXTURE_TEST(gone_commands),
		FIXTURE_TEST(bad_lines_do_not_stop_the_file),
		FIXTURE_TEST(entries_know_their_place),
		FIXTURE_TEST(options_come_from_name_and_alias),
		FIXTURE_TEST(first_match_wins),
		FIXTURE_TEST(order_of_names_and_patterns),
		FIXTURE_TEST(blacklist_is_literal),
		FIXTURE_TEST(softdeps_of_the_release_are_one_of_the_files),
		FIXTURE_TEST(indexes_configure_nothing_else),
		FIXTURE_TEST(what_cannot_be_read_denies_loading),
		FIXTURE_TEST(options_of_the_command_line_that_a_shell_would_interpret),
		FIXTURE_TEST(kernel_command_line),
		FIXTURE_TEST(command_line_is_cut_as_kmod_does),
		FIXTURE_TEST(command_line_can_be_left_out),
		FIXTURE_TEST(default_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
