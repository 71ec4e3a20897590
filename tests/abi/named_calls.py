#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Functions that libc has are called by their names: fakes and tracers take their places. usage: named_calls.py KMOD
KMODCLI FAKE MKKO

FAKE is a preloaded library that says which of its functions was called.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

kmod, kmodcli, fake, mkko = sys.argv[1:]


def run(*words):
    result = subprocess.run(words, env={**os.environ, "LD_PRELOAD": fake, "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"},
                            capture_output=True, text=True)
    return result.stdout + result.stderr + f"status {result.returncode}\n"


def main():
    with tempfile.TemporaryDirectory(prefix="kmodctl-named-") as tmp:
        module = pathlib.Path(tmp) / "named_calls.ko"
        subprocess.run([mkko, "-", module], input=b"info name=named_calls\ninfo vermagic=6.1\nversion module_layout 1\n", check=True)
        (pathlib.Path(tmp) / "modprobe.d").mkdir()
        size = module.stat().st_size
        seen = {
            "insmod -f": run(kmod, "insmod", "-f", module, "a=1"),
            "libkmod": run(kmodcli, "insmod", "-f", module, "a=1"),
            "libkmod, refused": run(kmodcli, "rmmod", "-f", "named_calls"),
            "configuration": run(kmod, "modprobe", "-C", f"{tmp}/modprobe.d", "-c"),
        }
    wanted = {
        "insmod -f": [f"init_module {size} bytes 'a=1'"],
        "libkmod": [f"init_module {size} bytes 'a=1'", "status 0"],
        "libkmod, refused": ["delete_module named_calls", "status 1"],
        "configuration": ["getdents64"],
    }
    failed = 0
    for what, lines in wanted.items():
        missing = [line for line in lines if line not in seen[what].splitlines()]
        print(f"{'not ok' if missing else 'ok'} - {what}" + (f": no {missing} in:\n{seen[what][:2000]}" if missing else ""))
        failed += bool(missing)
    return failed != 0


sys.exit(main())
