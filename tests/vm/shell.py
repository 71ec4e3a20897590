#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drives `make shell` over a pseudo-terminal, as a person would: types commands, reads the answers, presses keys.

    shell.py [COMMAND...]     default: scripts/shell

Blocks of README.md and, in a machine of its own, of docs/guide.md that follow the line "<!-- shell -->" are typed line by line, and
each line must succeed, except those of FAILING and GUIDE_FAILING. The last line is "N passed, N failed". What was on the screen is in build-vm/logs/shell.screen.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, '../lib'))
from checks import Checks  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
ROWS, COLUMNS = 41, 160
TIMEOUT, LONGEST = 300, 1200  # seconds for one answer, and for all
PROMPT = re.compile(r'\[root@kmodctl [^\]\n]*\]# $')
CONTROLS = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07')
# Lines of README that fail in this machine -> what they must say.
FAILING = {'kmodctl mok import mykey.der': r'no UEFI: this machine has no MOK'}
# Long answers would wait for a key.
NO_PAGER = 'export KMODCTL_PAGER=cat'
# The machine has things that are not well.
GUIDE_FAILING = {'kmodctl status': '^! devices '}


class Ended(Exception):
    """The program at the other end is gone, or does not answer."""


class Terminal:
    """A program on a terminal of its own, which is its controlling terminal, so that Ctrl-C could hit it."""

    def __init__(self, command, screen):
        self._screen = screen
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack('HHHH', ROWS, COLUMNS, 0, 0))
        self._end = time.monotonic() + LONGEST
        self._before = self._settings()
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=self._slave, stdout=self._slave, stderr=self._slave,
                                         env={**os.environ, 'TERM': 'xterm'}, preexec_fn=self._take_terminal)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._master)
        os.close(self._slave)

    def _take_terminal(self):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _settings(self):
        return termios.tcgetattr(self._slave), os.get_blocking(self._slave)

    def wait_until_raw(self):
        """Until the program at the other end takes every key itself."""
        while termios.tcgetattr(self._slave)[3] & (termios.ICANON | termios.ISIG):
            if self._process.poll() is not None or time.monotonic() > self._end:
                raise Ended('the terminal was not made raw')
            time.sleep(0.1)

    def is_restored(self):
        return self._settings() == self._before

    def press(self, keys):
        os.write(self._master, keys.encode())

    def read_until(self, ending):
        """Text without control sequences, up to where the pattern matches."""
        deadline = min(time.monotonic() + TIMEOUT, self._end)
        text = ''
        while not ending.search(text):
            text = CONTROLS.sub('', text + self._read(deadline)).replace('\r', '')
        return text

    def _read(self, deadline):
        while time.monotonic() < deadline:
            if select.select([self._master], [], [], 0.2)[0]:
                data = os.read(self._master, 65536).decode(errors='replace')
                self._screen.write(data)
                self._screen.flush()
                return data
            if self._process.poll() is not None:
                raise Ended(f'it ended with status {self._process.returncode}')
        raise Ended('no answer in time')

    def type(self, line):
        """What the guest answers to a line, and its exit status."""
        self.press(f'{line}\r')
        answer = self.read_until(PROMPT)
        self.press('echo "status $?"\r')
        status = re.search(r'^status (\d+)$', self.read_until(PROMPT), re.M)
        return PROMPT.sub('', answer.partition('\n')[2]), int(status[1]) if status else -1

    def wait(self):
        """The exit status; what is printed until then is shown."""
        try:
            self.read_until(re.compile(r'\Z.'))
        except Ended:
            pass
        return self._process.wait(5)


class Report(Checks):
    def says(self, terminal, line, pattern, expected=0):
        """The line is typed: its exit status and its answer are what they should be."""
        answer, status = terminal.type(line)
        self.true(line, status == expected and re.search(pattern, answer, re.M), f'{answer}[{status}], expected [{expected}] {pattern}')
        return answer


def shell_blocks(path):
    """The lines of each marked block of a document."""
    blocks, block = [], None
    with open(f"{ROOT}/{path}") as lines:
        for line in lines:
            if line == '<!-- shell -->\n':
                block = []
                blocks.append(block)
            elif block is not None and line.startswith('    '):
                block.append(line.strip())
            elif block:
                block = None
    return blocks


def check_start(report, terminal):
    screen = terminal.read_until(PROMPT).partition('Booting')[2].splitlines()[1:-1]
    greeting = '\n'.join(screen)
    report.true('a greeting of ten lines, eighty columns', 1 < len(screen) <= 10 and max(map(len, screen)) <= 80, greeting)
    report.true('it says how to leave', 'exit' in greeting and 'Ctrl-a x' in greeting, greeting)
    report.says(terminal, 'stty size', f'^{ROWS} {COLUMNS}$')
    report.says(terminal, 'echo $TERM', '^xterm$')
    report.says(terminal, 'cat /proc/mounts', r'^/dev/vda /mnt/disk ext4 rw')
    report.says(terminal, 'touch /mnt/disk/file && ls /mnt/disk', r'^file\b')
    report.says(terminal, 'lsmod', r'^ext4 +\d+ +1$')
    report.says(terminal, 'ls /sys/bus/pci/drivers/e1000e', '0000:')


def start_sleep(terminal, command):
    """In the foreground, where the keys go: known by what it says."""
    terminal.press(f'{command}\r')
    terminal.read_until(re.compile('^started$', re.M))


