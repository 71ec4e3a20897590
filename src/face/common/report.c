// SPDX-License-Identifier: MIT
#include "face/common/report.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/printable.h"
#include "base/program.h"
#include "base/shellword.h"
#include "base/vec.h"
#include "read/index/similar.h"

/* As kmod words a syslog level. */
static const char *level_name(int level)
{
	static const char *const names[] = {
		[LOG_EMERG] = "LOG-000",   [LOG_ALERT] = "LOG-001", [LOG_CRIT] = "FATAL", [LOG_ERR] = "ERROR",
		[LOG_WARNING] = "WARNING", [LOG_NOTICE] = "NOTICE", [LOG_INFO] = "INFO",  [LOG_DEBUG] = "DEBUG",
	};

	return level >= 0 && level <= LOG_DEBUG ? names[level] : "LOG";
}

/* When memory runs out a message is left out of the answer; it was printed nevertheless. */
static void collect(struct report *r, const struct diag_msg *msg)
{
	struct diag_msg m = *msg;

	m.code = arena_str(&r->arena, msg->code);
	m.file = msg->file ? arena_str(&r->arena, msg->file) : NULL;
	m.text = arena_str(&r->arena, msg->text);
	if (m.code && (m.file || !msg->file) && m.text && vec_room(&r->messages, r->n, &r->cap) == 0)
		r->messages[r->n++] = m;
}

static void add_code(const struct diag_msg *msg, struct buf *into)
{
	buf_addf(into, " [%s%s", msg->code, msg->file ? " " : "");
	if (msg->file)
		printable_add(into, msg->file, strlen(msg->file));
	if (msg->file && msg->line)
		buf_addf(into, ":%u", msg->line);
	buf_addc(into, ']');
}

#ifdef KMODCTL_WITHOUT_SYSLOG

static bool send_to_daemon(struct span line)
{
	static const struct sockaddr_un daemon = { AF_UNIX, "/dev/log" };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const void *)&daemon, sizeof(daemon)) == 0 &&
	       send(fd, line.p, line.n, MSG_NOSIGNAL) >= 0;
}

/*
 * What syslog(3) does with LOG_CONS, but for the time, which the daemon knows: for the time musl's function brings
 * 10 kB of calendars and time zones into the static binary. Where there is no console either, standard error is left.
 */
static void report_to_syslog(const struct report *r, int level, const char *text, const char *code)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	_cleanup_close_ int console = -1;
	size_t priority;

	buf_addf(&line, "<%d>", LOG_DAEMON | level);
	priority = line.n;
	buf_addf(&line, "%s: %s: %s%s\n", r->env->tool, level_name(level), text, code);
	if (send_to_daemon(buf_span(&line)))
		return;
	console = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (line.n > priority)
		(void)fd_write_all(console < 0 ? STDERR_FILENO : console, line.p + priority, line.n - priority);
}

#else

static void report_to_syslog(const struct report *r _unused_, int level, const char *text, const char *code)
{
	syslog(level, "%s: %s%s", level_name(level), text, code);
}

#endif

/* At LOG_INFO kmod's own messages contain addresses, so there is no fixed output to match. */
static bool shows_codes(const struct report *r)
{
	return r->codes || r->env->sys.diag.max_level >= LOG_INFO;
}

#ifdef KMODCTL_SMALL

/* There are no codecs. */
static bool was_reported(struct report *r _unused_, const struct diag_msg *msg _unused_)
{
	return false;
}

#else

/* Counts what is the same as before but for the file. */
static bool was_reported(struct report *r, const struct diag_msg *msg)
{
	size_t i = 0;

	if (!msg->lack || shows_codes(r))
		return false;
	while (i < ELEMENTSOF(r->missing) && r->missing[i].lack && strcmp(r->missing[i].lack, msg->lack) != 0)
		i++;
	if (i == ELEMENTSOF(r->missing))
		return false;
	if (r->missing[i].lack)
		r->missing[i].files++;
	else
		r->missing[i].lack = msg->lack;
	return r->missing[i].files > 0;
}

void report_missing(struct env *env)
{
	struct report *r = env->sys.diag.data;

	for (size_t i = 0; i < ELEMENTSOF(r->missing); i++) {
		size_t files = r->missing[i].files;

		r->missing[i].files = 0;
		if (files)
			report_error(env, "image.no-library", "%s for %zu more file%s", r->missing[i].lack, files,
				     files == 1 ? "" : "s");
	}
}

