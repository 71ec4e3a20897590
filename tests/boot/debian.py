# SPDX-License-Identifier: MIT
"""A Debian root file system with Debian's kmod or with ours in its place, initramfs images made in it, its disk image."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f'{PROJECT}/tests/vm')
from kernels import CACHE  # noqa: E402

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
        self._add_report()

    def _add_report(self):
        self.write('vm/facts', f"RELEASE='{self.kernel.release}'\nKO='.ko{self.kernel.suffix}'\n")
        shutil.copy(f'{PROJECT}/tests/vm/guest/lib.sh', f'{self.path}/vm/lib.sh')
        for name in 'report', 'checks.sh':
            shutil.copy(f'{HERE}/guest/{name}', f'{self.path}/vm/{name}')
        shutil.copy(f'{HERE}/guest/boot-report.service', f'{self.path}/etc/systemd/system/')
        self.chroot('systemctl', '--quiet', 'enable', 'boot-report.service')

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

    @contextlib.contextmanager
    def disk(self):
        """An ext4 image of the root without its /boot."""
        image, boot = f'{self.path}.img', f'{self.path}.boot'
        os.rename(f'{self.path}/boot', boot)
        os.mkdir(f'{self.path}/boot')
        try:
            with open(image, 'wb') as out:
                out.truncate(2 << 30)
            run('mke2fs', '-q', '-t', 'ext4', '-L', 'root', '-d', self.path, image)
        finally:
            os.rmdir(f'{self.path}/boot')
            os.rename(boot, f'{self.path}/boot')
        try:
            yield image
        finally:
            os.unlink(image)


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
