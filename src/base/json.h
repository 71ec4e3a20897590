/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Streaming JSON writer (RFC 8259). It takes care of commas and nesting; the caller opens and closes in pairs.
 * Strings are foreign bytes: what is not valid UTF-8 is written as U+FFFD, control characters are escaped.
 *
 *	json_object(&j, NULL);
 *	json_int(&j, "schema", 1);
 *	json_array(&j, "modules");  ...  json_end(&j);
 *	json_end(&j);
 *
 * key is NULL inside arrays and for the outermost value.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"

#define JSON_DEPTH 32

struct json {
	FILE *out;
	bool pretty; /* newline and indentation per element */
	unsigned depth;
	bool filled[JSON_DEPTH]; /* the container at this depth has an element */
	char close[JSON_DEPTH];  /* its closing character */
};

void json_init(struct json *j, FILE *out, bool pretty);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j); /* closes the innermost; a newline after the outermost */
void json_str(struct json *j, const char *key, const char *value); /* NULL value: null */
void json_strn(struct json *j, const char *key, const void *value, size_t n);
void json_strf(struct json *j, const char *key, const char *fmt, ...) _printf_(3, 4);
void json_int(struct json *j, const char *key, int64_t value);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/*
 * A command as an array of its words. argv NULL: null, as for a word that is not UTF-8, which cannot be written here
 * and would name something else.
 */
void json_argv(struct json *j, const char *key, const char *const *argv);
/* A value that already is JSON, on one line; a trailing newline is left out. */
void json_raw(struct json *j, const char *key, const char *text);
