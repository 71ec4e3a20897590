// SPDX-License-Identifier: MIT
#include "read/image/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/vec.h"
#include "read/image/codec.h"
#include "read/image/scratch.h"

/* A file up to this size is read at once, which is cheaper than reading its parts one by one. */
#define SMALL_FILE (UINT64_C(64) << 10)
/* The first read of a larger one: ELF header and the notes after it. */
#define HEAD_SIZE (UINT64_C(4) << 10)
/* No genuine signature is longer. */
#define PEEK_SIZE (UINT64_C(64) << 10)
/* No reader of facts needs this many pieces of an honest file. */
#define PARTS_MAX 4096

struct part {
	uint64_t off;
	struct span bytes;
};

struct source {
	struct scratch *scratch; /* lent or own */
	bool own_scratch;
	struct diag *diag;
	char *label;
	int fd;
	const struct codec *codec; /* NULL: plain */
	uint64_t file_size;
	bool signed_outside;
	bool in_memory; /* whole is the (unpacked) content */
	struct span whole;
	struct span packed; /* compressed content in memory */
	struct part *parts; /* what was read of a plain file */
	size_t n_parts, cap_parts;
};

static int report(const struct source *s, const char *code, int r, const char *what)
{
	diag_report(s->diag, LOG_ERR, code, s->label, 0, "%s: %s: %s", s->label, what, strerror(-r));
	return r;
}

static int refuse(const struct source *s, int r, const char *what)
{
	diag_report(s->diag, LOG_ERR, "image.refused", s->label, 0, "%s: %s", s->label, what);
	return r;
}

static struct scratch *borrow_scratch(struct scratch *lent, bool *ret_own)
{
	struct scratch *s = lent;

	*ret_own = !lent || lent->busy;
	if (*ret_own)
		s = scratch_new();
	if (s) {
		s->busy = true;
		scratch_reset(s);
	}
	return s;
}

static int source_new(const char *label, struct scratch *scratch, struct diag *diag, struct source **ret)
{
	_cleanup_(source_close_p) struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fd = -1;
	s->diag = diag;
	s->label = strdup(label);
	s->scratch = borrow_scratch(scratch, &s->own_scratch);
	if (!s->label || !s->scratch)
		return -ENOMEM;
	*ret = take_ptr(s);
	return 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->scratch)
		scratch_return(s->scratch);
	if (s->own_scratch)
		scratch_free(s->scratch);
	close_fd_p(&s->fd);
	free(s->parts);
	free(s->label);
	free(s);
}

