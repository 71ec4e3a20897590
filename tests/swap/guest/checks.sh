# SPDX-License-Identifier: MIT
# The booted system after the swap, or after the way back: facts that hold with either kmod (lib.sh, boot.sh and $state are there, and of run.py
# OURS: "kmodctl" or "", LIBRARY: the package of libkmod, DKMS: a module that dkms has built or "").

is_of() { dpkg -L "$1" | xargs readlink -f | grep -qxF "$(readlink -f "$2")"; } # PACKAGE FILE

section 'The boot'
check_system
check_kernel_log

section 'Configuration'
check '/etc/modules is honored, with an option of modprobe.d' 'loaded loop && [ "$(parameter loop max_loop)" = 3 ]'
check 'modules-load.d is honored' 'loaded dummy'
check 'a blacklisted module is not loaded by udev' 'absent pcspkr'

section 'The tools and the library'
run kmod --version
check "kmod is that of ${OURS:-Debian}" '[ -n "$OURS" ] && out_has "^kmodctl version" || { [ -z "$OURS" ] && ! out_has kmodctl; }'
run maps_of "$(udevd)"
check "systemd-udevd has the library of $LIBRARY mapped" 'is_of "$LIBRARY" "$(cat /tmp/out)"'
run modprobe -r dummy
check 'modprobe -r removes a module' 'succeeded && absent dummy'
if [ -n "$DKMS" ]; then
	run modprobe "$DKMS"
	check 'modprobe loads the module that dkms has built' 'succeeded && loaded "$DKMS"'
fi
if [ -n "$OURS" ]; then
	# signed, and changed after that
	file=$(modinfo -n dummy)
	case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac | LC_ALL=C sed 's/\(vermagic=\)[0-9]/\19/' >/tmp/other.ko
	run insmod /tmp/other.ko
	check 'insmod explains why the kernel refuses a module' 'failed && err_has "^insmod: ERROR: other: refused: signed by "'
fi
