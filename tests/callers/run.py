#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that act on depmod's exit status, on a module tree with files that depmod can only report.

  run.py [SUITE...]   bookworm and trixie; last line "N passed, N failed"

In a Debian of each suite (scripts/get-debian-root callers-SUITE) apt installs the newest kernel, with headers, while a link that
leads nowhere, a pipe, a hidden, an empty and a cut module lie below its updates directory, beside good ones, one of them
compressed as a stream. The kernel's postinst, dkms, mkinitramfs, dracut and kernel-install then run on that tree, and apt removes the
kernel. All of this happens three times:

  ours     our kmod: each caller and each depmod that it runs exits with 0, depmod names what it passed over, the good modules are
           in modules.dep, all packages are installed
  debian   Debian's kmod: calls, statuses and modules.dep must be the same
  strict   our kmod as depmod --strict, which fails on such a tree: shows which callers an exit status of 1 stops

Needs root; skipped without. Logs: build-vm/callers/SUITE-VARIANT.log.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f'{PROJECT}/tests/boot')
sys.path.insert(0, f'{PROJECT}/tests/lib')
from debian import ENVIRONMENT, Root, modules_in, run  # noqa: E402
from need import need  # noqa: E402

WORK = f'{PROJECT}/build-vm/callers'
MODULES = f'{PROJECT}/tests/vm/modules'
SUITES = ('bookworm', 'trixie')
VARIANTS = ('ours', 'debian', 'strict')
TIMEOUT = 1800
APT = ('apt-get', '-qq', '-y', '--no-install-recommends', '--no-download', '-o', 'Dpkg::Use-Pty=0')
PASSED_OVER = ('gone.ko', 'pipe.ko', '.hidden.ko', 'empty.ko', 'cut.ko')
LISTED = ('good', 'stream', 'empty', 'cut')  # for the initramfs images
# Paths are without what a file is compressed with.
GOOD = ('updates/odd/good.ko', 'updates/odd/stream.ko', 'kernel/drivers/net/dummy.ko')
BOOT = ('updates/dkms/kmodctl_test.ko', 'updates/dkms/kmodctl_test_user.ko')
OTHER = ('updates/dkms/mymodule.ko',)
# By an exit status of 1, at least; dkms of Debian 13 goes on, and so does dracut, whose depmod is given its image only.
STOPPED = {'bookworm': {'apt-install', 'kernel-install', 'dkms-install'}, 'trixie': {'apt-install', 'kernel-install'}}
INSTALLING = threading.Lock()


