// SPDX-License-Identifier: MIT
#include "face/kmod/reasons.h"

#include <string.h>

#include "base/dl.h"
#include "face/kmod/reasons_interface.h"

static const struct reasons *opened;
static const struct dl_symbol symbols[] = { { "kmodctl_reasons", (void **)(void *)&opened, NULL }, { 0 } };
static struct dl_library library = { .soname = REASONS_LIBRARY, .symbols = symbols };

/* NULL: it can be called. */
static const char *open_library(void)
{
	if (dl_library_load(&library) < 0)
		return REASONS_LIBRARY " cannot be opened";
	if (strncmp(opened->interface, REASONS_INTERFACE, sizeof(opened->interface)) != 0)
		return REASONS_LIBRARY " is of another build";
	return NULL;
}

int reasons_explain(const struct refusal *x, struct why *ret)
{
	static bool reported;
	const char *trouble = open_library();

	if (!trouble)
		return opened->explain(x, ret);
	if (!reported)
		diag_report(&x->sys->diag, LOG_WARNING, "why.no-library", NULL, 0, "%s: nothing explains refusals",
			    trouble);
	reported = true;
	*ret = (struct why){ .no_doubt = true };
	return 0;
}
