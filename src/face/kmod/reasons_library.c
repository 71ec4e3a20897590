// SPDX-License-Identifier: MIT
/* The one symbol of the library that explains refusals. */
#include "face/kmod/reasons.h"
#include "face/kmod/reasons_interface.h"

__attribute__((visibility("default"))) const struct reasons kmodctl_reasons = {
	.interface = REASONS_INTERFACE,
	.explain = refusal_explain,
};
