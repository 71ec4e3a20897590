// SPDX-License-Identifier: MIT
#include "verb/why/names.h"

#define NAMES_SHOWN 6

void names_add(struct names *list, const char *symbol, const char *module, const char *ns)
{
	if (list->n++ >= NAMES_SHOWN)
		return;
	buf_addf(&list->text, "%s%s", list->n > 1 ? ", " : "", symbol);
	if (module)
		buf_addf(&list->text, " of %s", module);
	if (ns)
		buf_addf(&list->text, " in %s", ns);
}

const char *names_end(struct names *list)
{
	if (list->n > NAMES_SHOWN)
		buf_addf(&list->text, " and %zu more", list->n - NAMES_SHOWN);
	return buf_str(&list->text);
}

void names_done(struct names *list)
{
	buf_done(&list->text);
}
