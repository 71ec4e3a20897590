#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Debian packages (scripts/make-deb) in place of Debian's kmod, libkmod2 and mokutil, and the way back.

  run.py [--debs DIRECTORY] [SUITE...]   bookworm and trixie; last line "N passed, N failed"

In a Debian of each suite with systemd, udev, initramfs-tools, dracut, dkms, lvm2, mdadm, iptables and open-iscsi (scripts/get-debian-root
swap-SUITE) apt installs the packages of DIRECTORY/SUITE (default: build-deb, made if they are missing or older than the sources),
then a kernel with headers, beside which a broken module lies, and a package whose module dkms builds and signs. Images are made,
and the system boots by each under QEMU; the packages are upgraded and the kernel removed. At last apt brings Debian's packages back and
purges ours, and with a kernel again the system boots. apt has no network.

Needs root; skipped without. Logs: build-vm/swap/SUITE.log.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f'{PROJECT}/tests/boot')
sys.path.insert(0, f'{PROJECT}/tests/lib')
from debian import ENVIRONMENT, GuestChecks, Root, boot, modules_in, run  # noqa: E402
from need import need  # noqa: E402

WORK = f'{PROJECT}/build-vm/swap'
SUITES = ('bookworm', 'trixie')
TIMEOUT = 900
APT = ('apt-get', '-q', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', '-o', 'Acquire::http::Proxy=http://127.0.0.1:9')
DEBIANS = ('kmod', 'libkmod2', 'mokutil')
OURS = ('kmodctl', 'kmodctl-kmod', 'libkmod2-kmodctl')
SOURCES = ('src', 'packaging', 'units', 'man', 'completions', 'share', 'docs', '*.md', 'meson.build', 'meson_options.txt',
           'scripts/make-deb', 'scripts/page-of-doc')
CALLERS = ('/usr/bin/udevadm', '/usr/lib/dracut/dracut-install', '/usr/sbin/iscsid')
# (apt cannot install package files with --no-download, so it is kept from the network by a proxy that is not there.)
# Files of Debian's packages that ours do not have, with the reason.
LEFT_OUT = {
    r'/usr/share/doc/.*': 'documents of kmod; ours are in /usr/share/doc/kmodctl',
    r'/usr/lib/[^/]*/libkmod\.so\.2\.[0-9.]+': 'the name of the file; libkmod.so.2 leads to ours',
    r'/usr/share/bash-completion/completions/(insmod|rmmod)': 'bash-completion has them, as _insmod and _rmmod',
    r'/usr/share/fish/vendor_functions\.d(/.*)?': 'completions in a directory in which fish looks for functions only',
    r'/usr/share/zsh/site-functions(/_.*)?': 'zsh has completions of its own for these programs',
    r'/usr/share/man/fr/.*': 'the French modules(5)',
}
# Paths that may be new or gone after all: records of apt, dpkg and others, and what is made anew by every update-initramfs.
RECORDS = (r'/(var/(lib/(dpkg|apt|systemd|ucf|initramfs-tools|dkms)|cache|log|tmp|backups)|tmp|run|etc/(rc.\.d|\.pwd\.lock)|debs|boot'
           r'|usr/lib/modules|dev|proc|sys|usr/src|swap)(/.*)?|/etc/modules')
SETTINGS = {
    'etc/modprobe.d/local.conf': 'options loop max_loop=3\nblacklist pcspkr\n',
    'etc/depmod.d/local.conf': 'search updates extra built-in\n',
    'etc/modules': 'loop\n',
    'etc/modules-load.d/local.conf': 'dummy\n',
}


class SwapRoot(Root):
    def __init__(self, suite, debs):
        super().__init__(f'{WORK}/{suite}', f'swap-{suite}')
        self.suite = suite
        image = os.path.basename(glob.glob(f'{self.path}/var/cache/apt/archives/linux-image-[0-9]*.deb')[0])
        self.kernel = image.split('_')[0]
        self.release = self.kernel.removeprefix('linux-image-')
        self.write('etc/initramfs-tools/conf.d/fast', 'COMPRESS=zstd\nCOMPRESSLEVEL=1\n')
        self.write('etc/dracut.conf.d/fast.conf', 'compress="zstd -1 -q"\n')
        os.makedirs(f'{self.path}/debs')
        for package in OURS:
            shutil.copy(glob.glob(f'{debs}/{suite}/{package}_*.deb')[0], f'{self.path}/debs/')
        self.log = open(f'{WORK}/{suite}.log', 'w')

    def attempt(self, *command):
        """(exit status, output)"""
        done = subprocess.run(self.inside(['timeout', '-k', '10', str(TIMEOUT), *command]), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', env=ENVIRONMENT)
        print(f'== {" ".join(command)}: exit status {done.returncode}', done.stdout, sep='\n', file=self.log, flush=True)
        return done.returncode, done.stdout

    def output(self, *command):
        status, text = self.attempt(*command)
        if status:
            raise RuntimeError(f'{self.suite}: {" ".join(command)}: exit {status}\n{text[-3000:]}')
        return text

    def packages(self):
        """name -> (state, version)"""
        lines = self.chroot('dpkg-query', '-W', '-f', '${Package} ${db:Status-Abbrev} ${Version}\n').splitlines()
        return {name: (state, version) for name, state, *version in map(str.split, lines)}

    def installed(self):
        return {name for name, (state, _) in self.packages().items() if state == 'ii'}

    def files(self):
        """Paths of everything but records."""
        found = set()
        for place, directories, names in os.walk(self.path):
            base = place.removeprefix(self.path)
            found |= {f'{base}/{name}' for name in names + directories}
            directories[:] = [name for name in directories if not re.fullmatch(RECORDS, f'{base}/{name}')]
        return {path for path in found if not re.fullmatch(RECORDS, path)}

    def settings(self):
        """Files of the administrator that are not as they were written."""
        changed = []
        for name, text in SETTINGS.items():
            path = f'{self.path}/{name}'
            if not os.path.exists(path) or open(path).read() != text:
                changed.append(name)
        return changed

    def configuration(self):
        """What modprobe reads from the files of packages."""
        return sorted(line for line in self.chroot('modprobe', '-c').splitlines() if line.startswith(('options ', 'softdep ')))


def check_health(checks, root, when):
    status, text = root.attempt('apt-get', 'check')
    checks.true(f'{when}: apt-get check', status == 0, text)
    checks.equal(f'{when}: dpkg --audit', root.output('dpkg', '--audit'), '')


def check_swap(checks, root):
    before, files = root.installed(), {}
    for package in DEBIANS:
        files[package] = set(root.output('dpkg-query', '-L', package).splitlines())
    configuration = root.configuration()
    status, text = root.attempt(*APT, 'install', *(f'/debs/{os.path.basename(path)}' for path in glob.glob(f'{root.path}/debs/*.deb')))
    after = root.installed()
    checks.true('swap: apt installs the packages', status == 0, text[-1500:])
    checks.equal('swap: what is removed', before - after, set(DEBIANS))
    checks.equal('swap: what is installed', after - before, set(OURS))
    check_health(checks, root, 'swap')
    checks.equal('swap: changed files of ours', root.attempt('dpkg', '-V', *OURS)[1], '')
    for package, paths in files.items():
        missing = sorted(path for path in paths if path != '/.' and not os.path.lexists(root.path + path) and
                         not any(re.fullmatch(pattern, path) for pattern in LEFT_OUT))
        checks.equal(f'swap: files of {package} that are missing', missing, [])
    checks.equal("swap: settings of the packages' modprobe.d", root.configuration(), configuration)
    checks.true('swap: kmod is ours', 'kmodctl version' in root.chroot('kmod', '--version'))
    for program in CALLERS:
        # one that does not link the library opens it by its name (systemd since 256)
        used = re.search(r'libkmod\S* => (\S+)', root.chroot('ldd', program)) or re.search(r'libkmod\.so\.2 .* => (\S+)',
                                                                                          root.chroot('ldconfig', '-p'))
        target = root.chroot('readlink', '-f', used[1]).strip()
        owner = root.chroot('dpkg-query', '-S', target)
        checks.true(f'swap: {program} runs on our library', owner.startswith('libkmod2-kmodctl:'), f'{target} of {owner}')


def check_purge_of_debians(checks, root):
    """The configuration files of Debian's kmod go, and nothing that ours need."""
    init_script = os.path.exists(f'{root.path}/etc/init.d/kmod')
    root.output('dpkg', '--purge', *(name for name, (state, _) in root.packages().items() if name in DEBIANS and state == 'rc'))
    checks.equal('purge of Debian\'s kmod: changed files of ours', root.attempt('dpkg', '-V', *OURS)[1], '')
    checks.equal('purge of Debian\'s kmod: the init script is there as before', os.path.exists(f'{root.path}/etc/init.d/kmod'), init_script)
    if init_script:
        checks.true('purge of Debian\'s kmod: the init script is executable', os.access(f'{root.path}/etc/init.d/kmod', os.X_OK))


def add_broken_module(root):
    directory = f'{root.path}/usr/lib/modules/{root.release}/updates'
    os.makedirs(directory)
    with open(f'{directory}/broken.ko', 'wb') as out:
        out.write(b'\x7fELF' + b'\xff' * 500)
    os.symlink('/nowhere.ko', f'{directory}/gone.ko')


def check_kernel(checks, root):
    add_broken_module(root)
    status, text = root.attempt(*APT, 'install', 'linux-image-cloud-amd64', 'linux-headers-cloud-amd64')
    checks.true('kernel: apt installs it beside a broken module', status == 0, text[-1500:])
    status, text = root.attempt(*APT, 'install', '--reinstall', root.kernel)
    checks.true('kernel: apt upgrades it', status == 0 and 'depmod: [' not in text, text[-1500:])
    check_health(checks, root, 'kernel')
    index = open(f'{root.path}/usr/lib/modules/{root.release}/modules.dep').read()
    checks.true('kernel: its modules are indexed', index.count('\n') > 100)


def check_trigger(checks, root):
    """A package with a module, which runs no depmod."""
    place, made = f'{root.path}/swap/with-module', f'{root.path}/swap/with-module.deb'
    directory = f'usr/lib/modules/{root.release}/extra'
    os.makedirs(f'{place}/{directory}')
    os.makedirs(f'{place}/DEBIAN')
    module = glob.glob(f'{root.path}/usr/lib/modules/{root.release}/kernel/drivers/net/dummy.ko*')[0]
    shutil.copy2(module, f'{place}/{directory}/{os.path.basename(module).replace("dummy", "added")}')
    with open(f'{place}/DEBIAN/control', 'w') as out:
        out.write('Package: with-module\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a test\n')
    run('dpkg-deb', '--root-owner-group', '-Znone', '-b', place, made)
    index = f'{root.path}/usr/lib/modules/{root.release}/modules.dep'
    for words, lines in (('install', made.removeprefix(root.path)), 1), (('purge', 'with-module'), 0):
        root.output(*APT, *words)
        checks.equal(f'trigger: indexed after {words[0]}', len(re.findall('^extra/added', open(index).read(), re.M)), lines)


def check_dkms(checks, root):
    root.output('kmodctl', 'key', 'generate', '--cn', 'A key for DKMS', '-o', '/root/mok')
    root.write('etc/dkms/framework.conf.d/test.conf',
               'mok_signing_key=/root/mok.priv\nmok_certificate=/root/mok.der\n')
    status, text = root.attempt(*APT, 'install', 'acpi-call-dkms')
    checks.true('dkms: apt installs a package with a module', status == 0, text[-1500:])
    if root.suite != 'bookworm':  # dkms 3.0 does not print it
        checks.true('dkms: signs with our sign-file', 'Sign command: /usr/bin/sign-file\n' in text, text[-1500:])
    found = glob.glob(f'{root.path}/usr/lib/modules/{root.release}/updates/dkms/acpi_call.ko*')
    checks.equal('dkms: the module is installed', len(found), 1)
    if found:
        module = found[0].removeprefix(root.path)
        checks.equal('dkms: its signer', root.output('modinfo', '-F', 'signer', module).strip(), 'A key for DKMS')
        status, text = root.attempt('kmodctl', 'verify', '--cert', '/root/mok.der', '-k', root.release, module)
        checks.true('dkms: kmodctl verify', status == 0, text)
        checks.true('dkms: depmod has found it', module.split(f'{root.release}/')[1] in
                    open(f'{root.path}/usr/lib/modules/{root.release}/modules.dep').read())


def kernel_unpacks(root):
    """Suffixes that need a library: those of the modules that the kernel does not unpack."""
    config = open(f'{root.path}/boot/config-{root.release}').read().splitlines()
    return {'xz'} if glob.glob(f'{root.path}/usr/lib/modules/{root.release}/kernel/*/*.ko.xz') and not (
        {'CONFIG_MODULE_DECOMPRESS=y', 'CONFIG_MODULE_COMPRESS_XZ=y'} <= set(config)) else set()


def check_images(checks, root):
    root.output('update-initramfs', '-u', '-k', root.release)
    root.output('dracut', '--quiet', '--no-hostonly', '--force', '--kver', root.release, '/boot/dracut.img')
    for tool, image in ('initramfs-tools', f'/boot/initrd.img-{root.release}'), ('dracut', '/boot/dracut.img'):
        names = root.output('lsinitramfs', image).splitlines()
        ends = [r'bin/kmod', r's?bin/modprobe', r's?bin/rmmod', r'modules\.dep\.bin', r'modprobe\.d/.*\.conf', r'libkmod\.so\.2',
                r'kmodctl/why\.so']
        ends += [r'liblzma\.so\.5'] if 'xz' in kernel_unpacks(root) else []
        missing = [end for end in ends if not any(re.search(rf'(^|/){end}$', name) for name in names)]
        checks.equal(f'{tool}: missing in the image', missing, [])
        checks.true(f'{tool}: modules in the image', len(modules_in(names)) > 20, len(modules_in(names)))
        if tool == 'initramfs-tools':  # dracut takes them for an image of this very machine only
            settings = any(name.endswith('modprobe.d/local.conf') for name in names)
            checks.true(f'{tool}: the administrator\'s settings are in the image', settings)
        directory = f'/swap/{tool}'
        os.makedirs(root.path + directory)
        root.output('unmkinitramfs', image, directory)
        copies = glob.glob(f'{root.path}{directory}/**/bin/kmod', recursive=True)
        same = copies and {digest(copy) for copy in copies} == {digest(f'{root.path}/usr/bin/kmod')}
        checks.true(f'{tool}: kmod in the image is ours', same, copies)
        shutil.rmtree(root.path + directory)


def digest(path):
    with open(path, 'rb') as source:
        return hashlib.sha256(source.read()).hexdigest()


def boots(checks, root, ours, images, module=''):
    """The system by each of images, NAME -> path; names of the modules that are loaded then, by NAME."""
    facts = {'RELEASE': root.release, 'OURS': 'kmodctl' if ours else '', 'LIBRARY': 'libkmod2-kmodctl' if ours else 'libkmod2', 'DKMS': module}
    found, whose = {}, 'ours' if ours else 'debian'
    # Not in the root, where what is unpacked beside it would be taken for another kernel.
    kernel = shutil.copy(f'{root.path}/boot/vmlinuz-{root.release}', f'{WORK}/{root.suite}.vmlinuz')
    root.add_report(facts, f'{HERE}/guest/checks.sh')
    try:
        with root.disk(without=('boot', 'var/cache/apt/archives', 'debs')) as disk:
            for name, image in images.items():
                reader, found[name], seconds = boot(kernel, root.path + image, disk, f'{WORK}/{root.suite}-{whose}-{name}')
                checks.add(f'boot by {name}, {whose}', reader, seconds)
    finally:
        root.remove_report()
    return found


def check_boots(checks, root):
    """Those with our packages; names of the modules that are loaded then."""
    images = {'initramfs-tools': f'/boot/initrd.img-{root.release}', 'dracut': '/boot/dracut.img'}
    return boots(checks, root, True, images, 'acpi_call')['initramfs-tools']


def check_boot_again(checks, root, loaded):
    """With Debian's packages, which are there again, and a kernel. Loaded: what was with ours."""
    status, text = root.attempt(*APT, 'install', 'linux-image-cloud-amd64')
    checks.true('way back: apt installs a kernel', status == 0, text[-1500:])
    again = boots(checks, root, False, {'initramfs-tools': f'/boot/initrd.img-{root.release}'})['initramfs-tools']
    checks.true(f'way back: the same {len(loaded)} modules are loaded after a boot as with ours', again == loaded and loaded,
                sorted(again ^ loaded))


def newer(root, package):
    """A package file of the installed package with a higher version."""
    place, made = f'{root.path}/swap/{package}', f'{root.path}/swap/{package}.deb'
    run('dpkg-deb', '-R', glob.glob(f'{root.path}/debs/{package}_*.deb')[0], place)
    control = open(f'{place}/DEBIAN/control').read()
    with open(f'{place}/DEBIAN/control', 'w') as out:
        out.write(re.sub(r'^(Version: .*)$', r'\1+newer', control, flags=re.M))
    run('dpkg-deb', '--root-owner-group', '-Znone', '-b', place, made)
    return made.removeprefix(root.path)


def check_upgrade(checks, root):
    kept = root.files()
    status, text = root.attempt(*APT, 'install', *(newer(root, package) for package in OURS))
    versions = {version[0] for name, (_, version) in root.packages().items() if name in OURS}
    checks.true('upgrade: apt installs a newer version', status == 0 and all(version.endswith('+newer') for version in versions),
                f'{versions} {text[-1500:]}')
    checks.equal('upgrade: settings that changed', root.settings(), [])
    checks.equal('upgrade: files that came or went', kept ^ root.files(), set())
    if os.path.exists(f'{root.path}/etc/init.d/kmod'):
        checks.true('upgrade: the init script is started at boot', glob.glob(f'{root.path}/etc/rcS.d/S*kmod'))
    check_health(checks, root, 'upgrade')


def check_kernel_removal(checks, root):
    packages = [root.kernel, f'linux-headers-{root.release}', 'linux-image-cloud-amd64', 'linux-headers-cloud-amd64', 'acpi-call-dkms']
    status, text = root.attempt(*APT, 'purge', *packages)
    checks.true('kernel: apt removes it', status == 0, text[-1500:])
    checks.equal('kernel: its cache', glob.glob(f'{root.path}/var/cache/kmodctl/depmod-{root.release}.facts'), [])
    check_health(checks, root, 'kernel removed')


def check_way_back(checks, root, pristine):
    before = root.installed()
    status, text = root.attempt(*APT, 'install', *DEBIANS)
    after = root.installed()
    checks.true('way back: apt installs Debian\'s packages', status == 0, text[-1500:])
    checks.equal('way back: what is removed', before - after, set(OURS))
    checks.equal('way back: what is installed', after - before, set(DEBIANS))
    checks.equal('way back: settings that changed', root.settings(), [])
    root.output('dpkg', '--purge', *(name for name in OURS if name in root.packages()))
    check_health(checks, root, 'way back')
    checks.equal('way back: packages that are left', set(OURS) & set(root.packages()), set())
    checks.equal('way back: changed files of Debian\'s', root.attempt('dpkg', '-V', *DEBIANS)[1], '')
    checks.true('way back: kmod is Debian\'s', 'kmodctl' not in root.chroot('kmod', '--version'))
    checks.equal('purge: settings that changed', root.settings(), [])
    mine = {f'/{name}' for name in SETTINGS} | {f'/{os.path.dirname(name)}' for name in SETTINGS}
    mine |= {f'/root/mok.{suffix}' for suffix in ('priv', 'der', 'pem')}
    mine |= {'/etc/dkms/framework.conf.d', '/etc/dkms/framework.conf.d/test.conf'}
    checks.equal('purge: files that are left', root.files() - pristine - mine, set())
    checks.equal('purge: files that are gone', pristine - root.files(), set())
    checks.true('purge: the cache is gone', not os.path.exists(f'{root.path}/var/cache/kmodctl'))


def make_packages(checks, suite):
    """Makes them unless they are there and current; their directory."""
    debs, start = f'{PROJECT}/build-deb', time.monotonic()
    if not are_current(debs, suite):
        try:
            run(f'{PROJECT}/scripts/make-deb', '--fast', suite)
        except RuntimeError as error:
            raise RuntimeError(f'scripts/make-deb --fast {suite}: ... {str(error)[-1500:]}') from error
        checks.true('the packages are made', True)
        print(f'packages {suite}: made in {time.monotonic() - start:.0f} s', flush=True)
    return debs


def check(suite, debs):
    checks, start = GuestChecks(suite), time.monotonic()
    try:
        check_all(checks, suite, debs or make_packages(checks, suite))
    except (RuntimeError, OSError) as error:
        checks.true('all steps were made', False, error)
    shutil.rmtree(f'{WORK}/{suite}', ignore_errors=True)
    print(f'swap {suite}: {checks.passed} passed, {checks.failed} failed ({time.monotonic() - start:.0f} s)', flush=True)
    return checks.passed, checks.failed


def check_all(checks, suite, debs):
    root = SwapRoot(suite, debs)
    pristine = root.files()
    check_swap(checks, root)
    check_purge_of_debians(checks, root)
    for name, text in SETTINGS.items():
        root.write(name, text)
    check_kernel(checks, root)
    check_trigger(checks, root)
    check_dkms(checks, root)
    check_images(checks, root)
    loaded = check_boots(checks, root)
    check_upgrade(checks, root)
    check_kernel_removal(checks, root)
    check_way_back(checks, root, pristine)
    check_boot_again(checks, root, loaded)


def are_current(debs, suite):
    """Packages are there, and newer than every source."""
    found = [glob.glob(f'{debs}/{suite}/{package}_*.deb') for package in OURS]
    if not all(found):
        return False
    oldest = min(os.stat(paths[0]).st_mtime for paths in found)
    sources = run('git', '-C', PROJECT, '-c', 'safe.directory=*', 'ls-files', '-z', *SOURCES).split('\0')
    return all(os.stat(f'{PROJECT}/{name}').st_mtime <= oldest for name in sources if name and os.path.exists(f'{PROJECT}/{name}'))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--debs', metavar='DIRECTORY', help='packages that are there already')
    parser.add_argument('suites', nargs='*', metavar='SUITE')
    arguments = parser.parse_args()
    suites = arguments.suites or SUITES
    if os.geteuid() != 0:
        print('skipped: needs root\n0 passed, 0 failed')
        return 0
    need('debootstrap', 'zstd', 'qemu-system-x86_64', 'mke2fs')
    os.makedirs(WORK, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        passed, failed = (sum(column) for column in zip(*pool.map(lambda suite: check(suite, arguments.debs), suites)))
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (RuntimeError, OSError) as error:
        sys.exit(f'swap: {error}')
