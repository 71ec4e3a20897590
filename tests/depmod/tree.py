# SPDX-License-Identifier: MIT
"""Module trees for the tests of depmod: made with mkko, thrown away afterwards."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

RELEASE = "5.0.0"
OUTPUTS = ["modules.builtin.bin", "modules.builtin.alias.bin", "modules.dep.bin", "modules.symbols.bin", "modules.alias.bin",
           "modules.softdep", "modules.weakdep", "modules.devname", "modules.symbols", "modules.alias", "modules.dep"]
"""In the order of renaming (docs/decisions/0001-depmod-publish.md)."""


def let_time_pass():
    """So that the next run remembers what it reads: a file of this tick of the clock may change without a trace."""
    time.sleep(0.025)


class Tree:
    def __init__(self, build, root=None):
        self.build = pathlib.Path(build).resolve()
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="kmodctl-depmod-"))
        self.root = pathlib.Path(root) if root else self.work / "root"
        self.dir = self.root / "lib/modules" / RELEASE
        self.dir.mkdir(parents=True)
        self.bin = self.work / "bin"
        self.bin.mkdir()
        for name in ("depmod", "modprobe"):
            (self.bin / name).symlink_to(self.build / "src/kmod")
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            (self.dir / name).write_text("")

    def remove(self):
        shutil.rmtree(self.work)

    def module(self, path, recipe):
        """Makes DIR/path of a recipe, directives parted by semicolons."""
        target = self.dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = recipe.replace(";", "\n") + "\n"
        subprocess.run([self.build / "tests/lib/mkko", "-", target], input=text.encode(), check=True)

    def command(self, *args):
        return [str(self.bin / "depmod"), "-b", str(self.root), "-C", "/dev/null", *map(str, args), RELEASE]

    def depmod(self, *args, before=(), **kw):
        return subprocess.run([*map(str, before), *self.command(*args)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **kw)

    def outputs(self, directory=None):
        """name -> bytes of what is there."""
        directory = directory or self.dir
        return {n: (directory / n).read_bytes() for n in OUTPUTS if (directory / n).exists()}

    def remains(self):
        return sorted(n for n in os.listdir(self.dir) if n.startswith(".depmod"))

    def set_outputs(self, content):
        for name in OUTPUTS:
            (self.dir / name).unlink(missing_ok=True)
        for name in self.remains():
            (self.dir / name).unlink()
        for name, data in content.items():
            (self.dir / name).write_bytes(data)
