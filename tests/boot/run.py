#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Debian system with our tools and library in place of Debian's kmod: initramfs images, and whole boots under QEMU.

  run.py [--kernel SERIES]   the checks; last line "N passed, N failed"

Two copies of one minimal Debian root (scripts/get-debian-root), one with its own kmod and one with our installed
files, both with the modules of the kernel (6.12). mkinitramfs and dracut make their images in both: the modules in them
must be the same. Three boots to systemd on an ext4 disk: ours by the image of each tool, Debian's by mkinitramfs'. The
checks of guest/checks.sh hold in every boot; the modules loaded at its end must be the same in ours as in Debian's.
Needs root; skipped without.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import sys

from debian import PROJECT, BootRoot, GuestChecks, boot, debians_images, image_files, modules_in
from kernels import SERIES, Kernel
from machine import need

WORK = f'{PROJECT}/build-vm/boot'
DEVICES = ['-device', 'virtio-net-pci', '-device', 'e1000e']
LIBRARY = '/usr/lib/x86_64-linux-gnu/libkmod.so.2.5.1'


def make_root(name, kernel, ours):
    root = BootRoot(f'{WORK}/{name}', kernel)
    if ours:
        root.install_ours()
        open(f'{root.path}/vm/ours', 'w').close()
    return root


def prove_ours(checks, root):
    checks.true('kmod in the root is ours', 'kmodctl version' in root.chroot('kmod', '--version'))
    for program in '/usr/lib/dracut/dracut-install', '/usr/bin/udevadm':
        used = re.search(r'libkmod\S* => (\S+)', root.chroot('ldd', program))
        path = root.chroot('readlink', '-f', used[1]).strip() if used else 'none'
        checks.true(f'{program} in the root runs on our library', path == LIBRARY, path)


def compare_images(checks, tool, ours, theirs):
    names, wanted = image_files(ours), image_files(theirs)
    modules = modules_in(names)
    checks.true(f'{tool}: the image has the same {len(modules)} modules as on Debian\'s kmod',
                modules == modules_in(wanted) and len(modules) > 100, str(sorted(modules ^ modules_in(wanted))[:20]))
    indexes = {'modules.dep.bin', 'modules.alias.bin', 'modules.symbols.bin', 'modules.builtin.bin', 'modules.softdep'}
    missing = {name for name in indexes if not any(path.endswith(f'/{name}') for path in names)}
    checks.true(f'{tool}: the indexes are in the image', not missing, str(missing))


def make_and_boot(checks, kernel):
    """name -> (TapReader, loaded modules, seconds)"""
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        ours, theirs = pool.map(lambda what: make_root(*what), [('ours', kernel, True), ('debian', kernel, False)])
        prove_ours(checks, ours)
        wanted = pool.submit(debians_images, theirs)
        images = ours.images()
        for tool in images:
            compare_images(checks, tool, images[tool], wanted.result()[tool])
        with ours.disk() as our_disk, theirs.disk() as their_disk:
            plan = {
                'ours-mkinitramfs': (images['mkinitramfs'], our_disk),
                'debian-mkinitramfs': (wanted.result()['mkinitramfs'], their_disk),
                'ours-dracut': (images['dracut'], our_disk),
            }
            runs = {name: pool.submit(boot, kernel.image, *what, f'{WORK}/{name}', DEVICES) for name, what in plan.items()}
            results = {name: done.result() for name, done in runs.items()}
    for root in ours, theirs:
        shutil.rmtree(root.path)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kernel', choices=SERIES, default='6.12')
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print('skipped: needs root\n0 passed, 0 failed')
        return 0
    need('qemu-system-x86_64', 'mke2fs', 'zstd', 'cpio', 'mount')
    os.makedirs(WORK, exist_ok=True)
    checks = GuestChecks()
    results = make_and_boot(checks, Kernel(arguments.kernel))
    for name, (reader, _, seconds) in results.items():
        checks.add(f'boot {name}', reader, seconds)
    ours_loaded, theirs_loaded = results['ours-mkinitramfs'][1], results['debian-mkinitramfs'][1]
    checks.true(f'the same {len(ours_loaded)} modules are loaded after a boot on ours and on Debian\'s',
                ours_loaded == theirs_loaded and len(ours_loaded) > 20, str(sorted(ours_loaded ^ theirs_loaded)))
    print(f'{checks.passed} passed, {checks.failed} failed')
    return 1 if checks.failed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'boot: {error}')
