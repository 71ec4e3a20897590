#!/bin/bash
# SPDX-License-Identifier: MIT
# kmodctl's signing against the tools that others use: the kernel's sign-file, openssl, kmod's modinfo, a PKCS#11 token.
# usage: sign.sh KMODCTL MODULE.ko [KMOD]
set -u
softhsm=/usr/lib/softhsm/libsofthsm2.so
"$(dirname "$0")/../../scripts/bootstrap" --need kmod jq openssl xz zstd '/usr/lib/linux-kbuild-*/scripts/sign-file' \
	softhsm2-util $softhsm '/usr/lib/*/engines-3/pkcs11.so' cert-to-efi-sig-list sig-list-to-certs || exit 1
kmodctl=$(readlink -f "$1") module=$(readlink -f "$2") kmod=${3:+$(readlink -f "$3")}
prompt=$(readlink -f "$(dirname "$0")/../sign/prompt.py")
shopt -s nullglob
theirs=(/usr/lib/linux-kbuild-*/scripts/sign-file)
passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset KBUILD_SIGN_PIN
ln -s "$kmodctl" sign-file

ok() { echo "ok - $1"; passed=$((passed + 1)); }
bad() { echo "not ok - $1"; failed=$((failed + 1)); }
skip() { echo "skip - $1"; skipped=$((skipped + 1)); }
check() { # DESCRIPTION COMMAND...
	local what=$1
	shift
	if "$@" >log 2>&1; then ok "$what"; else bad "$what"; sed 's/^/    /' log; fi
}
status_is() { # STATUS COMMAND...
	local want=$1
	shift
	"$@"
	local got=$?
	[ $got = "$want" ] || { echo "status $got, not $want"; return 1; }
}
says() { # TEXT COMMAND...: fails and says so
	local text=$1
	shift
	! "$@" >said 2>&1 && grep -q -- "$text" said || { cat said; return 1; }
}
warns() { # TEXT COMMAND...: succeeds and says so
	local text=$1
	shift
	"$@" >said 2>&1 && grep -q -- "$text" said || { cat said; return 1; }
}
pair() { "$kmodctl" key generate --type "$1" --cn "$2" --org Example -o "$2" >/dev/null; }

pair rsa2048 one
pair rsa2048 two
pair p384 ec

# ---- key ----
check 'private keys are 0600' [ "$(stat -c %a one.priv)" = 600 ]
check 'existing keys are kept' says 'File exists' "$kmodctl" key generate --type p256 -o one
check 'openssl reads the private key' openssl pkey -in one.priv -noout
check 'openssl takes the certificate as self-signed' openssl verify -CAfile one.pem one.pem
openssl x509 -in one.der -noout -text >text
for what in 'CA:FALSE' 'Digital Signature' 'Code Signing' 'X509v3 Subject Key Identifier' 'X509v3 Authority Key Identifier' \
	'sha256WithRSAEncryption' 'O = Example, CN = one'; do
	check "certificate has $what" grep -q "$what" text
done
check 'basic constraints are critical' grep -q 'Basic Constraints: critical' text
check 'same SHA-256 fingerprint' grep -q "$(openssl x509 -in one.der -noout -fingerprint -sha256 | sed 's/.*=//')" <("$kmodctl" key show one.der)
check 'same serial' grep -qi "$(openssl x509 -in one.der -noout -serial | sed 's/.*=//; s/../&:/g; s/:$//')" <("$kmodctl" key show one.der)
check 'key and certificate show the same SKID' [ "$("$kmodctl" key show one.priv | sed -n 's/key id.*: //p')" = \
	"$("$kmodctl" key show one.der | sed -n 's/key id.*: //p')" ]

# ---- sign-file ----
compare() { # DESCRIPTION ARGUMENTS...: the same arguments to both, on copies of the module; also of MODULE.p7s
	local what=$1
	shift
	rm -rf ours.d theirs.d
	mkdir ours.d theirs.d
	cp "$module" ours.d/m.ko
	cp "$module" theirs.d/m.ko
	(cd theirs.d && "${theirs[-1]}" "$@") >log 2>&1
	local theirs_status=$?
	(cd ours.d && "$scratch/sign-file" "$@") >>log 2>&1
	local ours_status=$?
	if [ $ours_status = $theirs_status ] && diff -r ours.d theirs.d >>log; then
		ok "sign-file $what"
	else
		bad "sign-file $what (status $ours_status, theirs $theirs_status)"
		sed 's/^/    /' log
	fi
}
for hash in sha1 sha224 sha256 sha384 sha512 sha3-256 sha3-384 sha3-512; do
	compare "$hash" $hash ../one.priv ../one.der m.ko
