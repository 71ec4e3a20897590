// SPDX-License-Identifier: MIT
/*
 * NUL-separated strings: as a .modinfo, its parameters with every value checked against them, and as
 * modules.builtin.modinfo.
 */
#include <string.h>

#include "read/image/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span strings = span_of(data, size);
	struct parameters p;
	struct modinfo m;

	if (modinfo_parse_builtin(strings, "a", &m) == 0)
		modinfo_done(&m);
	if (modinfo_parse(strings, &m) < 0)
		return 0;
	if (parameters_read(&m, &p) == 0) {
		for (size_t i = 0; i < p.n && i < m.n; i++) {
			const char *value = m.items[i].value;

			(void)parameter_check(&p.items[i], value, strlen(value));
			(void)parameters_find(&p, p.items[i].name, p.items[i].name_len);
		}
		parameters_done(&p);
	}
	modinfo_done(&m);
	return 0;
}
