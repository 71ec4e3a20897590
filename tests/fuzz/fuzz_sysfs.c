// SPDX-License-Identifier: MIT
/* uevent and modalias of a device, both of arbitrary bytes: lines are found as they are. */
#include "scratch.h"

#include "parts.h"

#include "read/kernel/devices.h"
#include "read/kernel/modalias.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEVICE "sys/bus/pci/devices/0000:00:03.0"
#define VALUE_MAX 256

/* For every KEY=VALUE: the value of the first line of that key whose value fits. */
static void check_uevent(const struct root *root, struct span text)
{
	struct span rest = text, line;
	char value[VALUE_MAX];

	while (fuzz_line(&rest, &line)) {
		const uint8_t *equals = memchr(line.p, '=', line.n);
		_cleanup_free_ char *key = equals ? span_dup(span_of(line.p, (size_t)(equals - line.p))) : NULL;
		struct span again = text, found = { 0 };
		size_t n = key ? strlen(key) : 0;

		if (!key)
			continue;
		while (fuzz_line(&again, &found))
			if (found.n > n && memcmp(found.p, key, n) == 0 && found.p[n] == '=' &&
			    found.n - n - 1 < sizeof(value))
				break;
		if (device_uevent(root, "/" DEVICE, key, value, sizeof(value)) < 0) {
			if (line.n - n - 1 < sizeof(value))
				abort();
		} else if (!span_eq(span_of_str(value), span_of(found.p + n + 1, found.n - n - 1))) {
			abort();
		}
	}
	if (device_uevent(root, "/" DEVICE, "\n", value, sizeof(value)) != -ENOENT)
		abort();
}

static void check_modalias(const struct root *root, struct span text)
{
	_cleanup_modaliases_ struct modaliases all = { 0 };
	struct span line = { 0 };

	fuzz_line(&text, &line);
	if (modaliases_read(root, &all) < 0 || all.n > 1)
		abort();
	if (line.n == 0 ? all.n : all.n != (line.n < 4096))
		abort();
	if (all.n && (strcmp(all.items[0].bus, "pci") != 0 || strcmp(all.items[0].name, "0000:00:03.0") != 0 ||
		      !span_eq(span_of_str(all.items[0].modalias), line) || all.items[0].driver || all.items[0].module))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct span rest = span_of(data, size), uevent = fuzz_part(&rest), modalias = fuzz_part(&rest);

	/* The kernel writes no NUL; a line ends at one. */
	if (size > 8192 || (size && memchr(data, '\0', size)))
		return 0;
	scratch_write(DEVICE "/uevent", uevent.p, uevent.n);
	scratch_write(DEVICE "/modalias", modalias.p, modalias.n);
	check_uevent(&root, uevent);
	check_modalias(&root, modalias);
	return 0;
}
