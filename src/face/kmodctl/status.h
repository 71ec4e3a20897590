/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The exit statuses of the verbs (kmodctl(8)): the same meaning in each. What a verb adds begins at STATUS_OWN. In
 * text: each verb's --help ends with STATUS_HELP(), and its page has the same rows (scripts/check-man).
 */
enum {
	STATUS_YES = 0,     /* yes, or done */
	STATUS_NO = 1,      /* no, or not done */
	STATUS_USAGE = 2,   /* wrong options or operands */
	STATUS_UNKNOWN = 3, /* could not be found out */
	STATUS_OWN = 4,
};

/* What 0 and 1 mean for a verb, and STATUS_ROW() for each of the others that it ends with. */
#define STATUS_HELP(yes, no, others) "Exit status:\n  0  " yes "\n  1  " no "\n  2  wrong options or operands" others
#define STATUS_ROW(n, text) "\n  " #n "  " text
