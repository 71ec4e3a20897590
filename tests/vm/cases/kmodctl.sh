# SPDX-License-Identifier: MIT
# The second part of `make run`: each verb of kmodctl, and what the kernel itself says of it.
# kernels: 6.12
# modules: e1000e firewire-ohci crc-itu-t ext4 loop
# qemu: -device e1000e
# files: /usr/bin/kmodctl=tool:kmodctl /vm/config=boot:config /vm/vmlinuz=boot:vmlinuz /vm/ext4.img=image:ext4 /root/mymodule.ko=module:mymodule

mkdir -p /boot "$MODULES/extra"
cp /vm/config "/boot/config-$RELEASE"
mv /vm/vmlinuz "/boot/vmlinuz-$RELEASE" # it has the certificates of the built-in key ring
first_line() { head -n 1 /tmp/out | grep -qE -- "$1"; }
bound() { ls /sys/bus/pci/drivers/e1000e | grep -q 0000:; }
taint() { cat "/sys/module/$1/taint"; }
# The number at the end of the ring's line.
keys_in() { awk -v ring="$1:" '$(NF - 1) == ring { print $NF }' /proc/keys; }

section 'kmodctl status: the machine on one screen'
run kmodctl status
check 'a card that waits for its driver' 'failed && out_has "^  kernel +6" && out_has "^! devices +.*without a driver \(kmodctl devices\)$"'
run kmodctl status --json
check 'this one' 'failed && out_has "\"e1000e\"" && out_has "\"from_boot\": true"'
run insmod "$(modinfo -n firewire-ohci)"
check 'insmod does not load what it needs' 'failed && absent firewire_ohci'
run kmodctl
check 'and that is on the screen, with the cause' 'failed && out_has "^! failed +firewire_ohci: it needs symbols" && out_has "^ +kmodctl why firewire_ohci$" && out_has "kmodctl help"'
run modprobe firewire-ohci
run kmodctl status
check 'until it is loaded' 'loaded firewire_ohci && ! out_has "^! failed"'
run modprobe -r firewire-ohci

section 'kmodctl why: would it be loaded, and does it work?'
run kmodctl why -v e1000e
check 'a device that waits for its driver' 'succeeded && first_line "^e1000e would be loaded$" &&
	out_has "^  devices +device 0000:.* \(pci\) matches and has no driver" && absent e1000e'
run modprobe e1000e
run kmodctl why -v e1000e
check 'and has it now' 'succeeded && first_line "^e1000e is loaded$" && out_has "^  users +device 0000:" && loaded e1000e && bound'
shell "echo 'install firewire-ohci /bin/false' >/etc/modprobe.d/local.conf"
run kmodctl why -v firewire-ohci
check 'what stands in the way, with file and line' 'failed && first_line "^firewire_ohci would not be loaded: " &&
	out_has "/bin/false \(/etc/modprobe.d/local.conf:1\)"'
run modprobe firewire-ohci
check 'and so it is' 'failed && absent firewire_ohci'
rm /etc/modprobe.d/local.conf
run modprobe -r firewire-core
check 'what it needs was there, and goes' 'succeeded && absent firewire_core crc_itu_t'

section 'kmodctl params: now, and at every load'
run kmodctl info e1000e
check 'all about it' 'succeeded && out_has "^  purpose +Intel" && out_has "^  state +loaded" && out_has "^  devices +0000:.*driver e1000e" &&
	out_has "^  parameter +copybreak=?[0-9]* \(uint\)" && out_has "^  signature +loads"'
run kmodctl params e1000e
check 'each parameter with its value' 'succeeded && out_has "^copybreak \(uint\)"'
run kmodctl params e1000e copybreak=128
check 'set in the running kernel' 'succeeded && quiet && [ "$(parameter e1000e copybreak)" = 128 ]'
run kmodctl params e1000e copybreak=96 --persist
run modprobe -r e1000e
run modprobe e1000e
check 'and at the next load' 'succeeded && [ "$(parameter e1000e copybreak)" = 96 ]'
run kmodctl params e1000e copybreak=lots
check 'what is not a number is refused' 'failed && err_has "is not a value of type uint" && [ "$(parameter e1000e copybreak)" = 96 ]'
run kmodctl params --unset copybreak e1000e
check 'the setting is gone' 'succeeded && [ -z "$(ls /etc/modprobe.d)" ]'

