// SPDX-License-Identifier: MIT
#include "verb/why/distro.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/oom.h"
#include "base/program.h"

#define OS_RELEASE_MAX (64u << 10)
#define PACKAGE_LIST_MAX (32u << 20)

/* ---- os-release ---- */

static const struct {
	const char *id;
	enum distro distro;
} ids[] = {
	{ "ubuntu", DISTRO_UBUNTU }, { "debian", DISTRO_DEBIAN },      { "fedora", DISTRO_FEDORA },
	{ "rhel", DISTRO_FEDORA },   { "centos", DISTRO_FEDORA },      { "suse", DISTRO_SUSE },
	{ "opensuse", DISTRO_SUSE }, { "opensuse-leap", DISTRO_SUSE }, { "opensuse-tumbleweed", DISTRO_SUSE },
	{ "sles", DISTRO_SUSE },     { "sled", DISTRO_SUSE },          { "arch", DISTRO_ARCH },
};

/* The first of the words that is known; they go from the closest relation to the farthest. */
static enum distro known_word(struct span words)
{
	while (words.n > 0) {
		size_t n = 0;

		while (n < words.n && !strchr(" \t\"'", words.p[n]))
			n++;
		for (size_t i = 0; i < ELEMENTSOF(ids); i++)
			if (span_is(span_of(words.p, n), ids[i].id))
				return ids[i].distro;
		n += n < words.n;
		words = span_of(words.p + n, words.n - n);
	}
	return DISTRO_UNKNOWN;
}

/* The value of NAME=VALUE, with its quotes. */
static struct span value_of(struct span text, const char *name)
{
	size_t len = strlen(name);

	while (text.n > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		if (n > len && memcmp(text.p, name, len) == 0 && text.p[len] == '=')
			return span_of(text.p + len + 1, n - len - 1);
		n += end != NULL;
		text = span_of(text.p + n, text.n - n);
	}
	return span_of(NULL, 0);
}

enum distro distro_read(const struct root *root)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	enum distro d;

	if (file_read_regular(root, "/etc/os-release", OS_RELEASE_MAX, &text) < 0) {
		buf_clear(&text);
		if (file_read_regular(root, "/usr/lib/os-release", OS_RELEASE_MAX, &text) < 0)
			return DISTRO_UNKNOWN;
	}
	d = known_word(value_of(buf_span(&text), "ID"));
	return d ? d : known_word(value_of(buf_span(&text), "ID_LIKE"));
}

/* ---- package managers ---- */

static bool is_image(const struct root *root)
{
	return root_exists(root, "/run/ostree-booted");
}

/* The words and, behind them, one that is composed. */
static int say_words(struct strv *ret, const char *const *words, const char *name)
{
	for (size_t i = 0; words[i]; i++)
		if (strv_add(ret, words[i]) < 0)
			return -ENOMEM;
	return strv_add(ret, name);
}

/* "PACKAGE-RELEASE" */
static int install(const struct root *root, const char *const *words, const char *package, const char *release,
		   struct strv *ret)
{
	_cleanup_buf_ struct buf name = BUF_INIT;

	if (!program_is_installed(root, words[0]))
		return 0;
	if (buf_addf(&name, "%s%s", package, release) < 0)
		return -ENOMEM;
	return say_words(ret, words, buf_str(&name));
}

static bool has_line(const struct buf *text, const char *line)
{
	size_t n = strlen(line);
	const char *at = text->p, *end = text->p + text->n;

	while (at && (at = memmem(at, (size_t)(end - at), line, n))) {
		if ((at == text->p || at[-1] == '\n') && (at + n == end || at[n] == '\n'))
			return true;
		at += n;
	}
	return false;
}

/* /lib and /usr/lib may be the same. */
bool distro_list_has(const struct root *root, const char *list, const char *file, bool slash)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	bool below_usr = strncmp(file, "/usr/", 5) == 0;
	char other[PATH_MAX];

	if (file_read_regular(root, list, PACKAGE_LIST_MAX, &text) < 0)
		return false;
	snprintf(other, sizeof(other), "%s%s", below_usr ? "" : "/usr", below_usr ? file + 4 : file);
	return has_line(&text, file + !slash) || has_line(&text, other + !slash);
}

