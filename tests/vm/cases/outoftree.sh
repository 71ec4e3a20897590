# SPDX-License-Identifier: MIT
# Modules that are not the kernel's own: indexed by depmod in the guest, parameters of every type, softdeps, failures.
# kernels: 6.12
# modules: crc-itu-t e1000e
# files: /vm/kmodctl_test.ko=module:kmodctl_test /vm/kmodctl_test_user.ko=module:kmodctl_test_user

section 'depmod'
mkdir -p "$MODULES/extra"
cp /vm/*.ko "$MODULES/extra"
run modprobe kmodctl_test
check 'a file that depmod has not seen is not found' 'failed && err_has "not found in directory"'
run depmod
check 'depmod without arguments indexes the running kernel' 'succeeded && quiet &&
	grep -qx "extra/kmodctl_test_user.ko: extra/kmodctl_test.ko" "$MODULES/modules.dep"'
run modinfo -n kmodctl_test
check 'and finds them under extra/' 'out_is "$MODULES/extra/kmodctl_test.ko"'
run modprobe -n -v kmodctl:test-1
check 'aliases are indexed' 'succeeded && out_has "/extra/kmodctl_test.ko $"'
run modprobe -R e1000e
check 'the modules of the kernel are still there' 'succeeded && out_is e1000e'

section 'Parameters'
run modprobe kmodctl_test value=-7 numbers=1,2,3 flag 'text="two words"'
check 'parameters of every type arrive' 'succeeded && [ "$(parameter kmodctl_test value)" = -7 ] &&
	[ "$(parameter kmodctl_test numbers)" = 1,2,3 ] && [ "$(parameter kmodctl_test flag)" = Y ] &&
	[ "$(parameter kmodctl_test text)" = "two words" ]'
run modprobe -r kmodctl_test
run modprobe kmodctl_test numbers=1,2,3,4
check 'more values than the array holds are refused' 'failed && absent kmodctl_test'
run modprobe kmodctl_test fail=5
check 'an error of the module itself is told' 'failed && err_has "could not insert .kmodctl_test.: Input/output error"'
printf 'options kmodctl_test value=11\noptions kmodctl_test flag=1\n' >/etc/modprobe.d/test.conf
run modprobe kmodctl_test value=12
check 'options lines add up, the command line comes last' 'succeeded && [ "$(parameter kmodctl_test value)" = 12 ] &&
	[ "$(parameter kmodctl_test flag)" = Y ]'
run modprobe -r kmodctl_test
rm /etc/modprobe.d/test.conf

section 'Dependencies'
run insmod /vm/kmodctl_test_user.ko
check 'insmod does not look for dependencies' 'failed && err_has "Unknown symbol in module" && absent kmodctl_test_user'
check 'but names the symbol' 'err_has kmodctl_test_value'
run modprobe -v kmodctl_test_user
check 'dependency and softdep are loaded before it' 'succeeded && loaded crc_itu_t kmodctl_test kmodctl_test_user &&
	[ "$(sed "s,.*/,," /tmp/out | tr -d " " | tr "\n" " ")" = "kmodctl_test.ko crc-itu-t$KO kmodctl_test_user.ko " ]'
run modprobe -r kmodctl_test_user
check 'all of them go' 'succeeded && nothing_loaded'
run insmod /vm/kmodctl_test.ko value=3
check 'insmod passes parameters' 'succeeded && [ "$(parameter kmodctl_test value)" = 3 ]'
run rmmod kmodctl_test

section 'After a removal'
rm "$MODULES"/extra/*.ko
run depmod -a
check 'depmod forgets what is gone' 'succeeded && ! grep -q kmodctl_test "$MODULES/modules.dep"'
