// SPDX-License-Identifier: MIT
#include "verb/why/names.h"

#define NAMES_SHOWN 6

static void add_module(struct names *list, const char *module)
{
	for (size_t i = 0; i < list->n_modules; i++)
		if (strcmp(list->modules[i], module) == 0)
			return;
	if (list->n_modules < NAMES_MODULES)
		list->modules[list->n_modules++] = module;
}

void names_add(struct names *list, const char *symbol, const char *module, const char *ns)
{
	if (module)
		add_module(list, module);
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
