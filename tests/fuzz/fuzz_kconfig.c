// SPDX-License-Identifier: MIT
/* A kernel configuration: what is parsed of it, and what is looked up in it, agree with its lines. */
#include <errno.h>

#include "scratch.h"

#include "parts.h"

#include "read/kernel/kconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The last line about the option says so. */
static bool is_set(struct span text, const char *name)
{
	struct span line;
	char yes[128], unset[128];
	bool set = false;

	snprintf(yes, sizeof(yes), "%s=", name);
	snprintf(unset, sizeof(unset), "# %s is not set", name);
	while (fuzz_line(&text, &line)) {
		if (span_eq(line, span_of_str(unset)))
			set = false;
		else if (line.n >= strlen(yes) && memcmp(line.p, yes, strlen(yes)) == 0)
			set = span_is(span_of(line.p + strlen(yes), line.n - strlen(yes)), "y");
	}
	return set;
}

static void check_option(const struct root *root, const struct kconfig *parsed, struct span text, enum kconfig_option o)
{
	struct kconfig_entry e;
	int r = kconfig_find(root, "f", kconfig_name(o), &e);

	if (parsed->values[o] != (is_set(text, kconfig_name(o)) ? KCONFIG_YES : KCONFIG_NO) || r < 0)
		abort();
	if (r == 0 ? parsed->values[o] == KCONFIG_YES : e.line == 0 || !e.path[0])
		abort();
	if (r == 1 && (strcmp(e.value, "y") == 0) != (parsed->values[o] == KCONFIG_YES))
		abort();
}

/* A file without options says of none that it is off. */
static void check_nothing(const struct root *root, const struct kconfig *read)
{
	struct kconfig_entry e;

	if (read->error != -ENODATA)
		abort();
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		if (read->values[o] != KCONFIG_UNKNOWN || kconfig_find(root, "f", kconfig_name(o), &e) != -ENODATA)
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
	if (!memmem(data, size, "CONFIG_", strlen("CONFIG_"))) {
		check_nothing(&root, &read);
		return 0;
	}
	if (read.error || memcmp(read.values, parsed.values, sizeof(read.values)) != 0)
		abort();
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		check_option(&root, &parsed, span_of(data, size), o);
	return 0;
}
