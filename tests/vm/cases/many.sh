# SPDX-License-Identifier: MIT
# More than 200 modules in one boot: the kernel and lsmod agree after every step, and Debian's kmod, doing the same
# again, has the same result at every step.
# directories: kernel/net kernel/fs kernel/crypto kernel/lib
# memory: 2048

# Every third of them; benchmarks and self-tests run for minutes or are meant to fail.
(cd "$MODULES" && find kernel/net kernel/fs kernel/crypto kernel/lib -name "*$KO") | sort | name_of |
	grep -vE '^(tcrypt|test_.*|.*_test|.*_kunit|.*torture.*|pktgen|nf_conntrack_.*|dlm|ocfs2.*)$' | awk 'NR % 3 == 1' >/tmp/names

# modules_of_step FILE STEP...: the step's status and the set of loaded modules after it
record() {
	echo "$2 exit $3" >>"$1"
	cut -d ' ' -f 1 /proc/modules | sort >>"$1"
}

# Loads all, then removes all, newest first; PREFIX/sbin is whose tools are used.
sequence() { # PREFIX RECORD
	disagreements=0 steps=0 most=0
	: >"$2"
	echo "$1/sbin/modprobe" >/proc/sys/kernel/modprobe
	while read -r name; do
		"$1/sbin/modprobe" -q "$name"
		record "$2" "modprobe $name" $?
		compare_lsmod "$1"
	done </tmp/names
	most=$(wc -l </proc/modules)
	removed=1
	while [ $removed = 1 ]; do
		removed=0
		cut -d ' ' -f 1 /proc/modules >/tmp/present
		while read -r name; do
			"$1/sbin/rmmod" "$name" 2>/dev/null && removed=1
			record "$2" "rmmod $name" $?
			compare_lsmod "$1"
		done </tmp/present
	done
	left=$(wc -l </proc/modules)
}

compare_lsmod() {
	steps=$((steps + 1))
	lsmod_agrees "$1/sbin/lsmod" || { disagreements=$((disagreements + 1)); diff /tmp/kernel.rows /tmp/lsmod.rows; }
}

echo "$(wc -l </tmp/names) modules are asked for"
sequence '' /tmp/record.ours
echo "$most modules loaded at once, $left could not be removed, $steps steps"
check 'more than 200 modules were loaded' '[ $most -gt 200 ]'
check 'nearly all of them could be removed again' '[ $left -lt $((most / 10)) ]'
check 'lsmod agreed with /proc/modules after every step' '[ $disagreements = 0 ]'
ours=$most/$left/$steps

sequence /opt/debian /tmp/record.debian
echo "Debian's kmod: $most modules loaded at once, $left could not be removed, $steps steps"
check 'the same sequence with Debian'"'"'s kmod has the same result at every step' 'cmp /tmp/record.ours /tmp/record.debian'
check 'and the same numbers' '[ "$most/$left/$steps" = "$ours" ]'

section 'modprobe -r takes what nobody needs any more'
run modprobe -a nfs btrfs nft_ct
run modprobe -r -a nfs btrfs nft_ct
check 'only what cannot be removed is left' '[ "$(wc -l </proc/modules)" = "$left" ]'
