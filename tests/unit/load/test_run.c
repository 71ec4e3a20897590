// SPDX-License-Identifier: MIT
#include "stub_kernel.h"

#include "act/load/chain.h"
#include "act/load/command.h"
#include "act/load/parallel.h"

#include <pthread.h>
#include <sys/wait.h>

/* A made-up kernel state: names that are live, blank separated with a blank at both ends. */
struct world {
	char *dir;
	struct sys sys;
	struct stub_kernel stub;
	struct kernel kernel;
	const char *live;
	struct live_view view;
	struct buf events; /* callbacks */
	struct plan_step steps[2];
	struct plan plan;
	struct run run;
	struct buf asked; /* which modules somebody asked of whether they are live */
};

static int view_state(void *data, const char *name, enum live_state *ret)
{
	const struct world *w = data;
	char word[64];

	snprintf(word, sizeof(word), " %s ", name);
	*ret = strstr(w->live, word) ? LIVE_LIVE : LIVE_ABSENT;
	return 0;
}

static bool view_is_live(void *data, const char *name)
{
	struct world *w = data;
	enum live_state state;

	buf_addf(&w->asked, "%s\n", name);
	return view_state(data, name, &state) == 0 && state == LIVE_LIVE;
}

/* A name with a capital letter is in use. */
static int view_refcnt(void *data _unused_, const char *name, int *ret)
{
	*ret = name[0] >= 'A' && name[0] <= 'Z';
	return 0;
}

static int view_holders(void *data _unused_, const char *name _unused_, struct strv *ret _unused_)
{
	return 0;
}

static void on_start(void *data, const struct plan_step *s)
{
	struct world *w = data;

	buf_addf(&w->events, "start %s\n", s->name);
}

static void on_end(void *data, const struct plan_step *s, int result)
{
	struct world *w = data;

	buf_addf(&w->events, "end %s %d\n", s->name, result);
}

static int on_command(void *data, const struct plan_step *s _unused_, const char *command)
{
	struct world *w = data;

	buf_addf(&w->events, "command %s\n", command);
	return strstr(command, "fail") ? -ENODEV : 3;
}

static const struct plan_step step_a = {
	.action = PLAN_INSERT,
	.reason = PLAN_DEPENDENCY,
	.name = "a",
	.path = "/a.ko",
	.options = "x=1 ",
	.vital = true,
};
static const struct plan_step step_b = {
	.action = PLAN_INSERT,
	.reason = PLAN_REQUESTED,
	.name = "b",
	.path = "/b.ko",
	.options = "",
	.vital = true,
};

/* A plan of step_a and step_b, and a run of it. */
static void world_open(struct world *w, const char *live)
{
	*w = (struct world){ .dir = unit_mkdtemp(), .live = live, .steps = { step_a, step_b } };
	w->kernel = (struct kernel){ &stub_calls, &w->stub };
	w->sys = (struct sys){ .root = { .prefix = w->dir }, .kernel = &w->kernel };
	w->view = (struct live_view){ view_state, view_is_live, view_refcnt, view_holders, w };
	w->plan = (struct plan){ .steps = w->steps, .n = ELEMENTSOF(w->steps) };
	w->run = (struct run){
		.sys = &w->sys,
		.live = &w->view,
		.starting = on_start,
		.run_command = on_command,
		.ended = on_end,
		.data = w,
	};
	unit_puts(w->dir, "a.ko", "module a");
	unit_puts(w->dir, "b.ko", "module b");
}

static void world_close(struct world *w, const char *calls, const char *events)
{
	assert_string_equal(buf_str(&w->stub.log), calls);
	assert_string_equal(buf_str(&w->events), events);
	stub_done(&w->stub);
	buf_done(&w->events);
	buf_done(&w->asked);
	unit_rmdir(w->dir);
}

static const struct plan_request both = { .first = 0, .n = 2 };

static void steps_run_in_order(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	world_close(&w, "finit a.ko 'x=1 ' 0\nfinit b.ko '' 0\n", "start a\nend a 0\nstart b\nend b 0\n");
}

static void loaded_and_builtin_steps_are_skipped(void **state _unused_)
{
	struct world w;

	world_open(&w, " a ");
	w.steps[1].builtin = true;
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	w.run.fail_on_loaded = true;
	assert_int_equal(run_load(&w.run, &w.plan, &both), -EEXIST);
	world_close(&w, "", "end a 1\nend b 1\nend a 1\nend b -17\n");
}

