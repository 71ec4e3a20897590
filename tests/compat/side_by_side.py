# SPDX-License-Identifier: MIT
"""Our binary and Debian's kmod, unmodified, each on its own copy of a fake machine."""
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from need import need  # noqa: E402

SKIP = 77
VERSIONS = "30", "34"
TOOLS = "kmod", "lsmod", "rmmod", "insmod", "modprobe", "modinfo", "depmod", "modules-load"
# A build with AddressSanitizer cannot look for leaks on a fake /proc.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"}
# Debian builds kmod with debug messages: "rmmod: ERROR: ../libkmod/x.c:12 function() text"
DEBUG_PLACE = re.compile(r"(?:\.\./)+\S+\.c:\d+ \w+(?:\(\))?:? ")


def kmod_version(kmod):
    """The version as a string: 30 (Debian 12) or 34 (Debian 13); None for one whose differences nobody has listed."""
    out = subprocess.run(["kmod", "--version"], executable=kmod, capture_output=True, text=True).stdout
    found = re.match(r"kmod version (\d+)\b", out)
    return found[1] if found and found[1] in VERSIONS else None


def installed_kmod():
    """Debian's binary with its version, or None when this is not root, or neither on Debian 12 nor on 13."""
    if os.geteuid() != 0:
        return None
    need("kmod")
    kmod = next(p for p in map(pathlib.Path, ("/bin/kmod", "/sbin/kmod", "/usr/bin/kmod")) if p.exists())
    version = kmod_version(kmod)
    return (kmod, version) if version else None


def applies(versions, version):
    """Whether what is said of "30", "34" or "both" is said of the version."""
    if versions not in (*VERSIONS, "both"):
        raise SystemExit(f"not a version: {versions!r} (30, 34 or both)")
    return versions in ("both", version)


def prepare(kmod, where):
    """A directory with the binary under all its names."""
    where.mkdir()
    for name in TOOLS:
        (where / name).symlink_to(kmod.resolve())
    return where


def run_supervised(command, root, env, seconds=30):
    """As subprocess.run(), but what does not end takes its children along."""
    with subprocess.Popen(command, cwd=root, env=env, start_new_session=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, child.returncode, out, err)


def text_of(raw):
    return raw.decode("utf-8", "backslashreplace")


def messages_of(done, programs):
    """Lines of standard error without what only says where kmod was built."""
    lines = text_of(done.stderr).replace(f"{programs}/", "").removesuffix("\n").split("\n")
    return [DEBUG_PLACE.sub("", line) for line in lines] if lines != [""] else []


def machine_state(root):
    """What the calls on modules were, and what is loaded."""
    text = ""
    for name in "fake/log", "proc/modules":
        path = root / name
        text += f"{name}:\n{path.read_text(errors='backslashreplace') if path.exists() else ''}"
    return text
