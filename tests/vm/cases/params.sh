# SPDX-License-Identifier: MIT
# kmodctl params and kmodctl boot on a real kernel: the two lines of README, every type of parameter, built-in modules.
# kernels: 6.12
# modules: e1000e
# qemu: -device e1000e
# files: /usr/bin/kmodctl=ours:build/src/kmodctl /vm/README.md=ours:README.md /vm/kmodctl_test.ko=module:kmodctl_test

section 'README: set a parameter now and for every load'
modprobe e1000e
grep '^    kmodctl params ' /vm/README.md | sed 's/ *#.*//; s/^ *//' >/tmp/lines
check 'they are two lines' '[ "$(wc -l </tmp/lines)" = 2 ]'
shell "$(head -n 1 /tmp/lines)"
check 'now: the running kernel has the value' 'succeeded && quiet && [ "$(parameter e1000e copybreak)" = 128 ]'
shell "$(tail -n 1 /tmp/lines)"
check 'for every load: quiet on standard error' 'succeeded && [ ! -s /tmp/err ]'
modprobe -r e1000e
modprobe e1000e
check 'and the next load has it' '[ "$(parameter e1000e copybreak)" = 128 ]'
run kmodctl params e1000e
check 'with its origin' 'succeeded && out_has "^    configured  128 by /etc/modprobe.d/kmodctl-e1000e.conf:2: in effect$"'
run kmodctl params --unset copybreak e1000e
check 'until it is taken out' 'succeeded && [ ! -e /etc/modprobe.d/kmodctl-e1000e.conf ]'

section 'What the chapter warns of'
run kmodctl params --persist e1000e InterruptThrottleRate=3000, 3000,3000
check 'no blanks after commas' 'failed && err_has "no blanks after commas: write InterruptThrottleRate=3000,3000,3000$"'
run kmodctl params e1000e copybraek=1
check 'an unknown parameter: the nearest name is suggested' 'failed && err_has "did you mean .copybreak.\?"'
run kmodctl params e1000e copybreak=lots
check 'a value of the wrong type' 'failed && err_has "is not a value of type uint" && [ "$(parameter e1000e copybreak)" = 128 ]'
run kmodctl params e1000e InterruptThrottleRate=3000
check 'what cannot be changed in a loaded module' 'failed && err_has "cannot be changed while the module is loaded"'
check 'nothing was written' '[ -z "$(ls /etc/modprobe.d)" ]'

section 'Every type, as the kernel shows it'
mkdir -p "$MODULES/extra"
cp /vm/kmodctl_test.ko "$MODULES/extra"
run depmod
in_effect() { kmodctl params --json kmodctl_test | grep -c '"in_effect": true'; }
run kmodctl params --persist kmodctl_test value=-0x10 numbers=0x1,2 'text=two words' flag
check 'all are written' 'succeeded && grep -qx "options kmodctl_test value=-0x10 numbers=0x1,2 text=\"two words\" flag" /etc/modprobe.d/kmodctl-kmodctl_test.conf'
run modprobe kmodctl_test
check 'the kernel takes them' 'succeeded && [ "$(parameter kmodctl_test value)" = -16 ] && [ "$(parameter kmodctl_test numbers)" = 1,2 ] &&
	[ "$(parameter kmodctl_test text)" = "two words" ] && [ "$(parameter kmodctl_test flag)" = Y ]'
check 'and all are found to be in effect' '[ "$(in_effect)" = 4 ]'
run kmodctl params kmodctl_test flag=off value=017
check 'values are set in the running kernel' 'succeeded && [ "$(parameter kmodctl_test flag)" = N ] && [ "$(parameter kmodctl_test value)" = 15 ]'
check 'these two are no longer as configured' '[ "$(in_effect)" = 2 ]'
run kmodctl params kmodctl_test value=99999999999
check 'a number that does not fit is refused' 'failed && [ "$(parameter kmodctl_test value)" = 15 ]'
echo 'options kmodctl_test value=1' >/etc/modprobe.d/zz.conf
run kmodctl params --now --persist kmodctl_test value=2
check 'a file that comes later is named' 'failed && err_has "/etc/modprobe.d/zz.conf:1 comes later and wins$" && [ "$(parameter kmodctl_test value)" = 2 ]'

section 'Built-in modules'
run kmodctl params printk
check 'have parameters too' 'succeeded && out_has "^printk: built into the kernel$" && out_has "^time \(bool\)"'
run kmodctl params printk time=n
check 'that can be set' 'succeeded && [ "$(parameter printk time)" = N ]'
run kmodctl params --persist printk time=n
check 'but only the kernel command line persists' 'failed && err_has "on the kernel command line: printk.time=n$" &&
	[ ! -e /etc/modprobe.d/kmodctl-printk.conf ]'

section 'kmodctl boot'
modprobe -r e1000e
run kmodctl boot enable e1000e
check 'a module is enabled' 'succeeded && quiet'
run kmodctl boot list
check 'and listed' 'succeeded && out_has "^e1000e +not-loaded +/etc/modules-load.d/kmodctl-e1000e.conf:2$"'
run kmod modules-load
check 'and loaded by modules-load' 'succeeded && loaded e1000e'
run kmodctl boot disable e1000e
check 'and disabled' 'succeeded && [ -z "$(ls /etc/modules-load.d)" ]'
run kmodctl boot enable nosuchmodule
check 'an unknown one is refused' 'failed && err_has "no installed kernel has a module of that name" && [ -z "$(ls /etc/modules-load.d)" ]'
run kmodctl boot enable --force nosuchmodule
check 'unless it is forced' 'succeeded && [ -n "$(ls /etc/modules-load.d)" ]'
