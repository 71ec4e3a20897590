#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares our depmod with Debian's kmod 30 on real module trees.
# usage: depmod-kmod30.sh DEPMOD TREE...   TREE: a root with lib/modules/RELEASE, indexed by Debian's depmod; not written to
#
# Known difference of version 30: it makes no modules.weakdep.
# .ko.gz: Debian's depmod has no zlib, so such a tree holds the indexes of the same modules in another form.
set -u
"$(dirname "$0")/../../scripts/bootstrap" --need kmod || exit 1
depmod=$1
shift
theirs=/sbin/depmod
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() { # NAME COMMAND...
	name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name"
		head -n 5 "$work/said"
	fi
}

# Texts byte for byte, indexes entry by entry with their priorities.
same_indexes() {
	"$depmod" --verify -b "$tree" "$release" >"$work/differences"
	printf 'missing: modules.weakdep\n' | diff - "$work/differences"
}

# What Debian's modprobe reads out of our indexes is what it reads out of its own.
they_read_ours() {
	"$depmod" -b "$tree" -o "$work/out" "$release" || return 1
	/sbin/modprobe -d "$tree" -S "$release" -c -C /dev/null >"$work/a" &&
		/sbin/modprobe -d "$work/out" -S "$release" -c -C /dev/null >"$work/b" &&
		test "$(wc -l <"$work/a")" -gt 1000 && cmp "$work/a" "$work/b"
}

# Both streams of both tools, without our additional file.
same_output() {
	"$theirs" "$@" -b "$tree" "$release" >"$work/a" 2>"$work/a.err"
	"$depmod" "$@" -b "$tree" "$release" >"$work/b" 2>"$work/b.err"
	sed -i '/^# Weak dependencies/d; /^weakdep /d' "$work/b"
	cmp "$work/a" "$work/b" && cmp "$work/a.err" "$work/b.err"
}

for tree; do
	release=$(ls "$tree/lib/modules")
	check "$tree: indexes" same_indexes
	check "$tree: modprobe -c on ours" they_read_ours
	case $tree in
	*gz | *xz) ;; # no zlib there; and once over a slow tree is enough
	*)
		check "$tree: -n" same_output -n
		check "$tree: -n -v -w" same_output -n -v -w
		map=$(ls "$tree/boot/System.map-$release" "$tree/../../kernels/"*"/boot/System.map-$release" 2>/dev/null | head -n 1)
		if [ -n "$map" ]; then
			check "$tree: -n -e -F" same_output -n -e -F "$map"
		fi
		;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
