# SPDX-License-Identifier: MIT
# Who uses a module: kmodctl users names every kind, and so do the refusals of modprobe -r and rmmod. Then kmodctl reload.
# kernels: 6.12
# modules: ext4 loop tun e1000e fcoe zram dm-mod sctp wp512 algif_hash uinput ppp_generic ttyprintk
# qemu: -device e1000e
# files: /bin/kmodctl=tool:kmodctl /bin/hold=helper:hold /bin/dmsetup=program:dmsetup /vm/ext4.img=image:ext4 /vm/kmodctl_test.ko=module:kmodctl_test /vm/kmodctl_test_user.ko=module:kmodctl_test_user

held=
# Something that runs until released, once it has what it is to hold.
hold() {
	"$@" >/tmp/held &
	held=$!
	while ! grep -q held /tmp/held; do usleep 50000; done
}
# A process named sleep with a node open on descriptor 5.
hold_node() {
	sleep 1000 5<>"$1" &
	held=$!
	while [ "$(readlink /proc/$held/fd/5)" != "$1" ]; do usleep 50000; done
}
release() { kill "$held"; wait "$held" 2>/dev/null; }
# The whole count is explained, and is what the kernel says.
explained() { out_has "use count $(cat /sys/module/"$1"/refcnt)$" && ! out_has 'cannot be explained'; }
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
check 'users names the mapping' 'succeeded && out_has "1  block +dm-0, device-mapper device test" && explained dm_mod'
run modprobe -r dm-mod
check 'modprobe -r names it' 'refused dm_mod && err_has "dm-0, device-mapper device test"'
run kmodctl users loop
check 'and the loop device below it' 'succeeded && out_has "1  block +dm-0, stands on loop0" && explained loop'
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
check 'users names the process' 'succeeded && out_has "1  node +/dev/net/tun open in sleep \(pid $held\)" && explained tun'
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
hold hold socket 2 1 132
run kmodctl users sctp
check 'users names the process' 'succeeded && out_has "2  socket +SCTP socket of hold \(pid $held\)"'
run modprobe -r sctp
check 'modprobe -r names it' 'refused sctp && err_has "SCTP socket of hold \(pid $held\)"'
release
modprobe -a wp512 algif_hash
hold hold hash wp512
run kmodctl users wp512
check 'users names the cipher' 'succeeded && out_has "1  crypto +cipher wp512 \(wp512-generic\) in use" && explained wp512'
run modprobe -r wp512
check 'modprobe -r names it' 'refused wp512 && err_has "cipher wp512"'
run kmodctl users af_alg
check 'and the socket of the process' 'succeeded && out_has "ALG socket of hold \(pid $held\)"'
release

section 'Holders'
modprobe fcoe
run kmodctl users scsi_mod
check 'users follows the chain' 'succeeded && explained scsi_mod && out_has "1  holder +module scsi_transport_fc$" &&
	out_has "holder +module libfc, by way of scsi_transport_fc" && out_has "holder +module fcoe, by way of lib"'
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
