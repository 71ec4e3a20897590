/* SPDX-License-Identifier: MIT */
#pragma once

/* The exit statuses of the verbs (kmodctl(8)); what a verb adds begins at STATUS_OWN. */
enum {
	STATUS_YES = 0,     /* yes, or done */
	STATUS_NO = 1,      /* no, or not done */
	STATUS_USAGE = 2,   /* wrong options or operands */
	STATUS_UNKNOWN = 3, /* could not be found out */
	STATUS_OWN = 4,
};
