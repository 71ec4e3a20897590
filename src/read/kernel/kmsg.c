// SPDX-License-Identifier: MIT
#include "read/kernel/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

/* read(2) returns one record, or -EINVAL if it does not fit; the kernel's own are at most this long. */
#define RECORD_MAX 8192

int kmsg_open(const struct root *root, struct kmsg *ret)
{
	_cleanup_close_ int fd = root_open(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK | O_NOCTTY);

	ret->fd = -1;
	if (fd < 0)
		return fd;
	if (lseek(fd, 0, SEEK_END) < 0)
		return -errno;
	ret->fd = take_fd(&fd);
	return 0;
}

void kmsg_close(struct kmsg *k)
{
	close_fd_p(&k->fd);
	k->fd = -1;
}

void kmsg_list_done(struct kmsg_list *l)
{
	free(l->items);
	strv_done(&l->texts);
	*l = (struct kmsg_list){ 0 };
}

/* The decimal number before the next comma, which is taken too. */
static int take_number(struct span *s, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		if (mul_overflows(v, (uint64_t)10, &v) || add_overflows(v, (uint64_t)(s->p[i] - '0'), &v))
			return -EINVAL;
	if (i == 0 || i == s->n || s->p[i] != ',')
		return -EINVAL;
	*ret = v;
	return span_from(*s, i + 1, s);
}

int kmsg_parse(struct span raw, struct kmsg_record *ret, struct span *ret_text)
{
	uint64_t priority, sequence, usec;
	const uint8_t *semicolon, *newline;
	struct span rest = raw, text;

	if (take_number(&rest, &priority) < 0 || take_number(&rest, &sequence) < 0 || take_number(&rest, &usec) < 0 ||
	    priority > UINT_MAX || rest.n == 0)
		return -EINVAL;
	semicolon = memchr(rest.p, ';', rest.n);
	newline = memchr(rest.p, '\n', rest.n);
	if (!semicolon || (newline && newline < semicolon))
		return -EINVAL;
	if (span_from(rest, (uint64_t)(semicolon - rest.p) + 1, &text) < 0)
		return -EINVAL;
	if (newline)
		text.n = (size_t)(newline - text.p);
	ret->priority = (unsigned)priority;
	ret->sequence = sequence;
	ret->usec = usec;
	*ret_text = text;
	return 0;
}

static int add_record(struct kmsg_list *l, struct span raw)
{
	struct kmsg_record record = { 0 };
	struct span text;

	if (kmsg_parse(raw, &record, &text) < 0)
		return 0; /* of an unknown form: skipped */
	if (text.n > KMSG_TEXT_MAX)
		text.n = KMSG_TEXT_MAX;
	if (vec_room(&l->items, l->n, &l->cap) < 0 || strv_addn(&l->texts, (const char *)text.p, text.n) < 0)
		return -ENOMEM;
	record.text = l->texts.items[l->texts.n - 1];
	l->items[l->n++] = record;
	return 0;
}

int kmsg_collect(struct kmsg *k, struct kmsg_list *into)
{
	char raw[RECORD_MAX];

	if (k->fd < 0)
		return 0;
	for (unsigned reads = 0; reads < KMSG_RECORDS_MAX; reads++) {
		ssize_t n = read(k->fd, raw, sizeof(raw));
		int r;

		if (n == 0 || (n < 0 && errno == EAGAIN))
			return 0;
		if (n < 0 && errno == EPIPE)
			into->lost = true; /* the position has moved on to the oldest record left */
		else if (n < 0 && errno != EINTR)
			return -errno;
		r = n > 0 ? add_record(into, span_of(raw, (size_t)n)) : 0;
		if (r < 0)
			return r;
	}
	into->lost = true;
	return 0;
}

/* ---- the whole log ---- */

struct log_walk {
	int (*visit)(void *data, const struct kmsg_record *record);
	void *data;
	uint64_t n;
	bool gap; /* some were overwritten before they could be read */
};

static int visit_record(struct log_walk *w, struct span raw)
{
	struct kmsg_record record = { 0 };
	char copy[KMSG_TEXT_MAX + 1];
	struct span text;

	if (kmsg_parse(raw, &record, &text) < 0)
		return 0;
	text.n = text.n > KMSG_TEXT_MAX ? KMSG_TEXT_MAX : text.n;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	record.text = copy;
	w->gap = w->gap || (w->n == 0 && record.sequence != 0);
	w->n++;
	return w->visit(w->data, &record);
}

/* A record ends before the next line that does not begin with a blank: the kernel gives one at a time, a copy all. */
static int visit_records(struct log_walk *w, struct span raw)
{
	int r = 0;

	while (raw.n && r == 0) {
		size_t n = 0;

		do {
			const uint8_t *end = memchr(raw.p + n, '\n', raw.n - n);

			n = end ? (size_t)(end - raw.p) + 1 : raw.n;
		} while (n < raw.n && raw.p[n] == ' ');
		r = visit_record(w, (struct span){ .p = raw.p, .n = n });
		if (r == 0)
			r = span_from(raw, n, &raw);
	}
	return r;
}

int kmsg_each(const struct root *root, int (*visit)(void *data, const struct kmsg_record *record), void *data,
	      bool *ret_from_boot)
{
	_cleanup_close_ int fd = root_open(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct log_walk w = { .visit = visit, .data = data };
	char raw[RECORD_MAX];
	int r = fd < 0 ? fd : 0;

	for (unsigned reads = 0; r == 0; reads++) {
		ssize_t n = reads < KMSG_READS_MAX ? read(fd, raw, sizeof(raw)) : 0;

		if (n > 0)
			r = visit_records(&w, span_of(raw, (size_t)n));
		else if (n == 0 || errno == EAGAIN)
			break;
		else if (errno == EPIPE)
			w.gap = true;
		else if (errno != EINTR)
			r = -errno;
	}
	if (r == 0)
		*ret_from_boot = !w.gap && w.n > 0;
	return r;
}
