#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""interface.py SCRIPT: what changes the digest by which kmod and its library know each other, and what does not."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from checks import Checks  # noqa: E402

script = sys.argv[1]
checks = Checks()
check = checks.equal


def digest(directory, *words):
    """Text of the header, and whether it was written."""
    header = directory.parent / "made.h"
    if header.exists():
        os.utime(header, (1, 1))
    subprocess.run([script, directory, header, *words], check=True)
    return header.read_text(), header.stat().st_mtime != 1


def main():
    with tempfile.TemporaryDirectory(prefix="kmodctl-interface-") as name:
        top = pathlib.Path(name) / "a source" / "src"
        (top / "base").mkdir(parents=True)
        for file in "base/x.h", "base/x.c", "base/meson.build", "y y.c":
            (top / file).write_text(f"{file}\n")
        first, written = digest(top, "a", "b")
        check("a header, with 64 hexadecimal digits", (written, len(first.split('"')[1])), (True, 64))
        check("the same again: not written", digest(top, "a", "b"), (first, False))
        (top / "base/meson.build").write_text("other\n")
        check("another file: not written", digest(top, "a", "b"), (first, False))
        seen = {first, digest(top, "a", "c")[0], digest(top, "a b")[0], digest(top)[0]}
        for file in "base/x.h", "base/x.c", "y y.c":
            (top / file).write_text("changed\n")
            seen.add(digest(top, "a", "b")[0])
        (top / "base/x.h").rename(top / "base/z.h")
        seen.add(digest(top, "a", "b")[0])
        (top / "new.h").write_text("")
        seen.add(digest(top, "a", "b")[0])
        check("words, contents, names and new files: each another digest", len(seen), 9)
        moved = pathlib.Path(name) / "moved"
        (top.parent).rename(moved)
        check("in another directory: the same", digest(moved / "src", "a", "b")[0] in seen, True)
        (moved / "empty").mkdir()
        done = subprocess.run([script, moved / "empty", moved / "none.h"], capture_output=True, text=True, check=False)
        check("no C files", (done.returncode, "no C files" in done.stderr, (moved / "none.h").exists()), (1, True, False))
        done = subprocess.run([script, moved / "nowhere", moved / "none.h"], capture_output=True, text=True, check=False)
        check("no directory", (done.returncode != 0, (moved / "none.h").exists()), (True, False))
    print(f"{checks.passed} passed, {checks.failed} failed")
    return checks.failed != 0


sys.exit(main())
