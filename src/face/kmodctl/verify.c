// SPDX-License-Identifier: MIT
/* kmodctl verify: checks module signatures against given certificates, offline. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errname.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/pool.h"
#include "base/signals.h"
#include "face/common/say.h"
#include "read/image/siginfo.h"
#include "read/image/source.h"
#include "read/image/trailer.h"
#include "act/sign/cert.h"
#include "act/sign/verify.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/file_kernel.h"
#include "face/kmodctl/file_work.h"
#include "face/kmodctl/status.h"
#include "system/module_files.h"
#include "face/common/report.h"
#include "verb/why/algorithms.h"
#include "verb/why/signature.h"

struct verify_options {
	struct strv certs, directories;
	struct module_files files;
	bool json, verbose, quiet;
	unsigned jobs; /* 0: by CPUs */
};

enum { OPT_CERT = CLI_LONG, OPT_KEYRING_DIR, OPT_JSON };

static const struct cli_option verify_options[] = {
	{ OPT_CERT, "cert", "CERT", "trusted certificate, PEM or DER (repeatable)", NULL, 0 },
	{ OPT_KEYRING_DIR, "keyring-dir", "DIR", "directory of trusted certificates (repeatable)", NULL, 0 },
	{ 'a', "all", NULL, "every module of the kernel of -k, or of the running one", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel whose rules count (default: the one that each was built for)", NULL, 0 },
	{ 'j', "jobs", "N", "files at a time (default: CPUs)", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ 'q', "quiet", NULL, "print nothing (but wrong usage, and JSON if it is asked for)", NULL, 0 },
	{ 'v', "verbose", NULL, "also print good files of trees, and the answer of finit_module(2)", NULL, 0 },
	{ 0 },
};

static int verify_set(struct env *env, void *values, int id, const char *arg)
{
	struct verify_options *o = values;

	switch (id) {
	case OPT_CERT:
		return strv_add(&o->certs, arg);
	case OPT_KEYRING_DIR:
		return strv_add(&o->directories, arg);
	case 'a':
		o->files.all = true;
		break;
	case 'k':
		o->files.version = arg;
		break;
	case 'j':
		return cli_set_jobs(env, arg, &o->jobs);
	case OPT_JSON:
		o->json = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		report_show_codes(env);
		o->verbose = true;
		break;
	}
	return 0;
}

static const char *const verify_usage[] = {
	"--cert CERT|--keyring-dir DIR [options] FILE|DIR...",
	"--cert CERT|--keyring-dir DIR [options] -a [-k VERSION]",
	NULL,
};

/* The states are ordered by how bad they are. Without the signer's certificate it cannot be found out what is true. */
static int status_of(enum verify_state state)
{
	static const int statuses[VERIFY_STATES] = {
		[VERIFY_GOOD] = STATUS_YES,
		[VERIFY_UNSIGNED] = STATUS_NO,
		[VERIFY_UNKNOWN_SIGNER] = STATUS_UNKNOWN,
		[VERIFY_UNDECIDED] = STATUS_UNKNOWN,
		[VERIFY_UNSUPPORTED] = STATUS_OWN,
		[VERIFY_CHANGED] = STATUS_OWN + 1,
		[VERIFY_BAD_SIGNATURE] = STATUS_OWN + 2,
		[VERIFY_REFUSED] = STATUS_OWN + 3,
		[VERIFY_DAMAGED] = STATUS_OWN + 4,
	};

	return statuses[state];
}

/* What is kept of each file. */
struct verdict {
	struct verify_result result;
	unsigned kernel; /* its version */
	int error;       /* -errno: the file could not be read; -EINTR: it was not reached. The rest is empty then */
	bool has_info;
	char signer[SIGINFO_SIGNER_MAX];
	char *key_id;
	const char *hash;
};

struct work {
	struct env *env;
	const struct module_list *list;
	const struct strv *files; /* its paths */
	const struct keyring *ring;
	struct file_kernels *kernels;
	struct scratch **scratch; /* one per worker */
	struct verdict *verdicts; /* one per file */
	struct file_progress progress;
};

/* The same fields that modinfo shows. */
static int keep_info(struct span file, struct verdict *v)
{
	_cleanup_buf_ struct buf id = BUF_INIT;
	struct trailer t = trailer_read(file);
	struct siginfo info;
	int r;

	if (t.state != TRAILER_OK)
		return 0;
	siginfo_read_signer(&t, (unsigned)v->result.signer, &info);
	if (!info.parsed)
		return 0;
	r = hex_colons(info.key_id, 0, &id);
	if (r < 0)
		return r;
	snprintf(v->signer, sizeof(v->signer), "%s", info.signer);
	v->hash = info.hash;
	v->key_id = buf_steal(&id);
	v->has_info = true;
	return 0;
}

/* A result that depends on what is not known of the kernel. */
static void doubt(struct verify_result *v)
{
	char cause[sizeof(v->cause)];

	if (!v->waived || v->error == -EKEYREJECTED)
		return;
	snprintf(cause, sizeof(cause), "%s", v->cause);
	snprintf(v->cause, sizeof(v->cause),
		 "%s, if it is built with CONFIG_PKCS7_WAIVE_AUTHATTRS_REJECTION_FOR_MLDSA, refused otherwise for its "
		 "signed attributes: %.200s",
		 verify_state_name(v->state), cause);
	v->state = VERIFY_UNDECIDED;
}

/* The digest comes before any key is looked for: without its hash nothing else is asked. */
static void look_for_hash(struct span file, const struct kconfig *config, struct verify_result *v)
{
	const struct trailer t = trailer_read(file);
	struct siginfo info;
	char why[128];

	if (v->error == -ENODATA || v->state == VERIFY_REFUSED || v->state == VERIFY_DAMAGED)
		return;
	siginfo_read(&t, &info);
	if (!algorithm_hash_is_lacking(&info, config, why, sizeof(why)))
		return;
	v->state = VERIFY_UNSUPPORTED;
	v->error = -ENOPKG;
	snprintf(v->cause, sizeof(v->cause), "signed with a hash that the kernel does not have: %s", why);
}

/* The ring was judged by the usual kernel. */
static int verify_content(struct work *w, struct source *src, struct span file, struct verdict *v)
{
	struct kernel_target target;
	struct chain_kernel kernel;
	int r = file_kernel_find(w->kernels, src, &target);

	if (r < 0)
		return r;
	kernel = chain_kernel_of(target.version, &target.config);
	kernel.target = r == 1 ? &target : NULL;
	v->kernel = target.version;
	r = verify_for(file, w->ring, kernel, &v->result);
	if (r == 0)
		look_for_hash(file, &target.config, &v->result);
	return r;
}

static int verify_one_file(struct work *w, const char *path, struct scratch *scratch, struct verdict *v)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	const char *unseen = NULL;
	char text[128];
	struct span file;
	int r = source_open(&w->env->sys.root, path, scratch, &w->env->sys.diag, &src);

	if (r == 0)
		r = source_whole(src, &file);
	if (r == 0)
		r = verify_content(w, src, file, v);
	if (r == 0 && v->result.state == VERIFY_UNSIGNED)
		unseen = signature_unseen(src, file, text, sizeof(text));
	if (unseen)
		snprintf(v->result.cause, sizeof(v->result.cause), "not signed: %s", unseen);
	if (r == 0)
		doubt(&v->result);
	return r < 0 ? r : keep_info(file, v);
}

