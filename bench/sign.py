#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Modules signed and verified per second over a whole tree, against a loop over the kernel's sign-file at the same parallelism.

  sign.py KMODCTL TREE [COUNT]

TREE: a directory of uncompressed modules (the 6.12-plain tree of scripts/get-kernels). Both sides sign copies in memory
(/dev/shm). COUNT: only that many modules. A round is one run of each side; the medians of three rounds are printed.
"""
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

KINDS = ("rsa2048", "rsa4096", "p384")
ROUNDS = 3


def find_sign_file():
    found = sorted(glob.glob("/usr/lib/linux-kbuild-*/scripts/sign-file"))
    if not found:
        sys.exit("no sign-file: install linux-kbuild")
    return found[-1]


def timed(*argv, **options):
    start = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - start


class Bench:
    def __init__(self, kmodctl, tree, count, work):
        self.kmodctl, self.work, self.jobs = kmodctl, work, len(os.sched_getaffinity(0))
        self.sign_file = find_sign_file()
        os.mkdir(f"{work}/unsigned")
        modules = sorted(glob.glob(f"{tree}/**/*.ko", recursive=True))[:count]
        for number, module in enumerate(modules):
            shutil.copy(module, f"{work}/unsigned/{number}.ko")
        subprocess.run([kmodctl, "sign", "--strip", f"{work}/unsigned"], check=True, stdout=subprocess.DEVNULL)
        self.n = len(modules)

    def fresh(self):
        shutil.rmtree(f"{self.work}/tree", ignore_errors=True)
        shutil.copytree(f"{self.work}/unsigned", f"{self.work}/tree")

    def theirs(self, key):
        self.fresh()
        files = "\0".join(sorted(os.listdir(f"{self.work}/tree"))).encode()
        return timed("xargs", "-0", "-n1", f"-P{self.jobs}", self.sign_file, "sha256", f"{key}.priv", f"{key}.der",
                     cwd=f"{self.work}/tree", input=files)

    def ours(self, key):
        self.fresh()
        return timed(self.kmodctl, "sign", "--key", f"{key}.priv", "--cert", f"{key}.der", f"{self.work}/tree")

    def verify(self, key):
        return timed(self.kmodctl, "verify", "--cert", f"{key}.der", f"{self.work}/tree")

    def run(self, kind):
        key = f"{self.work}/{kind}"
        subprocess.run([self.kmodctl, "key", "generate", "--type", kind, "-o", key], check=True, stdout=subprocess.DEVNULL)
        rounds = [(self.theirs(key), self.ours(key), self.verify(key)) for _ in range(ROUNDS)]
        theirs, ours, verify = (statistics.median(column) for column in zip(*rounds))
        print(f"| {kind} | {self.n / theirs:.0f} | {self.n / ours:.0f} | {ours / theirs:.3f} | {self.n / verify:.0f} |", flush=True)


def main(kmodctl, tree, count="1000000"):
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="kmodctl-bench-", dir=shared) as work:
        bench = Bench(os.path.abspath(kmodctl), tree, int(count), work)
        print(f"{bench.n} modules, {bench.jobs} at a time, sha256\n")
        print("| key | sign-file, modules/s | kmodctl sign, modules/s | time ratio | kmodctl verify, modules/s |")
        print("|---|---|---|---|---|")
        for kind in KINDS:
            bench.run(kind)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
