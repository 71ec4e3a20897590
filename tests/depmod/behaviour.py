#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""depmod as a user sees it: options, messages, exit statuses. usage: behaviour.py BUILD [CASE]"""
import fcntl
import json
import os
import resource
import signal
import stat
import subprocess
import sys

from tree import OUTPUTS, RELEASE, Tree, let_time_pass

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def small(tree):
    tree.module("kernel/a.ko", "need fb;info alias=x-*;info softdep=pre: b")
    tree.module("kernel/b.ko", "export fb")
    (tree.dir / "modules.order").write_text("kernel/a.ko\nkernel/b.ko\n")


def expect(result, status, out=None, err=None):
    assert result.returncode == status, f"status {result.returncode}: {result.stderr.decode()}"
    if out is not None:
        assert result.stdout.decode() == out, result.stdout.decode()
    if err is not None:
        assert result.stderr.decode() == err, result.stderr.decode()


DEP = "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n"


@case
def plain_run_is_silent(tree):
    small(tree)
    expect(tree.depmod(), 0, "", "")
    assert (tree.dir / "modules.dep").read_text() == DEP
    assert all((tree.dir / n).stat().st_mode & 0o777 == 0o644 for n in OUTPUTS)


@case
def show_prints_texts_and_writes_nothing(tree):
    small(tree)
    expect(tree.depmod("-n"), 0, DEP + "# Aliases extracted from modules themselves.\nalias x-* a\n"
           "# Soft dependencies extracted from modules themselves.\nsoftdep a pre: b\n"
           "# Weak dependencies extracted from modules themselves.\n"
           "# Aliases for symbols, used by symbol_request().\nalias symbol:fb b\n", "")
    assert not tree.outputs()
    expect(tree.depmod("--show", "-A"), 0, "", "")


@case
def show_on_a_full_pipe_fails(tree):
    small(tree)
    with open("/dev/full", "w") as full:
        p = subprocess.run(tree.command("-n"), stdout=full, stderr=subprocess.PIPE)
    assert p.returncode == 1 and b"No space left" in p.stderr, p


@case
def quick_runs_only_when_something_is_newer(tree):
    small(tree)
    expect(tree.depmod("-A"), 0)
    assert len(tree.outputs()) == 11
    (tree.dir / "modules.alias").unlink()
    expect(tree.depmod("-A"), 0, "", "")
    assert not (tree.dir / "modules.alias").exists()
    let_time_pass()
    os.utime(tree.dir / "kernel/b.ko")
    expect(tree.depmod("-A"), 0, "", "")
    assert (tree.dir / "modules.alias").exists()


@case
def verbose_names_who_needs_whom(tree):
    small(tree)
    d = f"{tree.dir}/kernel"
    expect(tree.depmod("-v"), 0, f'{d}/a.ko needs "fb": {d}/b.ko\n', "")


@case
def errsyms(tree):
    small(tree)
    tree.module("kernel/a.ko", "need nosuch;weak nosuch2;need printk")
    (tree.work / "map").write_text("0 T x\n1 r __ksymtab_printk\n")
    (tree.work / "symvers").write_text("0x00000005\tprintk\tvmlinux\tEXPORT_SYMBOL\n")
    told = f"depmod: WARNING: {tree.dir}/kernel/a.ko needs unknown symbol nosuch\n"
    expect(tree.depmod("-e"), 0, "", "depmod: WARNING: -e needs -E or -F\n")
    expect(tree.depmod("-e", "-F", tree.work / "map"), 0, "", told)
    expect(tree.depmod("-e", "-E", tree.work / "symvers"), 0, "",
           told + f"depmod: WARNING: {tree.dir}/kernel/a.ko disagrees about version of symbol printk\n")
    expect(tree.depmod("-F", "/none"), 1, "", "depmod: FATAL: could not load /none: No such file or directory\n")


@case
def symbol_prefix(tree):
    tree.module("a.ko", "need _fb")
    tree.module("b.ko", "export fb")
    expect(tree.depmod("-P", "_"), 0)
    assert "a.ko: b.ko\n" in (tree.dir / "modules.dep").read_text()
    expect(tree.depmod("-P", "__"), 1, "", "depmod: FATAL: -P only takes a single char\n")


