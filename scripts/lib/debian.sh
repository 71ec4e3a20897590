# SPDX-License-Identifier: MIT
# Debian roots made with debootstrap: sourced by scripts/bare and scripts/get-debian-root.

# debian_mirror SUITE: the first repository of the machine's apt sources that serves Debian itself, and so SUITE; Debian's
# own address where the sources name none.
debian_mirror() {
	local found
	found=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
		awk '$1 ~ /^http/ && $1 ~ /debian\/?$/ && $2 !~ /-/ { print $1; exit }')
	echo "${found:-http://deb.debian.org/debian}"
}

# debian_security_mirror: the same for the security updates.
debian_security_mirror() {
	local found
	found=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
		awk '$1 ~ /^http/ && $2 ~ /-security$/ { print $1; exit }')
	echo "${found:-http://deb.debian.org/debian-security}"
}

# make_debian_root DIRECTORY SUITE ARCHIVES [PACKAGE,...]: the minimal system with the packages. Packages are looked for in
# the directory ARCHIVES first, and kept there. debootstrap is quiet unless it fails. Needs root.
make_debian_root() {
	local dir=$1 suite=$2 archives=$3 include=${4:-} status=0
	mkdir -p "$archives"
	debootstrap --variant=minbase --cache-dir="$(realpath "$archives")" ${include:+--include="$include"} \
		"$suite" "$dir" "$(debian_mirror)" >"$dir.log" 2>&1 || status=$?
	[ "$status" = 0 ] || tail -n 20 "$dir.log" >&2
	rm -f "$dir.log"
	return "$status"
}
