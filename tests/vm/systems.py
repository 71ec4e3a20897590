# SPDX-License-Identifier: MIT
"""The machines that QEMU emulates, and where the programs of a guest come from: this system, or a Debian of another architecture.

Of each port the kernel's console is one, and the other is what a case prints. Both are built in to Debian's kernels.
"""

import os
import shutil

from bootimage import startable
from initramfs import find_program

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'kmodctl')
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
LIBRARY_DIRS = ('/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib')


class PC:
    """With the programs of this system."""
    qemu = ('qemu-system-x86_64', '-accel', 'tcg', '-machine', 'pc')
    # no_timer_check: on a busy host the kernel's test of the emulated timer fails, and it panics.
    console = 'ttyS0,115200'
    words = 'no_timer_check'
    tty = 'ttyS1'
    sysroot = ''
    build = f'{ROOT}/build'
    library_dirs = LIBRARY_DIRS

    def serial(self, console, output):
        return ['-serial', f'file:{console}', '-serial', f'file:{output}']

    def startable(self, image):
        return startable(image)

    def program(self, name):
        return '/bin/kmod' if name == 'kmod' else find_program(name)


class Foreign:
    """Programs of Debian sid's packages, in the cache beside the kernel (scripts/make-kernels); their libraries are in the root
    where scripts/portable builds ours."""
    words = ''
    sysroot = f'{CACHE}/debian-root-portable-sid'

    def __init__(self, arch, multiarch):
        self.arch = arch
        self.build = f'{ROOT}/build-portable/{arch}'
        self.library_dirs = (f'/usr/lib/{multiarch}', '/lib')

    def startable(self, image):
        return image

    def program(self, name):
        where = [f'{CACHE}/built/{self.arch}/programs/{directory}' for directory in ('usr/bin', 'bin')]
        found = shutil.which(name, path=':'.join(where))
        if found is None:
            raise RuntimeError(f'{name} is in none of {", ".join(where)}: run scripts/make-kernels {self.arch}')
        return found


class Arm64(Foreign):
    """The second port is a card: the machine has one of its own."""
    qemu = ('qemu-system-aarch64', '-accel', 'tcg', '-machine', 'virt', '-cpu', 'cortex-a72')
    console = 'ttyAMA0'
    tty = 'ttyS0'

    def serial(self, console, output):
        return ['-serial', f'file:{console}', '-chardev', f'file,id=output,path={output}', '-device', 'pci-serial,chardev=output']


class S390x(Foreign):
    """The first port is a terminal; the second one prints whole lines, which is enough for messages."""
    qemu = ('qemu-system-s390x', '-accel', 'tcg', '-machine', 's390-ccw-virtio', '-cpu', 'max')
    console = 'ttyS0'
    words = 'conmode=sclp'
    tty = 'ttysclp0'

    def serial(self, console, output):
        return ['-serial', f'file:{output}', '-serial', f'file:{console}']


HOST = PC()
FOREIGN = {system.arch: system for system in (Arm64('arm64', 'aarch64-linux-gnu'), S390x('s390x', 's390x-linux-gnu'))}
