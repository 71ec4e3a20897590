#!/bin/sh
# SPDX-License-Identifier: MIT
# check-modules.sh [RELEASE...]: for cron or a monitoring system. Silent with status 0 when all is well; else it says
# what is wrong, with status 1. The kernels are those that are installed, unless they are named.
set -eu

status=0
kmodctl config --lint >&2 || status=1
if [ $# -eq 0 ]; then
	for directory in /lib/modules/*/; do
		release=${directory%/}
		set -- "$@" "${release##*/}"
	done
fi
for release; do
	# as depmod would write them now
	if [ -e "/lib/modules/$release/modules.dep" ] && ! depmod --verify "$release" >&2; then
		echo "The indexes of $release are out of date: depmod $release" >&2
		status=1
	fi
done
exit "$status"
