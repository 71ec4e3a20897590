# SPDX-License-Identifier: MIT
# Files that a package manager owns: sourced by scripts/install.

# Names of files on standard input -> "PACKAGE: FILE" of those that a package has.
ask_package_manager() {
	local name
	if command -v dpkg-query >/dev/null; then
		xargs -r -d '\n' dpkg-query -S 2>/dev/null | grep -v '^diversion ' || true
	elif command -v rpm >/dev/null; then
		while read -r name; do
			rpm -qf --qf "%{NAME}: $name\n" "$name" 2>/dev/null | grep "^[^ ]*: $name\$" || true
		done
	elif command -v pacman >/dev/null; then
		while read -r name; do
			pacman -Qqo "$name" 2>/dev/null | sed "s|\$|: $name|"
		done
	elif command -v apk >/dev/null; then
		while read -r name; do
			apk info --who-owns "$name" 2>/dev/null | sed -n "s|^.* is owned by \(.*\)|\1: $name|p"
		done
	fi
}

# packaged_files STAGE [ROOT]: files below STAGE that exist in the system (below ROOT), and that a package has. Where /bin leads to
# /usr/bin, a package may have a file by either name.
packaged_files() {
	local stage=$1 root=${2:-} name
	(cd "$stage" && find . ! -type d -printf '/%P\n') | while read -r name; do
		if [ -e "$root$name" ] || [ -L "$root$name" ]; then
			printf '%s\n' "$name"
			case $name in
			/usr/bin/* | /usr/sbin/* | /usr/lib*) [ ! "$root$name" -ef "$root${name#/usr}" ] || printf '%s\n' "${name#/usr}" ;;
			esac
		fi
	done | ask_package_manager
}
