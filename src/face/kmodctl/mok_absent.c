// SPDX-License-Identifier: MIT
#include "face/kmodctl/mok_absent.h"

#include "face/common/report.h"
#include "face/common/say.h"

bool mok_absent(struct env *env, enum efi_presence presence, bool is_status, bool json)
{
	static const char none[] = "no UEFI: this machine has no MOK; keys for modules must be built into the kernel";

	switch (presence) {
	case EFI_PRESENT:
		return false;
	case EFI_NO_FIRMWARE:
		if (is_status && !json)
			say(env->out, "%s\n", none);
		else
			report_error(env, "mok.no-uefi", "%s", none);
		break;
	case EFI_NOT_MOUNTED:
		report_error(env, "mok.no-efivarfs", "%s is not mounted: mount -t efivarfs efivarfs %s", EFI_VARS_DIR,
			     EFI_VARS_DIR);
		break;
	case EFI_HIDDEN:
		report_error(
			env, "mok.hidden",
			"unknown: %s shows no firmware (a container?): ask on the host whether this machine has MOKs",
			EFI_FIRMWARE_DIR);
		break;
	}
	return true;
}
