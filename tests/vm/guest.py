# SPDX-License-Identifier: MIT
"""What is inside the guest: busybox and dash, the tools under test, Debian's kmod, modules, a script."""

import os
import shlex
import subprocess

from initramfs import Initramfs, find_library, find_program

HERE = os.path.dirname(os.path.realpath(__file__))
TOOLS = ('lsmod', 'modprobe', 'insmod', 'rmmod', 'modinfo', 'depmod')
# The shell is dash and these applets are not linked: busybox's shell would prefer its own modprobe to ours.
NOT_FROM_BUSYBOX = {'busybox', 'sh', 'ash', *TOOLS}
NEEDS = ('busybox', 'dash', 'kmod', 'libz.so.1', 'liblzma.so.5', 'libzstd.so.1')
# dlopened when first needed, so not in ldd's list
CODECS = NEEDS[3:]


def add_busybox(fs, system):
    """Its names are those of this system's, which runs here."""
    fs.file('/bin/busybox', system.program('busybox'), 0o755)
    for applet in subprocess.check_output([find_program('busybox'), '--list'], text=True).split():
        if applet not in NOT_FROM_BUSYBOX:
            fs.symlink(f'/bin/{applet}', 'busybox')
    fs.symlink('/usr/bin/env', '/bin/busybox')
    fs.program('/bin/dash', system.program('dash'))
    fs.symlink('/bin/sh', 'dash')


def add_kmod(fs, prefix, kmod):
    """A multi-call binary and its names: PREFIX/bin/kmod, PREFIX/sbin/modprobe, ..."""
    fs.program(f'{prefix}/bin/kmod', kmod)
    for tool in TOOLS:
        fs.symlink(f'{prefix}/sbin/{tool}', '../bin/kmod')


def add_codecs(fs, system):
    for name in CODECS:
        fs.library(find_library(name, system.sysroot, system.library_dirs))


def add_modules(fs, kernel, names, directories):
    """The named modules and those below the directories with all they need, and the whole tree's indexes."""
    wanted = [kernel.path_of(name) for name in names]
    for directory in directories:
        wanted += kernel.files_below(directory)
    guest = f'/lib/modules/{kernel.release}'
    for path in kernel.closure(wanted):
        fs.file(f'{guest}/{path}', f'{kernel.modules}/{path}', 0o644)
    for name in kernel.indexes():
        fs.file(f'{guest}/{name}', f'{kernel.modules}/{name}', 0o644)


def build(kernel, kmod, case, extra):
    """The initramfs of one boot. extra: guest path -> file on the host."""
    system = kernel.system
    fs = Initramfs(system.sysroot, system.library_dirs)
    for directory in ('proc', 'sys', 'dev', 'run', 'tmp', 'root', 'mnt', 'etc/modprobe.d', 'etc/depmod.d'):
        fs.directory(f'/{directory}')
    add_busybox(fs, system)
    add_kmod(fs, '', kmod)
    if not case.static:
        add_kmod(fs, '/opt/debian', system.program('kmod'))
        add_codecs(fs, system)
    add_modules(fs, kernel, case.modules, case.directories)
    fs.text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n')
    fs.text('/etc/group', 'root:x:0:\n')
    fs.file('/init', f'{HERE}/guest/init', 0o755)
    fs.file('/vm/lib.sh', f'{HERE}/guest/lib.sh')
    fs.text('/vm/facts', f'RELEASE={shlex.quote(kernel.release)}\nKO={shlex.quote(".ko" + kernel.suffix)}\nTTY={system.tty}\n')
    if case.script:
        fs.file('/vm/case.sh', case.script)
    for path, source in extra.items():
        if os.access(source, os.X_OK):
            fs.program(path, source)
        else:
            fs.file(path, source)
    return fs
