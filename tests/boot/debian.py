# SPDX-License-Identifier: MIT
"""A Debian root file system with Debian's kmod or with ours in its place, initramfs images made in it, its disk image, its boot."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [f'{PROJECT}/tests/{room}' for room in ('lib', 'vm')]
from checks import ShownChecks  # noqa: E402
from kernels import CACHE  # noqa: E402
from machine import Machine  # noqa: E402
from tap import TapReader  # noqa: E402

TIMEOUT = 1200
MEMORY = 1024
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C', 'HOME': '/root', 'DEBIAN_FRONTEND': 'noninteractive'}
UNITS = ('kmodctl-modules-load.service', 'kmodctl-static-nodes.service')
SETTINGS = {
    # loop comes from Debian's own list, dummy and br_netfilter (with what they need) from modules-load.d
    'etc/modules': 'loop\n',
    'etc/modules-load.d/boot-test.conf': '# a comment\ndummy\n; another\nbr-netfilter\n',
    'etc/modprobe.d/boot-test.conf': 'options loop max_loop=3\noptions e1000e copybreak=128\nblacklist pcspkr\n',
    'etc/hostname': 'kmodctl\n',
}


def run(*command, **more):
    """The output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', **more)
    if done.returncode:
        raise RuntimeError(f'{" ".join(map(str, command))}: exit {done.returncode}\n{done.stdout}')
    return done.stdout


class GuestChecks(ShownChecks):
    """With those of guests."""

    def add(self, what, reader, seconds):
        """Those of a guest, which its TapReader has counted."""
        for failure in reader.failures:
            print(failure)
        print(f'{self.name}{what}: {reader.passed} passed, {reader.failed} failed ({seconds:.0f} s)', flush=True)
        self.passed += reader.passed
        self.failed += reader.failed


def cached_root(kind='bookworm'):
    return run(f'{PROJECT}/scripts/get-debian-root', kind).splitlines()[-1]


class Root:
    """A copy of a cached root, at path."""

    def __init__(self, path, kind='bookworm'):
        self.path = path
        shutil.rmtree(path, ignore_errors=True)
        run('cp', '-a', cached_root(kind), path)

    def write(self, name, text):
        os.makedirs(os.path.dirname(f'{self.path}/{name}'), exist_ok=True)
        with open(f'{self.path}/{name}', 'w') as out:
            out.write(text)

    def install_ours(self):
        """As a package would: Debian's files go, ours come."""
        for name in 'usr/bin/kmod', 'usr/lib/x86_64-linux-gnu/libkmod.so.2':
            target = os.path.realpath(f'{self.path}/{name}')
            for path in {f'{self.path}/{name}', target}:
                os.unlink(path)
        completions = f'{self.path}/usr/share/bash-completion/completions'
        for name in self.chroot('dpkg-query', '-L', 'kmod').splitlines():
            if os.path.dirname(self.path + name) == completions:  # Debian 13's; our links would not replace the files
                os.unlink(self.path + name)
        run(f'{PROJECT}/scripts/install', env={**os.environ, 'DESTDIR': self.path, 'PREFIX': '/usr'})

    def chroot(self, *command):
        """Runs it in the root, with /proc, /sys and /dev there, in a mount namespace of its own. Its output; it must succeed."""
        return run(*self.inside(command), env=ENVIRONMENT)

    def inside(self, command):
        script = 'cd "$1" && shift && for d in proc sys dev; do mount --rbind /$d $d; done && exec chroot . "$@"'
        return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', self.path, *command]

    @contextlib.contextmanager
    def disk(self, without=('boot',)):
        """An ext4 image of the root, in which the directories of without are empty."""
        image, aside = f'{self.path}.img', f'{self.path}.aside'
        os.mkdir(aside)
        for number, name in enumerate(without):
            os.rename(f'{self.path}/{name}', f'{aside}/{number}')
            os.mkdir(f'{self.path}/{name}')
        try:
            with open(image, 'wb') as out:
                out.truncate(4 << 30)
            run('mke2fs', '-q', '-t', 'ext4', '-L', 'root', '-d', self.path, image)
        finally:
            for number, name in enumerate(without):
                os.rmdir(f'{self.path}/{name}')
                os.rename(f'{aside}/{number}', f'{self.path}/{name}')
            os.rmdir(aside)
        try:
            yield image
        finally:
            os.unlink(image)

    def add_report(self, facts, checks):
        """A boot ends with the file checks, for which facts, NAME -> value, are variables; what it prints is for boot()."""
        self.write('vm/facts', ''.join(f"{name}='{value}'\n" for name, value in facts.items()))
        shutil.copy(f'{PROJECT}/tests/vm/guest/lib.sh', f'{self.path}/vm/lib.sh')
        for name in 'report', 'boot.sh':
            shutil.copy(f'{HERE}/guest/{name}', f'{self.path}/vm/{name}')
        shutil.copy(checks, f'{self.path}/vm/checks.sh')
        shutil.copy(f'{HERE}/guest/boot-report.service', f'{self.path}/etc/systemd/system/')
        self.chroot('systemctl', '--quiet', 'enable', 'boot-report.service')

    def remove_report(self):
        self.chroot('systemctl', '--quiet', 'disable', 'boot-report.service')
        os.unlink(f'{self.path}/etc/systemd/system/boot-report.service')
        shutil.rmtree(f'{self.path}/vm')


