// SPDX-License-Identifier: MIT
/* kmod static-nodes: modules.devname of the running kernel, for programs that make device nodes at boot. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/json.h"
#include "base/num.h"
#include "base/replace.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "read/index/devname.h"
#include "face/kmod/commands.h"
#include "face/common/report.h"
#include "system/release.h"

/* One line is some 40 bytes; a release has less than a hundred. */
#define DEVNAME_FILE_MAX (4u << 20)

struct format {
	const char *name;
	void (*node)(FILE *out, const struct devname_node *node);
	const char *help;
};

struct static_nodes_options {
	const struct format *format;
	const char *output;
	bool json;
};

static void print_human(FILE *out, const struct devname_node *n)
{
	fprintf(out, "Module: %s\n\tDevice node: /dev/%s\n", n->module, n->device);
	fprintf(out, "\t\tType: %s device\n", n->type == 'b' ? "block" : "character");
	fprintf(out, "\t\tMajor: %" PRIu32 "\n\t\tMinor: %" PRIu32 "\n", n->major, n->minor);
}

static void print_tmpfiles(FILE *out, const struct devname_node *n)
{
	const char *slash = strrchr(n->device, '/');

	if (slash)
		fprintf(out, "d /dev/%.*s 0755 - - -\n", (int)(slash - n->device), n->device);
	fprintf(out, "%c! /dev/%s 0600 - - - %" PRIu32 ":%" PRIu32 "\n", n->type, n->device, n->major, n->minor);
}

static void print_devname(FILE *out, const struct devname_node *n)
{
	fprintf(out, "%s %s %c%" PRIu32 ":%" PRIu32 "\n", n->module, n->device, n->type, n->major, n->minor);
}

static const struct format formats[] = {
	{ "human", print_human, "(default) a human readable format. Do not parse." },
	{ "tmpfiles", print_tmpfiles, "the tmpfiles.d(5) format used by systemd-tmpfiles." },
	{ "devname", print_devname, "the modules.devname format." },
};

enum { OPT_JSON = CLI_LONG };

static const struct cli_option static_nodes_options[] = {
	{ 'f', "format", "FORMAT", "choose format to use: see \"Formats\"", NULL, 0 },
	{ 'o', "output", "FILE", "write output to file", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ 0 },
};

static void static_nodes_help(FILE *out);

static int set_format(struct env *env, struct static_nodes_options *o, const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			o->format = &formats[i];
			return 0;
		}
	}
	say(env->err, "Unknown format: '%s'.\n", name);
	static_nodes_help(env->out);
	return -EINVAL;
}

static int static_nodes_set(struct env *env, void *values, int id, const char *arg)
{
	struct static_nodes_options *o = values;

	switch (id) {
	case 'f':
		return set_format(env, o, arg);
	case 'o':
		o->output = arg;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	}
	return 0;
}

static void static_nodes_help(FILE *out)
{
	static const char *const usage[] = { "static-nodes [options]", NULL };
	static const struct cli shown = {
		.usage = usage,
		.summary = "kmod static-nodes outputs the static-node information of the currently running kernel.",
		.options = static_nodes_options,
	};

	cli_help(&shown, "kmod", out);
	fputs("\nFormats:\n", out);
	for (size_t i = 0; i < ELEMENTSOF(formats); i++)
		fprintf(out, "\t%-12s %s\n", formats[i].name, formats[i].help);
}

/* ---- output ---- */

static int create_parents(struct env *env, const char *path)
{
	_cleanup_free_ char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	int r = dir ? 0 : -ENOMEM;

	if (slash && slash != dir) {
		*slash = '\0';
		r = root_mkdirs(&env->sys.root, dir);
	}
	if (r < 0)
		say(env->err, "Error: could not create parent directory for %s - %s.\n", path, strerror(-r));
	return r;
}

static int create_output(struct env *env, const char *path, FILE **ret)
{
	int fd = create_parents(env, path);
	/* Through no link that somebody planted. */
	int link = file_stream_of(path) < 0 ? O_NOFOLLOW : 0;

	if (fd < 0)
		return fd;
	fd = root_create(&env->sys.root, path, O_WRONLY | O_TRUNC | link, 0644);
	if (fd < 0) {
		say(env->err, "Error: could not create %s - %s\n", path, strerror(-fd));
		return fd;
	}
	*ret = fdopen(fd, "w");
	if (!*ret)
		close(fd);
	return *ret ? 0 : -ENOMEM;
}

/* Without -o: standard output, which the caller flushes. */
static int finish_output(struct env *env, const char *path, FILE *out)
{
	bool failed;

	if (out == env->out)
		return 0;
	failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return 0;
	say(env->err, "Error: could not write %s: %s\n", path, strerror(errno));
	return -EIO;
}

static void json_node(struct json *j, const struct devname_node *n)
{
	json_object(j, NULL);
	json_str(j, "module", n->module);
	json_str(j, "device", n->device);
	json_str(j, "type", n->type == 'b' ? "block" : "character");
	json_uint(j, "major", n->major);
	json_uint(j, "minor", n->minor);
	json_end(j);
}

static void print_nodes(const struct devname *d, const struct static_nodes_options *o, const struct env *env, FILE *out)
{
	struct env there = *env; /* --output is another file */
	struct json j;

	if (!o->json) {
		for (size_t i = 0; i < d->n; i++)
			o->format->node(out, &d->items[i]);
		return;
	}
	there.out = out;
	answer_open(&there, &j);
	json_array(&j, "nodes");
	for (size_t i = 0; i < d->n; i++)
		json_node(&j, &d->items[i]);
	json_end(&j);
	answer_close(&there, &j);
}

/* ---- input ---- */

/* 1: read, 0: it does not exist (reported, but not an error), -errno: reported. */
static int read_file(struct env *env, struct buf *text)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_free_ char *dir = NULL;
	int r = release_dir(env->sys.kernel, NULL, NULL, &dir);

	if (r < 0) {
		say(env->err, "Error: uname failed: %s\n", strerror(-r));
		return r;
	}
	r = buf_addf(&path, "%s/modules.devname", dir);
	if (r == 0)
		r = file_read_regular(&env->sys.root, buf_str(&path), DEVNAME_FILE_MAX, text);
	if (r == -ENOENT) {
		say(env->err, "Warning: %s not found - ignoring\n", buf_str(&path));
		return 0;
	}
	if (r < 0)
		say(env->err, "Error: could not read %s: %s\n", buf_str(&path), strerror(-r));
	return r < 0 ? r : 1;
}

static void report_bad(void *data, const char *line)
{
	struct env *env = data;

	say(env->err, "Error: invalid devname entry: %s\n", line);
}

static int write_nodes(struct env *env, const struct static_nodes_options *o)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_(devname_done) struct devname nodes = { 0 };
	FILE *out = env->out;
	int r = read_file(env, &text);

	if (r <= 0)
		return r;
	r = devname_parse(buf_span(&text), report_bad, env, &nodes);
	if (r < 0)
		return r;
	if (o->output && create_output(env, o->output, &out) < 0)
		return -EIO;
	print_nodes(&nodes, o, env, out);
	r = finish_output(env, o->output, out);
	return r < 0 || nodes.bad ? -EINVAL : 0;
}

static int run(struct env *env, void *values, int argc _unused_, char **argv _unused_)
{
	return write_nodes(env, values) < 0 ? 1 : 0;
}

int cmd_static_nodes(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.options = static_nodes_options,
		.help = static_nodes_help,
		.set = static_nodes_set,
		.run = run,
	};
	struct static_nodes_options options = { .format = &formats[0] };

	return cli_main(env, &cli, argc, argv, &options);
}
