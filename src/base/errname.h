/* SPDX-License-Identifier: MIT */
#pragma once

/* "EPERM" for EPERM; "?" for a number that is not listed. glibc's strerrorname_np() is not available in every libc. */
const char *errname(int error);
