/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages of the tools: `tool: LEVEL: text` on standard error, or syslog. */

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "face/common/env.h"
#include "read/index/catalog.h"

struct report {
	struct env *env;
	pthread_mutex_t lock; /* workers report as well: guards the rest once they run */
	bool syslog;
	bool fatal;    /* a FATAL message was emitted */
	bool codes;    /* `[code file:line]` follows each message */
	bool as_json;  /* the command answers in JSON */
	bool answered; /* it has done so */
	struct {
		const char *lack;
		size_t files; /* that could not be read for want of it, but for the first one */
	} missing[3];         /* as many as there are codecs */
	struct arena arena;
	struct diag_msg *messages; /* errors and warnings so far */
	size_t n, cap;
};

/* Sets env->sys.diag up, to print messages of this syslog level and more important ones. r must outlive env. */
void report_init(struct report *r, struct env *env, int level);
void report_done(struct report *r);
/* From here on each message shows its code, and the file and line it is about. All tools do so at level LOG_INFO. */
void report_show_codes(struct env *env);
/* The command line asks for JSON: errors and warnings are part of the answer (answer.h). */
void report_as_json(struct env *env);
bool report_is_json(const struct env *env);
/* Where people are told what is not the answer, and are asked: env->out, or env->err beside an answer in JSON. */
FILE *report_people(const struct env *env);
/* An error that getopt(3) has printed already becomes part of the answer. */
void report_usage(struct env *env, const char *text);
/* Neither prints nor keeps any message from here on (-q). */
void report_nothing(struct env *env);
/* From here on messages go to syslog, with the tool's name (modprobe -s). */
void report_use_syslog(struct env *env);
/* The options -s and -v of kmod's tools: rows of a cli_option table, and what they do. True: it was one of them. */
#define REPORT_OPTIONS                                                   \
	{ 's', "syslog", NULL, "print to syslog, not stderr", NULL, 0 }, \
	{                                                                \
		'v', "verbose", NULL, "enables more messages", NULL, 0   \
	}
bool report_option(struct env *env, int id);
/* A FATAL message was emitted: the command must end with status 1. */
bool report_was_fatal(const struct env *env);
/*
 * "did you mean 'e1000e'?", where a module was named that does not exist. For who types that: scripts and logs get what
 * kmod writes, so that nothing is reported unless standard error is a terminal.
 */
#ifdef KMODCTL_SMALL
static inline void report_missing(struct env *env _unused_)
{
}
static inline void report_similar(struct env *env _unused_, const struct catalog *catalog _unused_,
				  const char *written _unused_)
{
}
static inline void report_why(struct env *env _unused_, const char *const *names _unused_, size_t n _unused_)
{
}
#else
/*
 * For want of a library one file is reported; of the others, how many there were: by this function, at the end of the
 * command, and before its answer has the messages. Where messages show their codes, each file is reported.
 */
void report_missing(struct env *env);
void report_similar(struct env *env, const struct catalog *catalog, const char *written);
/*
 * After a failure to load what was named: the command that explains it, for who sits at a terminal, and only where
 * kmodctl is installed in a directory for programs or beside this one.
 */
void report_why(struct env *env, const char *const *names, size_t n);
#endif

/* LOG_CRIT, printed as FATAL. Returns true when it was actually emitted: the caller then gives up with status 1. */
#define report_fatal(env, code, ...) diag_report(&(env)->sys.diag, LOG_CRIT, code, NULL, 0, __VA_ARGS__)
#define report_error(env, code, ...) diag_report(&(env)->sys.diag, LOG_ERR, code, NULL, 0, __VA_ARGS__)
#define report_warning(env, code, ...) diag_report(&(env)->sys.diag, LOG_WARNING, code, NULL, 0, __VA_ARGS__)
#define report_notice(env, code, ...) diag_report(&(env)->sys.diag, LOG_NOTICE, code, NULL, 0, __VA_ARGS__)
#define report_debug(env, code, ...) diag_report(&(env)->sys.diag, LOG_DEBUG, code, NULL, 0, __VA_ARGS__)
