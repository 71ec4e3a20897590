# SPDX-License-Identifier: MIT
# One boot of bench/boot.py: COUNT modules loaded by LOADER, timed by the guest's clock.
# qemu: -smp 2
# memory: 3072
# directories: kernel/net kernel/lib kernel/fs/nls kernel/drivers/hid kernel/drivers/usb/serial kernel/drivers/iio kernel/drivers/media/rc kernel/drivers/media/tuners kernel/drivers/media/dvb-frontends kernel/drivers/net/phy kernel/drivers/net/usb
# files: /usr/lib/systemd/systemd-modules-load=program:systemd-modules-load

mkdir -p /etc/modules-load.d
# Without hv_sock: one of its dependencies finds no device, and whether the other one is there then depends on the order.
pick_modules "$COUNT" kernel/net kernel/lib kernel/fs/nls kernel/drivers/hid kernel/drivers/usb/serial kernel/drivers/iio \
	kernel/drivers/media/rc kernel/drivers/media/tuners kernel/drivers/media/dvb-frontends kernel/drivers/net/phy \
	kernel/drivers/net/usb | grep -vx hv_sock >/etc/modules-load.d/all.conf
echo 'options nf_conntrack hashsize=4096' >/etc/modprobe.d/boot.conf
case $LOADER in
modules-load) set -- kmod modules-load ;;
systemd-modules-load) set -- /usr/lib/systemd/systemd-modules-load ;;
modprobe) set -- /opt/debian/sbin/modprobe -q -a $(cat /etc/modules-load.d/all.conf) ;;
esac
# The files are in memory already; this reads the pages of the programs in.
"$@" --help >/dev/null 2>&1
read -r start _ </proc/uptime
"$@" >/dev/null 2>&1
echo "exit $?"
read -r end _ </proc/uptime
echo "seconds $(awk "BEGIN { print $end - $start }")"
loaded_state >/tmp/state
echo "modules $(grep -vc ' ' /tmp/state)"
sed 's/^/state /' /tmp/state
check 'as many modules are loaded as were asked for' '[ "$(grep -vc " " /tmp/state)" -ge "$COUNT" ]'
