#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Unmodified programs of other projects on our libkmod.so.2, compared with the same program on Debian's library.

usage: consumers.py --lib DIR_OF_OUR_LIBRARY --tree ROOT

Each check first proves which library the program runs on. Runs as root (bind mounts in a private mount namespace).
"""
import argparse
import ctypes
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../lib'))
from checks import ShownChecks  # noqa: E402
from need import need  # noqa: E402

DRACUT_INSTALL = '/usr/lib/dracut/dracut-install'
SUBSYSTEMS = ('=drivers/scsi', '=fs', '=net/netfilter', '=drivers/net/ethernet/intel', '=drivers/md', '=crypto')
SINGLES = 320


def environment(lib):
    env = dict(os.environ)
    env.pop('LD_LIBRARY_PATH', None)
    if lib:
        env['LD_LIBRARY_PATH'] = lib
    return env


def library_of(program, lib):
    out = subprocess.run(['ldd', program], env=environment(lib), capture_output=True, text=True).stdout
    for line in out.splitlines():
        if 'libkmod.so.2' in line:
            return os.path.realpath(line.split()[2])
    return None


def prove(checks, program, lib):
    used = library_of(program, lib)
    checks.true(f'{os.path.basename(program)} runs on our library', used and used.startswith(os.path.realpath(lib)), str(used))


# ---------------------------------------------------------------- dracut-install
def contents(directory):
    """relative path -> size or link target, of everything below"""
    found = {}
    for top, dirs, files in os.walk(directory):
        for name in dirs + files:
            path = os.path.join(top, name)
            rel = os.path.relpath(path, directory)
            found[rel] = os.readlink(path) if os.path.islink(path) else os.path.isfile(path) and os.path.getsize(path)
    return found


def dracut_install(lib, args, names, firmware):
    with tempfile.TemporaryDirectory() as dest:
        run = subprocess.run(
            [DRACUT_INSTALL, '-D', dest, '--kerneldir', f'{args.tree}/lib/modules/{args.release}', '--firmwaredirs', firmware,
             '-m', *names], env=environment(lib), capture_output=True, text=True)
        return run.returncode, contents(dest)


def some_modules(args):
    order = open(f'{args.tree}/lib/modules/{args.release}/modules.order').read().split()
    step = max(1, len(order) // SINGLES)
    return [os.path.basename(p)[:-3].replace('-', '_') for p in order[::step]][:SINGLES + 20]


def fake_firmware(args, names, directory):
    """an (empty) file for every firmware that the modules name, so that dracut-install has something to copy"""
    out = subprocess.run(['/sbin/modinfo', '-b', args.tree, '-k', args.release, '-F', 'firmware', *names],
                         capture_output=True, text=True).stdout
    for name in set(out.split()):
        path = os.path.join(directory, name.replace('*', 'x'))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, 'w').close()
    return len(set(out.split()))


def check_dracut(checks, args):
    prove(checks, DRACUT_INSTALL, args.lib)
    names = some_modules(args)
    with tempfile.TemporaryDirectory() as firmware:
        n = fake_firmware(args, names, firmware)
        differing = []
        files = 0
        for name in names:
            theirs, ours = (dracut_install(lib, args, [name], firmware) for lib in (None, args.lib))
            files += len(ours[1])
            if theirs != ours or not ours[1]:
                differing.append(name)
        checks.true(f'dracut-install: {len(names)} single modules, {n} firmware names, {files} files, all the same',
                    not differing and len(names) >= 300, ' '.join(differing[:20]))
        for subsystem in SUBSYSTEMS:
            theirs, ours = (dracut_install(lib, args, [subsystem], firmware) for lib in (None, args.lib))
            checks.true(f'dracut-install {subsystem}: {len(ours[1])} entries, the same', theirs == ours and len(ours[1]) > 10)


# ---------------------------------------------------------------- with the tree as the running kernel's
def enter_namespace(args):
    """/lib/modules holds just the tree, under the running kernel's name"""
    if not os.path.isdir('/lib/modules'):
        sys.exit('consumers: this machine has no /lib/modules, and gets none: run this under tests/lib/viewrun --empty')
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')
    run = lambda *cmd: subprocess.run(cmd, check=True)
    run('mount', '--make-rprivate', '/')
    run('mount', '-t', 'tmpfs', 'tmpfs', '/lib/modules')
    target = f'/lib/modules/{os.uname().release}'
    os.mkdir(target)
    run('mount', '--bind', f'{args.tree}/lib/modules/{args.release}', target)


