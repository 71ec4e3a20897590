# SPDX-License-Identifier: MIT
"""Machines by chance: modules, indexes, configuration, kernel command line; and commands to run on them."""
import random
import re
import subprocess

RELEASE = "6.1.0-lab"
MODULES = f"lib/modules/{RELEASE}"
STEMS = ["foo", "bar-baz", "snd_x", "a-b_c", "Up", "m1", "net-2", "x", "dash--two", "crc_t", "long-name-of-a-module"]
BUILTINS = ["bi-one", "bi_two"]
PATTERNS = ["pci:v*d0000?", "al-x[0-9]*", "al-*", "usb-[a-c]?", "q[!a]-*", "x[-a]y", "plain-alias", "of:N*T*", "?", "al\\-*"]
STRINGS = ["pci:v01d00002", "al-x7", "al_x7z", "usb-bz", "usb_b-", "qb-", "qa-1", "x-y", "xay", "plain-alias", "plain_alias",
           "of:NfooT<NULL>", "z", "-", "symbol:foo_fn", "symbol:*", "*", "a[b", "a]b", "a[b]c", ":", "foo.ko", "foo.x", " "]
TEXTS = ["a=1", "a=1 b=2", " lead", "tab\there", 'q="x y"', "q='x y'", "bare", "c=$HOME", "trail ", "d=a,b,c", "e==", "=f", "#no"]
WORDS = ["alias", "options", "install", "remove", "softdep", "blacklist", "bogus", "include", "config", "Alias", "#x"]
COMMAND_LINES = ["/bin/true", "/bin/false", "exit 3", 'echo "[$CMDLINE_OPTS]" "$MODPROBE_MODULE" >&2', "/bin/true x",
                 'echo "$MODPROBE_OPTIONS" >&2']
CMDLINE = ["quiet", "foo.a=1", "bar-baz.b", '"snd-x.s=t u"', 'm1.p=a"b c"d', "a.b.c=1", "k=v.w", '"x.p"', 'y"x.p=1',
           ".x=1", "x.", "modprobe.blacklist=foo,m1", "modprobe.blacklist=a-b_c,,", "modprobe.blacklist", "modprobe.x=1", "--",
           "Up.v=--", 'x.q="open', "a[.b=1", "\tfoo.c=2", "modules_load=foo,nosuch,,x", "modules-load=m1", "rd.modules_load=Up", 'modules_load="a-b_c net-2"',
           "modules_load"]
CONF_NAMES = ["a.conf", "m.conf", "modules.conf", "modulet.conf", "zz.conf", "x.con", ".h.conf", ".conf", "b.conf.bak", "plain",
              "c.conf~", "d.CONF"]
REMARKS = [" # remark", "# remark", "#remark", " #", "\t# a=1", " ; remark", " // remark"]
ODD_SPACES = ["\u00a0", "\u00a0 ", "\v", "\f", "\r", "\u2003", "\u200b", "\0", "\x85"]
OPEN_QUOTES = [' s="x y', " s='x y", " s=\u201cx y\u201d", " \u2018a=1\u2019", ' "s=x', ' s="', " s=\u00abx y\u00bb"]
LONG = 65536
# Rows of docs/compat.md: white space twice before the first word of a softdep.
DOUBLED = re.compile(r"softdep[ \t]+[^ \t]+[ \t]\s")
LISTS = ["etc/modules-load.d", "usr/lib/modules-load.d"]
CONF_DIRS = ["etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d"]
FIELDS = ["author", "alias", "parm", "parmtype", "name", "filename", "depends", "License", "vermagic", "nosuch", "softdep", "", "odd"]


def spelled(rng, name):
    """The name as somebody may write it."""
    return "".join(rng.choice("-_") if c in "-_" else c for c in name)


def shortened(text):
    return re.sub(r"(.)\1{99,}", lambda m: f"{m[1]}<{len(m[0])} times>", text)


