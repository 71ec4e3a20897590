#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does the kernel do with every variant of the corpus what `kmodctl verify` predicts?

    kernel_verdicts.py KMODCTL [SERIES:KIND...]

Boots Debian's kernels, changed to trust the corpus's key (trusting_kernel.py), on a plain boot, with module.sig_enforce=1
and with lockdown=integrity. In each, every variant is given to finit_module(2); errno and taint are compared with the
prediction. The table of 6.12 is compared in check_corpus.py.
"""
import concurrent.futures
import functools
import os
import subprocess
import sys
import tempfile

import variants
from corpus_forms import Forms
from trusting_kernel import TrustingKernel

sys.path.insert(0, os.path.join(variants.HERE, "../vm"))
from initramfs import Initramfs  # noqa: E402
from kernels import Kernel  # noqa: E402
from machine import Machine, need  # noqa: E402

MODULE = "crc_itu_t"
TIMEOUT = 600
COMMAND_LINES = {"plain": "", "sig_enforce": "module.sig_enforce=1", "lockdown": "lockdown=integrity"}
DEFAULT = ("6.12:rsa1024", "6.12:p384", "6.1:rsa4096")

# What other things than the signature decide.
EXCEPTIONS = {
    "6.1": {
        "good-sha384.ko": "Debian's 6.1 has SHA-384 and SHA-512 in a module, which is not in the initramfs",
        "good-sha512.ko": "the same",
        "good-xz.ko.xz": "Debian's 6.1 cannot unpack modules",
        "changed-xz.ko.xz": "the same",
        "chain-leaf-signature-zeros.ko": "6.1 says EBADMSG, 6.12 EINVAL",
        **{name: "Debian's 6.1 has no ECDSA: ENOENT" for name in (
            "chain-ec-leaf.ko", "chain-ec-leaf-changed.ko",
            *(f"chain-ecleaf-signature-{what}.ko" for what in ("cut", "empty", "flipped", "long", "ones", "zeros")))},
    },
    "6.12": {},
}


def unpacked_module(kernel, work):
    """The module that the variants are made of, uncompressed."""
    source = f"{kernel.modules}/{kernel.path_of(MODULE)}"
    path = f"{work}/{MODULE}.ko"
    with open(path, "wb") as out:
        subprocess.run(["xz", "-dc", source] if source.endswith(".xz") else ["cat", source], stdout=out, check=True)
    return path


def build_init(work):
    program = f"{work}/finit_all"
    subprocess.run(["gcc", "-O1", "-Wall", "-D_GNU_SOURCE", "-static", "-o", program, f"{variants.HERE}/finit_all.c"], check=True)
    return program


def initramfs(init, corpus):
    fs = Initramfs()
    for directory in ("/dev", "/proc", "/sys"):
        fs.directory(directory)
    fs.file("/init", init, 0o755)
    for name in variants.files(corpus):
        fs.file(f"/variants/{name}", f"{corpus}/{name}", 0o644)
    return fs


def boot(image, fs, mode, logs):
    """Name -> what the kernel did: "ok", "taints" or the errno."""
    done, ended = {}, []

    def take(line):
        words = line.split()
        if words == ["end"]:
            ended.append(True)
        elif len(words) == 3:
            name, error, taint = words
            done[name] = "taints" if error == "ok" and "E" in taint else error
    machine = Machine(image, fs, 1024, [], f"MODULE={MODULE} {COMMAND_LINES[mode]}".strip())
    if not machine.run(logs, TIMEOUT, take) or not ended:
        with open(f"{logs}.console", errors="replace") as console:
            raise RuntimeError(f"the guest did not finish; its console ends with: {console.read()[-1000:]}")
    return done


def compare(label, predicted, table, real, exceptions, mode):
    asked = agreed = 0
    for name, did in sorted(real.items()):
        if table[name].load["plain"] == "-" or name in exceptions:
            continue
        asked += 1
        if predicted[name].load[mode] == did:
            agreed += 1
        else:
            print(f"{label} {name}: predicted {predicted[name].load[mode]}, the kernel says {did}")
    print(f"{label}: {agreed} of {asked} as predicted", flush=True)
    return asked, agreed


def prepare(kmodctl, init, series, kind, work):
    """The checks of one machine, one for each of its boots."""
    kernel = Kernel(series)
    trusting = TrustingKernel(kernel.image)
    corpus, image = f"{work}/{series}-{kind}", f"{work}/vmlinux-{series}-{kind}"
    Forms(unpacked_module(kernel, work), corpus, kind, trusting.length).write()
    trusting.write(f"{corpus}/keys/known.der", image)
    predicted, table = variants.verify(kmodctl, corpus, series), variants.table(kind)
    fs = initramfs(init, corpus)

    def check_mode(mode):
        real = boot(image, fs, mode, f"{work}/{series}-{kind}-{mode}")
        return compare(f"Linux {series} {kind} {mode}", predicted, table, real, EXCEPTIONS[series], mode)
    return [functools.partial(check_mode, mode) for mode in variants.MODES]


def main(kmodctl, *machines):
    need("qemu-system-x86_64", "openssl", "gcc", "strip", "xz", "zstd")
    with tempfile.TemporaryDirectory(prefix="kmodctl-verdicts-") as work, \
            concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count())) as pool:
        init, runs = build_init(work), []
        for machine in machines or DEFAULT:
            runs += map(pool.submit, prepare(os.path.abspath(kmodctl), init, *machine.split(":"), work))
        counts = [run.result() for run in runs]
    asked, agreed = map(sum, zip(*counts))
    print(f"signature verdicts: {agreed} of {asked} predictions are what the kernel did")
    print(f"{agreed} passed, {asked - agreed} failed")
    return 0 if asked == agreed > 0 else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
