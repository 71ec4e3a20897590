// SPDX-License-Identifier: MIT
#include "face/kmodctl/why_text.h"

#include <string.h>

#include "face/common/say.h"
#include "face/kmodctl/brief.h"
#include "verb/why/outlook.h"

/* ---- what decides, and what follows from it ---- */

/* In the order of the weights. */
static const char marks[] = { [WHY_FACT] = ' ', [WHY_NOTE] = '*', [WHY_TROUBLE] = '?', [WHY_OBSTACLE] = '!' };
static const enum look looks[] = {
	[WHY_FACT] = LOOK_PLAIN, [WHY_NOTE] = LOOK_HEAD, [WHY_TROUBLE] = LOOK_WARN, [WHY_OBSTACLE] = LOOK_BAD
};

static bool is_answered(const struct why *w, enum why_outcome outcome)
{
	for (size_t i = 0; i < WHY_WAYS; i++)
		if (w->answers[i].outcome == outcome)
			return true;
	return false;
}

static enum look look_of(const struct why_text *t)
{
	const struct why *w = t->found;

	if (w->n_obstacles || is_answered(w, WHY_NO))
		return LOOK_BAD;
	return is_answered(w, WHY_UNKNOWN) || why_first_of(w, WHY_TROUBLE) ? LOOK_WARN : LOOK_GOOD;
}

static bool same_command(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static bool same_fix(const struct why_finding *a, const struct why_finding *b)
{
	return a->fix && strcmp(a->fix, b->fix) == 0 && same_command(a->command, b->command);
}

/* Two findings may have the same one. */
static bool is_first_fix(const struct why *w, size_t i)
{
	if (!w->items[i].fix)
		return false;
	for (size_t k = 0; k < i; k++)
		if (same_fix(&w->items[k], &w->items[i]))
			return false;
	return true;
}

static void add_place(const struct why_finding *f, struct buf *into)
{
	if (f->file && f->line)
		buf_addf(into, "%s:%u", f->file, f->line);
	else if (f->file)
		buf_adds(into, f->file);
}

bool why_is_loadable(const struct candidate *c, const struct why *w)
{
	return w->n_obstacles == 0 && !(c->alias && why_obstacle_of(w, WHY_OF_ALIASES));
}

/* ---- in short ---- */

/* The verdict says the deciding finding, but not where it stands. */
static int add_finding(struct brief *b, const struct why_finding *f, const char *verdict)
{
	_cleanup_buf_ struct buf text = BUF_INIT, place = BUF_INIT;
	enum brief_rank rank = f->weight == WHY_OBSTACLE ? BRIEF_REASON :
			       f->weight == WHY_TROUBLE  ? BRIEF_CIRCUMSTANCE :
							   BRIEF_NOTE;
	bool is_told = strstr(verdict, f->text) != NULL;

	add_place(f, &place);
	if (is_told && (!f->file || strstr(verdict, buf_str(&place))))
		return 0;
	if (is_told)
		return brief_add(b, rank, LOOK_PLAIN, ' ', "where", buf_str(&place));
	buf_addf(&text, place.n ? "%s (%s)" : "%s", f->text, buf_str(&place));
	return brief_add(b, rank, looks[f->weight], marks[f->weight], f->topic, buf_str(&text));
}

static int add_findings(struct brief *b, const struct why *w, const char *verdict)
{
	int r = 0;

	for (enum why_weight weight = WHY_OBSTACLE; weight > WHY_FACT && r == 0; weight--)
		for (size_t i = 0; i < w->n && r == 0; i++)
			if (w->items[i].weight == weight)
				r = add_finding(b, &w->items[i], verdict);
	return r;
}

static bool has_unmended_obstacle(const struct why *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].weight == WHY_OBSTACLE)
			return !w->items[i].fix;
	return false;
}

/* The first fix belongs to the answer, unless it is not for the obstacle that comes first. */
static size_t best_fix(const struct why *w)
{
	size_t best = w->n;

	if (has_unmended_obstacle(w))
		return best;

	for (enum why_weight weight = WHY_OBSTACLE; best == w->n; weight--) {
		for (size_t i = w->n; i-- > 0;)
			if (w->items[i].weight == weight && w->items[i].fix)
				best = i;
		if (weight == WHY_FACT)
			break;
	}
	return best;
}

