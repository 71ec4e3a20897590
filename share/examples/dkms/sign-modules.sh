#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a key for this machine, lets DKMS sign with it, and asks for its enrollment, which MokManager completes at the
# next boot: it wants the password that is asked for here. For Debian's DKMS 3; run it as root, once.
# Who has the key can sign what this machine then trusts: it stays readable by root alone.
set -eu

directory=${1:-/var/lib/dkms-key}
settings=${2:-/etc/dkms/framework.conf.d/key.conf}

umask 077
mkdir -p "$directory"
if [ ! -e "$directory/key.priv" ]; then
	# --module-only: shim starts nothing that is signed with it
	kmodctl key generate --module-only --cn "$(uname -n) DKMS" --out "$directory/key"
fi

umask 022
mkdir -p "${settings%/*}"
cat >"$settings" <<END
mok_signing_key=$directory/key.priv
mok_certificate=$directory/key.der
END

echo "DKMS signs with $directory/key.priv from now on. To sign what it has installed before:"
echo "kmodctl sign --resign --key $directory/key.priv --cert $directory/key.der /lib/modules/$(uname -r)/updates/dkms"
if [ -d /sys/firmware/efi ]; then
	kmodctl mok import "$directory/key.der"
	echo "After the next boot, \`kmodctl mok status\` says whether the key is enrolled."
else
	echo "This machine was not booted by UEFI, so that there is nothing to enroll a key with."
fi
