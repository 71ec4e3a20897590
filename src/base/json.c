// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/printable.h"

void json_init(struct json *j, FILE *out, bool pretty)
{
	*j = (struct json){ .out = out, .pretty = pretty };
}

static void json_newline(struct json *j)
{
	if (!j->pretty)
		return;
	fputc('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		fputc('\t', j->out);
}

static void write_escaped(FILE *out, uint8_t c)
{
	const char *short_from = "\"\\\b\f\n\r\t", *short_to = "\"\\bfnrt";
	const char *at = c ? strchr(short_from, c) : NULL;

	if (at)
		fprintf(out, "\\%c", short_to[at - short_from]);
	else if (c < 0x20 || c == 0x7f)
		fprintf(out, "\\u%04x", c);
	else
		fputc(c, out);
}

static void write_string(FILE *out, const uint8_t *p, size_t n)
{
	fputc('"', out);
	while (n > 0) {
		size_t len = printable_utf8(p, n);
		uint32_t control = len > 1 ? printable_control(p, len) : 0;

		if (len == 0)
			fputs("\xef\xbf\xbd", out);
		else if (len == 1)
			write_escaped(out, *p);
		else if (control) /* a terminal may be where it is read */
			fprintf(out, "\\u%04x", (unsigned)control);
		else
			fwrite(p, 1, len, out);
		len = len ? len : 1;
		p += len;
		n -= len;
	}
	fputc('"', out);
}

static void json_begin(struct json *j, const char *key)
{
	if (j->depth) {
		if (j->filled[j->depth - 1])
			fputc(',', j->out);
		j->filled[j->depth - 1] = true;
		json_newline(j);
	}
	if (key) {
		write_string(j->out, (const uint8_t *)key, strlen(key));
		fputs(j->pretty ? ": " : ":", j->out);
	}
}

static void json_open(struct json *j, const char *key, char open, char close)
{
	json_begin(j, key);
	assert(j->depth < JSON_DEPTH);
	fputc(open, j->out);
	j->filled[j->depth] = false;
	j->close[j->depth++] = close;
}

void json_object(struct json *j, const char *key)
{
	json_open(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	json_open(j, key, '[', ']');
}

void json_end(struct json *j)
{
	bool filled;

	assert(j->depth > 0);
	filled = j->filled[--j->depth];
	if (filled)
		json_newline(j);
	fputc(j->close[j->depth], j->out);
	if (j->depth == 0)
		fputc('\n', j->out);
}

void json_strn(struct json *j, const char *key, const void *value, size_t n)
{
	json_begin(j, key);
	write_string(j->out, value, n);
}

void json_str(struct json *j, const char *key, const char *value)
{
	if (value)
		json_strn(j, key, value, strlen(value));
	else
		json_null(j, key);
}

void json_strf(struct json *j, const char *key, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	json_strn(j, key, buf_str(&b), b.n);
}

void json_int(struct json *j, const char *key, int64_t value)
{
	json_begin(j, key);
	fprintf(j->out, "%" PRId64, value);
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	json_begin(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_begin(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	json_begin(j, key);
	fputs("null", j->out);
}

static bool is_utf8(const char *s)
{
	size_t n = strlen(s), len;

	for (const uint8_t *p = (const uint8_t *)s; n > 0; p += len, n -= len) {
		len = printable_utf8(p, n);
		if (len == 0)
			return false;
	}
	return true;
}

void json_argv(struct json *j, const char *key, const char *const *argv)
{
	size_t n = 0;

	while (argv && argv[n] && is_utf8(argv[n]))
		n++;
	if (!argv || argv[n]) {
		json_null(j, key);
		return;
	}
	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, argv[i]);
	json_end(j);
}

void json_raw(struct json *j, const char *key, const char *text)
{
	size_t n = strlen(text);

	json_begin(j, key);
	fwrite(text, 1, n > 0 && text[n - 1] == '\n' ? n - 1 : n, j->out);
}
