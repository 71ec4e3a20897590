#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Every system call by which depmod writes fails once with each errno, and depmod is killed at each; every call by which it
reads fails too. Afterwards the directory holds the old set, the new one, or (killed) a state between two renames in which
all that both sets know is found. usage: faults.py BUILD
"""
import errno
import itertools
import os
import re
import subprocess
import sys

from tree import OUTPUTS, RELEASE, Tree

ERRORS = ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "EINTR", "ENOMEM", "EINVAL", "ENOSYS",
          "EFBIG", "ESTALE"]
FEW_ERRORS = ["ENOSPC", "EIO", "EACCES", "EINVAL"]
READ_ERRORS = ["EIO", "EACCES", "EMFILE", "ESTALE"]
NOT_STARTED = 127
"""The dynamic loader could not read what it needs."""


class Failure(Exception):
    pass


class Campaign:
    """One situation: what is there before, what depmod is called with, what must be there afterwards."""

    def __init__(self, tree, title, old, *args):
        self.tree, self.title, self.old, self.args = tree, title, old, args
        self.injector = tree.build / "tests/lib/faultrun"
        self.injected = 0
        self.reading = False
        self.safe_states = {}
        self.reset()
        self.expect(self.tree.depmod(*args).returncode == 0, "run without fault")
        self.new = tree.outputs()
        self.expect(list(self.new) == OUTPUTS, "all outputs")

    def reset(self):
        self.tree.set_outputs(self.old)

    def expect(self, true, what):
        if not true:
            raise Failure(f"{self.title}: {what}")

    def run(self, *options):
        self.reset()
        return self.tree.depmod(*self.args, before=[self.injector, *options, "--"])

    def calls(self, *options):
        log = self.tree.work / "log"
        self.expect(self.run(*options, "--log", log).returncode == 0, "run under supervision")
        return log.read_text().split()

    def fail_each(self, errors, *options):
        self.reading = "--read" in options
        for (at, call), name in itertools.product(enumerate(self.calls(*options), 1), errors):
            result = self.run(*options, "--at", at, "--errno", getattr(errno, name))
            self.injected += 1
            self.judge_failure(f"call {at} ({call}): {name}", call, result)

    def judge_failure(self, what, call, result):
        now = self.tree.outputs()
        # A temporary that cannot be removed stays for the next run.
        self.expect(not self.tree.remains() or call in ("unlinkat", "getdents64", "openat"), f"{what}: temporaries {self.tree.remains()}")
        if result.returncode == 0:
            self.expect(now == self.new or self.is_reported(now, result), f"{what}: success, but not the new set")
            return
        self.expect(result.returncode in (1, NOT_STARTED), f"{what}: status {result.returncode}")
        self.expect(result.stderr, f"{what}: failed without a word")
        self.expect(now == self.old, f"{what}: failure, but not the old set")

    def is_reported(self, now, result):
        """A whole set without what could not be read, and the message that says so."""
        return self.reading and list(now) == OUTPUTS and re.search(rb"ERROR: |WARNING: could not open modules", result.stderr)

    def kill_each(self):
        for at, call in enumerate(self.calls(), 1):
            result = self.run("--at", at, "--kill")
            self.injected += 1
            what = f"killed at call {at} ({call})"
            self.expect(result.returncode == 128 + 9, f"{what}: status {result.returncode}")
            self.judge_state(what)
            self.expect(self.tree.depmod(*self.args).returncode == 0, f"{what}: the next run fails")
            self.expect(self.tree.outputs() == self.new and not self.tree.remains(), f"{what}: the next run leaves a mess")

    def judge_state(self, what):
        now = self.tree.outputs()
        state = ""
        for name in OUTPUTS:
            old, new, there = self.old.get(name), self.new[name], now.get(name)
            self.expect(there in (old, new), f"{what}: {name} is neither old nor new")
            state += "=" if old == new else "N" if there == new else "o"
        changed = state.replace("=", "")
        self.expect("oN" not in changed, f"{what}: order of renaming: {state}")
        if state not in self.safe_states:
            self.safe_states[state] = self.answers()
        self.expect_answers(what, self.safe_states[state])

    def answers(self):
        """What each modprobe makes of the directory: name or alias -> does it find the module?"""
        def found(modprobe, word):
            p = subprocess.run([*modprobe, "-d", self.tree.root, "-S", RELEASE, "-C", "/dev/null", "-D", word],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            return p.returncode == 0 and p.stdout.decode().rstrip().endswith(STAYING[word])

        def ask(word):
            return all(found(modprobe, word) for modprobe in [[self.tree.bin / "modprobe"], *OTHER_READERS])
        return {word: ask(word) for word in STAYING}

    def expect_answers(self, what, answers):
        if not self.old:
            return
        for word, found in answers.items():
            self.expect(found, f"{what}: {word} is not found")


STAYING = {"a": "a.ko", "b": "b.ko", "old-b": "b.ko", "new-a-1": "a.ko", "pci:v1": "a.ko"}
"""Names and aliases of modules that are there before and after, and the file they must lead to."""


OTHER_READERS = [[path] for path in ("/usr/sbin/modprobe", "/sbin/modprobe") if os.access(path, os.X_OK)][:1]
"""Of the distribution, where it has one."""


def make_tree(build):
    """Leaves the outputs of an older state, then changes the modules so that every output changes."""
    tree = Tree(build)
    tree.module("kernel/a.ko", "info alias=new-a-*;info alias=pci:v1;need fb;info softdep=pre: b")
    tree.module("kernel/b.ko", "export fb;info alias=old-b;info weakdep=a;info alias=devname:b;info alias=char-major-10-1")
    tree.module("kernel/gone.ko", "export fgone;info alias=gone")
    (tree.dir / "modules.builtin").write_text("kernel/x.ko\n")
    assert tree.depmod().returncode == 0
    old = tree.outputs()
    (tree.dir / "kernel/gone.ko").unlink()
    tree.module("kernel/c.ko", "export fc;info alias=c-*;info softdep=post: a;info weakdep=b;need fb")
    tree.module("kernel/b.ko", "export fb;export fb2;info alias=old-b;info weakdep=a;info weakdep=c;info alias=devname:b2;"
                "info alias=char-major-10-2")
    (tree.dir / "modules.builtin").write_text("kernel/x.ko\nkernel/y.ko\n")
    (tree.dir / "modules.builtin.modinfo").write_bytes(b"y.alias=yy\0")
    return tree, old


def main():
    tree, old = make_tree(sys.argv[1])
    injected = 0
    try:
        cache = ("--cache", tree.work / "cache")
        for title, before, errors, args in (("update", old, ERRORS, ()), ("first run", {}, FEW_ERRORS, ()),
                                            ("with cache", old, FEW_ERRORS, cache)):
            campaign = Campaign(tree, title, before, *args)
            campaign.fail_each(errors)
            campaign.kill_each()
            campaign.fail_each(READ_ERRORS, "--read")
            print(f"{title}: {campaign.injected} faults, {len(campaign.safe_states)} states between")
            injected += campaign.injected
        campaign = Campaign(tree, "nothing to do", campaign.new, *cache)
        campaign.expect("renameat2" not in campaign.calls(), "writes")
        campaign.fail_each(FEW_ERRORS)
        campaign.fail_each(READ_ERRORS, "--read")
        print(f"nothing to do: {campaign.injected} faults")
        injected += campaign.injected
    except Failure as failure:
        print(f"FAILED {failure}")
        return 1
    finally:
        tree.remove()
    print(f"{injected} faults injected")
    return 0 if injected >= 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