section 'kmodctl users and reload: who keeps it in use'
run mount -t ext4 -o loop /vm/ext4.img /mnt
run kmodctl users ext4
check 'a mounted file system' 'succeeded && out_has "1  mount +file system ext4 mounted on /mnt" &&
	out_has "use count $(cat /sys/module/ext4/refcnt)$" && grep -q "^/dev/loop0 /mnt ext4" /proc/mounts'
run modprobe -r ext4
check 'modprobe -r says so, too' 'failed && loaded ext4 && err_has "used by file system ext4 mounted on /mnt"'
run umount /mnt
run modprobe -r ext4
check 'unmounted, it can go' 'succeeded && absent ext4 jbd2'
run kmodctl reload e1000e copybreak=99
check 'out and in again with another parameter' 'succeeded && loaded e1000e && bound && [ "$(parameter e1000e copybreak)" = 99 ]'

section 'kmodctl boot: what is loaded at every boot'
run kmodctl boot enable crc-itu-t
run kmodctl boot list
check 'crc-itu-t is' 'succeeded && out_has "^crc[-_]itu[-_]t +not-loaded +/etc/modules-load.d/" && absent crc_itu_t'
run kmod modules-load
check 'the next boot loads it' 'succeeded && loaded crc_itu_t'
run kmodctl boot plot
check 'when, and who asked for it' 'succeeded && out_has "^<svg " && out_has "<title>crc_itu_t: load by modules-load .records. at [0-9.]* s, took .*, by /etc/modules-load.d/kmodctl-crc_itu_t.conf:2"'
run kmodctl boot plot --json
check 'and what each source had' 'succeeded && out_has "\"source\": \"records\"" && out_has "\"time_unknown\": \[" && [ "$(stat -c %a /run/kmodctl/modules-load.log)" = 644 ]'
run kmodctl boot disable crc-itu-t
check 'no longer' 'succeeded && [ -z "$(ls /etc/modules-load.d)" ]'
run modprobe -r crc-itu-t

section 'From a key to a loaded module'
run kmodctl trust -v mymodule.ko
check 'unsigned: predicted to taint' 'succeeded && out_has ": loads, taints the kernel: OE"'
run insmod mymodule.ko
check 'and so it does' 'succeeded && loaded mymodule && [ "$(taint mymodule)" = OE ]'
run rmmod mymodule
run kmodctl key generate --type p256 --cn 'My module key' -o mykey
check 'a key, readable by its owner only' 'succeeded && [ "$(stat -c %a mykey.priv)" = 600 ]'
run kmodctl sign --key mykey.priv --cert mykey.der mymodule.ko
check 'the module ends with a signature' 'succeeded && [ "$(tail -c 28 mymodule.ko)" = "~Module signature appended~" ]'
run kmodctl verify --cert mykey.der mymodule.ko
check 'a good one' 'succeeded && out_has "mymodule.ko"'
run cp mymodule.ko "$MODULES/extra"
run depmod
run modprobe -v mymodule
check 'it is loaded from extra/' 'succeeded && loaded mymodule && out_line "insmod $MODULES/extra/mymodule.ko "'
run kmodctl why -v mymodule
check 'why it taints the kernel' 'succeeded && out_has "^. signature +taints: signed by \"My module key\", whose key is in none of the key rings" &&
	[ "$(taint mymodule)" = OE ]'
run modprobe -r mymodule
shell 'sed s/greeting/Greeting/ mymodule.ko >changed.ko; ! cmp mymodule.ko changed.ko'
check 'a byte of it is changed' succeeded
run kmodctl verify --cert mykey.der changed.ko
check 'and the signature is no longer good' 'failed 5 && out_has "changed.ko"'

section 'kmodctl list: what is loaded'
modprobe e1000e
run kmodctl list --no-headings --output name
check 'the modules that lsmod lists' 'succeeded && [ "$(sort /tmp/out)" = "$(lsmod | awk "NR > 1 { print \$1 }" | sort)" ]'
run kmodctl list --output +place,file e1000e
check 'its file and where that lies' 'succeeded && out_has "^e1000e .* kernel +/lib/modules/.*/kernel/drivers/net/"'

section 'kmodctl report: all of it in one piece'
shell "modprobe mymodule; echo 'options e1000e copybreak=64' >/etc/modprobe.d/report.conf"
run kmodctl report
check 'origins, verdicts, parameters' 'succeeded && out_has "^modules .*, 1 extra" && out_has "^  mymodule: loads, taints the kernel: OE" &&
	out_has "^  e1000e.copybreak: .* configured 64 by /etc/modprobe.d/report.conf:1, not in effect"'
