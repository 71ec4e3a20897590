// SPDX-License-Identifier: MIT
#include "read/kernel/kconfig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "read/image/codec.h"

#define KCONFIG_CAP (4u << 20)

const char *kconfig_name(enum kconfig_option option)
{
	static const char *const names[KCONFIG_N] = {
		[KCONFIG_MODULE_SIG] = "CONFIG_MODULE_SIG",
		[KCONFIG_MODULE_SIG_FORCE] = "CONFIG_MODULE_SIG_FORCE",
		[KCONFIG_SECONDARY_TRUSTED_KEYRING] = "CONFIG_SECONDARY_TRUSTED_KEYRING",
		[KCONFIG_INTEGRITY_PLATFORM_KEYRING] = "CONFIG_INTEGRITY_PLATFORM_KEYRING",
		[KCONFIG_INTEGRITY_MACHINE_KEYRING] = "CONFIG_INTEGRITY_MACHINE_KEYRING",
		[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = "CONFIG_INTEGRITY_CA_MACHINE_KEYRING",
		[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX] = "CONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX",
		[KCONFIG_LOAD_UEFI_KEYS] = "CONFIG_LOAD_UEFI_KEYS",
		[KCONFIG_SYSTEM_BLACKLIST_KEYRING] = "CONFIG_SYSTEM_BLACKLIST_KEYRING",
		[KCONFIG_SYSTEM_REVOCATION_LIST] = "CONFIG_SYSTEM_REVOCATION_LIST",
		[KCONFIG_IMA_ARCH_POLICY] = "CONFIG_IMA_ARCH_POLICY",
		[KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT] = "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT",
		[KCONFIG_MODULE_DECOMPRESS] = "CONFIG_MODULE_DECOMPRESS",
	};

	return names[option];
}

/* The option that the line sets to y, or KCONFIG_N. */
static enum kconfig_option option_of(struct span line)
{
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++) {
		size_t n = strlen(kconfig_name(o));

		if (line.n == n + 2 && memcmp(line.p, kconfig_name(o), n) == 0 && memcmp(line.p + n, "=y", 2) == 0)
			return o;
	}
	return KCONFIG_N;
}

void kconfig_parse(struct span text, struct kconfig *ret)
{
	ret->without_modules = false;
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		ret->values[o] = KCONFIG_NO;
	while (text.n > 0) {
		const uint8_t *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;
		enum kconfig_option o = option_of(span_of(text.p, n));

		if (o < KCONFIG_N)
			ret->values[o] = KCONFIG_YES;
		ret->without_modules |= span_is(span_of(text.p, n), "# CONFIG_MODULES is not set");
		n += nl != NULL;
		text = span_of(text.p + n, text.n - n);
	}
}

/* CONFIG_IKCONFIG_PROC: what the running kernel itself carries along. */
static int read_own(const struct root *root, char *path, size_t cap, struct buf *text)
{
	_cleanup_buf_ struct buf packed = BUF_INIT;
	int r;

	snprintf(path, cap, "/proc/config.gz");
	r = file_read(root, path, KCONFIG_CAP, &packed);
	return r < 0 ? r : codec_gz.unpack(buf_span(&packed), KCONFIG_CAP, path, NULL, text);
}

/* The first readable file, its path in path (cap bytes). -errno: none; absence only if nothing worse was found. */
static int read_text(const struct root *root, const char *release, char *path, size_t cap, struct buf *text)
{
	static const char *const places[] = {
		RELEASES_DIR "/%s/config",
		"/usr/lib/modules/%s/config",
		"/boot/config-%s",
		RELEASES_DIR "/%s/build/.config",
	};
	int error = read_own(root, path, cap, text);

	if (error == 0)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		const char *mark = strstr(places[i], "%s");
		int r;

		snprintf(path, cap, "%.*s%s%s", (int)(mark - places[i]), places[i], release, mark + 2);
		buf_clear(text);
		r = file_read(root, path, KCONFIG_CAP, text);
		if (r == 0)
			return 0;
		if (r != -ENOENT)
			error = r;
	}
	path[0] = '\0';
	return error;
}

void kconfig_read(const struct root *root, const char *release, struct kconfig *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	*ret = (struct kconfig){ 0 };
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		ret->values[o] = KCONFIG_UNKNOWN;
	ret->error = read_text(root, release, ret->path, sizeof(ret->path), &text);
	if (ret->error == 0)
		kconfig_parse(buf_span(&text), ret);
}

/* `NAME=value` or `# NAME is not set`. */
static bool line_value(const char *line, const char *name, char *ret, size_t cap)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) == 0 && line[n] == '=') {
		snprintf(ret, cap, "%s", line + n + 1);
		return true;
	}
	if (strncmp(line, "# ", 2) != 0 || strncmp(line + 2, name, n) != 0 || strcmp(line + 2 + n, " is not set") != 0)
		return false;
	snprintf(ret, cap, "n");
	return true;
}

int kconfig_find(const struct root *root, const char *release, const char *name, struct kconfig_entry *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct kconfig_entry e = { 0 };
	int r = read_text(root, release, e.path, sizeof(e.path), &text);
	char *rest = text.p, *line;

	if (r < 0)
		return r;
	while ((line = strsep(&rest, "\n"))) {
		e.line++;
		if (line_value(line, name, e.value, sizeof(e.value))) {
			*ret = e;
			return 1;
		}
	}
	return 0;
}
