// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>

#include "act/depmod/gather.h"

struct gathered {
	struct module modules[3];
	struct gather gather;
};

static int look_and_read(struct gather *g, struct module *modules, size_t n)
{
	int r = gather_look(g, modules, n);

	return r < 0 ? r : gather_facts(g, modules, n);
}

static int gather(struct fixture *f, struct gathered *g, const struct cache *cache, unsigned workers)
{
	*g = (struct gathered){
		.modules = { { .path = "a.ko", .name = "a" },
			     { .path = "b.ko", .name = "b" },
			     { .path = "c.ko.xz", .name = "c" } },
		.gather = { .root = f->root, .dir = MODULES, .workers = workers, .cache = cache, .diag = &f->diag },
	};
	return look_and_read(&g->gather, g->modules, ELEMENTSOF(g->modules));
}

/* A cache that knows nothing. */
static const struct cache nothing_known;

static void make_tree(struct fixture *f)
{
	fixture_module(f, "a.ko", "info alias=one\n");
	fixture_module(f, "b.ko", "info alias=two\n");
	fixture_module(f, "c.ko.xz", "info alias=three\ncompress xz\n");
}

/* The tick of the file system's clock is over: the next read may be remembered. */
static void settle(void)
{
	usleep(50000);
}

static void facts_of_all_on_any_number_of_threads(void **state)
{
	struct fixture *f = *state;
	struct gathered g;

	make_tree(f);
	for (unsigned workers = 0; workers < 5; workers++) {
		assert_int_equal(gather(f, &g, NULL, workers), 0);
		assert_string_equal(g.modules[0].facts.lists[RECORD_ALIASES].p, "one");
		assert_string_equal(g.modules[1].facts.lists[RECORD_ALIASES].p, "two");
		assert_string_equal(g.modules[2].facts.lists[RECORD_ALIASES].p, "three");
		assert_int_equal(g.gather.n_read, 3);
		gather_done(&g.gather);
	}
	assert_no_message(f);
}

static void damaged_module_is_told_and_counted(void **state)
{
	struct fixture *f = *state;
	struct gathered g;

	make_tree(f);
	fixture_text(f, "b.ko", "no module at all");
	assert_int_equal(gather(f, &g, &nothing_known, 2), 0);
	assert_int_equal(g.gather.n_damaged, 1);
	assert_int_equal(g.modules[1].facts.lists[RECORD_ALIASES].n, 0);
	assert_false(g.modules[1].storable);
	assert_message(f, "failed to load symbols from " MODULES "/b.ko: Exec format error");
	gather_done(&g.gather);
}

static void vanished_module_is_lost(void **state)
{
	struct fixture *f = *state;
	struct gather strict = { .root = f->root, .dir = MODULES, .workers = 2, .strict = true, .diag = &f->diag };
	struct gathered g;

	make_tree(f);
	assert_int_equal(unlink(fixture_path(f, "b.ko")), 0);
	assert_int_equal(gather(f, &g, &nothing_known, 2), 0);
	assert_int_equal(g.gather.n_lost, 1);
	assert_true(g.modules[1].lost);
	assert_false(g.modules[0].lost);
	assert_message(f, "could not read module b.ko: No such file or directory");
	assert_int_equal(gather_look(&strict, g.modules, ELEMENTSOF(g.modules)), -ENOENT);
	gather_done(&g.gather);
}

/* There when it was looked at, and not a file when it is read. */
static void unreadable_module_gets_no_facts(void **state)
{
	struct fixture *f = *state;
	struct gather strict = { .root = f->root, .dir = MODULES, .workers = 2, .strict = true, .diag = &f->diag };
	struct gathered g;

	make_tree(f);
	assert_int_equal(unlink(fixture_path(f, "b.ko")), 0);
	assert_int_equal(mkdir(fixture_path(f, "b.ko"), 0755), 0);
	assert_int_equal(gather(f, &g, &nothing_known, 2), 0);
	assert_int_equal(g.gather.n_damaged, 1);
	assert_int_equal(g.modules[1].facts.lists[RECORD_ALIASES].n, 0);
	assert_string_equal(g.modules[2].facts.lists[RECORD_ALIASES].p, "three");
	assert_message(f, "depmod.read: failed to load symbols from " MODULES "/b.ko: Is a directory");
	gather_done(&g.gather);
	assert_int_equal(look_and_read(&strict, g.modules, ELEMENTSOF(g.modules)), -EISDIR);
	gather_done(&strict);
}