PCI_DEVICES = (  # vendor, device, class: network, virtio, USB, sound, storage
    (0x8086, 0x10d3, 0x020000), (0x1af4, 0x1000, 0x020000), (0x1af4, 0x1001, 0x010000), (0x8086, 0x1e31, 0x0c0330),
    (0x8086, 0x293e, 0x040300), (0x1000, 0x0030, 0x010000), (0x10de, 0x1180, 0x030000), (0x1002, 0x6798, 0x030000),
    (0x144d, 0xa808, 0x010802), (0x14e4, 0x43a0, 0x028000),
)


def fake_pci(directory):
    for i, (vendor, device, cls) in enumerate(PCI_DEVICES):
        d = f'{directory}/devices/0000:00:{i + 2:02x}.0'
        os.makedirs(d)
        config = bytearray(64)
        struct.pack_into('<HH', config, 0, vendor, device)
        struct.pack_into('<I', config, 8, cls << 8)
        files = {
            'vendor': f'{vendor:#06x}\n', 'device': f'{device:#06x}\n', 'class': f'{cls:#08x}\n', 'irq': '0\n',
            'subsystem_vendor': '0x0000\n', 'subsystem_device': '0x0000\n', 'resource': '0x0 0x0 0x0\n' * 7,
            'modalias': f'pci:v{vendor:08X}d{device:08X}sv00000000sd00000000bc{cls >> 16:02X}sc{cls >> 8 & 255:02X}i{cls & 255:02X}\n',
        }
        for name, text in files.items():
            with open(f'{d}/{name}', 'w') as f:
                f.write(text)
        with open(f'{d}/config', 'wb') as f:
            f.write(config)


def check_lspci(checks, args):
    prove(checks, '/usr/bin/lspci', args.lib)
    with tempfile.TemporaryDirectory() as sysfs:
        fake_pci(sysfs)
        theirs, ours = (subprocess.run(['lspci', '-A', 'linux-sysfs', '-O', f'sysfs.path={sysfs}', '-k'], text=True,
                                       env=environment(lib), capture_output=True) for lib in (None, args.lib))
    named = ours.stdout.count('Kernel modules:')
    checks.true(f'lspci -k: {len(PCI_DEVICES)} devices, {named} with modules, the same',
                theirs.stdout == ours.stdout and ours.returncode == theirs.returncode == 0 and named >= 8)


BLOCKDEV = '''
import ctypes, sys
lib = ctypes.CDLL('libbd_utils.so.2')
print([lib.bd_utils_have_kernel_module(n.encode(), None) for n in sys.argv[1:]])
print([l.split()[-1] for l in open('/proc/self/maps') if 'libkmod' in l][0])
'''


def check_blockdev(checks, args):
    names = ['dm_mod', 'raid1', 'no_such_module', 'btrfs', 'unix', 'ext4']
    outs = [subprocess.run([sys.executable, '-c', BLOCKDEV, *names], env=environment(lib), capture_output=True, text=True)
            .stdout.splitlines() for lib in (None, args.lib)]
    checks.true('libblockdev runs on our library', outs[1][1].startswith(os.path.realpath(args.lib)), str(outs))
    checks.true(f'libblockdev: have_kernel_module of {len(names)} names is the same', outs[0][0] == outs[1][0], str(outs))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--lib', required=True)
    parser.add_argument('--tree', required=True)
    args = parser.parse_args()
    args.lib, args.tree = os.path.abspath(args.lib), os.path.realpath(args.tree)
    with open(f'{args.tree}/release') as release:
        args.release = release.read().strip()
    need(DRACUT_INSTALL, 'lspci', 'kmod', 'libkmod.so.2', 'libbd_utils.so.2', 'mount')
    checks = ShownChecks()
    enter_namespace(args)
    check_lspci(checks, args)
    check_blockdev(checks, args)
    check_dracut(checks, args)
    print(f'{checks.passed} passed, {checks.failed} failed')
    sys.exit(1 if checks.failed else 0)


main()
