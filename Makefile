# SPDX-License-Identifier: MIT
# Thin: everything is in scripts/ and meson.
.PHONY: check
check:
	scripts/check
