# SPDX-License-Identifier: MIT
# The guest of tests/vm/crash.py: three jobs that write, without end, between two states of the disk. "MARK JOB STATE" is
# printed before each; the machine is killed some time after one of these.
mark() { echo "MARK $1 $state"; }
fatal() { echo "BROKEN $*"; }

for module in virtio_pci virtio_blk ext4; do
	modprobe "$module" || fatal "modprobe $module"
done
mkdir -p /mnt/disk
mount -t ext4 -o barrier=1,data=ordered /dev/vda /mnt/disk || fatal 'mount'
mount -o bind /mnt/disk/lib/modules /lib/modules
mount -o bind /mnt/disk/etc/modprobe.d /etc/modprobe.d
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
		kmodctl sign --key "/vm/$state.priv" --cert "/vm/$state.der" --all || fatal 'sign'
		mark params
		for value in 1 2 3 4; do
			kmodctl params --persist loop "max_loop=$value" || fatal 'params'
		done
		mark end
	done
done