@case
def outdir_and_moduledir(tree):
    small(tree)
    expect(tree.depmod("-o", tree.work / "out"), 0, "", "")
    assert not tree.outputs() and len(tree.outputs(tree.work / "out/lib/modules" / RELEASE)) == 11
    (tree.root / "opt").mkdir()
    (tree.root / "lib/modules").rename(tree.root / "opt/mods")
    expect(tree.depmod("-m", "//opt/mods"), 0, "", "")
    assert len(tree.outputs(tree.root / "opt/mods" / RELEASE)) == 11


@case
def relative_basedir(tree):
    small(tree)
    p = subprocess.run([tree.bin / "depmod", "-b", "root/", RELEASE], cwd=tree.work, stderr=subprocess.PIPE)
    expect(p, 0, err="")
    assert len(tree.outputs()) == 11


@case
def version_and_release(tree):
    p = subprocess.run([tree.bin / "depmod", "--version"], stdout=subprocess.PIPE)
    assert p.stdout.startswith(b"kmod version "), p.stdout
    p = subprocess.run([tree.bin / "depmod", "-b", tree.root, "5"], stderr=subprocess.PIPE)
    hint = ("depmod: ERROR: depmod takes the release of a kernel (a name below /lib/modules), not a module; `depmod -a` indexes "
            "everything\n")
    expect(p, 1, err=f"depmod: ERROR: Bad version passed 5\n{hint}")
    p = subprocess.run([tree.bin / "depmod", "-b", tree.root, "kernel/a.ko"], stderr=subprocess.PIPE)
    expect(p, 1, err=f"depmod: ERROR: Bad version passed kernel/a.ko\n{hint}")
    p = subprocess.run([tree.bin / "depmod", "-b", tree.root, "5.1x"], stderr=subprocess.PIPE)
    expect(p, 1, err=f"depmod: ERROR: could not open directory {tree.root}/lib/modules/5.1x: No such file or directory\n"
           "depmod: FATAL: could not search modules: No such file or directory\n")
    assert not (tree.root / "lib/modules/5.1x").exists()