static int read_at(struct source *s, char *into, uint64_t off, uint64_t len)
{
	while (len > 0) {
		ssize_t n = pread(s->fd, into, (size_t)len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return report(s, "image.read", -errno, "could not read");
		if (n == 0)
			return report(s, "image.read", -EIO, "became shorter while it was read");
		into += n;
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

/* Reads [off, off+len) of the file, which has that much, and remembers it. */
static int read_part(struct source *s, uint64_t off, uint64_t len, struct span *ret)
{
	char *p;
	int r;

	/* What is too large is wrong with this file; a lack of memory would end the work on all others as well. */
	if (len > scratch_room(s->scratch) || s->n_parts == PARTS_MAX)
		return report(s, "image.too-large", -EFBIG, "could not read");
	p = scratch_alloc(s->scratch, (size_t)len);
	if (!p || vec_room(&s->parts, s->n_parts, &s->cap_parts) < 0)
		return report(s, "image.read", -ENOMEM, "could not read");
	r = read_at(s, p, off, len);
	if (r < 0)
		return r;
	s->parts[s->n_parts++] = (struct part){ off, span_of(p, (size_t)len) };
	*ret = span_of(p, (size_t)len);
	return 0;
}

/* Takes fd, or an error instead of it. */
static int take_file(struct source *s, int fd)
{
	struct stat st;

	s->fd = fd;
	if (fd < 0)
		return report(s, "image.open", fd, "could not open");
	if (fstat(s->fd, &st) < 0)
		return report(s, "image.open", -errno, "could not open");
	if (!S_ISREG(st.st_mode))
		return refuse(s, S_ISDIR(st.st_mode) ? -EISDIR : -ESPIPE, "is not a regular file");
	s->file_size = (uint64_t)st.st_size;
	if (s->file_size < SOURCE_MIN)
		return refuse(s, -EINVAL, "too short to be a module");
	return 0;
}

static int read_head(struct source *s)
{
	struct span head;
	int r = read_part(s, 0, s->file_size <= SMALL_FILE ? s->file_size : HEAD_SIZE, &head);

	if (r < 0)
		return r;
	s->codec = codec_detect(head);
	if (!s->codec && head.n == s->file_size) {
		s->whole = head;
		s->in_memory = true;
	}
	return 0;
}

static int unpack_up_to(struct source *s, struct span in, uint64_t cap, struct diag *diag)
{
	struct scratch *scratch = s->scratch;

	buf_clear(&scratch->unpacked);
	return s->codec->unpack_with(&scratch->contexts[s->codec->id], in, cap, s->label, diag, &scratch->unpacked);
}

/* Nobody knows how much it will be: what turns out to be large begins again when no other thread has anything large. */
static int unpack_in_turn(struct source *s, struct span in)
{
	struct scratch *scratch = s->scratch;
	int r;

	if (!scratch->large)
		return unpack_up_to(s, in, SOURCE_UNPACKED_MAX, s->diag);
	r = unpack_up_to(s, in, SCRATCH_LARGE, NULL);
	if (r == 0)
		return 0;
	if (r == -EFBIG) {
		buf_done(&scratch->unpacked);
		pthread_mutex_lock(scratch->large);
		scratch->has_large = true;
	}
	return unpack_up_to(s, in, SOURCE_UNPACKED_MAX, s->diag);
}

/* Signed after it was compressed: decoders take the trailer for damage. */
static struct span without_trailer(struct source *s, struct span in)
{
	struct trailer t;

	while ((t = trailer_read(in)).state == TRAILER_OK) {
		in = t.payload;
		s->signed_outside = true;
	}
	return in;
}

static int unpack(struct source *s)
{
	struct span in = s->packed;
	int r = 0;

	if (!in.p && s->parts[0].bytes.n == s->file_size)
		in = s->parts[0].bytes;
	else if (!in.p)
		r = read_part(s, 0, s->file_size, &in);
	if (r == 0)
		r = unpack_in_turn(s, without_trailer(s, in));
	if (r < 0)
		return r;
	s->whole = buf_span(&s->scratch->unpacked);
	s->in_memory = true;
	return 0;
}

static int open_path(const struct root *root, const char *path, struct scratch *scratch, struct diag *diag, bool lazy,
		     struct source **ret)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	int r = source_new(path, scratch, diag, &s);

	if (r == 0)
		r = take_file(s, root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
	if (r == 0)
		r = read_head(s);
	if (r == 0 && s->codec && !lazy)
		r = unpack(s);
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

int source_open(const struct root *root, const char *path, struct scratch *scratch, struct diag *diag,
		struct source **ret)
{
	return open_path(root, path, scratch, diag, false, ret);
}

int source_open_fd(int fd, const char *label, struct scratch *scratch, struct diag *diag, struct source **ret)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	int own, r = source_new(label, scratch, diag, &s);

	if (r < 0)
		return r;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r = take_file(s, own < 0 ? -errno : own);
	if (r == 0)
		r = read_head(s);
	if (r == 0 && s->codec)
		r = unpack(s);
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

int source_open_lazy(const struct root *root, const char *path, struct diag *diag, struct source **ret)
{
	return open_path(root, path, NULL, diag, true, ret);
}

int source_open_span(struct span bytes, const char *label, struct diag *diag, struct source **ret)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	int r = source_new(label, NULL, diag, &s);

	if (r < 0)
		return r;
	s->codec = codec_detect(bytes);
	if (s->codec) {
		s->packed = bytes;
		r = unpack(s);
	} else {
		s->whole = bytes;
		s->in_memory = true;
	}
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

enum codec_id source_codec(const struct source *s)
{
	return s->codec ? s->codec->id : CODEC_NONE;
}

int source_fd(const struct source *s)
{
	return s->fd;
}

const char *source_label(const struct source *s)
{
	return s->label;
}

/* A compressed file that was opened lazily is unpacked now. */
static int need_content(struct source *s)
{
	return s->codec && !s->in_memory ? unpack(s) : 0;
}

int source_size(struct source *s, uint64_t *ret)
{
	int r = need_content(s);

	if (r == 0)
		*ret = s->in_memory ? s->whole.n : s->file_size;
	return r;
}

int source_fetch(struct source *s, uint64_t off, uint64_t len, struct span *ret)
{
	int r = need_content(s);

	if (r < 0)
		return r;
	if (s->in_memory)
		return span_sub(s->whole, off, len, ret);
	if (off > s->file_size || len > s->file_size - off)
		return -ERANGE;
	for (size_t i = 0; i < s->n_parts; i++) {
		const struct part *p = &s->parts[i];

		if (off >= p->off && span_sub(p->bytes, off - p->off, len, ret) == 0)
			return 0;
	}
	return read_part(s, off, len, ret);
}

int source_whole(struct source *s, struct span *ret)
{
	uint64_t size = 0;
	int r = source_size(s, &size);

	return r < 0 ? r : source_fetch(s, 0, size, ret);
}

int source_trailer(struct source *s, struct trailer *ret)
{
	struct span bytes;
	uint64_t size = 0, n;
	int r = source_size(s, &size);

	if (r < 0)
		return r;
	n = size < PEEK_SIZE ? size : PEEK_SIZE;
	r = source_fetch(s, size - n, n, &bytes);
	if (r < 0)
		return r;
	*ret = trailer_read(bytes);
	if (ret->state != TRAILER_DAMAGED || n == size)
		return 0;
	r = source_whole(s, &bytes);
	if (r == 0)
		*ret = trailer_read(bytes);
	return r;
}

/* Measured: the lengths are looked at after the scheme. */
static uint64_t taken_off(const struct trailer *t)
{
	if (t->state == TRAILER_NONE)
		return 0;
	if (t->state == TRAILER_DAMAGED || t->id_type != TRAILER_PKCS7)
		return TRAILER_MAGIC_LEN;
	return TRAILER_MAGIC_LEN + TRAILER_INFO_LEN + t->sig_len;
}

int source_payload_size(struct source *s, uint64_t *ret)
{
	struct trailer t;
	uint64_t size;
	int r = source_size(s, &size);

	if (r == 0)
		r = source_trailer(s, &t);
	if (r == 0)
		*ret = size - taken_off(&t);
	return r;
}

bool source_is_signed_outside(const struct source *s)
{
	return s->signed_outside;
}