def check_keys(report, terminal):
    """Ctrl-C, Ctrl-Z, editing of the line, completion."""
    start_sleep(terminal, "sh -c 'echo started; exec sleep 1000'")
    terminal.press('\x03')
    terminal.read_until(PROMPT)
    report.says(terminal, 'echo "was $?"', '^was 130$')
    # Without a child: one that is stopped between vfork and exec holds its shell, which then never stops (dash).
    start_sleep(terminal, "sh -c 'trap \"echo again\" CONT; echo started; while :; do read line; done'")
    terminal.press('\x1a')
    report.true('Ctrl-Z stops the command', 'Stopped' in terminal.read_until(PROMPT))
    terminal.press('fg\r')
    terminal.read_until(re.compile('^again$', re.M))
    terminal.press('\x03')
    terminal.read_until(PROMPT)
    report.says(terminal, 'jobs | wc -l', '^0$')
    report.says(terminal, 'echo bc\x1b[D\x1b[Da', '^abc$')
    report.says(terminal, 'echo lost\x15echo kept', '^kept$')
    report.says(terminal, '\x1b[A\x1b[A', '^kept$')
    terminal.press('kmodctl wh\t')
    report.true('Tab completes a verb', 'kmodctl why' in terminal.read_until(re.compile('why ')))
    terminal.press('\x15')


def check_tools(report, terminal):
    report.says(terminal, 'modprobe -v fcoe', r'^insmod /lib/modules/.*/libfc\.ko.*\n(.*\n)*insmod .*/fcoe\.ko')
    report.says(terminal, 'grep -c "^libfc " /proc/modules', '^1$')
    report.says(terminal, 'kmodctl why fcoe', '^fcoe is loaded')
    report.says(terminal, 'modprobe -r -v fcoe', '^rmmod fcoe$')
    report.says(terminal, 'grep -c "^libfc " /proc/modules', '^0$', 1)
    verbs = re.findall(r'^  ([a-z]+)', terminal.type('kmodctl --help')[0].partition('Verbs:')[2], re.M)
    report.true('kmodctl has its verbs', len(verbs) > 9, str(verbs))
    for verb in verbs:
        report.says(terminal, f'kmodctl {verb} --help', '^Usage:')
        report.says(terminal, f'man kmodctl-{verb} | head -n 3', rf'kmodctl-{verb}\(8\)')
    terminal.press('man modprobe.d\r')
    shown = terminal.read_until(re.compile(r'SYNOPSIS[^\0]*\n[^\n]*modprobe\.d\.5[^\n]*$'))
    report.true('man shows a page in a pager', 'modprobe.d(5)' in shown, shown)
    terminal.press('q')
    terminal.read_until(PROMPT)
    report.says(terminal, 'man nosuchpage', 'there is no page for nosuchpage', 16)


def type_blocks(report, terminal, document, least, failing):
    blocks, failing = shell_blocks(document), dict(failing)
    report.true(f'{document} has examples', len(blocks) >= least)
    for line in (line for block in blocks for line in block):
        pattern = failing.pop(re.sub(r' +#.*', '', line), None)
        report.says(terminal, line, pattern or '', 0 if pattern is None else 1)
    report.true(f'{document}: each exception is an example', not failing, str(failing))


def check_readme(report, terminal):
    type_blocks(report, terminal, 'README.md', 3, FAILING)
    report.says(terminal, 'cat /sys/module/e1000e/parameters/copybreak', '^128$')
    report.says(terminal, 'cat /etc/modprobe.d/kmodctl-e1000e.conf', '^options e1000e copybreak=128$')
    report.says(terminal, 'grep "^mymodule " /proc/modules', 'Live')
    report.says(terminal, 'dmesg | tail -n 5', 'mymodule: hello')
    report.says(terminal, 'modinfo -F signer mymodule', '^My module key$')
    report.says(terminal, 'kmodctl why mymodule', '^mymodule is loaded')


def session(report, command, screen):
    with Terminal(command, screen) as terminal:
        check_start(report, terminal)
        check_keys(report, terminal)
        report.says(terminal, NO_PAGER, '')
        check_tools(report, terminal)
        check_readme(report, terminal)
        terminal.press('exit\r')
        report.true('exit: status 0', terminal.wait() == 0)
        report.true('exit: the terminal is as it was', terminal.is_restored())


def follow_guide(report, command, screen):
    """A newcomer, who copies each command of the guide."""
    with Terminal(command, screen) as terminal:
        terminal.read_until(PROMPT)
        report.says(terminal, NO_PAGER, '')
        type_blocks(report, terminal, 'docs/guide.md', 14, GUIDE_FAILING)
        report.says(terminal, 'grep "^mymodule " /proc/modules', 'Live')
        report.says(terminal, 'modinfo -F signer mymodule', '^My module key$')
        report.says(terminal, 'kmodctl boot list', '')
        terminal.press('exit\r')
        report.true('guide: exit: status 0', terminal.wait() == 0)


def cut_short(report, command, screen):
    """Ctrl-a x, long before there is a prompt."""
    with Terminal(command, screen) as terminal:
        terminal.read_until(re.compile('Booting'))
        terminal.wait_until_raw()
        terminal.press('\x03')
        time.sleep(1)
        terminal.press('\x01x')
        report.true('Ctrl-a x: status 0', terminal.wait() == 0)
        report.true('Ctrl-a x: the terminal is as it was', terminal.is_restored())


def main(command):
    report, start = Report(), time.monotonic()
    os.makedirs(f'{ROOT}/build-vm/logs', exist_ok=True)
    with open(f'{ROOT}/build-vm/logs/shell.screen', 'w') as screen:
        for part in (session, follow_guide, cut_short):
            try:
                part(report, command, screen)
            except Ended as end:
                with open(screen.name) as shown:
                    report.true(f'{part.__name__}: {end}; the end of the screen:', False, ''.join(shown.readlines()[-20:]))
    print(f'shell: {time.monotonic() - start:.0f} s')
    print(f'{report.passed} passed, {report.failed} failed')
    return 0 if report.passed and not report.failed else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:] or ['scripts/shell']))
