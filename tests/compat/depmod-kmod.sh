#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares our depmod with Debian's kmod, 30 or 34, on real module trees.
# usage: depmod-kmod.sh DEPMOD TREE...   TREE: a root with lib/modules/RELEASE, indexed by Debian 12's depmod; not written to
#
# Known differences of version 30: it makes no modules.weakdep, and its indexes have the same entries in other places. With
# version 34 all eleven files are the same, byte for byte.
# .ko.gz: Debian's depmod has no zlib, so such a tree holds the indexes of the same modules in another form.
set -u
"$(dirname "$0")/../../scripts/bootstrap" --need kmod || exit 1
depmod=$1
shift
theirs=/sbin/depmod
version=$("$theirs" --version | sed -n 's/^kmod version \([0-9]*\).*/\1/p')
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
same_indexes_but_weakdep() {
	"$depmod" --verify -b "$tree" "$release" >"$work/differences"
	printf 'missing: modules.weakdep\n' | diff - "$work/differences"
}

same_files() {
	"$theirs" -C /dev/null -b "$tree" -o "$work/theirs" "$release" &&
		"$depmod" -C /dev/null -b "$tree" -o "$work/out" "$release" || return 1
	count=$(cd "$work/theirs/lib/modules/$release" && ls | wc -l)
	test "$count" -eq 11 && diff -r "$work/theirs/lib/modules/$release" "$work/out/lib/modules/$release"
}

# What Debian's modprobe reads out of our indexes is what it reads out of its own.
they_read_ours() {
	"$depmod" -b "$tree" -o "$work/out" "$release" || return 1
	/sbin/modprobe -d "$tree" -S "$release" -c -C /dev/null >"$work/a" &&
		/sbin/modprobe -d "$work/out" -S "$release" -c -C /dev/null >"$work/b" &&
		test "$(wc -l <"$work/a")" -gt 1000 && cmp "$work/a" "$work/b"
}

# Both streams of both tools; of version 30 without our additional file.
# Of the symbols that modules need, nine out of ten: Debian's System.map names none.
make_map() {
	echo '0000000000000000 r __ksymtab_no_such_symbol' >"$work/none"
	"$theirs" -n -e -F "$work/none" -b "$tree" "$release" 2>&1 >/dev/null | sed -n 's/.* needs unknown symbol //p' | sort -u |
		sed '0~10d; s/^/0000000000000000 r __ksymtab_/' >"$work/map"
	[ -s "$work/map" ]
}

same_output() {
	"$theirs" "$@" -b "$tree" "$release" >"$work/a" 2>"$work/a.err"
	"$depmod" "$@" -b "$tree" "$release" >"$work/b" 2>"$work/b.err"
	[ "$version" != 30 ] || sed -i '/^# Weak dependencies/d; /^weakdep /d' "$work/b"
	cmp "$work/a" "$work/b" && cmp "$work/a.err" "$work/b.err"
}

# What version 30 warns of and ignores.
same_refusals() {
	for option in -u -q -r --map; do
		"$theirs" -n "$option" -b "$tree" "$release" >"$work/a" 2>&1
		echo "status $?" >>"$work/a"
		"$depmod" -n "$option" -b "$tree" "$release" >"$work/b" 2>&1
		echo "status $?" >>"$work/b"
		sed -i 's|^.*/depmod: |depmod: |' "$work/a" "$work/b"
		cmp "$work/a" "$work/b" || return 1
	done
}

for tree; do
	release=$(ls "$tree/lib/modules")
	case $version in
	30) check "$tree: indexes" same_indexes_but_weakdep ;;
	34)
		case $tree in
		*gz) continue ;; # no zlib there
		esac
		check "$tree: eleven files" same_files
		check "$tree: options that are gone" same_refusals
		;;
	*)
		echo "depmod of kmod 30 or 34 is needed, not '$version'"
		exit 1
		;;
	esac
	check "$tree: modprobe -c on ours" they_read_ours
	case $tree in
	*gz | *xz) ;; # no zlib there; and once over a slow tree is enough
	*)
		check "$tree: -n" same_output -n
		check "$tree: -n -v -w" same_output -n -v -w
		make_map
		check "$tree: -n -e -F" same_output -n -e -F "$work/map"
		;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