static int add_fixes(struct brief *b, const struct why *w)
{
	size_t best = best_fix(w);
	int r = 0;

	for (size_t n = 0; n < w->n + 1 && r == 0; n++) {
		size_t i = n ? n - 1 : best;
		enum brief_rank rank = n ? BRIEF_CIRCUMSTANCE : BRIEF_ANSWER;

		if (i < w->n && w->items[i].weight < WHY_TROUBLE)
			rank = BRIEF_NOTE;
		if (i == w->n || (n && !is_first_fix(w, i)) ||
		    (n && best < w->n && same_fix(&w->items[best], &w->items[i])))
			continue;
		r = brief_add(b, rank, LOOK_PLAIN, ' ', "fix", w->items[i].fix);
		if (r == 0 && w->items[i].command)
			r = brief_command(b, rank, w->items[i].command);
	}
	return r;
}

/* What the verdict says need not be said again. */
static void leave_out_told(struct buf *text, const char *verdict)
{
	const char *colon = strstr(buf_str(text), ": ");

	if (colon && strstr(verdict, colon + 2)) {
		text->n = (size_t)(colon - buf_str(text));
		text->p[text->n] = '\0';
	}
}

static int add_answers(struct brief *b, const struct why *w, const char *verdict)
{
	int r = 0;

	for (enum why_way way = 0; way < WHY_WAYS && r >= 0; way++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		r = outlook_text(w, way, &text);
		leave_out_told(&text, verdict);
		if (r >= 0)
			r = brief_add(b, BRIEF_REASON, LOOK_PLAIN, ' ', outlook_way_name(way), buf_str(&text));
	}
	return r;
}

static int print_brief(struct env *env, const struct why_text *t, const char *verdict)
{
	const char *const more[] = { "kmodctl", "why", "-v", t->asked, NULL };
	_cleanup_brief_ struct brief b = { 0 };
	int r = brief_answer(&b, look_of(t), verdict);

	if (r == 0 && t->said)
		r = brief_add(&b, BRIEF_REASON, LOOK_PLAIN, ' ', "argument", t->said);
	if (r == 0)
		r = add_fixes(&b, t->found);
	if (r == 0 && t->candidate)
		r = add_answers(&b, t->found, verdict);
	if (r == 0)
		r = add_findings(&b, t->found, verdict);
	return r < 0 ? r : brief_print(&b, env, more);
}

/* ---- in full ---- */

static void print_candidate(FILE *out, const struct candidate *c)
{
	say(out, "  %-10s by %s%s%s", "found", resolve_source_name(c->source), c->alias ? " " : "",
	    c->alias ? c->alias : "");
	if (c->entry)
		say(out, " (%s:%u)", c->entry->file, c->entry->line);
	fputc('\n', out);
}

static void print_findings(struct env *env, const struct why *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];
		_cleanup_buf_ struct buf place = BUF_INIT;

		add_place(f, &place);
		say_look(env, looks[f->weight], "%c", marks[f->weight]);
		say(env->out, " %-10s %s", f->topic, f->text);
		say(env->out, place.n ? " (%s)\n" : "%s\n", buf_str(&place));
	}
}

static int print_answers(FILE *out, const struct why *w)
{
	int r = 0;

	for (enum why_way way = 0; way < WHY_WAYS && r >= 0; way++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		r = outlook_text(w, way, &text);
		say(out, "  %-10s %s\n", outlook_way_name(way), buf_str(&text));
	}
	return r;
}

static void print_fixes(struct env *env, const struct why *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];

		if (!is_first_fix(w, i))
			continue;
		say(env->out, "  %-10s %s\n", "fix", f->fix);
		if (f->command)
			say_pasted(env, "             ", f->command);
	}
}

static void print_steps(FILE *out, const struct plan *plan)
{
	if (plan->n)
		fputs("  modprobe would do:\n", out);
	for (size_t i = 0; i < plan->n; i++) {
		if (!plan->steps[i].builtin)
			say_step(out, "    ", &plan->steps[i]);
	}
}

static int print_details(struct env *env, const struct why_text *t, const char *verdict)
{
	const struct candidate *c = t->candidate;
	int r;

	say_look(env, look_of(t), "%s%s", look_symbol(env, look_of(t)), verdict);
	fputc('\n', env->out);
	if (t->said)
		say(env->out, "  %-10s %s\n", "argument", t->said);
	r = c ? print_answers(env->out, t->found) : 0;
	if (r < 0)
		return r;
	if (c)
		print_candidate(env->out, c);
	print_findings(env, t->found);
	print_fixes(env, t->found);
	if (c && why_is_loadable(c, t->found))
		print_steps(env->out, t->plan);
	return 0;
}

int why_print_text(struct env *env, const struct why_text *t)
{
	_cleanup_buf_ struct buf verdict = BUF_INIT;
	int r = outlook_verdict(t->found, t->candidate ? t->candidate->name : NULL, t->asked, &verdict);

	if (r < 0)
		return r;
	return t->details ? print_details(env, t, buf_str(&verdict)) : print_brief(env, t, buf_str(&verdict));
}
