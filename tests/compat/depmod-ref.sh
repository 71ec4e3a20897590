#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes all eleven files for real module trees and compares their checksums with those of kmod 34's depmod.
# usage: depmod-ref.sh DEPMOD SUMS TREE...    TREE: a root directory with lib/modules/RELEASE, never written to
# A tree takes part when SUMS has a section for its release.
set -eu
depmod=$1 sums=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
same=0 all=0

for tree; do
	release=$(ls "$tree/lib/modules")
	sed -n "/^# $release\$/,/^# /p" "$sums" | grep -v '^#' >"$work/sums" || continue
	for jobs in 1 3; do
		rm -rf "$work/out"
		"$depmod" -b "$tree" -o "$work/out" --jobs $jobs "$release"
		(cd "$work/out/lib/modules/$release" && sha256sum -c "$work/sums" 2>/dev/null) >"$work/result" || true
		same=$((same + $(grep -c ': OK$' "$work/result" || true)))
		all=$((all + $(wc -l <"$work/sums")))
		grep -v ': OK$' "$work/result" | sed "s|^|$tree (--jobs $jobs): |" || true
	done
done
echo "$same of $all files are byte for byte those of kmod 34 (one thread and three)"
[ "$all" -gt 0 ] && [ "$same" -eq "$all" ]
