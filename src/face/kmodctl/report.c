// SPDX-License-Identifier: MIT
/* kmodctl report: all that is known of the machine's modules, as a page, as a summary or as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/replace.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/graphviz.h"
#include "face/kmodctl/overview.h"
#include "face/kmodctl/page.h"
#include "face/kmodctl/snapshot_json.h"
#include "face/kmodctl/status.h"
#include "face/kmodctl/tree.h"

/* Of what dot has drawn; a picture of the most modules that are drawn takes a tenth of it. */
#define PICTURE_MAX (8u * 1024 * 1024)
#define PAGE_MAX (256u * 1024 * 1024)

/* Lines of each list of the summary. */
#define LISTED_MAX 10

struct values {
	const char *html;
	bool json;
};

enum { OPT_HTML = CLI_LONG, OPT_JSON };

/* ---- the picture of the dependencies ---- */

struct drawing {
	struct buf drawn;  /* by dot */
	struct buf reason; /* why there is no picture */
};

static void drawing_done(struct drawing *d)
{
	buf_done(&d->drawn);
	buf_done(&d->reason);
}

static int run_dot(const struct env *env, const struct buf *text, struct drawing *d)
{
	_cleanup_close_ int fd = memfd_create("picture", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : graphviz_draw(&env->sys.root, text, fd, &d->reason);

	if (r == -ENOENT)
		return buf_adds(&d->reason, "the program dot, of the package graphviz, is not installed");
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = fd_read(fd, PICTURE_MAX, &d->drawn);
	if (r < 0 && !d->reason.n)
		buf_addf(&d->reason, "it could not be drawn: %s", strerror(-r));
	else if (r == 0 && !page_picture(buf_span(&d->drawn)).n)
		buf_adds(&d->reason, "what dot has drawn is not one");
	if (d->reason.n)
		buf_clear(&d->drawn);
	return buf_error(&d->reason);
}

static int draw_linked(const struct env *env, const struct running *running, const struct linked *l, struct drawing *d)
{
	const struct tree_view view = { .running = running, .graph = &l->graph, .shown = l->shown };
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (l->error < 0)
		return 0; /* the page has the error */
	if (!l->n)
		return buf_adds(&d->reason, "no loaded module needs another one");
	if (linked_is_too_large(l))
		return buf_addf(&d->reason, "%zu modules with %zu needs are more than the %d with %d that are drawn",
				l->n, l->n_edges, LINKED_MODULES_MAX, LINKED_EDGES_MAX);
	tree_dot(&view, &text);
	return buf_error(&text) < 0 ? buf_error(&text) : run_dot(env, &text, d);
}

/* What cannot be read is said on the page, by whoever writes it. 0, -ENOMEM. */
static int draw(struct env *env, struct drawing *d)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_loaded_ struct loaded loaded = { 0 };
	_cleanup_linked_ struct linked linked = { 0 };
	const struct loaded_filter every = { 0 };
	struct sys silent = env->sys;
	int r;

	silent.diag = (struct diag){ 0 };
	if (running_open(&silent, &running) < 0 || loaded_read(&silent, &every, &loaded) < 0)
		return 0;
	r = linked_read(&running, &loaded, &linked);
	return r < 0 ? r : draw_linked(env, &running, &linked, d);
}

/* ---- the page ---- */

/* There is nothing to report on where the modules are not known; all else that is unknown is a part of the report. */
static int status_of(const struct snapshot *s)
{
	return s->loaded_error < 0 ? STATUS_UNKNOWN : STATUS_YES;
}

/* Into the descriptor. An exit status. */
static int compose(struct env *env, const struct drawing *d, int fd)
{
	_cleanup_snapshot_ struct snapshot snapshot = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct page page = {
		.snapshot = &snapshot,
		.picture = page_picture(buf_span(&d->drawn)),
		.no_picture = d->reason.n ? buf_str(&d->reason) : NULL,
		.now = time(NULL),
		.into = &text,
	};
	int r;

	if (snapshot_read(&env->sys, &snapshot) < 0)
		return STATUS_UNKNOWN;
	page_write(&page);
	r = buf_error(&text);
	if (r == 0)
		r = fd_write_all(fd, text.p, text.n);
	if (r < 0)
		report_error(env, "report.page", "could not make the page: %s", strerror(-r));
	return r < 0 ? STATUS_UNKNOWN : status_of(&snapshot);
}

/*
 * In a child that has given up what reading does not need (command_confine()): it parses what others wrote, while the
 * file is written by a process that never did. An exit status.
 */