static void cache_saves_reading(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct gathered g, again;
	struct cache c;

	make_tree(f);
	settle();
	assert_int_equal(gather(f, &g, &nothing_known, 1), 0);
	assert_int_equal(cache_write(g.modules, 3, NULL, &b), 0);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	fixture_module(f, "b.ko", "info alias=changed\n");
	assert_int_equal(gather(f, &again, &c, 1), 0);
	assert_int_equal(again.gather.n_known, 2);
	assert_int_equal(again.gather.n_cached, 2);
	assert_int_equal(again.gather.n_read, 1);
	assert_string_equal(again.modules[0].facts.lists[RECORD_ALIASES].p, "one");
	assert_string_equal(again.modules[1].facts.lists[RECORD_ALIASES].p, "changed");
	gather_done(&g.gather);
	gather_done(&again.gather);
}

/* It could be written again within the same tick, and nobody would see it. */
static void file_of_this_very_moment_is_not_remembered(void **state)
{
	struct fixture *f = *state;
	struct gathered g;

	make_tree(f);
	settle();
	fixture_module(f, "a.ko", "info alias=fresh\n");
	assert_int_equal(gather(f, &g, &nothing_known, 1), 0);
	assert_false(g.modules[0].storable);
	assert_true(g.modules[1].storable);
	gather_done(&g.gather);
}

/* More threads than files, and files so big that they are read one at a time. */
static void big_files_are_read_with_the_others(void **state)
{
	struct fixture *f = *state;
	struct module modules[40];
	char path[40][32], want[40];

	for (unsigned i = 0; i < ELEMENTSOF(modules); i++) {
		snprintf(path[i], sizeof(path[i]), "m%u.ko", i);
		snprintf(want, sizeof(want), "info alias=a%u\n", i);
		fixture_module(f, path[i], want);
		if (i % 3 == 0)
			assert_int_equal(truncate(fixture_path(f, path[i]), (2 + i) << 20), 0);
		modules[i] = (struct module){ .path = path[i], .name = path[i] };
	}
	for (unsigned workers = 1; workers < 8; workers += 3) {
		struct gather g = { .root = f->root, .dir = MODULES, .workers = workers, .diag = &f->diag };

		assert_int_equal(look_and_read(&g, modules, ELEMENTSOF(modules)), 0);
		assert_int_equal(g.n_read, ELEMENTSOF(modules));
		for (unsigned i = 0; i < ELEMENTSOF(modules); i++) {
			snprintf(want, sizeof(want), "a%u", i);
			assert_string_equal(modules[i].facts.lists[RECORD_ALIASES].p, want);
		}
		gather_done(&g);
	}
	assert_no_message(f);
}

static void note_progress(void *data, size_t done, size_t total)
{
	struct fixture *f = data;

	if (done == total && !f->messages.n)
		buf_adds(&f->messages, "complete\n");
}

/* A progress line is wiped before a message is printed. */
static void progress_ends_before_the_messages(void **state)
{
	struct fixture *f = *state;
	struct gathered g = {
		.modules = { { .path = "b.ko", .name = "b" } },
		.gather = { .root = f->root,
			    .dir = MODULES,
			    .workers = 1,
			    .progress = note_progress,
			    .progress_data = f,
			    .diag = &f->diag },
	};

	fixture_text(f, "b.ko", "no module at all");
	assert_int_equal(look_and_read(&g.gather, g.modules, 1), 0);
	assert_memory_equal(buf_str(&f->messages), "complete\n", 9);
	assert_message(f, "depmod.not-a-module");
	gather_done(&g.gather);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(facts_of_all_on_any_number_of_threads),
		FIXTURE_TEST(damaged_module_is_told_and_counted),
		FIXTURE_TEST(vanished_module_is_lost),
		FIXTURE_TEST(unreadable_module_gets_no_facts),
		FIXTURE_TEST(cache_saves_reading),
		FIXTURE_TEST(big_files_are_read_with_the_others),
		FIXTURE_TEST(progress_ends_before_the_messages),
		FIXTURE_TEST(file_of_this_very_moment_is_not_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