done
compare 'PEM certificate' sha256 ../one.priv ../one.pem m.ko
compare 'hash in capitals' SHA256 ../one.priv ../one.der m.ko
compare 'to another file' sha256 ../one.priv ../one.der m.ko dest.ko
compare '-p' -p sha256 ../one.priv ../one.der m.ko
compare '-d' -d sha256 ../one.priv ../one.der m.ko
compare '-dp' -dp sha256 ../one.priv ../one.der m.ko
compare '-k' -k sha256 ../one.priv ../one.der m.ko
compare '-kp to another file' -kp sha256 ../one.priv ../one.der m.ko dest.ko
compare 'missing key' sha256 ../none ../one.der m.ko
compare 'missing certificate' sha256 ../one.priv ../none m.ko
compare 'missing module' sha256 ../one.priv ../one.der none.ko
compare 'key of another certificate' sha256 ../two.priv ../one.der m.ko
compare 'unknown hash' sha77 ../one.priv ../one.der m.ko
compare 'no arguments'
compare 'too few arguments' sha256 ../one.priv
compare 'too many arguments' sha256 ../one.priv ../one.der m.ko a b
compare 'unknown option' -z sha256 ../one.priv ../one.der m.ko
cp "$module" m.ko
check 'sign-file to a pipe' cmp <("${theirs[-1]}" sha256 one.priv one.der m.ko /dev/stdout | cat) \
	<(./sign-file sha256 one.priv one.der m.ko /dev/stdout | cat)
cp "$module" raw.ko
"${theirs[-1]}" -d sha256 one.priv one.der raw.ko
compare '-s' -s ../raw.ko.p7s sha256 ../one.der m.ko
openssl pkey -in one.priv -aes256 -passout pass:phrase -out locked.priv
export KBUILD_SIGN_PIN=phrase
compare 'encrypted key' sha256 ../locked.priv ../one.der m.ko
export KBUILD_SIGN_PIN=wrong
compare 'wrong passphrase' sha256 ../locked.priv ../one.der m.ko
unset KBUILD_SIGN_PIN

# ECDSA signatures differ from run to run: the frames are compared, and each tool's output is good for the other's judge.
cp "$module" ec-theirs.ko
cp "$module" ec-ours.ko
"${theirs[-1]}" -p sha384 ec.priv ec.der ec-theirs.ko
./sign-file -p sha384 ec.priv ec.der ec-ours.ko
frame() { openssl asn1parse -inform DER -in "$1" | sed 's/^ *[0-9]*:d=\([0-9]*\) *hl=[0-9]* *l= *[0-9]* /\1 /; s/HEX DUMP.*//'; }
check 'sign-file ECDSA: same frame' [ "$(frame ec-theirs.ko.p7s)" = "$(frame ec-ours.ko.p7s)" ]
check 'sign-file ECDSA: theirs verifies here' "$kmodctl" verify -q -k 6.12 --cert ec.der ec-theirs.ko
check 'sign-file ECDSA: ours verifies with openssl' openssl cms -verify -inform DER -in ec-ours.ko.p7s -content "$module" \
	-binary -noverify -nointern -certfile ec.pem -out /dev/null
cp "$module" twice.ko
./sign-file sha256 two.priv two.der twice.ko
./sign-file sha256 one.priv one.der twice.ko
"${theirs[-1]}" sha256 one.priv one.der "$module" once.ko
check 'sign-file replaces a signature instead of stacking a second one' cmp twice.ko once.ko

