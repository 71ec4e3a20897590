// SPDX-License-Identifier: MIT
#include "read/kernel/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/map.h"
#include "base/num.h"

/* A line has about 60 bytes plus its users; no real list comes near this. */
#define LIST_MAX (16u << 20)
#define READINGS_MAX 100

struct live {
	char *text; /* all strings point in here */
	struct live_module *items;
	size_t n;
	size_t cap;
	const char **users; /* of all modules, one after the other */
	size_t n_users;
	size_t damaged;
	struct map by_name;
};

void live_free(struct live *l)
{
	if (!l)
		return;
	map_done(&l->by_name);
	free(l->users);
	free(l->items);
	free(l->text);
	free(l);
}

size_t live_count(const struct live *l)
{
	return l->n;
}

size_t live_damaged(const struct live *l)
{
	return l->damaged;
}

const struct live_module *live_get(const struct live *l, size_t i)
{
	return &l->items[i];
}

const struct live_module *live_find(const struct live *l, const char *name)
{
	return map_get(&l->by_name, name);
}

/* ---- one line ---- */

/* The next word of *line, cut off in place; NULL at its end. */
static char *take_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	if (!*word)
		return NULL;
	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static int parse_state(const char *word, enum live_state *ret)
{
	static const char *const words[] = {
		[LIVE_LIVE] = "Live",
		[LIVE_COMING] = "Loading",
		[LIVE_GOING] = "Unloading",
	};

	for (int i = LIVE_LIVE; i <= LIVE_GOING; i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum live_state)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_refcnt(const char *word, struct live_module *m)
{
	m->has_refcnt = strcmp(word, "-") != 0;
	m->refcnt = -1;
	return m->has_refcnt ? parse_i64(word, 10, &m->refcnt) : 0;
}

/* live_parse() counted the commas: there is room for all users. */
static void parse_users(struct live *l, char *list, struct live_module *m)
{
	char *name;

	m->users = l->users + l->n_users;
	if (strcmp(list, "-") == 0)
		return;
	while ((name = strsep(&list, ","))) {
		if (strcmp(name, "[permanent]") == 0)
			m->permanent = true;
		else if (*name)
			l->users[l->n_users + m->n_users++] = name;
	}
	l->n_users += m->n_users;
}

/* "(OE+)" -> "OE" */
static int parse_taint(char *word, struct live_module *m)
{
	size_t n = strlen(word);

	if (n < 2 || word[0] != '(' || word[n - 1] != ')')
		return -EINVAL;
	word[n - 1] = '\0';
	word[1 + strcspn(word + 1, "+-")] = '\0';
	m->taint = word + 1;
	return 0;
}

/* What may stand behind the state: an address, taint letters, both or neither. */
static int parse_tail(char *line, struct live_module *m)
{
	char *word;

	m->taint = "";
	while ((word = take_word(&line))) {
		int r = word[0] == '(' ? parse_taint(word, m) : parse_u64(word, 16, &m->address);

		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_line(struct live *l, char *line, struct live_module *m)
{
	char *size, *refcnt, *users, *state;

	m->name = take_word(&line);
	size = take_word(&line);
	refcnt = take_word(&line);
	users = take_word(&line);
	state = take_word(&line);
	if (!state || parse_u64(size, 10, &m->size) < 0 || parse_refcnt(refcnt, m) < 0 ||
	    parse_state(state, &m->state) < 0 || parse_tail(line, m) < 0)
		return -EINVAL;
	parse_users(l, users, m);
	return 0;
}

/* ---- the list ---- */

static void reject(struct live *l, const char *label, unsigned number, struct diag *diag)
{
	l->damaged++;
	diag_report(diag, LOG_ERR, "live.bad-line", label, number, "%s:%u: not a line of a module list, ignored", label,
		    number);
}

static int add_line(struct live *l, char *line, size_t len, const char *label, unsigned number, struct diag *diag)
{
	struct live_module m = { 0 };

	if (len == 0)
		return 0;
	if (strlen(line) != len || parse_line(l, line, &m) < 0) {
		reject(l, label, number, diag);
		return 0;
	}
	if (vec_room(&l->items, l->n, &l->cap) < 0)
		return -ENOMEM;
	l->items[l->n++] = m;
	return 0;
}

static int parse_lines(struct live *l, size_t len, const char *label, struct diag *diag)
{
	char *line = l->text, *end = l->text + len;
	unsigned number = 0;

	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *stop = newline ? newline : end;
		int r;

		*stop = '\0';
		r = add_line(l, line, (size_t)(stop - line), label, ++number, diag);
		if (r < 0)
			return r;
		line = stop + 1;
	}
	return 0;
}

/* The first of equal names wins. Called when the array no longer moves. */
static int build_map(struct live *l, const char *label, struct diag *diag)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct live_module *m = &l->items[kept];

		*m = l->items[i];
		if (map_has(&l->by_name, m->name)) {
			l->damaged++;
			diag_err(diag, "live.duplicate", "%s: module %s is listed twice, second line ignored", label,
				 m->name);
			continue;
		}
		if (map_put(&l->by_name, m->name, m) < 0)
			return -ENOMEM;
		kept++;
	}
	l->n = kept;
	return 0;
}

