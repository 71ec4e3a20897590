// SPDX-License-Identifier: MIT
/*
 * All of depmod on a small tree. Each line of the input is a letter and what it is about:
 *
 *   M NAME     a module; the next lines are about it
 *   i TEXT     a string of its .modinfo
 *   e NAME, n NAME, w NAME   a symbol that it exports, needs, or needs weakly
 *   p TEXT     octets of its file, written over those at a place (the first two octets of TEXT)
 *   r TEXT     octets in place of its file
 *   o, b, m, s, v TEXT       a line of modules.order, modules.builtin, modules.builtin.modinfo (which ends in NUL),
 *                            System.map, Module.symvers
 *
 * What is published has every module that the tree has, our own reader accepts it, --verify finds no difference, and a
 * second run replaces no file.
 */
#include <ctype.h>
#include <errno.h>

#include "scratch.h"

#include "mkko.h"
#include "parts.h"

#include "base/modname.h"
#include "act/depmod/run.h"
#include "read/index/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIR_NAME "lib/modules/f"
#define MODULES_MAX 6
#define NAME_LEN 12

struct file {
	char name[NAME_LEN + 1];
	struct buf recipe, raw, pokes;
};

enum list { ORDER, BUILTIN, MODINFO, MAP, SYMVERS, LISTS };

static const char *const list_names[LISTS] = { "modules.order", "modules.builtin", "modules.builtin.modinfo",
					       "System.map", "Module.symvers" };

struct tree {
	struct file files[MODULES_MAX];
	size_t n;
	struct buf lists[LISTS];
};

/* A word of a recipe: no blank and no control character. */
static void add_word(struct buf *b, const char *directive, struct span text)
{
	buf_addf(b, "%s ", directive);
	for (size_t i = 0; i < text.n && i < 64; i++)
		buf_addc(b, text.p[i] > ' ' && text.p[i] != 0x7f ? (char)text.p[i] : '_');
	buf_adds(b, text.n ? "\n" : "_\n");
}

static void add_text(struct buf *b, const char *directive, struct span text)
{
	buf_addf(b, "%s ", directive);
	for (size_t i = 0; i < text.n; i++)
		buf_addf(b, "\\x%02x", text.p[i]);
	buf_addc(b, '\n');
}

static void add_file(struct tree *t, struct span name)
{
	struct file *f;

	if (t->n == MODULES_MAX || !name.n)
		return;
	f = &t->files[t->n++];
	for (size_t i = 0; i < name.n && i < NAME_LEN; i++)
		f->name[i] = isalnum(name.p[i]) || name.p[i] == '-' ? (char)name.p[i] : '_';
	buf_adds(&f->recipe, "info license=GPL\n");
}

static void add_to_file(struct file *f, char what, struct span text)
{
	static const char *const words[] = { ['e'] = "export", ['n'] = "need", ['w'] = "weak" };

	switch (what) {
	case 'i':
		if (text.n)
			add_text(&f->recipe, "info", text);
		break;
	case 'e':
	case 'n':
	case 'w':
		add_word(&f->recipe, words[(size_t)what], text);
		break;
	case 'p':
		if (text.n > 2 && text.n < 256) {
			buf_addc(&f->pokes, (char)text.n);
			buf_add(&f->pokes, text.p, text.n);
		}
		break;
	case 'r':
		buf_add(&f->raw, text.p, text.n);
		break;
	default:
		break;
	}
}

static void add_line(struct tree *t, struct span line)
{
	static const char letters[] = "obmsv";
	char what = line.n ? (char)line.p[0] : '\0';
	const char *list = what ? strchr(letters, what) : NULL;
	struct span text = line;

	if (!what)
		return;
	text = span_of(line.p + 1, line.n - 1);
	if (text.n && text.p[0] == ' ')
		text = span_of(text.p + 1, text.n - 1);
	if (list) {
		buf_add(&t->lists[list - letters], text.p, text.n);
		buf_addc(&t->lists[list - letters], what == 'm' ? '\0' : '\n');
	} else if (what == 'M') {
		add_file(t, text);
	} else if (t->n) {
		add_to_file(&t->files[t->n - 1], what, text);
	}
}

static void poke(struct buf *image, struct span pokes)
{
	while (pokes.n) {
		size_t n = pokes.p[0], at = pokes.p[1] | (size_t)pokes.p[2] << 8;

		if (image->n)
			at %= image->n;
		for (size_t i = 3; i <= n && at < image->n; i++)
			image->p[at++] = (char)pokes.p[i];
		pokes = span_of(pokes.p + n + 1, pokes.n - n - 1);
	}
}

