#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compressed modules as streams, joined files and parallel compressors make them: modinfo of Debian's kmod reads what ours
reads, and refuses what ours refuses. usage: streams.py BUILD

BETTER (docs/compat.md) are the ones that Debian's refuses. Debian's kmod 30 is built without zlib: .gz is compared with
the plain module.
"""
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from need import need  # noqa: E402

RECIPE = b"info license=GPL\ninfo author=" + b"abc" * 3000 + b"\n"
SKIPPABLE = struct.pack("<II", 0x184D2A53, 5) + b"hello"
BETTER = {"zst skippable-first", "zst long-window"}
OURS, THEIRS = (str(BUILD / "src/kmod"), "modinfo"), ("/sbin/modinfo",)


def pipe(command, data):
    return subprocess.run(command.split(), input=data, capture_output=True, check=True).stdout


def zst(data, options=""):
    return pipe(f"zstd -q -c {options}", data)


def xz(data, options=""):
    return pipe(f"xz -c {options}", data)


def files(raw):
    """"SUFFIX NAME" -> content"""
    a, b = raw[: len(raw) // 2], raw[len(raw) // 2:]
    for suffix, pack in ("zst", zst), ("xz", xz), ("gz", gzip.compress):
        yield f"{suffix} stream", pack(raw)
        yield f"{suffix} joined", pack(a) + pack(b)
        yield f"{suffix} empty-between", pack(b"") + pack(a) + pack(b"") + pack(b) + pack(b"")
        yield f"{suffix} empty", pack(b"")
        yield f"{suffix} cut", pack(raw)[:-9]
        yield f"{suffix} second-cut", (pack(a) + pack(b))[:-9]
    for suffix, pack in ("zst", zst), ("xz", xz):
        yield f"{suffix} garbage-behind", pack(raw) + b"garbage!"
    yield "zst skippable-first", SKIPPABLE + zst(raw)
    yield "zst skippable-between", zst(a) + SKIPPABLE + zst(b) + SKIPPABLE
    yield "zst zeros-behind", zst(raw) + bytes(16)
    yield "zst no-checksum", zst(raw, "--no-check")
    yield "zst many-threads", zst(raw, "-T2 -B4096")
    yield "zst long-window", zst(raw, "--long=31")
    yield "xz padded", xz(a) + bytes(4) + xz(b) + bytes(8)
    yield "xz padded-wrongly", xz(raw) + bytes(3)
    yield "xz two-checks", xz(a, "--check=crc32") + xz(b, "--check=sha256")
    yield "xz blocks", xz(raw, "--block-size=1000 -T2")
    yield "xz lzma", xz(raw, "--format=lzma")


def ask(program, path):
    """(status, output), without the name of the file"""
    result = subprocess.run([*program, "-F", "author", path], capture_output=True, check=False)
    return result.returncode, result.stdout


def fault_of(name, path, plain):
    ours = ask(OURS, path)
    if name in BETTER:
        if ask(THEIRS, path)[0] == 0:
            return "Debian's kmod reads it now: no exception is needed"
        return None if ours == plain else f"not read: {ours}"
    if name.startswith("gz "):
        good = plain if not name.endswith(("cut", " empty")) else (1, b"")
        return None if ours == good else f"ours {ours}, expected {good}"
    theirs = ask(THEIRS, path)
    return None if ours == theirs else f"ours {ours}, Debian's {theirs}"


def main():
    need("kmod", "zstd", "xz")
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="kmodctl-streams-") as tmp:
        module = pathlib.Path(tmp) / "m.ko"
        subprocess.run([BUILD / "tests/lib/mkko", "-", module], input=RECIPE, check=True)
        plain = ask(OURS, module)
        assert plain[0] == 0 and len(plain[1]) > 9000
        for name, content in files(module.read_bytes()):
            suffix, kind = name.split()
            path = pathlib.Path(tmp) / f"{kind}.ko.{suffix}"
            path.write_bytes(content)
            fault = fault_of(name, path, plain)
            passed += not fault
            failed += bool(fault)
            print(f"not ok - {name}: {fault}" if fault else f"ok - {name}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