static int verify_one(void *data, unsigned worker, size_t index)
{
	struct work *w = data;
	struct verdict *v = &w->verdicts[index];

	v->error = w->list->errors.items[index];
	if (v->error)
		return v->error;
	v->error = signals_waiting() ? -EINTR : verify_one_file(w, w->files->items[index], w->scratch[worker], v);
	file_progress_step(&w->progress);
	return v->error;
}

static void work_done(struct work *w, unsigned jobs)
{
	for (unsigned i = 0; w->scratch && i < jobs; i++)
		scratch_free(w->scratch[i]);
	for (size_t i = 0; w->verdicts && i < w->files->n; i++)
		free(w->verdicts[i].key_id);
	free(w->scratch);
	free(w->verdicts);
}

static int work_run(struct work *w, unsigned jobs)
{
	w->scratch = calloc(jobs, sizeof(*w->scratch));
	w->verdicts = calloc(w->files->n ? w->files->n : 1, sizeof(*w->verdicts));
	if (!w->scratch || !w->verdicts)
		return -ENOMEM;
	for (unsigned i = 0; i < jobs; i++) {
		w->scratch[i] = scratch_new();
		if (!w->scratch[i])
			return -ENOMEM;
	}
	file_progress_init(&w->progress, w->env, w->files->n);
	pool_run(jobs, w->files->n, verify_one, w);
	file_progress_done(&w->progress);
	return 0;
}

/* ---- the result ---- */

