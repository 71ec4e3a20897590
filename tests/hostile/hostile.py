#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real binary on a fake machine that means it no good. usage: hostile.py BUILD [CASE]

Closed descriptors, files of many megabytes, NUL bytes, files that a user may not read. The machine is that of the
golden fixtures, under supervise: needs root, otherwise status 77 (skipped).
"""
import errno
import hashlib
import itertools
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
sys.path.insert(0, str(HERE.parent / "lib"))
from cases import Fixtures  # noqa: E402
from need import need  # noqa: E402

SKIP = 77
TIMEOUT = 60
TOOLS = "kmod", "lsmod", "rmmod", "insmod", "modprobe", "modinfo", "depmod", "modules-load"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


class Machine:
    """One build of the tools, and roots to run them on."""

    def __init__(self, build, where):
        self.where, self.lib, self.n = where, build / "tests/lib", 0
        self.bin = where / "bin"
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(build / "src/kmod")
        self.has_kmodctl = (build / "src/kmodctl").exists()
        (self.bin / "kmodctl").symlink_to(build / "src/kmodctl")
        (where / "fixtures").mkdir()
        self.fixtures = Fixtures([str(self.lib / "runtool")], str(self.lib / "mkko"), str(self.lib / "mkindex"), where / "fixtures")

    def root(self, fixture="plain"):
        """A fresh one."""
        if fixture not in self.fixtures.built:
            self.fixtures.build(fixture)
        self.n += 1
        root = self.where / f"root{self.n}"
        self.fixtures.copy(fixture, root)
        return root

    def run(self, root, *words, env=None, before=()):
        """As root, or behind the words of before, with the shell's redirections in the last of these."""
        # A build with AddressSanitizer cannot look for leaks on a fake /proc.
        fixed = {"PATH": os.environ["PATH"], "LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"}
        command = [self.lib / "supervise", root, *before, self.bin / words[0], *words[1:]]
        return subprocess.run(command, cwd=root, env={**fixed, **(env or {})}, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT)


def expect(done, status, out=None, err=None):
    """err: texts that standard error must have; [] for none at all."""
    said = done.stderr.decode("utf-8", "backslashreplace")
    assert done.returncode == status, f"status {done.returncode}: {said[:300]}...{said[-300:]}"
    if out is not None:
        assert done.stdout == out, f"printed {done.stdout[:500]}"
    for text in err or []:
        assert text in said, f"{text!r} is not in {said[:300]}...{said[-300:]}"
    assert err != [] or not said, f"said {said[:300]}...{said[-300:]}"


def log_of(root):
    path = root / "fake/log"
    return path.read_text() if path.exists() else ""


# ---- descriptors that are closed ----

COMMANDS = [
    "lsmod", "modinfo foo-bar unix", "modprobe -v on", "modprobe -c", "modprobe -D on", "modprobe nosuch", "modprobe -r -v foo-bar",
    "insmod /lib/modules/5.0.0/kernel/a/foo-bar.ko x=1", "insmod /nosuch.ko", "rmmod nosuch", "depmod -b / -v -w", "depmod -b / -n",
    "kmod static-nodes -o /mnt/nodes", "kmod list", "kmod", "kmod help", "modules-load --jobs 2 -v", "modprobe -v commanded",
]

KMODCTL_COMMANDS = ["kmodctl boot list", "kmodctl why on", "kmodctl params foo-bar a=1 --persist", "kmodctl sign --strip /lib/modules/5.0.0/kernel/a/on.ko"]


def tree_of(root):
    """path -> digest of what is on the machine."""
    found = {}
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and "proc/.host" not in str(p)):
        found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def prepare_closed(machine):
    root = machine.root()
    (root / "mnt").mkdir(exist_ok=True)
    (root / "lib/modules/5.0.0/modules.devname").write_text("fuse fuse c10:229\n")
    (root / "lib/modules/5.0.0/kernel/a/damaged.ko").write_text("no module at all")
    (root / "etc/modprobe.d/own.conf").write_text("bad line\ninstall commanded echo to stdout; echo to stderr >&2\n")
    return root


