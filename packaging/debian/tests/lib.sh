# SPDX-License-Identifier: MIT
# make_module FILE NAME DEPENDS: an object that the tools take for a module of Linux 6.1.2-autopkgtest.
make_module() {
	printf '%s\n' "__attribute__((section(\".modinfo\"), used)) static const char license[] = \"license=GPL\";" \
		"__attribute__((section(\".modinfo\"), used)) static const char name[] = \"name=$2\";" \
		"__attribute__((section(\".modinfo\"), used)) static const char depends[] = \"depends=$3\";" \
		"__attribute__((section(\".modinfo\"), used)) static const char vermagic[] = \"vermagic=6.1.2-autopkgtest SMP\";" \
		"__attribute__((section(\".modinfo\"), used)) static const char alias[] = \"alias=test-alias-$2\";" \
		"__attribute__((section(\".gnu.linkonce.this_module\"), used, aligned(64))) static char this_module[1024] = { 1 };" \
		"${4:-}" | gcc -x c -c -O2 -fno-pie -o "$1" -
}

# make_tree DIRECTORY: /lib/modules/6.1.2-autopkgtest with provider, compressed with xz, and user, compressed with zstd, which needs it.
make_tree() {
	mkdir -p "$1/lib/modules/6.1.2-autopkgtest/kernel"
	make_module "$1/lib/modules/6.1.2-autopkgtest/kernel/provider.ko" provider '' \
		'__attribute__((section("__ksymtab_strings"), used)) static const char strings[] = "provided";'
	make_module "$1/lib/modules/6.1.2-autopkgtest/kernel/user.ko" user provider 'extern int provided(void); int init_module(void) { return provided(); }'
	xz --check=crc32 "$1/lib/modules/6.1.2-autopkgtest/kernel/provider.ko"
	zstd -q --rm "$1/lib/modules/6.1.2-autopkgtest/kernel/user.ko"
}
