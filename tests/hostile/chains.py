#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Commands of modprobe.d that run modprobe, and softdeps that lead back: every load and removal ends.

    chains.py --build BUILD [--loads N] [--seed N]

Machines by chance: six modules that need each other, softdeps (many of which lead back to what needs them), and install
and remove commands that run modprobe, with and without --ignore-install, for the module and for others, directly, by
alias, several at once. On every machine each module is loaded and removed, really executed on a fake kernel
(tests/lib/supervise). A modprobe that is started more than LIMIT times, or works for more than SECONDS, has no end.
On machines whose commands only run `modprobe -i` for their own module everything is loaded, too. Status 77 (skipped)
without root.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile

RELEASE = "6.1.0-chains"
DIR = f"lib/modules/{RELEASE}"
NAMES = ["m0", "m1", "m2", "m3", "m4", "m5"]
LIMIT = 250  # starts of modprobe for one command line
SECONDS = 20
SKIP = 77
# Counts the starts, with nothing but the shell; the brake is for this test only.
COUNTING = """#!/bin/sh
read n < /mnt/count
echo $((n + 1)) > /mnt/count
[ $n -lt {limit} ] || exit 99
exec {bin}/real/modprobe "$@"
"""


def own(name):
    return [f"modprobe -i {name}", f"modprobe --ignore-install {name} $CMDLINE_OPTS", f"modprobe -q -i {name}"]


def commands(rng, name):
    """What an install line may say."""
    other, third = rng.choice(NAMES), rng.choice(NAMES)
    return rng.choice(own(name) + [
        f"modprobe {name}", f"modprobe {other}", f"modprobe al-{other}; modprobe -i {name}", f"modprobe {other} && modprobe -i {name}",
        f"modprobe -a {other} {third}; modprobe -i al-{name}", f"modprobe -i {name}; modprobe {other}",
        f"modprobe -r {other}; modprobe -i {name}", f"modprobe al-{name}", f"modprobe -a {' '.join(rng.sample(NAMES, len(NAMES)))}; modprobe -i {name}"])


def removals(rng, name):
    other = rng.choice(NAMES)
    return rng.choice([f"modprobe -r -i {name}", f"modprobe -r {name}", f"modprobe -r {other}; modprobe -r -i {name}",
                       f"modprobe {name}", f"rmmod {name}", f"modprobe -r -a {' '.join(rng.sample(NAMES, len(NAMES)))}; rmmod {name}",
                       f"modprobe -r -i {name}; modprobe {other}"])


class Machine:
    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.innocent = rng.randrange(2) == 0
        self.needs = {name: rng.sample(NAMES[:i], min(i, rng.choice([0, 1, 1, 2]))) for i, name in enumerate(NAMES)}
        lines = [f"alias al-{name} {name}" for name in NAMES]
        for name in rng.sample(NAMES, rng.randint(1, 3)):
            lines.append(f"softdep {name} {rng.choice(['pre', 'post'])}: {rng.choice(NAMES)}")
        for name in rng.sample(NAMES, rng.randint(1, 5)):
            lines.append(f"install {name} {rng.choice(own(name)) if self.innocent else commands(rng, name)}")
        if not self.innocent:
            lines += [f"remove {name} {removals(rng, name)}" for name in rng.sample(NAMES, rng.randint(0, 3))]
        self.config = "".join(line + "\n" for line in lines)

    def build(self, root, tools):
        for path in (f"{DIR}/kernel", "etc/modprobe.d", "proc/sys/kernel", "mnt"):
            (root / path).mkdir(parents=True)
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            (root / DIR / name).write_text("")
        (root / "proc/sys/kernel/osrelease").write_text(RELEASE + "\n")
        (root / "etc/modprobe.d/chains.conf").write_text(self.config)
        for name, needs in self.needs.items():
            recipe = f"info name={name}\ninfo depends={','.join(needs)}\nexport {name}_fn\n" + "".join(f"need {n}_fn\n" for n in needs)
            subprocess.run([tools.mkko, "-", root / DIR / f"kernel/{name}.ko"], input=recipe, text=True, check=True)
        subprocess.run([tools.kmod, "depmod", "-b", root, RELEASE], check=True)


class Tools:
    def __init__(self, build, scratch):
        self.supervise, self.mkko, self.kmod = build / "tests/lib/supervise", build / "tests/lib/mkko", build / "src/kmod"
        self.bin = scratch / "bin"
        (self.bin / "real").mkdir(parents=True)
        (self.bin / "modprobe").write_text(COUNTING.format(limit=LIMIT, bin=self.bin))
        (self.bin / "modprobe").chmod(0o755)
        for link in (self.bin / "real/modprobe", self.bin / "rmmod"):
            link.symlink_to(self.kmod)
        self.env = {"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"}

    def run(self, root, words):
        """(status or None without an end, starts, messages)"""
        (root / "mnt/count").write_text("0\n")
        with subprocess.Popen([self.supervise, root, *words], cwd=root, env=self.env, start_new_session=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
            try:
                out, status = child.communicate(timeout=SECONDS)[0], child.returncode
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                out, status = child.communicate()[0], None
        starts = int((root / "mnt/count").read_text())
        return None if starts > LIMIT else status, starts, out.decode("utf-8", "backslashreplace")


def loaded(root):
    listing = root / "proc/modules"
    return {line.split()[0] for line in listing.read_text().splitlines()} if listing.exists() else set()


def reset(root):
    (root / "proc/modules").write_text("")
    shutil.rmtree(root / "sys/module", ignore_errors=True)


def try_machine(seed, tools, root, left):
    """(loads, the largest number of starts, problems)"""
    machine, problems, most = Machine(seed), [], 0
    machine.build(root, tools)
    names = machine.rng.sample(NAMES, min(len(NAMES), left))
    for name in names:
        for words in (["modprobe", name], ["modprobe", "-r", name]):
            status, starts, out = tools.run(root, words)
            most = max(most, starts)
            if status is None:
                problems.append(f"{' '.join(words)}: no end, {starts} starts\n{out[-600:]}")
            elif machine.innocent and words[1] == name and (status or name not in loaded(root)):
                problems.append(f"{' '.join(words)}: status {status}, loaded: {sorted(loaded(root))}\n{out[-600:]}")
        reset(root)
    if problems:
        problems.insert(0, f"seed {seed}: {machine.needs}\n{machine.config}")
    return len(names), most, problems


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", type=pathlib.Path, required=True)
    p.add_argument("--loads", type=int, default=100)
    p.add_argument("--seed", type=int, default=20260101)
    o = p.parse_args()
    if os.geteuid() != 0:
        return SKIP
    loads, most, bad, seed = 0, 0, 0, o.seed
    with tempfile.TemporaryDirectory() as scratch:
        tools = Tools(o.build.resolve(), pathlib.Path(scratch))
        while loads < o.loads:
            root = pathlib.Path(scratch, f"root{seed}")
            n, starts, problems = try_machine(seed, tools, root, o.loads - loads)
            shutil.rmtree(root)
            loads, most, bad, seed = loads + n, max(most, starts), bad + bool(problems), seed + 1
            print("\n".join(problems), end="\n" if problems else "")
    print(f"{loads} loads and removals on {seed - o.seed} machines, {bad} machines with problems; at most {most} starts of modprobe for one")
    return 1 if bad else 0


sys.exit(main())
