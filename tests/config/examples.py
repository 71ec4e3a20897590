#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples that are installed: configuration in which no mistake is found, a drop-in that systemd takes, scripts that do what
they say. usage: examples.py EXAMPLES RUNTOOL MKKO KMODCTL

kmodctl runs on a directory in place of /. Each file of EXAMPLES is in README there, and each of them is looked at here.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from checks import Checks  # noqa: E402

RELEASE = "6.12.0-test"
# The modules of the examples, with the parameters that these give them.
MODULES = {"snd-hda-intel": {"power_save": "int"}, "bonding": {"max_bonds": "int"}, "vfio-pci": {"ids": "string"}, "nouveau": {},
           "pcspkr": {}, "cramfs": {}, "hfsplus": {}, "udf": {}, "rds": {}, "sctp": {}, "tipc": {}, "br_netfilter": {}, "tcp_bbr": {},
           "e1000e": {}}
TESTED = {"modprobe.d/options.conf", "modprobe.d/deny.conf", "modules-load.d/boot.conf", "depmod.d/search.conf", "systemd/needs-module.conf",
          "dkms/sign-modules.sh", "monitoring/check-modules.sh"}


def run(*words, path=None):
    """(exit status, output, errors)"""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, env={"PATH": path or "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make_root(root, examples, mkko):
    """A machine with the configuration of the examples and the modules that it names."""
    for name in "modprobe.d", "modules-load.d", "depmod.d":
        shutil.copytree(examples / name, root / "etc" / name)
    kernel = root / "lib/modules" / RELEASE / "kernel"
    kernel.mkdir(parents=True)
    for name, parameters in MODULES.items():
        lines = [f"info name={name.replace('-', '_')}"]
        for parameter, kind in parameters.items():
            lines += [f"info parm={parameter}:x", f"info parmtype={parameter}:{kind}"]
        subprocess.run([mkko, "-", kernel / f"{name}.ko"], input="\n".join(lines), text=True, check=True)
    for name in "modules.order", "modules.builtin", "modules.builtin.modinfo":
        (kernel.parent / name).write_text("")
    program(root / "bin/false", "exit 1")


def check_configuration(check, tool):
    lint = "kmodctl", "config", "--lint", "-k", RELEASE
    check("depmod by the search order", (0, "", ""), tool("depmod", RELEASE))
    check("no mistakes in the configuration", (0, ""), tool(*lint)[:2])
    status, out, _ = tool("kmodctl", "config", "-k", RELEASE)
    check("every line counts", (0, set()), (status, {line.split()[0] for line in out.splitlines() if "/etc/" in line} - {"in-effect"}))
    check("a denied module", 1, tool("modprobe", "-S", RELEASE, "udf")[0])


def check_monitoring(check, script, root, tool):
    """Its commands are those of the root."""
    local = root / "check-modules.sh"
    local.write_text(re.sub(r"(?<=[\" ])/lib/modules", f"{root}/lib/modules", script.read_text()))
    for name in "kmodctl", "depmod":
        program(root / "bin" / name, f'exec {tool.words} {name} "$@"')
    path = f"{root}/bin:/usr/bin:/bin"
    check("monitoring: all is well", (0, ""), run("sh", local, path=path)[:2])
    (root / "lib/modules" / RELEASE / "modules.alias").write_text("alias wrong nothing\n")
    status, _, errors = run("sh", local, path=path)
    check("monitoring: an index is wrong", (1, True), (status, f"The indexes of {RELEASE} are out of date: depmod {RELEASE}" in errors))
    tool("depmod", RELEASE)
    (root / "etc/modprobe.d/wrong.conf").write_text("option a b=c\n")
    status, _, errors = run("sh", local, path=path)
    check("monitoring: the configuration is wrong", (1, True), (status, "wrong.conf:1:" in errors))


def check_dkms(check, script, directory, kmodctl):
    """Keys are made by kmodctl itself; what would change this machine is written down."""
    program(directory / "bin/kmodctl", f'case $1 in key) exec {kmodctl} "$@" ;; *) echo "$*" >>{directory}/calls ;; esac')
    local, key, settings = directory / "sign-modules.sh", directory / "key", directory / "dkms/framework.conf.d/key.conf"
    path = f"{directory}/bin:/usr/bin:/bin"
    text = script.read_text()
    check("dkms: the directory of UEFI is looked for", True, "/sys/firmware/efi ]" in text)
    local.write_text(text.replace("/sys/firmware/efi", f"{directory}/efi"))
    status, out, _ = run("sh", local, key, settings, path=path)
    check("dkms: no UEFI", (0, True, False), (status, "not booted by UEFI" in out, (directory / "calls").exists()))
    made = (key / "key.priv").read_bytes()
    check("dkms: the key is root's alone", 0o600, (key / "key.priv").stat().st_mode & 0o777)
    check("dkms: settings", f"mok_signing_key={key}/key.priv\nmok_certificate={key}/key.der\n", settings.read_text())
    (directory / "efi").mkdir()
    status = run("sh", local, key, settings, path=path)[0]
    check("dkms: UEFI", (0, f"mok import {key}/key.der\n"), (status, (directory / "calls").read_text()))
    check("dkms: a key that is there stays", made, (key / "key.priv").read_bytes())


def check_drop_in(check, path, directory):
    """It names one unit in both lines; systemd, where it is installed, says nothing about it, but about a key that it does not know."""
    units = re.findall(r"^(?:Wants|After)=(\S+)$", path.read_text(), re.M)
    check("systemd: what it waits for", (2, ["modprobe@vhost_net.service"]), (len(units), sorted(set(units))))
    if not shutil.which("systemd-analyze"):
        return
    directory.mkdir()
    (directory / "x.service").write_text("[Service]\nExecStart=/bin/true\n")
    drop_in = directory / "x.service.d/needs-module.conf"
    drop_in.parent.mkdir()
    for text, faults in (path.read_text(), 0), (path.read_text() + "Wanst=a\n", 1):
        drop_in.write_text(text)
        check(f"systemd: lines at fault: {faults}", faults,
              sum(str(drop_in) in line for line in run("systemd-analyze", "verify", directory / "x.service")[2].splitlines()))


class Tool:
    def __init__(self, runtool, root):
        self.words = f"{runtool} {root}"

    def __call__(self, *words):
        return run(*self.words.split(), *words)


def main():
    examples, (runtool, mkko, kmodctl) = pathlib.Path(sys.argv[1]), sys.argv[2:]
    checks = Checks()

    def check(what, wanted, seen):
        checks.equal(what, seen, wanted)

    there = {str(path.relative_to(examples)) for path in examples.rglob("*") if path.is_file()} - {"README"}
    check("each file is tested", TESTED, there)
    check("each file is in README", there, set(re.findall(r"^(\S+/\S+)  ", (examples / "README").read_text(), re.M)))
    with tempfile.TemporaryDirectory(prefix="kmodctl-examples-") as tmp:
        root, other = pathlib.Path(tmp) / "root", pathlib.Path(tmp) / "dkms"
        root.mkdir()
        other.mkdir()
        make_root(root, examples, mkko)
        tool = Tool(runtool, root)
        check_configuration(check, tool)
        check_monitoring(check, examples / "monitoring/check-modules.sh", root, tool)
        check_dkms(check, examples / "dkms/sign-modules.sh", other, kmodctl)
        check_drop_in(check, examples / "systemd/needs-module.conf", pathlib.Path(tmp) / "systemd")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return checks.failed != 0


sys.exit(main())
