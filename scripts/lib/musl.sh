# SPDX-License-Identifier: MIT
# Building with musl-gcc: sourced by scripts/build-static and scripts/build-musl.

# link_headers DIRECTORY NAME...: those headers of /usr/include, in a directory for -idirafter. musl's come without the kernel's and those of
# other libraries, and /usr/include itself would bring glibc's along. Afterwards, DIRECTORY is in the variable headers, absolute.
link_headers() {
	local name from arch
	arch=$(gcc -print-multiarch)
	mkdir -p "$1"
	headers=$(realpath "$1")
	shift
	# Two tests may want it at the same time.
	exec 9>"$headers/lock"
	flock 9
	for name; do
		for from in /usr/include "/usr/include/$arch"; do
			[ ! -e "$from/$name" ] || ln -sfn "$from/$name" "$headers/$name"
		done
	done
}
