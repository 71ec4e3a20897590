#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What is written is on the disk before it takes a name, and the name before the program ends; temporary files are made by
nobody else and not inherited. Held on the calls that are made, since a call that is missing cannot fail in faults.py.
usage: durable.py BUILD depmod|sign
"""
import collections
import os
import subprocess
import sys

from tree import OUTPUTS, RELEASE, Tree, let_time_pass

Call = collections.namedtuple("Call", "name path to flags")


class Failure(Exception):
    pass


def expect(true, what):
    if not true:
        raise Failure(what)


def trace(tree, command):
    """The calls that write, of a command that succeeds."""
    log = tree.work / "trace"
    done = subprocess.run([tree.build / "tests/lib/faultrun", "--trace", log, "--", *command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    expect(done.returncode == 0, f"{command}: status {done.returncode}: {done.stdout}")
    calls = [Call(*line.split("\t")) for line in log.read_text().splitlines()]
    return [c._replace(path=os.path.normpath(c.path), to=os.path.normpath(c.to), flags=int(c.flags, 16)) for c in calls]


def check_made(opened, temporary, flags):
    for flag in flags.split():
        expect(opened.flags & getattr(os, flag), f"{temporary}: made without {flag}")


def check_renaming(calls, at, flags):
    """One renaming: what comes before it, and what after."""
    temporary, directory = calls[at].path, os.path.dirname(calls[at].to)
    before = [c for c in calls[:at] if c.path == temporary and not c.name.startswith("rename")]
    made = [c for c in before if c.name in ("openat", "open") and c.flags & os.O_CREAT]
    expect(len(made) == 1, f"{temporary}: made {len(made)} times")
    check_made(made[0], temporary, flags)
    expect(before[-1].name == "fsync", f"{temporary}: the last call before its renaming is {before[-1].name}, not fsync")
    after = [c for c in calls[at + 1:] if c.name == "fsync" and c.path == directory]
    expect(after, f"{calls[at].to}: its directory is not synced after the renaming")


def check_calls(calls, targets, flags="O_EXCL O_CLOEXEC"):
    """Each target gets its name by a renaming, and is written to in no other way."""
    # an exchange that finds no old file fails, and a plain renaming of the same follows it
    renamings = {c.to: i for i, c in enumerate(calls) if c.name.startswith("rename")}
    expect(sorted(renamings) == sorted(map(str, targets)), f"renamed to {sorted(renamings)}")
    for at in renamings.values():
        check_renaming(calls, at, flags)
    for c in calls:
        expect(c.name not in ("write", "pwrite64", "ftruncate") or c.path not in renamings, f"{c.path}: written in place")


def check_depmod(tree):
    tree.module("kernel/a.ko", "export fa;info alias=new-a-*;info softdep=pre: b;info weakdep=b;info alias=devname:b;"
                "info alias=char-major-10-1")
    outputs, cache = [tree.dir / name for name in OUTPUTS], tree.work / "cache"
    flags = "O_EXCL O_NOFOLLOW O_CLOEXEC"
    check_calls(trace(tree, tree.command()), outputs, flags)
    for path in outputs:
        path.write_bytes(b"old")
    check_calls(trace(tree, tree.command()), outputs, flags)
    let_time_pass()
    calls = trace(tree, tree.command("--cache", cache))
    made = [c.to for c in calls if c.name.startswith("rename") and c.to.startswith(str(tree.dir) + "/")]
    expect(not made, f"renamed although nothing changed: {made}")
    kept = [c.to for c in calls if c.name.startswith("rename")]
    expect(len(set(kept)) == 1 and kept[0].startswith(str(cache)), f"the cache: renamed to {kept}")
    check_calls(calls, set(kept))


def check_sign(tree):
    ctl, key = tree.build / "src/kmodctl", tree.work / "key"
    subprocess.run([ctl, "key", "generate", "--type", "p384", "--out", key], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    sign = [ctl, "sign", "-k", "6.12", "--key", f"{key}.priv", "--cert", f"{key}.der"]
    tree.module("kernel/a.ko", "info name=a;info vermagic=5.0.0;export fa")
    module = tree.dir / "kernel/a.ko"
    check_calls(trace(tree, [*sign, module]), [module])
    check_calls(trace(tree, [*sign, "--detached", module]), [f"{module}.p7s"])


def main():
    tree = Tree(sys.argv[1])
    try:
        {"depmod": check_depmod, "sign": check_sign}[sys.argv[2]](tree)
    except Failure as failure:
        print(f"FAILED {failure}")
        return 1
    finally:
        tree.remove()
    print(f"{sys.argv[2]}: synced, renamed, synced")
    return 0


if __name__ == "__main__":
    sys.exit(main())