class Machine:
    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.modules = rng.sample(STEMS, rng.randint(4, len(STEMS)))
        self.names = self.modules + BUILTINS
        self.needs = {name: rng.sample(self.modules[:i], min(i, rng.choice([0, 0, 0, 1, 1, 2, 3])))
                      for i, name in enumerate(self.modules)}
        self.files = {f"{MODULES}/kernel/{rng.choice('abc')}/{name}.ko{rng.choice(['', '', '.xz', '.zst'])}": self.recipe(name)
                      for name in self.modules}
        for name in self.modules:  # the same name in places of different rank
            for place in rng.sample(["updates", "extra/deep"], rng.choice([0, 0, 0, 1, 2]) if rng.randrange(2) else 0):
                self.files[f"{MODULES}/{place}/{name}.ko"] = self.recipe(name)
        self.texts = {"proc/sys/kernel/osrelease": RELEASE + "\n", "proc/cmdline": self.cmdline()}
        self.texts |= self.lists() | self.configuration()

    def name(self):
        return spelled(self.rng, self.rng.choice(self.names))

    def chance(self, one_in):
        return self.rng.randrange(one_in) == 0

    def recipe(self, name):
        rng, normal = self.rng, name.replace("-", "_")
        lines = [f"info name={normal}", "info license=GPL", "info depends=" + ",".join(n.replace("-", "_") for n in self.needs[name]),
                 f"info vermagic={RELEASE} SMP", f"export {normal}_fn"]
        lines += [f"info alias={p}" for p in rng.sample(PATTERNS, rng.choice([0, 1, 1, 2, 3]))]
        lines += [f"info author=A{i} <x@y>" for i in range(rng.randrange(3))]
        lines += rng.sample(["info parm=a:first", "info parmtype=a:int", "info parm=b: desc : colon", "info parmtype=c:array of int",
                             "info novalue", "info parm=nocolon", "info odd==", "info alias=", "info description="], rng.randrange(6))
        if self.chance(4):
            lines.append(f"info softdep=pre: {self.name()} nosuch post: {self.name()}")
        lines += [f"need {n.replace('-', '_')}_fn" for n in self.needs[name]] + ["need printk"]
        if self.chance(3):
            lines += ["version module_layout 0x1234abcd", "version printk 0x1"]
        if "xz" in name or self.chance(1):
            rng.shuffle(lines)
        return lines

    def lists(self):
        rng = self.rng
        order = [path.removeprefix(MODULES + "/").split(".ko")[0] + ".ko" for path in self.files]
        rng.shuffle(order)
        order = order[:rng.randint(0, len(order))] + rng.choice([[], ["kernel/nosuch.ko"]])
        rng.shuffle(order)
        return {f"{MODULES}/modules.order": "".join(line + "\n" for line in order),
                f"{MODULES}/modules.builtin": "".join(f"kernel/b/{n}.ko\n" for n in BUILTINS),
                f"{MODULES}/modules.builtin.modinfo": "bi_one.license=GPL\0bi_one.alias=net-pf-1\0bi_one.parm=p:text\0"
                                                      "bi_one.parmtype=p:int\0bi_two.alias=bi-al*\0bi_two.author=B\0"}

    # ---- configuration ----

    def line(self):
        rng = self.rng
        kind = rng.choice(["alias", "alias", "blacklist", "options", "options", "install", "remove", "softdep", "junk"])
        gap = rng.choice([" ", " ", "\t", "  "])
        name = self.name() if not self.chance(6) else rng.choice(["nosuch", "foo*", "*", "a[b", "x.y", "inst-only", "[!f]*"])
        if kind == "alias":
            return f"alias{gap}{rng.choice(PATTERNS + STRINGS[:12] + [self.name()])} {name}" + rng.choice(["", "", " more"])
        if kind == "blacklist":
            return f"blacklist{gap}{name}" + rng.choice(["", " more"])
        if kind == "options":
            return f"options{gap}{rng.choice([name, rng.choice(STRINGS[:10])])}{rng.choice([' ', chr(9), '  '])}{rng.choice(TEXTS)}"
        if kind in ("install", "remove"):
            return f"{kind}{gap}{name} {rng.choice(COMMAND_LINES)}"
        if kind == "softdep":
            return f"softdep{gap}{name}" + rng.choice(["", f" pre: {self.name()}"]) + rng.choice(
                ["", f" post: {self.name()} nosuch", f" post: {rng.choice(STRINGS[:12])}"])
        return rng.choice(["", "", " ", "# comment", " # indented", f"{rng.choice(WORDS)}", f"{rng.choice(WORDS)} x", "\x01 y", "\tbogus z"])

    def conf(self):
        rng, text = self.rng, ""
        for _ in range(rng.randint(0, 7)):
            line = self.line()
            if self.chance(8) and line:
                at = rng.randrange(len(line))
                mangled = line[:at] + rng.choice(["\\\n", "\\", "\\\\", "\r"]) + line[at:]
                line = line if DOUBLED.search(mangled) else mangled
            text += line + "\n"
        return text[:-1] if self.chance(5) else self.odd(text)

    # ---- what editors, word processors and other systems make of a file ----

    def odd_line(self, line):
        rng = self.rng
        if not line or not self.chance(3):
            return line
        kind = rng.randrange(6)
        if kind == 0:
            return line + rng.choice(REMARKS)
        if kind == 1:
            return line + rng.choice(OPEN_QUOTES)
        if kind == 2:
            return line + rng.choice(ODD_SPACES)
        if kind == 3:
            return rng.choice(ODD_SPACES) + line
        if kind == 4 and self.chance(4):
            return line + rng.choice([" ", "", " a="]) + rng.choice("xy ") * LONG
        blanks = [i for i, c in enumerate(line) if c in " \t"]
        at = rng.choice(blanks) if blanks else len(line)
        changed = line[:at] + rng.choice(ODD_SPACES) + line[at + 1:]
        return line if DOUBLED.search(changed) else changed

    def odd(self, text):
        rng = self.rng
        if not self.chance(3):
            return text
        text = rng.choice(["\n", "\n", "\r\n", "\r\n", "\r", "\n\r"]).join(self.odd_line(line) for line in text.split("\n"))
        text = "\ufeff" + text if self.chance(4) else text
        return text.rstrip("\r\n") if self.chance(4) else text

    def configuration(self):
        rng = self.rng
        chosen = rng.sample([f"{d}/{n}" for d in CONF_DIRS for n in CONF_NAMES], rng.randint(0, 5))
        lists = rng.sample([f"{d}/{n}" for d in LISTS for n in CONF_NAMES], rng.randint(0, 4))
        return {path: self.conf() for path in chosen} | {path: self.boot_list() for path in lists} | self.search() | {"mnt/list": self.boot_list()} | {"mnt/given": self.conf(), "mnt/dir/one.conf": self.conf()}

    def boot_list(self):
        rng = self.rng
        lines = [rng.choice(["", " ", "\t"]) + rng.choice([self.name(), self.name(), "nosuch", rng.choice(STRINGS[:12]), "# comment", "; other", ""])
                 + rng.choice(["", " ", "\r"]) for _ in range(rng.randint(0, 4))]
        return self.odd("\n".join(lines) + rng.choice(["\n", ""]))

    def search(self):
        """The ranks are never odd: of two files of the same rank, kmod takes one by chance."""
        rng = self.rng
        words = ["updates", "extra", "built-in"]
        rng.shuffle(words)
        text = rng.choice([f"search {' '.join(words)}\n", f"search {words[0]}\nsearch\t{words[1]}  {words[2]}\n"])
        lines = [f"override {self.name()} {rng.choice(['*', '^6', '5', '(', '6.1.*lab'])} {rng.choice(['extra/deep', 'updates', 'extra'])}",
                 "exclude b", "exclude deep", "external * /mnt/nosuch", "make_map_files no", "bogus", "# comment", "search"]
        return {"mnt/search/a.conf": text, "mnt/search/b.conf": self.odd("".join(line + "\n" for line in rng.sample(lines, rng.choice([0, 0, 1, 2]))))}

    def cmdline(self):
        rng = self.rng
        return " ".join(rng.sample(CMDLINE, rng.randint(0, 5))) + rng.choice(["\n", "", " "])

    # ---- on disk ----

    def build(self, root, mkko, depmod):
        for path, recipe in self.files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            lines = recipe + ["compress " + path.rsplit(".", 1)[1]] * (not path.endswith(".ko"))
            subprocess.run([mkko, "-", target], check=True, input="".join(line + "\n" for line in lines), text=True)
        for directory in (*CONF_DIRS, *LISTS):
            (root / directory).mkdir(parents=True, exist_ok=True)
        for path, text in self.texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        # The set-up is the same for both; it is the commands that are compared.
        subprocess.run([*depmod, RELEASE], stderr=subprocess.DEVNULL, check=True)

    def described(self):
        text = "".join(f"  {path}: needs {self.needs[name]} {[line for line in recipe if 'alias' in line or 'softdep' in line]}\n"
                       for path, recipe in self.files.items() for name in [path.rsplit("/", 1)[1].split(".")[0]])
        shown = {p: t for p, t in self.texts.items() if not p.startswith("lib/") and "osrelease" not in p and t}
        return text + "".join(f"  {path}: {shortened(repr(content))}\n" for path, content in shown.items())