def closed_result(machine, words, redirections):
    root = prepare_closed(machine)
    done = machine.run(root, *words, before=["sh", "-c", f'"$@" {redirections}', "sh"])
    result = done.returncode, tree_of(root)
    shutil.rmtree(root)
    return result, done


@case
def closed_descriptors_harm_nothing(machine):
    for command in map(shlex.split, COMMANDS + KMODCTL_COMMANDS * machine.has_kmodctl):
        (status, tree), whole = closed_result(machine, command, "")
        for redirections in "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-":
            got, done = closed_result(machine, command, redirections)
            where = f"{shlex.join(command)} {redirections}"
            assert got[0] == status, f"{where}: status {got[0]} instead of {status}: {done.stderr}"
            assert got[1] == tree, f"{where}: differs: {sorted(set(got[1].items()) ^ set(tree.items()))}"
            assert ">&-" in redirections.replace("2>&-", "") or done.stdout == whole.stdout, f"{where}: printed {done.stdout}"
            assert "2>&-" in redirections or done.stderr == whole.stderr, f"{where}: said {done.stderr}"


# ---- names that others chose ----

@case
def arguments_are_echoed_printable(machine):
    commands = [[tool, word] for tool in ("modprobe", "rmmod", "modinfo", "insmod", "depmod") for word in ("--\x1b[2J", "a\x1b[2J\nb")]
    commands += [["kmod", "\x1b[2J"], ["kmod", "static-nodes", "-f", "\x1b"]]
    if machine.has_kmodctl:
        commands += [["kmodctl", *words.split(), "\x1b[2J\n"] for words in ("", "why", "users", "trust", "key", "mokutil --import")]
    for command in commands:
        done = machine.run(machine.root(), *command)
        said = done.stdout + done.stderr  # why answers on standard output
        assert said and not set(said) & set(b"\x1b\r"), f"{command}: said {said}"


@case
def a_key_is_written_to_no_file_of_that_name(machine):
    """Neither over one, nor through a link that somebody planted where the key was expected."""
    if not machine.has_kmodctl:
        return
    for ending in "priv", "der", "pem":
        root = machine.root()
        (root / f"mnt/k.{ending}").parent.mkdir(exist_ok=True)
        (root / f"mnt/k.{ending}").symlink_to("planted")
        expect(machine.run(root, "kmodctl", "key", "generate", "--cn", "t", "-o", "/mnt/k"), 1, b"", ["File exists"])
        assert os.listdir(root / "mnt") == [f"k.{ending}"], os.listdir(root / "mnt")
        (root / "mnt/planted").write_text("old")
        expect(machine.run(root, "kmodctl", "key", "generate", "--cn", "t", "-o", "/mnt/k"), 1, b"", ["File exists"])
        assert (root / "mnt/planted").read_text() == "old"


@case
def static_nodes_are_written_through_no_link(machine):
    root = prepare_closed(machine)
    (root / "mnt/kept").write_text("kept")
    (root / "mnt/nodes").symlink_to("kept")
    expect(machine.run(root, "kmod", "static-nodes", "-f", "devname", "-o", "/mnt/nodes"), 1, b"", ["could not create /mnt/nodes"])
    expect(machine.run(root, "kmod", "static-nodes", "-f", "devname", "-o", "/mnt/made"), 0, b"", [])
    assert (root / "mnt/made").read_text() == "fuse fuse c10:229\n"


# ---- large and odd content ----

def configured(machine, content, *words):
    root = machine.root()
    (root / "etc/modprobe.d/own.conf").write_bytes(content)
    return root, machine.run(root, *words)


