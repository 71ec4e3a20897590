# SPDX-License-Identifier: MIT
# Debian roots made with debootstrap: sourced by scripts/bare, scripts/get-debian-root, scripts/make-kernels, scripts/portable and
# tests/compat/in-debian.

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

# write_debian_sources ROOT SUITE: the suite with its updates, as an installed Debian has it.
write_debian_sources() {
	local mirror security
	mirror=$(debian_mirror) security=$(debian_security_mirror)
	cat >"$1/etc/apt/sources.list" <<-END
		deb $mirror $2 main
		deb $mirror $2-updates main
		deb $security $2-security main
	END
	rm -f "$1"/var/lib/apt/lists/*_*
}

# configure_debian_root ROOT: makes its own apt work as the machine's: name resolution, proxy, how old a mirror may be. No syncs to
# disk: nothing here must survive a power cut.
configure_debian_root() {
	local name
	cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
	for name in Acquire::http::Proxy Acquire::Check-Valid-Until Acquire::Check-Date; do
		apt-config dump --no-empty --format '%f "%v";%n' "$name"
	done >"$1/etc/apt/apt.conf.d/00machine"
	echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/kmodctl"
}

# The devices that programs expect, in the working directory.
make_devices() {
	local name
	mount -t tmpfs -o mode=755,size=1m dev dev
	mknod -m 666 dev/null c 1 3
	mknod -m 666 dev/zero c 1 5
	mknod -m 666 dev/full c 1 7
	mknod -m 666 dev/random c 1 8
	mknod -m 666 dev/urandom c 1 9
	mknod -m 666 dev/tty c 5 0
	mknod -m 622 dev/console c 1 3 # there is one, and what is written to it is gone
	ln -s /proc/self/fd dev/fd
	for name in 0:stdin 1:stdout 2:stderr; do
		ln -s "/proc/self/fd/${name%:*}" "dev/${name#*:}"
	done
	mkdir dev/pts dev/shm
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
	ln -s pts/ptmx dev/ptmx
	mount -t tmpfs -o mode=1777 shm dev/shm
}

# fill_debian_root ROOT: /dev, /proc, /sys and /run for it, in the mount and PID namespaces of the caller, which must be
# private. Leaves ROOT, now a mount of its own, as the working directory, ready for pivot_root.
fill_debian_root() {
	mount --bind "$1" "$1"
	cd "$1"
	make_devices
	mount -t proc proc proc
	mount -t sysfs sysfs sys
	mount -t tmpfs -o mode=755 run run
	mkdir run/lock
}

# apt_of ROOT COMMAND ARGUMENT...: the machine's apt on the sources of another system
apt_of() {
	local root=$1
	shift
	"$1" -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status" -o APT::Sandbox::User=root "${@:2}"
}