# ---- commands ----

def some(rng, choices, one_in=3):
    return [rng.choice(c) if isinstance(c, list) else c for c in choices if rng.randrange(one_in) == 0]


def target(m):
    r = m.rng.randrange(10)
    if r < 6:
        return m.name()
    return m.rng.choice(STRINGS) if r < 9 else m.rng.choice(["nosuch", "inst-only", "net-pf-1", "bi-alx"])


def arguments(m):
    return some(m.rng, ["a=9", "b=x y", "bare", "s='q r'", "", "c"], 4)


def modprobe(m):
    rng = m.rng
    flags = some(rng, [["-b", "--use-blacklist", "--use-b"], ["-i", "--ignore-install", "--ignore-remove", "--ignore"],
                       ["--first-time", "--first"], ["-q", "--quiet"], "-f", "--force-vermagic", "--force-modv",
                       "-C/mnt/given", "--config=/mnt/dir", ["-S" + RELEASE, "--set-version=" + RELEASE], ["-d/", "--dirname=/"]], 9)
    mode = rng.choice([["-D"], ["--show-depends"], ["-R"], ["-n", "-v"], ["-nv"], ["-a"], ["-va"], ["-v"], [], [], ["-c"], ["-Da"], ["-Ra"]])
    names = [target(m) for _ in range(rng.choice([1, 1, 2, 3]))] if any("a" in f for f in mode if f[:2] != "--") else [target(m), *arguments(m)]
    if mode[0:1] in (["-n"], ["-nv"]):  # version 30 prints nothing for -n without -v, and -q takes that away
        flags = [f for f in flags if f not in ("-q", "--quiet")]
    if "softdep" in m.described():  # a post softdep may need the module itself: kmod then fails for what it has just loaded
        flags = [f for f in flags if not f.startswith("--first")]
    words = flags + mode
    rng.shuffle(words)
    return ["modprobe", *words, *(["--"] if m.chance(9) else []), *names]