static void dry_run_only_tells(void **state _unused_)
{
	struct world w;

	world_open(&w, " a ");
	w.run.dry_run = w.run.ignore_loaded = true;
	w.steps[0].action = PLAN_INSTALL_COMMAND;
	w.steps[0].command = "cmd";
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	world_close(&w, "", "start a\nend a 0\nstart b\nend b 0\n");
}

/* The command is refused only where it would put the options into the shell's line. */
static void unsafe_options_are_given_to_no_command(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.steps[0] = (struct plan_step){
		.action = PLAN_INSTALL_COMMAND,
		.name = "a",
		.command = "run $CMDLINE_OPTS",
		.options = "x=$(reboot)",
		.vital = true,
		.unsafe_options = true,
	};
	assert_int_equal(run_load(&w.run, &w.plan, &both), -EINVAL);
	w.steps[0].command = "run";
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	world_close(&w, "finit b.ko '' 0\n", "start a\nend a -22\nstart a\ncommand run\nend a 0\nstart b\nend b 0\n");
}

/* The plan for it was made a moment ago, and nothing happened since. */
static void dry_run_does_not_ask_again_for_what_was_requested(void **state _unused_)
{
	struct world w;

	world_open(&w, " a ");
	w.run.dry_run = true;
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	assert_string_equal(buf_str(&w.asked), "a\n");
	world_close(&w, "", "end a 1\nstart b\nend b 0\n");
}

static void a_vital_failure_ends_it_and_others_do_not(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.stub.finit = -EPERM;
	assert_int_equal(run_load(&w.run, &w.plan, &both), -EPERM);
	w.steps[0].vital = w.steps[1].vital = false;
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	world_close(&w, "finit a.ko 'x=1 ' 0\nfinit a.ko 'x=1 ' 0\nfinit b.ko '' 0\n",
		    "start a\nend a -1\nstart a\nend a -1\nstart b\nend b -1\n");
}

static void there_already_is_success_unless_asked_for_the_first_time(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.stub.finit = -EEXIST;
	assert_int_equal(run_load(&w.run, &w.plan, &both), 0);
	buf_clear(&w.events);
	w.run.fail_on_loaded = true;
	assert_int_equal(run_load(&w.run, &w.plan, &both), -EEXIST);
	buf_clear(&w.stub.log);
	world_close(&w, "", "start a\nend a 1\nstart b\nend b -17\n");
}

static void install_commands_get_the_options(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.steps[0].action = w.steps[1].action = PLAN_INSTALL_COMMAND;
	w.steps[0].command = "one $CMDLINE_OPTS|$CMDLINE_OPTS";
	w.steps[1].command = "fail $CMDLINE_OPTSX";
	assert_int_equal(run_load(&w.run, &w.plan, &both), -ENODEV);
	world_close(&w, "", "start a\ncommand one x=1 |x=1 \nend a 0\nstart b\ncommand fail X\nend b -19\n");
}

static void a_module_without_file_is_enoent(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.steps[0].path = NULL;
	assert_int_equal(run_load(&w.run, &w.plan, &both), -ENOENT);
	world_close(&w, "", "start a\nend a -2\n");
}

static void removal_skips_what_came_into_use(void **state _unused_)
{
	struct world w;

	world_open(&w, " m Used ");
	w.steps[0] = (struct plan_step){ .action = PLAN_REMOVE, .reason = PLAN_REQUESTED, .name = "m", .vital = true };
	w.steps[1] = (struct plan_step){ .action = PLAN_REMOVE, .reason = PLAN_UNUSED, .name = "Used" };
	assert_int_equal(run_unload(&w.run, &w.plan, &both), 0);
	w.run.force = true; /* is not for modules on the side */
	w.steps[0].action = PLAN_REMOVE_COMMAND;
	w.steps[0].command = "bye $CMDLINE_OPTS.";
	w.steps[1].name = "free";
	assert_int_equal(run_unload(&w.run, &w.plan, &both), 0);
	world_close(&w, "delete m 0x800\ndelete free 0x800\n",
		    "start m\nend m 0\nend Used 1\nstart m\ncommand bye .\nend m 0\nstart free\nend free 0\n");
}

/* ---- commands by the shell ---- */

static void commands_have_the_module_in_their_environment(void **state _unused_)
{
	const struct plan_step step = { .action = PLAN_INSTALL_COMMAND, .name = "some_mod" };
	const struct root root = ROOT_REAL;

	assert_int_equal(command_run(&root, "test \"$MODPROBE_MODULE\" = some_mod", &step), 0);
	assert_int_equal(command_run(&root, "exit 7", &step), 7);
	assert_int_equal(command_run(&root, "kill -9 $$", &step), 128 + 9);
	assert_null(getenv("MODPROBE_MODULE"));
	assert_null(getenv("MODPROBE_ANCESTORS"));
}

