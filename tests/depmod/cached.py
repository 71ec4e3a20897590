#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Random edits of a tree; after each sequence the output with the cache is byte for byte the one without. Edits: add, remove,
replace keeping size and mtime, touch, rename, recompress, damage a module, damage or forge the cache.
usage: cached.py BUILD [SEQUENCES [SEED]]
"""
import os
import random
import subprocess
import sys
import time

from tree import RELEASE, Tree

SEQUENCES = 500
CODECS = {"": "", ".xz": ";compress xz", ".zst": ";compress zst", ".gz": ";compress gz"}


class Editor:
    def __init__(self, tree, seed):
        self.tree, self.random, self.serial = tree, random.Random(seed), 0
        self.cache = tree.work / "cache"

    def modules(self):
        return sorted(p for p in (self.tree.dir / "kernel").rglob("*.ko*"))

    def pick(self):
        found = self.modules()
        return self.random.choice(found) if found else None

    def recipe(self):
        self.serial += 1
        some = lambda: self.random.randrange(12)
        # needs only symbols with smaller numbers than its exports: no cycles
        export = some()
        return ";".join([f"info alias=a{self.serial % 10000:04d}-*", f"export f{export}_{some()}"] +
                        [f"need f{self.random.randrange(export)}_{some()}" for _ in range(2 if export else 0)])

    def write(self, path, recipe):
        codec = next(c for s, c in sorted(CODECS.items(), reverse=True) if path.name.endswith(".ko" + s))
        self.tree.module(path.relative_to(self.tree.dir), recipe + codec)

    def add(self):
        name = f"m{self.random.randrange(14)}.ko" + self.random.choice(list(CODECS))
        self.write(self.tree.dir / "kernel" / self.random.choice("pq") / name, self.recipe())

    def remove(self):
        path = self.pick()
        if path:
            path.unlink()

    def replace_same_mtime(self):
        path = self.pick()
        if path:
            old = path.stat()
            self.write(path, self.recipe())
            os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))

    def overwrite_in_place(self):
        """Same inode, same size, same mtime: only ctime tells."""
        path = self.pick()
        if path and path.suffix == ".ko":
            old, data = path.stat(), bytearray(path.read_bytes())
            at = data.find(b"alias=a")
            if at >= 0:
                data[at + 7:at + 11] = b"%04d" % self.random.randrange(10000)
                with open(path, "r+b") as f:
                    f.write(data)
                os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))

    def touch(self):
        path = self.pick()
        if path:
            os.utime(path)

    def rename(self):
        path = self.pick()
        if path:
            suffix = path.name[path.name.index(".ko"):]
            path.rename(path.with_name(f"m{self.random.randrange(14)}{suffix}"))

    def recompress(self):
        path = self.pick()
        if path:
            path.unlink()
            suffix = self.random.choice(list(CODECS))
            self.write(path.with_name(path.name[:path.name.index(".ko")] + ".ko" + suffix), self.recipe())

    def damage_module(self):
        path = self.pick()
        if path:
            path.write_bytes(path.read_bytes()[:self.random.randrange(400)])

    def damage_cache(self):
        path = self.cache / f"depmod-{RELEASE}.facts"
        if path.exists():
            data = bytearray(path.read_bytes())
            for _ in range(self.random.randrange(1, 5)):
                data[self.random.randrange(len(data))] = self.random.randrange(256)
            path.write_bytes(data[:self.random.choice([len(data), self.random.randrange(len(data) + 1)])])

    def remove_cache(self):
        (self.cache / f"depmod-{RELEASE}.facts").unlink(missing_ok=True)

    def let_time_pass(self):
        """So that the next run may remember what it reads."""
        time.sleep(0.025)

    EDITS = [add] * 6 + [remove, replace_same_mtime, overwrite_in_place, overwrite_in_place, touch, rename, recompress,
                         damage_module, damage_cache, remove_cache] + [let_time_pass] * 4

    def sequence(self):
        return [self.random.choice(self.EDITS)(self) or 0 for _ in range(self.random.randrange(1, 6))]

    def known(self):
        """How many modules the cache saved from being read."""
        said = self.tree.depmod("-n", "-vv", "--cache", self.cache).stderr.decode()
        return int(said.split(" known from the cache")[0].split()[-1])

    def outputs(self, *options):
        out = self.tree.work / "out"
        subprocess.run(["rm", "-rf", out], check=True)
        result = self.tree.depmod("-o", out, "-w", *options)
        return result.returncode, result.stderr, self.tree.outputs(out / "lib/modules" / RELEASE)


def main():
    sequences = int(sys.argv[2]) if len(sys.argv) > 2 else SEQUENCES
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    known = 0
    tree = Tree(sys.argv[1])
    editor = Editor(tree, seed)
    (tree.dir / "kernel/p").mkdir(parents=True)
    (tree.dir / "kernel/q").mkdir()
    try:
        for i in range(sequences):
            editor.sequence()
            # twice with the cache: it is used the way it was found, and the way it was left
            cached = editor.outputs("--cache", editor.cache)
            again = editor.outputs("--cache", editor.cache)
            fresh = editor.outputs("--no-cache")
            if not cached == again == fresh:
                print(f"FAILED sequence {i} of seed {seed}: cached {cached[:2]}, again {again[:2]}, fresh {fresh[:2]}")
                return 1
            known += editor.known() if i % 10 == 0 else 0
    finally:
        tree.remove()
    print(f"{sequences} sequences of edits: with cache and without, all outputs are the same; {known} modules were known")
    return known == 0


if __name__ == "__main__":
    sys.exit(main())
