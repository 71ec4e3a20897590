# SPDX-License-Identifier: MIT
# kmodctl why on a real kernel: each answer is held against what the kernel then does.
# kernels: 6.12
# modules: e1000e e100 firewire-ohci crc-itu-t
# qemu: -device e1000e
# files: /bin/kmodctl=tool:kmodctl /vm/vmlinuz=boot:vmlinuz /vm/crc64.ko.xz=crc64:crc-itu-t /vm/dict8m.ko.xz=dict8m:crc-itu-t /vm/kmodctl_test.ko=module:kmodctl_test /vm/kmodctl_test_user.ko=module:kmodctl_test_user

cd /vm || exit
mkdir -p /boot && mv vmlinuz "/boot/vmlinuz-$RELEASE"
first_line() { head -n 1 /tmp/out | grep -qE -- "$1"; }
# offset_of FILE TEXT: where the text is, in bytes.
offset_of() { strings -t d "$1" | awk -v want="$2" 'index($2, want) == 1 { print $1; exit }'; }
# put FILE OFFSET TEXT: over what is there; TEXT with printf's escapes.
put() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }

section 'Nothing of that name'
run kmodctl why -v nosuchmodule
check 'an unknown one' 'failed && first_line "^nosuchmodule is not found: no module of this name or alias is installed for kernel 6[.]12" &&
	out_has "^! not-found" && out_has "^  fix +check the spelling"'

section 'Blacklisted, and pulled in'
echo 'blacklist crc-itu-t' >/etc/modprobe.d/why.conf
run kmodctl why -v crc-itu-t
check 'who would load it' 'failed 1 && first_line "^crc_itu_t is not loaded for its aliases" && out_has "^. policy +modules that need it load it nevertheless: .*firewire_core" &&
	out_has "^  fix +to keep it out: .install crc_itu_t /bin/false"'
modprobe firewire-ohci
check 'and so it is' 'loaded crc_itu_t'
run kmodctl why -v crc-itu-t
check 'who loaded it' 'failed 1 && first_line "^crc_itu_t is loaded, but would not be loaded again for its aliases" &&
	out_has "^. policy +firewire_core, which is loaded, needs it"'
modprobe -r firewire-ohci
echo 'install crc-itu-t /bin/false' >/etc/modprobe.d/why.conf
run kmodctl why -v crc-itu-t
check 'the fix is one' 'failed && first_line "^crc_itu_t would not be loaded: " && out_has "/bin/false \(/etc/modprobe.d/why.conf:1\)"'
modprobe firewire-ohci 2>/dev/null
check 'for the kernel, too' 'absent crc_itu_t firewire_core'
rm /etc/modprobe.d/why.conf

section 'Devices'
run kmodctl why -v e1000e
check 'a device that waits for it' 'succeeded && first_line "^e1000e would be loaded$" &&
	out_has "^  devices +device 0000:.* \(pci\) matches and has no driver" && out_has "versions of its symbols match"'
modprobe e1000e
run kmodctl why -v e1000e
check 'loaded, and has its device' 'succeeded && first_line "^e1000e is loaded$" && out_has "^  users +device 0000:"'
device=$(basename "$(ls -d /sys/bus/pci/drivers/e1000e/0000:*)")
echo "$device" >/sys/bus/pci/drivers/e1000e/unbind
run kmodctl why -v e1000e
check 'loaded, and has lost it' 'succeeded && first_line "^e1000e is loaded, but: device $device \(pci\) matches, but is not bound"'

section 'Firmware'
run kmodctl why -v e100
check 'none of it is there, nor a device' 'succeeded && first_line "^e100 would be loaded, but: no device of this machine matches any" &&
	out_has "^. firmware +none of the firmware that it may request is in /lib/firmware: e100/d10" && out_has "^  fix +install the package"'
modprobe e100
check 'that does not keep it from being loaded' 'loaded e100'
mkdir -p /lib/firmware/e100 "/lib/firmware/updates/$RELEASE/e100"
modinfo -F firmware e100 | while read -r file; do : >"/lib/firmware/$file.xz"; done
run kmodctl why -v --json e100
check 'compressed is there' 'succeeded && out_has "\"code\": \"firmware\"" && ! out_has "firmware-"'

section 'Files'
run kmodctl why -v ./kmodctl_test_user.ko
check 'symbols of nobody' 'failed && first_line "^kmodctl_test_user would not be loaded: it needs symbols that neither" &&
	out_has "kmodctl_test_"'
run insmod ./kmodctl_test_user.ko
check 'and so it is' 'failed && logged "kmodctl_test_user: Unknown symbol"'
run kmodctl why -v ./kmodctl_test.ko
check 'versions that are right' 'succeeded && first_line "^kmodctl_test would be loaded" && out_has "versions of its symbols match"'

cp kmodctl_test.ko wrong.ko
put wrong.ko $(($(offset_of wrong.ko module_layout) - 8)) '\001\002\003\004'
run kmodctl why -v ./wrong.ko
check 'a version that is wrong' 'failed && out_has "1 of its [0-9]+ symbols has other versions here, first module_layout: 0x04030201 in the file" &&
	out_has "^  fix +build it again against the headers of the running 6[.]12"'
run insmod ./wrong.ko
check 'and so it is' 'failed && absent kmodctl_test && logged "disagrees about version of symbol module_layout"'

cp kmodctl_test.ko release.ko
put release.ko $(($(offset_of release.ko vermagic=) + 9)) '5'
run kmodctl why -v ./release.ko
check 'another release with the right versions' 'succeeded && first_line "would be loaded" && out_has "built for kernel 5\..* accepts it only if"'
run insmod ./release.ko
check 'is taken' 'succeeded && loaded kmodctl_test'
rmmod kmodctl_test

section 'Loaded from another file'
mkdir -p "$MODULES/extra"
cp kmodctl_test.ko "$MODULES/extra"
depmod
modprobe kmodctl_test
put "$MODULES/extra/kmodctl_test.ko" $(($(offset_of "$MODULES/extra/kmodctl_test.ko" srcversion=) + 11)) 'ZZZZ'
run kmodctl why -v kmodctl_test
check 'the file was replaced' 'succeeded && first_line "^kmodctl_test is loaded, but: the loaded module is a different build from the file: its srcversion is "'

section 'What the kernel can unpack'
run kmodctl why -v ./crc64.ko.xz
check 'CRC64 is for modprobe' 'succeeded && out_has "its xz check is CRC64"'
run insmod ./crc64.ko.xz
check 'the kernel cannot, we can' 'succeeded && loaded crc_itu_t && logged "decompression failed"'
rmmod crc_itu_t
dmesg -c >/dev/null
run kmodctl why -v ./dict8m.ko.xz
check 'a large dictionary is no matter' 'succeeded && ! out_has "cannot unpack"'
run insmod ./dict8m.ko.xz
check 'for the kernel' 'succeeded && loaded crc_itu_t && ! logged "decompression failed"'
