#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares modinfo with the installed kmod's, module by module.

usage: modinfo.py OUR_MODINFO KMOD_MODINFO TREE...

A TREE is a root directory with lib/modules/RELEASE below it. Every module file is shown by both programs in each of
the MODES and every module of the indexes by name; the outputs must be the same bytes. Files that must be unpacked take
all the time: they are shown in full once, since the modes only choose from that. What differs is named in
EXCEPTIONS, with the versions of kmod, and counted: an exception rewrites the one thing it speaks of and hides nothing else;
one that is not used in any tree is a failure.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import threading

sys.path[:0] = [os.path.join(os.path.dirname(os.path.realpath(__file__)), place) for place in (".", "../lib")]
from need import need  # noqa: E402
from side_by_side import applies, kmod_version  # noqa: E402

BATCH = 200
MODES = [[], ["-0"], ["-p"], ["-n"], ["-F", "alias"], ["-F", "depends"], ["-F", "parmtype"], ["-F", "signature"]]
PACKED_MODES = [[]]
MODULE = re.compile(r"\.ko(\.gz|\.xz|\.zst)?$")


def build_id_line(_options, ours, kmod):
    """Neither kmod 30 nor 34 has a build-id entry; later ones have."""
    return re.sub(rb"^build-id: [^\n]*\n", b"", re.sub(rb"build-id=[^\0]*\0", b"", ours), flags=re.M), kmod


EXCEPTIONS = {build_id_line: "both"}


def output(program, arguments):
    done = subprocess.run([program, *arguments], capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def messages(text):
    """kmod's debug builds put the place in the source into library messages; only the tool's own are compared."""
    return [line for line in text.splitlines() if line.startswith(b"modinfo: ")]


class Comparison:
    def __init__(self, ours, kmod, exceptions):
        self.ours, self.kmod, self.exceptions = ours, kmod, exceptions
        self.same = self.different = 0
        self.used = {e.__name__: 0 for e in exceptions}
        self.lock = threading.Lock()

    def is_same(self, arguments):
        """Both programs over these arguments: same status, output and messages, exceptions applied and counted."""
        ours, kmod = output(self.ours, arguments), output(self.kmod, arguments)
        a, b = ours[1], kmod[1]
        used = []
        for exception in self.exceptions:
            before = a, b
            a, b = exception(arguments, a, b)
            if (a, b) != before:
                used.append(exception.__name__)
        same = (ours[0], a, messages(ours[2])) == (kmod[0], b, messages(kmod[2]))
        return same, used

    def run_all(self, options, subjects):
        """In batches, as many at once as there are processors."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda batch: self.run(options, batch), batches(subjects)))

    def run(self, options, subjects):
        """All subjects at once; where that differs, one by one, so that the culprit is named."""
        same, used = self.is_same(options + subjects)
        if same or len(subjects) == 1:
            with self.lock:
                self.same += len(subjects) if same else 0
                self.different += not same
                for name in used if same else ():
                    self.used[name] += 1
        if same:
            return
        if len(subjects) == 1:
            print("DIFFERS: modinfo " + " ".join(options + subjects))
            return
        half = len(subjects) // 2
        self.run(options, subjects[:half])
        self.run(options, subjects[half:])


def batches(items):
    for i in range(0, len(items), BATCH):
        yield items[i:i + BATCH]


def files_of(tree):
    found = [os.path.join(top, name) for top, _, names in os.walk(os.path.join(tree, "lib/modules"))
             for name in names if MODULE.search(name)]
    return sorted(found)


def compare_tree(ours, kmod, exceptions, tree):
    comparison = Comparison(ours, kmod, exceptions)
    files = files_of(tree)
    if not files:
        sys.exit(f"modinfo.py: no modules below {tree}")
    packed = any(not f.endswith(".ko") for f in files)
    for mode in PACKED_MODES if packed else MODES:
        comparison.run_all(mode, files)
    for release in os.listdir(os.path.join(tree, "lib/modules")):
        directory = os.path.join(tree, "lib/modules", release)
        if not os.path.exists(os.path.join(directory, "modules.dep.bin")):
            continue
        names = [MODULE.sub("", os.path.basename(f)) for f in files if f.startswith(directory + "/")]
        builtin = []
        if os.path.exists(os.path.join(directory, "modules.builtin")):
            with open(os.path.join(directory, "modules.builtin"), encoding="ascii") as lines:
                builtin = [MODULE.sub("", os.path.basename(line.strip())) for line in lines]
        where = ["-b", tree, "-k", release]
        comparison.run_all(where, builtin if packed else names + builtin)
        comparison.run_all([*where, "-m", "-F", "name"], builtin if packed else names + builtin)
    used = ", ".join(f"{name} in {count} runs" for name, count in comparison.used.items())
    print(f"{tree}: {len(files)} files; {comparison.same} outputs the same, {comparison.different} differ; known: {used}")
    return comparison


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    need("kmod")
    version = kmod_version(sys.argv[2])
    if not version:
        sys.exit(f"modinfo.py: {sys.argv[2]} is neither of kmod 30 nor of 34")
    exceptions = [e for e, versions in EXCEPTIONS.items() if applies(versions, version)]
    results = [compare_tree(sys.argv[1], sys.argv[2], exceptions, tree) for tree in sys.argv[3:]]
    same, different = sum(r.same for r in results), sum(r.different for r in results)
    for exception in exceptions:
        if not any(r.used[exception.__name__] for r in results):
            print(f"FAIL {exception.__name__}: an exception for kmod {version} that does not occur")
            different += 1
    print(f"{same} passed, {different} failed")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
