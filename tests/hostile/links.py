#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""root works in a directory of another user, who exchanges files meanwhile. usage: links.py BUILD

Before each call that finds, makes or changes a file, one after the other, the other user puts a link in place of the
module, of its directory, or of the file that is about to be made (faultrun --do). Whatever the moment: nothing outside
of the directory is changed or made, and nothing in it gets the owner or the privileges of another file. Needs root,
otherwise status 77 (skipped).
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
TIMEOUT = 60
NOBODY = 65534


class Place:
    """A directory of the other user, and one of root's beside it."""

    def __init__(self, tools, where):
        self.tools, self.where = tools, where
        self.theirs, self.ours = where / "theirs", where / "ours"

    def make(self):
        shutil.rmtree(self.theirs, ignore_errors=True)
        shutil.rmtree(self.ours, ignore_errors=True)
        for directory in self.theirs / "d", self.ours:
            directory.mkdir(parents=True)
            shutil.copy(self.tools.module, directory / "m.ko")
            (directory / "m.ko").chmod(0o644)
        (self.ours / "m.ko").chmod(0o4755)
        (self.ours / "text").write_text("root's own")
        for path in self.theirs, self.theirs / "d", self.theirs / "d/m.ko":
            os.chown(path, NOBODY, NOBODY)

    def outside(self):
        """Root's directory: names, content, owners and modes."""
        return {path.name: (path.read_bytes(), path.lstat().st_mode, path.lstat().st_uid) for path in sorted(self.ours.iterdir())}

    def check(self, what, before):
        assert self.outside() == before, f"{what}: root's directory is changed: {[p.name for p in self.ours.iterdir()]}"
        for path in self.theirs.rglob("*"):
            st = path.lstat()
            assert path.is_symlink() or not st.st_mode & 0o6000, f"{what}: {path.name} has mode {st.st_mode:o}"
            assert path.name != "m.ko" or st.st_uid == NOBODY, f"{what}: {path.name} belongs to uid {st.st_uid}"
            assert not path.name.startswith(".kmodctl-"), f"{what}: {path.name} stays behind"


class Tools:
    def __init__(self, build, where):
        self.faultrun, self.module, self.kmodctl = build / "tests/lib/faultrun", build / "tests/sign/module.ko", build / "src/kmodctl"
        self.sign_file, self.key = where / "sign-file", where / "key"
        self.sign_file.symlink_to(self.kmodctl)
        subprocess.run([self.kmodctl, "key", "generate", "--type", "p256", "--cn", "a signer", "-o", self.key], check=True, stdout=subprocess.DEVNULL)

    def signer(self):
        return "--key", f"{self.key}.priv", "--cert", f"{self.key}.der"

    def run(self, words, *options):
        return subprocess.run([self.faultrun, *options, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)


def commands(tools, place):
    """What root does, and the moves of the other user against it."""
    d, theirs, ours = place.theirs / "d", place.theirs, place.ours
    module = f"mv {d}/m.ko {d}/aside; ln -s {ours}/m.ko {d}/m.ko"
    hard = f"ln -f {ours}/m.ko {d}/m.ko"
    directory = f"mv {d} {theirs}/aside; ln -s {ours} {d}"
    tree = tools.kmodctl, "sign", *tools.signer(), "-j", "1", theirs
    one = tools.kmodctl, "sign", *tools.signer(), d / "m.ko"
    detached = tools.kmodctl, "sign", "--detached", *tools.signer(), "-j", "1", theirs
    old = tools.sign_file, "-p", "sha256", f"{tools.key}.priv", f"{tools.key}.der", d / "m.ko"
    yield "sign FILE, the file", one, module
    yield "sign FILE, a hard link", one, hard
    yield "sign DIR, the file", tree, module
    yield "sign DIR, the directory", tree, directory
    yield "sign --detached DIR, the directory", detached, directory
    yield "sign --detached DIR, the signature", detached, f"ln -sf {ours}/text {d}/m.ko.p7s"
    yield "sign-file -p, the file", old, module
    yield "sign-file -p, the signature", old, f"ln -sf {ours}/text {d}/m.ko.p7s"
    export = tools.kmodctl, "key", "export", "--der", d / "c.der", f"{tools.key}.der"
    yield "key export, the file", export, f"ln -sf {ours}/text {d}/c.der"


def try_all(tools, place, name, words, move):
    log = place.where / "log"
    place.make()
    done = tools.run(words, "--do", "true", "--log", log)
    assert done.returncode == 0, f"{name}: {done.stderr.decode()}"
    calls = len(log.read_text().splitlines())
    for n in range(1, calls + 1):
        place.make()
        before = place.outside()
        done = tools.run(words, "--do", move, "--at", str(n))
        assert done.returncode in (0, 1), f"{name}, call {n}: status {done.returncode}: {done.stderr.decode()}"
        place.check(f"{name}, call {n} of {calls}", before)
    return calls


def main():
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(SKIP)
    build, failed = pathlib.Path(sys.argv[1]).resolve(), 0
    with tempfile.TemporaryDirectory() as made:
        where = pathlib.Path(made)
        where.chmod(0o755)
        tools = Tools(build, where)
        place = Place(tools, where)
        for name, words, move in commands(tools, place):
            try:
                calls = try_all(tools, place, name, words, move)
                print(f"ok - {name} ({calls} moments)")
            except AssertionError as e:
                failed += 1
                print(f"not ok - {e}")
    sys.exit(failed != 0)


main()
