// SPDX-License-Identifier: MIT
#include "act/sign/verify.h"

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
