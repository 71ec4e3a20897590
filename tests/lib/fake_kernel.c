// SPDX-License-Identifier: MIT
#include "lib/fake_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/errname.h"
#include "base/fileio.h"
#include "base/replace.h"
#include "base/num.h"
#include "read/image/source.h"
#include "lib/fake_image.h"
#include "lib/fake_state.h"

#define IMAGE_MAX (64u << 20)
#define TEXT_MAX (1u << 20)

/* ---- log ---- */

static const char *result_name(int r)
{
	return r == 0 ? "0" : errname(-r);
}

static int add_log(const struct fake_kernel *k, const struct buf *line)
{
	_cleanup_close_ int fd = root_create(&k->root, "/fake/log", O_WRONLY | O_APPEND, 0644);

	return fd < 0 ? fd : fd_write_all(fd, line->p, line->n);
}

/* ---- scripted errors ---- */

static int errno_by_name(const char *name)
{
	for (int e = 1; e < 134; e++)
		if (strcmp(errname(e), name) == 0)
			return e;
	return EINVAL;
}

struct rule {
	char operation[16], name[64], error[32];
	unsigned long times;
};

static bool read_rule(const char *line, struct rule *ret)
{
	ret->times = 0;
	return sscanf(line, "%15s %63s %31s %lu", ret->operation, ret->name, ret->error, &ret->times) >= 3;
}

static bool rule_applies(const struct rule *rule, const char *operation, const char *name)
{
	return strcmp(rule->operation, operation) == 0 &&
	       (strcmp(rule->name, "*") == 0 || strcmp(rule->name, name) == 0);
}

/* A counted rule is written back with one less, and not at all when it is used up. */
static void write_rule(const struct rule *rule, struct buf *out)
{
	buf_addf(out, "%s %s %s", rule->operation, rule->name, rule->error);
	if (rule->times)
		buf_addf(out, " %lu", rule->times);
	buf_addc(out, '\n');
}

/* 0: none applies; else -errno of the first that does. */
static int scripted_error(const struct fake_kernel *k, const char *operation, const char *name)
{
	_cleanup_buf_ struct buf text = BUF_INIT, left = BUF_INIT;
	char *save, *line;
	int result = 0;

	if (file_read(&k->root, "/fake/errors", TEXT_MAX, &text) < 0 || text.n == 0)
		return 0;
	for (line = strtok_r(text.p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		bool counted;
		struct rule rule;

		if (!read_rule(line, &rule))
			continue;
		counted = rule.times > 0;
		if (result == 0 && rule_applies(&rule, operation, name)) {
			result = -errno_by_name(rule.error);
			if (counted && --rule.times == 0)
				continue;
		}
		write_rule(&rule, &left);
	}
	if (result < 0 && file_replace(&k->root, "/fake/errors", buf_span(&left), 0644) < 0)
		return -EIO;
	return result;
}

/* ---- loading ---- */

/* `a=1 b="x y"`: one file per key. */
static int put_parameters(const struct root *root, const char *name, const char *options)
{
	int r = 0;

	while (r == 0 && *(options += strspn(options, " "))) {
		_cleanup_buf_ struct buf attribute = BUF_INIT, value = BUF_INIT;
		size_t key = strcspn(options, "= "), n = key;
		bool quoted = false;

		for (; options[n] && (quoted || options[n] != ' '); n++)
			quoted ^= options[n] == '"';
		buf_addf(&attribute, "parameters/%.*s", (int)key, options);
		for (size_t i = key + 1; i < n; i++)
			if (options[i] != '"')
				buf_addc(&value, options[i]);
		r = fake_put_attribute(root, name, buf_str(&attribute), options[key] == '=' ? buf_str(&value) : "Y");
		options += n;
	}
	return r;
}

static int use_dependencies(const struct fake_kernel *k, struct fake_state *s, const struct fake_image *image)
{
	for (size_t i = 0; i < image->depends.n; i++)
		if (!fake_state_find(s, image->depends.items[i]))
			return -ENOENT;
	for (size_t i = 0; i < image->depends.n; i++) {
		int r = fake_state_use(&k->root, fake_state_find(s, image->depends.items[i]), image->name);

		if (r < 0)
			return r;
	}
	return 0;
}

static int add_module(const struct fake_kernel *k, const struct fake_image *image, size_t size, const char *options)
{
	_cleanup_(fake_state_done) struct fake_state s = { 0 };
	struct fake_module m = { .size = size, .has_refcnt = true, .state = LIVE_LIVE };
	int r = fake_state_read(&k->root, &s);

	if (r == 0 && fake_state_find(&s, image->name))
		r = -EEXIST;
	if (r == 0)
		r = use_dependencies(k, &s, image);
	if (r < 0)
		return r;
	m.name = strdup(image->name);
	m.taint = strdup("");
	r = fake_state_add(&k->root, &s, &m);
	if (r == 0)
		r = put_parameters(&k->root, image->name, options);
	return r == 0 ? fake_state_write(&k->root, &s) : r;
}

/* Plain bytes. The log line begins with what the caller wrote into it. */
static int load_plain(struct fake_kernel *k, const char *operation, struct span bytes, const char *options, int flags)
{
	_cleanup_(fake_image_done) struct fake_image image = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = bytes.n ? fake_image_read(bytes, &image) : -EINVAL;
	int scripted = scripted_error(k, operation, image.name ? image.name : "?");

	if (scripted < 0)
		r = scripted;
	if (r == 0)
		r = add_module(k, &image, bytes.n, options);
	buf_addf(&line, "%s %s", operation, image.name ? image.name : "?");
	if (flags >= 0)
		buf_addf(&line, " flags=%d", flags);
	buf_addf(&line, " options=%s = %s\n", options, result_name(r));
	return add_log(k, &line) < 0 ? -EIO : r;
}

static int fake_init_module(void *data, const void *image, size_t len, const char *options)
{
	struct fake_kernel *k = data;
	int r;

	pthread_mutex_lock(&k->lock);
	r = load_plain(k, "init", span_of(image, len), options, -1);
	pthread_mutex_unlock(&k->lock);
	return r;
}

/* What the kernel says before it looks at the module itself. */
static int check_compression(const struct fake_kernel *k, struct span bytes, int flags)
{
	const char *format = fake_image_compression(bytes);
	char word[16];

	if (flags & ~(KERNEL_FINIT_IGNORE_MODVERSIONS | KERNEL_FINIT_IGNORE_VERMAGIC | KERNEL_FINIT_COMPRESSED))
		return -EINVAL;
	if (!(flags & KERNEL_FINIT_COMPRESSED))
		return format ? -ENOEXEC : 0;
	live_compression(&k->root, word, sizeof(word));
	if (!*word)
		return -EOPNOTSUPP;
	return format && strcmp(format, word) == 0 ? 0 : -EINVAL;
}

static int load_file(struct fake_kernel *k, struct span bytes, const char *options, int flags)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	struct span plain;
	int refused = check_compression(k, bytes, flags);

	if (refused == 0 && bytes.n &&
	    (source_open_span(bytes, "fake kernel", NULL, &src) < 0 || source_whole(src, &plain) < 0))
		refused = -EINVAL;
	if (refused < 0 || !src)
		plain = span_of(NULL, 0);
	if (refused == 0)
		return load_plain(k, "finit", plain, options, flags);

	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "finit ? flags=%d options=%s = %s\n", flags, options, result_name(refused));
	return add_log(k, &line) < 0 ? -EIO : refused;
}