# ---- sign, verify ----
sign() { "$kmodctl" sign -k 6.12 --key one.priv --cert one.der "$@"; }
verify() { "$kmodctl" verify -k 6.12 --cert one.der "$@"; }
cp "$module" m.ko
check 'sign' sign m.ko
check 'good' status_is 0 verify m.ko
check 'a foreign certificate does not do' status_is 3 "$kmodctl" verify -k 6.12 --cert two.der m.ko
check 'any certificate of a directory does' status_is 0 "$kmodctl" verify -k 6.12 --keyring-dir . m.ko
check 'unsigned' status_is 1 verify "$module"
printf x | dd of=m.ko bs=1 seek=20 conv=notrunc status=none
check 'changed' status_is 5 verify m.ko
printf x >>m.ko
check 'a byte behind the magic makes it unsigned' status_is 1 verify m.ko
check 'unreadable' status_is 3 verify none.ko
check 'unreadable, and unsigned' status_is 3 verify none.ko "$module"
check 'no certificate' status_is 2 "$kmodctl" verify m.ko
cp "$module" m.ko
check 'mismatched pair' says 'not the private key' "$kmodctl" sign -k 6.12 --key two.priv --cert one.der m.ko
check 'mismatched pair: nothing changed' cmp m.ko "$module"
check 'hash that the kernel lacks' says 'does not take' "$kmodctl" sign -k 6.1.0 --hash sha3-256 --key one.priv --cert one.der m.ko
check 'md5' says 'does not take' sign --hash md5 m.ko
seq 1000 >text.ko
check 'not a module' says 'not a kernel module' sign text.ko
openssl req -x509 -newkey ed25519 -nodes -subj /CN=ed -keyout ed.key -out ed.pem 2>/dev/null
check 'key of a kind that kernels lack' says 'does not check' "$kmodctl" sign -k 6.12 --key ed.key --cert ed.pem m.ko
openssl req -x509 -key one.priv -days -1 -subj /CN=old -out old.pem 2>/dev/null
if [ -s old.pem ]; then
	check 'an expired certificate is only warned of' grep -q 'expired' <("$kmodctl" sign -k 6.12 --key one.priv --cert old.pem -n m.ko 2>&1)
fi
check 'dry run changes nothing' cmp m.ko "$module"
sign --detached m.ko >/dev/null
check 'detached: openssl agrees' openssl cms -verify -inform DER -in m.ko.p7s -content m.ko -binary -noverify -nointern \
	-certfile one.pem -out /dev/null
like_openssl() { # OPTION... -- what openssl cms is given for the same
	local ours=()
	while [ "$1" != -- ]; do ours+=("$1"); shift; done
	sign --detached "${ours[@]}" m.ko >/dev/null 2>&1 &&
		openssl cms -sign -binary -noattr -nosmimecap -md sha256 -in m.ko -signer one.pem -inkey one.priv -outform DER "${@:2}" | cmp - m.ko.p7s
}
check 'with its certificate: the bytes of openssl cms' like_openssl --include-cert --
openssl x509 -inform DER -in two.der -out two.pem
check 'with issuers: the bytes of openssl cms' like_openssl --chain two.pem -- -certfile two.pem
check 'a certificate that names no issuer is warned of' warns 'does not name the issuer' sign --include-cert -n m.ko
mkdir -p tree/kernel/a tree/extra
for packed in tree/kernel/a/x.ko:cat tree/kernel/a/y.ko.xz:xz tree/extra/z.ko.gz:gzip tree/extra/w.ko.zst:zstd; do
	case ${packed#*:} in
	cat) cp "$module" "${packed%:*}" ;;
	zstd) zstd -qc "$module" >"${packed%:*}" ;;
	*) "${packed#*:}" -c "$module" >"${packed%:*}" ;;
	esac
done
check 'sign a tree of every compression' sign tree
check 'the whole tree is good' status_is 0 verify tree
check 'xz has CRC32, as kernels want it' grep -q CRC32 <(xz -lv tree/kernel/a/y.ko.xz)
check 'zstd says its size' grep -q 'Decompressed Size: [1-9]' <(zstd -lv tree/extra/w.ko.zst)
check '--strip gives the module back' sign --strip tree/kernel/a/x.ko
check '--strip: same bytes' cmp tree/kernel/a/x.ko "$module"
check '--json is JSON' jq -e '.schema == 1 and .counts["re-signed"] == 3 and .counts.signed == 1' <(sign --resign --yes --json tree)
check 'verify --json is JSON' jq -e '[.files[].state] == ["good", "good", "good", "good"]' <(verify --json tree)
check 'what is signed is left alone' jq -e '.counts.skipped == 4' <(sign --json tree)
check '--only-unsigned' jq -e '.counts.skipped == 4' <(sign --json --only-unsigned tree)

