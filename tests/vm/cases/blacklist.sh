# SPDX-License-Identifier: MIT
# module_blacklist= and modprobe.blacklist=: what the kernel and modprobe make of them, and what kmodctl says of that.
# kernels: 6.12
# modules: e1000e e100 firewire-ohci crc-itu-t loop tun
# qemu: -device e1000e
# cmdline: module_blacklist=loop module_blacklist=crc-itu-t,e100,printk module_blacklist={nobody,*146}tun modprobe.blacklist=e1000e modprobe.blacklist=firewire-ohci,printk
# files: /bin/kmodctl=tool:kmodctl /bin/try-load=helper:try-load /vm/vmlinuz=boot:vmlinuz

mkdir -p /boot && mv /vm/vmlinuz "/boot/vmlinuz-$RELEASE"
denied='the kernel refuses it: module_blacklist= on the kernel command line names it'

section 'Which list counts'
run cat /sys/module/kernel/parameters/module_blacklist
check 'the last one of at most 1024 bytes' 'out_is crc-itu-t,e100,printk && logged "module_blacklist: string parameter too long"'
run kmodctl config --lint
check 'lint names the one that is ignored' 'failed && err_has . && out_has "lint.too-long: module_blacklist nobody"'

section 'A module that is on it'
xzcat "$(modinfo -n e100)" >/vm/other.ko
run try-load /vm/other.ko e100
check 'the kernel refuses it with EPERM, by the name in the file' 'out_has "^1 - " && logged "Module e100 is blacklisted"'
run kmodctl why e100
check 'why knows' 'failed && out_has "^e100 would not be loaded: $denied"'
run modprobe e100
check 'modprobe names the cause' 'failed && absent e100 && err_has "e100: $denied"'
run modprobe -f e100
check 'force does not help' 'failed && absent e100 && err_has "e100: $denied"'
run insmod -f /vm/other.ko
check 'whatever the file is called' 'failed && absent e100 && err_has "other: $denied"'

section 'Modules that are not'
run kmodctl why -v crc-itu-t
check 'a name with "-" is no name' "succeeded && out_has \"names 'crc-itu-t': the kernel compares names as they are written\""
run kmodctl why -v loop
check 'a list that another one replaces' 'succeeded && out_has "module_blacklist= that names it does nothing: only the last one"'
run kmodctl why -v tun
check 'a list that is too long' 'succeeded && out_has "module_blacklist= that names it does nothing: the kernel ignores a list of more than 1024 bytes"'
run modprobe -a crc-itu-t loop tun
check 'the kernel takes all of them' 'succeeded && loaded crc_itu_t loop tun'
run kmodctl config printk
check 'a part of the kernel' 'succeeded && out_has "^no-effect .*: module_blacklist printk" && out_has "^no-effect .*: blacklist printk" && [ -d /sys/module/printk ]'

section 'modprobe.blacklist='
modalias=$(cat /sys/bus/pci/devices/0000:00:02.0/modalias)
run kmodctl why e1000e
check 'why knows' 'failed 1 && out_has "not loaded for its devices: blacklisted by modprobe.blacklist="'
run modprobe -b "$modalias"
check 'no device loads it' 'absent e1000e'
run /opt/debian/sbin/modprobe -b "$modalias"
check "nor with Debian's modprobe" 'absent e1000e'
run modprobe e1000e
check 'its name does' 'succeeded && loaded e1000e'
run kmodctl config firewire-ohci
check 'a name with "-" is no name there, either' 'succeeded && out_has "^no-effect .*: blacklist firewire-ohci"'
run modprobe -b firewire-ohci
check 'and keeps nothing out' 'succeeded && loaded firewire_ohci'
modprobe -r firewire-ohci
run /opt/debian/sbin/modprobe -b firewire-ohci
check "nor with Debian's modprobe" 'succeeded && loaded firewire_ohci'