@case
def line_of_a_megabyte(machine):
    root, done = configured(machine, b"options foo-bar b=" + b"x" * 60000 + b"\n", "modprobe", "-q", "foo-bar")
    expect(done, 0, b"", [])
    assert "x" * 60000 in log_of(root)
    long = b"x" * (1 << 20)
    too_long = ["own.conf line 1: a word of 1048576 bytes is too long to be a name"]
    for line, said in (b"alias " + long + b" foo-bar", too_long), (b"alias foo-one foo-bar" + b" " * (1 << 20), []), (b"#" + long, []), \
            (b"softdep on pre: " + long, too_long):
        _, done = configured(machine, line + b"\nalias last foo-bar\n", "modprobe", "-R", "last")
        expect(done, 0, b"foo_bar\n", said)
        assert len(done.stderr) < 500
    _, done = configured(machine, long + b"\n", "modprobe", "-R", "foo-bar")
    expect(done, 0, b"foo_bar\n", ["own.conf line 1: ignoring bad line"])


@case
def many_lines(machine):
    lines = b"".join(b"options other%d a=1\nalias al%d foo-bar\nblacklist b%d\n" % (i, i, i) for i in range(100000))
    _, done = configured(machine, lines, "modprobe", "-R", "al99999")
    expect(done, 0, b"foo_bar\n", [])


@case
def many_files(machine):
    root = machine.root()
    for n in range(100000):
        (root / f"etc/modprobe.d/{n}.conf").touch()
    (root / "etc/modprobe.d/last.conf").write_text("alias last foo-bar\n")
    expect(machine.run(root, "modprobe", "-R", "last"), 0, b"foo_bar\n", [])


@case
def file_of_many_megabytes_is_read(machine):
    content = b"#" * (17 << 20) + b"\noptions foo-bar a=1\n"
    _, done = configured(machine, content, "modprobe", "-v", "-n", "foo-bar")
    expect(done, 0, b"insmod /lib/modules/5.0.0/kernel/a/foo-bar.ko a=1 \n", [])


@case
def nul_bytes(machine):
    content = b"\0\noptions foo-bar a=1\0b=2\nalias one foo-bar\0\nal\0ias two on\n\0alias three on\nalias four zed\n"
    _, done = configured(machine, content, "modprobe", "-D", "one")
    expect(done, 0, b"insmod /lib/modules/5.0.0/kernel/a/foo-bar.ko a=1 \n")
    _, done = configured(machine, content, "modprobe", "-R", "four")
    expect(done, 0, b"zed\n")


@case
def boot_lists(machine):
    root = machine.root()
    (root / "etc/modules-load.d").mkdir(parents=True)
    listed = root / "mnt/list"
    listed.parent.mkdir(exist_ok=True)
    for content, status, says in [
        (b"\0\non\0\n\0zed\n", 0, []), (b"x" * 300000 + b"\non\n", 0, ["Failed to find module"]),
        (b"on\n" * 400000, 1, ["File too large"]), (b"on\n" * 50000, 0, []), (b"\xff\xfe\n[\n*\n-\n..\n/\n", 0, ["Failed to find module"]),
    ]:
        listed.write_bytes(content)
        done = machine.run(root, "modules-load", "/mnt/list")
        expect(done, status, b"", says)
    expect(machine.run(root, "modules-load", "/mnt"), 1, b"", ["Is a directory"])


@case
def endless_words(machine):
    root = machine.root()
    long = "x" * 100000
    for words in ["modprobe", long], ["modprobe", "-R", long], ["modprobe", "-r", long], ["modinfo", long], ["rmmod", long], \
            ["insmod", "/" + long], ["modprobe", "/" + long], ["modinfo", "-m", long], ["modprobe", "-d", "/" + long, "on"], \
            ["modprobe", "-C", "/" + long, "nosuch"], ["depmod", "-b", "/" + long, "5.0.0"]:
        assert machine.run(root, *words).returncode == 1, words
    done = machine.run(root, "modprobe", "on", env={"MODPROBE_OPTIONS": "-v " * 30000 + "-n"})
    expect(done, 0)
    done = machine.run(root, "insmod", "/lib/modules/5.0.0/kernel/a/foo-bar.ko", *["a=" + "b" * 60] * 1000)
    expect(done, 0, b"", ["foo_bar: parameter a: 'bbb"])