/* Room for the users of all lines. Each ends in a comma, except the last one of a damaged list. */
static int make_room(struct live *l, struct span text)
{
	size_t most = 1;

	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == ',' || text.p[i] == '\n';
	l->users = calloc(most, sizeof(*l->users));
	l->text = malloc(text.n + 1);
	if (!l->users || !l->text)
		return -ENOMEM;
	if (text.n)
		memcpy(l->text, text.p, text.n);
	return 0;
}

int live_parse(struct span text, const char *label, struct diag *diag, struct live **ret)
{
	_cleanup_(live_free_p) struct live *l = calloc(1, sizeof(*l));
	int r = l ? make_room(l, text) : -ENOMEM;

	if (r == 0)
		r = parse_lines(l, text.n, label, diag);
	if (r == 0)
		r = build_map(l, label, diag);
	if (r < 0)
		return r;
	*ret = take_ptr(l);
	return 0;
}

/* ---- reading ---- */

/* Everything from the start of the file. *ret_pieces: how many reads that returned something it took. */
static int read_list(int fd, struct buf *into, unsigned *ret_pieces)
{
	unsigned pieces = 0;

	buf_clear(into);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		int r = buf_reserve(into, 65536);
		ssize_t n;

		if (r < 0)
			return r;
		n = fd_read_some(fd, into->p + into->n, into->cap - into->n - 1);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		into->n += (size_t)n;
		pieces++;
		if (into->n > LIST_MAX)
			return -EFBIG;
	}
	*ret_pieces = pieces;
	return 0;
}

/* Only the names of both readings must agree: counts may change at any time. */
static bool same_names(struct span a, struct span b)
{
	while (a.n && b.n) {
		const uint8_t *space = memchr(a.p, ' ', a.n), *end_a = memchr(a.p, '\n', a.n),
			      *end_b = memchr(b.p, '\n', b.n);
		size_t name = space ? (size_t)(space - a.p) + 1 : a.n;

		if (!end_a || !end_b || name > b.n || memcmp(a.p, b.p, name) != 0)
			return span_eq(a, b);
		span_from(a, (uint64_t)(end_a - a.p) + 1, &a);
		span_from(b, (uint64_t)(end_b - b.p) + 1, &b);
	}
	return a.n == b.n;
}

static int read_settled(int fd, struct buf *into)
{
	_cleanup_buf_ struct buf again = BUF_INIT;
	unsigned pieces;
	int r = read_list(fd, into, &pieces);

	if (r < 0 || pieces <= 1)
		return r;
	for (int i = 1; i < READINGS_MAX; i++) {
		struct buf swap = *into;

		r = read_list(fd, &again, &pieces);
		if (r < 0)
			return r;
		if (pieces <= 1 || same_names(buf_span(into), buf_span(&again)))
			r = 1;
		*into = again;
		again = swap;
		if (r == 1)
			return 0;
	}
	return -EAGAIN;
}

int live_read(const struct root *root, struct diag *diag, struct live **ret)
{
	_cleanup_close_ int fd = file_open_any(root, "/proc/modules");
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = fd < 0 ? fd : read_settled(fd, &text);

	return r < 0 ? r : live_parse(buf_span(&text), "/proc/modules", diag, ret);
}

/* ---- single questions ---- */

