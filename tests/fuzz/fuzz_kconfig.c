// SPDX-License-Identifier: MIT
/* A kernel configuration: what is parsed of it, and what is looked up in it, agree with its lines. */
#include "scratch.h"

#include "parts.h"

#include "read/kernel/kconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_line(struct span text, const char *want)
{
	struct span line;

	while (fuzz_line(&text, &line))
		if (span_eq(line, span_of_str(want)))
			return true;
	return false;
}

static void check_option(const struct root *root, const struct kconfig *parsed, struct span text, enum kconfig_option o)
{
	struct kconfig_entry e;
	char line[128];
	int r = kconfig_find(root, "f", kconfig_name(o), &e);

	snprintf(line, sizeof(line), "%s=y", kconfig_name(o));
	if (parsed->values[o] != (has_line(text, line) ? KCONFIG_YES : KCONFIG_NO) || r < 0)
		abort();
	if (r == 0 ? parsed->values[o] == KCONFIG_YES : e.line == 0 || !e.path[0])
		abort();
	if (r == 1 && strcmp(e.value, "y") == 0 && parsed->values[o] != KCONFIG_YES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct kconfig parsed = { 0 }, read;

	kconfig_parse(span_of(data, size), &parsed);
	/* A file is taken as text, which ends at a NUL. */
	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	scratch_write("boot/config-f", data, size);
	kconfig_read(&root, "f", &read);
	if (read.error || memcmp(read.values, parsed.values, sizeof(read.values)) != 0)
		abort();
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		check_option(&root, &parsed, span_of(data, size), o);
	return 0;
}