@case
def long_kernel_command_line(machine):
    root = machine.root()
    (root / "proc/cmdline").write_text("foo-bar.a=1 " + "y" * (2 << 20) + " foo-bar.b=2\n")
    expect(machine.run(root, "modprobe", "-D", "foo-bar"), 0)
    (root / "proc/cmdline").write_bytes(b"foo-bar.a=1 \0\0 foo-bar.b=2\n" + b'"' * 100000)
    expect(machine.run(root, "modprobe", "-D", "foo-bar"), 0)


# ---- files that a user may not read ----

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def as_nobody(machine, mode_of, *words):
    root = machine.root()
    machine.where.chmod(0o755)
    (root / "etc/modprobe.d/own.conf").write_text("options foo-bar b=2\n")
    (root / "proc/modules").write_text("")
    for path in mode_of:
        (root / path).chmod(0)
    return machine.run(root, *words, before=NOBODY)


@case
def unreadable_files(machine):
    modules = "lib/modules/5.0.0"
    shown = b"insmod /lib/modules/5.0.0/kernel/a/foo-bar.ko \n"
    expect(as_nobody(machine, ["etc/modprobe.d/own.conf"], "modprobe", "-D", "foo-bar"), 0, shown, [])
    expect(as_nobody(machine, ["etc/modprobe.d"], "modprobe", "-D", "foo-bar"), 0, shown, [])
    expect(as_nobody(machine, [f"{modules}/modules.dep.bin"], "modprobe", "-D", "foo-bar"), 1, b"",
           ["Module foo-bar not found in directory /lib/modules/5.0.0"])
    expect(as_nobody(machine, [modules], "modinfo", "foo-bar"), 1, b"", ["Module foo-bar not found."])
    expect(as_nobody(machine, [f"{modules}/kernel/a/foo-bar.ko"], "modinfo", "foo-bar"), 1, None, ["Permission denied"])
    expect(as_nobody(machine, [f"{modules}/kernel/a/foo-bar.ko"], "modprobe", "foo-bar"), 1, b"", ["Permission denied"])
    expect(as_nobody(machine, [f"{modules}/kernel/a/foo-bar.ko"], "insmod", f"/{modules}/kernel/a/foo-bar.ko"), 1, b"",
           ["Permission denied"])
    expect(as_nobody(machine, ["proc/modules"], "lsmod"), 1, b"", ["Permission denied"])
    expect(as_nobody(machine, [], "depmod", "5.0.0"), 1, b"", ["Permission denied"])


@case
def unreadable_configuration_denies(machine):
    """A blacklist line may stand in what cannot be read; the module could be loaded otherwise."""
    expect(configured(machine, b"#\n", "modprobe", "foo-bar")[1], 0, b"", [])
    for shown in ["modprobe", "-D", "foo-bar"], ["modprobe", "-c"]:
        root = machine.root()
        (root / "etc/modprobe.d/own.conf").touch()
        os.truncate(root / "etc/modprobe.d/own.conf", 2 << 30)
        expect(machine.run(root, *shown), 0, None, ["own.conf: ignored: File too large"])
    for command in ["modprobe", "foo-bar"], ["modprobe", "-a", "foo-bar"], ["modprobe", "-b", "foo-bar"]:
        root = machine.root()
        (root / "etc/modprobe.d/own.conf").touch()
        os.truncate(root / "etc/modprobe.d/own.conf", 2 << 30)
        expect(machine.run(root, *command), 1, b"", ["own.conf: ignored: File too large", "nothing is loaded"])
        assert not log_of(root), log_of(root)
    for unreadable in "etc/modprobe.d/own.conf", "etc/modprobe.d":
        expect(as_nobody(machine, [unreadable], "modprobe", "foo-bar"), 1, b"", ["nothing is loaded"])


def deny_by(machine, where):
    """A machine on which foo-bar is forbidden: in a file, behind a link, in a second directory, on the kernel's command line."""
    root = machine.root()
    for path in "etc/modprobe.d", "usr/lib/modprobe.d":
        (root / path).mkdir(parents=True, exist_ok=True)
    (root / "etc/modprobe.d/a.conf").write_text("options foo-bar a=1\n")
    (root / "etc/elsewhere").write_text("")
    (root / "etc/modprobe.d/link.conf").symlink_to("../elsewhere")
    (root / where).write_text("modprobe.blacklist=foo_bar\n" if where == "proc/cmdline" else "blacklist foo-bar\n")
    return root


