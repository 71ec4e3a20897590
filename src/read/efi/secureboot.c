// SPDX-License-Identifier: MIT
#include "read/efi/secureboot.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "read/efi/vars.h"

static const char secure_boot_path[] = EFI_VARS_DIR "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
static const char setup_mode_path[] = EFI_VARS_DIR "/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c";
static const char mok_sb_path[] = EFI_VARS_DIR "/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23";
static const char mok_trusted_path[] = EFI_MOK_TABLE_DIR "/MokListTrustedRT";

static struct secureboot_fact known(bool yes, const char *source)
{
	return (struct secureboot_fact){ yes ? SECUREBOOT_YES : SECUREBOOT_NO, source, 0 };
}

static struct secureboot_fact unknown(const char *source, int error)
{
	return (struct secureboot_fact){ SECUREBOOT_UNKNOWN, source, error };
}

static struct secureboot_fact flag_variable(const struct root *root, const char *name, const char *path)
{
	const struct efi_guid global = EFI_GUID_GLOBAL;
	uint8_t v;
	int r = efi_var_read_u8(root, name, &global, &v);

	return r < 0 ? unknown(path, r) : known(v, path);
}

/*
 * The kernel believes shim only through a variable that the running system cannot have written: one that does not
 * survive a reboot. Such a variable means that shim was set not to validate.
 */
static struct secureboot_fact read_validation(const struct root *root)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_efi_var_ struct efi_var v = { 0 };
	int r = efi_var_read(root, "MokSBStateRT", &shim, &v);

	if (r < 0 && r != -ENOENT)
		return unknown(mok_sb_path, r);
	return known(r < 0 || v.data.n != 1 || v.data.p[0] != 1 || (v.attributes & EFI_NON_VOLATILE), mok_sb_path);
}

/* The kernel only looks into shim's table; the variable of the same name does not count. */
static struct secureboot_fact read_mok_trusted(const struct root *root)
{
	_cleanup_closedir_ DIR *table = NULL;
	int r = root_opendir(root, EFI_MOK_TABLE_DIR, &table);

	if (r < 0 && r != -ENOENT)
		return unknown(mok_trusted_path, r);
	return known(root_exists(root, mok_trusted_path), mok_trusted_path);
}

bool secureboot_through_shim(const struct root *root)
{
	static const char *const published[] = { "MokListRT", "SbatLevelRT", "MokListXRT", "MokListTrustedRT" };
	const struct efi_guid shim = EFI_GUID_SHIM;

	for (size_t i = 0; i < ELEMENTSOF(published); i++)
		if (efi_var_exists(root, published[i], &shim))
			return true;
	return root_exists(root, EFI_MOK_TABLE_DIR "/MokListRT");
}

static void set_all(struct secureboot *s, struct secureboot_fact fact)
{
	s->secure_boot = s->setup_mode = s->shim_validation = s->mok_trusted = s->shim = fact;
}

#ifdef KMODCTL_SMALL
static void read_other_firmware(const struct root *root _unused_, struct secureboot *s _unused_)
{
}
#else
/* Secure Boot of other kinds: IBM Z reports its own, that of POWER is not read. */
static void read_other_firmware(const struct root *root, struct secureboot *s)
{
	static const char ipl[] = EFI_FIRMWARE_DIR "/ipl/secure";
	static const char *const power[] = { EFI_FIRMWARE_DIR "/opal", EFI_FIRMWARE_DIR "/secvar" };
	char flag[4];
	int r = file_read_line(root, ipl, flag, sizeof(flag));

	if (r != -ENOENT)
		s->secure_boot = r < 0 ? unknown(ipl, r) : known(strcmp(flag, "1") == 0, ipl);
	for (size_t i = 0; i < ELEMENTSOF(power); i++)
		if (root_exists(root, power[i]))
			s->secure_boot = unknown(power[i], -EOPNOTSUPP);
}
#endif

void secureboot_read(const struct root *root, struct secureboot *ret)
{
	enum efi_presence p = efi_presence(root);

	if (p == EFI_HIDDEN) {
		ret->efi = unknown(EFI_FIRMWARE_DIR, -ENODATA);
		set_all(ret, ret->efi);
		return;
	}
	ret->efi = known(p != EFI_NO_FIRMWARE, EFI_DIR);
	if (p == EFI_NO_FIRMWARE) {
		set_all(ret, known(false, "no UEFI"));
		read_other_firmware(root, ret);
		return;
	}
	if (p == EFI_NOT_MOUNTED) {
		set_all(ret, unknown(EFI_VARS_DIR, -ENOENT));
		return;
	}
	ret->secure_boot = flag_variable(root, "SecureBoot", secure_boot_path);
	ret->setup_mode = flag_variable(root, "SetupMode", setup_mode_path);
	if (ret->secure_boot.error == -ENOENT) /* firmware without Secure Boot */
		ret->secure_boot = known(false, secure_boot_path);
	if (ret->secure_boot.value == SECUREBOOT_YES && ret->setup_mode.value == SECUREBOOT_YES)
		ret->secure_boot = known(false, setup_mode_path);
	else if (ret->secure_boot.value == SECUREBOOT_YES && ret->setup_mode.error)
		ret->secure_boot = ret->setup_mode;
	ret->shim_validation = read_validation(root);
	ret->mok_trusted = read_mok_trusted(root);
	ret->shim = known(secureboot_through_shim(root), EFI_VARS_DIR);
}
