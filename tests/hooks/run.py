#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What packaging/hooks installs, run on a directory in place of /.

  run.py --hooks DIRECTORY --runtool F --mkko F --mkindex F

The absolute paths in the hooks of the build DIRECTORY get that directory in front, and the tools in it are runtool, which has the
fake kernel of the golden tests. initramfs-tools' functions are Debian's; of dracut, mkinitcpio and dkms only what they call or read.
"""
import argparse
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / room) for room in ("golden", "lib", "depmod")]
from cases import Fixtures  # noqa: E402
from checks import Checks  # noqa: E402
from need import need  # noqa: E402
from tree import let_time_pass  # noqa: E402

TOP_DIRECTORIES = r"(?<![\w$\"'}@./*-])/(?=(?:boot|etc|lib|proc|sbin|usr|var)\b)|(?<=[\"'])/(?=(?:boot|etc|lib|proc|sbin|usr|var)/)"
NEW, RUNNING = "6.13.0-test", "6.12.0-test"
HOOK_FUNCTIONS = "/usr/share/initramfs-tools/hook-functions"
REPORT = f"""\
kmodctl: Linux {NEW}: modules that are loaded now and not installed for it: absent
kmodctl: Linux {NEW}: /lib/modules/{NEW}/updates/old.ko was built for {RUNNING}: it is not loaded
kmodctl: Linux {NEW}: /lib/modules/{NEW}/updates/old.ko: refused: EKEYREJECTED, the module is not signed
kmodctl: Linux {NEW}: /lib/modules/{NEW}/updates/unsigned.ko: refused: EKEYREJECTED, the module is not signed
"""


class Machine:
    """The directory, with the hooks of the build in BUILD."""

    def __init__(self, root, build, runtool):
        self.root = root
        for name, text in {
                "usr/bin/uname": f'echo {RUNNING}',
                **{f"usr/{tool}": f'printf "%s\\n" "{tool.split("/")[1]} $* TERM=$TERM" >>{root}/calls\nexec {runtool} {root} '
                                  f'{tool.split("/")[1]} "$@"'
                   for tool in ("sbin/depmod", "sbin/modprobe", "sbin/modinfo", "bin/kmodctl")}}.items():
            self.write(name, f"#!/bin/sh\n{text}\n", 0o755)
        self.hooks = root / "hooks"
        for path in build.iterdir():
            if path.is_file():
                self.write(f"hooks/{path.name}", re.sub(TOP_DIRECTORIES, f"{root}/", path.read_text()), 0o755)
        self.libexec = re.search(r"(\S+)/preflight", (build / "modules-changed").read_text())[1]
        self.bind(build)

    def bind(self, build):
        """Tools and helpers at the places that the hooks name."""
        text = (build / "preflight").read_text()
        for place, names in ((re.search(r"tools=(\S+)", text)[1], ("depmod", "modprobe", "modinfo")),
                             (re.search(r"-x (\S+)/kmodctl", text)[1], ("kmodctl",))):
            for name in names:
                target = self.root / place.lstrip("/") / name
                source = next(self.root.glob(f"usr/*bin/{name}"))
                if target != source:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, target)
        directory = self.root / self.libexec.lstrip("/")
        directory.mkdir(parents=True)
        for name in "image-libraries", "modules-changed", "preflight":
            shutil.copy2(self.hooks / name, directory / name)

    def write(self, name, text, mode=0o644):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def run(self, *words, stdin="", **variables):
        """(exit status, output, errors) of a hook or a command."""
        (self.root / "calls").unlink(missing_ok=True)
        command = [str(self.hooks / words[0]), *words[1:]] if (self.hooks / words[0]).exists() else list(words)
        environment = {"PATH": f"{self.root}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "xterm", **variables}
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
        return done.returncode, done.stdout.replace(str(self.root), ""), done.stderr.replace(str(self.root), "")

    def calls(self, tool):
        """What TOOL was called with by the last hook."""
        path = self.root / "calls"
        return [line for line in path.read_text().splitlines() if line.startswith(f"{tool} ")] if path.exists() else []

    def names(self, *patterns):
        return sorted(str(path.relative_to(self.root)) for pattern in patterns for path in self.root.glob(pattern))


def index_all(m, check):
    """Without operands: every release, once, and what the next boot lacks; the cache of the kernel that is gone goes."""
    let_time_pass()
    check("modules-changed: exit status and errors", m.run("modules-changed"),
          (0, "", f"kmodctl: Linux {RUNNING}: modules that are loaded now and not installed for it: absent old unsigned user\n" + REPORT))
    check("modules-changed: one quiet depmod for each kernel", m.calls("depmod"),
          [f"depmod {release} TERM=dumb" for release in (RUNNING, NEW)])
    check("modules-changed: indexes", m.names("lib/modules/*/modules.dep.bin"),
          [f"lib/modules/{release}/modules.dep.bin" for release in (RUNNING, NEW)])
    check("modules-changed: caches", m.names("var/cache/kmodctl/*"),
          ["var/cache/kmodctl/" + name for name in (f"depmod-{RUNNING}.facts", f"depmod-{NEW}.facts", "other")])


def index_of_files(m, check):
    """Paths as rpm (absolute) and pacman (relative) give them: only these releases, each once."""
    text = f"/usr/lib/modules/{NEW}/updates/a.ko\nusr/lib/modules/{NEW}/updates/b.ko\nlib/modules/{NEW}/\n/usr/share/doc/x\n"
    status, _, errors = m.run("modules-changed", "--files", stdin=text)
    check("modules-changed --files", (status, errors, m.calls("depmod")), (0, REPORT, [f"depmod {NEW} TERM=dumb"]))
    status, _, errors = m.run("modules-changed", "--files", stdin="/usr/share/doc/x\n")
    check("modules-changed --files: none of a kernel", (status, errors, m.calls("depmod")), (0, "", []))


def index_fails(m, check):
    (m.root / f"lib/modules/{NEW}/modules.dep/x").mkdir(parents=True)
    status, _, errors = m.run("modules-changed", NEW)
    check("modules-changed: depmod fails", (status, "modules.dep" in errors, "kmodctl:" in errors), (1, True, False))


def preflight_is_silent(m, check):
    """Nothing is missing, no module of ours is there, or the modules are not those of the running kernel."""
    m.run("modules-changed", NEW)
    (m.root / "proc/modules").write_text("provider 16384 1 user, Live 0x0000000000000000\n")
    check("preflight: nothing is missing", m.run("preflight", NEW), (0, "", ""))
    (m.root / "proc/modules").write_text("absent 16384 0 - Live 0x0000000000000000\n")
    check("preflight: reports", m.run("preflight", NEW)[2].count("\n"), 1)
    shutil.move(m.root / f"lib/modules/{RUNNING}", m.root / "away")
    check("preflight: a container", m.run("preflight", NEW), (0, "", ""))


def preflight_of_damaged_index(m, check):
    m.run("modules-changed", NEW)
    (m.root / f"lib/modules/{NEW}/modules.dep.bin").write_bytes(b"x" * 100)
    status, _, errors = m.run("preflight", NEW)
    check("preflight: a damaged index is reported", (status, "modules.dep.bin" in errors), (0, True))


def hostile_names(m, check):
    """Texts of a module, and names of directories, which whoever may install a module chooses."""
    m.run("modules-changed", NEW)
    old = m.root / f"lib/modules/{NEW}/updates/old.ko"
    old.write_bytes(old.read_bytes().replace(b"6.12.0-test SMP\0", b"6\x1b[2J\\033[1m\nxy\0"))
    errors = m.run("preflight", NEW)[2]
    check("preflight: no controls of a module", [c for c in errors if ord(c) < 32 and c != "\n"], [])
    check("preflight: no lines of a module", [line for line in errors.splitlines() if not line.startswith("kmodctl: ")], [])
    check("preflight: what it was built for", "was built for 6?[2J\\033[1m?xy:" in errors, True)
    for name in "-b", "*", "..":
        (m.root / f"lib/modules/{name}/kernel").mkdir(parents=True, exist_ok=True)
        m.write(f"lib/modules/{name}/modules.order", "")
        m.run("modules-changed", name)
        check(f"modules-changed: {name}", m.calls("depmod"), [f"depmod {name} TERM=dumb"] if name == "*" else [])


def kernel_hooks(m, check):
    m.run("modules-changed", NEW)
    check("kernel-postinst", m.run("kernel-postinst", NEW, f"/boot/vmlinuz-{NEW}"), (0, "", REPORT))
    check("kernel-postinst: under dpkg", m.run("kernel-postinst", NEW, DPKG_MAINTSCRIPT_PACKAGE="linux-image"), (0, "", ""))
    check("kernel-install add", m.run("kernel-install", "add", NEW, "/boot/x", "/boot/vmlinuz"), (0, "", REPORT))
    check("kernel-install: other commands", m.run("kernel-install", "inspect", NEW), (0, "", ""))
    facts = m.root / f"var/cache/kmodctl/depmod-{NEW}.facts"
    (m.root / "var/cache/kmodctl/depmod-6.1.0-kept.facts").write_text("x")
    for words in ("kernel-postrm", NEW), ("kernel-install", "remove", NEW, "/boot/x"):
        facts.write_text("x")
        check(f"{words[0]}: the cache goes", (m.run(*words), facts.exists()), ((0, "", ""), False))
    check("kernel-postrm: the other cache stays", m.names("var/cache/kmodctl/*"), ["var/cache/kmodctl/depmod-6.1.0-kept.facts",
                                                                                  "var/cache/kmodctl/other"])
    shutil.rmtree(m.root / m.libexec.lstrip("/"))
    check("kernel-postinst: the package was removed", m.run("kernel-postinst", NEW), (0, "", ""))


def libraries_of(m):
    """Names that image-libraries prints, of libraries that are all there."""
    where = re.search(r"for directory in (\S+)", (m.hooks / "image-libraries").read_text())[1]
    for name in "libz.so.1", "liblzma.so.5", "libzstd.so.1":
        m.write(f"{where.removeprefix(str(m.root)).lstrip('/')}/{name}", "")
    status, out, errors = m.run("image-libraries", NEW)
    return status, [os.path.basename(line) for line in out.splitlines()], errors


def put_reasons(m):
    """A library that explains refusals, as with -Dreasons=dlopen."""
    m.write("usr/lib/kmodctl/why.so", "")
    for path in m.hooks / "image-libraries", m.root / m.libexec.lstrip("/") / "image-libraries":
        path.write_text(re.sub(r'^reasons=.*', f'reasons="{m.root}/usr/lib/kmodctl/why.so"', path.read_text(), flags=re.M))


def codecs(m, check):
    check("codecs: unknown configuration", libraries_of(m), (0, ["liblzma.so.5"], ""))
    m.write(f"boot/config-{NEW}", "CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n")
    check("codecs: the kernel unpacks", libraries_of(m), (0, [], ""))
    m.write(f"boot/config-{NEW}", "CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n")
    check("codecs: the kernel unpacks others", libraries_of(m), (0, ["liblzma.so.5"], ""))
    shutil.move(m.root / f"lib/modules/{NEW}/kernel/provider.ko.xz", m.root / f"lib/modules/{NEW}/kernel/provider.ko.zst")
    m.write(f"boot/config-{NEW}", "# CONFIG_MODULE_DECOMPRESS is not set\n")
    check("codecs: zstd", libraries_of(m), (0, ["libzstd.so.1"], ""))
    for path in m.root.rglob("libzstd.so.1"):
        path.unlink()
    check("codecs: missing", m.run("image-libraries", NEW), (0, "", f"kmodctl: libzstd.so.1 is not installed, and unpacks modules of {NEW}\n"))


def image_tools(m, check):
    """The functions of the tools are written down here as their manuals describe them: each prints what it is given."""
    put_reasons(m)
    wanted = libraries_of(m)[1]
    check("images: libraries", wanted, ["why.so", "liblzma.so.5"])
    for hook, function, variable, start in ("dracut", "inst_simple", "kernel", "check && depends && install"), (
            "mkinitcpio", "add_binary", "KERNELVERSION", "build && help >/dev/null"):
        script = f'set -e; {function}() {{ printf "%s\\n" "$1"; }}; {variable}={NEW}; . "$0"; {start}'
        status, out, errors = m.run("bash", "-c", script, str(m.hooks / hook))
        check(f"{hook}: libraries", (status, [os.path.basename(line) for line in out.splitlines()], errors), (0, wanted, ""))


def initramfs_tools(m, check):
    target = m.root / HOOK_FUNCTIONS.lstrip("/")
    target.parent.mkdir(parents=True)
    shutil.copy2(HOOK_FUNCTIONS, target)
    (m.root / "sbin").mkdir()
    shutil.copy2("/bin/true", m.root / "sbin/modprobe")
    m.write("etc/modprobe.d/local.conf", "options a b=1\n")
    m.write("etc/modules", "a\n")
    put_reasons(m)
    libraries_of(m)
    image = m.root / "image"
    for name in "bin", "sbin", "lib", "lib64":
        (image / "usr" / name).mkdir(parents=True)
        (image / name).symlink_to(f"usr/{name}")
    status, out, errors = m.run("initramfs-tools", version=NEW, DESTDIR=str(image), verbose="n")
    found = {os.path.basename(name) for name in m.names("image/**/*")}
    wanted = {"kmod", "lsmod", "modprobe", "depmod", "local.conf", "modules", "liblzma.so.5"}
    check("initramfs-tools: exit status", (status, out, errors), (0, "", ""))
    check("initramfs-tools: missing in the image", wanted - found, set())
    reasons = f"image{m.root}/usr/lib/kmodctl/why.so"
    check("initramfs-tools: the reasons are where kmod looks", m.names("image/**/why.so"), [reasons])
    check("initramfs-tools: prerequisites", m.run("initramfs-tools", "prereqs"), (0, "", ""))


def dkms(m, check):
    """The file is sourced; what is set only if the program is there must be so for the build's place of it."""
    text = (m.hooks / "dkms.conf").read_text()
    program = re.search(r"sign_file=(\S+)", text)[1]
    script = '. "$0"; printf "%s" "${sign_file:-none}"'
    check("dkms: sign-file is missing", m.run("bash", "-c", script, str(m.hooks / "dkms.conf"))[:2], (0, "none"))
    m.write(program.removeprefix(str(m.root)).lstrip("/"), "", 0o755)
    check("dkms: sign-file", m.run("bash", "-c", script, str(m.hooks / "dkms.conf"))[:2], (0, program.removeprefix(str(m.root))))


