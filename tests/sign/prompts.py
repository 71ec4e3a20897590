#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Signals at the prompts for passphrases and passwords. usage: prompts.py BUILD

Each command asks on a terminal of its own, in the foreground of a session with job control. When it is ended by a
signal, or stopped and continued, the terminal echoes; after it was continued it asks again, without echo. The prompts
of mok need root: without it status 77 (skipped).
"""
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
from cases import Fixtures  # noqa: E402

SKIP = 77
PATIENCE = 30


class Session:
    """The command in the foreground of a terminal; a shell's part is played by a process that only waits."""

    def __init__(self, command, prompt):
        self.prompt, self.seen = prompt, b""
        reports, report = os.pipe()
        self.shell, self.terminal = pty.fork()
        if self.shell == 0:
            os.close(reports)
            self.be_shell(command, report)
        os.close(report)
        self.reports = os.fdopen(reports, "rb", 0)
        self.pid = int(self.reports.readline())

    @staticmethod
    def be_shell(command, report):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            for ignored in signal.SIGTTOU, signal.SIGHUP:  # by this shell; by nohup(1), perhaps
                signal.signal(ignored, signal.SIG_DFL)
            os.environ.pop("KBUILD_SIGN_PIN", None)
            os.execv(command[0], command)
        os.write(report, f"{pid}\n".encode())
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            os.write(report, f"stopped\n".encode() if os.WIFSTOPPED(status) else f"{os.waitstatus_to_exitcode(status)}\n".encode())
            while not os.WIFSTOPPED(status):  # the terminal is there to be looked at as long as its shell is
                signal.pause()

    def echo(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def wait_for_prompt(self, n):
        end = time.monotonic() + PATIENCE
        while self.seen.count(self.prompt) < n:
            assert time.monotonic() < end and select.select([self.terminal], [], [], PATIENCE)[0], f"no prompt: {self.seen[-200:]}"
            self.seen += os.read(self.terminal, 4096)

    def report(self):
        """What became of the command; its output is read meanwhile, as it waits for that."""
        while True:
            ready = select.select([self.reports, self.terminal], [], [], PATIENCE)[0]
            assert ready, "nothing happens"
            if self.reports in ready:
                return self.reports.readline().decode().strip()
            self.seen += os.read(self.terminal, 4096)

    def close(self):
        for pid in self.pid, self.shell:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.shell, 0)
        os.close(self.terminal)


def ended(session, how, number):
    session.wait_for_prompt(1)
    assert not session.echo(), "the terminal echoes at the prompt"
    how(session)
    status = session.report()
    assert status == str(-number), f"status {status}"
    assert session.echo(), "the terminal is left without echo"


def stopped(session):
    session.wait_for_prompt(1)
    for n in 2, 3:
        os.write(session.terminal, b"\x1a")
        assert session.report() == "stopped"
        assert session.echo(), "the terminal is left without echo while the command is stopped"
        os.kill(session.pid, signal.SIGCONT)
        session.wait_for_prompt(n)
        assert not session.echo(), "the terminal echoes when the command asks again"
    os.write(session.terminal, b"\x03")
    assert session.report() == str(-signal.SIGINT)
    assert session.echo(), "the terminal is left without echo at the end"


CASES = {
    "Ctrl-C": lambda s: ended(s, lambda s: os.write(s.terminal, b"\x03"), signal.SIGINT),
    "SIGTERM": lambda s: ended(s, lambda s: os.kill(s.pid, signal.SIGTERM), signal.SIGTERM),
    "SIGHUP": lambda s: ended(s, lambda s: os.kill(s.pid, signal.SIGHUP), signal.SIGHUP),
    "Ctrl-Z, then continued": stopped,
}


def commands(build, where):
    kmodctl, lib = str(build / "src/kmodctl"), build / "tests/lib"
    (where / "phrase").write_text("a passphrase\n")
    subprocess.run([kmodctl, "key", "generate", "--type", "p256", "--passphrase-file", where / "phrase", "-o", where / "key"],
                   check=True, stdout=subprocess.DEVNULL)
    (where / "fixtures").mkdir()
    fixtures = Fixtures([str(lib / "runtool")], str(lib / "mkko"), str(lib / "mkindex"), where / "fixtures")
    fixtures.build("trust-secure")
    fixtures.copy("trust-secure", where / "root")
    (where / "mokutil").symlink_to(kmodctl)
    view = str(lib / "viewrun"), str(where / "root")
    key = str(where / "key.priv")
    yield "sign", (kmodctl, "sign", "--key", key, "--cert", str(where / "key.der"), str(where)), b"Passphrase of"
    yield "key generate", (kmodctl, "key", "generate", "--type", "p256", "--passphrase", "-o", str(where / "other")), b"New passphrase of"
    yield "mok reset", (*view, kmodctl, "mok", "reset", "--yes"), b"input password"
    yield "mok untrust", (*view, kmodctl, "mok", "untrust", "--yes"), b"input password"
    yield "mokutil --import", (*view, str(where / "mokutil"), "--import", str(where / "key.der")), b"input password"


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIP
    failed = 0
    with tempfile.TemporaryDirectory(prefix="kmodctl-prompts-") as tmp:
        for name, command, prompt in commands(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(tmp)):
            for what, case in CASES.items():
                session = Session(command, prompt)
                try:
                    case(session)
                    print(f"ok - {name}: {what}")
                except AssertionError as e:
                    failed += 1
                    print(f"not ok - {name}: {what}: {e}")
                finally:
                    session.close()
    return failed != 0


sys.exit(main())
