// SPDX-License-Identifier: MIT
/* SecureBoot, SetupMode and MokSBStateRT as variables of arbitrary bytes: enforced means that all three say so. */
#include "scratch.h"

#include "parts.h"

#include "read/efi/secureboot.h"
#include "read/efi/vars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SHIM "-605dab50-e046-4300-abb6-3dd810dd8b23"
#define DIR_NAME "sys/firmware/efi/efivars/"

/* Four octets of attributes, and one of data. */
static bool is_flag(struct span variable)
{
	return variable.n == 5;
}

static void check_fact(const struct secureboot_fact *f)
{
	if (!f->source || f->error > 0 || (f->value == SECUREBOOT_UNKNOWN) != (f->error < 0))
		abort();
}

static void check(const struct secureboot *s, struct span enforced, struct span setup, struct span shim)
{
	bool off_by_shim = shim.n == 5 && shim.p[4] == 1 && !(load_le32(shim.p) & EFI_NON_VOLATILE);

	check_fact(&s->efi);
	check_fact(&s->secure_boot);
	check_fact(&s->setup_mode);
	check_fact(&s->shim_validation);
	check_fact(&s->mok_trusted);
	if (s->efi.value != SECUREBOOT_YES || s->mok_trusted.value != SECUREBOOT_NO)
		abort();
	if (s->secure_boot.value == SECUREBOOT_YES &&
	    (!is_flag(enforced) || !enforced.p[4] || (is_flag(setup) && setup.p[4])))
		abort();
	if (s->secure_boot.value == SECUREBOOT_NO && is_flag(enforced) && enforced.p[4] &&
	    !(is_flag(setup) && setup.p[4]))
		abort();
	if (shim.n >= 4 && s->shim_validation.value != (off_by_shim ? SECUREBOOT_NO : SECUREBOOT_YES))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct span rest = span_of(data, size), enforced = fuzz_part(&rest), setup = fuzz_part(&rest);
	struct secureboot s;

	if (size > 4096)
		return 0;
	scratch_write(DIR_NAME "SecureBoot" GLOBAL, enforced.p, enforced.n);
	scratch_write(DIR_NAME "SetupMode" GLOBAL, setup.p, setup.n);
	scratch_write(DIR_NAME "MokSBStateRT" SHIM, rest.p, rest.n);
	secureboot_read(&root, &s);
	check(&s, enforced, setup, rest);
	return 0;
}
