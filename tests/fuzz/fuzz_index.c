// SPDX-License-Identifier: MIT
/* An index file of arbitrary bytes: look-ups, search, walk and check end, in bounds, whatever it holds. */
#include "read/index/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore(void *data, const char *key, const char *value, uint32_t priority)
{
	(void)value;
	(void)priority;
	/* What the walk shows is what a look-up finds or shares a key with: both must stay in bounds. */
	index_reader_get(data, key);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {
		"",
		"net_a",
		"ab*",
		"pci:v00008086d000010D3sv*",
		"symbol:printk",
		"usb:v0421p0147d0100dc00dsc00dp00ic02isc08ip00in00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};
	struct index_values values = { 0 };
	struct index_reader r;

	if (index_reader_open_span(span_of(data, size), "fuzz", NULL, &r) < 0)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
		index_reader_get(&r, keys[i]);
		index_reader_search(&r, keys[i], &values);
	}
	index_values_done(&values);
	index_reader_walk(&r, ignore, &r);
	if (index_reader_check(&r) == 0 && index_reader_walk(&r, ignore, &r) != 0)
		abort(); /* a sound file can be walked to its end */
	return 0;
}
