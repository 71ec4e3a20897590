# SPDX-License-Identifier: MIT
# Sourced by tests that are shell scripts: a line for each check, and the status that the script should end with.
status=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		status=1
	fi
}