@case
def a_failing_call_denies(machine):
    """Whichever call on a file fails once while modprobe reads its configuration: what it would have read may forbid the module."""
    command = [machine.lib / "runtool", "ROOT", "modprobe", "-b", "foo-bar"]
    for where in "etc/modprobe.d/deny.conf", "etc/elsewhere", "usr/lib/modprobe.d/deny.conf", "proc/cmdline":
        root = deny_by(machine, where)
        command[1], trace, denied = root, root.parent / "trace", 0
        faultrun = [machine.lib / "faultrun", "--files"]
        subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True)  # the fake kernel has its files now
        subprocess.run([*faultrun, "--trace", trace, "--", *command], capture_output=True, timeout=TIMEOUT, check=True)
        assert not log_of(root), f"{where} does not forbid foo-bar: {log_of(root)}"
        calls = trace.read_text().splitlines()
        for (at, call), error in itertools.product(enumerate(calls, 1), (errno.EIO, errno.EACCES, errno.ESTALE)):
            done = subprocess.run([*faultrun, "--at", str(at), "--errno", str(error), "--", *command], capture_output=True,
                                  timeout=TIMEOUT, check=False)
            assert not log_of(root), f"{where}: loaded, although call {at} ({call}) fails: {os.strerror(error)}: {done.stderr}"
            denied += done.returncode == 1 and b"nothing is loaded" in done.stderr
        assert denied > 6, f"{where}: only {denied} failures were noticed"


def calls_until(machine, root, operand, *words):
    """The system calls that strace shows of a tool before it opens a path with operand in it."""
    log = root / "strace"
    machine.run(root, *words, before=["strace", "-f", "-o", log])
    calls = log.read_text().splitlines()
    opened = [n for n, call in enumerate(calls) if " open" in call and operand in call]
    assert opened, f"{words} did not open {operand}"
    return calls[:opened[0]]


@case
def files_are_read_confined(machine):
    """Before a parser sees a byte of a file, the process has given up what parsing does not need."""
    need("strace")
    module = "/lib/modules/5.0.0/kernel/a/foo-bar.ko"
    tools, reports = [("modinfo", module), ("modinfo", "foo-bar"), ("kmod", "modinfo", module)], []
    if machine.has_kmodctl:
        root = machine.root()
        assert machine.run(root, "kmodctl", "key", "generate", "--cn", "t", "-o", f"{root}/key").returncode == 0
        tools += [("kmodctl", "trust", module), ("kmodctl", "why", module), ("kmodctl", "why", "foo-bar"),
                  ("kmodctl", "verify", "--cert", f"{root}/key.der", module), ("kmodctl", "key", "show", f"{root}/key.der")]
        # They read the files of loaded modules.
        reports = [("kmodctl", "report", "--json"), ("kmodctl", "report", "--html", "page.html")]
        tools += reports
    for words in tools:
        loaded, operand = (True, module) if words in reports else (False, words[-1])
        calls = calls_until(machine, machine.root("plain+why-foo-loaded" if loaded else "plain"), operand.lstrip("/"), *words)
        before = "\n".join(calls)
        assert "PR_SET_NO_NEW_PRIVS, 1" in before and " seccomp(" in before, f"{words}: not confined"
        probe = next((call for call in calls if "landlock_create_ruleset(NULL" in call), None)
        assert probe, f"{words}: Landlock was not tried"
        assert "= -1" in probe or "landlock_restrict_self(" in before, f"{words}: Landlock is not used"


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIP
    wanted, failed = sys.argv[2:] or list(CASES), 0
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="kmodctl-hostile-") as tmp:
            try:
                CASES[name](Machine(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(tmp)))
            except (AssertionError, subprocess.TimeoutExpired) as problem:
                failed += 1
                print(f"FAILED {name}: {problem}")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
