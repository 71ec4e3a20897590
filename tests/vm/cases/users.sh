# SPDX-License-Identifier: MIT
# Who uses a module: kmodctl users names every kind, and so do the refusals of modprobe -r and rmmod. Then kmodctl reload and why.
# kernels: 6.12
# modules: ext4 loop tun e1000e fcoe zram dm-mod sctp wp512 algif_hash uinput ppp_generic ttyprintk
# qemu: -device e1000e
# files: /bin/kmodctl=tool:kmodctl /vm/vmlinuz=boot:vmlinuz /bin/hold=helper:hold /bin/dmsetup=program:dmsetup /vm/ext4.img=image:ext4 /vm/kmodctl_test.ko=module:kmodctl_test /vm/kmodctl_test_user.ko=module:kmodctl_test_user

mkdir -p /boot && mv /vm/vmlinuz "/boot/vmlinuz-$RELEASE"
held=
# until_true COMMAND: waits for it, ten seconds at most.
until_true() {
	for try in $(seq 200); do
		eval "$1" && return
		usleep 50000
	done
}
# The program that holds what it is told, until it is released.
hold() {
	: >/tmp/held
	/bin/hold "$@" >/tmp/held &
	held=$!
	until_true 'grep -q held /tmp/held'
}
# A process named sleep with a node open on descriptor 5.
hold_node() {
	sleep 1000 5<>"$1" &
	held=$!
	until_true "[ \"\$(readlink /proc/$held/fd/5)\" = '$1' ]"
}
release() { kill "$held"; wait "$held" 2>/dev/null; }
# The whole count is explained, and is what the kernel says.
explained() { out_has "use count $(cat /sys/module/"$1"/refcnt)$" && ! out_has 'of unknown origin'; }
refused() { failed && err_has "Module $1 is in use"; }

section 'A mounted ext4 on a loop device'
modprobe -a loop ext4
losetup /dev/loop0 /vm/ext4.img
mount -t ext4 /dev/loop0 /mnt
run kmodctl users ext4
check 'users names the mount' 'succeeded && out_has "1  mount +file system ext4 mounted on /mnt \(/dev/loop0\)" && explained ext4'
run modprobe -r ext4
check 'modprobe -r names it' 'refused ext4 && err_has "ext4: used by file system ext4 mounted on /mnt"'
run rmmod ext4
check 'rmmod names it' 'failed && err_has "ext4: used by file system ext4 mounted on /mnt"'
run modprobe -q -r ext4
check 'but not with -q' 'failed && quiet'
run kmodctl users loop
check 'the loop device has the mount and its file' 'succeeded && out_has "mount +.* mounted on /mnt" &&
	out_has "1  block +loop0, loop device of /vm/ext4.img" && explained loop'
run modprobe -r loop
check 'modprobe -r names both' 'refused loop && err_has "mounted on /mnt" && err_has "loop0, loop device of /vm/ext4.img"'
umount /mnt

section 'An open block device'
hold_node /dev/loop0
run kmodctl users loop
check 'users names the process' 'succeeded && out_has "1  node +/dev/loop0 open in sleep \(pid $held\)" && explained loop'
run modprobe -r loop
check 'modprobe -r names it' 'refused loop && err_has "/dev/loop0 open in sleep \(pid $held\)"'
release

section 'Device mapper'
modprobe dm-mod
run dmsetup --noudevsync create test --table '0 2048 linear /dev/loop0 0'
run kmodctl users dm-mod
check 'users names the mapping' 'succeeded && out_has "2  block +dm-0, device-mapper device test" && explained dm_mod'
run modprobe -r dm-mod
check 'modprobe -r names it' 'refused dm_mod && err_has "dm-0, device-mapper device test"'
run kmodctl users loop
check 'and the loop device below it' 'succeeded && out_has "1  block +dm-0, built on loop0" && explained loop'
dmsetup --noudevsync remove test
losetup -d /dev/loop0