cp tree/kernel/a/x.ko other.ko
check 'two.der replaces it' "$kmodctl" sign -k 6.12 --key two.priv --cert two.der --resign -y other.ko
cp other.ko before.ko
check '--resign without a terminal wants --yes' status_is 1 sign --resign other.ko </dev/null
check '--resign: nothing was changed' cmp other.ko before.ko
check '--resign names whose signatures go' says '1 by "' sign --resign other.ko
check '--resign --json is an error as JSON' jq -e '.error.code == "sign.resign-not-asked"' <(sign --resign --json other.ko 2>/dev/null)
check '--resign has nothing to ask where nothing is signed' sign --resign m.ko </dev/null
check '--resign and --strip' says 'exclude one another' sign --resign --strip m.ko
cp "$module" m.ko

# ---- one name that is missing ----
cp "$module" first.ko
cp "$module" last.ko
check 'sign: a missing name fails' status_is 1 sign first.ko none.ko last.ko empty-directory
check 'sign: and the others are signed' status_is 0 verify first.ko last.ko
check 'sign: JSON has all of them' jq -e '[.files[].outcome] == ["skipped", "failed", "skipped"]' <(
	sign --json first.ko none.ko last.ko 2>/dev/null)
check 'verify: JSON has all of them' jq -e '[.files[].state] == ["good", "unreadable", "good"]' <(
	verify --json first.ko none.ko last.ko 2>/dev/null)
check 'verify -q prints nothing' [ -z "$(verify -q none.ko first.ko 2>&1)" ]

# ---- a signal ----
# The signal has come already, and is let through at the end only if it was before: what is printed is then whole.
interrupted() { # COMMAND...
	python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
os.kill(os.getpid(), signal.SIGINT)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}
cp "$module" first.ko
signing=(-k 6.12 --key one.priv --cert one.der)
says_how_far() { # WORDS COMMAND...
	interrupted "${@:2}" | grep -qx "$1"
}
check 'sign: a signal, and how far it came' says_how_far 'interrupted: 0 of 2 signed, the others unchanged' \
	"$kmodctl" sign "${signing[@]}" first.ko last.ko
check 'sign: nothing was changed' cmp first.ko "$module"
check 'sign: a signal, as JSON' jq -e '.interrupted and .counts["not-reached"] == 2' <(
	interrupted "$kmodctl" sign --json "${signing[@]}" first.ko last.ko)
check 'verify: a signal, and how far it came' says_how_far 'interrupted: 0 of 2 verified' \
	"$kmodctl" verify -k 6.12 --cert one.der first.ko last.ko
check 'verify: a signal, as JSON' jq -e '.interrupted and [.files[].state] == ["not-reached", "not-reached"]' <(
	interrupted "$kmodctl" verify --json -k 6.12 --cert one.der first.ko last.ko)
check 'verify: a signal is no "all good"' status_is 3 interrupted "$kmodctl" verify -k 6.12 --cert one.der last.ko

# ---- what is refused, and what a failure leaves behind ----
signs_once() { # COMMAND...: one file, whatever its names
	"$kmodctl" sign -k 6.12 --key one.priv --cert one.der --json "$@" | jq -e '.files | length == 1' >/dev/null
}
cp "$module" m.ko
ln -sf m.ko link.ko
check 'a file with several names is signed once' signs_once m.ko ./m.ko link.ko
check 'a link stays one' [ -L link.ko ]
mkdir -p empty
check 'a directory without modules' says 'contains no modules' sign empty
check 'nothing to verify is not "all good"' status_is 3 verify empty
check 'kernel version that is not there' says '/lib/modules/0.0.0-none: No such file' "$kmodctl" sign -k 0.0.0-none --all --strip
check 'no kernel version at all' says 'is not a kernel version' "$kmodctl" verify -k newest --cert one.der m.ko
check 'a directory without certificates' says 'end in .der' "$kmodctl" verify -k 6.12 --keyring-dir empty m.ko
check '--strip and --detached' says 'exclude one another' sign --strip --detached m.ko
check 'a certificate as key' says 'a certificate, not the private key' "$kmodctl" sign -k 6.12 --key one.pem --cert one.der m.ko
check 'a key as certificate' says 'a private key, not the certificate' "$kmodctl" sign -k 6.12 --key one.priv --cert one.priv m.ko
openssl req -x509 -newkey rsa:1280 -nodes -subj /CN=odd -keyout odd.key -out odd.pem 2>/dev/null
check 'RSA of a length that kernels lack' says 'does not check' "$kmodctl" sign -k 6.12 --key odd.key --cert odd.pem m.ko
check 'key show says so' status_is 1 "$kmodctl" key show odd.pem
check 'common name that is too long' says "commonName 'a*'" "$kmodctl" key generate --type p256 --cn "$(printf 'a%.0s' {1..65})" -o long
check 'ML-DSA, or OpenSSL that says what it lacks' [ -n "$("$kmodctl" key generate --type ml-dsa-44 -o ml 2>&1 | grep -e 'ml.priv' -e 'came with OpenSSL 3.5')" ]
cp "$module" kept.ko
chmod 0444 kept.ko
touch -d @0 kept.ko
ln kept.ko other-name.ko
check 'a file without write permission' sign kept.ko
check 'its mode is kept' [ "$(stat -c %a kept.ko)" = 444 ]
check 'its other hard link is left alone' cmp other-name.ko "$module"
rm -rf tree2
mkdir tree2
for i in {1..200}; do cp "$module" "tree2/$i.ko"; done
for signal in INT TERM HUP; do
	timeout -s $signal 0.1 "$kmodctl" sign -k 6.12 --key one.priv --cert one.der tree2 >/dev/null 2>&1
	check "SIG$signal leaves no temporaries" [ -z "$(find tree2 -name '.*.ko.*')" ]
