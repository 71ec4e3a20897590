# SPDX-License-Identifier: MIT
# The booted Debian: facts that hold whatever kmod it has, then those of ours (RELEASE, lib.sh, boot.sh and $state are there).

driver_of() { basename "$(readlink "$1/driver")"; }
device_with() { # MODALIAS-PATTERN: the first such PCI device
	for device in /sys/bus/pci/devices/*; do
		case $(cat "$device/modalias") in $1) echo "$device"; return ;; esac
	done
}
virtio_device() { # NUMBER of the kind: 1 network, 2 block
	for device in /sys/bus/virtio/devices/*; do
		[ $(($(cat "$device/device"))) = "$1" ] && echo "$device" && return
	done
}
library_of() { ldd "$1" | awk '/libkmod/ { print $3 }' | xargs -r readlink -f; }
is_ours() { [ "$1" = /usr/lib/x86_64-linux-gnu/libkmod.so.2.5.1 ]; }
succeeded_unit() { [ "$(systemctl show --value -p ActiveState "$1")/$(systemctl show --value -p Result "$1")" = active/success ]; }

section 'The boot'
check_system

section 'Drivers, loaded by udev'
E1000E=$(device_with 'pci:v00008086d000010D3*')
check 'the virtio disk has its driver' '[ "$(driver_of "$(virtio_device 2)")" = virtio_blk ]'
check 'the virtio network card has its driver' '[ "$(driver_of "$(virtio_device 1)")" = virtio_net ]'
check 'the e1000e card has its driver' '[ "$(driver_of "$E1000E")" = e1000e ]'
check 'both network cards have interfaces' '[ "$(ls -d /sys/class/net/*/device | wc -l)" = 2 ]'

section 'Configuration'
check 'modules-load.d: modules with what they need are loaded' 'loaded dummy br_netfilter bridge stp llc'
check '/etc/modules is honoured' 'loaded loop'
check 'an option of modprobe.d applies to a module that udev loads' '[ "$(parameter e1000e copybreak)" = 128 ]'
check 'an option of modprobe.d applies to a module of modules-load.d' '[ "$(parameter loop max_loop)" = 3 ]'
check 'a blacklisted module is not loaded by udev' 'absent pcspkr'
run grep -c . /run/tmpfiles.d/static-nodes.conf
check 'static nodes are there' '[ -c /dev/loop-control ] && [ -c /dev/net/tun ] && grep -q /dev/net/tun /run/tmpfiles.d/static-nodes.conf'
check 'the units for lists and static nodes have run' \
	'succeeded_unit systemd-modules-load.service && succeeded_unit kmod-static-nodes.service'

section 'Consumers'
rmmod e1000e
check 'e1000e can be removed' 'absent e1000e'
run udevadm test-builtin "kmod load" "$E1000E"
check 'udevadm test-builtin kmod loads the driver of a device' 'loaded e1000e && [ "$(driver_of "$E1000E")" = e1000e ]'
check 'with its options' '[ "$(parameter e1000e copybreak)" = 128 ]'
echo 'crc-itu-t' >/run/more.conf
echo 'firewire_core' >>/run/more.conf
run /lib/systemd/systemd-modules-load /run/more.conf
check 'systemd-modules-load loads a list' 'succeeded && loaded crc_itu_t firewire_core'
check_kernel_log

if [ -e /vm/ours ]; then
	section 'On our tools and library'
	run kmod --version
	check 'kmod is ours' 'out_has "^kmodctl version"'
	check 'systemd-udevd has our library mapped' 'is_ours "$(maps_of "$(udevd)")"'
	check 'systemd-modules-load is linked with our library' 'is_ours "$(library_of /lib/systemd/systemd-modules-load)"'
	check 'udevadm is linked with our library' 'is_ours "$(library_of /usr/bin/udevadm)"'
	for unit in systemd-modules-load kmod-static-nodes; do
		check "$unit.service is our unit" 'case $(systemctl show --value -p FragmentPath $unit.service) in */kmodctl-*) ;; *) false ;; esac'
	done
	check 'our units ran our tools' 'systemctl show -p ExecStart systemd-modules-load.service | grep -q "/usr/bin/kmod modules-load"'
	check 'the directory of the cache was made' '[ -d /var/cache/kmodctl ]'
fi
