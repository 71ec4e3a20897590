# SPDX-License-Identifier: MIT
# The kernel's own requests, with modprobe as it starts it: no terminal, no open files, hardly an environment.
# modules: overlay loop ext4 af_key phonet can can-raw crc-itu-t firewire-core
# files: /vm/open-socket=helper:open-socket /vm/ext4.img=image:ext4 /vm/crc64.ko.xz=crc64:crc-itu-t

echo /sbin/modprobe >/proc/sys/kernel/modprobe

section 'File systems'
check 'overlay is not loaded' 'absent overlay'
mkdir -p /tmp/lower /tmp/upper /tmp/work
run mount -t overlay -o lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work none /mnt
check 'mounting an overlay makes the kernel load it' 'succeeded && loaded overlay'
run modprobe -r overlay
check 'a module with a mounted file system is in use' 'failed && loaded overlay && err_has "Module overlay is in use"'
run umount /mnt
run modprobe -r overlay
check 'and can go when it is unmounted' 'succeeded && absent overlay'
run modprobe loop
run mount -t ext4 -o loop /vm/ext4.img /mnt
check 'mounting ext4 loads it with its dependencies' 'succeeded && loaded ext4 jbd2 mbcache crc16'
run rmmod ext4
check 'rmmod refuses a mounted file system' 'failed && loaded ext4 && err_has "Module ext4 is in use"'
run umount /mnt
run modprobe -r ext4
check 'ext4 goes with everything it brought' 'succeeded && absent ext4 jbd2 mbcache crc16'
run mount -t nosuchfs none /mnt
check 'an unknown file system stays an error' '! succeeded'

section 'Sockets'
run /vm/open-socket 15 3 2
check 'AF_KEY loads af_key' 'succeeded && loaded af_key'
run /vm/open-socket 35 2 0
check 'AF_PHONET loads phonet' 'succeeded && loaded phonet'
run /vm/open-socket 29 3 1
check 'AF_CAN loads can and, for the protocol, can_raw' 'succeeded && loaded can can_raw'
run /vm/open-socket 12 1 0
check 'a family that nobody offers stays an error' 'failed'

section 'Hostile surroundings'
run env -i /sbin/modprobe crc-itu-t
check 'an empty environment is enough' 'succeeded && quiet && loaded crc_itu_t'
run /sbin/rmmod crc_itu_t
shell '/sbin/modprobe firewire-core 0<&- 1>&- 2>&-'
check 'modprobe works with nothing open' 'succeeded && loaded firewire_core crc_itu_t'
shell 'env -i /sbin/modprobe nosuchmodule 0<&- 1>&- 2>&-'
check 'and fails properly with nothing open' 'failed'
shell '/sbin/modprobe -r firewire-core 2>&-'
check 'modprobe -r works with standard error closed' 'succeeded && absent firewire_core'

section 'A .ko.xz that the kernel cannot unpack'
run modprobe -r -q crc-itu-t
run insmod /vm/crc64.ko.xz
check 'a file with a CRC64 is loaded all the same' 'succeeded && loaded crc_itu_t'
run rmmod crc_itu_t
