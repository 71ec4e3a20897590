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
		[KCONFIG_IMA] = "CONFIG_IMA",
		[KCONFIG_IMA_ARCH_POLICY] = "CONFIG_IMA_ARCH_POLICY",
		[KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT] = "CONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT",
		[KCONFIG_SECURITY_LOCKDOWN_LSM] = "CONFIG_SECURITY_LOCKDOWN_LSM",
		[KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT] = "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT",
		[KCONFIG_MODULE_DECOMPRESS] = "CONFIG_MODULE_DECOMPRESS",
	};

	return names[option];
}

const char *kconfig_crypto_name(enum kconfig_crypto option)
{
	static const char *const names[KCONFIG_CRYPTO_N] = {
		[KCONFIG_ECDSA] = "CONFIG_CRYPTO_ECDSA",
		[KCONFIG_MLDSA] = "CONFIG_CRYPTO_MLDSA",
		[KCONFIG_MLDSA_ATTRIBUTES] = "CONFIG_PKCS7_WAIVE_AUTHATTRS_REJECTION_FOR_MLDSA",
		[KCONFIG_SHA512] = "CONFIG_CRYPTO_SHA512",
		[KCONFIG_SHA3] = "CONFIG_CRYPTO_SHA3",
		[KCONFIG_MD5] = "CONFIG_CRYPTO_MD5",
		[KCONFIG_CHECK_CODESIGN_EKU] = "CONFIG_CHECK_CODESIGN_EKU",
	};

	return names[option];
}

#ifndef KMODCTL_SMALL
bool kconfig_hash_option(const char *hash, enum kconfig_crypto *ret)
{
	static const struct {
		const char *hash;
		enum kconfig_crypto option;
	} needs[] = {
		{ "md5", KCONFIG_MD5 },       { "sha384", KCONFIG_SHA512 }, { "sha512", KCONFIG_SHA512 },
		{ "sha3-256", KCONFIG_SHA3 }, { "sha3-384", KCONFIG_SHA3 }, { "sha3-512", KCONFIG_SHA3 },
	};

	for (size_t i = 0; i < ELEMENTSOF(needs); i++) {
		if (strcmp(hash, needs[i].hash) == 0) {
			*ret = needs[i].option;
			return true;
		}
	}
	return false;
}

bool kconfig_wants_code_signing(const struct kconfig *config, char *ret, size_t n)
{
	if (config->crypto[KCONFIG_CHECK_CODESIGN_EKU] != KCONFIG_BUILT_IN)
		return false;
	snprintf(ret, n,
		 "its extended key usage does not name codeSigning, which this kernel wants of keys for modules (%s, "
		 "%s)",
		 kconfig_crypto_name(KCONFIG_CHECK_CODESIGN_EKU), config->path);
	return true;
}

bool kconfig_crypto_lacks(const struct kconfig *config, enum kconfig_crypto option, char *ret, size_t n)
{
	const char *name = kconfig_crypto_name(option);

	if (config->crypto[option] == KCONFIG_NOT_BUILT)
		snprintf(ret, n, "this kernel is built without %s (%s)", name, config->path);
	else if (config->crypto[option] == KCONFIG_BUILT_MODULE)
		snprintf(ret, n, "%s is only a module, which is not there yet when the kernel fills its key rings (%s)",
			 name, config->path);
	else
		return false;
	return true;
}
#endif

/* `NAME=value` or `# NAME is not set`, whose value is "n". */
static bool line_value(struct span line, const char *name, char *ret, size_t cap)
{
	static const char unset[] = " is not set";
	size_t n = strlen(name);

	if (line.n > n && line.p[n] == '=' && memcmp(line.p, name, n) == 0) {
		snprintf(ret, cap, "%.*s", (int)(line.n - n - 1), (const char *)line.p + n + 1);
		return true;
	}
	if (line.n != 2 + n + strlen(unset) || memcmp(line.p, "# ", 2) != 0 || memcmp(line.p + 2, name, n) != 0 ||
	    memcmp(line.p + 2 + n, unset, strlen(unset)) != 0)
		return false;
	snprintf(ret, cap, "n");
	return true;
}