class CallersRoot(Root):
    """Has the broken files, two sources for dkms and a depmod that keeps a record of its calls."""

    def __init__(self, suite, variant):
        super().__init__(f'{WORK}/{suite}-{variant}', f'callers-{suite}')
        package = os.path.basename(glob.glob(f'{self.path}/var/cache/apt/archives/linux-image-[0-9]*.deb')[0])
        self.package = package.split('_')[0]
        self.release = self.package.removeprefix('linux-image-')
        self.tree = f'{self.path}/usr/lib/modules/{self.release}'
        if variant != 'debian':
            with INSTALLING:
                self.install_ours()
        self._record_depmod('--strict' if variant == 'strict' else '')
        self._add_odd_files(f'{self.tree}/updates/odd')
        self._add_dkms_source('boot', 'kmodctl_test', 'kmodctl_test_user')
        self._add_dkms_source('other', 'mymodule')
        self._configure_callers()

    def _record_depmod(self, options):
        self.write('callers/options', options)
        os.symlink('/usr/bin/kmod', f'{self.path}/callers/depmod')
        os.unlink(f'{self.path}/usr/sbin/depmod')
        shutil.copy(f'{HERE}/depmod', f'{self.path}/usr/sbin/depmod')

    def _add_odd_files(self, odd):
        """Made of a module of the kernel package, which is not installed yet."""
        os.makedirs(odd)
        unpack = ('dpkg-deb --fsys-tarfile "$1"/var/cache/apt/archives/linux-image-[0-9]*.deb | '
                  'tar -C "$2" -x --wildcards --transform "s,.*/,," "*/drivers/net/dummy.ko*"')
        run('sh', '-ec', unpack, 'sh', self.path, odd)
        run('sh', '-ec', 'cd "$1"; [ -e dummy.ko ] || xz -d dummy.ko.xz; mv dummy.ko good.ko; zstd -qc <good.ko >stream.ko.zst; '
            'cp good.ko .hidden.ko; head -c 1000 good.ko >cut.ko; : >empty.ko; ln -s /nowhere.ko gone.ko; mkfifo pipe.ko', 'sh', odd)

    def _add_dkms_source(self, package, *modules):
        source = f'{self.path}/usr/src/{package}-1'
        shutil.copytree(MODULES, source, ignore=shutil.ignore_patterns('Makefile'))
        lines = [f'PACKAGE_NAME={package}', 'PACKAGE_VERSION=1', f'AUTOINSTALL={"yes" if package == "boot" else ""}']
        for number, module in enumerate(modules):
            lines += [f'BUILT_MODULE_NAME[{number}]={module}', f'DEST_MODULE_LOCATION[{number}]=/updates/dkms']
        self.write(f'{source}/dkms.conf'.removeprefix(self.path), '\n'.join(lines) + '\n')
        self.write(f'{source}/Makefile'.removeprefix(self.path), f'obj-m := {" ".join(f"{module}.o" for module in modules)}\n')

    def _configure_callers(self):
        self.chroot('dkms', 'add', 'boot/1')
        self.chroot('dkms', 'add', 'other/1')
        self.write('etc/initramfs-tools/modules', '\n'.join(LISTED) + '\n')
        self.write('etc/initramfs-tools/conf.d/fast', 'COMPRESS=zstd\nCOMPRESSLEVEL=1\n')
        self.write('etc/dracut.conf.d/fast.conf', 'compress="zstd -1 -q"\n')
        self.write('etc/kernel/cmdline', 'root=/dev/vda\n')
        self.write('etc/machine-id', '00000000000000000000000000000001\n')
        os.makedirs(f'{self.path}/boot/00000000000000000000000000000001')

    def attempt(self, command):
        """(exit status, its output)"""
        for name in 'calls', 'messages':
            self.write(f'callers/{name}', '')
        done = subprocess.run(self.inside(['timeout', '-k', '10', str(TIMEOUT), *command]), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', env=ENVIRONMENT)
        return done.returncode, done.stdout

    def read(self, name):
        with open(f'{self.path}/{name}', errors='replace') as source:
            return source.read()

    def indexed(self):
        """Paths of modules.dep, without what a module is compressed with."""
        if not os.path.exists(f'{self.tree}/modules.dep'):
            return {}
        lines = self.read(f'usr/lib/modules/{self.release}/modules.dep').splitlines()
        return {re.sub(r'\.(gz|xz|zst)$', '', line.split(':')[0]): line for line in lines}

    def forget_index(self):
        """modules.dep is empty then, not missing: where it is missing, dkms of Debian 13 does not run depmod."""
        for path in glob.glob(f'{self.tree}/modules.dep*'):
            os.unlink(path)
        self.write(f'usr/lib/modules/{self.release}/modules.dep', '')

    def packages(self):
        """What dpkg says of the kernel's packages, and of all that are not installed as they should be."""
        lines = self.chroot('dpkg-query', '-W', '-f', '${db:Status-Abbrev}${Package}\n').splitlines()
        return [line for line in lines if not line.startswith('ii ') or re.search(r' linux-(image|headers)-.*amd64$', line)]

    def insmod_lines(self, module):
        return self.chroot('sh', '-c', 'modprobe -S "$1" --show-depends "$2" 2>&1 || true', 'sh', self.release, module)


class Step:
    """A call of a program that calls depmod, and what it leaves."""

    def __init__(self, name, command, made=(), image='', adds=(), packages=4, calls_depmod=True, writes_index=True,
                 leaves_index=True):
        self.name, self.command = name, command
        self.made = made                  # patterns of files
        self.image = image                # an initramfs, in which depmod makes indexes
        self.adds = adds                  # modules that are there until the next step
        self.packages = packages          # how many of the kernel are installed
        self.calls_depmod = calls_depmod  # None: it may
        self.writes_index = writes_index  # modules.dep is deleted before it
        self.leaves_index = leaves_index


def steps_of(root):
    release = root.release
    packages = [root.package, f'linux-headers-{release}', 'linux-image-cloud-amd64', 'linux-headers-cloud-amd64']
    add, remove = (['kernel-install', verb, release] for verb in ('add', 'remove'))
    made = [f'boot/vmlinuz-{release}', f'boot/initrd.img-{release}']
    mkinitramfs, dracut = (f'boot/{tool}.img' for tool in ('mkinitramfs', 'dracut'))
    return [
        Step('apt-install', [*APT, 'install', *packages[2:]], made),
        Step('postinst', ['dpkg-reconfigure', root.package], made),
        Step('mkinitramfs', ['mkinitramfs', '-o', f'/{mkinitramfs}', release], image=mkinitramfs, writes_index=False),
        Step('dracut', ['dracut', '--quiet', '--no-hostonly', '--add-drivers', ' '.join(LISTED), '--kver', release, f'/{dracut}'],
             image=dracut, writes_index=False),
        Step('kernel-install', [*add, f'/boot/vmlinuz-{release}'], [f'boot/*/{release}/linux', f'boot/loader/entries/*-{release}.conf']),
        Step('kernel-uninstall', remove, calls_depmod=False, writes_index=False, leaves_index=False),  # it deletes the indexes
        Step('postinst-again', ['dpkg-reconfigure', root.package], made),  # of Debian 13 also dkms' modules
        Step('dkms-install', ['dkms', 'install', 'other/1', '-k', release], adds=OTHER),
        Step('dkms-remove', ['dkms', 'remove', 'other/1', '--all']),
        Step('apt-remove', [*APT, 'purge', *packages], packages=0, calls_depmod=None, writes_index=False, leaves_index=False),
    ]


def observe(root, step):
    """What the step led to: fact -> (value, whether it is right). Values are the same with every kmod."""
    if step.writes_index:
        root.forget_index()
    status, root.log = root.attempt(step.command)
    calls = re.sub(r'(/var)?/tmp/[^/ ]+', 'TEMPORARY', root.read('callers/calls')).splitlines()
    packages, index = root.packages(), root.indexed()
    made = [pattern for pattern in step.made if glob.glob(f'{root.path}/{pattern}')]
    facts = {
        'exit status': (status, status == 0),
        'calls of depmod': (calls, step.calls_depmod in (None, bool(calls)) and all(call.startswith('0 ') for call in calls)),
        'packages': (packages, len(packages) == step.packages and all(line.startswith('ii ') for line in packages)),
        'files made': (made, len(made) == len(step.made)),
        'modules.dep': (index, not index),
    }
    if step.leaves_index:
        wanted = {*GOOD, *BOOT, *step.adds}
        facts['modules.dep'] = index, wanted <= set(index) and len(index) > 100 and (step.adds == OTHER or not {*OTHER} & set(index))
        lines = root.insmod_lines('kmodctl_test_user')
        facts['modprobe'] = lines, all(f'insmod /lib/modules/{root.release}/{path}' in lines for path in BOOT)
    if step.image:
        facts['image'] = observe_image(root, step.image)
    return facts


def observe_image(root, image):
    """Its modules, and whether those are there that the callers were told to put in, with an index."""
    names = root.chroot('lsinitramfs', f'/{image}').splitlines() if os.path.exists(f'{root.path}/{image}') else []
    # dracut-install asks libkmod for the hidden one, which has no name: Debian's answers (docs/compat.md), so dracut copies it.
    modules = sorted(module for module in modules_in(names) if not module.endswith('/.hidden.ko'))
    found = {os.path.basename(module).split('.ko')[0] for module in modules}
    return modules, found >= set(LISTED) and any(name.endswith('/modules.dep.bin') for name in names)


def run_variant(suite, variant):
    """[(step, facts, depmod's messages, seconds)]"""
    root, found = CallersRoot(suite, variant), []
    with open(f'{root.path}.log', 'w') as log:
        for step in steps_of(root):
            start = time.monotonic()
            facts = observe(root, step)
            messages = root.read('callers/messages')
            found.append((step, facts, messages, time.monotonic() - start))
            print(f'== {step.name}: exit status {facts["exit status"][0]}', root.log, *facts['calls of depmod'][0], sep='\n', file=log,
                  flush=True)
    shutil.rmtree(root.path)
    return found


def compare(suite, ours, debian):
    """Prints a line for each step; (passed, failed)"""
    total = [0, 0]
    for (step, facts, messages, seconds), (_, wanted, _, _) in zip(ours, debian):
        missing = [name for name in PASSED_OVER if f'/{name}' not in messages] if step.writes_index and step.leaves_index else []
        results = {'named by depmod': (not missing, f'not {missing}')}
        for name, (value, right) in facts.items():
            results[name] = right, value
            results[f'{name} as with Debian\'s kmod'] = value == wanted[name][0], difference(value, wanted[name][0])
        failed = {name: detail for name, (good, detail) in results.items() if not good}
        for name, detail in failed.items():
            print(f'not ok - {suite} {step.name}: {name}: {str(detail)[:1000]}')
        print(f'callers {suite} {step.name}: {len(results) - len(failed)} passed, {len(failed)} failed ({seconds:.0f} s)')
        total[0] += len(results) - len(failed)
        total[1] += len(failed)
    return total


def difference(value, wanted):
    if isinstance(value, (list, dict)) and isinstance(wanted, type(value)):
        value, wanted = (what.items() if isinstance(what, dict) else what for what in (value, wanted))
        return [what for what in value if what not in wanted], 'with Debian\'s kmod:', [what for what in wanted if what not in value]
    return value, 'with Debian\'s kmod:', wanted


def check_strict(suite, strict):
    """That the callers act on the status at all: (passed, failed)"""
    called = [step.name for step, facts, _, _ in strict if any(call.startswith('1 ') for call in facts['calls of depmod'][0])]
    stopped = [step.name for step, facts, _, _ in strict if facts['exit status'][0]]
    print(f'{suite}: depmod exits with 1 in: {", ".join(called)}; that stops: {", ".join(stopped)}')
    good = STOPPED[suite] <= set(stopped)
    print(f'callers {suite} strict: {int(good)} passed, {int(not good)} failed ({sum(seconds for *_, seconds in strict):.0f} s)')
    return int(good), int(not good)


def check(suite):
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        ours, debian, strict = pool.map(lambda variant: run_variant(suite, variant), VARIANTS)
    return [sum(column) for column in zip(compare(suite, ours, debian), check_strict(suite, strict))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('suites', nargs='*', metavar='SUITE')
    suites = parser.parse_args().suites or SUITES
    if os.geteuid() != 0:
        print('skipped: needs root\n0 passed, 0 failed')
        return 0
    need('debootstrap', 'cpio', 'xz', 'zstd')
    os.makedirs(WORK, exist_ok=True)
    passed, failed = (sum(column) for column in zip(*map(check, suites)))
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (RuntimeError, OSError) as error:
        sys.exit(f'callers: {error}')
