// SPDX-License-Identifier: MIT
#include "lib/fake_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/replace.h"

/* ---- the list of modules ---- */

static void module_done(struct fake_module *m)
{
	free(m->name);
	free(m->taint);
	strv_done(&m->users);
}

void fake_state_done(struct fake_state *l)
{
	for (size_t i = 0; i < l->n; i++)
		module_done(&l->items[i]);
	free(l->items);
}

static int list_add(struct fake_state *l, const struct live_module *from)
{
	struct fake_module *m;

	if (vec_room(&l->items, l->n, &l->cap) < 0)
		return -ENOMEM;
	m = &l->items[l->n++];
	*m = (struct fake_module){
		.name = strdup(from->name),
		.size = from->size,
		.refcnt = from->refcnt,
		.has_refcnt = from->has_refcnt,
		.permanent = from->permanent,
		.taint = strdup(from->taint),
		.state = from->state,
	};
	for (size_t i = 0; i < from->n_users; i++)
		if (strv_add(&m->users, from->users[i]) < 0)
			return -ENOMEM;
	return m->name && m->taint ? 0 : -ENOMEM;
}

int fake_state_read(const struct root *root, struct fake_state *ret)
{
	_cleanup_(live_free_p) struct live *l = NULL;
	int r = live_read(root, NULL, &l);

	*ret = (struct fake_state){ 0 };
	for (size_t i = 0; r == 0 && i < live_count(l); i++)
		r = list_add(ret, live_get(l, i));
	return r;
}

struct fake_module *fake_state_find(struct fake_state *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].name, name) == 0)
			return &l->items[i];
	return NULL;
}

static void print_module(const struct fake_module *m, struct buf *out)
{
	static const char *const states[] = {
		[LIVE_LIVE] = "Live",
		[LIVE_COMING] = "Loading",
		[LIVE_GOING] = "Unloading",
	};

	buf_addf(out, "%s %" PRIu64 " ", m->name, m->size);
	if (m->has_refcnt)
		buf_addf(out, "%" PRId64 " ", m->refcnt);
	else
		buf_adds(out, "- ");
	for (size_t i = 0; i < m->users.n; i++)
		buf_addf(out, "%s,", m->users.items[i]);
	buf_adds(out, m->permanent ? "[permanent]," : m->users.n ? "" : "-");
	buf_addf(out, " %s 0x0000000000000000", states[m->state]);
	if (*m->taint || m->state != LIVE_LIVE)
		buf_addf(out, " (%s%s)", m->taint, m->state == LIVE_COMING ? "+" : m->state == LIVE_GOING ? "-" : "");
	buf_addc(out, '\n');
}

int fake_state_write(const struct root *root, const struct fake_state *l)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		print_module(&l->items[i], &text);
	return file_replace(root, "/proc/modules", buf_span(&text), 0644);
}

/* ---- sysfs ---- */

/* Whole at any moment: other threads read it. */
static int put_file(const struct root *root, const char *path, const char *text)
{
	static const char fresh[] = "/fake/new";
	_cleanup_close_ int fd = root_create(root, fresh, O_WRONLY | O_TRUNC, 0644);
	char from[PATH_MAX], to[PATH_MAX];
	int r = fd < 0 ? fd : fd_write_all(fd, text, strlen(text));

	if (r < 0)
		return r;
	if (!root_path(root, fresh, from) || !root_path(root, path, to))
		return -ENAMETOOLONG;
	return rename(from, to) < 0 ? -errno : 0;
}

int fake_put_attribute(const struct root *root, const char *name, const char *attribute, const char *text)
{
	_cleanup_buf_ struct buf path = BUF_INIT, line = BUF_INIT;

	buf_addf(&path, "/sys/module/%s/%s", name, attribute);
	buf_addf(&line, "%s\n", text);
	return buf_error(&path) | buf_error(&line) ? -ENOMEM : put_file(root, buf_str(&path), buf_str(&line));
}

static int put_number(const struct root *root, const char *name, const char *attribute, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return fake_put_attribute(root, name, attribute, text);
}

static int make_dir(const struct root *root, const char *name, const char *below)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_addf(&path, "/sys/module/%s%s", name, below);
	return buf_error(&path) ? -ENOMEM : root_mkdirs(root, buf_str(&path));
}