/* Does dpkg's list of the package's files have this one? */
static bool dpkg_has(const struct root *root, const char *package, const char *release, const char *file)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "/var/lib/dpkg/info/%s%s.list", package, release) < sizeof(path) &&
	       distro_list_has(root, path, file, true);
}

static const char *dpkg_owner(const struct root *root, const char *release, const char *file)
{
	static const char *const packages[] = { "linux-image-", "linux-image-unsigned-", "linux-modules-",
						"linux-modules-extra-" };

	for (size_t i = 0; file && i < ELEMENTSOF(packages); i++)
		if (dpkg_has(root, packages[i], release, file))
			return packages[i];
	return NULL;
}

static int debian_modules(const struct root *root, bool ubuntu, enum distro_want want, const char *release,
			  const char *file, struct strv *ret)
{
	static const char *const install_words[] = { "apt-get", "install", NULL };
	static const char *const again[] = { "apt-get", "install", "--reinstall", NULL };
	const char *package = dpkg_owner(root, release, file);

	if (!package && ubuntu)
		package = want == DISTRO_MORE_MODULES ? "linux-modules-extra-" : "linux-modules-";
	if (!package)
		package = "linux-image-";
	/* Debian has no package of more modules, so that a part of this one is missing. */
	return install(root,
		       want == DISTRO_SAME_MODULES || (want == DISTRO_MORE_MODULES && !ubuntu) ? again : install_words,
		       package, release, ret);
}

static int fedora_modules(const struct root *root, enum distro_want want, const char *release, struct strv *ret)
{
	static const char *const dnf[] = { "dnf", "install", NULL }, *const yum[] = { "yum", "install", NULL };
	static const char *const dnf_again[] = { "dnf", "reinstall", NULL };
	static const char *const yum_again[] = { "yum", "reinstall", NULL };
	bool has_dnf = program_is_installed(root, "dnf");

	/* Which of the packages of this kernel has it differs from release to release. */
	if (want == DISTRO_SAME_MODULES)
		return install(root, has_dnf ? dnf_again : yum_again, "kernel*-", release, ret);
	return install(root, has_dnf ? dnf : yum,
		       want == DISTRO_MORE_MODULES ? "kernel-modules-extra-" : "kernel-modules-", release, ret);
}

/*
 * "6.4.0-150600.21-default": the package's name has the last word, and its version is longer. part: of the kernel,
 * behind that word.
 */
static int suse_kernel(const struct root *root, const char *const *words, const char *release, const char *part,
		       struct strv *ret)
{
	const char *flavour = strrchr(release, '-');
	_cleanup_buf_ struct buf name = BUF_INIT;

	if (!flavour)
		return 0;
	buf_addf(&name, "kernel%s%s", flavour, part);
	return buf_error(&name) ? -ENOMEM : install(root, words, buf_str(&name), "", ret);
}

static int suse_modules(const struct root *root, enum distro_want want, const char *release, struct strv *ret)
{
	static const char *const words[] = { "zypper", "install", NULL };
	static const char *const again[] = { "zypper", "install", "--force", NULL };

	return suse_kernel(root, want == DISTRO_SAME_MODULES ? again : words, release,
			   want == DISTRO_MORE_MODULES ? "-extra" : "", ret);
}

/* The package's name follows from the end of "6.9.1-arch1-1", "6.6.31-1-lts". part: of the kernel, behind that. */
static int arch_kernel(const struct root *root, const char *release, const char *part, struct strv *ret)
{
	static const char *const words[] = { "pacman", "-S", NULL };
	static const struct {
		const char *mark, *package;
	} kernels[] = {
		{ "-arch", "linux" },
		{ "-lts", "linux-lts" },
		{ "-zen", "linux-zen" },
		{ "-hardened", "linux-hardened" },
	};

	for (size_t i = 0; i < ELEMENTSOF(kernels); i++)
		if (strstr(release, kernels[i].mark))
			return install(root, words, kernels[i].package, part, ret);
	return 0;
}

int distro_modules(const struct root *root, enum distro_want want, const char *release, const char *file,
		   struct strv *ret)
{
	enum distro d = is_image(root) || !*release ? DISTRO_UNKNOWN : distro_read(root);

