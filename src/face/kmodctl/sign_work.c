// SPDX-License-Identifier: MIT
#include "face/kmodctl/sign_work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/signals.h"
#include "face/common/answer.h"
#include "face/common/prompt.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/status.h"
#include "read/image/codec.h"
#include "read/image/siginfo.h"
#include "read/image/trailer.h"

/* ---- the threads ---- */

static void free_scratch(struct sign_scratch *scratch, unsigned n)
{
	for (unsigned i = 0; scratch && i < n; i++) {
		scratch_free(scratch[i].input);
		scratch_free(scratch[i].check);
	}
	free(scratch);
}

static struct sign_scratch *make_scratch(unsigned n)
{
	struct sign_scratch *s = calloc(n, sizeof(*s));

	for (unsigned i = 0; s && i < n; i++) {
		s[i].input = scratch_new();
		s[i].check = scratch_new();
		if (!s[i].input || !s[i].check) {
			free_scratch(s, n);
			return NULL;
		}
	}
	return s;
}

static int run_pool(struct sign_work *w, int (*one)(void *data, unsigned worker, size_t index))
{
	int r;

	file_progress_init(&w->progress, w->env, w->files->paths.n);
	r = pool_run(w->jobs, w->files->paths.n, one, w);
	file_progress_done(&w->progress);
	return r;
}

static struct sign_target target_of(const struct sign_work *w, size_t index)
{
	return (struct sign_target){ &w->env->sys.root, w->files->paths.items[index], w->files->tops.items[index] };
}

static int sign_one(void *data, unsigned worker, size_t index)
{
	struct sign_work *w = data;
	const struct sign_target target = target_of(w, index);
	struct sign_result *result = &w->results[index];
	int r;

	if (w->files->errors.items[index]) {
		*result = (struct sign_result){ .outcome = SIGN_FAILED, .error = w->files->errors.items[index] };
		return result->error;
	}
	if (signals_waiting()) {
		result->outcome = SIGN_NOT_REACHED;
		return -EINTR;
	}
	r = sign_file(&w->job, &target, &w->scratch[worker], &w->env->sys.diag, result);
	file_progress_step(&w->progress);
	return r;
}

/* ---- whose signatures would be replaced ---- */

