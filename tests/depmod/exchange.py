#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Another user owns the tree of -b or -d, and at each system call of the tool exchanges a directory of it for a link to one
of the host. Whatever the moment, nothing of the host changes, and nothing of it is printed or gets into the tree's
indexes: with openat2(2), and where the kernel does not have it. usage: exchange.py BUILD [SEED]
"""
import os
import random
import subprocess
import sys
import tempfile

from tree import OUTPUTS, RELEASE, Tree

OTHER_USER = 65534
SAMPLE = 600
"""Runs; when there are more moments, these many are drawn from them."""
MARK = b"hostmark"
PLACES = ["lib", "lib/modules", f"lib/modules/{RELEASE}"]
HOST_MODULES = {
    "kernel/good.ko": f"license=GPL;name=good;depends=;alias={MARK.decode()};softdep=pre: {MARK.decode()}",
    f"kernel/{MARK.decode()}.ko": f"license=GPL;name={MARK.decode()};depends=",
}


def snapshot(top):
    """path -> what would change if anything were written."""
    found = {}
    for where, dirs, files in os.walk(top):
        for name in [".", *dirs, *files]:
            path = os.path.join(where, name)
            st = os.lstat(path)
            found[path] = (st.st_mode, st.st_uid, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
    return found


def make_modules(tree, recipes):
    for path, recipe in recipes.items():
        tree.module(path, ";".join("info " + line for line in recipe.split(";")))


class Attack:
    def __init__(self, build):
        self.tree, self.host = Tree(build), Tree(build)
        for tree in (self.tree, self.host):
            tree.work.chmod(0o755)
        make_modules(self.host, HOST_MODULES)
        make_modules(self.tree, {"kernel/good.ko": "license=GPL;name=good;depends=;alias=ours"})
        subprocess.run(self.host.command(), check=True)
        subprocess.run(self.tree.command(), check=True)
        self.out = self.tree.root / "out"
        self.aside = self.tree.root / "aside"
        (self.tree.bin / "modinfo").symlink_to(self.tree.build / "src/kmod")
        (self.host.root / "lib/cache").mkdir()
        self.before = snapshot(self.host.root)
        self.injector = str(self.tree.build / "tests/lib/faultrun")
        self.printed = tempfile.TemporaryFile()
        self.out.mkdir()
        self.old = self.tree.outputs()
        self.give()

    def give(self):
        if os.geteuid() != 0:
            return
        for where, dirs, files in os.walk(self.tree.root):
            for name in [".", *dirs, *files]:
                os.chown(os.path.join(where, name), OTHER_USER, OTHER_USER, follow_symlinks=False)

    def commands(self):
        """name -> (command, is there an old set of indexes?)"""
        root, tool = str(self.tree.root), lambda name: str(self.tree.bin / name)
        depmod = [tool("depmod"), "-C", "/dev/null", "--jobs", "1", "-b", root]
        return {
            "depmod -b": ([*depmod, RELEASE], False),
            "depmod -b -o": ([*depmod, "-o", str(self.out), RELEASE], False),
            "depmod -A -b": ([*depmod, "-A", RELEASE], True),
            "depmod -n -b": ([*depmod, "-n", RELEASE], False),
            "depmod --verify -b": ([*depmod, "--verify", RELEASE], True),
            "depmod --cache -b": ([*depmod, "--cache", root + "/lib/cache", RELEASE], False),
            "modprobe -d -n": ([tool("modprobe"), "-C", "/dev/null", "-d", root, "-S", RELEASE, "-n", "-v", "good"], True),
            "modinfo -b": ([tool("modinfo"), "-b", root, "-k", RELEASE, "good"], True),
        }

    def reset(self, has_indexes):
        self.tree.set_outputs(self.old if has_indexes else {})
        for name in (self.aside, self.tree.root / "lib/cache", self.out / "lib"):
            if name.is_symlink():
                name.unlink()
            else:
                subprocess.run(["rm", "-rf", name], check=True)

    def run(self, command, *options):
        self.printed.seek(0)
        self.printed.truncate()
        subprocess.run([self.injector, "--files", *options, "--", *command], stdout=self.printed, stderr=self.printed,
                       timeout=60)
        self.printed.seek(0)
        return self.printed.read()

    def count(self, command, has_indexes, *options):
        self.reset(has_indexes)
        log = str(self.tree.work / "log")
        self.run(command, *options, "--log", log)
        with open(log, encoding="ascii") as f:
            return len(f.readlines())

    def put_back(self, place):
        """Whether the move was made."""
        path = self.tree.root / place
        if not path.is_symlink():
            return False
        path.unlink()
        self.aside.rename(path)
        return True

    def faults(self, printed):
        if MARK in printed:
            yield f"the host is seen: {printed!r}"
        for top in (self.tree.root, self.out):
            for where, _, files in os.walk(top):
                for path in (os.path.join(where, name) for name in files if name in OUTPUTS or name.endswith(".facts")):
                    if not os.path.islink(path) and MARK in open(path, "rb").read():
                        yield f"{path} has a line of the host"
        now = snapshot(self.host.root)
        if now != self.before:
            yield f"the host is changed: {sorted(k for k in now.keys() | self.before if now.get(k) != self.before.get(k))}"

    def attack(self, name, place, at, options):
        """1 when the move was made."""
        command, has_indexes = self.commands()[name]
        self.reset(has_indexes)
        target = str(self.host.root / place)
        os.symlink(target, self.aside)
        if os.geteuid() == 0:
            os.chown(self.aside, OTHER_USER, OTHER_USER, follow_symlinks=False)
        printed = self.run(command, *options, "--at", str(at), "--swap", str(self.tree.root / place), "--with",
                           str(self.aside))
        moved = self.put_back(place)
        for fault in self.faults(printed):
            sys.exit(f"FAILED: {name}, {place} exchanged at call {at} {' '.join(options)}: {fault}")
        return moved


def main():
    attack = Attack(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    moments = []
    for options in ([], ["--no-openat2"]):
        for name, (command, has_indexes) in attack.commands().items():
            n = attack.count(command, has_indexes, *options)
            moments += [(name, place, at, options) for place in PLACES for at in range(1, n + 1)]
    drawn = moments if len(moments) <= SAMPLE else random.Random(seed).sample(moments, SAMPLE)
    moved = sum(attack.attack(*m) for m in drawn)
    print(f"{len(moments)} moments, {len(drawn)} tried (seed {seed}), {moved} moves made")
    attack.tree.remove()
    attack.host.remove()
    if moved < len(drawn) * 9 // 10:
        sys.exit("FAILED: the other user could not move")


main()
