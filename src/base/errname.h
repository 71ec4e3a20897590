/* SPDX-License-Identifier: MIT */
#pragma once

/* "EPERM" for EPERM; "?" for a number without a name here. glibc's strerrorname_np() is not in every libc. */
const char *errname(int error);