run kmodctl report --json
check 'the same as JSON' 'succeeded && out_has "\"origin\": \"extra\"" && out_has "\"modules_error\": null"'
run kmodctl report --html report.html
check 'and as a page, for its owner only' 'succeeded && [ "$(stat -c %a report.html)" = 600 ] && [ "$(tail -n 1 report.html)" = "</html>" ] &&
	[ "$(grep -c "^<section id=" report.html)" = 6 ] && grep -q "scope=.row.>mymodule</th>.*loads, taints the kernel: OE" report.html'
shell 'modprobe -r mymodule; rm /etc/modprobe.d/report.conf'

section 'kmodctl tree, search, devices: what there is'
run kmodctl tree --no-headings --output name,state e1000e firewire_ohci
check 'a loaded module, and one with what it needs' 'succeeded && out_has "^e1000e +loaded" && out_has "^firewire_ohci +not-loaded" &&
	out_has "^.-firewire_core +not-loaded"'
run kmodctl tree --reverse --no-headings --output name crc_itu_t
check 'who needs it' 'succeeded && out_has "^.-firewire_core"'
run kmodctl search 8086:10d3
check 'the driver of a card, by its id' 'succeeded && out_has "^e1000e +device 8086:10d3"'
run kmodctl devices e1000e
check 'the card, its driver and module' 'succeeded && out_has "^pci +0000:00:0.* e1000e +e1000e +yes"'
modprobe -r e1000e
run kmodctl devices --unserved --output device,module,loaded e1000e
check 'without its driver it waits for the module' 'succeeded && out_has "^0000:00:0.* e1000e +no"'
modprobe e1000e
section 'kmodctl config: what is configured, and mistakes in it'
shell "echo 'options e1000e copybreak=64' >/etc/modprobe.d/first.conf; echo 'options e1000e copybreak=128' >/etc/modprobe.d/second.conf"
run kmodctl config e1000e
check 'the second line counts' 'succeeded && out_has "^overridden +/etc/modprobe.d/first.conf:1: " && out_has "^in-effect +/etc/modprobe.d/second.conf:1: "'
run modprobe -r e1000e
run modprobe e1000e
check 'so the kernel got it' 'succeeded && [ "$(parameter e1000e copybreak)" = 128 ]'
shell "echo 'options e1000e copybreka=1' >/etc/modprobe.d/third.conf"
run kmodctl config --lint
check 'a parameter that there is not' 'failed 1 && out_has "^/etc/modprobe.d/third.conf:1: lint.parameter: .*did you mean .copybreak"'
shell 'rm /etc/modprobe.d/*.conf'
run kmodctl config --lint
check 'and nothing else is wrong' succeeded

section 'kmodctl trust: what this kernel takes, and what it would take'
run kmodctl trust -v e1000e mymodule
check 'lockdown is what the kernel says' 'succeeded && out_has "^  lockdown +none " && grep -q "\[none\]" /sys/kernel/security/lockdown'
run kmodctl trust -v --assume=lockdown=integrity e1000e mymodule
check 'in lockdown, predicted: one of them' 'failed && out_has ": loads" && out_has ": refused"'
run modprobe -r e1000e
shell 'echo integrity >/sys/kernel/security/lockdown'
run modprobe e1000e
check 'in lockdown: the module of the distribution' 'succeeded && loaded e1000e && [ -z "$(taint e1000e)" ]'
run modprobe mymodule
check 'but not ours' 'failed && absent mymodule'
run kmodctl trust -v mymodule
check 'trust sees the lockdown, and says what to do' 'failed && out_has "^  lockdown +integrity " && out_has ": refused"'

section 'kmodctl keys: whose signatures are asked for'
run kmodctl keys
builtin=$(keys_in .builtin_trusted_keys)
check 'as many keys as the kernel has' 'succeeded && [ "$builtin" -gt 0 ] && [ "$(grep -c "^\.builtin_trusted_keys " /tmp/out)" = "$builtin" ]'
run kmodctl keys list %:.builtin_trusted_keys
check 'each of them' 'succeeded && [ "$(grep -c asymmetric /tmp/out)" = "$builtin" ]'
run kmodctl keys match "$(modinfo -n e1000e)"
check 'the ring that has the key of a module' 'succeeded && out_has "key ring: \.builtin_trusted_keys"'
run kmodctl mok status
check 'no UEFI, and so no machine owner keys' 'failed 1 && out_has "^no UEFI" && [ ! -e /sys/firmware/efi ]'
