# SPDX-License-Identifier: MIT
# Facts of any Debian that has booted: sourced before the checks (lib.sh and $state are there).

udevd() { systemctl show --value -p MainPID systemd-udevd.service; }
maps_of() { awk '/libkmod/ { print $6 }' "/proc/$1/maps" | sort -u; } # PID: the library that it has mapped

check_system() {
	run systemctl --failed --no-legend --plain
	check 'the system is running, no unit failed' '[ "$state" = running ] && quiet'
	run findmnt -n -o SOURCE,FSTYPE /
	check 'the root is the ext4 on the virtio disk' 'out_has "^/dev/vda +ext4"'
}
check_kernel_log() {
	run sh -c 'dmesg | grep -E "Unknown symbol|disagrees about version|Oops:| BUG: "'
	check 'the kernel has nothing to complain about' '[ ! -s /tmp/out ]'
}
