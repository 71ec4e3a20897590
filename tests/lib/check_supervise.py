#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the tests under supervise lean on. usage: check_supervise.py BUILD CASE

The machine is itself one of viewrun: it has in every place what nobody may see, or lacks the place. Needs root,
otherwise status 77 (skipped).
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77
UNUSABLE = 70
# Directories of the real machine that supervise must hide, below /usr/lib as well when /lib is a link.
HIDDEN = ("/boot", "/efi", "/etc", "/etc/modprobe.d", "/etc/depmod.d", "/etc/modules-load.d", "/mnt", "/run/modprobe.d",
          "/run/depmod.d", "/run/modules-load.d", "/usr/src", "/var/cache/kmodctl", "/var/lib/kmodctl", "/sys/module",
          "/sys/bus/pci", "/sys/firmware/efi/efivars", "/usr/lib/firmware", "/usr/lib/modules/1.2.3",
          *(f"{lib}/{name}" for lib in ("/usr/lib", "/usr/local/lib") for name in ("modprobe.d", "depmod.d", "modules-load.d", "sysctl.d")))
MARK = "of-the-machine"
CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


class Lab:
    """A machine, and a fake one that supervise shows in its place."""

    def __init__(self, build, where):
        self.lib, self.machine, self.root = build / "tests/lib", where / "machine", where / "root"
        self.machine.mkdir()
        self.root.mkdir()

    def put(self, root, path, text="\n"):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def run(self, script):
        """A shell on the machine, whose /proc is none; $supervise is the command that leads to the fake one."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "supervise": f"{self.lib}/supervise {self.root}"}
        return subprocess.run([self.lib / "viewrun", self.machine, "sh", "-ec", script], env=env, cwd=self.root,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def module(self, name):
        target = self.root / "mnt" / f"{name}.ko"
        target.parent.mkdir(exist_ok=True)
        subprocess.run([self.lib / "mkko", "-", target], input=f"info name={name}\n", text=True, check=True)


def expect(done, status, out=None, err=None):
    got = done.returncode, done.stdout if out is not None else None, done.stderr if err is not None else None
    assert got == (status, out, err), f"status {done.returncode}, printed {done.stdout!r}, said {done.stderr!r}"


@case
def hides(lab):
    for directory in HIDDEN:
        lab.put(lab.machine, f"{directory}/{MARK}")
    marks = " ".join(f"{directory}/{MARK}" for directory in HIDDEN)
    shown = "".join(f"{directory}/{MARK}\n" for directory in HIDDEN)
    expect(lab.run(f"ls -U {marks}"), 0, shown)
    # Nothing there, and with a directory of the fake machine, only what that has.
    for prepare in (lambda: None, lambda: [lab.put(lab.root, f"{directory}/own") for directory in HIDDEN]):
        prepare()
        expect(lab.run(f"for mark in {marks}; do $supervise test ! -e $mark || echo $mark; done"), 0, "", "")
    expect(lab.run("$supervise ls -U " + " ".join(f"{directory}/own" for directory in HIDDEN)), 0, shown.replace(MARK, "own"), "")


@case
def hides_the_log_of_the_kernel(lab):
    """Empty; or not there, on a machine without one."""
    expect(lab.run("$supervise sh -c 'test ! -e /dev/kmsg || cat /dev/kmsg'"), 0, "", "")


@case
def makes_mount_points(lab):
    """None of its places is on the machine: all are there inside, and not made outside."""
    for path in "/lib/modules/5.0.0/x", "/run/modprobe.d/x", "/etc/depmod.d/x", "/usr/local/lib/modprobe.d/x", "/boot/x":
        lab.put(lab.root, path, path)
    missing = "/lib/modules /lib/modprobe.d /lib/depmod.d /usr/local/lib/* /var/cache/kmodctl /boot /efi /usr/src"
    done = lab.run(f"""
        umount /usr/local/lib/* 2>/dev/null || :
        rm -rf {missing}
        find / -xdev | sort >/tmp/before.$$
        $supervise cat /lib/modules/5.0.0/x /run/modprobe.d/x /etc/depmod.d/x /usr/local/lib/modprobe.d/x /boot/x
        $supervise touch /var/cache/kmodctl/new /lib/modules/new /usr/src/new
        find / -xdev | sort | cmp - /tmp/before.$$ >&2
        rm /tmp/before.$$
        for path in {missing}; do test ! -e "$path" || echo "made $path"; done""")
    expect(done, 0, "/lib/modules/5.0.0/x/run/modprobe.d/x/etc/depmod.d/x/usr/local/lib/modprobe.d/x/boot/x", "")
    assert (lab.root / "lib/modules/new").exists()


@case
def names_an_impossible_mount_point(lab):
    file_above = "mount -t tmpfs none /usr/local; touch /usr/local/lib; exec $supervise true"
    expect(lab.run(file_above), UNUSABLE, "", "supervise: /usr/local/lib/depmod.d: Not a directory\n")
    # It would be made in a directory of the machine.
    link_above = """mount -t tmpfs none /usr/local; mkdir /usr/local/other; ln -s other /usr/local/lib; status=0
        $supervise true || status=$?; ls /usr/local/other; exit $status"""
    expect(lab.run(link_above), UNUSABLE, "", "supervise: /usr/local/lib/depmod.d: Read-only file system\n")
    lab.put(lab.root, "/etc")
    expect(lab.run("exec $supervise true"), UNUSABLE, "", "supervise: /etc: Not a directory\n")


@case
def answers_threads(lab):
    names = [f"m{i:02}" for i in range(30)]
    for name in names:
        lab.module(name)
    done = subprocess.run([lab.lib / "supervise", lab.root, lab.lib / "finit_threads", *(f"/mnt/{name}.ko" for name in names)],
                          cwd=lab.root, capture_output=True, text=True, timeout=60)
    expect(done, 0, "", "")
    log = (lab.root / "fake/log").read_text().splitlines()
    assert sorted(log) == [f"finit {name} flags=0 options= = 0" for name in names], log
    loaded = [line.split()[0] for line in (lab.root / "proc/modules").read_text().splitlines()]
    assert sorted(loaded) == names, loaded


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIP
    with tempfile.TemporaryDirectory(prefix="kmodctl-supervise-") as tmp:
        try:
            CASES[sys.argv[2]](Lab(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(tmp)))
        except AssertionError as problem:
            print(f"FAILED {problem}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
