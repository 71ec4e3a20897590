// SPDX-License-Identifier: MIT
/*
 * The binary for an initramfs (scripts/build-static) knows the ASCII part of libc's classes of wide characters, which
 * is what the C locale of other libcs has. Only fnmatch() asks for them, and kmod takes no pattern with a class; musl's
 * tables of Unicode would be a twentieth of the binary.
 */
#ifdef KMODCTL_SMALL

#include <ctype.h>
#include <string.h>
#include <wctype.h>

#include "base/cleanup.h"

static const struct {
	const char *name;
	int (*has)(int);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

wctype_t wctype(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(classes); i++)
		if (strcmp(classes[i].name, name) == 0)
			return i + 1;
	return 0;
}

int iswctype(wint_t c, wctype_t class)
{
	return class && c < 0x80 && classes[class - 1].has((int)c);
}

wint_t towlower(wint_t c)
{
	return c < 0x80 ? (wint_t)tolower((int)c) : c;
}

wint_t towupper(wint_t c)
{
	return c < 0x80 ? (wint_t)toupper((int)c) : c;
}

#endif