done
check 'and no damaged module' jq -e '[.files[].state] - ["good", "unsigned"] == []' <(verify --json tree2)
check 'an export to a pipe leaves the pipe' cmp <("$kmodctl" key export one.der --der /dev/stdout | cat) one.der
check '/dev/stdout is still there' [ -L /dev/stdout ]

# ---- passphrases ----
KBUILD_SIGN_PIN=phrase "$kmodctl" key generate --type p256 --cn locked --passphrase -o locked2 >/dev/null
asks() { # WANT KEYS COMMAND...
	local want=$1
	shift
	"$prompt" "$@" >said 2>&1
	tail -1 said | grep -q "$want" || { cat said; return 1; }
}
locked=("$kmodctl" sign -k 6.12 --key locked2.priv --cert locked2.der)
check 'the terminal is asked once' asks 'asked=1 echo=yes status=0' phrase "${locked[@]}" m.ko
check 'also for a wrong passphrase' asks 'asked=1 echo=yes status=1' wrong "${locked[@]}" m.ko
check 'and an empty one' asks 'asked=1 echo=yes status=1' '' "${locked[@]}" m.ko
check '^C gives the echo back' asks 'asked=1 echo=yes status=-2' '^C' "${locked[@]}" m.ko
check 'a new passphrase is asked for twice' asks 'asked=2 echo=yes status=0' neu "$kmodctl" key generate --type p256 --passphrase -o asked
check '^C makes no key' asks 'status=-2' '^C' "$kmodctl" key generate --type p256 --passphrase -o never
check 'no file of it' [ ! -e never.priv ]
check 'no terminal and no passphrase' says 'no passphrase is available' setsid -w "${locked[@]}" m.ko
check 'a passphrase file that is missing is told once' [ "$("${locked[@]}" --passphrase-file none m.ko 2>&1 | grep -c 'cannot read the passphrase')" = 1 ]
check 'KBUILD_SIGN_PIN, empty' says 'wrong passphrase' env KBUILD_SIGN_PIN= "${locked[@]}" m.ko

# ---- the same fields as kmod's modinfo ----
view=${VIEWRUN:+"$VIEWRUN --empty "} # modinfo looks at the machine's configuration
modinfos=("$view/sbin/modinfo")
[ -z "$kmod" ] || modinfos+=("$view$kmod modinfo")
for type in one ec; do
	cp "$module" f.ko
	"$kmodctl" sign -k 6.12 --key $type.priv --cert $type.der --hash sha384 f.ko >/dev/null
	for modinfo in "${modinfos[@]}"; do
		for field in signer sig_key sig_hashalgo; do
			check "${modinfo#"$view"} -F $field ($type)" [ "$($modinfo -F $field ./f.ko)" = \
				"$("$kmodctl" verify -k 6.12 --cert $type.der --json f.ko | jq -r ".files[0].$field")" ]
		done
	done
done

