#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our modprobe with kmod's on real module trees: standard output and exit status of -D, -n -v, -R and -c.

    modprobe.py --kmod build/src/kmod [--peer /sbin/modprobe] [TREE...]

A TREE is a directory that holds lib/modules/RELEASE with indexes; without any, those of ~/.cache/kmodctl/trees. For every module: -D, -n -v, and -D under a
configuration that touches a part of all modules; for concrete modaliases made from modules.alias: -R and -b -D; -c
with and without that configuration. The first differences of each kind are printed; there are no exceptions: exit status
1 when anything differs. (Neither kmod 30 nor 34 prints anything for -n without -v, hence -n -v.)
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent / place) for place in (".", "../lib")]
from need import need  # noqa: E402
from side_by_side import kmod_version  # noqa: E402

SEED = 20260101
SKIP = 77
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "kmodctl/trees")


class Pair:
    """The two programs on one tree."""

    def __init__(self, kmod, peer, tree):
        self.kmod, self.peer = kmod, peer
        self.release = next((tree / "lib/modules").iterdir()).name
        self.dir = tree / "lib/modules" / self.release
        self.where = ["-d", str(tree), "-S", self.release]

    def run(self, program, args):
        done = subprocess.run(["modprobe", *self.where, *args], executable=program, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300)
        return done.returncode, done.stdout

    def both(self, args):
        return self.run(self.kmod, args), self.run(self.peer, args)


def modules(directory):
    names = []
    for line in (directory / "modules.dep").read_text().splitlines():
        names.append(pathlib.PurePath(line.split(":")[0]).name.split(".")[0].replace("-", "_"))
    return names


def concrete(pattern, rng):
    """A string that the pattern matches, most of the time."""
    def one(m):
        if m[0] == "*":
            return rng.choice(["", "0", "00000007", "x1"])
        if m[0] == "?":
            return rng.choice("a0F")
        return m[0][1]

    return re.sub(r"\*|\?|\[[^]]*\]", one, pattern)


def modaliases(directory, count, rng):
    patterns = [line.split()[1] for line in (directory / "modules.alias").read_text().splitlines()
                if line.startswith("alias ")]
    chosen = rng.sample(patterns, min(count, len(patterns)))
    found = []
    for p in chosen:
        alias = concrete(p, rng)
        found.append(alias[:-1] if rng.random() < 0.1 else alias)
    symbols = [line.split()[1] for line in (directory / "modules.symbols").read_text().splitlines()
               if line.startswith("alias ")]
    return found + rng.sample(symbols, min(count // 20, len(symbols)))


def configuration(names, rng):
    """Lines of every kind that touch about a third of the modules."""
    lines = ["alias compat-x* e1000e", "install compat-inst /bin/echo $CMDLINE_OPTS", "remove compat-rm /bin/true"]
    for name in names:
        other, third = rng.choice(names), rng.choice(names)
        kind = rng.randrange(24)
        if kind == 0:
            lines.append(f"options {name} a=1 b=\"x y\"")
            lines.append(f"options {name.replace('_', '-')} c")
        elif kind == 1:
            lines.append(f"softdep {name} pre: {other} {third}")
        elif kind == 2:
            lines.append(f"softdep {name} post: {other} nosuch_module")
        elif kind == 3:
            lines.append(f"install {name} /sbin/modprobe --ignore-install {name} $CMDLINE_OPTS")
        elif kind == 4:
            lines.append(f"blacklist {name}")
        elif kind == 5:
            lines.append(f"alias compat-{other} {name}")
        elif kind == 6:
            lines.append(f"remove {name} /sbin/rmmod {name}")
    return "\n".join(lines) + "\n"


def jobs_of(pair, conf, empty, count, brief):
    rng = random.Random(SEED)
    names = modules(pair.dir)
    conf.write_text(configuration(names, rng))
    aliases = modaliases(pair.dir, count, rng)
    plain, changed = ["-C", str(empty)], ["-C", str(conf)]
    for n in names:
        yield "-D", [*plain, "-D", n, "x=1", "y=a b"]
    for n in names[::5 if brief else 1]:
        yield "-n -v", [*plain, "-n", "-v", n]
        yield "-D configured", [*changed, "-b", "-D", n]
    for n in names[::7]:
        yield "-D alias configured", [*changed, "-D", f"compat-{n}", "p=1"]
        yield "-i -D configured", [*changed, "-i", "-D", n]
    for a in aliases:
        yield "-R", [*plain, "-R", a]
    for a in aliases[::5 if brief else 1]:
        yield "-R configured", [*changed, "-R", a]
    for a in aliases[::5]:
        yield "-b -D alias configured", [*changed, "-b", "-D", a]
    yield "-c", [*plain, "-c"]
    yield "-c configured", [*changed, "-c"]


def compare(pair, count, workers, brief):
    total, bad = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="kmodctl-compat-") as tmp:
        conf, empty = pathlib.Path(tmp, "compat.conf"), pathlib.Path(tmp, "empty.conf")
        empty.write_text("")
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            jobs = list(jobs_of(pair, conf, empty, count, brief))
            for (what, args), (ours, theirs) in zip(jobs, pool.map(lambda j: pair.both(j[1]), jobs)):
                total[what] += 1
                if ours != theirs:
                    bad[what] += 1
                    if bad[what] <= 5:
                        print(f"DIFFERS modprobe {' '.join(args)}\n  ours {ours}\n  peer {theirs}"[:4000])
    return total, bad


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--kmod", required=True, help="our multi-call binary")
    p.add_argument("--peer", default="/sbin/modprobe")
    p.add_argument("--aliases", type=int, default=5000, help="concrete modaliases per tree")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--brief", action="store_true", help="-n -v and what a configuration changes for one in five only")
    p.add_argument("trees", nargs="*", type=lambda t: pathlib.Path(t).resolve())
    o = p.parse_args()
    need("kmod")
    if not kmod_version(o.peer):
        print(f"{o.peer} is neither kmod 30 nor 34: nothing to compare with")
        return SKIP
    o.trees = o.trees or [t for t in (CACHE / "6.1", CACHE / "6.12-xz") if t.exists()]
    if not o.trees:
        print(f"no module trees in {CACHE}: scripts/get-kernels makes them")
        return 1
    passed = failed = 0
    for tree in o.trees:
        pair = Pair(str(pathlib.Path(o.kmod).resolve()), o.peer, tree)
        total, bad = compare(pair, o.aliases, o.jobs, o.brief)
        for what in total:
            print(f"{tree.name}: {what}: {total[what]} compared, {total[what] - bad[what]} identical")
        passed, failed = passed + total.total() - bad.total(), failed + bad.total()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
