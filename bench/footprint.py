#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What our packages and Debian's weigh, in the same Debian: the table of docs/distributions.md.

  footprint.py [--debs DIRECTORY] [--write] [SUITE...]

Takes kmodctl-kmod and libkmod2-kmodctl of DIRECTORY/SUITE (build-deb: scripts/make-deb), and the kmod and libkmod2 that are installed in the Debian of
scripts/get-debian-root; both run there, with its libc, on one module tree. SUITEs: those of bookworm and trixie that were built. Times and
faults are the least of many runs: they need no quiet machine, but an idle one gives better ones. --write puts the table into the document.
Needs root, for chroot. What an image has of a program is the program, the libraries that it links, but for libc, which is there anyway,
and what explains refusals.
"""
import argparse
import glob
import json
import os
import pathlib
import re
import resource  # noqa: F401 - what wait4() returns; it cannot be found from within the root
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = TOP / "docs/distributions.md"
BEGIN, END = "<!-- bench/footprint.py -->\n", "<!-- end -->\n"
ROOTS = {"bookworm": "bookworm", "trixie": "trixie"}
RUNS = 50
LOADER = "/lib64/ld-linux-x86-64.so.2"
SEED = ("1.2.3", "kernel/one.ko", "name=one;alias=an-alias")


def run(*words, **others):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, **others).stdout


class Side:
    """One set of programs, below a root."""

    def __init__(self, root, kmod, libkmod, version, reasons=()):
        self.root, self.kmod, self.libkmod, self.version = root, kmod, libkmod, version
        self.reasons = reasons  # the library that explains refusals; Debian's kmod has none

    def size(self, path):
        return os.stat(f"{self.root}{path}").st_size

    def libraries(self, path):
        """Paths of what it links, directly or not, without libc and the loader."""
        return [name for name in linked(self.root, path) if not re.search(r"/lib(c|m|pthread|dl)\.so|/ld-linux", name)]

    def image(self):
        linked_files = [os.path.realpath(f"{self.root}{name}").removeprefix(str(self.root)) for name in self.libraries(self.kmod)]
        return sum(map(self.size, [self.kmod, *self.reasons, *linked_files]))

    def measure(self, *words):
        """Least time in microseconds, and page faults. A process in the root starts them, so that they inherit nothing of it."""
        nowhere = os.open("/dev/null", os.O_WRONLY)
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.chroot(self.root)
            os.chdir("/")
            os.write(writer, repr([min(column) for column in zip(*(self.start(words, nowhere) for _ in range(RUNS)))]).encode())
            os._exit(0)
        os.close(writer)
        os.close(nowhere)
        _, status = os.wait()
        with os.fdopen(reader) as answer:
            return json.loads(answer.read()) if status == 0 else sys.exit(f"{self.kmod} {words}: not measured")

    def start(self, words, nowhere):
        before = time.perf_counter()
        pid = os.posix_spawn(self.kmod, words, {"PATH": "/usr/sbin:/usr/bin"}, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
        _, status, usage = os.wait4(pid, 0)
        if status:
            os._exit(1)
        return (time.perf_counter() - before) * 1e6, usage.ru_minflt


def unpacked(suite, debs, root):
    """Our packages below /ours of the root; their kmod and libkmod."""
    for package in "kmodctl-kmod", "libkmod2-kmodctl":
        found = glob.glob(f"{debs}/{suite}/{package}_*.deb")
        if not found:
            sys.exit(f"{debs}/{suite} has no {package}: scripts/make-deb --fast {suite} makes it")
        run("dpkg-deb", "-x", found[0], f"{root}/ours")
    kmod = next(path for path in ("/ours/usr/bin/kmod", "/ours/bin/kmod") if os.path.exists(f"{root}{path}"))
    library = os.path.realpath(glob.glob(f"{root}/ours/usr/lib/*/libkmod.so.2")[0]).removeprefix(root)
    reasons = [path.removeprefix(root) for path in glob.glob(f"{root}/ours/usr/lib/*/kmodctl/why.so")]
    return Side(root, kmod, library, "", reasons)


def linked(root, path):
    return re.findall(r"(?:=> )?(/\S+) \(0x", run("chroot", root, LOADER, "--list", path))


def debians(source, root):
    """What its kmod needs, copied to the empty root."""
    kmod = os.path.realpath(f"{source}/usr/bin/kmod").removeprefix(source)
    for name in {LOADER, kmod, *linked(source, kmod)} | {glob.glob(f"{source}/usr/lib/*/libkmod.so.2")[0].removeprefix(source)}:
        os.makedirs(os.path.dirname(root + name), exist_ok=True)
        shutil.copy2(source + name, root + name)
    library = glob.glob(f"{root}/usr/lib/*/libkmod.so.2")[0].removeprefix(root)
    version = re.search(r"kmod version (\d+)", run("chroot", root, kmod, "--version"))[1]
    return Side(root, kmod, library, version)


def rows(side):
    yield "size of kmod", side.size(side.kmod), "{:,}"
    yield "size of why.so, the reasons for a refusal", sum(map(side.size, side.reasons)), "{:,}"
    yield "size of libkmod.so.2", side.size(side.libkmod), "{:,}"
    yield "libraries that kmod maps, with libc", len(side.libraries(side.kmod)) + 1, "{}"
    yield "bytes in an image", side.image(), "{:,}"
    for name, words in ("`modprobe --version`", ("modprobe", "--version")), (
            "`modprobe -n an-alias`", ("modprobe", "-n", "-d", "/tree", "-S", SEED[0], "an-alias")):
        least, faults = side.measure(*words)
        yield f"{name}: microseconds", least, "{:,.0f}"
        yield f"{name}: page faults", faults, "{}"


def make_tree(root, side):
    """A module without code, which either program indexes."""
    directory = pathlib.Path(root) / "tree/lib/modules" / SEED[0]
    (directory / "kernel").mkdir(parents=True)
    source = "".join(f'__attribute__((section(".modinfo"), used)) static const char s{i}[] = "{text}";\n'
                     for i, text in enumerate(SEED[2].split(";")))
    run("gcc", "-x", "c", "-c", "-o", directory / SEED[1], "-", input=source)
    (directory / "modules.order").write_text(SEED[1] + "\n")
    (directory / "modules.builtin").write_text("")
    (directory / "modules.builtin.modinfo").write_text("")
    (pathlib.Path(root) / "sbin").mkdir(exist_ok=True)
    (pathlib.Path(root) / "sbin/depmod").symlink_to(side.kmod)
    subprocess.run(["chroot", root, "/sbin/depmod", "-b", "/tree", SEED[0]], check=True)


def compare(suite, debs):
    """Column titles, and rows of texts."""
    source = run(TOP / "scripts/get-debian-root", ROOTS[suite]).strip()
    with tempfile.TemporaryDirectory(prefix="kmodctl-footprint-") as tmp:
        root = f"{tmp}/root"
        sides = [debians(source, root), unpacked(suite, debs, root)]
        make_tree(root, sides[0])
        columns = [list(rows(side)) for side in sides]
        table = [(name, form.format(value), form.format(ours)) for (name, value, form), (_, ours, _) in zip(*columns)]
        return [f"{suite}: kmod {sides[0].version}", f"{suite}: ours"], table


def text_of(results):
    titles = [title for head, _ in results for title in head]
    lines = ["| | " + " | ".join(titles) + " |", "|---|" + "---|" * len(titles)]
    for parts in zip(*(table for _, table in results)):
        lines.append(f"| {parts[0][0]} | " + " | ".join(f"{theirs} | {ours}" for _, theirs, ours in parts) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debs", default=str(TOP / "build-deb"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("suites", nargs="*", choices=[[], *ROOTS], metavar="SUITE")
    options = parser.parse_args()
    suites = options.suites or [suite for suite in ROOTS if glob.glob(f"{options.debs}/{suite}/kmodctl-kmod_*.deb")]
    if not suites:
        sys.exit(f"{options.debs} has no packages: scripts/make-deb --fast makes them")
    table = text_of([compare(suite, options.debs) for suite in suites])
    print(table, end="")
    if options.write:
        before, rest = DOCUMENT.read_text().split(BEGIN)
        DOCUMENT.write_text(before + BEGIN + table + END + rest.split(END)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
