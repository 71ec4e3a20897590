/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What kmodctl report knows as one HTML page: it refers to nothing outside of itself and needs no script, which its
 * Content-Security-Policy forbids. Texts of modules, of configuration and of the log are escaped (markup.h) and cut.
 */

#include "face/kmodctl/page_parts.h"

/* Sticky error of the buffer. */
void page_write(const struct page *p);
