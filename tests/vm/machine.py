# SPDX-License-Identifier: MIT
"""QEMU under software emulation: boots a kernel with an initramfs and hands its second serial port back.

One port is the kernel's console, the other one what the guest's script prints (systems.py): ttyS0 and ttyS1 of a PC. Both are
built in to Debian's kernels, so nothing has to be loaded for them and lsmod in the guest starts empty. The ports are written to
files and followed there: QEMU drops what a slow reader of a pipe or socket does not take.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../lib'))
from need import need  # noqa: E402
from systems import HOST  # noqa: E402


def command_line(system):
    """cryptomgr.notests: a guest tests nothing of the kernel's ciphers, and without their self-tests it boots in three quarters
    of the time."""
    return ' '.join(f'console={system.console} quiet panic=-1 {system.words} cryptomgr.notests'.split())


COMMAND_LINE = command_line(HOST)
# Seen on a busy host at 1.2 s, where the kernel patches its own code: the emulation's fault.
IDLE_TASK_DIED = b'Attempted to kill the idle task'


class StartFailure(Exception):
    """QEMU failed before the kernel printed anything, or the kernel's idle task died under it before there was a process."""


class Machine:
    def __init__(self, kernel_image, initramfs, memory, devices, append='', system=HOST):
        self._kernel_image = kernel_image
        self._initramfs = initramfs
        self._memory = memory
        self._devices = devices
        self._append = append
        self._system = system

    def run(self, logs, timeout, on_line):
        """Boots and calls on_line with each line of the script. Returns False when the guest had to be killed for taking
        longer than timeout seconds. A machine that does not start is given one more chance."""
        with self._packed_initramfs() as packed:
            try:
                return self._run_once(packed, logs, timeout, on_line)
            except StartFailure as failure:
                print(f'vm: {failure}; trying once more', file=sys.stderr)
                return self._run_once(packed, logs, timeout, on_line)

    def interact(self, logs):
        """ttyS1 on this terminal until the guest powers off; returns QEMU's exit status. Each key goes to the guest,
        Ctrl-C as well, except after Ctrl-a: Ctrl-a x ends QEMU."""
        serial = ['-chardev', 'stdio,id=terminal,mux=on,signal=off', '-mon', 'chardev=terminal,mode=readline',
                  '-serial', f'file:{logs}.console', '-serial', 'chardev:terminal']
        with self._packed_initramfs() as packed, terminal_restored(sys.stdin.fileno()):
            return subprocess.call(self._command(packed, serial))

    def _packed_initramfs(self):
        packed = tempfile.NamedTemporaryFile(prefix='kmodctl-vm-', suffix='.cpio')
        self._initramfs.write(packed)
        packed.flush()
        return packed

    def _command(self, packed, serial):
        return [
            *self._system.qemu, '-m', str(self._memory), '-nodefaults', '-no-user-config',
            '-display', 'none', '-no-reboot', '-nic', 'none', *serial,
            '-kernel', self._system.startable(self._kernel_image), '-initrd', packed.name,
            '-append', f'{command_line(self._system)} {self._append}'.strip(), *self._devices,
        ]

    def _run_once(self, packed, logs, timeout, on_line):
        console, output = f'{logs}.console', f'{logs}.serial'
        for path in (console, output):
            open(path, 'w').close()
        command = self._command(packed, self._system.serial(console, output))
        with open(f'{logs}.qemu', 'w') as errors:
            qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            in_time = follow(output, qemu, time.monotonic() + timeout, on_line)
        finally:
            qemu.kill()
            qemu.wait()
        if os.path.getsize(output) == 0 and IDLE_TASK_DIED in open(console, 'rb').read():
            raise StartFailure('the kernel panicked before it started a process')
        if in_time and qemu.returncode != 0 and os.path.getsize(console) == 0:
            with open(f'{logs}.qemu') as errors:
                raise StartFailure(f'QEMU did not start: {errors.read().strip()}')
        return in_time


@contextlib.contextmanager
def terminal_restored(terminal):
    """Its settings, and its blocking, are afterwards what they were, however QEMU ends."""
    settings, blocking = termios.tcgetattr(terminal), os.get_blocking(terminal)
    try:
        yield
    finally:
        os.set_blocking(terminal, blocking)
        termios.tcsetattr(terminal, termios.TCSADRAIN, settings)


def follow(path, process, deadline, on_line):
    """Lines of a growing file until the process ends (True) or the deadline passes (False)."""
    pending = b''
    with open(path, 'rb') as source:
        while True:
            ended = process.poll() is not None
            pending += source.read()
            *lines, pending = pending.split(b'\n')
            for line in lines:
                on_line(line.decode(errors='replace').rstrip('\r'))
            if ended:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