@case
def named_files(tree):
    small(tree)
    run = lambda *files: subprocess.run([*tree.command(), *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    expect(run("b.ko"), 1, "", "depmod: FATAL: b.ko: not absolute path.\n")
    expect(run("/none.ko"), 1, "", "depmod: FATAL: could not create module /none.ko: No such file or directory\n")
    b = f"{tree.dir}/kernel/b.ko"
    expect(run(b, b), 1, "", f"depmod: ERROR: hash_add_unique b: File exists\ndepmod: FATAL: could not add module {b}: File exists\n")
    expect(run(b), 0, "", "")
    assert (tree.dir / "modules.dep").read_text() == "kernel/b.ko:\n"
    expect(run("-a", b), 0, "", "")
    assert (tree.dir / "modules.dep").read_text() == DEP


@case
def missing_inputs_are_warnings(tree):
    tree.module("a.ko", "")
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        (tree.dir / name).unlink()
    expect(tree.depmod(), 0, "", "".join(f"depmod: WARNING: could not open {n} at {tree.dir}: No such file or directory\n"
                                         for n in ("modules.order", "modules.builtin", "modules.builtin.modinfo")))
    assert (tree.dir / "modules.builtin.bin").read_bytes() == b""


@case
def duplicate_names_both_paths(tree):
    tree.module("kernel/z/a.ko", "info alias=z")
    tree.module("kernel/b/a.ko", "info alias=b")
    expect(tree.depmod(), 0, "", "depmod: WARNING: module a found twice: using kernel/b/a.ko, ignoring kernel/z/a.ko\n")
    tree.module("updates/a.ko", "info alias=u")
    result = tree.depmod()
    assert (tree.dir / "modules.dep").read_text() == "updates/a.ko:\n", result.stderr
    (tree.dir / "kernel/z/a.ko").unlink()
    expect(tree.depmod(), 0, "", "")


def no_more(tree, err):
    """Only --strict fails for it; what else there is, is indexed."""
    for option in (), ("-n",), ("-A",):
        (tree.dir / "modules.dep").unlink(missing_ok=True)
        result = tree.depmod(*option)
        assert result.returncode == 0 and err in result.stderr.decode(), (option, result)
    result = tree.depmod("--strict")
    assert result.returncode == 1 and result.stderr, result


@case
def damaged_modules_are_indexed_by_name(tree):
    small(tree)
    whole = (tree.dir / "kernel/a.ko").read_bytes()
    for content in b"", b"\x7fELF and no more than that", b"version https://git-lfs.github.com/spec/v1\n", whole[:300]:
        for name in "c.ko", "c.ko.xz", "c.ko.zst", "c.ko.gz":
            (tree.dir / "kernel" / name).write_bytes(content)
            no_more(tree, f"depmod: ERROR: failed to load symbols from {tree.dir}/kernel/{name}: ")
            assert (tree.dir / "modules.dep").read_text() == f"{DEP}kernel/{name}:\n"
            (tree.dir / "kernel" / name).unlink()
    damaged = f"{tree.dir}/kernel/c.ko"
    (tree.dir / "kernel/c.ko").write_bytes(b"")
    expect(subprocess.run([*tree.command(), damaged], stderr=subprocess.PIPE), 0)
    assert (tree.dir / "modules.dep").read_text() == "kernel/c.ko:\n"


@case
def entries_that_are_no_files_are_left_out(tree):
    small(tree)
    path = tree.dir / "kernel/c.ko"
    for make, err in ((lambda: path.symlink_to("nowhere"), "could not stat {}: No such file or directory\n"),
                      (lambda: path.symlink_to("c.ko"), "could not stat {}: Too many levels of symbolic links\n"),
                      (lambda: os.mkfifo(path), "unsupported file type {}: 10000\n"),
                      (lambda: os.mknod(path, 0o600 | stat.S_IFSOCK), "unsupported file type {}: 140000\n")):
        make()
        no_more(tree, "depmod: ERROR: " + err.format(path))
        assert (tree.dir / "modules.dep").read_text() == DEP
        path.unlink()


def as_user(tree):
    """Permissions mean nothing to root: what runs depmod as somebody else."""
    if os.geteuid() != 0:
        return []
    tree.work.chmod(0o755)
    subprocess.run(["chown", "-R", "65534:65534", tree.root], check=True)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@case
def unreadable_places_are_skipped(tree):
    small(tree)
    tree.module("kernel/sub/d.ko", "export fd")
    tree.module("kernel/z.ko", "")
    external = tree.root / "external"
    external.mkdir()
    conf = tree.work / "depmod.conf"
    conf.write_text(f"external * {external}\n")
    user = as_user(tree)
    z = "kernel/z.ko:\n"
    for place, mode, dep in ((tree.dir / "kernel/sub", 0o000, DEP + z), (tree.dir / "kernel/sub", 0o444, DEP + z),
                             (tree.dir / "kernel/sub", 0o111, DEP + z), (tree.dir / "kernel/sub/d.ko", 0, DEP + z + "kernel/sub/d.ko:\n"),
                             (external, 0, DEP + z + "kernel/sub/d.ko:\n")):
        before = place.stat().st_mode
        place.chmod(mode)
        run = lambda *options: tree.depmod("-C", conf, *options, before=user)
        result = run()
        lines = sorted(dep.splitlines())
        assert result.returncode == 0 and b"Permission denied" in result.stderr, result
        assert sorted((tree.dir / "modules.dep").read_text().splitlines()) == lines, (place, mode)
        old = tree.outputs()
        (tree.dir / "kernel/a.ko").rename(tree.dir / "kernel/aside")
        assert run("--strict").returncode == 1 and tree.outputs() == old, (place, mode)
        (tree.dir / "kernel/aside").rename(tree.dir / "kernel/a.ko")
        assert run("-A").returncode == 0
        place.chmod(before)


@case
def lists_that_cannot_be_opened_count_as_missing(tree):
    small(tree)
    user = as_user(tree)
    for name in "modules.order", "modules.builtin", "modules.builtin.modinfo":
        path = tree.dir / name
        for make in (lambda: path.mkdir(), lambda: os.mkfifo(path), lambda: path.symlink_to(name), lambda: path.touch(0)):
            path.unlink()
            make()
            result = tree.depmod(before=user, timeout=60)
            assert result.returncode == 0 or not user, result
            assert f"could not open {name} at" in result.stderr.decode(), result
            assert len(tree.outputs()) == 11
            result = tree.depmod("--strict", before=user, timeout=60)
            assert result.returncode == 1, result
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            path.touch()


@case
def endless_links_keep_the_old_set(tree):
    """A tree that cannot be read to its end must not replace one that was."""
    small(tree)
    expect(tree.depmod(), 0)
    old = tree.outputs()
    for i in range(1, 21):
        (tree.dir / f"l{i}").mkdir()
        (tree.dir / f"l{i}/x").symlink_to(f"../l{i - 1}")
        (tree.dir / f"l{i}/y").symlink_to(f"../l{i - 1}")
    (tree.dir / "l0").mkdir()
    result = tree.depmod(timeout=120)
    assert result.returncode == 1 and b"Too many levels of symbolic links" in result.stderr, result
    assert tree.outputs() == old


@case
def non_ascii_alias_is_left_out(tree):
    tree.module("a.ko", r"info alias=x\xc3\xa4;info alias=y")
    result = tree.depmod()
    assert result.returncode == 0 and b"left out of the index" in result.stderr, result
    expect(tree.depmod("--strict"), 1)
    assert "x\u00e4 a\n" in (tree.dir / "modules.alias").read_text()
    assert b"y" in (tree.dir / "modules.alias.bin").read_bytes()


@case
def strings_make_no_lines_of_their_own(tree):
    """Whatever a module file holds or is called: each line of an index is about the module that says it."""
    tree.module("good.ko", "export fgood;info softdep=pre: b;info alias=good-*")
    for i, string in enumerate((r"softdep=pre: b\ninstall good /bin/false", r"weakdep=b\ninstall good /bin/false",
                                r"alias=x\nalias y good", r"alias=devname:x\ngood mem2 c1:1;info alias=char-major-10-1",
                                r"softdep=pre: \x7f", r"alias=\x1b[2J", r"softdep=pre: b\\")):
        tree.module(f"e{i}.ko", "info " + string)
    for name in ("k\nsoftdep good pre: evil\n.ko", "n good pre: evil.ko", "d\nx/k.ko"):
        tree.module(name, "info alias=named;info softdep=pre: b")
    for options in ((), ("-n",), ("-o", tree.work / "other")):
        assert tree.depmod("--strict", *options).returncode == 1
        result = tree.depmod(*options)
        assert result.returncode == 0, result
        messages = [line for line in result.stderr.decode().splitlines() if "n good pre: evil.ko: its path has a colon" not in line]
        assert messages and all("left out" in line for line in messages), messages
        assert not any(c in result.stderr.replace(b"\n", b"") for c in range(32)), result.stderr
    found = tree.outputs()
    assert found["modules.softdep"].splitlines()[1:] == [b"softdep good pre: b"], found["modules.softdep"]
    assert found["modules.weakdep"].splitlines()[1:] == [], found["modules.weakdep"]
    assert sorted(found["modules.alias"].splitlines()[1:]) == [b"alias char-major-10-1 e3", b"alias good-* good",
                                                               b"alias named n good pre: evil"], found["modules.alias"]
    assert not found["modules.devname"], found["modules.devname"]
    assert found["modules.symbols"].splitlines()[1:] == [b"alias symbol:fgood good"], found["modules.symbols"]
    assert all(line.endswith(b".ko:") for line in found["modules.dep"].splitlines()), found["modules.dep"]
    for name, content in found.items():
        if name.endswith(".bin"):
            assert not any(text in content for text in (b"install", b"mem2", b"\x1b[")), (name, content)


@case
def cycles_end_and_keep_the_old_set(tree):
    small(tree)
    expect(tree.depmod(), 0)
    old = tree.outputs()
    # every module needs every other: kmod does not come back from this
    names = "abcdefghijkl"
    for name in names:
        tree.module(f"kernel/{name}.ko", f"export f{name};" + ";".join(f"need f{n}" for n in names if n != name))
    result = tree.depmod(timeout=60)
    expect(result, 1, "")
    assert b"depmod: ERROR: Cycle detected: " in result.stderr
    assert result.stderr.decode().splitlines()[-1].startswith("depmod: ERROR: Found 12 modules")
    assert tree.outputs() == old


@case
def unchanged_run_writes_nothing(tree):
    small(tree)
    expect(tree.depmod("--cache", tree.work / "cache"), 0)
    let_time_pass()
    expect(tree.depmod("--cache", tree.work / "cache"), 0)
    stamps = {p: p.stat() for p in [*tree.dir.iterdir(), *(tree.work / "cache").iterdir()]}
    log = tree.work / "log"
    expect(tree.depmod("--cache", tree.work / "cache", before=[tree.build / "tests/lib/faultrun", "--log", log, "--"]), 0, "", "")
    assert log.read_text().split() == ["openat", "fcntl", "unlinkat"], log.read_text()  # of the lock file
    assert not tree.remains()
    for path, old in stamps.items():
        now = path.stat()
        assert (now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (old.st_ino, old.st_mtime_ns, old.st_ctime_ns), path


@case
def changed_alias_leaves_other_files_alone(tree):
    small(tree)
    expect(tree.depmod(), 0)
    before = {n: (tree.dir / n).stat().st_ino for n in OUTPUTS}
    tree.module("kernel/b.ko", "export fb;info alias=new")
    expect(tree.depmod(), 0)
    assert {n for n in OUTPUTS if (tree.dir / n).stat().st_ino != before[n]} == {"modules.alias", "modules.alias.bin"}


@case
def verify(tree):
    small(tree)
    p = tree.depmod("--verify")
    expect(p, 1, "".join(f"missing: {n}\n" for n in (
        "modules.dep", "modules.dep.bin", "modules.alias", "modules.alias.bin", "modules.softdep", "modules.weakdep",
        "modules.symbols", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin", "modules.devname")), "")
    expect(tree.depmod(), 0)
    expect(tree.depmod("--verify"), 0, "", "")
    (tree.dir / "kernel/a.ko").unlink()
    tree.module("kernel/c.ko", "")
    (tree.dir / "modules.symbols.bin").write_bytes(b"")
    p = tree.depmod("--verify", "--json")
    expect(p, 1)
    j = json.loads(p.stdout)
    assert j["schema"] == 1 and j["directory"] == str(tree.dir) and not j["up_to_date"], j
    assert {(d["kind"], d["file"], d["module"]) for d in j["differences"]} >= {
        ("extra", "modules.dep.bin", "a"), ("missing", "modules.dep.bin", "c"), ("damaged", "modules.symbols.bin", None),
        ("stale", "modules.dep", None)}, j
    p = tree.depmod("--json")
    assert p.returncode == 1 and p.stderr == b"depmod: ERROR: --json needs --verify\n", p
    assert [m["text"] for m in json.loads(p.stdout)["messages"]] == ["--json needs --verify"], p


@case
def jobs_do_not_change_the_output(tree):
    for i in range(60):
        tree.module(f"kernel/m{i}.ko{['', '.xz', '.zst', '.gz'][i % 4]}",
                    f"export f{i};need f{(i * 7 + 3) % (i + 1) if i else 99};info alias=x{i}*" + (["", ";compress xz", ";compress zst", ";compress gz"][i % 4]))
    (tree.dir / "kernel/m61.ko").write_text("broken one")
    (tree.dir / "kernel/m62.ko").write_text("broken two")
    seen = set()
    for jobs in (1, 2, 3, 8):
        result = tree.depmod("--jobs", jobs)
        assert result.returncode == 1, result
        seen.add((tuple(sorted(tree.outputs().items())), result.stderr))
    assert len(seen) == 1
    expect(tree.depmod("--jobs", 0), 1, "", "depmod: ERROR: --jobs takes a number from 1 to 1024, not '0'\n")


@case
def directory_order_does_not_matter(tree):
    names = [f"m{i}" for i in range(30)]
    results = set()
    for order in (names, names[::-1]):
        for name in names:
            for directory in ("kernel/p", "kernel/q"):
                (tree.dir / directory / f"{name}.ko").unlink(missing_ok=True)
        for name in order:
            for directory in ("kernel/p", "kernel/q") if order is names else ("kernel/q", "kernel/p"):
                tree.module(f"{directory}/{name}.ko", f"info alias={directory}-{name}")
        tree.depmod()
        results.add(tuple(sorted(tree.outputs().items())))
    assert len(results) == 1


@case
def two_at_once_both_succeed(tree):
    for i in range(40):
        tree.module(f"kernel/m{i}.ko", f"export f{i};need f{i + 1};info alias=x{i}")
    expect(tree.depmod(), 0)
    want = tree.outputs()
    for _ in range(5):
        tree.set_outputs({})
        running = [subprocess.Popen(tree.command(), stderr=subprocess.PIPE) for _ in range(6)]
        assert all(p.wait() == 0 for p in running)
        assert all(b"waiting for process" in line for p in running for line in p.stderr)
        assert tree.outputs() == want and not tree.remains()


def hold_lock(tree):
    """The lock file, locked by this process as by another depmod."""
    fd = os.open(tree.dir / ".depmod.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    return fd


def other_user_locks(tree, how):
    """A process of another user, where there may be one, that has every lock that it can get."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        for path in [tree.dir, *tree.dir.iterdir()]:
            try:
                fd = os.open(path, os.O_RDONLY)
                fcntl.flock(fd, how)
            except OSError:
                pass
        os.write(told, b"x")
        signal.pause()
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
    return pid


@case
def lock_is_waited_for(tree):
    small(tree)
    fd = hold_lock(tree)
    p = subprocess.Popen(tree.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert b"WARNING: waiting for process %d (python3" % os.getpid() in p.stderr.readline()
    assert p.poll() is None and not tree.outputs()
    os.close(fd)
    assert p.wait() == 0 and len(tree.outputs()) == 11 and not tree.remains()


@case
def other_users_hold_no_lock(tree):
    small(tree)
    os.chmod(tree.work, 0o755)
    expect(tree.depmod(), 0, "", "")
    for how in (fcntl.LOCK_EX, fcntl.LOCK_SH):
        pid = other_user_locks(tree, how)
        try:
            expect(tree.depmod(timeout=30), 0, "", "")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@case
def lock_file_that_others_can_open_is_no_lock(tree):
    small(tree)
    fd = hold_lock(tree)
    os.fchmod(fd, 0o644)
    result = tree.depmod()
    expect(result, 0)
    assert b"WARNING: " in result.stderr and b"is not a file that only this user can open" in result.stderr, result.stderr
    assert tree.remains() == [".depmod.lock"] and len(tree.outputs()) == 11
    os.close(fd)


@case
def signal_while_waiting_leaves_nothing(tree):
    small(tree)
    fd = hold_lock(tree)
    p = subprocess.Popen(tree.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    p.stderr.readline()
    p.send_signal(signal.SIGTERM)
    assert p.wait() == -signal.SIGTERM and not tree.outputs() and tree.remains() == [".depmod.lock"]
    os.close(fd)


@case
def file_size_limit_keeps_the_old_set(tree):
    """SIGXFSZ would end the process between two files."""
    small(tree)
    expect(tree.depmod(), 0)
    old = tree.outputs()
    tree.module("kernel/c.ko", ";".join(f"info alias=long{i:050d}" for i in range(100)))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    p = subprocess.run(tree.command(), preexec_fn=limit, stderr=subprocess.PIPE)
    assert p.returncode in (1, -signal.SIGXFSZ), p
    assert tree.outputs() == old and tree.remains() in ([], [".depmod.lock"])
    expect(tree.depmod(), 0)
    assert not tree.remains()


@case
def link_back_upwards_is_no_loop(tree):
    small(tree)
    (tree.dir / "kernel/up").symlink_to("..")
    expect(tree.depmod(timeout=60), 0, "", "")
    assert (tree.dir / "modules.dep").read_text() == DEP


@case
def hidden_file_is_a_module_without_a_name(tree):
    """As for kmod, with its symbols: what needs them loads it."""
    small(tree)
    (tree.dir / "kernel/.x.ko").write_bytes((tree.dir / "kernel/a.ko").read_bytes())
    err = f"depmod: WARNING: {tree.dir}/kernel/.x.ko: not a module name; indexed without a name\n"
    no_more(tree, err)
    expect(tree.depmod(), 0, "", err)
    assert (tree.dir / "modules.dep").read_text() == f"{DEP}kernel/.x.ko: kernel/b.ko\n"
    assert "alias x-* \n" in (tree.dir / "modules.alias").read_text()
    tree.module("kernel/.y.ko", "export fc")
    (tree.dir / "kernel/.x.ko").unlink()
    tree.module("kernel/c.ko", "need fc")
    expect(tree.depmod(), 0)
    p = subprocess.run([tree.bin / "modprobe", "-d", tree.root, "-S", RELEASE, "-C", "/dev/null", "-nv", "c"], stdout=subprocess.PIPE)
    expect(p, 0, f"insmod {tree.dir}/kernel/.y.ko \ninsmod {tree.dir}/kernel/c.ko \n")


@case
def paths_that_modules_dep_cannot_hold_are_named(tree):
    small(tree)
    tree.module("kernel/p:q/d.ko", "")
    tree.module("kernel/p q/e.ko", "")
    expect(tree.depmod(), 0, "", "depmod: WARNING: kernel/p q/e.ko: its path has a blank, which ends a path in modules.dep: "
           "modules that need it cannot be loaded\n"
           "depmod: WARNING: kernel/p:q/d.ko: its path has a colon, which ends a path in modules.dep: it cannot be loaded\n")
    expect(tree.depmod("--strict"), 1)
    assert sorted((tree.dir / "modules.dep").read_text().splitlines()[2:]) == ["kernel/p q/e.ko:", "kernel/p:q/d.ko:"]


@case
def empty_basedir_is_the_working_directory(tree):
    small(tree)
    for options in ("-b", ""), ("-b", "", "-o", ""):
        p = subprocess.run([tree.bin / "depmod", "-C", "/dev/null", *options, RELEASE], cwd=tree.root, stderr=subprocess.PIPE)
        expect(p, 0, err="")
        assert (tree.dir / "modules.dep").read_text() == DEP
        (tree.dir / "modules.dep").unlink()


@case
def errsyms_needs_a_list_of_symbols(tree):
    """Debian's placeholder, a module, a directory: one line, and not one for each symbol."""
    small(tree)
    tree.module("kernel/c.ko", "need printk;need kfree")
    lists = {"placeholder": b"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n",
             "binary": (tree.dir / "kernel/b.ko").read_bytes(), "empty": b"", "text": b"no\nmap\nat all\n"}
    for name, content in lists.items():
        (tree.work / name).write_bytes(content)
        for option in "-F", "-E":
            expect(tree.depmod("-e", option, tree.work / name), 0, "", f"depmod: WARNING: {tree.work / name} names no exported symbol "
                   "of the kernel; -e is ignored\n")
            expect(tree.depmod(option, tree.work / name), 0, "", "")
    expect(tree.depmod("-e", "-F", tree.work), 0, "", f"depmod: WARNING: {tree.work} names no exported symbol of the kernel; "
           "-e is ignored\n")


@case
def prefix_is_one_character(tree):
    small(tree)
    for prefix in "", "ab":
        expect(tree.depmod("-P", prefix), 1, "", "depmod: FATAL: -P only takes a single char\n")
    assert not tree.outputs()


@case
def links_to_themselves_are_no_loop(tree):
    small(tree)
    (tree.dir / "kernel/self").symlink_to("self")
    (tree.dir / "kernel/one").symlink_to("two")
    (tree.dir / "kernel/two").symlink_to("one")
    tree.depmod(timeout=60)
    assert (tree.dir / "modules.dep").read_text() == DEP


@case
def links_with_the_name_of_an_index_are_replaced(tree):
    """What they lead to may have the right content now, and another one later."""
    small(tree)
    expect(tree.depmod(), 0)
    for name in OUTPUTS:
        path = tree.dir / name
        path.rename(tree.dir / "elsewhere")
        path.symlink_to("elsewhere")
        tree.depmod()
        assert not path.is_symlink() and path.read_bytes() == (tree.dir / "elsewhere").read_bytes(), name


@case
def no_lock_but_a_file_of_this_user(tree):
    small(tree)
    lock, kept = tree.dir / ".depmod.lock", tree.work / "kept"
    kept.write_text("kept")
    kept.chmod(0o600)
    for make in (lambda: lock.symlink_to(kept), lambda: lock.symlink_to(tree.work / "new"), lambda: os.mkfifo(lock, 0o600),
                 lambda: os.link(kept, lock), lambda: os.mknod(lock, 0o600 | stat.S_IFSOCK), lock.mkdir):
        make()
        result = tree.depmod(timeout=60)
        assert b"is not a file that only this user can open" in result.stderr, result.stderr
        assert tree.remains() == [".depmod.lock"] and len(tree.outputs()) == 11
        assert kept.read_text() == "kept" and not (tree.work / "new").exists()
        lock.rmdir() if lock.is_dir() and not lock.is_symlink() else lock.unlink()


@case
def pipes_are_not_waited_for(tree):
    small(tree)
    os.mkfifo(tree.dir / "kernel/pipe.ko")
    os.mkfifo(tree.dir / "kernel/pipe")
    tree.depmod(timeout=60)
    assert (tree.dir / "modules.dep").read_text() == DEP
    (tree.dir / "modules.dep").unlink()
    os.mkfifo(tree.dir / "modules.dep")
    tree.depmod(timeout=60)
    assert (tree.dir / "modules.dep").read_text() == DEP


@case
def bombs_share_one_budget(tree):
    """Eight small files that unpack to more than the limit, eight threads."""
    import shutil
    if not shutil.which("zstd"):
        return
    small(tree)
    bomb = subprocess.run("head -c 250000000 /dev/zero | zstd -q --stream-size=250000000", shell=True, stdout=subprocess.PIPE, check=True).stdout
    huge = subprocess.run("head -c 1000000000 /dev/zero | zstd -q --stream-size=1000000000", shell=True, stdout=subprocess.PIPE, check=True).stdout
    for i in range(8):
        (tree.dir / f"kernel/bomb{i}.ko.zst").write_bytes(bomb)
    (tree.dir / "kernel/huge.ko.zst").write_bytes(huge)
    result = tree.depmod("--jobs", 8, timeout=120)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    expect(result, 0)
    assert result.stderr.count(b"failed to load symbols") == 9, result.stderr
    assert b"huge.ko.zst: zstd: Unpacked content is too large" in result.stderr, result.stderr
    assert peak < 600 << 10, f"{peak >> 10} MiB"


@case
def progress_needs_a_terminal(tree):
    small(tree)
    assert b"\r" not in tree.depmod().stderr


@case
def library_that_is_missing_is_reported_once(tree):
    """LD_LIBRARY_PATH leads to an empty file in its place. Which module is named depends on the directory."""
    for name in "abc":
        tree.module(f"kernel/{name}.ko.xz", f"info name={name};compress xz")
    (tree.work / "liblzma.so.5").write_text("")
    variables = {**os.environ, "LD_LIBRARY_PATH": str(tree.work)}
    for options, lines in ((), 2), (("-vv", "-n"), 4):
        result = tree.depmod(*options, env=variables)
        expect(result, 1, "")
        assert result.stderr.count(b"\n") == lines, result.stderr
        assert result.stderr.count(b"library liblzma.so.5 is not available") == 2 + (lines == 4), result.stderr
    assert b"\ndepmod: ERROR: library liblzma.so.5 is not available for 2 more files\n" in tree.depmod(env=variables).stderr
    assert not tree.outputs()


def main():
    wanted = sys.argv[2:] or list(CASES)
    failed = 0
    for name in wanted:
        tree = Tree(sys.argv[1])
        try:
            CASES[name](tree)
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print(f"FAILED {name}: {problem}")
        finally:
            tree.remove()
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