#endif

static void print_and_keep(struct report *r, const struct diag_msg *msg)
{
	_cleanup_buf_ struct buf code = BUF_INIT;

	if (was_reported(r, msg))
		return;
	if (msg->level == LOG_CRIT)
		r->fatal = true;
	if (msg->level <= LOG_WARNING)
		collect(r, msg);
	if (shows_codes(r))
		add_code(msg, &code);
	if (r->syslog)
		report_to_syslog(r, msg->level, msg->text, buf_str(&code));
	else
		fprintf(r->env->err, "%s: %s: %s%s\n", r->env->tool, level_name(msg->level), msg->text, buf_str(&code));
}

static void report_sink(void *data, const struct diag_msg *msg)
{
	struct report *r = data;

	pthread_mutex_lock(&r->lock);
	print_and_keep(r, msg);
	pthread_mutex_unlock(&r->lock);
}

void report_init(struct report *r, struct env *env, int level)
{
	*r = (struct report){ .env = env, .lock = PTHREAD_MUTEX_INITIALIZER };
	env->sys.diag = (struct diag){ .sink = report_sink, .data = r, .max_level = level };
}

void report_done(struct report *r)
{
	arena_done(&r->arena);
	free(r->messages);
}

void report_show_codes(struct env *env)
{
	struct report *r = env->sys.diag.data;

	r->codes = true;
}

void report_as_json(struct env *env)
{
	struct report *r = env->sys.diag.data;

	r->as_json = true;
}

bool report_is_json(const struct env *env)
{
	const struct report *r = env->sys.diag.data;

	return r->as_json;
}

FILE *report_people(const struct env *env)
{
	return report_is_json(env) ? env->err : env->out;
}

void report_usage(struct env *env, const char *text)
{
	struct report *r = env->sys.diag.data;
	const struct diag_msg msg = { .level = LOG_ERR, .code = "cli.usage", .text = text };

	collect(r, &msg);
}

void report_nothing(struct env *env)
{
	env->sys.diag.max_level = -1;
}

void report_use_syslog(struct env *env)
{
	struct report *r = env->sys.diag.data;

#ifndef KMODCTL_WITHOUT_SYSLOG
	openlog(env->tool, LOG_CONS, LOG_DAEMON);
#endif
	r->syslog = true;
}

bool report_option(struct env *env, int id)
{
	if (id == 's')
		report_use_syslog(env);
	else if (id == 'v')
		env->sys.diag.max_level++;
	return id == 's' || id == 'v';
}

bool report_was_fatal(const struct env *env)
{
	const struct report *r = env->sys.diag.data;

	return r->fatal;
}

#ifndef KMODCTL_SMALL
void report_similar(struct env *env, const struct catalog *catalog, const char *written)
{
	_cleanup_buf_ struct buf names = BUF_INIT;

	if (isatty(STDERR_FILENO) && similar_names(catalog, written, &names) > 0)
		report_error(env, "module.similar", "did you mean %s?", buf_str(&names));
}

static bool is_beside(const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	const char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;
	size_t len = slash ? (size_t)(slash + 1 - path) : 0;

	if (!len || len + strlen(name) >= sizeof(path))
		return false;
	strcpy(path + len, name);
	return access(path, X_OK) == 0;
}

void report_why(struct env *env, const char *const *names, size_t n)
{
	const struct report *r = env->sys.diag.data;
	_cleanup_free_ const char **argv = calloc(n + 3, sizeof(*argv));
	_cleanup_buf_ struct buf command = BUF_INIT;

	if (!argv || r->syslog || r->as_json || !isatty(STDERR_FILENO) || !diag_wants(&env->sys.diag, LOG_ERR) ||
	    (!program_is_installed(&env->sys.root, "kmodctl") && !is_beside("kmodctl")))
		return;
	argv[0] = "kmodctl";
	argv[1] = "why";
	memcpy(argv + 2, names, n * sizeof(*argv));
	if (shellword_join(&command, argv) == 0)
		report_error(env, "module.why", "to see why: %s", buf_str(&command));
}
#endif
