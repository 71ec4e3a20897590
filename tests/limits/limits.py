#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile input takes no longer than innocent input of the same size. usage: limits.py BUILD [NAME], limits.py --names

A row of ROWS for each row of docs/limits.md that names it: (name, command, hostile files, innocent files); files are
{path on the machine: content}. The least user time of three runs of each is compared. None of them may need more than
MEMORY or SECONDS, or crash.
"""
import math
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

import elf

BEST_OF, RATIO, FLOOR = (3, 12), 3, 0.05  # a busy machine may want more runs; times below FLOOR seconds are noise
MEMORY, SECONDS = 2 << 30, 5


def set_limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
MODULES, CONF = "lib/modules/6.1.0", "etc/modprobe.d/x.conf"


def dep(*lines):
    return {f"{MODULES}/modules.dep": "".join(line + "\n" for line in lines)}


def lines(n, form):
    return "".join(form.format(i=i) + "\n" for i in range(n))


def modules(n, form="d{i}.ko:"):
    return dep("good.ko:", "e.ko:", *(form.format(i=i) for i in range(n)))


def pre(name, n, form="d{i}"):
    return f"softdep {name} pre: " + " ".join(form.format(i=i) for i in range(n)) + "\n"


def wide(name, n=40000):
    """Modules of which one, named first, depends on all others."""
    return dep(f"{name}.ko: " + " ".join(f"d{i}.ko" for i in range(n)), *(f"d{i}.ko:" for i in range(n)),
               *(["good.ko:"] if name != "good" else []))


def chain(n):
    return "".join(f"softdep d{i} pre: d{i + 1}\n" for i in range(n))


def dkms(n, kernels, first=0):
    """Packages for some kernels, with a module made."""
    return {f"var/lib/dkms/p{first + i}/1/source/dkms.conf": f"PACKAGE_NAME=made\nPACKAGE_VERSION=1\nBUILD_EXCLUSIVE_KERNEL='{kernels}'\n"
            for i in range(n)}


SHOW = ["modprobe", "-n", "good"]
GOOD = dep("good.ko:")
MANY = ["modprobe", "-n", "-a", *["a" * 60 + "b"] * 300]
CONFIG = ["kmodctl", "config"]
PARALLEL, LISTED = ["modules-load", "-n"], "etc/modules-load.d/x.conf"
def archive(n):
    """An initramfs with so many files of modprobe.d."""
    image = bytearray()
    for i in range(n):
        name = b"etc/modprobe.d/x%d.conf\0" % i
        head = b"070701%08x%08x%016x%08x%048x%08x%08x" % (i, 0o100644, 0, 1, 0, len(name), 0)
        image += head + name + bytes(-len(head + name) % 4)
    return {"boot/initrd.img-6.1.0": bytes(image)}


ARCHIVE = archive(40000)


def fragments(form, n, first):
    return {f"etc/modprobe.d/{form.format(i=i)}.conf": "blacklist a\n" for i in range(first, first + n)}


FILE = f"{MODULES}/good.ko"
PROVIDER = {**dep("good.ko: p.ko", "p.ko:"), f"{MODULES}/p.ko": elf.exports(b"s%d", 30000), f"{MODULES}/modules.symbols":
            lines(30000, "alias symbol:s{i} p")}
FAN = {**modules(20000), CONF: pre("good", 20000)}
ROWS = [
    ("wide-dependency", SHOW, dep("good.ko: " + " ".join(f"d{i}.ko" for i in range(40000))),
     dep("good.ko:", *(f"e{i}.ko: d{i}.ko" for i in range(20000)))),
    ("long-line", SHOW, {**GOOD, CONF: "options good a=" + "x" * 4000000}, {**GOOD, CONF: lines(80000, "options m{i} a=" + "x" * 35)}),
    ("options", SHOW, {**GOOD, CONF: lines(100000, "options good a={i}")}, {**GOOD, CONF: lines(100000, "options m{i} a={i}")}),
    ("aliases", MANY, {**GOOD, CONF: lines(20000, "alias a*a*a*a*{i} good")}, {**GOOD, CONF: lines(20000, "alias aaaaaaaa{i} good")}),
    ("aliases-repeated", MANY[:4], {**GOOD, CONF: lines(20000, "alias a*a*a*a*[z] good")}, {**GOOD, CONF: lines(20000, "alias aaaaaaaa{i} good")}),
    ("brackets", MANY, {**GOOD, CONF: lines(20000, "alias " + "[a-z]" * 20 + "{i} good")},
     {**GOOD, CONF: lines(20000, "alias " + "abcde" * 20 + "{i} good")}),
    # The innocent side has as many names, but in lines of a kind that nothing looks up.
    ("softdep-fan", SHOW, FAN, {**modules(20000), CONF: lines(20000, "weakdep m{i} d{i}")}),
    ("softdep-lines", SHOW, {**FAN, CONF: FAN[CONF] + lines(20000, "softdep d{i} pre: d0")},
     {**FAN, CONF: FAN[CONF] + lines(20000, "weakdep m{i} d0")}),
    ("option-lines", SHOW, {**FAN, CONF: FAN[CONF] + lines(20000, "options d{i} a=1")},
     {**FAN, CONF: FAN[CONF] + lines(20000, "weakdep m{i} d0")}),
    ("shared-softdeps", SHOW, {**modules(4000, "d{i}.ko: e.ko"), CONF: pre("good", 4000) + pre("e", 4000, "z{i}")},
     {**modules(4000), CONF: pre("good", 4000) + pre("e", 4000, "z{i}")}),
    # Patterns of each form.
    *((f"softdep-{where}", SHOW, {**FAN, CONF: FAN[CONF] + lines(20000, "softdep " + form.replace("#", "d") + " pre: d0")},
       {**FAN, CONF: FAN[CONF] + lines(20000, "weakdep m{i} d0")})
      for where, form in (("prefixes", "#{i}?"), ("suffixes", "*#{i}z"), ("middles", "*?#{i}z*"), ("pieces", "*d*#{i}z*[ab]"))),
    # Each name stands for all modules, or for one.
    ("softdep-aliases", SHOW, {**modules(40000), CONF: pre("good", 40000) + lines(40000, "alias d* z{i}")},
     {**modules(40000), CONF: pre("good", 40000) + lines(40000, "alias d{i} d{i}")}),
    ("softdep-dependencies", SHOW, {**wide("e"), CONF: pre("good", 40000, "x{i}") + lines(40000, "alias x{i} e")},
     {**wide("e"), CONF: pre("good", 40000, "x{i}") + lines(40000, "alias x{i} d{i}")}),
    # Each of many modules has a softdep that stands for many.
    ("softdep-lists", SHOW, {**modules(4000), CONF: pre("good", 4000) + lines(4000, "softdep d{i} pre: z{i}") + lines(4000, "alias z* d{i}")},
     {**modules(4000), CONF: pre("good", 4000) + lines(4000, "softdep d{i} pre: z{i}") + lines(4000, "alias z{i} d{i}")}),
    ("softdep-chain", SHOW, {**modules(40000), CONF: "softdep good pre: d0\n" + chain(40000)},
     {**modules(40000), CONF: "softdep good pre: e\n" + chain(40000)}),
    ("wide-plan", SHOW, wide("good", 80000), {**modules(80000), CONF: pre("good", 80000)}),
    ("parallel-edges", PARALLEL, {**dep("good.ko: " + " ".join(f"d{i}.ko" for i in range(80000))), LISTED: "good\n"},
     {**modules(40000), LISTED: lines(40000, "d{i}")}),
    ("parallel-many", PARALLEL, {**modules(40000), LISTED: lines(40000, "d{i}")}, {**modules(40000), LISTED: lines(40000, "z{i}")}),
    ("expressions", ["depmod", "-n", "6.1.0"], {"etc/depmod.d/x.conf": lines(30, "override n ^62(((\\\\b(()|))+)+)+xrride{i} m")
                                       + lines(30, "override n ^62((()|){{400}})*aaarride{i} m") + lines(40, "override n ((.?.?)*.*)*6aaarride{i} m")},
     {"etc/depmod.d/x.conf": lines(100, "override n ^62aaaaaaaaaaaaaaaaaerride{i} m")}),
    ("expressions-long", ["depmod", "-n", "6.1.0"], {"etc/depmod.d/x.conf": lines(50, "override n " + "6?++" * 60 + "{i} m")
                                            + lines(50, "override n " + "\\\\b" * 80 + "{i} m")},
     {"etc/depmod.d/x.conf": lines(100, "override n " + "62aa" * 60 + "{i} m")}),
    ("expressions-dkms", ["kmodctl", "why", "made"], {**GOOD, **dkms(10, r"^(((\b(()|))+)+)+a"), **dkms(10, r"\b\b\b\b\b\b\b\b\b" * 9, 10)},
     {**GOOD, **dkms(10, "^6aaaaaaaaaaaaaaaa"), **dkms(10, "^6aaaaaaaaaaaaaaaa" * 9, 10)}),
    ("config-options", CONFIG, {**GOOD, CONF: lines(50000, "options good p{i}=1")}, {**GOOD, CONF: lines(50000, "options m{i} p=1")}),
    ("config-words", CONFIG, {**GOOD, CONF: ("options good " + " ".join(f"p{i}=1" for i in range(20000)) + "\n") * 2},
     {**GOOD, CONF: lines(40000, "options good p{i}=1")}),
    ("config-commands", [*CONFIG, "--lint"], {**GOOD, CONF: lines(20000, "install good /bin/true {i}") + "softdep good pre: e\n"},
     {**GOOD, CONF: lines(20000, "install m{i} /bin/true {i}")}),
    ("config-bad-lines", [*CONFIG, "--lint"], {**GOOD, CONF: lines(50000, "optoins m{i}")}, {**GOOD, CONF: lines(50000, "blacklist m{i}")}),
    ("config-names", [*CONFIG, "--lint"], {**modules(20000), CONF: lines(3000, "blacklist x{i}")},
     {**modules(20000), CONF: lines(3000, "blacklist m{i}")}),
    ("answer-words", ["kmodctl", "why", "good"], {**GOOD, CONF: "install good /bin/echo " + "/aaaaaaa" * 20000 + "\n"},
     {**GOOD, CONF: "install good /bin/echo " + "aaaaaaa " * 20000 + "\n"}),
    ("config-image", CONFIG, {**GOOD, **ARCHIVE, **fragments("y{i}", 2000, 0)},
     {**GOOD, **ARCHIVE, **fragments("x{i}", 2000, 38000)}),
    # Each name is the end of the one before it.
    ("symbol-names", ["depmod", "6.1.0"], {FILE: elf.needs(b"\0" + b"a" * 400000 + b"\0", range(1, 30000))},
     {FILE: elf.needs(*elf.named(b"name%09d", 30000))}),
    ("relocations", ["kmodctl", "why", f"/{FILE}"], {**GOOD, FILE: elf.relocated(20000, 50000, True)},
     {**GOOD, FILE: elf.relocated(1000, 100000, False)}),
    ("export-rules", ["kmodctl", "why", "good"], {**PROVIDER, FILE: elf.needs(*elf.named(b"s%d", 30000))},
     {**PROVIDER, FILE: elf.needs(*elf.named(b"n%d", 30000))}),
    ("parameters", ["kmodctl", "params", "good"], {**GOOD, FILE: elf.declares(20000), CONF: lines(20000, "options good p{i}=1")},
     {**GOOD, FILE: elf.declares(20000), CONF: lines(20000, "options m{i} p=1")}),
    ("array-options", [*CONFIG, "--lint"], {**GOOD, FILE: elf.declares(20000), CONF: lines(20000, "options good p{i}=1,2")},
     {**GOOD, FILE: elf.declares(20000), CONF: lines(20000, "options good p{i}=1")}),
]


class Machine:
    def __init__(self, build, where):
        self.lib, self.where = build / "tests/lib", where

    def root(self, files):
        root = pathlib.Path(tempfile.mkdtemp(dir=self.where))
        for path, content in {"proc/sys/kernel/osrelease": "6.1.0\n", f"{MODULES}/modules.order": "", **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        subprocess.run([self.lib / "mkindex", root / MODULES], check=True)
        return root

    def user_time(self, root, command, runs):
        best = None
        for _ in range(runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            done = subprocess.run([self.lib / "runtool", root, *command], cwd=root, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                                  env={"PATH": os.environ["PATH"]}, preexec_fn=set_limits)
            if done.returncode < 0 or b"Cannot allocate memory" in done.stderr:
                return math.inf
            spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            best = spent if best is None else min(best, spent)
        return best


def main():
    if sys.argv[1] == "--names":
        print("\n".join(row[0] for row in ROWS))
        return 0
    failed, wanted = 0, sys.argv[2:] or [row[0] for row in ROWS]
    for name in wanted:
        _, command, hostile, innocent = next(row for row in ROWS if row[0] == name)
        with tempfile.TemporaryDirectory(prefix="kmodctl-limits-") as where:
            machine = Machine(pathlib.Path(sys.argv[1]).resolve(), where)
            roots = [machine.root(files) for files in (hostile, innocent)]
            for runs in BEST_OF:
                bad, good = (machine.user_time(root, command, runs) for root in roots)
                holds = bad < math.inf and bad <= RATIO * max(good, FLOOR)
                if holds or bad == math.inf:
                    break
            shutil.rmtree(where, ignore_errors=True)
            os.makedirs(where)
        print(f"{'ok' if holds else 'not ok'} - {name}: {bad:.3f} s, innocent {good:.3f} s")
        failed += not holds
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
