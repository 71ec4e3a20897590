// SPDX-License-Identifier: MIT
#include "act/sign/verify.h"

#include <errno.h>

const char *verify_state_name(enum verify_state state)
{
	static const char *const names[VERIFY_STATES] = {
		[VERIFY_GOOD] = "good",
		[VERIFY_UNSIGNED] = "unsigned",
		[VERIFY_UNKNOWN_SIGNER] = "unknown-signer",
		[VERIFY_UNDECIDED] = "unknown",
		[VERIFY_UNSUPPORTED] = "unsupported",
		[VERIFY_CHANGED] = "changed",
		[VERIFY_BAD_SIGNATURE] = "bad-signature",
		[VERIFY_REFUSED] = "refused",
		[VERIFY_DAMAGED] = "damaged",
	};

	return names[state];
}

bool verify_is_soft(int error)
{
	return error == -ENODATA || error == -ENOPKG || error == -ENOKEY;
}

int verify_load_errno(int error, bool sig_enforce, bool lockdown)
{
	if (!verify_is_soft(error))
		return -error;
	return sig_enforce ? EKEYREJECTED : lockdown ? EPERM : 0;
}
