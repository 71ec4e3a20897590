#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sequences of libkmod calls on Debian's library and on ours: one client (tests/abi/api), the same lines, the same answers.

  api.py --build DIR --tree ROOT [--sequences N] [--seed N] [--show]

Random sequences run on the roots of the golden tests with random lines of configuration, damaged and replaced indexes and
a fake kernel that loads (tests/lib/supervise; needs root); then every kind of call on modules of a real tree. What each call
gives is compared on its own; a known difference is one of DIFFERENCES and must occur, anything else is a failure. --show
prints the sequence of that one seed with both answers.
"""
import argparse
import difflib
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
from cases import Fixtures  # noqa: E402

sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
from need import need  # noqa: E402
from side_by_side import applies, kmod_version  # noqa: E402


class World:
    """The roots of one family of fixtures, and what there is to ask them for."""

    def __init__(self, release, fixtures, names, aliases, paths):
        self.release, self.fixtures, self.names, self.aliases, self.paths = release, fixtures, names, aliases, paths


WORLDS = (
    World("5.0.0",
          ("plain", "modprobe", "softdeps", "commands", "plain+foo-ENODEV", "plain+busy-twice", "softdeps+on-zed-loaded"),
          ("foo-bar", "foo_bar", "on", "zed", "crc-itu-t", "firewire-core", "firewire_ohci", "unix", "inst", "bad", "nosuch"),
          ("fb-one", "fb_one", "net-pf-1", "symbol:foo_fn", "symbol:x", "foo-alias", "off-alias", "inst-mod", "al-1", "al[x-y]",
           "f*", "foo?bar", "[a-z]n"),
          ("/lib/modules/5.0.0/kernel/a/foo-bar.ko", "/lib/modules/5.0.0/kernel/a/on.ko", "/lib/modules/5.0.0/kernel/b/zed.ko",
           "/lib/modules/5.0.0/kernel/a/../a/on.ko", "lib/modules/5.0.0/kernel/b/zed.ko",
           "/lib/modules/5.0.0/kernel/fw/firewire-ohci.ko")),
    World("6.12.0-test",
          ("modinfo", "modinfo+loaded", "modinfo+used", "modinfo+transient", "modinfo+kos", "modinfo-bad-builtin",
           "modinfo-no-builtin-file"),
          ("full", "other-mod", "other_mod", "wrong-suffix", "unix", "silent", "labmod", "ext4", "base", "top",
           "going_down", "coming_up", "nf_nat", "stuck", "nosuch"),
          ("pci:v00001234d00005678", "pci:v00001234d0*", "second-alias", "second_alias", "symbol:other_fn", "net-pf-1"),
          ("/lib/modules/6.12.0-test/kernel/full.ko", "/lib/modules/6.12.0-test/kernel/other-mod.ko.xz",
           "/lib/modules/6.12.0-test/kernel/wrong-suffix.ko", "/mnt/odd-parameters.ko", "/mnt/control.ko", "/mnt/no-modinfo.ko",
           "/mnt/cut.ko", "/mnt/cut.ko.xz", "/mnt/big32.ko", "/mnt/bad-signature.ko", "/mnt/damaged-trailer.ko", "/mnt/short.ko",
           "/mnt/text.ko", "/mnt/directory.ko", "/mnt/directory.ko/", "/mnt/alpha.ko", "./mnt/alpha.ko")),
)
ODD_NAMES = ("", "a[b", "a]b", "-", "foo-bar.ko", "foo-bar.ko.xz", ".ko", "foo.bar", "a/b", ".", "..", "x" * 300, "x" * 5000,
             "foo\\-bar", "f\u00e4", "symbol:", ":", "NULL")
PATTERNS = ("f*", "foo?bar", "[fz]*", "*", "*n", "un[closed", "al-*", "al[0-9]", "pci:v*d*", "foo-b[a-c]r", "\\*", "o?")
ODD_PATHS = ("/mnt/nosuch.ko", "/", "/mnt", "mnt", "", "/dev/null", "/bin/sh")
OPTIONS = ("", "a=1", "a=1 b=2", "x", 'v="a b"', " ", "NULL")
INDEXES = ("dep", "alias", "symbols", "builtin", "builtin.alias")
FLAGS = (0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x10000, 0x20000, 0x40000)


class Sequence:
    """The lines of one seed, and the files of configuration that belong to them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.world = self.random.choice(WORLDS)
        self.fixture, self.release = self.random.choice(self.world.fixtures), self.world.release
        self.files = [self.config_file() for _ in range(self.random.randrange(4))]
        self.cmdline = self.kernel_command_line() if self.random.random() < 0.3 else None
        self.label = f"seed {seed} ({self.fixture})"
        self.lines, self.paths = [], self.world.paths
        for _ in range(self.random.randrange(1, 3)):
            self.damage_index()
            self.lines.append(self.new_context())
            self.lines += ["config"] if self.random.random() < 0.5 else []
            for _ in range(self.random.randrange(10, 40)):
                self.lines += self.calls()

    # ---- configuration

    def name(self):
        return self.random.choice(self.world.names if self.random.random() < 0.8 else self.world.aliases)

    def pattern(self):
        return self.name() if self.random.random() < 0.6 else self.random.choice(PATTERNS)

    def names(self):
        return " ".join(self.name() for _ in range(self.random.randrange(4)))

    def config_line(self):
        return self.random.choice((
            lambda: f"alias {self.random.choice(PATTERNS + self.world.aliases)} {self.name()}",
            lambda: f"blacklist {self.name()}",
            lambda: f"options {self.name()} {self.random.choice(('p=1', 'q=2 r=3', 's', ' t=4 '))}",
            lambda: f"install {self.pattern()} {self.random.choice(('/bin/true', '/bin/false', 'echo $CMDLINE_OPTS', 'exit 7'))}",
            lambda: f"remove {self.pattern()} /bin/true",
            lambda: f"softdep {self.pattern()} pre: {self.names()} post: {self.names()}",
            lambda: f"softdep {self.pattern()} post: {self.names()}",
            lambda: self.random.choice(("# a comment", "", "   ", "options", "alias x", "nonsense a b", "install x", "  alias al-1 on",
                                        "options on \\", "blacklist\ton", "softdep x", "include y", "alias a\\ b on")),
        ))()

    def config_file(self):
        directory = self.random.choice(("/etc/modprobe.d", "/lib/modprobe.d"))
        name = self.random.choice(("a.conf", "b.conf", "m.conf", "zz.conf", ".hidden.conf", "x.conf~", "soft.conf"))
        return f"{directory}/{name}", "".join(self.config_line() + "\n" for _ in range(self.random.randrange(8)))

    def kernel_command_line(self):
        words = ["quiet", f"modprobe.blacklist={self.name()},{self.name()}", f"{self.name()}.p=9", f'{self.name()}.q="a b"',
                 f'"{self.name()}.r=c d"', f"{self.name()}.flag", "a.b.c=1", "root=/dev/x"]
        return " ".join(self.random.sample(words, self.random.randrange(len(words) + 1)))

    # ---- lines

    def new_context(self):
        """No paths of modules where they are not those of the index: Debian's then loses dependencies that have another one."""
        directory = "NULL" if self.random.random() < 0.8 else self.random.choice(
            (f"/lib/modules/{self.release}", f"lib/modules/{self.release}", "/nowhere", f"/lib/modules/{self.release}/"))
        self.paths = ODD_PATHS if directory.endswith("/") or directory.startswith("lib") else self.world.paths
        config = self.random.choice(([], [], [], ["NULL"], ["/etc/modprobe.d"], ["/nowhere", "/etc/modprobe.d/a.conf"],
                                     ["/lib/modprobe.d", "/etc/modprobe.d"]))
        return "\t".join(("new", directory, *config))

    def damage_index(self):
        if self.random.random() > 0.25:
            return
        path = f"/lib/modules/{self.release}/modules.{self.random.choice(INDEXES)}.bin"
        change = self.random.choice((f"rm -f {path}", f"truncate -s {self.random.randrange(40)} {path}.new && mv {path}.new {path}",
                                     f"printf xxxx >{path}.new && tail -c +5 {path} >>{path}.new; mv {path}.new {path}"))
        self.lines.append(f"sh\t{change}; true")

    def module(self):
        return str(self.random.randrange(12))

    def wanted(self):
        chance = self.random.random()
        return self.random.choice(self.world.names if chance < 0.5 else self.world.aliases if chance < 0.85 else ODD_NAMES)

    def flags(self, choices=FLAGS):
        return str(sum(self.random.sample(choices, self.random.randrange(len(choices) // 2 + 1))))

    def calls(self):
        pick = self.random.choice
        kinds = (
            (12, lambda: ["lookup\t" + self.wanted()]),
            (1, lambda: ["lookup-again\t" + self.wanted()]),
            (5, lambda: ["name\t" + self.wanted()]),
            (5, lambda: ["known-name\t" + self.wanted()]),
            (6, lambda: ["path\t" + pick(self.paths if self.random.random() < 0.8 else ODD_PATHS)]),
            (2, lambda: ["loaded"]),
            (5, lambda: ["show\t" + self.module()]),
            (5, lambda: ["live\t" + self.module()]),
            (4, lambda: ["needs\t" + self.module()]),
            (4, lambda: ["soft\t" + self.module()]),
            (2, lambda: ["holders\t" + self.module()]),
            (1, lambda: ["sections\t" + self.module()]),
            (3, lambda: [pick(("info", "versions", "symbols", "wanted")) + "\t" + self.module()]),
            (3, lambda: ["filter\t" + pick("0123")]),
            (2, lambda: [f"same\t{self.module()}\t{self.module()}"]),
            (10, lambda: [f"probe\t{self.module()}\t{self.flags()}\t{pick(OPTIONS)}\t{pick(('0', '0', '1', '-5', 'NULL'))}"]),
            (3, lambda: [f"insert\t{self.module()}\t{pick('0123')}\t{pick(OPTIONS)}"]),
            (3, lambda: [f"remove\t{self.module()}\t{pick(('0', '512', '2048', '1'))}"]),
            (2, lambda: ["load"]),
            (1, lambda: ["unload"]),
            (2, lambda: ["validate"]),
            (1, lambda: ["dump\t" + pick("012345")]),
            (1, lambda: [f"sh\ttouch -d '2020-01-02' {pick(('/etc/modprobe.d', '/lib/modprobe.d'))}; true", "validate"]),
            (1, lambda: [f"sh\ttouch /lib/modules/{self.release}/modules.{pick(INDEXES)}.bin; true", "validate"]),
            (1, lambda: ["userdata"]),
            (1, lambda: ["config"]),
            (1, lambda: ["null"]),
        )
        return self.random.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()


def fixed(label, fixture, files, *lines):
    return types.SimpleNamespace(label=label, fixture=fixture, files=files, cmdline=None, lines=["new\tNULL", *lines])


# What is too rare in random sequences.
FIXED = (
    fixed("a built-in module that says nothing", "modinfo", [], "lookup\tsilent", "info\t0"),
    fixed("a damaged modules.builtin.modinfo", "modinfo-bad-builtin", [], "lookup\tunix", "info\t0"),
    fixed("an alias for everything", "plain", [("/etc/modprobe.d/a.conf", "alias * on\n")], "lookup\t" + "x" * 5000, "lookup\tx"),
    fixed("a damaged index that is not needed", "plain", [("/lib/modules/5.0.0/modules.builtin.alias.bin", "this is no index")],
          "load", "load", "lookup\tfb-one", "validate"),
    fixed("an index that is made while others are loaded", "plain", [],
          "sh\tmv /lib/modules/5.0.0/modules.builtin.alias.bin /lib/modules/5.0.0/x", "load", "lookup\tnet-pf-1",
          "sh\tmv /lib/modules/5.0.0/x /lib/modules/5.0.0/modules.builtin.alias.bin", "lookup\tnet-pf-1", "validate", "load",
          "lookup\tnet-pf-1", "unload", "validate", "lookup\tnet-pf-1"),
    fixed("indexes that come and go unloaded", "plain", [],
          "sh\tmv /lib/modules/5.0.0/modules.dep.bin /lib/modules/5.0.0/x", "lookup\ton", "lookup\tunix", "lookup\tfb-one",
          "sh\tmv /lib/modules/5.0.0/x /lib/modules/5.0.0/modules.dep.bin", "lookup\ton", "needs\t3",
          "sh\trm /lib/modules/5.0.0/modules.dep.bin", "lookup\tzed", "needs\t3", "show\t3", "known-name\tunix"),
    fixed("a dependency with another path", "plain", [], "path\t/lib/modules/5.0.0/kernel/a/../a/foo-bar.ko", "lookup\ton",
          "needs\t1", "show\t1"),
    fixed("null pointers", "plain", [], "null"),
)


class Difference:
    """A known one: from which versions (30, 34 or both), at which call, and what lines it gives there alone and here alone."""

    def __init__(self, versions, why, call, theirs, ours):
        self.versions, self.why = versions, why
        self.call, self.theirs, self.ours = re.compile(call), re.compile(theirs), re.compile(ours)

    def explains(self, call, theirs, ours):
        return bool(self.call.fullmatch(call) and self.theirs.fullmatch(theirs) and self.ours.fullmatch(ours))


NO_NAME = r"(|\.|\.\.|\.ko)"
DIFFERENCES = (
    Difference("30", "version 30 ends the process on some null pointers, and does not report a descriptor that cannot be written", "null",
               r"  kmod_get_dirname\(NULL\): signal\n(.*DEP, -1\) = 0\n)?  \(kmod_config_iter_free_iter\(NULL\), 0\): signal\n",
               r"  kmod_get_dirname\(NULL\) = 0\n(.*DEP, -1\) = -9\n)?  \(kmod_config_iter_free_iter\(NULL\), 0\) = 0\n"),
    Difference("34", "version 34 does not report a descriptor that cannot be written", "null", r".*DEP, -1\) = 0\n", r".*DEP, -1\) = -9\n"),
    Difference("both", "a file too short for an index is told of when it is to be loaded", "load", "", r"  log 3 .* too short for an index\n"),
    Difference("both", "no module has an empty name", r"name\t" + NO_NAME, r"  name = 0\n  \d+:   module  path NULL\n", r"  name = -22\n"),
    Difference("both", "no module has a name of more than 255 bytes", r"name\tx{256,}", r"  name = 0\n  \d+:   module x+ path NULL\n",
               r"  name = -36\n"),
    Difference("both", "nothing has a name of more than 4095 bytes", r"lookup\tx{4096,}", r"(  \d+:   module \S+ path \S+\n)+", ""),
    Difference("30", "-ENOENT for a missing section, later -ENODATA", r"(info|versions|symbols|wanted)\t.*",
               r"  (\w+) = -2\n", r"  (\w+) = -61\n"),
    Difference("both", "no build-id in 30 and 34", r"info\t.*", r"  info = \d+\n", r"  info = \d+\n  info \[build-id\] \[[0-9A-F:\s]+\]\n"),
    Difference("both", "no fields of a signature that cannot be read in 30 and 34", r"info\t.*", r"  info = \d+\n",
               r"  info = \d+\n  info \[sig_id\] \[PKCS#7\]\n  info \[signer\] \[\]\n  info \[sig_key\] \[\]\n"
               r"  info \[sig_hashalgo\] \[unknown\]\n  info \[signature\] \[\]\n"),
    Difference("30", "-ENOSYS for a built-in module that says nothing", r"info\t.*", r"  info = -38\n", r"  info = 0\n"),
    Difference("both", "what is wrong with a module's file is told", r"(info|versions|symbols|wanted|probe|insert)\t.*", "",
               r"(  log 3 \S+: (too short to be a module|xz: Unexpected end of input|is not a regular file)\n)+"),
    Difference("both", "a dependency that the context knows from another file is lost with all others, or not", r"(lookup|needs)\t.*",
               r"(  log 3 (kmod_module '|ctx=)[^\n]*\n)+(  0 modules, 0 backwards\n)?",
               r"(  module foo_bar path \S+/\.\./\S+\n  1 modules, 1 backwards\n)?"),
    Difference("both", "a device is no module's file", r"(info|versions|symbols|wanted|probe|insert)\t.*", r"  \w+ = -22\n",
               r"  log 3 /dev/null: is not a regular file\n  \w+ = -29\n"),
    Difference("30", "version 30 forces a module without vermagic, later ones do not", r"(probe|insert)\t.*",
               r"(  (probe|insert) = -8\n)?",
               r"  log 3 Failed to strip version information: No data available\n(  (probe|insert) = -61\n)?"),
    Difference("30", "the same, as the kernel sees it", r"\(calls of the kernel\)", r"(init \? options=[^\n]* = ENOEXEC\n)+", ""),
    Difference("30", "the place in the source of a message that nobody caught", r"\(end\)",
               r"(libkmod: ERROR \S+:\d+ kmod_config_parse: [^\n]*\n)+",
               r"(libkmod: ERROR: conf.(bad-line|deprecated): [^\n]*\n)+"),
    Difference("34", "the function of a message that nobody caught", r"\(end\)",
               r"(libkmod: ERROR: kmod_config_parse: [^\n]*\n)+",
               r"(libkmod: ERROR: conf.(bad-line|deprecated): [^\n]*\n)+"),
    Difference("34", "a damaged compressed file is told of with its name", r"(info|versions|symbols|wanted|probe|insert)\t.*",
               r"  log 3 xz: Unexpected end of input\n", r"  log 3 \S+: xz: Unexpected end of input\n"),
    Difference("both", "a damaged index is told of with its name", "load", r"  log 3 magic check fail: [0-9a-f]+ instead of b007f457\n",
               r"  log 3 \S+/modules\.[a-z.]+\.bin: magic check fail: [0-9a-f]+ instead of b007f457\n"),
    Difference("34", "a damaged modules.builtin.modinfo is told of with its name", r"info\t.*",
               r"  log 3 get_strings: unexpected string without modname prefix\n", r"  log 3 \S+/modules\.builtin\.modinfo: damaged: [^\n]*\n"),
    Difference("30", "version 30 ends the process on a damaged modules.builtin.modinfo", r"info\t.*",
               r"(  log 3 kmod_builtin_iter_\w+: unexpected string without modname prefix\n)+",
               r"  log 3 \S+/modules\.builtin\.modinfo: damaged: [^\n]*\n  info = -22\n"),
    Difference("30", "the same, as the process ends", r"\(end\)", r"status 134\nfree\(\): [^\n]*\n", r"status 0\n"),
    Difference("both", "a damaged modules.builtin.alias.bin is told of once, not each time", "load", r"  log 3 magic check fail: .*\n", ""),
)


def debian_library():
    lines = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout.splitlines()
    return next(pathlib.Path(line.split()[-1]).resolve() for line in lines if line.strip().startswith("libkmod.so.2"))


class Clients:
    """The client on either library."""

    def __init__(self, build):
        self.client = build / "tests/abi/api"
        self.supervise, self.viewrun = build / "tests/lib/supervise", build / "tests/lib/viewrun"
        self.libraries = {"theirs": debian_library(), "ours": (build / "src/face/libkmod/libkmod.so.2").resolve()}

    def answers(self, whose, lines, root=None):
        """[(line, what the call gave)], and how the client ended."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "LD_LIBRARY_PATH": str(self.libraries[whose].parent)}
        command = [str(self.viewrun), "--empty"] if root is None else [str(self.supervise), str(root)]
        done = subprocess.run([*command, str(self.client)], input="".join(line + "\n" for line in lines).encode(), env=env, cwd=root or "/",
                              capture_output=True, timeout=300)
        text = done.stdout.decode("utf-8", "backslashreplace")
        library, _, text = text.partition("\n")
        if pathlib.Path(library).resolve() != self.libraries[whose]:
            raise SystemExit(f"api.py: {whose} ran on {library!r}: {done.stderr.decode()}")
        blocks = re.split(r"(?m)^> (.*)\n", text)[1:]
        end = f"status {done.returncode}\n{done.stderr.decode('utf-8', 'backslashreplace')}"
        return list(zip(blocks[::2], blocks[1::2])) + [("(end)", end)]


def compare_call(call, theirs, ours, known, seen):
    """None, or the difference as text."""
    lines = list(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "", "", "", "", 1, ""))[2:]
    only = ["".join(line[1:] + "\n" for line in lines if line[0] == sign) for sign in "-+"]
    for difference in known:
        if lines and difference.explains(call, *only):
            seen.add(difference)
            return None
    return "\n".join(lines) or None


def numbered(text):
    return [line for line in text.splitlines() if re.match(r"  \d+: ", line)]


def compare(label, theirs, ours, known, seen):
    """How many calls were compared, and how many differ."""
    compared = failed = 0
    for (call, a), (_, b) in zip(theirs, ours):
        compared += 1
        difference = compare_call(call, a, b, known, seen)
        if difference:
            failed += 1
            print(f"FAIL {label}: {call[:200]}\n{difference}")
        if numbered(a) != numbered(b):
            break  # from here on a number is not the same module
    return compared, failed


def prepare(fixtures, sequence, root):
    if sequence.fixture not in fixtures.built:
        fixtures.build(sequence.fixture)
    fixtures.copy(sequence.fixture, root)
    for path, content in sequence.files:
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    if sequence.cmdline is not None:
        (root / "proc").mkdir(exist_ok=True)
        (root / "proc/cmdline").write_text(sequence.cmdline + "\n")


def run_sequences(options, clients, known, seen):
    calls = failed = 0
    with tempfile.TemporaryDirectory(prefix="kmodctl-api-") as tmp:
        scratch = pathlib.Path(tmp)
        (scratch / "fixtures").mkdir()
        programs = [str(options.build / "tests/lib" / name) for name in ("runtool", "mkko", "mkindex")]
        fixtures = Fixtures(programs[:1], *programs[1:], scratch / "fixtures")
        random_ones = [Sequence(seed) for seed in range(options.seed, options.seed + options.sequences)]
        for sequence in random_ones if options.show else [*FIXED, *random_ones]:
            answers = {}
            for whose in "theirs", "ours":
                root = scratch / "root"
                prepare(fixtures, sequence, root)
                answers[whose] = clients.answers(whose, sequence.lines, root)
                log = root / "fake/log"
                answers[whose].append(("(calls of the kernel)", log.read_text() if log.exists() else ""))
                subprocess.run(["rm", "-rf", str(root)], check=True)
            if options.show:
                print(f"{sequence.fixture}\n{sequence.files}\n{sequence.cmdline}", *answers.values(), sep="\n")
            n, bad = compare(sequence.label, *answers.values(), known, seen)
            calls, failed = calls + n, failed + bad
    return calls, failed


def tree_lines(root):
    """Every kind of question about some modules of a real tree, with and without loaded resources."""
    release = (root / "release").read_text().strip()
    directory = root / "lib/modules" / release
    chance = random.Random(1)
    paths = [line.partition(":")[0] for line in (directory / "modules.dep").read_text().splitlines()]
    names = [re.sub(r"\.ko.*", "", path.rpartition("/")[2]) for path in chance.sample(paths, 150)]
    aliases = [line.split()[1].replace("*", "0") for line in (directory / "modules.alias").read_text().splitlines()
               if line.startswith("alias ")]
    symbols = [line.split()[1] for line in (directory / "modules.symbols").read_text().splitlines() if line.startswith("alias ")]
    for load in [], ["load"]:
        yield from [f"new\t{directory}\tNULL", *load]
        number = 0
        for name in names:
            yield f"known-name\t{name}"
            yield from (f"{word}\t{number}" for word in ("show", "needs", "soft", "info", "versions", "symbols", "wanted"))
            yield f"probe\t{number}\t{0x10 | 0x8}\tx=1\t0"
            number += 1
        for alias in chance.sample(aliases, 300) + chance.sample(symbols, 100):
            yield f"lookup\t{alias}"
        yield from (f"dump\t{index}" for index in range(5))
        yield from ("config", "validate")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", type=lambda path: pathlib.Path(path).resolve(), required=True)
    p.add_argument("--tree", type=lambda path: pathlib.Path(path).resolve())
    p.add_argument("--sequences", type=int, default=300)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", action="store_true")
    options = p.parse_args()
    need("kmod", "libkmod.so.2", "libz.so.1", "liblzma.so.5", "libzstd.so.1")
    options.sequences = 1 if options.show else options.sequences
    version = kmod_version("/sbin/modprobe")
    if not version:
        sys.exit("api.py: needs Debian's kmod 30 or 34")
    known = [difference for difference in DIFFERENCES if applies(difference.versions, version)]
    clients, seen, calls, failed = Clients(options.build), set(), 0, 0
    is_root = os.geteuid() == 0
    if is_root:
        calls, failed = run_sequences(options, clients, known, seen)
    else:
        print("api.py: not root: only the real tree")
    if options.tree and not options.show:
        lines = list(tree_lines(options.tree))
        n, bad = compare("tree", clients.answers("theirs", lines), clients.answers("ours", lines), known, seen)
        calls, failed = calls + n, failed + bad
        for difference in set(known) - seen if is_root else ():
            print(f"FAIL known difference from kmod {version} that does not occur: {difference.why}")
            failed += 1
    print(f"{calls - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
