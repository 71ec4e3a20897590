// SPDX-License-Identifier: MIT
/* pci.ids or usb.ids up to the first NUL, and behind that a modalias. */
#include <stdlib.h>
#include <string.h>

#include "read/hwdata/hwids.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sorted, the names inside of the text and on one line, and each key is found. */
static void check(struct span text, const struct hwid_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct hwid *h = &l->items[i];

		if (h->name.n == 0 || h->name.p < text.p || h->name.p + h->name.n > text.p + text.n ||
		    memchr(h->name.p, '\n', h->name.n) || (i && l->items[i - 1].key > h->key))
			abort();
		if (hwid_name(l, h->key).n == 0)
			abort();
	}
}

static void check_alias(struct span text)
{
	char *alias = span_dup(text);
	struct hwid_alias a;

	if (alias && hwid_of_alias(alias, &a) && a.bus >= HWIDS_BUSES)
		abort();
	free(alias);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct span text = span_of(data, nul ? (size_t)(nul - data) : size);
	_cleanup_hwids_ struct hwids ids = { 0 };

	if (hwids_parse(text, &ids) < 0)
		return 0;
	check(text, &ids.vendors);
	check(text, &ids.devices);
	check(text, &ids.classes);
	if (nul)
		check_alias(span_of(nul + 1, size - text.n - 1));
	return 0;
}