static const char *load_word(const struct verify_result *v, bool enforce, bool lockdown)
{
	int error = verify_load_errno(v->error, enforce, lockdown);

	return error ? errname(error) : v->error ? "ok, taints the kernel (E)" : "ok";
}

static void json_load(struct json *j, const char *key, const struct verify_result *v, bool enforce, bool lockdown)
{
	int error = verify_load_errno(v->error, enforce, lockdown);

	json_object(j, key);
	json_str(j, "errno", error ? errname(error) : NULL);
	json_bool(j, "taints", !error && v->error);
	json_end(j);
}

static void json_version(struct json *j, unsigned version)
{
	json_strf(j, "kernel", "%u.%u", version / 100, version % 100);
}

static void json_verdict(struct json *j, const char *path, const struct verdict *v)
{
	const struct verify_result *r = &v->result;

	json_object(j, NULL);
	json_str(j, "path", path);
	if (v->error)
		json_null(j, "kernel");
	else
		json_version(j, v->kernel);
	json_str(j, "state",
		 v->error == -EINTR ? "not-reached" :
		 v->error           ? "unreadable" :
				      verify_state_name(r->state));
	json_str(j, "cause", v->error == -EINTR ? "" : v->error ? strerror(-v->error) : r->cause);
	json_str(j, "signer", v->has_info ? v->signer : NULL);
	json_str(j, "sig_key", v->key_id);
	json_str(j, "sig_hashalgo", v->hash);
	json_str(j, "certificate", r->cert ? cert_label(r->cert) : NULL);
	json_bool(j, "stacked", r->stacked);
	json_uint(j, "extra_octets", r->extra);
	json_str(j, "check", r->error && r->state != VERIFY_UNDECIDED ? errname(-r->error) : NULL);
	if (v->error || r->state == VERIFY_UNDECIDED) {
		json_null(j, "load");
	} else {
		json_object(j, "load");
		json_load(j, "plain", r, false, false);
		json_load(j, "sig_enforce", r, true, false);
		json_load(j, "lockdown", r, false, true);
		json_end(j);
	}
	json_end(j);
}

static size_t count_missed(const struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->files->n; i++)
		n += w->verdicts[i].error == -EINTR;
	return n;
}

static void print_json(const struct work *w)
{
	struct json j;

	answer_open(w->env, &j);
	json_version(&j, w->kernels->usual.version);
	json_bool(&j, "interrupted", count_missed(w) > 0);
	json_array(&j, "files");
	for (size_t i = 0; i < w->files->n; i++)
		json_verdict(&j, w->files->items[i], &w->verdicts[i]);
	json_end(&j);
	answer_close(w->env, &j);
}

static enum look look_of(enum verify_state state)
{
	if (state == VERIFY_GOOD)
		return LOOK_GOOD;
	return state <= VERIFY_UNDECIDED ? LOOK_WARN : LOOK_BAD;
}

static void print_verdict(struct env *env, const char *path, const struct verify_result *r, bool verbose)
{
	FILE *out = env->out;

	say(out, "%s: ", path);
	say_look(env, look_of(r->state), "%s", verify_state_name(r->state));
	say(out, "%s%s\n", *r->cause ? ": " : "", r->cause);
	if (r->stacked)
		say(out, "%s: a second signature lies below this one; kernels look at the outer one only\n", path);
	if (verbose && r->state != VERIFY_UNDECIDED)
		say(out, "%s: load: %s; with sig_enforce: %s; with lockdown: %s\n", path, load_word(r, false, false),
		    load_word(r, true, false), load_word(r, false, true));
}

static void print_text(const struct work *w, const struct verify_options *o)
{
	size_t counts[VERIFY_STATES] = { 0 }, read = 0, missed = count_missed(w);

	display_stream(w->env);
	for (size_t i = 0; i < w->files->n; i++) {
		const struct verdict *v = &w->verdicts[i];

		if (v->error)
			continue;
		counts[v->result.state]++;
		read++;
		if (o->verbose || w->files->n == 1 || v->result.state != VERIFY_GOOD)
			print_verdict(w->env, w->files->items[i], &v->result, o->verbose);
	}
	if (w->files->n == 1)
		return;
	if (missed)
		say(w->env->out, "interrupted: %zu of %zu verified\n", w->files->n - missed, w->files->n);
	say(w->env->out, "%zu modules:", w->files->n - missed);
	for (enum verify_state s = 0; s < VERIFY_STATES; s++)
		if (counts[s])
			say(w->env->out, " %zu %s", counts[s], verify_state_name(s));
	if (read + missed < w->files->n)
		say(w->env->out, " %zu unreadable", w->files->n - read - missed);
	fputc('\n', w->env->out);
}

