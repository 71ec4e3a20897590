# SPDX-License-Identifier: MIT
# Signing Kernel Modules for Secure Boot, as the chapter has it.
extra=$MODULES/extra

section 'an unsigned module is refused'
mkdir -p "$extra"
cp /root/module$KO "$extra/crc-itu-t$KO"
run kmodctl sign --strip "$extra"
run depmod
run modprobe crc-itu-t
check 'refused' 'failed && err_has "Key was rejected by service"'

section 'a module signed by a key that the kernel does not know is refused'
run kmodctl key generate --type p256 --cn 'unknown key' -o /root/unknown
check 'key made' succeeded
run kmodctl sign --key /root/unknown.priv --cert /root/unknown.der "$extra"
check 'signed' succeeded
run modprobe crc-itu-t
check 'refused' 'failed && err_has "Key was rejected by service"'
run kmodctl verify --cert /root/mykey.der "$extra/crc-itu-t$KO"
check 'verify said so' 'failed 3 && out_has unknown-signer'

section 'signed by a key that it knows, it loads untainted'
run kmodctl key show /root/mykey.der
check 'usable for modules' succeeded
run kmodctl sign --key /root/mykey.priv --cert /root/mykey.der "$extra"
check 'left alone: it has a signature' 'succeeded && out_has "1 skipped"'
run kmodctl sign --resign --yes --key /root/mykey.priv --cert /root/mykey.der "$extra"
check 'signed' 'succeeded && out_has "1 re-signed"'
run kmodctl verify --cert /root/mykey.der "$extra/crc-itu-t$KO"
check 'good' succeeded
run depmod
run modprobe -v crc-itu-t
check 'modprobe -v shows insmod of extra/' 'succeeded && out_line "insmod $extra/crc-itu-t$KO "'
run lsmod
check 'lsmod lists it' 'out_has "^crc_itu_t "'
check 'no taint' '[ -z "$(cat /sys/module/crc_itu_t/taint)" ] && [ "$(cat /proc/sys/kernel/tainted)" = 0 ]'
run modinfo crc-itu-t
serial=$(kmodctl key show /root/mykey.der | sed -n 's/^serial: *\([^ ]*\).*/\1/p')
check 'modinfo shows signer' 'out_has "^signer: *k+$"'
check 'modinfo shows sig_key' 'out_has "^sig_key: *$serial"'
check 'modinfo shows sig_hashalgo' 'out_has "^sig_hashalgo: *sha256"'
run modprobe -r crc-itu-t
check 'removed' 'succeeded && absent crc_itu_t'