	switch (d) {
	case DISTRO_DEBIAN:
	case DISTRO_UBUNTU:
		return debian_modules(root, d == DISTRO_UBUNTU, want, release, file, ret);
	case DISTRO_FEDORA:
		return fedora_modules(root, want, release, ret);
	case DISTRO_SUSE:
		return suse_modules(root, want, release, ret);
	case DISTRO_ARCH:
		return arch_kernel(root, release, "", ret);
	case DISTRO_UNKNOWN:
		break;
	}
	return 0;
}

int distro_headers(const struct root *root, const char *release, struct strv *ret)
{
	static const char *const apt[] = { "apt-get", "install", NULL }, *const zypper[] = { "zypper", "install",
											     NULL };
	const char *const dnf[] = { program_is_installed(root, "dnf") ? "dnf" : "yum", "install", NULL };

	switch (is_image(root) || !*release ? DISTRO_UNKNOWN : distro_read(root)) {
	case DISTRO_DEBIAN:
	case DISTRO_UBUNTU:
		return install(root, apt, "linux-headers-", release, ret);
	case DISTRO_FEDORA:
		return install(root, dnf, "kernel-devel-", release, ret);
	case DISTRO_SUSE:
		return suse_kernel(root, zypper, release, "-devel", ret);
	case DISTRO_ARCH:
		return arch_kernel(root, release, "-headers", ret);
	case DISTRO_UNKNOWN:
		break;
	}
	return 0;
}

/* ---- firmware ---- */

/* Debian's packages, by where their files lie. */
static const struct {
	const char *prefix, *package;
} debian_firmware[] = {
	{ "iwlwifi-", "firmware-iwlwifi" },
	{ "rtl_nic/", "firmware-realtek" },
	{ "rtlwifi/", "firmware-realtek" },
	{ "rtl_bt/", "firmware-realtek" },
	{ "rtw88/", "firmware-realtek" },
	{ "rtw89/", "firmware-realtek" },
	{ "ath9k_htc/", "firmware-atheros" },
	{ "ath10k/", "firmware-atheros" },
	{ "ath11k/", "firmware-atheros" },
	{ "amdgpu/", "firmware-amd-graphics" },
	{ "radeon/", "firmware-amd-graphics" },
	{ "brcm/", "firmware-brcm80211" },
	{ "bnx2/", "firmware-bnx2" },
	{ "bnx2x/", "firmware-bnx2x" },
	{ "i915/", "firmware-misc-nonfree" },
	{ "nvidia/", "firmware-misc-nonfree" },
	{ "mediatek/", "firmware-misc-nonfree" },
};

static const char *debian_firmware_package(const char *file)
{
	for (size_t i = 0; i < ELEMENTSOF(debian_firmware); i++)
		if (strncmp(file, debian_firmware[i].prefix, strlen(debian_firmware[i].prefix)) == 0)
			return debian_firmware[i].package;
	return NULL;
}

/* By the file, of which dnf finds the package itself; it may be compressed. */
static int fedora_firmware(const struct root *root, const char *file, struct strv *ret)
{
	const char *const words[] = { program_is_installed(root, "dnf") ? "dnf" : "yum", "install", NULL };
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_addf(&path, "/usr/lib/firmware/%s*", file);
	return buf_error(&path) ? -ENOMEM : install(root, words, buf_str(&path), "", ret);
}

int distro_firmware(const struct root *root, const char *file, struct strv *ret)
{
	static const char *const apt[] = { "apt-get", "install", NULL }, *const pacman[] = { "pacman", "-S", NULL };
	static const char *const zypper[] = { "zypper", "install", NULL };
	const char *package = debian_firmware_package(file);

	switch (is_image(root) ? DISTRO_UNKNOWN : distro_read(root)) {
	case DISTRO_DEBIAN:
		return package ? install(root, apt, package, "", ret) : 0;
	case DISTRO_UBUNTU:
		return install(root, apt, "linux-firmware", "", ret);
	case DISTRO_FEDORA:
		return fedora_firmware(root, file, ret);
	case DISTRO_SUSE:
		return install(root, zypper, "kernel-firmware-all", "", ret);
	case DISTRO_ARCH:
		return install(root, pacman, "linux-firmware", "", ret);
	case DISTRO_UNKNOWN:
		break;
	}
	return 0;
}