static int exit_status(const struct work *w)
{
	int worst = STATUS_YES;

	for (size_t i = 0; i < w->files->n; i++) {
		const struct verdict *v = &w->verdicts[i];
		int status = v->error ? STATUS_UNKNOWN : status_of(v->result.state);

		worst = status > worst ? status : worst;
	}
	return worst;
}

/* ---- certificates ---- */

static int load_keyring(struct env *env, const struct verify_options *o, struct keyring *ring)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->certs.n; i++)
		r = keyring_add_file(ring, &env->sys.root, o->certs.items[i], &env->sys.diag);
	for (size_t i = 0; r == 0 && i < o->directories.n; i++)
		r = keyring_add_directory(ring, &env->sys.root, o->directories.items[i], &env->sys.diag);
	if (r == 0 && ring->n == 0) {
		report_error(
			env, "sign.no-certificates",
			"no trusted certificate; names in --keyring-dir end in .der, .pem, .crt, .cer, .x509 or .pub");
		return -EINVAL;
	}
	return r;
}

/* What was found out until a signal came is printed before it takes effect. */
static int verify_files(struct env *env, const struct verify_options *o, struct file_kernels *kernels,
			const struct keyring *ring, const struct module_list *list)
{
	unsigned jobs = o->jobs ? o->jobs : pool_cpus();
	struct work w = { .env = env, .list = list, .files = &list->paths, .ring = ring, .kernels = kernels };
	int status = STATUS_UNKNOWN;
	struct signals held;

	signals_hold(&held);
	if (work_run(&w, jobs) == 0) {
		if (o->json)
			print_json(&w);
		else if (!o->quiet)
			print_text(&w, o);
		fflush(env->out);
		status = exit_status(&w);
	}
	work_done(&w, jobs);
	signals_release(&held);
	return status;
}

static int run(struct env *env, void *values, int n, char **operands)
{
	const struct verify_options *o = values;
	_cleanup_keyring_ struct keyring ring = { 0 };
	_cleanup_module_list_ struct module_list files = { 0 };
	_cleanup_file_kernels_ struct file_kernels kernels = { 0 };
	int status;

	if (n == 0 && !o->files.all)
		report_error(env, "sign.no-files", MODULE_FILES_NONE);
	else if (o->certs.n + o->directories.n == 0)
		report_error(env, "sign.no-certificates", "no trusted certificate; give --cert or --keyring-dir");
	if ((n == 0 && !o->files.all) || o->certs.n + o->directories.n == 0)
		return STATUS_USAGE;
	if (o->quiet)
		report_nothing(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	if (file_kernels_open(&env->sys, &o->files, &kernels) < 0)
		return o->files.version ? STATUS_USAGE : STATUS_UNKNOWN;
	if (load_keyring(env, o, &ring) < 0)
		return STATUS_UNKNOWN;
	keyring_judge(&ring, &kernels.usual);
	if (module_files_collect(&env->sys, &o->files, n, operands, &files) < 0)
		return STATUS_UNKNOWN;
	status = verify_files(env, o, &kernels, &ring, &files);
	return ring.left_out && status < STATUS_UNKNOWN ? STATUS_UNKNOWN : status;
}

int cmd_verify(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = verify_usage,
		.summary = "Check the signatures of kernel modules against certificates, as a kernel that\n"
			   "trusts them would.",
		.options = verify_options,
		.epilog = "With several files the highest exit status counts. From 5 on a module is refused\n"
			  "whatever the policy.\n\n" STATUS_HELP(
				  "all good", "unsigned",
				  STATUS_ROW(3, "signer unknown, unreadable, or it cannot be told")
					  STATUS_ROW(4, "algorithm not supported by the kernel")
						  STATUS_ROW(5, "changed after signing") STATUS_ROW(6, "bad signature")
							  STATUS_ROW(7, "form that the kernel refuses")
								  STATUS_ROW(8, "signature or trailer damaged")),
		.wrong_usage = STATUS_USAGE,
		.set = verify_set,
		.run = run,
	};
	struct verify_options o = { 0 };
	int status = cli_main(env, &cli, argc, argv, &o);

	strv_done(&o.certs);
	strv_done(&o.directories);
	return status;
}
