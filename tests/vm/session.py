# SPDX-License-Identifier: MIT
"""The machine of `make shell`: what a person finds there besides the tools. tests/vm/guest/session starts it."""

import glob
import os
import re
import subprocess
import sys

import fixtures
import guest
from initramfs import find_program
from machine import Machine

ROOT = os.path.dirname(os.path.dirname(guest.HERE))
# Recompressed: unpacking xz takes depmod a minute here, zstd a few seconds.
TREES = {'6.12': '6.12-zst'}
FILES = {
    '/usr/bin/kmodctl': 'tool:kmodctl',
    '/usr/bin/install': 'essential:install',
    '/bin/bash': 'essential:bash',
    '/root/README.md': 'ours:README.md',
    '/root/pair.priv': 'key:pair.priv',
    '/root/pair.der': 'key:pair.der',
    '/usr/share/bash-completion/completions/kmod': 'ours:completions/bash/kmod',
    '/usr/share/bash-completion/completions/kmodctl': 'ours:completions/bash/kmodctl',
}
# Built against the kernel's headers, which scripts/get-kernels has for 6.12 only.
MODULES = {'/root/mymodule.ko': 'module:mymodule', '/root/kmodctl_test.ko': 'module:kmodctl_test'}
TERMINFO = ('/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo')
FALLBACK_TERMINAL = 'vt100'


class Needs:
    """What guest.build() asks of a case."""
    script = None
    static = False
    modules = ()
    directories = ('kernel',)


def machine(kernel, kmod, work):
    boot = {f'/boot/{name}-{kernel.release}': f'boot:{name}' for name in ('config', 'vmlinuz')}
    files = {**FILES, **boot,
             **(MODULES if os.path.isdir(kernel.headers) else {})}
    fs = guest.build(kernel, kmod, Needs, {path: fixtures.make(what, kernel, work) for path, what in files.items()})
    for name in ('session', 'man'):
        fs.file(f'/bin/{name}', f'{guest.HERE}/guest/{name}', 0o755)
    fs.file('/root/.bashrc', f'{guest.HERE}/guest/bashrc', 0o644)
    fs.symlink('/sbin/modules-load', '../bin/kmod')
    # The disk, its bus and the network card: what udev would load for the devices of this machine.
    fs.text('/etc/modules-load.d/machine.conf', 'virtio_pci\nvirtio_blk\ne1000e\n')
    fs.directory('/mnt/disk')
    add_pages(fs)
    add_terminal(fs, sys.stdin.fileno())
    disk = fixtures.make('image:ext4', kernel, work)
    return Machine(kernel.image, fs, 3072, [
        '-netdev', 'user,id=net,restrict=on', '-device', 'e1000e,netdev=net',
        '-drive', f'if=none,id=disk,format=raw,snapshot=on,file={disk}', '-device', 'virtio-blk-pci,drive=disk'])


def add_pages(fs):
    """The manual pages as plain text, for tests/vm/guest/man."""
    pages = glob.glob(f'{ROOT}/build/man/*.[1-8]')
    if not pages:
        raise RuntimeError(f'no manual pages in {ROOT}/build/man: install scdoc, then build')
    for page in pages:
        fs.text(f'/usr/share/man/{os.path.basename(page)}.txt', rendered(page))


def rendered(page):
    groff = [find_program('groff'), '-man', '-Tascii', '-P-cbou', '-rLL=78n', '-rHY=0', page]
    text = subprocess.run(groff, check=True, capture_output=True, text=True).stdout
    return re.sub(r'\n{3,}', '\n\n', text).strip('\n') + '\n'


def add_terminal(fs, terminal):
    """The kind and the size of the terminal that this runs on."""
    name, description = find_terminfo(os.environ.get('TERM', ''))
    columns, rows = os.get_terminal_size(terminal)
    fs.file(f'/lib/terminfo/{name[0]}/{name}', description, 0o644)
    fs.text('/vm/terminal', f'TERM={name} ROWS={rows or 24} COLUMNS={columns or 80}\n')


def find_terminfo(wanted):
    for name in (wanted, FALLBACK_TERMINAL):
        for directory in TERMINFO:
            path = f'{directory}/{name[:1]}/{name}'
            if re.fullmatch(r'[\w.+-]+', name) and os.path.isfile(path):
                return name, path
    raise RuntimeError(f'no terminfo for {FALLBACK_TERMINAL} in any of {", ".join(TERMINFO)}')
