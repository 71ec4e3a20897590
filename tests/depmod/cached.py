#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Random edits of a tree; after each sequence the output with the cache is byte for byte the one without. Edits: add, remove,
replace keeping size and mtime, touch, rename, recompress, damage a module; other lists of the kernel package, other
configuration; damage or forge the cache; remove, cut or change an output keeping size and mtime.
usage: cached.py BUILD [SEQUENCES [SEED]]
"""
import os
import random
import struct
import subprocess
import sys

from tree import OUTPUTS, RELEASE, Tree, let_time_pass

SEQUENCES = 500
HAS_STAMP = 76
"""Where the cache says that it does (docs/formats/depmod-cache.md)."""
CODECS = {"": "", ".xz": ";compress xz", ".zst": ";compress zst", ".gz": ";compress gz"}


class Editor:
    def __init__(self, tree, seed):
        self.tree, self.random, self.serial = tree, random.Random(seed), 0
        self.cache = tree.work / "cache"
        self.kept = tree.work / "kept"
        self.config = tree.work / "depmod.conf"
        self.config.write_text("")
        self.damaged = set()

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
            data = bytearray(path.read_bytes())
            at = data.find(b"alias=a")
            if at >= 0:
                data[at + 7:at + 11] = b"%04d" % self.random.randrange(10000)
                self.change_in_place(path, data)

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

    def change_in_place(self, path, data):
        """Same inode, same mtime."""
        old = path.stat()
        with open(path, "r+b") as f:
            f.write(data)
            f.truncate()
        os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))

    def change_order(self):
        lines = [f"kernel/{d}/m{i}.ko\n" for d in "pq" for i in range(14)]
        self.change_in_place(self.tree.dir / "modules.order", "".join(self.random.sample(lines, len(lines))).encode())

    def change_builtin(self):
        self.change_in_place(self.tree.dir / "modules.builtin", b"kernel/b%d.ko\n" % self.random.randrange(10))

    def change_builtin_modinfo(self):
        self.change_in_place(self.tree.dir / "modules.builtin.modinfo", b"b1.alias=x%d\0" % self.random.randrange(10))

    def lose_list(self):
        name = self.random.choice(["modules.order", "modules.builtin", "modules.builtin.modinfo"])
        path = self.tree.dir / name
        path.rename(path.with_name("lost"))
        self.outputs("--cache", self.cache)
        path.with_name("lost").rename(path)

    def change_config(self):
        name = f"m{self.random.randrange(14)}"
        self.config.write_text(self.random.choice(["", "search kernel/p kernel/q\n", "search kernel/q kernel/p\n",
                                                   f"override {name} * kernel/q\n", "exclude q\n", f"exclude {name}.ko\n"]))

    def kept_output(self):
        path = self.kept / "lib/modules" / RELEASE / self.random.choice(OUTPUTS)
        return path if path.exists() else None

    def remove_output(self):
        path = self.kept_output()
        if path:
            path.unlink()

    def cut_output(self):
        path = self.kept_output()
        if path:
            self.change_in_place(path, path.read_bytes()[:self.random.randrange(path.stat().st_size + 1)])

    def change_output(self):
        """Same inode, same size, same mtime."""
        path = self.kept_output()
        if path and path.stat().st_size:
            data = bytearray(path.read_bytes())
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            self.change_in_place(path, data)

    def damage_module(self):
        path = self.pick()
        if path:
            path.write_bytes(path.read_bytes()[:self.random.randrange(400)])
            self.damaged.add(path)

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
        let_time_pass()

    MODULES = [add] * 6 + [remove, replace_same_mtime, overwrite_in_place, overwrite_in_place, touch, rename, recompress,
                           damage_module]
    REST = [damage_cache, remove_cache, change_order, change_builtin, change_builtin_modinfo, lose_list, change_config,
            remove_output, cut_output, change_output, let_time_pass]

    def settle(self):
        """Nothing is wrong with the tree any more, and the cache remembers all of it: a stamp is made."""
        names = set()
        for path in self.modules():
            name = path.name.partition(".")[0]
            if name in names or path in self.damaged:
                path.unlink()
            names.add(name)
        self.damaged.clear()
        self.let_time_pass()
        self.run(self.kept, "--cache", self.cache)

    def sequence(self):
        """Half of them begin with a stamp, and of these half do nothing to the modules."""
        edits = self.MODULES + self.REST
        if self.random.randrange(2):
            self.settle()
            edits = self.random.choice([edits, self.REST])
        for _ in range(self.random.randrange(1, 6)):
            self.random.choice(edits)(self)

    def known(self):
        """How many modules the cache saved from being read."""
        said = self.tree.depmod("-n", "-vv", "--cache", self.cache).stderr.decode()
        return int(said.split(" known from the cache")[0].split()[-1])

    def has_stamp(self):
        path = self.cache / f"depmod-{RELEASE}.facts"
        data = path.read_bytes() if path.exists() else b""
        return len(data) >= HAS_STAMP + 4 and struct.unpack_from("=I", data, HAS_STAMP)[0] == 1

    def run(self, out, *options):
        result = self.tree.depmod("-C", self.config, "-o", out, *options)
        return result.returncode, result.stderr, self.tree.outputs(out / "lib/modules" / RELEASE)

    def outputs(self, *options):
        """Into an empty directory."""
        out = self.tree.work / "out"
        subprocess.run(["rm", "-rf", out], check=True)
        return self.run(out, *options)

    def compare(self):
        """What is different between runs that must not differ, or None."""
        # twice with the cache: it is used the way it was found, and the way it was left
        runs = {"kept": self.run(self.kept, "--cache", self.cache), "kept again": self.run(self.kept, "--cache", self.cache),
                "cached": self.outputs("--cache", self.cache), "fresh": self.outputs("--no-cache")}
        warning = {"cached, -w": self.outputs("-w", "--cache", self.cache), "fresh, -w": self.outputs("-w", "--no-cache")}
        for some in (runs, warning):
            if any(result != list(some.values())[-1] for result in some.values()):
                return ", ".join(f"{name}: {result[:2]}" for name, result in some.items())
        return None


def main():
    sequences = int(sys.argv[2]) if len(sys.argv) > 2 else SEQUENCES
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    known = stamps = 0
    tree = Tree(sys.argv[1])
    editor = Editor(tree, seed)
    (tree.dir / "kernel/p").mkdir(parents=True)
    (tree.dir / "kernel/q").mkdir()
    try:
        for i in range(sequences):
            editor.sequence()
            stamps += editor.has_stamp()
            difference = editor.compare()
            if difference:
                print(f"FAILED sequence {i} of seed {seed}: {difference}")
                return 1
            known += editor.known() if i % 10 == 0 else 0
    finally:
        tree.remove()
    print(f"{sequences} sequences of edits: with cache and without, all outputs are the same; {known} modules were known, "
          f"{stamps} sequences began with a stamp")
    return known == 0 or stamps == 0


if __name__ == "__main__":
    sys.exit(main())
