#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The chapter's order on a real kernel: make a key, sign a module, copy it under extra/, depmod, modprobe -v, lsmod, modinfo.

    chapter.py BUILD

The key is made by `kmodctl key generate` until its certificate has the length of the kernel's own, so that a kernel that
trusts it can be had (trusting_kernel.py); with module.sig_enforce=1 it loads what is signed by that key and nothing else.
"""
import os
import subprocess
import sys
import tempfile

import variants
from trusting_kernel import TrustingKernel

sys.path.insert(0, os.path.join(variants.HERE, "../vm"))
import guest  # noqa: E402
from kernels import Kernel  # noqa: E402
from machine import Machine, need  # noqa: E402
from run import Case  # noqa: E402
from tap import TapReader  # noqa: E402

TIMEOUT = 600
MODULE = "crc_itu_t"


def make_key(kmodctl, prefix, length):
    """ECDSA signatures, and so certificates, vary by an octet or two; the name makes up for the rest."""
    name = "k"
    for _ in range(60):
        for ending in (".priv", ".der", ".pem"):
            if os.path.exists(prefix + ending):
                os.unlink(prefix + ending)
        subprocess.run([kmodctl, "key", "generate", "--type", "p256", "--cn", name, "-o", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        missing = length - os.path.getsize(prefix + ".der")
        if missing == 0:
            return
        name = (name + "k" * max(missing // 2, 0))[:len(name) + missing // 2] or "k"
    raise RuntimeError(f"no certificate of {length} octets can be made")


def main(build):
    need("qemu-system-x86_64", "xz", "zstd", *guest.NEEDS)
    kernel = Kernel("6.12")
    kmodctl, kmod = os.path.abspath(f"{build}/src/kmodctl"), os.path.abspath(f"{build}/src/kmod")
    reader = TapReader()
    with tempfile.TemporaryDirectory(prefix="kmodctl-chapter-") as work:
        trusting = TrustingKernel(kernel.image)
        make_key(kmodctl, f"{work}/mykey", trusting.length)
        trusting.write(f"{work}/mykey.der", f"{work}/vmlinux")
        files = {f"/root/mykey{ending}": f"{work}/mykey{ending}" for ending in (".priv", ".der")}
        files["/root/module" + ".ko" + kernel.suffix] = f"{kernel.modules}/{kernel.path_of(MODULE)}"
        case = Case("sign", f"{variants.HERE}/chapter.sh")
        fs = guest.build(kernel, kmod, case, files)
        fs.program("/bin/kmodctl", kmodctl)
        machine = Machine(f"{work}/vmlinux", fs, 1024, [], "module.sig_enforce=1")
        if not machine.run(f"{work}/log", TIMEOUT, reader.take):
            reader.fail(f"the guest was stopped after {TIMEOUT} s")
        reader.end(f"{work}/log.console")
    for failure in reader.failures:
        print(failure)
    print(f"{reader.passed} passed, {reader.failed} failed")
    return 0 if reader.passed and not reader.failed else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