static void a_status_names_its_signal(void **state _unused_)
{
	assert_string_equal(command_signal(137), "SIGKILL");
	assert_string_equal(command_signal(139), "SIGSEGV");
	assert_null(command_signal(128));
	assert_null(command_signal(9));
	assert_null(command_signal(255));
}

/* ---- commands in commands ---- */

static void assert_chain(const char *list, const char *module, enum chain_state expected, const char *path)
{
	const struct root root = ROOT_REAL;
	_cleanup_buf_ struct buf found = BUF_INIT;

	if (list)
		setenv("MODPROBE_ANCESTORS", list, 1);
	if (module)
		setenv("MODPROBE_MODULE", module, 1);
	assert_int_equal(chain_check(&root, "install", "a", &found), expected);
	assert_string_equal(buf_str(&found), path);
	unsetenv("MODPROBE_ANCESTORS");
	unsetenv("MODPROBE_MODULE");
}

static void a_command_that_is_being_run_is_found(void **state _unused_)
{
	_cleanup_free_ char *here = NULL;

	assert_true(asprintf(&here, "install:b:%ld install:a:%ld remove:c:%ld", (long)getpid(), (long)getpid(),
			     (long)getpid()) > 0);
	assert_chain(NULL, NULL, CHAIN_FREE, "a");
	assert_chain(here, NULL, CHAIN_LOOP, "a -> c -> a");
	assert_chain("install:b:1 remove:a:1", "a", CHAIN_FREE, "b -> a -> a");
	assert_chain("install:aa:1", "aa", CHAIN_FREE, "aa -> a");
	assert_chain("install:a:x1:1", "a:x1", CHAIN_FREE, "a:x1 -> a");
	assert_chain("install:b:a:1 install:a:1", NULL, CHAIN_LOOP, "a -> a");
	assert_chain("", NULL, CHAIN_FREE, "a");
	assert_chain("x :: :a install:a:99999999999999999999 y", NULL, CHAIN_LOOP, "a -> a");
	assert_chain("install:a: y", NULL, CHAIN_LOOP, "a -> a");
}

/* It sets MODPROBE_MODULE, which a daemon that a command has left behind still has. */
static void a_foreign_modprobe_is_no_loop(void **state _unused_)
{
	assert_chain(NULL, "a", CHAIN_FREE, "a");
	assert_chain("install:b:1", "a", CHAIN_FREE, "b -> a");
}

/* A daemon that an install command has left behind may load the module again; a zombie waits for nothing, either. */
static void a_process_that_has_ended_does_not_count(void **state _unused_)
{
	_cleanup_free_ char *list = NULL;
	pid_t child = fork();
	siginfo_t info;

	if (child == 0)
		_exit(0);
	assert_true(child > 0 && waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
	assert_true(asprintf(&list, "install:a:%ld", (long)child) > 0);
	assert_chain(list, NULL, CHAIN_FREE, "a (ended) -> a");
	assert_true(waitpid(child, NULL, 0) == child);
	assert_chain(list, NULL, CHAIN_FREE, "a (ended) -> a");
}

/* Numbers are used again. */
static void another_process_of_that_number_does_not_count(void **state _unused_)
{
	const struct root root = ROOT_REAL;
	_cleanup_buf_ struct buf variable = BUF_INIT;
	_cleanup_free_ char *expected = NULL, *other = NULL;
	const char *list;

	assert_int_equal(chain_variable(&root, "install", "a", &variable), 0);
	assert_true(asprintf(&expected, "MODPROBE_ANCESTORS=install:a:%ld.", (long)getpid()) > 0);
	assert_true(strncmp(buf_str(&variable), expected, strlen(expected)) == 0);
	list = strchr(buf_str(&variable), '=') + 1;
	assert_chain(list, NULL, CHAIN_LOOP, "a -> a");
	assert_true(asprintf(&other, "%s1", list) > 0);
	assert_chain(other, NULL, CHAIN_FREE, "a (ended) -> a");
}

static void nesting_has_a_limit(void **state _unused_)
{
	const char *fifteen = "install:b:1 install:c:1 install:d:1 install:e:1 install:f:1 install:g:1 install:h:1 "
			      "install:i:1 install:j:1 install:k:1 install:l:1 install:m:1 install:n:1 install:o:1 "
			      "install:p:1";
	const char *names = "b -> c -> d -> e -> f -> g -> h -> i -> j -> k -> l -> m -> n -> o -> p";
	_cleanup_free_ char *sixteen = NULL, *all = NULL, *free_path = NULL;

	assert_true(asprintf(&free_path, "%s -> a", names) > 0);
	assert_chain(fifteen, "x", CHAIN_FREE, free_path);
	assert_true(asprintf(&sixteen, "%s install:q:2147483647", fifteen) > 0);
	assert_true(asprintf(&all, "%s -> q (ended) -> a", names) > 0);
	assert_chain(sixteen, NULL, CHAIN_DEEP, all);
}

/* Neither the shell nor a caller's function gets it. */
static void a_loop_is_not_run(void **state _unused_)
{
	struct world w;

	world_open(&w, "");
	w.steps[0] =
		(struct plan_step){ .action = PLAN_INSTALL_COMMAND, .name = "m", .options = "", .command = "exit 1" };
	setenv("MODPROBE_ANCESTORS", "install:m:1 remove:m:1", 1);
	assert_int_equal(run_insert_step(&w.run, &w.steps[0]), -ELOOP);
	w.steps[0].action = PLAN_REMOVE_COMMAND;
	assert_int_equal(run_remove_step(&w.run, &w.steps[0]), -ELOOP);
	unsetenv("MODPROBE_ANCESTORS");
	world_close(&w, "", "start m\nstart m\n");
}

/* ---- at once ---- */

/*
 * A kernel in which loading `slow` ends only after `last`, at the far end of another chain, was loaded: it hangs if
 * anything makes the chain wait for it.
 */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
	struct buf order;
	const char *fails;
};

