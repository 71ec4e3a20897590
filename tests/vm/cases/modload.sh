# SPDX-License-Identifier: MIT
# modules-load, systemd's own and a sequential modprobe -a, each given the same list: the same modules with the same
# parameters afterwards. A slow or failing module delays nobody who does not need it.
# kernels: 6.12
# soak: 6.12
# long: yes
# qemu: -smp 2
# directories: kernel/net kernel/lib kernel/fs/nls kernel/drivers/hid kernel/drivers/usb/serial
# modules: crc-itu-t crc7 crc8 dummy nlmon
# files: /usr/lib/systemd/systemd-modules-load=program:/usr/lib/systemd/systemd-modules-load /vm/kmodctl_test.ko=module:kmodctl_test /vm/kmodctl_test_user.ko=module:kmodctl_test_user /vm/kmodctl_test_two.ko=module:kmodctl_test_two
# memory: 2048

mkdir -p /etc/modules-load.d
boot_load() { kmod modules-load "$@"; }

section 'The same list for three loaders'
if soaking; then names=200; else names=70; fi
{
	pick_modules $names kernel/net kernel/lib kernel/fs/nls kernel/drivers/hid kernel/drivers/usb/serial
	printf '%s\n' nf_conntrack ip_vs
} | awk '!seen[$0]++' >/etc/modules-load.d/all.conf
printf '%s\n' 'options nf_conntrack hashsize=4096' 'options ip_vs conn_tab_bits=10' >/etc/modprobe.d/boot.conf
check "the list has at least $names names" '[ "$(wc -l </etc/modules-load.d/all.conf)" -ge $names ]'

each() { # LOADER COMMAND...
	loader=$1
	shift
	"$@" >/tmp/out 2>/tmp/err
	code=$?
	loaded_state >"/tmp/$loader.state"
	unload_everything
	echo "$loader: exit $code, $(grep -vc ' ' "/tmp/$loader.state") modules, $(wc -l </proc/modules) cannot be removed"
	tail -n 5 /tmp/err
}
# What cannot be removed keeps what the first loader gave it.
state_of_removable() { awk 'FILENAME == "/tmp/left" { left[$1]; next } !($1 in left)' /tmp/left "/tmp/$1.state"; }
each ours boot_load
ours=$code
each systemd /usr/lib/systemd/systemd-modules-load
check 'the exit status is that of systemd-modules-load' '[ $ours = $code ]'
each modprobe modprobe -q -a $(cat /etc/modules-load.d/all.conf)
cut -d ' ' -f 1 /proc/modules >/tmp/left
for loader in ours systemd modprobe; do
	state_of_removable "$loader" >"/tmp/$loader"
done
check "at least $names modules were loaded" '[ "$(grep -vc " " /tmp/ours)" -ge $names ]'
check 'the same modules and parameters as with systemd-modules-load' 'cmp /tmp/ours /tmp/systemd'
check 'the same as with modprobe -a' 'cmp /tmp/ours /tmp/modprobe'
diff /tmp/ours /tmp/systemd | head -n 20
check 'options of modprobe.d were used' 'grep -qx "nf_conntrack hashsize:4096" /tmp/ours.state && grep -qx "ip_vs conn_tab_bits:10" /tmp/ours'

section 'A slow module'
mkdir -p "$MODULES/extra"
cp /vm/*.ko "$MODULES/extra"
run depmod
rm /etc/modprobe.d/boot.conf
echo 'options kmodctl_test delay_ms=20000' >/etc/modprobe.d/slow.conf
printf '%s\n' kmodctl_test_user crc8 crc7 crc_itu_t dummy >/etc/modules-load.d/all.conf
state_of() { awk -v name="$1" '$1 == name { print $5 }' /proc/modules; }
boot_load --jobs 2 >/tmp/slow.log 2>&1 &
tries=0
until loaded crc8 crc7 crc_itu_t dummy || [ $((tries += 1)) -gt 150 ]; do sleep 0.1; done
check 'the others are there while it is still starting' '[ "$(state_of kmodctl_test)" = Loading ]'
check 'what needs it has not been tried' 'absent kmodctl_test_user'
wait $!
check 'it ends well' '[ $? = 0 ] && [ ! -s /tmp/slow.log ] && [ "$(state_of kmodctl_test)" = Live ] && loaded kmodctl_test_user'
unload_everything

section 'A failing module'
echo 'options kmodctl_test fail=5' >/etc/modprobe.d/slow.conf
run boot_load
check 'it is named with the place that asks for it' \
	'failed && err_has "all\.conf:1: Failed to insert module .kmodctl_test.: Input/output error"'
check 'the others are loaded' 'loaded crc8 crc7 crc_itu_t dummy && absent kmodctl_test kmodctl_test_user'
unload_everything
for errno in 5 2 19; do
	echo "options kmodctl_test fail=$errno" >/etc/modprobe.d/slow.conf
	run boot_load
	ours=$status
	unload_everything
	run /usr/lib/systemd/systemd-modules-load
	check "errno $errno of a module: the exit status is that of systemd-modules-load" '[ $ours = $status ]'
	unload_everything
done

section 'A failing dependency'
echo 'options kmodctl_test fail=5' >/etc/modprobe.d/slow.conf
printf '%s\n' '# two of them need what fails' crc8 kmodctl_test_two kmodctl_test_user dummy >/etc/modules-load.d/all.conf
run boot_load
check 'the dependency is named as what failed, with each place that asked for it' \
	'failed && err_has "all\.conf:3: Failed to insert module .kmodctl_test.: Input/output error" &&
	err_has "all\.conf:4: Failed to insert module .kmodctl_test.: Input/output error"'
check 'nothing is said of the others' '! err_has "all\.conf:[25]:" && ! err_has "Failed to insert module .crc7."'
check 'what needs it is not loaded' 'absent kmodctl_test kmodctl_test_two kmodctl_test_user'
check 'its other dependency, which does not need it, is loaded and stays' 'loaded crc7'
check 'the others are loaded' 'loaded crc8 dummy'
unload_everything