section 'Swap'
modprobe zram
echo 16M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null
swapon /dev/zram0
run kmodctl users zram
check 'users names the swap area' 'succeeded && out_has "1  swap +swap on /dev/zram0" && explained zram'
run modprobe -r zram
check 'modprobe -r names it' 'refused zram && err_has "zram: used by swap on /dev/zram0"'
swapoff /dev/zram0

section 'Misc, character and terminal nodes'
modprobe -a tun uinput ppp_generic ttyprintk
hold_node /dev/net/tun
run kmodctl users tun
check 'users names the process' 'succeeded && out_has "2  node +/dev/net/tun open in sleep \(pid $held\)" && explained tun'
run modprobe -r tun
check 'modprobe -r names it' 'refused tun && err_has "tun: used by /dev/net/tun open in sleep \(pid $held\)"'
release
hold_node /dev/ppp
run kmodctl users ppp_generic
check 'a node with a number of its own' 'succeeded && out_has "2  node +/dev/ppp open in sleep \(pid $held\)" && explained ppp_generic'
run modprobe -r ppp_generic
check 'modprobe -r names it' 'refused ppp_generic && err_has "/dev/ppp open in sleep"'
release
hold_node /dev/ttyprintk
run kmodctl users ttyprintk
check 'an open terminal' 'succeeded && out_has "node +/dev/ttyprintk open in sleep \(pid $held\)" && explained ttyprintk'
run modprobe -r ttyprintk
check 'modprobe -r names it' 'refused ttyprintk && err_has "/dev/ttyprintk open in sleep"'
release
hold_node /dev/uinput
run rmmod uinput
check 'rmmod names a process' 'failed && err_has "uinput: used by /dev/uinput open in sleep \(pid $held\)"'
release

section 'Sockets and ciphers'
modprobe sctp
hold socket 2 1 132
run kmodctl users sctp
check 'users names the process' 'succeeded && out_has "2  socket +SCTP socket of hold \(pid $held\)"'
run modprobe -r sctp
check 'modprobe -r names it' 'refused sctp && err_has "SCTP socket of hold \(pid $held\)"'
release
modprobe -a wp512 algif_hash
hold hash wp512
run kmodctl users wp512
check 'users names the cipher' 'succeeded && out_has "[12]  crypto +cipher wp512 \(wp512-generic\) in use" && explained wp512'
run modprobe -r wp512
check 'modprobe -r names it' 'refused wp512 && err_has "cipher wp512"'
run kmodctl users af_alg
check 'and the socket of the process' 'succeeded && out_has "ALG socket of hold \(pid $held\)"'
release

section 'Holders'
modprobe fcoe
run kmodctl users scsi_mod
check 'users follows the chain' 'succeeded && explained scsi_mod && out_has "1  holder +module scsi_transport_fc$" &&
	out_has "holder +module libfcoe, through libfc"'
run modprobe -r scsi_mod
check 'modprobe -r names the holder' 'refused scsi_mod && err_has "scsi_mod: used by module "'

section 'Devices and interfaces'
modprobe e1000e
ip link set eth0 up
run kmodctl users e1000e
check 'users names the device and the interface' 'succeeded && out_has "use count 0$" &&
	out_has "-  device +device 0000:.* \(pci driver e1000e\)" && out_has "-  interface +network interface eth0 \(up\)"'
run kmodctl users --json e1000e
check 'also as JSON' 'succeeded && out_has "\"kind\": \"interface\"" && out_has "\"up\": true"'

section 'Reload'
run kmodctl reload --dry-run e1000e copybreak=99
check 'the plan tells what will happen' 'succeeded && out_has "^rmmod e1000e" && out_has "^insmod .*e1000e.* copybreak=99" &&
	out_has "^# device 0000:.* loses its driver e1000e" && out_has "^# network interface eth0 is up" && [ "$(parameter e1000e copybreak)" = 256 ]'
run kmodctl reload e1000e copybreak=99
check 'the parameter is in effect' 'succeeded && [ "$(parameter e1000e copybreak)" = 99 ] && out_has "copybreak of e1000e was 256 and is 99"'
check 'the device is bound again' '[ -n "$(ls /sys/bus/pci/drivers/e1000e | grep 0000:)" ] && ! err_has "has no driver now"'
check 'an interface that is down now is told' 'err_has "network interface eth0 was up and is not now"'