static int gate_finit(void *data, int fd, const char *options _unused_, int flags _unused_)
{
	struct gate *g = data;
	char name[256];
	int r;

	stub_name(fd, name, sizeof(name));
	pthread_mutex_lock(&g->lock);
	while (strcmp(name, "slow.ko") == 0 && !g->open)
		pthread_cond_wait(&g->opened, &g->lock);
	if (strcmp(name, "last.ko") == 0) {
		g->open = true;
		pthread_cond_broadcast(&g->opened);
	}
	buf_addf(&g->order, "%s ", name);
	r = g->fails && strcmp(name, g->fails) == 0 ? -ENODEV : 0;
	pthread_mutex_unlock(&g->lock);
	return r;
}

static const struct kernel_calls gate_calls = { stub_init, gate_finit, stub_delete, stub_uname };

struct crowd {
	char *dir;
	struct sys sys;
	struct gate gate;
	struct kernel kernel;
	struct plan_step steps[5];
	struct graph_edge edges[5][2];
	struct graph_node nodes[5];
	struct plan plan;
	struct graph graph;
	struct parallel_result results[5];
};

/* slow; first <- middle <- last (hard, hard); after <~ slow (soft) */
static void crowd_open(struct crowd *c)
{
	static const char *const names[] = { "slow", "first", "middle", "last", "after" };
	static const char *const paths[] = { "/slow.ko", "/first.ko", "/middle.ko", "/last.ko", "/after.ko" };

	*c = (struct crowd){ .dir = unit_mkdtemp() };
	pthread_mutex_init(&c->gate.lock, NULL);
	pthread_cond_init(&c->gate.opened, NULL);
	c->kernel = (struct kernel){ &gate_calls, &c->gate };
	c->sys = (struct sys){ .root = { .prefix = c->dir }, .kernel = &c->kernel };
	for (size_t i = 0; i < 5; i++) {
		unit_puts(c->dir, paths[i] + 1, "module x");
		c->steps[i] =
			(struct plan_step){ .action = PLAN_INSERT, .name = names[i], .path = paths[i], .options = "" };
		c->nodes[i] = (struct graph_node){ .step = i, .after = c->edges[i] };
	}
	c->edges[2][c->nodes[2].n_after++] = (struct graph_edge){ 1, true };
	c->edges[3][c->nodes[3].n_after++] = (struct graph_edge){ 2, true };
	c->edges[4][c->nodes[4].n_after++] = (struct graph_edge){ 0, false };
	c->plan = (struct plan){ .steps = c->steps, .n = 5 };
	c->graph = (struct graph){ .nodes = c->nodes, .n = 5 };
}

static void crowd_run(struct crowd *c, unsigned jobs)
{
	const struct run r = { .sys = &c->sys };

	assert_int_equal(run_parallel(&r, &c->plan, &c->graph, jobs, c->results), 0);
}