static void write_file(const struct file *f)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	char path[64];

	if (f->raw.n)
		buf_add(&image, f->raw.p, f->raw.n);
	else if (mkko_build(buf_str(&f->recipe), &image) < 0)
		abort();
	poke(&image, buf_span(&f->pokes));
	snprintf(path, sizeof(path), DIR_NAME "/%s.ko", f->name);
	scratch_write(path, (const uint8_t *)image.p, image.n);
}

/* An empty directory with what the input describes. */
static void write_tree(const struct root *root, const struct tree *t)
{
	_cleanup_strv_ struct strv old = { 0 };
	char path[64];

	root_list(root, "/" DIR_NAME, &old);
	for (size_t i = 0; i < old.n; i++) {
		char *name;

		if (asprintf(&name, "/" DIR_NAME "/%s", old.items[i]) > 0)
			root_unlink(root, name);
		free(name);
	}
	for (size_t i = 0; i < LISTS; i++) {
		snprintf(path, sizeof(path), DIR_NAME "/%s", list_names[i]);
		scratch_write(path, (const uint8_t *)t->lists[i].p, t->lists[i].n);
	}
	for (size_t i = 0; i < t->n; i++)
		write_file(&t->files[i]);
}

static void identify(const struct root *root, ino_t ret[static OUTPUTS])
{
	struct stat st;
	char path[64];

	for (int i = 0; i < OUTPUTS; i++) {
		snprintf(path, sizeof(path), "/" DIR_NAME "/%s", output_name((enum output_id)i));
		if (root_stat(root, path, &st) < 0)
			abort();
		ret[i] = st.st_ino;
	}
}

static void check_indexes(const struct root *root, const struct tree *t)
{
	struct index_reader reader;
	char path[64], name[MODNAME_MAX];

	for (int i = 0; i < OUTPUTS; i++) {
		if (!output_is_index((enum output_id)i))
			continue;
		snprintf(path, sizeof(path), "/" DIR_NAME "/%s", output_name((enum output_id)i));
		if (index_reader_open(root, path, NULL, &reader) < 0 || index_reader_check(&reader) < 0)
			abort();
		for (size_t k = 0; i == OUTPUT_DEP_BIN && k < t->n; k++)
			if (modname_normalize(t->files[k].name, name) < 0 || !index_reader_get(&reader, name))
				abort();
		index_reader_close(&reader);
	}
}

/*
 * libFuzzer's alarm is a signal that depmod holds while it publishes, and takes for the end of the process: nothing has
 * changed then.
 */
static int run_depmod(struct depmod_request *req)
{
	int r;

	do {
		r = depmod_run(req);
	} while (r == -EINTR);
	return r;
}

static void check(const struct root *root, const struct tree *t, struct depmod_request *req)
{
	struct verify_list differences = { 0 };
	ino_t before[OUTPUTS], after[OUTPUTS];
	int first = run_depmod(req), second;

	/* Modules that need each other are refused. */
	if (first == -ELOOP)
		return;
	if (first < 0)
		abort();
	check_indexes(root, t);
	identify(root, before);
	second = run_depmod(req);
	identify(root, after);
	if (second != first || memcmp(before, after, sizeof(before)) != 0)
		abort();
	req->action = DEPMOD_VERIFY;
	req->differences = &differences;
	if (run_depmod(req) != first || differences.n)
		abort();
	verify_list_done(&differences);
}

static void run(const struct root *root, const struct tree *t, bool with_symvers)
{
	static const char *const no_config[] = { NULL };
	struct depmod_request req = {
		.root = *root,
		.release = "f",
		.in_dir = "/" DIR_NAME,
		.out_dir = "/" DIR_NAME,
		.config = no_config,
		.symvers = with_symvers ? "/" DIR_NAME "/Module.symvers" : NULL,
		.system_map = with_symvers ? NULL : "/" DIR_NAME "/System.map",
		.report_unknown = true,
		.warn_duplicates = true,
		.jobs = 1,
		.action = DEPMOD_PUBLISH,
	};

	check(root, t, &req);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), line;
	const struct root root = scratch_root();
	struct tree t = { 0 };

	if (size > 4096)
		return 0;
	while (fuzz_line(&rest, &line))
		add_line(&t, line);
	write_tree(&root, &t);
	run(&root, &t, t.lists[SYMVERS].n > 0);
	for (size_t i = 0; i < t.n; i++) {
		buf_done(&t.files[i].recipe);
		buf_done(&t.files[i].raw);
		buf_done(&t.files[i].pokes);
	}
	for (size_t i = 0; i < LISTS; i++)
		buf_done(&t.lists[i]);
	return 0;
}