/* Whatever is wrong with a file is reported when it is to be signed. */
static int read_signer(void *data, unsigned worker, size_t index)
{
	struct sign_work *w = data;
	_cleanup_(source_close_p) struct source *src = NULL;
	struct trailer t;
	struct siginfo info;
	struct span bytes;

	if (w->files->errors.items[index] || signals_waiting() ||
	    source_open(&w->env->sys.root, w->files->paths.items[index], w->scratch[worker].input, NULL, &src) < 0 ||
	    source_whole(src, &bytes) < 0)
		return 0;
	t = trailer_read(bytes);
	if (t.state == TRAILER_OK)
		siginfo_read_signer(&t, 0, &info);
	if (t.state == TRAILER_OK || source_is_signed_outside(src))
		w->signers[index] =
			strdup(t.state != TRAILER_OK || !info.parsed || !*info.signer ? "unknown" : info.signer);
	file_progress_step(&w->progress);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each signer with the number of modules; sorts w->signers. Returns how many modules are signed. */
static size_t tell_signers(const struct sign_work *w)
{
	size_t n = 0, same;

	for (size_t i = 0; i < w->files->paths.n; i++)
		if (w->signers[i])
			w->signers[n++] = w->signers[i];
	for (size_t i = n; i < w->files->paths.n; i++)
		w->signers[i] = NULL;
	if (n == 0)
		return 0;
	qsort(w->signers, n, sizeof(*w->signers), compare);
	say(w->env->err, "%zu signature%s would be replaced:\n", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i += same) {
		same = 1;
		while (i + same < n && strcmp(w->signers[i], w->signers[i + same]) == 0)
			same++;
		say(w->env->err, "  %zu by \"%s\"\n", same, w->signers[i]);
	}
	return n;
}

/* 0: go on. */
static int agree(struct sign_work *w)
{
	run_pool(w, read_signer);
	if (signals_waiting())
		return -EINTR;
	if (tell_signers(w) == 0 || w->yes || w->job.dry_run)
		return 0;
	if (w->json || !prompt_is_possible(w->env)) {
		report_error(
			w->env, "sign.resign-not-asked",
			"signatures would be replaced, and cannot be restored; nothing was changed: --yes does it");
		return -EPERM;
	}
	if (prompt_yes(w->env, "Replace them?"))
		return 0;
	fputs("Nothing was changed.\n", w->env->err);
	return -EPERM;
}

/* ---- the result ---- */

/* The words of modinfo. */
static const char *codec_word(const struct sign_result *r)
{
	const struct codec *c = codec_by_id(r->codec);

	return r->outcome == SIGN_FAILED || r->outcome == SIGN_NOT_REACHED ? NULL : c ? c->name : "none";
}

static const char *error_text(int error)
{
	if (error == -ENOPKG)
		return "the module's kernel does not take the hash";
	return error == -EKEYREJECTED ? "the module's kernel would not accept the signature" : strerror(-error);
}

static void print_json(const struct sign_work *w, const size_t *counts)
{
	struct json j;

	answer_open(w->env, &j);
	json_bool(&j, "dry_run", w->job.dry_run);
	json_bool(&j, "interrupted", counts[SIGN_NOT_REACHED] > 0);
	json_array(&j, "files");
	for (size_t i = 0; i < w->files->paths.n; i++) {
		const struct sign_result *r = &w->results[i];

		json_object(&j, NULL);
		json_str(&j, "path", w->files->paths.items[i]);
		json_str(&j, "outcome", sign_outcome_name(r->outcome));
		json_str(&j, "error", r->error ? error_text(r->error) : NULL);
		json_str(&j, "compression", codec_word(r));
		json_uint(&j, "size", r->size);
		json_uint(&j, "signature_size", r->signature_size);
		json_end(&j);
	}
	json_end(&j);
	json_object(&j, "counts");
	for (enum sign_outcome o = 0; o < SIGN_OUTCOMES; o++)
		json_uint(&j, sign_outcome_name(o), counts[o]);
	json_end(&j);
	answer_close(w->env, &j);
}

static void print_text(const struct sign_work *w, const size_t *counts)
{
	size_t n = w->files->paths.n, skipped = counts[SIGN_SKIPPED];
	FILE *out = w->env->out;

	for (size_t i = 0; w->verbose && i < n; i++)
		say(out, "%s: %s\n", w->files->paths.items[i], sign_outcome_name(w->results[i].outcome));
	if (counts[SIGN_NOT_REACHED]) {
		say(out, "interrupted: %zu of %zu %s, the others unchanged\n",
		    counts[SIGN_SIGNED] + counts[SIGN_RESIGNED] + counts[SIGN_STRIPPED], n,
		    w->job.mode == SIGN_STRIP ? "stripped" : "signed");
		return;
	}
	say(out, "%zu module%s:", n, n == 1 ? "" : "s");
	for (enum sign_outcome o = 0, first = 1; o < SIGN_OUTCOMES; o++) {
		if (!counts[o])
			continue;
		say(out, "%s %zu %s", first ? "" : ",", counts[o], sign_outcome_name(o));
		first = 0;
	}
	say(out, "%s\n", w->job.dry_run ? " (dry run: nothing was written)" : "");
	if (skipped && w->job.mode == SIGN_ONLY_UNSIGNED)
		say(out, "%zu %s a signature already; --resign replaces it\n", skipped, skipped == 1 ? "has" : "have");
}

static int finish(const struct sign_work *w)
{
	size_t counts[SIGN_OUTCOMES] = { 0 };

	for (size_t i = 0; i < w->files->paths.n; i++)
		counts[w->results[i].outcome]++;
	if (w->json)
		print_json(w, counts);
	else
		print_text(w, counts);
	fflush(w->env->out);
	return counts[SIGN_FAILED] || counts[SIGN_NOT_REACHED] ? STATUS_NO : STATUS_YES;
}

static int run_all(struct sign_work *w)
{
	int r = w->job.mode == SIGN_REPLACE ? agree(w) : 0;

	/* Nobody was asked yet: nothing is reached, and that is what is printed. */
	if (r == 0 || r == -EINTR)
		r = run_pool(w, sign_one);
	return r == -EPERM || r == -ENOMEM ? STATUS_NO : finish(w);
}

int sign_work_run(struct sign_work *w)
{
	size_t n = w->files->paths.n;
	int status = STATUS_NO;
	struct signals held;

	signals_hold(&held);
	w->scratch = make_scratch(w->jobs);
	w->results = calloc(n ? n : 1, sizeof(*w->results));
	w->signers = calloc(n ? n : 1, sizeof(*w->signers));
	if (w->scratch && w->results && w->signers)
		status = run_all(w);
	else
		report_error(w->env, "cli.memory", "out of memory");
	free_scratch(w->scratch, w->jobs);
	for (size_t i = 0; w->signers && i < n; i++)
		free(w->signers[i]);
	free(w->signers);
	free(w->results);
	signals_release(&held);
	return status;
}
