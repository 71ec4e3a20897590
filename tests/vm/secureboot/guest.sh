# SPDX-License-Identifier: MIT
# Runs in the guest: what kmodctl predicts for every module file, then what the kernel does with it.
modprobe efivarfs 2>/dev/null
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
[ -d /sys/firmware/efi ] && mount -t efivarfs efivarfs /sys/firmware/efi/efivars


echo # the firmware has written on this port, too

# block NAME COMMAND...: the output between two marks, the exit status behind it
block() {
	echo "<<< $1"
	shift
	"$@" 2>/tmp/stderr
	echo ">>> $?"
	sed 's/^/stderr: /' /tmp/stderr
}

block predict kmodctl trust --json --table /vm/modules/*.ko
for file in /vm/modules/*.ko; do
	name=${file##*/}
	module=$(echo "${name%%.*}" | tr - _)
	echo "measured $name $(/vm/try-load "$file" "$module")"
done
[ -r /vm/steps.sh ] && . /vm/steps.sh
[ -r /var/lib/kmodctl/mok-requests ] && block journal cat /var/lib/kmodctl/mok-requests
echo "guest done"
