// SPDX-License-Identifier: MIT
/*
 * Small files of /sys and /proc in one input: uevent and modalias of a device, a section's address and a parameter of a
 * module, and the name of a process. What is read of each is what it says.
 */
#include "scratch.h"

#include "parts.h"

#include "read/kernel/devices.h"
#include "read/kernel/modalias.h"
#include "read/kernel/processes.h"
#include "read/kernel/sections.h"
#include "read/kernel/settings.h"

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

static void check_section(const struct root *root, struct span text)
{
	struct span line = { 0 };
	struct sections found;
	char copy[32];

	fuzz_line(&text, &line);
	if (sections_read(root, "m", NULL, &found) < 0)
		return;
	snprintf(copy, sizeof(copy), "%.*s", (int)line.n, line.p);
	if (found.n != 1 || strcmp(found.items[0].name, ".text") != 0 || line.n >= sizeof(copy) ||
	    found.items[0].address != strtoull(copy, NULL, 16))
		abort();
	sections_done(&found);
}

/* The value may have several lines; only the newline at its end is not a part of it. */
static void check_setting(const struct root *root, struct span text)
{
	_cleanup_settings_ struct settings s = { 0 };
	const struct setting *x;

	if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	if (settings_read(root, "m", &s) < 0 || s.n != 1)
		abort();
	x = settings_find(&s, "a-b");
	if (!x || !x->value || !span_eq(span_of_str(x->value), text))
		abort();
}

static void check_process(const struct root *root, struct span text)
{
	char name[PROCESS_NAME_MAX];
	struct span line = { 0 };

	fuzz_line(&text, &line);
	process_name(root, 1, name);
	if (!span_eq(span_of_str(name), line) && (strcmp(name, "?") != 0 || (line.n && line.n < sizeof(name))))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct span rest = span_of(data, size), uevent = fuzz_part(&rest), modalias = fuzz_part(&rest);
	struct span section = fuzz_part(&rest), setting = fuzz_part(&rest), name = fuzz_part(&rest);

	/* The kernel writes no NUL; a line ends at one. */
	if (size > 8192 || (size && memchr(data, '\0', size)))
		return 0;
	scratch_write(DEVICE "/uevent", uevent.p, uevent.n);
	scratch_write(DEVICE "/modalias", modalias.p, modalias.n);
	check_uevent(&root, uevent);
	check_modalias(&root, modalias);
	scratch_write("sys/module/m/sections/.text", section.p, section.n);
	check_section(&root, section);
	scratch_write("sys/module/m/parameters/a_b", setting.p, setting.n);
	check_setting(&root, setting);
	scratch_write("proc/1/comm", name.p, name.n);
	check_process(&root, name);
	return 0;
}