# ---- a token ----
mkdir tokens
echo "directories.tokendir = $scratch/tokens" >softhsm.conf
export SOFTHSM2_CONF=$scratch/softhsm.conf PKCS11_MODULE_PATH=$softhsm
softhsm2-util --init-token --free --label signing --pin 1234 --so-pin 5678 >/dev/null
openssl pkcs8 -topk8 -nocrypt -in one.priv -out token.pem
softhsm2-util --import token.pem --token signing --label one --id 01 --pin 1234 >/dev/null
echo 1234 >pin
uri='pkcs11:token=signing;object=one;type=private'
cp "$module" token.ko
cp "$module" file.ko
sign file.ko >/dev/null
check 'sign by token, PIN from a file' "$kmodctl" sign -k 6.12 --key "$uri" --cert one.der --passphrase-file pin token.ko
check 'the token gives the same bytes as the file' cmp token.ko file.ko
cp "$module" token.ko
check 'sign-file by token, PIN from the environment' env KBUILD_SIGN_PIN=1234 ./sign-file sha256 "$uri" one.der token.ko
check 'the same bytes again' cmp token.ko file.ko
check 'a tree by token' "$kmodctl" sign -k 6.12 --key "$uri" --cert one.der --passphrase-file pin -j 4 tree
check 'the tree is good' verify tree
echo 9999 >wrong
check 'wrong PIN' says 'no such private key' "$kmodctl" sign -k 6.12 --key "$uri" --cert one.der --passphrase-file wrong token.ko
check 'no such key' says 'no such private key' "$kmodctl" sign -k 6.12 --key 'pkcs11:token=signing;object=none' --cert one.der \
	--passphrase-file pin token.ko

# ---- a token behind a provider ----
if [ -n "${FAKE_TOKEN:-}" ]; then
	cp "$module" provided.ko
	cp "$module" file.ko
	sign file.ko >/dev/null
	openssl pkcs8 -topk8 -nocrypt -in one.priv -outform DER -out token.der
	provided=(env OPENSSL_ENGINES=/none OPENSSL_MODULES="$FAKE_TOKEN" FAKE_TOKEN_KEY="$scratch/token.der" "$kmodctl" sign -k 6.12 --cert one.der)
	echo 1234 >pin
	echo 9999 >wrong
	check 'sign by provider' "${provided[@]}" --key 'pkcs11:object=one' --passphrase-file pin provided.ko
	check 'the provider gives the same bytes as the file' cmp provided.ko file.ko
	check 'provider: wrong PIN' says 'no such private key' "${provided[@]}" --key 'pkcs11:object=one' --passphrase-file wrong provided.ko
	check 'provider: no such key' says 'no such private key' "${provided[@]}" --key 'pkcs11:object=two' --passphrase-file pin provided.ko
	check 'a PIN in the URI is not shown' says 'pin-value=\.\.\.' "${provided[@]}" --key 'pkcs11:object=two;pin-value=geheim' provided.ko
	check 'really not' status_is 1 grep -q geheim said
	for pin in ';pin-value=1234' '?pin-value=12%334' '?x-a=b&PIN-VALUE=1234'; do
		cp "$module" provided.ko
		check "a PIN in the URI ($pin)" warns 'PIN on the command line' "${provided[@]}" --key "pkcs11:object=one$pin" provided.ko
		check 'opens the token' cmp provided.ko file.ko
	done
	check 'a PIN before the object' warns 'PIN on the command line' "${provided[@]}" --key 'pkcs11:pin-value=1234;object=one' provided.ko
else
	skip 'provider (FAKE_TOKEN is not set)'
fi
check 'neither provider nor engine' says 'neither a pkcs11 provider nor a pkcs11 engine' env OPENSSL_ENGINES=/none OPENSSL_MODULES=/none \
	KBUILD_SIGN_PIN=1 "$kmodctl" sign -k 6.12 --key 'pkcs11:object=one' --cert one.der m.ko

# ---- for firmware ----
check 'export --esl --der --pem' "$kmodctl" key export one.der --esl one.esl --der copy.der --pem copy.pem --owner 11111111-2222-3333-4444-123456789abc
check 'the DER is the certificate' cmp copy.der one.der
cert-to-efi-sig-list -g 11111111-2222-3333-4444-123456789abc one.pem their.esl
check 'the signature list is that of efitools' cmp one.esl their.esl
check 'an update for db' "$kmodctl" key export one.der --auth one.auth --kek-key two.priv --kek-cert two.der
check 'efitools reads the update' sig-list-to-certs <(tail -c "$(stat -c %s one.esl)" one.auth) fromauth

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
