// SPDX-License-Identifier: MIT
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int parse_u64(const char *s, int base, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	if (!isalnum((unsigned char)s[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, base);
	if (end == s || *end)
		return -EINVAL;
	if (errno)
		return -errno;
	*ret = v;
	return 0;
}

int parse_i64(const char *s, int base, int64_t *ret)
{
	long long v;
	char *end;

	if (!isalnum((unsigned char)s[0]) && s[0] != '-' && s[0] != '+')
		return -EINVAL;
	errno = 0;
	v = strtoll(s, &end, base);
	if (end == s || *end)
		return -EINVAL;
	if (errno)
		return -errno;
	*ret = v;
	return 0;
}

int parse_u32(const char *s, int base, uint32_t *ret)
{
	uint64_t v = 0;
	int r = parse_u64(s, base, &v);

	if (r < 0)
		return r;
	if (v > UINT32_MAX)
		return -ERANGE;
	*ret = (uint32_t)v;
	return 0;
}

bool scan_u64(const char **p, uint64_t *ret)
{
	uint64_t v = 0;
	bool good = isdigit((unsigned char)**p);

	for (; isdigit((unsigned char)**p); (*p)++)
		good = good && !mul_overflows(v, 10, &v) && !add_overflows(v, (uint64_t)(**p - '0'), &v);
	if (!good)
		return false;
	while (isblank((unsigned char)**p))
		(*p)++;
	*ret = v;
	return true;
}
