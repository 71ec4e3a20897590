#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `kmodctl config NAME` says against what modprobe does. usage: agree.py [--count N] [--seed S] RUNTOOL MKKO

On machines by chance (tests/compat/machines.py), for each module:
- the parameters set by the lines that are in effect, wholly or partly, are those that `modprobe -n -v` gives to insmod;
  one of a line in effect is not set otherwise later, one of an overridden line is
- the command that modprobe would run is that of the one install line in effect; none is when it would run none
- modprobe -b loads it if, and only if, no blacklist line is in effect
- modprobe takes its name for itself, or an alias line says what it is taken for instead
- what the softdep line in effect asks for is a step of `modprobe -n -v`
and of each machine: all lines that `modprobe -c` shows are listed, in the same order.
Every second machine has many lines about few modules.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "compat"))
from machines import Machine, shortened, spelled  # noqa: E402

WORD = re.compile(r'(?:"[^"]*(?:"|\Z)|[^ \t\n"])+')


def normal(name):
    return name.replace("-", "_")


def parameters(text):
    """Each parameter of an option string with its last value."""
    words = [w[1:].removesuffix('"') if w[0] == '"' else w for w in WORD.findall(text)]
    return {normal(key): (mark, value) for key, mark, value in (w.partition("=") for w in words)}


def stem(rest):
    """The module of "PATH OPTIONS"."""
    return normal(rest.partition(" ")[0].rsplit("/", 1)[1].split(".ko")[0])


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

    def found(self, name):
        """The modules that modprobe takes the name for."""
        return self.run("modprobe", "-R", name).stdout.decode(errors="replace").split()

    def dumped(self):
        """Directive, name and value of each line that modprobe shows of the configuration."""
        text = self.run("modprobe", "-c").stdout.decode(errors="replace").partition("\n# End of configuration")[0]
        return [tuple((line.split(" ", 2) + [""])[:3]) for line in text.split("\n") if line]

    def inserted(self, name, *flags):
        """The modules that modprobe would insert."""
        return [stem(rest) for action, rest in self.steps(name, *flags) if action == "insmod"]

    def options(self, name, *flags):
        """The option string that modprobe gives to the module, or None: it does not insert it."""
        for action, rest in self.steps(name, *flags):
            if action == "insmod" and stem(rest) == normal(name):
                return rest.partition(" ")[2]
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


def check_commands(tools, name, lines, say):
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


def check_softdeps(tools, name, lines, modules, say):
    softdeps = of_kind(lines, "softdep", "in-effect")
    if len(softdeps) > 1:
        say(f"several softdep lines are in effect: {softdeps}")
    asked = {normal(word) for line in softdeps for word in (line["value"] or "").split(" ")} & modules
    missing = {word for word in asked if tools.found(word) == [word] and word in tools.inserted(word)} - set(tools.inserted(name))
    if missing:
        say(f"config says that {softdeps} is in effect, modprobe would not load {missing}")


def check_module(tools, name, modules, say):
    """How many questions both answered."""
    lines, plain, name = tools.config(name), tools.options(name, "-i"), normal(name)
    if lines is None or plain is None:
        return 0
    said = any((line["reason"] or "").startswith(f"by the name {name} ") for line in of_kind(lines, "alias"))
    hidden = name not in tools.found(name)
    if said != hidden:
        say(f"modprobe takes the name for {tools.found(name)}, config says {of_kind(lines, 'alias')}")
    if hidden:  # it comes along with what its name is taken for
        check_options([line for line in lines if line["name"] == name], plain, say)
        return 2
    check_options(lines, plain, say)
    check_commands(tools, name, lines, say)
    check_softdeps(tools, name, lines, modules, say)
    denied = tools.options(name, "-b", "-i") is None
    if denied != bool(of_kind(lines, "blacklist", "in-effect")):
        say(f"modprobe -b {'does not load' if denied else 'loads'} it, config says {of_kind(lines, 'blacklist')}")
    return 5


def check_lines(tools, say):
    """All lines are there; softdeps, which modprobe spells as kmod does, by their names."""
    def comparable(directive, name, value):
        return directive, name, "" if directive == "softdep" else value.strip(" \t")

    lines = json.loads(tools.run("kmodctl", "config", "--all", "--json").stdout)["lines"]
    listed = [comparable(x["directive"], x["name"], x["value"] or "") for x in lines if x["effect"] != "masked"]
    dumped = [comparable(*line) for line in tools.dumped()]
    for directive in sorted({line[0] for line in dumped}):
        a, b = ([line[1:] for line in all_lines if line[0] == directive] for all_lines in (dumped, listed))
        if a != b:
            say(f"{directive}: modprobe -c has {a}, config {b}")
    return 1


def busy(rng, names):
    """Lines of which many are about one module."""
    forms = [lambda n: f"options {n} {rng.choice(['a', 'b-c', 'b_c'])}={rng.randrange(9)} d={rng.randrange(2)}",
             lambda n: f"blacklist {n}",
             lambda n: f"install {n} /bin/true {rng.randrange(9)}",
             lambda n: f"softdep {n} {rng.choice(['pre', 'post'])}: {spelled(rng, rng.choice(names))}",
             lambda n: f"alias {n} {spelled(rng, rng.choice(names))}"]
    return "".join(rng.choices(forms, [12, 2, 3, 2, 1])[0](spelled(rng, rng.choice(names))) + "\n"
                   for _ in range(rng.randint(12, 30)))


def check_machine(runtool, mkko, seed, problems):
    machine, n = Machine(seed), 0
    if seed % 2 == 0:
        machine.texts["etc/modprobe.d/busy.conf"] = busy(machine.rng, machine.names)
    with tempfile.TemporaryDirectory() as root:
        machine.build(pathlib.Path(root), mkko, [runtool, root, "depmod"])
        tools, before = Tools(runtool, root), len(problems)
        modules = {normal(name) for name in machine.modules}
        n += check_lines(tools, lambda text: problems.append(f"seed {seed}: {shortened(text)}"))
        for name in machine.modules:
            n += check_module(tools, name, modules, lambda text, name=name: problems.append(f"seed {seed}: {name}: {shortened(text)}"))
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