cp /vm/kmodctl_test*.ko "$MODULES"
depmod
modprobe kmodctl_test value=7 'text=two words'
modprobe kmodctl_test_user level=3
run kmodctl reload kmodctl-test value=8
check 'holders come back with their parameters' 'succeeded && loaded kmodctl_test kmodctl_test_user &&
	[ "$(parameter kmodctl_test value)" = 8 ] && [ "$(parameter kmodctl_test text)" = none ] && [ "$(parameter kmodctl_test_user level)" = 3 ]'
run kmodctl reload kmodctl-test value=9 'text=two words'
check 'again, with a text of two words' 'succeeded && [ "$(parameter kmodctl_test text)" = "two words" ]'
run kmodctl reload kmodctl_test value=nonsense
check 'an invalid parameter is refused, and nothing is changed' 'failed && err_has "nothing was changed" && err_has "is not a value of type int" &&
	loaded kmodctl_test kmodctl_test_user && [ "$(parameter kmodctl_test value)" = 9 ] &&
	[ "$(parameter kmodctl_test text)" = "two words" ] && [ "$(parameter kmodctl_test_user level)" = 3 ]'
run kmodctl reload kmodctl_test fail=5
check 'so it is when the module itself fails' 'failed 4 && err_has "the previous state is restored" && err_has "Input/output error" &&
	loaded kmodctl_test kmodctl_test_user && [ "$(parameter kmodctl_test value)" = 9 ]'
# The connection that it was typed into may go with the driver: whenever the signal comes, the modules are back afterwards.
hangups=0 lost=0
for delay in 20000 60000 100000 140000 180000 220000 260000 300000 340000 380000; do
	kmodctl reload kmodctl_test value=9 >/dev/null 2>&1 &
	usleep $delay
	kill -HUP $! 2>/dev/null
	wait $!
	[ $? = 129 ] && hangups=$((hangups + 1))
	loaded kmodctl_test kmodctl_test_user || lost=$((lost + 1))
done
check 'a hangup at any moment leaves no module out' '[ $hangups -gt 0 ] && [ $lost = 0 ] && [ "$(parameter kmodctl_test_user level)" = 3 ]'
hold_node /dev/net/tun
run kmodctl reload tun
check 'what is in use is refused, with the reason' 'failed && loaded tun && err_has "/dev/net/tun open in sleep \(pid $held\)" && err_has "nothing was changed"'
release
run kmodctl reload fcoe
check 'a module at the end of a chain' 'succeeded && loaded fcoe libfcoe libfc'
run kmodctl reload scsi_transport_fc
check 'and one in the middle, with the chain above it' 'succeeded && loaded fcoe libfcoe libfc scsi_transport_fc'

section 'Why'
run kmodctl why -v e1000e
check 'a loaded module: its file, signature and users' 'succeeded && out_has "^. state +loaded already" &&
	out_has "^  file +/lib/modules/.*/e1000e.ko" && out_has "^  signature +loads" && out_has "^  users +device 0000:"'
run kmodctl why -v nosuchmodule
check 'a module that does not exist' 'failed && out_has "^! not-found"'
echo 'options kmodctl_test nosuch=1' >/etc/modprobe.d/test.conf
modprobe -r kmodctl_test_user
run kmodctl why -v kmodctl:test-1
check 'an alias, options with their place, no signature' 'succeeded && out_has "^  found +by alias kmodctl:test_1$" &&
	out_has "nosuch=1 \(/etc/modprobe.d/test.conf:1\)" && out_has "no parameter .nosuch." && out_has "^\* signature +taints"'
printf 'damaged' >"$MODULES/kmodctl_test.ko"
run kmodctl why -v kmodctl_test
check 'a damaged file' 'failed && out_has "^! file +.*kmodctl_test.ko is not a valid ELF object: damaged, or not a module"'
