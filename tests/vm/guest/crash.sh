# SPDX-License-Identifier: MIT
# The guest of tests/vm/crash.py: four jobs that write, without end, between two states of the disk. "MARK JOB STATE" is
# printed before each; the machine is killed some time after one of these.
mark() { echo "MARK $1 $state"; }
fatal() { echo "BROKEN $*"; }

# Names of temporary files have the number of their process, and one whose number some process has is not removed. The host, where
# the tools run again, has none as high as these.
echo 4194304 >/proc/sys/kernel/pid_max && echo 4100000 >/proc/sys/kernel/ns_last_pid || fatal 'numbers of processes'

for module in virtio_pci virtio_blk ext4; do
	modprobe "$module" || fatal "modprobe $module"
done
mkdir -p /mnt/disk
mount -t ext4 -o barrier=1,data=ordered /dev/vda /mnt/disk || fatal 'mount'
mount -o bind /mnt/disk/lib/modules /lib/modules
mount -o bind /mnt/disk/etc/modprobe.d /etc/modprobe.d
mkdir -p /var/lib/kmodctl
mount -o bind /mnt/disk/var/lib/kmodctl /var/lib/kmodctl
# Firmware that is new at each boot.
mount -t tmpfs tmpfs /sys/firmware
mkdir -p /sys/firmware/efi/efivars
printf '\006\000\000\000\001' >/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
while :; do
	for state in b a; do
		# Within one mount: mv renames there and does not copy.
		case $state in
		a) mv /mnt/disk/parked/extra "/mnt/disk$MODULES/extra" || fatal 'mv' ;;
		b) mv "/mnt/disk$MODULES/extra" /mnt/disk/parked/extra || fatal 'mv' ;;
		esac
		mark depmod
		depmod --no-cache || fatal 'depmod'
		mark sign
		kmodctl sign --resign --yes --key "/vm/$state.priv" --cert "/vm/$state.der" --all || fatal 'sign'
		mark params
		for value in 1 2 3 4; do
			kmodctl params --persist loop "max_loop=$value" || fatal 'params'
		done
		mark mok
		for key in a b; do
			kmodctl mok import --yes --hash-file /vm/hash "/vm/$key.der" >/dev/null || fatal 'mok import'
		done
		kmodctl mok revoke >/dev/null || fatal 'mok revoke'
		mark end
	done
done
