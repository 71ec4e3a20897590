// SPDX-License-Identifier: MIT
#include "verb/boot/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/printable.h"

#define FIELDS 5

/* ---- writing ---- */

int boot_record_add(struct buf *into, const struct boot_record *r)
{
	buf_addf(into, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", r->start, r->end, r->error);
	if (printable_add(into, r->module, strlen(r->module)) < 0 || buf_addc(into, '\t') < 0 ||
	    printable_add(into, r->asked, strlen(r->asked)) < 0)
		return -ENOMEM;
	return buf_addc(into, '\n');
}

int boot_record_append(const struct root *root, const struct buf *lines)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	if (buf_error(lines) < 0 || lines->n == 0)
		return buf_error(lines);
	r = root_exists(root, "/run") ? root_mkdirs(root, BOOT_RECORD_DIR) : -ENOENT;
	if (r < 0)
		return r;
	fd = root_create(root, BOOT_RECORD_FILE, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size + lines->n > BOOT_RECORD_MAX)
		return -EFBIG;
	return fd_write_all(fd, lines->p, lines->n);
}

/* ---- reading ---- */

int boot_record_parse(char *line, struct boot_record *ret)
{
	char *fields[FIELDS] = { line };
	struct boot_record record;

	for (size_t i = 1; i < FIELDS; i++) {
		char *tab = strchr(fields[i - 1], '\t');

		if (!tab)
			return -EINVAL;
		*tab = '\0';
		fields[i] = tab + 1;
	}
	if (strchr(fields[FIELDS - 1], '\t') || parse_u64(fields[0], 10, &record.start) < 0 ||
	    parse_u64(fields[1], 10, &record.end) < 0 || parse_u64(fields[2], 10, &record.error) < 0)
		return -EINVAL;
	record.module = fields[3];
	record.asked = fields[4];
	if (record.end < record.start || !*record.module || !*record.asked)
		return -EINVAL;
	*ret = record;
	return 0;
}

int boot_record_each(const struct root *root, int (*visit)(void *data, const struct boot_record *record), void *data,
		     size_t *ret_damaged)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct boot_record record;
	size_t damaged = 0;
	int r = file_read_regular(root, BOOT_RECORD_FILE, BOOT_RECORD_MAX, &text);

	for (char *line = text.p, *next; r == 0 && line && line < text.p + text.n; line = next) {
		char *end = memchr(line, '\n', (size_t)(text.p + text.n - line));

		next = end ? end + 1 : text.p + text.n;
		if (end)
			*end = '\0';
		/* A line that is cut off, or has a NUL in it, says less than it should. */
		if (!end || strlen(line) != (size_t)(end - line) || boot_record_parse(line, &record) < 0)
			damaged++;
		else
			r = visit(data, &record);
	}
	if (r == 0)
		*ret_damaged = damaged;
	return r;
}