static int sysfs_path(const char *name, const char *attribute, struct buf *ret)
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -ENOENT;
	buf_addf(ret, "/sys/module/%s%s%s", name, *attribute ? "/" : "", attribute);
	return buf_error(ret);
}

static int read_attribute(const struct root *root, const char *name, const char *attribute, char *ret, size_t cap)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	int r = sysfs_path(name, attribute, &path);

	return r < 0 ? r : file_read_line(root, buf_str(&path), ret, cap);
}

static int read_number(const struct root *root, const char *name, const char *attribute, int64_t *ret)
{
	char text[32];
	int r = read_attribute(root, name, attribute, text, sizeof(text));

	if (r < 0)
		return r == -ERANGE ? -EINVAL : r;
	text[strcspn(text, " \t")] = '\0';
	return parse_i64(text, 10, ret);
}

static const char *const state_names[] = {
	[LIVE_BUILTIN] = "builtin",
	[LIVE_LIVE] = "live",
	[LIVE_COMING] = "coming",
	[LIVE_GOING] = "going",
};

const char *live_state_name(enum live_state state)
{
	return state < LIVE_BUILTIN || state > LIVE_GOING ? NULL : state_names[state];
}

/* 0 or -errno of the module's directory. */
static int directory_of(const struct root *root, const char *name)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct stat st;
	int r = sysfs_path(name, "", &path);

	return r < 0 ? r : root_stat(root, buf_str(&path), &st);
}

/* 0, or -errno of the attribute: -ENOENT for an absent module, and for one that was just added and has none yet. */
static int read_state(const struct root *root, const char *name, enum live_state *ret)
{
	char word[16];
	int r = read_attribute(root, name, "initstate", word, sizeof(word));

	if (r < 0)
		return r == -ERANGE ? -EINVAL : r;
	for (int i = LIVE_LIVE; i <= LIVE_GOING; i++) {
		if (strcmp(word, state_names[i]) == 0) {
			*ret = (enum live_state)i;
			return 0;
		}
	}
	return -EINVAL;
}

int live_state_of(const struct root *root, const char *name, enum live_state *ret)
{
	int r = read_state(root, name, ret);

	if (r != -ENOENT)
		return r;
	r = directory_of(root, name);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r < 0 ? LIVE_ABSENT : LIVE_COMING;
	return 0;
}

bool live_is_live(const struct root *root, const char *name)
{
	enum live_state state;

	return read_state(root, name, &state) == 0 && state == LIVE_LIVE;
}

int live_refcnt_of(const struct root *root, const char *name, int *ret)
{
	int64_t value;
	int r = read_number(root, name, "refcnt", &value);

	if (r < 0)
		return r;
	if (value != (int)value)
		return -ERANGE;
	*ret = (int)value;
	return 0;
}

/* For kernels whose sysfs does not show the size: the second column of /proc/modules. */
static int listed_size(const struct root *root, const char *name, int64_t *ret)
{
	_cleanup_(live_free_p) struct live *l = NULL;
	const struct live_module *m;
	int r = live_read(root, NULL, &l);

	if (r < 0)
		return r;
	m = live_find(l, name);
	if (!m)
		return -ENOENT;
	if (m->size > INT64_MAX)
		return -ERANGE;
	*ret = (int64_t)m->size;
	return 0;
}

int live_size_of(const struct root *root, const char *name, int64_t *ret)
{
	int r = read_number(root, name, "coresize", ret);

	if (r != -ENOENT)
		return r;
	r = directory_of(root, name);
	return r < 0 ? r : listed_size(root, name, ret);
}

int live_holders_of(const struct root *root, const char *name, struct strv *ret)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_strv_ struct strv names = { 0 };
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *e;
	int r = sysfs_path(name, "holders", &path);

	if (r == 0)
		r = root_opendir(root, buf_str(&path), &d);
	if (r < 0)
		return r;
	while ((errno = 0, e = readdir(d))) {
		if (e->d_name[0] != '.' && strv_add(&names, e->d_name) < 0)
			return -ENOMEM;
	}
	if (errno)
		return -errno;
	*ret = names;
	names = (struct strv){ 0 };
	return 0;
}

void live_compression(const struct root *root, char *ret, size_t cap)
{
	if (file_read_line(root, "/sys/module/compression", ret, cap) < 0)
		ret[0] = '\0';
}