def modinfo(m):
    rng = m.rng
    flags = some(rng, [["-a", "--author"], ["-d", "--desc"], ["-l", "--license"], ["-p", "--param"], ["-n", "--filename"], ["-0", "--null"],
                       ["-k" + RELEASE, "--set-v=" + RELEASE], ["-b/", "--basedir=/"], "-F" + rng.choice(FIELDS), "--field=" + rng.choice(FIELDS)], 8)
    return ["modinfo", *flags, *[rng.choice([target(m), "/" + rng.choice(list(m.files)), rng.choice(list(m.files))]) for _ in range(rng.choice([1, 1, 2]))]]


def rmmod(m):
    return ["rmmod", *some(m.rng, [["-f", "--force"], ["-v", "--verbose"]], 6), *[m.rng.choice([m.name(), m.name() + ".ko", "nosuch"])
                                                                                 for _ in range(m.rng.choice([1, 1, 2]))]]


def insmod(m):
    return ["insmod", "/" + m.rng.choice(list(m.files)), *some(m.rng, ["a=1", "bare"])]


def depmod(m):
    flags = some(m.rng, ["-v", "-w", ["-A", "--quick"], "-e"], 5)
    if m.chance(5):
        return ["depmod", "-n", *flags, RELEASE, "/" + m.rng.choice(list(m.files))]
    return ["depmod", "-n", m.rng.choice(["-b.", "--basedir=."]), "-C/mnt/search", *flags, RELEASE]


def boot(m):
    return ["modules-load", *(["/mnt/list"] if m.chance(5) else [])]


def remove(m):
    """Of modules that need nothing, and nothing softly: what else goes along is different on purpose."""
    free = [n for n in m.modules if not m.needs[n]]
    if "softdep" in m.described():
        return modprobe(m)
    return ["modprobe", "-r", *some(m.rng, ["-v", "--first-time", "-i", "-q"], 4), spelled(m.rng, m.rng.choice(free))]


def commands(m, count):
    """One after the other: what was loaded before is there for the next."""
    for _ in range(count):
        kind = m.rng.choice([modprobe] * 12 + [modinfo] * 5 + [rmmod] * 3 + [insmod] * 2 + [depmod] * 2 + [remove] * 2)
        yield kind(m)
    yield boot(m)