static int compose_apart(struct env *env, const struct drawing *d, int fd)
{
	int status = 0;
	pid_t pid;

	fflush(env->out);
	fflush(env->err);
	pid = fork();
	if (pid == 0) {
		command_confine(env, CONFINE_KEEP_KEYS);
		exit(compose(env, d, fd));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			pid = -1;
	if (pid < 0)
		report_error(env, "report.page", "could not make the page: %s", strerror(errno));
	else if (!WIFEXITED(status))
		report_error(env, "report.page", "could not make the page: ended by signal %d", WTERMSIG(status));
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_UNKNOWN;
}

/* What compose() left in the descriptor, to where it was asked for. An exit status; STATUS_YES also for no page. */
static int hand_out(struct env *env, const char *path, int fd)
{
	_cleanup_buf_ struct buf page = BUF_INIT;
	int r = lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd_read(fd, PAGE_MAX, &page);

	if (r < 0) {
		report_error(env, "report.page", "could not make the page: %s", strerror(-r));
		return STATUS_UNKNOWN;
	}
	if (!page.n)
		return STATUS_YES;
	if (strcmp(path, "-") != 0)
		r = file_output(&env->sys.root, path, buf_span(&page), 0600);
	else if (fputs(buf_str(&page), env->out) == EOF) /* escaped already */
		r = -EIO;
	if (r < 0)
		report_error(env, "report.write", "%s: cannot write: %s", path, strerror(-r));
	return r < 0 ? STATUS_NO : STATUS_YES;
}

static int write_page(struct env *env, const char *path)
{
	_cleanup_(drawing_done) struct drawing d = { 0 };
	_cleanup_close_ int fd = memfd_create("page", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : draw(env, &d), status, written;

	if (r < 0) {
		report_error(env, "report.page", "could not make the page: %s", strerror(-r));
		return STATUS_UNKNOWN;
	}
	status = compose_apart(env, &d, fd);
	written = hand_out(env, path, fd);
	return written == STATUS_YES ? status : written;
}

/* ---- the summary ---- */

static void print_modules(FILE *out, const struct snapshot *s)
{
	struct snapshot_sum all = snapshot_sum(s, SNAPSHOT_ORIGINS);
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (s->loaded_error < 0) {
		say(out, "modules      unknown: /proc/modules: %s\n", strerror(-s->loaded_error));
		return;
	}
	page_size(&line, all.size);
	for (enum snapshot_origin o = 0; o < SNAPSHOT_ORIGINS; o++) {
		size_t n = snapshot_sum(s, o).n;

		if (n)
			buf_addf(&line, ", %zu %s", n, snapshot_origin_name(o));
	}
	say(out, "modules      %zu loaded, %s\n", all.n, buf_str(&line));
	if (s->linked.error < 0)
		say(out, "needs        unknown: %s\n",
		    s->linked.error == -ENOENT ? "there is no index" : strerror(-s->linked.error));
	else
		say(out, "needs        %zu between %zu modules\n", s->linked.n_edges, s->linked.n);
}

/* The line of that number; behind the last one, where the others are. */
static bool is_listed(FILE *out, size_t number)
{
	if (number == LISTED_MAX)
		fputs("  ... (--html or --json have all)\n", out);
	return number < LISTED_MAX;
}

static void print_trust(FILE *out, const struct snapshot *s)
{
	size_t loads = snapshot_count(s, TRUST_LOADS), taints = snapshot_count(s, TRUST_TAINTS);
	size_t refused = snapshot_count(s, TRUST_REFUSED);

	say(out, "trust        of the files %zu load, %zu load and taint, %zu are refused, %zu unknown\n", loads,
	    taints, refused, s->loaded.n - loads - taints - refused);
	for (size_t i = 0, n = 0; i < s->loaded.n; i++)
		if (s->items[i].trust.error || s->items[i].trust.verdict.outcome != TRUST_LOADS)
			if (is_listed(out, n++))
				say(out, "  %s: %s\n", s->loaded.items[i].live->name, page_verdict(&s->items[i].trust));
}

static void print_parameters(FILE *out, const struct deviations *d)
{
	say(out, "parameters   %zu differ from a default or are configured, of %zu the default is unknown\n",
	    d->n + d->left_out, d->n_unstated);
	for (size_t i = 0; i < d->n && is_listed(out, i); i++) {
		const struct deviation *x = &d->items[i];

		say(out, "  %s.%s: %s, default %s", x->module, x->name, x->current ? x->current : "unknown",
		    x->stated ? x->stated : "unknown");
		if (x->is_configured)
			say(out, ", configured %s by %s", x->configured ? x->configured : "without a value", x->file);
		if (x->line)
			say(out, ":%u", x->line);
		say(out, "%s\n", x->effect == PARAMS_NOT_IN_EFFECT ? ", not in effect" : "");
	}
}

static int show(struct env *env, bool as_json)
{
	_cleanup_snapshot_ struct snapshot s = { 0 };

	if (snapshot_read(&env->sys, &s) < 0)
		return STATUS_UNKNOWN;
	if (as_json) {
		snapshot_json(env, &s);
		return status_of(&s);
	}
	overview_print(env, &s.summary);
	fputc('\n', env->out);
	print_modules(env->out, &s);
	if (s.loaded_error >= 0)
		print_trust(env->out, &s);
	print_parameters(env->out, &s.deviations);
	say(env->out, "boot         %zu modules with a known time\n", s.waterfall.n);
	return status_of(&s);
}

/* ---- the command ---- */

static int set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct values *v = values;

	if (id == OPT_HTML)
		v->html = arg;
	else
		v->json = true;
	return 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct values *v = values;

	if (argc > 0)
		command_takes_none(env, "report.arguments", "report", argv[0]);
	else if (v->html && v->json)
		report_error(env, "report.arguments", "choose one of --html and --json");
	else if (v->html && !*v->html)
		report_error(env, "report.arguments", "--html needs the name of a file, or - for standard output");
	else if (v->html)
		return write_page(env, v->html);
	else {
		display_page(env);
		command_confine(env, CONFINE_KEEP_KEYS);
		return show(env, v->json);
	}
	return STATUS_USAGE;
}

int cmd_report(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[--json]", "--html FILE", NULL };
	static const struct cli_option options[] = {
		{ OPT_HTML, "html", "FILE",
		  "write all of it as one page, which needs no network; -: to standard output", NULL, 0 },
		{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
		CLI_VERBOSE,
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "Report all that is known of this machine's modules: status, sizes and origins,\n"
			   "dependencies, trust, parameters that differ from their defaults, the boot.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("the report was made", "the page could not be written",
				      STATUS_ROW(3, "the loaded modules could not be read")),
	};
	struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
