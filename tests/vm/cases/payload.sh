# SPDX-License-Identifier: MIT
# Which bytes of a file that ends like a signed one are the module: the kernel's answer, and that of kmodctl trust.
# kernels: 6.12
# modules: loop
# files: /bin/kmodctl=tool:kmodctl /bin/try-load=helper:try-load /vm/config=boot:config /vm/kmodctl_test.ko=module:kmodctl_test

mkdir -p /boot && mv /vm/config "/boot/config-$RELEASE"

# A module with 40 bytes that the file calls a signature; the last so many bytes of the object are among them. KIND, NAME
# and ID, octal: the scheme, and the lengths of the signer's name and key id.
lay_out() { # KIND NAME ID INSIDE
	cp /vm/kmodctl_test.ko /vm/made.ko
	head -c "$((40 - $4))" /dev/zero >>/vm/made.ko
	printf "\\0\\0\\$1\\$2\\$3\\0\\0\\0\\0\\0\\0\\50~Module signature appended~\n" >>/vm/made.ko
}

# The kernel answers with this errno, and so says kmodctl.
answers() { # NAME ERRNO PATTERN
	run try-load /vm/made.ko kmodctl_test
	check "$1: the kernel" "out_has '^$2 '"
	run kmodctl trust /vm/made.ko
	check "$1: kmodctl trust" "out_has '$3'"
}

for kind in 0 1 3; do
	section "Scheme $kind, which no kernel has: nothing but the last words is taken off"
	lay_out "$kind" 0 0 0
	answers 'behind the object' 0 'made.ko: loads'
	lay_out "$kind" 0 0 20
	answers 'the object ends in it' 0 'made.ko: loads'
	lay_out "$kind" 3 4 20
	answers 'with a name and a key id' 0 'made.ko: loads'
done

section 'PKCS#7: it must be one'
lay_out 2 0 0 0
answers 'behind the object' 74 'made.ko: refused: EBADMSG'
lay_out 2 0 0 20
answers 'the object ends in it' 74 'made.ko: refused: EBADMSG'
