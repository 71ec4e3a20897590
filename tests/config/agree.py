#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `kmodctl config NAME` says against what modprobe does. usage: agree.py [--count N] [--seed S] RUNTOOL MKKO

On machines by chance (tests/compat/machines.py), for each module:
- the parameters set by the lines that are in effect, wholly or partly, are those that `modprobe -n -v` gives to insmod;
  one of a line in effect is not set otherwise later, one of an overridden line is
- the command that modprobe would run is that of the one install line in effect; none is when it would run none
- modprobe -b loads it if, and only if, no blacklist line is in effect
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "compat"))
from machines import Machine, shortened  # noqa: E402

WORD = re.compile(r'(?:"[^"]*(?:"|\Z)|[^ \t\n"])+')


def normal(name):
    return name.replace("-", "_")


def parameters(text):
    """Each parameter of an option string with its last value."""
    words = [w[1:].removesuffix('"') if w[0] == '"' else w for w in WORD.findall(text)]
    return {normal(key): (mark, value) for key, mark, value in (w.partition("=") for w in words)}


class Tools:
    def __init__(self, runtool, root):
        self.run = lambda *words: subprocess.run([runtool, root, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)

    def config(self, name):
        done = self.run("kmodctl", "config", "--json", name)
        return json.loads(done.stdout)["lines"] if done.returncode == 0 else None

    def steps(self, name, *flags):
        """(action, rest of the line) of each step that modprobe would take."""
        out = self.run("modprobe", "-n", "-v", *flags, name).stdout.decode(errors="replace").replace("\ufffd", "?")
        return [line.partition(" ")[::2] for line in re.split(r"\n(?=insmod |install |builtin |\Z)", out) if line]

    def options(self, name, *flags):
        """The option string that modprobe gives to the module, or None: it does not insert it."""
        for action, rest in self.steps(name, *flags):
            path, _, options = rest.partition(" ")
            if action == "insmod" and normal(path.rsplit("/", 1)[1].split(".ko")[0]) == normal(name):
                return options
        return None


def of_kind(lines, directive, *effects):
    return [line for line in lines if line["directive"] == directive and (not effects or line["effect"] in effects)]


def check_options(lines, given, say):
    lines = of_kind(lines, "options", "in-effect", "partly", "overridden")
    told = {}
    for line in of_kind(lines, "options", "in-effect", "partly"):
        told |= parameters(line["value"])
    want = parameters(given)
    if told != want:
        say(f"modprobe gives {want}, config says {told}")
    for line in lines:
        mine = parameters(line["value"])
        lasts = [want.get(key) == value for key, value in mine.items()]
        if line["effect"] == "in-effect" and not all(lasts):
            say(f"{line['file']}:{line['line']} is not in effect wholly: {line['value']!r}, modprobe gives {given!r}")


def check_module(tools, name, say):
    """How many questions both answered."""
    lines, plain = tools.config(name), tools.options(name, "-i")
    if lines is None or plain is None:
        return 0
    check_options(lines, plain, say)
    steps = tools.steps(name)
    commands = [rest.rstrip(" ") for action, rest in steps if action == "install"]
    installs = of_kind(lines, "install", "in-effect")
    if len(installs) > 1:
        say(f"several install lines are in effect: {installs}")
    inserted = tools.options(name) is not None
    if installs and (inserted or not any(c.startswith(installs[0]["value"].rstrip(" ")) for c in commands)):
        say(f"config says that the command {installs[0]['value']!r} runs, modprobe would take {steps}")
    if not installs and not inserted:
        say(f"config says that no command runs, modprobe would take {steps}")
    denied = tools.options(name, "-b", "-i") is None
    if denied != bool(of_kind(lines, "blacklist", "in-effect")):
        say(f"modprobe -b {'does not load' if denied else 'loads'} it, config says {of_kind(lines, 'blacklist')}")
    return 3


def check_machine(runtool, mkko, seed, problems):
    machine, n = Machine(seed), 0
    with tempfile.TemporaryDirectory() as root:
        machine.build(pathlib.Path(root), mkko, [runtool, root, "depmod"])
        tools, before = Tools(runtool, root), len(problems)
        for name in machine.modules:
            n += check_module(tools, name, lambda text, name=name: problems.append(f"seed {seed}: {name}: {shortened(text)}"))
    if len(problems) > before:
        problems.append(machine.described())
    return n


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("runtool")
    parser.add_argument("mkko")
    a = parser.parse_args()
    problems = []
    n = sum(check_machine(a.runtool, a.mkko, seed, problems) for seed in range(a.seed, a.seed + a.count))
    if n == 0:
        problems.append("nothing was compared")
    print("\n".join(problems) if problems else f"{a.count} machines, {n} answers agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
