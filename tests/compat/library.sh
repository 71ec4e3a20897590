#!/bin/bash
# SPDX-License-Identifier: MIT
# libkmod.so.2 against Debian's library and under stress.
# usage: library.sh BUILD_DIR TREE_ROOT OTHER_TREE_ROOT
#   TREE: uncompressed modules (quick under Valgrind); OTHER: of another release, for the replaced indexes
set -u
cd "$(dirname "$0")/../.."
scripts/bootstrap --need kmod libkmod.so.2 abidiff valgrind meson ninja gcc || exit 1
build=$(readlink -f "$1") tree=$(readlink -f "$2") other=$(readlink -f "$3") tsan=build-tsan
release=$(cat "$tree/release") other_release=$(cat "$other/release")
theirs=$(ldconfig -p | awk '/libkmod\.so\.2/ { print $NF; exit }')
ours=$build/src/face/libkmod/libkmod.so.2
dir=$tree/lib/modules/$release
view=("$build/tests/lib/viewrun" --empty) # the library reads the machine's configuration
export LD_LIBRARY_PATH=$build/src/face/libkmod
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() { # DESCRIPTION COMMAND...
	local what=$1
	shift
	if "$@" >"$scratch/log" 2>&1; then
		echo "ok - $what: $(tail -n 1 "$scratch/log")"
		passed=$((passed + 1))
	else
		echo "not ok - $what"
		sed 's/^/    /' "$scratch/log"
		failed=$((failed + 1))
	fi
}

build_with_tsan() {
	[ -f "$tsan/build.ninja" ] || LD_LIBRARY_PATH= meson setup "$tsan" -Db_sanitize=thread -Db_lundef=false || return 1
	LD_LIBRARY_PATH= ninja -C "$tsan" tests/abi/threads
}

# Names of every kind: by name, by alias, by symbol, built in, with softdeps, unknown.
names=(e1000e 'pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00' nfsd symbol:crc_itu_t unix no_such_module)

check 'symbols, versions, soname' tests/abi/check-abi src/face/libkmod/libkmod.h src/face/libkmod/libkmod.sym "$ours" "$theirs"
check 'abidiff against Debian: nothing removed or changed' abidiff --no-added-syms "$theirs" "$ours"
check 'every allocation fails in turn' "${view[@]}" "$build/tests/abi/oom" "$dir" "${names[@]}"
check 'eight threads' "${view[@]}" "$build/tests/abi/threads" "$dir" "${names[@]}"
check 'a build with ThreadSanitizer' build_with_tsan
check 'eight threads under ThreadSanitizer' "${view[@]}" "$tsan/tests/abi/threads" "$dir" "${names[@]}"
check 'Valgrind: no error, no leak' "${view[@]}" valgrind -q --error-exitcode=9 --leak-check=full "$build/tests/abi/threads" "$dir" "${names[@]}"

mkdir "$scratch/old" "$scratch/new"
cp "$dir"/modules.*.bin "$scratch/old"
cp "$other/lib/modules/$other_release"/modules.*.bin "$scratch/new"
fresh=$(comm -13 <(sed 's/\.ko.*//; s|.*/||' "$dir/modules.dep" | sort) \
	<(sed 's/\.ko.*//; s|.*/||' "$other/lib/modules/$other_release/modules.dep" | sort) | head -n 1)
check 'indexes replaced under a context' "${view[@]}" "$build/tests/abi/replace" "$scratch" e1000e "$fresh"

for name in e1000e btrfs fcoe nfsd; do
	cli() { "${view[@]}" "$build/tests/abi/kmodcli" modprobe -d "$tree" -S "$release" -C /dev/null -D "$1"; }
	diff <(cli $name) <("${view[@]}" /sbin/modprobe -d "$tree" -S "$release" -C /dev/null -D $name) >"$scratch/diff" 2>&1
	check "modprobe -D $name through the library" test ! -s "$scratch/diff"
done
cmp_config() {
	"${view[@]}" "$build/tests/abi/kmodcli" modprobe -d "$tree" -S "$release" -C /dev/null -c >"$scratch/ours" &&
		"${view[@]}" /sbin/modprobe -d "$tree" -S "$release" -C /dev/null -c >"$scratch/theirs" && cmp "$scratch/ours" "$scratch/theirs" &&
		wc -l <"$scratch/ours"
}
check 'modprobe -c through the library' cmp_config
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