class BootRoot(Root):
    """One that boots: with a kernel's modules, settings, and the report that a boot makes."""

    def __init__(self, path, kernel):
        super().__init__(path)
        self.kernel = kernel
        os.makedirs(f'{path}/usr/lib/modules', exist_ok=True)
        run('cp', '-a', kernel.modules, f'{path}/usr/lib/modules/')
        run('cp', f'{os.path.dirname(kernel.image)}/config-{kernel.release}', f'{path}/boot/')
        for name, text in SETTINGS.items():
            self.write(name, text)
        self.add_report({'RELEASE': kernel.release, 'KO': f'.ko{kernel.suffix}'}, f'{HERE}/guest/checks.sh')

    def install_ours(self):
        """The units are enabled as well."""
        super().install_ours()
        self.chroot('systemctl', '--quiet', 'enable', *UNITS)

    def mkinitramfs(self):
        """initramfs-tools' image with all drivers; returns its path, as dracut() does."""
        image = '/boot/mkinitramfs.img'
        self.chroot('mkinitramfs', '-c', 'zstd', '-o', image, self.kernel.release)
        return self.path + image

    def dracut(self):
        image = '/boot/dracut.img'
        self.chroot('dracut', '--no-hostonly', '--force', '--zstd', '--quiet', '--kver', self.kernel.release, image)
        return self.path + image

    def images(self):
        return {'mkinitramfs': self.mkinitramfs(), 'dracut': self.dracut()}


class PackedImage:
    """An initramfs that is a file already."""

    def __init__(self, path):
        self._path = path

    def write(self, out):
        with open(self._path, 'rb') as source:
            shutil.copyfileobj(source, out)


def boot(kernel_image, initramfs, disk, logs, devices=()):
    """(TapReader, names of loaded modules, seconds) of a root with a report. The files LOGS.* are of QEMU."""
    reader, loaded = TapReader(), set()

    def take(line):
        if line.startswith('LOADED '):
            loaded.add(line.split()[1])
        else:
            reader.take(line)
    drive = f'if=virtio,format=raw,snapshot=on,file={disk}'
    machine = Machine(kernel_image, PackedImage(initramfs), MEMORY, [*devices, '-drive', drive], 'root=/dev/vda rw')
    start = time.monotonic()
    if not machine.run(logs, TIMEOUT, take):
        reader.fail(f'the guest was stopped after {TIMEOUT} s')
    reader.end(f'{logs}.console')
    return reader, loaded, time.monotonic() - start


def debians_images(root):
    """Those of a root with Debian's kmod: what they depend on hardly changes, so they are kept in the cache."""
    facts = hashlib.sha256(repr((SETTINGS, os.stat(cached_root()).st_mtime_ns)).encode()).hexdigest()[:16]
    kept = f'{CACHE}/debian-images/{root.kernel.release}-{facts}'
    if not os.path.isdir(kept):
        os.makedirs(f'{kept}.new', exist_ok=True)
        for tool, image in root.images().items():
            shutil.copy(image, f'{kept}.new/{tool}.img')
        os.rename(f'{kept}.new', kept)
    return {tool: f'{kept}/{tool}.img' for tool in ('mkinitramfs', 'dracut')}


def image_files(image):
    """Names of everything in an initramfs image of one compressed archive."""
    names = run('sh', '-c', 'zstd -dcq "$1" | cpio -t --quiet', 'sh', image)
    return set(names.split('\n')) - {''}


def modules_in(names):
    return {name[name.index('lib/modules/'):] for name in names if 'lib/modules/' in name and '.ko' in name}