/* holders/ has one entry per user. */
static int put_holder(const struct root *root, const char *name, const char *user)
{
	_cleanup_buf_ struct buf below = BUF_INIT;

	buf_addf(&below, "/holders/%s", user);
	return make_dir(root, name, buf_str(&below));
}

static int put_module(const struct root *root, const struct fake_module *m)
{
	int r = make_dir(root, m->name, "/holders");

	if (r == 0)
		r = make_dir(root, m->name, "/parameters");
	if (r == 0)
		r = fake_put_attribute(root, m->name, "initstate", live_state_name(m->state));
	if (r == 0 && m->has_refcnt)
		r = put_number(root, m->name, "refcnt", m->refcnt);
	if (r == 0)
		r = put_number(root, m->name, "coresize", (int64_t)m->size);
	if (r == 0)
		r = fake_put_attribute(root, m->name, "taint", m->taint);
	for (size_t i = 0; r == 0 && i < m->users.n; i++)
		r = put_holder(root, m->name, m->users.items[i]);
	return r;
}

static int remove_tree(const char *path);

static int remove_below(int dir_fd, DIR *d, const char *path)
{
	struct dirent *e;
	int r = 0;

	while (r == 0 && (e = readdir(d))) {
		_cleanup_buf_ struct buf child = BUF_INIT;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dir_fd, e->d_name, 0) == 0)
			continue;
		buf_addf(&child, "%s/%s", path, e->d_name);
		r = remove_tree(buf_str(&child));
	}
	return r;
}

static int remove_tree(const char *path)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	int r;

	if (!d)
		return errno == ENOENT ? 0 : -errno; /* the test may have edited the list only */
	r = remove_below(dirfd(d), d, path);
	return r == 0 && rmdir(path) < 0 ? -errno : r;
}

static int remove_sysfs(const struct root *root, const char *name, const char *below)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_addf(&path, "%s/sys/module/%s%s", root->prefix, name, below);
	return buf_error(&path) ? -ENOMEM : remove_tree(buf_str(&path));
}

/* ---- changes ---- */

static int drop_user(struct fake_module *m, const char *user)
{
	for (size_t i = 0; i < m->users.n; i++) {
		if (strcmp(m->users.items[i], user) != 0)
			continue;
		free(m->users.items[i]);
		m->users.n--;
		memmove(m->users.items + i, m->users.items + i + 1, (m->users.n - i) * sizeof(*m->users.items));
		return 1;
	}
	return 0;
}

int fake_state_use(const struct root *root, struct fake_module *m, const char *user)
{
	char *copy = strdup(user);

	if (!copy || vec_room(&m->users.items, m->users.n, &m->users.cap) < 0) {
		free(copy);
		return -ENOMEM;
	}
	/* The kernel lists the newest user first. */
	memmove(m->users.items + 1, m->users.items, m->users.n++ * sizeof(*m->users.items));
	m->users.items[0] = copy;
	m->refcnt++;
	return put_module(root, m);
}

int fake_state_add(const struct root *root, struct fake_state *l, const struct fake_module *m)
{
	int r = vec_room(&l->items, l->n, &l->cap);

	if (r < 0)
		return r;
	memmove(l->items + 1, l->items, l->n++ * sizeof(*l->items));
	l->items[0] = *m;
	return put_module(root, m);
}

int fake_state_remove(const struct root *root, struct fake_state *l, struct fake_module *m)
{
	_cleanup_buf_ struct buf below = BUF_INIT;
	int r = remove_sysfs(root, m->name, "");

	buf_addf(&below, "/holders/%s", m->name);
	for (size_t i = 0; r == 0 && i < l->n; i++) {
		if (!drop_user(&l->items[i], m->name))
			continue;
		l->items[i].refcnt--;
		r = remove_sysfs(root, l->items[i].name, buf_str(&below));
		if (r == 0)
			r = put_module(root, &l->items[i]);
	}
	module_done(m);
	memmove(m, m + 1, (size_t)(l->items + --l->n - m) * sizeof(*m));
	return r;
}

int fake_state_sync(const struct root *root)
{
	_cleanup_(fake_state_done) struct fake_state l = { 0 };
	int r = fake_state_read(root, &l);

	for (size_t i = 0; r == 0 && i < l.n; i++) {
		_cleanup_buf_ struct buf path = BUF_INIT;

		buf_addf(&path, "/sys/module/%s", l.items[i].name);
		if (!root_exists(root, buf_str(&path)))
			r = put_module(root, &l.items[i]);
	}
	return r;
}
