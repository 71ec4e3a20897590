#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prompt.py KEYS COMMAND...: runs a command on a terminal of its own and types KEYS when it asks for a passphrase.

KEYS is a line (it gets its newline), or ^C. Prints what the command wrote, then how often it asked, whether the terminal
echoes afterwards, and the status: asked=1 echo=yes status=0
"""
import os
import pty
import select
import signal
import sys
import termios

PROMPT = b"assphrase"


def read_some(fd, seconds):
    if not select.select([fd], [], [], seconds)[0]:
        return None
    try:
        return os.read(fd, 4096)
    except OSError:  # the other end is closed
        return b""


def main():
    keys, command = sys.argv[1], sys.argv[2:]
    typed = b"\x03" if keys == "^C" else keys.encode() + b"\n"
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.pop("KBUILD_SIGN_PIN", None)
        os.execvp(command[0], command)
    written, asked = b"", 0
    while True:
        got = read_some(fd, 60)
        if got is None:
            os.kill(pid, signal.SIGKILL)
        if not got:
            break
        written += got
        if written.count(PROMPT + b" of") > asked:
            asked += 1
            os.write(fd, typed)
    echo = termios.tcgetattr(fd)[3] & termios.ECHO
    _, status = os.waitpid(pid, 0)
    sys.stdout.write(written.decode(errors="replace").replace("\r\n", "\n"))
    print(f"asked={asked} echo={'yes' if echo else 'no'} status={os.waitstatus_to_exitcode(status)}")


main()
