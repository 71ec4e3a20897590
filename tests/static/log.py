#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Where the messages of the static binary go in an initramfs: to the daemon at /dev/log, without one to /dev/console, and
without that to standard error; none is lost. The binary runs alone in a root of its own, which needs root; without it
the test is skipped. usage: log.py KMOD
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

TEXT = b"FATAL: Module nosuch not found in directory /lib/modules/" + os.uname().release.encode()
LOG_DAEMON, LOG_CRIT = 3 << 3, 2


class Initramfs:
    def __init__(self, kmod):
        self.temporary = tempfile.TemporaryDirectory(prefix="kmodctl-static-log-")
        self.root = pathlib.Path(self.temporary.name)
        (self.root / "dev").mkdir()
        (self.root / "etc/modules-load.d").mkdir(parents=True)
        (self.root / "etc/modules-load.d/list.conf").write_text("nosuch\n")
        shutil.copy(kmod, self.root / "kmod")

    def listen(self, kind=socket.SOCK_DGRAM):
        """A daemon at /dev/log."""
        daemon = socket.socket(socket.AF_UNIX, kind)
        daemon.bind(str(self.root / "dev/log"))
        daemon.settimeout(0)
        return daemon

    def console(self):
        path = self.root / "dev/console"
        path.touch()
        return path

    def run(self, *words):
        """What it says on standard error."""
        done = subprocess.run(words, executable="/kmod", preexec_fn=lambda: os.chroot(self.root), cwd="/",
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        assert done.returncode in (0, 1), f"{words}: status {done.returncode}"
        assert not done.stdout, f"{words}: printed {done.stdout}"
        return done.stderr


def a_daemon_gets_messages(fs):
    daemon, console = fs.listen(), fs.console()
    assert fs.run("modprobe", "-s", "nosuch") == b"", "standard error"
    got = daemon.recv(4096)
    assert got == b"<%d>modprobe: %s\n" % (LOG_DAEMON | LOG_CRIT, TEXT), got
    assert console.read_bytes() == b"", console.read_bytes()


def the_console_gets_them_without_a_daemon(fs):
    console = fs.console()
    assert fs.run("modprobe", "-s", "nosuch") == b"", "standard error"
    assert console.read_bytes() == b"modprobe: %s\n" % TEXT, console.read_bytes()


def the_console_gets_them_from_a_daemon_that_is_gone(fs):
    fs.listen().close()
    console = fs.console()
    fs.run("modprobe", "-s", "nosuch")
    assert console.read_bytes() == b"modprobe: %s\n" % TEXT, console.read_bytes()


def the_console_gets_them_where_the_daemon_speaks_otherwise(fs):
    daemon, console = fs.listen(socket.SOCK_STREAM), fs.console()
    daemon.listen()
    fs.run("modprobe", "-s", "nosuch")
    assert console.read_bytes() == b"modprobe: %s\n" % TEXT, console.read_bytes()


def standard_error_gets_them_at_last(fs):
    said = fs.run("modprobe", "-s", "nosuch")
    assert said == b"modprobe: %s\n" % TEXT, said


def without_syslog_standard_error_gets_them(fs):
    daemon, console = fs.listen(), fs.console()
    said = fs.run("modules-load")
    assert b"list.conf:1: Failed to find module 'nosuch'" in said, said
    assert console.read_bytes() == b"", console.read_bytes()
    try:
        assert False, f"the daemon got {daemon.recv(4096)}"
    except BlockingIOError:
        pass


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 0
    cases = [a_daemon_gets_messages, the_console_gets_them_without_a_daemon, the_console_gets_them_from_a_daemon_that_is_gone,
             the_console_gets_them_where_the_daemon_speaks_otherwise, standard_error_gets_them_at_last,
             without_syslog_standard_error_gets_them]
    failed = 0
    for case in cases:
        try:
            case(Initramfs(sys.argv[1]))
        except AssertionError as problem:
            failed += 1
            print(f"FAILED {case.__name__}: {problem}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
