#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Real full and read-only file systems: the old set stays, byte for byte, and the cause is named. Needs root, for a mount
namespace of its own; without it the test is skipped (77). usage: places.py BUILD
"""
import os
import subprocess
import sys

from tree import Tree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lib"))
from need import need  # noqa: E402

SKIPPED = 77


def enter_namespace():
    """Starts this script again in its own mount namespace."""
    if os.environ.get("KMODCTL_IN_NAMESPACE"):
        return
    if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: no mount namespaces for this user")
        sys.exit(SKIPPED)
    os.environ["KMODCTL_IN_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])


def mount(*args):
    subprocess.run(["mount", *map(str, args)], check=True)


def make_tree(build):
    tree = Tree(build)
    for i in range(30):
        tree.module(f"kernel/m{i}.ko", f"export f{i};" + ";".join(f"info alias=x{i}-{k}-*" for k in range(20)))
    return tree


def change(tree):
    for i in range(30, 60):
        tree.module(f"kernel/m{i}.ko", f"export f{i};" + ";".join(f"info alias=x{i}-{k}-*" for k in range(40)))


def full_file_system(build, spare):
    """spare: KiB that are free when depmod wants to write."""
    tree = make_tree(build)
    try:
        place = tree.work / "place"
        place.mkdir()
        mount("-t", "tmpfs", "-o", "size=4m", "none", place)
        target = place / "lib/modules/5.0.0"
        assert tree.depmod("-o", place).returncode == 0
        old = tree.outputs(target)
        change(tree)
        free = os.statvfs(place)
        with open(place / "ballast", "wb") as f:
            f.write(b"x" * max(0, free.f_bavail * free.f_bsize - spare * 1024))
        result = tree.depmod("-o", place)
        assert result.returncode == 1, f"{spare} KiB free: status {result.returncode}"
        assert b"No space left on device; the old files are kept" in result.stderr, result.stderr
        assert tree.outputs(target) == old, f"{spare} KiB free: not the old set"
        assert sorted(os.listdir(target)) == sorted(old), os.listdir(target)
        (place / "ballast").unlink()
        result = tree.depmod("-o", place)
        assert result.returncode == 0 and tree.outputs(target) != old, result
        subprocess.run(["umount", place], check=True)
    finally:
        tree.remove()


def read_only_mount(build):
    tree = make_tree(build)
    try:
        assert tree.depmod().returncode == 0
        old = tree.outputs()
        change(tree)
        mount("--bind", tree.root, tree.root)
        mount("-o", "remount,ro,bind", tree.root)
        result = tree.depmod()
        assert result.returncode == 1 and b"Read-only file system" in result.stderr, result
        assert tree.outputs() == old
        # nothing to do, nothing to complain about
        subprocess.run(["umount", tree.root], check=True)
        assert tree.depmod().returncode == 0
        mount("--bind", tree.root, tree.root)
        mount("-o", "remount,ro,bind", tree.root)
        result = tree.depmod()
        assert result.returncode == 0 and not result.stderr, result
        subprocess.run(["umount", tree.root], check=True)
    finally:
        tree.remove()


def main():
    need("mount")
    enter_namespace()
    build = sys.argv[1]
    checks = [lambda spare=spare: full_file_system(build, spare) for spare in (0, 4, 8, 16, 32, 64)]
    checks.append(lambda: read_only_mount(build))
    failed = 0
    for check in checks:
        try:
            check()
        except AssertionError as problem:
            failed += 1
            print(f"FAILED {problem}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