static int fake_finit_module(void *data, int fd, const char *options, int flags)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	struct fake_kernel *k = data;
	int r;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = fd_read(fd, IMAGE_MAX, &bytes);
	if (r < 0)
		return r;
	pthread_mutex_lock(&k->lock);
	r = load_file(k, buf_span(&bytes), options, flags);
	pthread_mutex_unlock(&k->lock);
	return r;
}

/* ---- unloading ---- */

static int remove_module_of(const struct fake_kernel *k, const char *name, unsigned flags)
{
	_cleanup_(fake_state_done) struct fake_state s = { 0 };
	struct fake_module *m;
	int r = fake_state_read(&k->root, &s);

	if (r < 0)
		return r;
	m = fake_state_find(&s, name);
	if (!m)
		return -ENOENT;
	if (m->users.n || (m->refcnt > 0 && !(flags & O_TRUNC)))
		return -EWOULDBLOCK;
	if (m->state != LIVE_LIVE || m->permanent)
		return -EBUSY;
	r = fake_state_remove(&k->root, &s, m);
	return r == 0 ? fake_state_write(&k->root, &s) : r;
}

static int delete_logged(struct fake_kernel *k, const char *name, unsigned flags)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = scripted_error(k, "delete", name);

	if (r == 0)
		r = remove_module_of(k, name, flags);
	buf_addf(&line, "delete %s flags=%s%s = %s\n", name, flags & O_NONBLOCK ? "O_NONBLOCK" : "0",
		 flags & O_TRUNC ? "|O_TRUNC" : "", result_name(r));
	return add_log(k, &line) < 0 ? -EIO : r;
}

static int fake_delete_module(void *data, const char *name, unsigned flags)
{
	struct fake_kernel *k = data;
	int r;

	pthread_mutex_lock(&k->lock);
	r = delete_logged(k, name, flags);
	pthread_mutex_unlock(&k->lock);
	return r;
}

static int fake_uname(void *data, struct utsname *ret)
{
	const struct fake_kernel *k = data;
	struct utsname u = { .sysname = "Linux", .nodename = "fake", .version = "#1", .machine = "x86_64" };

	if (file_read_line(&k->root, "/proc/sys/kernel/osrelease", u.release, sizeof(u.release)) < 0)
		strcpy(u.release, FAKE_RELEASE);
	*ret = u;
	return 0;
}

static const struct kernel_calls fake_calls = {
	.init_module = fake_init_module,
	.finit_module = fake_finit_module,
	.delete_module = fake_delete_module,
	.uname = fake_uname,
};

static int make_list(const struct root *root)
{
	_cleanup_close_ int fd = -1;

	if (root_exists(root, "/proc/modules") || root_exists(root, "/fake/no-modules"))
		return 0;
	fd = root_mkdirs(root, "/proc");
	if (fd == 0)
		fd = root_create(root, "/proc/modules", O_WRONLY, 0644);
	return fd < 0 ? fd : 0;
}

int fake_kernel_init(struct fake_kernel *k, const char *dir)
{
	int r;

	*k = (struct fake_kernel){ .root = { .prefix = dir }, .kernel = { &fake_calls, k } };
	r = root_mkdirs(&k->root, "/fake");
	if (r == 0)
		r = make_list(&k->root);
	if (r == 0 && root_exists(&k->root, "/proc/modules"))
		r = fake_state_sync(&k->root);
	return r == 0 ? -pthread_mutex_init(&k->lock, NULL) : r;
}

void fake_kernel_done(struct fake_kernel *k)
{
	pthread_mutex_destroy(&k->lock);
}