def pacman(m, check):
    hook = configparser.ConfigParser(strict=False, allow_no_value=True)
    hook.optionxform = str
    hook.read_string((m.hooks / "pacman.hook").read_text().replace(str(m.root), ""))
    program, *arguments = hook["Action"]["Exec"].split()
    check("pacman: what it runs", (program, arguments, "NeedsTargets" in hook["Action"], hook["Action"]["When"]),
          (f"{m.libexec}/modules-changed", ["--files"], True, "PostTransaction"))
    status, _, errors = m.run(f"{m.root}{program}", *arguments, stdin=f"usr/lib/modules/{NEW}/\n")
    check("pacman: with what it gives", (status, errors), (0, REPORT))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in "--hooks", "--runtool", "--mkko", "--mkindex":
        parser.add_argument(name, required=True, type=lambda path: pathlib.Path(path).resolve())
    options = parser.parse_args()
    need(HOOK_FUNCTIONS, "liblzma.so.5")
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="kmodctl-hooks-") as tmp:
        where = pathlib.Path(tmp)
        fixtures = Fixtures(options.runtool, options.mkko, options.mkindex, where)
        (where / "machine").mkdir()
        fixtures.apply_file(HERE / "machine.fix", where / "machine")
        fixtures.built["machine"] = where / "machine"
        for test in (index_all, index_of_files, index_fails, preflight_is_silent, preflight_of_damaged_index, hostile_names, kernel_hooks, codecs, image_tools,
                     initramfs_tools, dkms, pacman):
            root = where / test.__name__
            fixtures.copy("machine", root)
            test(Machine(root, options.hooks, options.runtool), checks.equal)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return checks.failed != 0


if __name__ == "__main__":
    sys.exit(main())