/* Only kmodctl asks. */
static void parse_crypto(struct span line _unused_, struct kconfig *c _unused_)
{
#ifndef KMODCTL_SMALL
	char value[4];

	for (enum kconfig_crypto o = 0; o < KCONFIG_CRYPTO_N; o++)
		if (line_value(line, kconfig_crypto_name(o), value, sizeof(value)))
			c->crypto[o] = strcmp(value, "y") == 0 ? KCONFIG_BUILT_IN :
				       strcmp(value, "m") == 0 ? KCONFIG_BUILT_MODULE :
								 KCONFIG_NOT_BUILT;
#endif
}

/* What a line sets; of several lines about an option the last one counts. */
static void parse_line(struct span line, struct kconfig *c)
{
	char value[4];

	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		if (line_value(line, kconfig_name(o), value, sizeof(value)))
			c->values[o] = strcmp(value, "y") == 0 ? KCONFIG_YES : KCONFIG_NO;
	parse_crypto(line, c);
	if (line_value(line, "CONFIG_MODULES", value, sizeof(value)))
		c->without_modules = strcmp(value, "n") == 0;
}

static void set_all(struct kconfig *c, enum kconfig_value value, enum kconfig_built built)
{
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		c->values[o] = value;
	for (enum kconfig_crypto o = 0; o < KCONFIG_CRYPTO_N; o++)
		c->crypto[o] = built;
}

void kconfig_parse(struct span text, struct kconfig *ret)
{
	ret->without_modules = false;
	set_all(ret, KCONFIG_NO, KCONFIG_NOT_BUILT);
	while (text.n > 0) {
		const uint8_t *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;

		parse_line(span_of(text.p, n), ret);
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

/* A file that was cut says of no option that it is off. */
static int check_text(const struct buf *text)
{
	return strstr(buf_str(text), "CONFIG_") ? 0 : -ENODATA;
}

/* The first readable file, its path in path (cap bytes). -errno: none; absence only if nothing worse was found. */
static int read_text(const struct root *root, const char *release, bool running, char *path, size_t cap,
		     struct buf *text)
{
	static const char *const places[] = {
		RELEASES_DIR "/%s/config",
		"/usr/lib/modules/%s/config",
		"/boot/config-%s",
		RELEASES_DIR "/%s/build/.config",
	};
	int error = running ? read_own(root, path, cap, text) : -ENOENT;

	if (error == 0)
		error = check_text(text);
	if (error == 0)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		const char *mark = strstr(places[i], "%s");
		int r;

		snprintf(path, cap, "%.*s%s%s", (int)(mark - places[i]), places[i], release, mark + 2);
		buf_clear(text);
		r = file_read_regular(root, path, KCONFIG_CAP, text);
		if (r == 0)
			r = check_text(text);
		if (r == 0)
			return 0;
		if (r != -ENOENT)
			error = r;
	}
	path[0] = '\0';
	return error;
}

static void read_config(const struct root *root, const char *release, bool running, struct kconfig *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	*ret = (struct kconfig){ 0 };
	set_all(ret, KCONFIG_UNKNOWN, KCONFIG_BUILT_UNKNOWN);
	ret->error = read_text(root, release, running, ret->path, sizeof(ret->path), &text);
	if (ret->error == 0)
		kconfig_parse(buf_span(&text), ret);
}

void kconfig_read(const struct root *root, const char *release, struct kconfig *ret)
{
	read_config(root, release, true, ret);
}

void kconfig_read_installed(const struct root *root, const char *release, struct kconfig *ret)
{
	read_config(root, release, false, ret);
}

int kconfig_find(const struct root *root, const char *release, const char *name, struct kconfig_entry *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct kconfig_entry e = { 0 };
	int r = read_text(root, release, true, e.path, sizeof(e.path), &text), found = 0;
	char *rest = text.p, *line;

	if (r < 0)
		return r;
	while ((line = strsep(&rest, "\n"))) {
		e.line++;
		if (line_value(span_of_str(line), name, e.value, sizeof(e.value))) {
			*ret = e;
			found = 1;
		}
	}
	return found;
}
