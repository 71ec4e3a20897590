# SPDX-License-Identifier: MIT
# A hundred modules in one boot, more than two hundred in make soak: the kernel and lsmod agree after every step, and
# Debian's kmod, doing the same again, has the same result at every step.
# kernels: 6.12
# soak: 6.1 6.12
# long: yes
# directories: kernel/net kernel/lib kernel/fs/nls kernel/drivers/hid kernel/drivers/usb/serial
# modules: nfs btrfs nft_ct
# memory: 2048
# files: /bin/lsmod-agrees=helper:lsmod-agrees

if soaking; then share=4 least=200; else share=10 least=100; fi
# A tenth of the directories' modules, or a fourth. Benchmarks and self-tests run for minutes or are meant to fail. 6lowpan
# and ciphers have the kernel load more, at a time of its own.
grep -E '^kernel/(net|lib|fs/nls|drivers/hid|drivers/usb/serial)/' "$MODULES/modules.dep" |
	grep -vE '6lowpan|crypto' | cut -d : -f 1 | sort | name_of |
	grep -vE '^(pktgen|test_.*|.*_(self)?test|.*_kunit|.*torture.*)$' | awk -v share=$share 'NR % share == 1' >/tmp/names

# What was done, how it ended, and what is loaded now.
record() { # ACTION STATUS
	{
		echo "$1: exit $2"
		cut -d ' ' -f 1 /proc/modules
	} >>"$record"
}

compare_lsmod() {
	steps=$((steps + 1))
	lsmod-agrees lsmod || disagreements=$((disagreements + 1))
}

load_all() { # PREFIX
	while read -r name; do
		"$1/sbin/modprobe" -q "$name"
		record "modprobe $name" $?
		each_step
	done </tmp/names
	most=$(wc -l </proc/modules)
}

# Newest first, again and again until nothing more goes.
unload_all() { # PREFIX
	removed=yes
	while [ -n "$removed" ]; do
		removed=
		cut -d ' ' -f 1 /proc/modules >/tmp/present
		while read -r name; do
			if "$1/sbin/rmmod" "$name" 2>/dev/null; then
				removed=yes
				record "rmmod $name" 0
				each_step
			fi
		done </tmp/present
	done
	cut -d ' ' -f 1 /proc/modules >/tmp/left
}

sequence() { # PREFIX RECORD
	record=$2
	echo "$1/sbin/modprobe" >/proc/sys/kernel/modprobe
	load_all "$1"
	unload_all "$1"
	echo "$most modules loaded at once; not removable: $(tr '\n' ' ' </tmp/left)"
}

steps=0 disagreements=0
each_step() { compare_lsmod; }
sequence '' /tmp/ours
echo "lsmod compared $steps times"
check "more than $least modules were loaded" '[ $most -gt $least ]'
check 'nearly all of them could be removed again' '[ $(wc -l </tmp/left) -lt 10 ]'
check 'lsmod agreed with /proc/modules after every step' '[ $steps -gt $((least * 5 / 3)) ] && [ $disagreements = 0 ]'

# What cannot be removed was absent in the first sequence only until it was asked for.
cp /tmp/left /tmp/left.first
each_step() { :; }
sequence /opt/debian /tmp/debian
check 'the same modules cannot be removed' 'cmp /tmp/left.first /tmp/left'
echo none >>/tmp/left # to busybox's grep an empty list is in every line
for tool in ours debian; do
	grep -vxFf /tmp/left /tmp/$tool >/tmp/$tool.removable
done
check "the same with Debian's kmod: the same modules after every step" '[ -s /tmp/ours.removable ] && cmp /tmp/ours.removable /tmp/debian.removable'
diff /tmp/ours.removable /tmp/debian.removable | head -n 20

section 'modprobe -r takes what nobody needs any more'
needed_by() { # NAME...: they and their dependencies
	for name in "$@"; do
		grep -E "/$(echo "$name" | sed 's/[_-]/[_-]/g')\.ko[^:]*:" "$MODULES/modules.dep"
	done | tr ' ' '\n' | cut -d : -f 1 | name_of | sort -u
}

# Ciphers that the kernel itself asked for meanwhile are not dependencies, and stay; so does what is needed by a module
# that cannot be removed (6.12: sctp needs libcrc32c, too).
{ echo none; needed_by $(cat /tmp/left); } >/tmp/kept
needed_by nfs btrfs nft_ct | grep -vxFf /tmp/kept >/tmp/needed
run modprobe -a nfs btrfs nft_ct
shell 'cut -d " " -f 1 /proc/modules | grep -cxFf /tmp/needed'
check 'the three and what they need are there' '[ "$(cat /tmp/out)" -gt 10 ]'
run modprobe -r -a nfs btrfs nft_ct
shell 'cut -d " " -f 1 /proc/modules | grep -xFf /tmp/needed'
check 'none of that is left' 'out_is ""'