static void crowd_close(struct crowd *c)
{
	buf_done(&c->gate.order);
	unit_rmdir(c->dir);
}

static void a_slow_module_delays_only_what_waits_for_it(void **state _unused_)
{
	struct crowd c;

	crowd_open(&c);
	crowd_run(&c, 2);
	assert_string_equal(buf_str(&c.gate.order), "first.ko middle.ko last.ko slow.ko after.ko ");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(c.results[i].error, 0);
	crowd_close(&c);
}

static void one_job_runs_in_the_order_of_readiness(void **state _unused_)
{
	struct crowd c;

	crowd_open(&c);
	c.gate.open = true;
	crowd_run(&c, 1);
	assert_string_equal(buf_str(&c.gate.order), "slow.ko first.ko after.ko middle.ko last.ko ");
	crowd_close(&c);
}

static void failures_reach_only_hard_dependents(void **state _unused_)
{
	struct crowd c;

	crowd_open(&c);
	c.gate.open = true;
	c.gate.fails = "first.ko";
	crowd_run(&c, 4);
	assert_int_equal(c.results[1].error, -ENODEV);
	assert_int_equal(c.results[2].error, -ECANCELED);
	assert_int_equal(c.results[2].blocker, 1);
	assert_int_equal(c.results[3].error, -ECANCELED);
	assert_int_equal(c.results[3].blocker, 1);
	assert_int_equal(c.results[0].error, 0);
	assert_int_equal(c.results[4].error, 0);
	assert_null(strstr(buf_str(&c.gate.order), "middle"));
	crowd_close(&c);
}

static void a_soft_predecessor_may_fail(void **state _unused_)
{
	struct crowd c;

	crowd_open(&c);
	c.gate.open = true;
	c.gate.fails = "slow.ko";
	crowd_run(&c, 2);
	assert_int_equal(c.results[0].error, -ENODEV);
	assert_int_equal(c.results[4].error, 0);
	crowd_close(&c);
}

static int crowd_command(void *data, const struct plan_step *s, const char *command)
{
	struct buf *log = data;

	buf_addf(log, "%s: %s\n", s->name, command);
	return -ENODEV;
}

static void an_install_command_may_fail_like_a_load(void **state _unused_)
{
	_cleanup_buf_ struct buf log = BUF_INIT;
	struct crowd c;
	const struct run r = { .sys = &c.sys, .run_command = crowd_command, .data = &log };

	crowd_open(&c);
	c.gate.open = true;
	c.steps[1].action = PLAN_INSTALL_COMMAND;
	c.steps[1].command = "try $CMDLINE_OPTS";
	assert_int_equal(run_parallel(&r, &c.plan, &c.graph, 2, c.results), 0);
	assert_string_equal(buf_str(&log), "first: try \n");
	assert_int_equal(c.results[1].error, -ENODEV);
	assert_int_equal(c.results[2].error, -ECANCELED);
	assert_int_equal(c.results[0].error, 0);
	crowd_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_run_in_order),
		cmocka_unit_test(loaded_and_builtin_steps_are_skipped),
		cmocka_unit_test(dry_run_only_tells),
		cmocka_unit_test(unsafe_options_are_given_to_no_command),
		cmocka_unit_test(dry_run_does_not_ask_again_for_what_was_requested),
		cmocka_unit_test(a_vital_failure_ends_it_and_others_do_not),
		cmocka_unit_test(there_already_is_success_unless_asked_for_the_first_time),
		cmocka_unit_test(install_commands_get_the_options),
		cmocka_unit_test(a_module_without_file_is_enoent),
		cmocka_unit_test(removal_skips_what_came_into_use),
		cmocka_unit_test(commands_have_the_module_in_their_environment),
		cmocka_unit_test(a_status_names_its_signal),
		cmocka_unit_test(a_command_that_is_being_run_is_found),
		cmocka_unit_test(a_foreign_modprobe_is_no_loop),
		cmocka_unit_test(a_process_that_has_ended_does_not_count),
		cmocka_unit_test(another_process_of_that_number_does_not_count),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(a_loop_is_not_run),
		cmocka_unit_test(a_slow_module_delays_only_what_waits_for_it),
		cmocka_unit_test(one_job_runs_in_the_order_of_readiness),
		cmocka_unit_test(failures_reach_only_hard_dependents),
		cmocka_unit_test(a_soft_predecessor_may_fail),
		cmocka_unit_test(an_install_command_may_fail_like_a_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
