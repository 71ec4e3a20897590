#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the options of the build say about places is in kmod.pc, in the list of installed files and in the code. usage:
build_options.py MESON SOURCES MKKO

Sets up two builds, and compiles one file of the second; codec_options.py and reasons_option.py build the programs
with the codecs chosen otherwise, and with the reasons for a refusal in a library.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from codec_options import check_codecs
from reasons_option import check_reasons

meson, sources, mkko = sys.argv[1:]
DEFAULT = {"sysconfdir": "/etc", "distconfdir": "/usr/lib", "module_directory": "/lib/modules", "module_compressions": "zstd xz zlib",
           "module_signatures": "PKCS7 legacy"}
OTHER = {"sysconfdir": "/opt/etc", "distconfdir": "/opt/share", "module_directory": "/usr/lib/modules", "module_compressions": "",
         "module_signatures": "PKCS7 legacy"}
OPTIONS = ["-Dsysconfdir=/opt/etc", "-Ddistconfdir=/opt/share", "-Dmoduledir=/usr/lib/modules", "-Dcodecs=none",
           "-Dsystemdsystemunitdir=/opt/units", "-Dtmpfilesdir=/opt/tmpfiles", "-Dbashcompletiondir=/opt/bash",
           "-Dhooks=dkms,dracut,initramfs-tools,kernel,kernel-install,mkinitcpio,pacman", "-Dlibexecdir=/opt/libexec", "-Dprefix=/usr"]
HOOKS = ["/opt/etc/dkms/framework.conf.d/kmodctl.conf", "/opt/etc/kernel/postinst.d/kmodctl", "/opt/etc/kernel/postrm.d/kmodctl",
         "/opt/libexec/kmodctl/image-libraries", "/opt/libexec/kmodctl/modules-changed", "/opt/libexec/kmodctl/preflight",
         "/usr/lib/dracut/modules.d/90kmodctl/module-setup.sh", "/usr/lib/initcpio/install/kmodctl",
         "/usr/lib/kernel/install.d/55-kmodctl.install", "/usr/share/initramfs-tools/hooks/kmod", "/usr/share/libalpm/hooks/60-kmodctl.hook"]
PLACES = ["/opt/units/kmodctl-modules-load.service", "/opt/tmpfiles/kmodctl.conf", "/opt/bash/kmod", *HOOKS]
LITERALS = [b"/opt/etc/modprobe.d", b"/opt/share/modprobe.d", b"/run/modprobe.d"]


# meson of Debian 12 puts the directories of a cross compiler first, where ld is that compiler's.
os.environ["PATH"] = ":".join(d for d in os.environ["PATH"].split(":") if "-linux-gnu" not in d)


def run(*words):
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {result.stdout}{result.stderr}")
    return result.stdout


def set_up(directory, *options):
    run(meson, "setup", directory, sources, "-Dtests=false", "-Dkmodctl=disabled", *options)


def refusal(directory, *options):
    """Packages that meson names where pkg-config finds nothing. It may find libcrypto and zlib without."""
    result = subprocess.run([meson, "setup", directory, sources, "-Dtests=false", *options], capture_output=True, text=True, check=False,
                            env={**os.environ, "PKG_CONFIG_LIBDIR": "/nowhere", "PKG_CONFIG_PATH": ""})
    errors = "".join(line for line in result.stdout.splitlines() if "ERROR: " in line) if result.returncode else ""
    return set(re.findall(r"\((lib\S+-dev)\)", errors)) - {"libssl-dev"}


def variables(directory):
    """By pkg-config, as distributions' tools read them."""
    where = f"--with-path={directory}/meson-private"
    return {name: run("pkg-config", where, f"--variable={name}", "kmod").rstrip("\n") for name in DEFAULT}


def installed(directory):
    return json.loads(run(meson, "introspect", "--installed", directory)).values()


def main():
    failed = 0

    def check(what, wanted, seen):
        nonlocal failed
        failed += wanted != seen
        print(f"ok - {what}" if wanted == seen else f"not ok - {what}: {seen}, not {wanted}")

    with tempfile.TemporaryDirectory(prefix="kmodctl-options-") as tmp:
        plain, other = pathlib.Path(tmp) / "plain", pathlib.Path(tmp) / "other"
        set_up(plain)
        set_up(other, *OPTIONS)
        check("kmod.pc of a plain build", DEFAULT, variables(plain))
        check("kmod.pc with options", OTHER, variables(other))
        check("packages of missing libraries", {"libsmartcols-dev"}, refusal(pathlib.Path(tmp) / "refused", "-Dcodecs=none"))
        check("packages of missing headers", {"liblzma-dev", "libzstd-dev"}, refusal(pathlib.Path(tmp) / "refused2"))
        plan = installed(other)
        usr, dest = pathlib.Path(tmp) / "usr", pathlib.Path(tmp) / "dest"
        set_up(usr, "-Dprefix=/usr")
        run(meson, "install", "-C", usr, "--no-rebuild", "--tags", "configuration", "--destdir", dest)
        made = sorted(str(path.relative_to(dest)) for path in dest.rglob("*.d"))
        check("directories of configuration", ["etc/depmod.d", "etc/modprobe.d", "usr/lib/depmod.d", "usr/lib/modprobe.d"], made)
        check("installed files", PLACES, [place for place in PLACES if place in plan])
        names = {os.path.basename(place) for place in HOOKS} - {"kmodctl", "kmod", "kmodctl.conf"}
        check("hooks that nobody asked for", [], [place for place in installed(plain) if os.path.basename(place) in names])
        target = "src/libcore.a.p/read_conf_policy.c.o"
        run("ninja", "-C", other, target)
        code = (other / target).read_bytes()
        check("modprobe.d in the code", LITERALS, [literal for literal in LITERALS if literal in code])
        codecs = pathlib.Path(tmp) / "codecs"
        codecs.mkdir()
        check_codecs(check, meson, pathlib.Path(sources), mkko, codecs)
        check_reasons(check, meson, pathlib.Path(sources), mkko, codecs)
    return failed != 0


sys.exit(main())
