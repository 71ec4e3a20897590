// SPDX-License-Identifier: MIT
#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t nearest_distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[NEAREST_LEN_MAX + 1];

	if (n > NEAREST_LEN_MAX || m > NEAREST_LEN_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];
			bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[m];
}
