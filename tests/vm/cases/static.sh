# SPDX-License-Identifier: MIT
# An early boot with the static binary alone: no library, no codec, nothing else of ours. What is packed, the kernel
# unpacks.
# static: yes
# modules: e1000e firewire-ohci btrfs dummy
# qemu: -device e1000e
# files: /bin/lsmod-agrees=helper:lsmod-agrees

check 'there is no library for a codec' '[ -z "$(find / -xdev -name "liblzma*" -o -xdev -name "libz.*" -o -xdev -name "libzstd*")" ]'
check 'and no kmodctl and no other kmod' '[ ! -e /opt/debian ] && [ -z "$(find / -xdev -name "kmodctl*" -o -xdev -name "libkmod*")" ]'
run kmod --version
check 'it says that it has no codecs' 'succeeded && out_has "^kmod version [0-9]+" && out_has "-ZSTD -XZ -ZLIB"'

section 'Loading and unloading'
alias=$(grep -hi v00008086d000010D3 /sys/bus/pci/devices/*/modalias)
run modprobe -q -b "$alias" copybreak=99
check 'a device gets its driver' 'succeeded && loaded e1000e && [ "$(parameter e1000e copybreak)" = 99 ]'
run modprobe -v firewire-ohci
check 'dependencies first' 'succeeded && out_is "$(insmod_lines firewire-ohci)" && loaded firewire_ohci firewire_core crc_itu_t'
run lsmod
check 'lsmod is what the kernel says' 'lsmod-agrees lsmod'
run modprobe -r -v firewire-ohci
check 'the whole chain goes' 'succeeded && absent firewire_ohci firewire_core crc_itu_t'
run rmmod e1000e
check 'rmmod removes a module' 'succeeded && absent e1000e'

section 'At boot'
mkdir -p /etc/modules-load.d
printf '%s\n' btrfs dummy nosuchmodule >/etc/modules-load.d/boot.conf
echo 'options dummy numdummies=2' >/etc/modprobe.d/boot.conf
ln -s ../bin/kmod /sbin/modules-load
run modules-load
check 'modules-load loads the list in parallel' 'succeeded && loaded btrfs xor raid6_pq dummy &&
	err_has "boot\.conf:3: Failed to find module .nosuchmodule."'
check 'with the configured options' '[ -d /sys/class/net/dummy1 ] && [ ! -d /sys/class/net/dummy2 ]'
run modprobe nosuchmodule
check 'errors are those of the full binary' 'failed && err_is "modprobe: FATAL: Module nosuchmodule not found in directory $MODULES"'
