/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The three questions about a module: is it loaded by its name, for what it has an alias for (a device, a file system,
 * a protocol), and at boot? Answered from the findings; what could not be read leaves an answer unknown.
 */

#include "verb/why/subject.h"

/* Fills found->answers, after all checks. 0, -ENOMEM. */
int outlook_answer(struct subject *s);
/* Of the questions that apply together: one "no" decides, then one "unknown". */
enum why_outcome outlook_outcome(const struct why *w);
/*
 * The whole answer in one line: what would happen, or the present state, and the deciding finding. name NULL: nothing
 * was found. Appends.
 */
int outlook_verdict(const struct why *w, const char *name, const char *asked, struct buf *into);
const char *outlook_way_name(enum why_way way); /* "by alias" */
/* One answer for people: "no: it is blacklisted (FILE:LINE)"; what the verdict says already is left out. Appends. */
int outlook_text(const struct why *w, enum why_way way, struct buf *into);
/* An object with the answers, under the key "loads". */
void outlook_json(const struct why *w, struct json *j);
