#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A machine that loses power: QEMU is killed while depmod, sign --all, params --persist and mok import write to an ext4
disk.

  crash.py [--kills N] [--seed S] [--first K] [--jobs N] [--only K]    last line "N passed, N failed"

Each kill boots the guest of guest/crash.sh on a copy of one disk, with cache=directsync, waits for one of its marks and
then some random part of the time that the job took in the first round. The host replays the journal with e2fsck, copies
the files out with debugfs, and checks: the indexes are one generation, or between two renames of
docs/decisions/0001-depmod-publish.md; every module is whole and well signed; the file of params is whole; the journal
of mok holds whole requests, each that it held before; nothing is empty; what remains has a documented name. Then the
tools run once more: all is as if nothing had happened. --only repeats the kill of that number; --first goes on with it
where a run of the same seed was interrupted.

The requests of mok import are variables of the firmware, which this machine does not have: a tmpfs stands for it, and only
the journal is on the disk.
"""

import argparse
import concurrent.futures
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import time

import guest
from kernels import Kernel
from machine import Machine, need

ROOT = os.path.realpath(f'{os.path.dirname(os.path.realpath(__file__))}/../..')
WORK = f'{ROOT}/build-vm/crash'
KMOD, KMODCTL, RUNTOOL = f'{ROOT}/build/src/kmod', f'{ROOT}/build/src/kmodctl', f'{ROOT}/build/tests/lib/runtool'
TIMEOUT = 400
JOBS = ('depmod', 'sign', 'params', 'mok')
# Some 60 modules; those below extra/ come and go.
KEPT = ('kernel/net/bridge', 'kernel/lib')
EXTRA = ('kernel/net/802', 'kernel/fs/fat')
# docs/decisions/0001-depmod-publish.md
ORDER = ('modules.builtin.bin', 'modules.builtin.alias.bin', 'modules.dep.bin', 'modules.symbols.bin', 'modules.alias.bin',
         'modules.softdep', 'modules.weakdep', 'modules.devname', 'modules.symbols', 'modules.alias', 'modules.dep')
GIVEN = ('modules.order', 'modules.builtin', 'modules.builtin.modinfo')
# docs/limits.md, docs/compat.md
DEPMOD_REMAINS = re.compile(r'\.depmod-(\d+)-modules\.[a-z.]+|\.depmod\.lock')
REPLACE_REMAINS = re.compile(r'\.kmodctl-(\d+)-[0-9a-f]{16}')
FIRST_PROCESS = 4100000  # of the guest
SETTING = re.compile(r'(#.*\n)*options loop max_loop=[1-4]\n')
JOURNAL = 'var/lib/kmodctl/mok-requests'
# A request of long ago, which every later state of the journal keeps: it is never empty.
OLD_REQUEST = f'delete keys {"0" * 64} 11111111-2222-3333-4444-555555555555 done crash old\n'
HASH = '$6$saltsalt$' + 'a' * 86
# Behind the progress that a slow machine shows on its console.
MARK = re.compile(r'MARK \w+( \w+)?$')
TRAILER = b'~Module signature appended~\n'


class Killed(Exception):
    pass


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', check=False)
    return done.returncode, done.stdout


def must(*command):
    status, output = run(*command)
    if status:
        raise RuntimeError(f'{" ".join(command)}: status {status}: {output}')
    return output


def content(path):
    with open(path, 'rb') as source:
        return source.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as target:
        target.write(text)


class Case:
    """What guest.build() asks of a case."""
    script = f'{guest.HERE}/guest/crash.sh'
    static = False
    modules = ('virtio_blk', 'ext4')
    directories = ()


class World:
    """The disk before anything happened, and what the files on it may contain."""

    def __init__(self):
        self.kernel = Kernel('6.12', '6.12-plain')
        self.release = self.kernel.release
        self.tree = f'{WORK}/tree'
        self.image = f'{WORK}/disk.img'
        self.plain = {}   # path below the release's directory, as if nothing were parked -> content without a signature
        self.indexes = {}  # state -> name -> content
        shutil.rmtree(WORK, ignore_errors=True)
        os.makedirs(f'{WORK}/logs')
        self._make_keys()
        self._fill()
        self._make_image()
        self.initramfs = guest.build(Kernel('6.12'), KMOD, Case, self._guest_files())

    def modules_of(self, tree):
        return f'{tree}/lib/modules/{self.release}'

    def depmod(self, tree):
        return must(KMOD, 'depmod', '--no-cache', '-b', tree, self.release)

    def read_indexes(self, tree):
        return {name: content(f'{self.modules_of(tree)}/{name}') for name in ORDER}

    def _make_keys(self):
        for name in 'ab':
            must(KMODCTL, 'key', 'generate', '--type', 'p256', '--cn', f'crash {name}', '-o', f'{WORK}/{name}')
        write(f'{WORK}/hash', HASH + '\n')

    def _guest_files(self):
        keys = {f'/vm/{name}.{suffix}': f'{WORK}/{name}.{suffix}' for name in 'ab' for suffix in ('priv', 'der')}
        return {**keys, '/vm/hash': f'{WORK}/hash', '/usr/bin/kmodctl': KMODCTL}

    def _fill(self):
        target = self.modules_of(self.tree)
        for directory in 'parked', 'etc/modprobe.d':
            os.makedirs(f'{self.tree}/{directory}')
        for below, directories in ('kernel', KEPT), ('extra', EXTRA):
            for source in [path for directory in directories for path in self.kernel.files_below(directory)]:
                self._add(source, f'{below}/{os.path.basename(source)}')
        self._add(self.kernel.path_of('loop'), 'kernel/loop.ko')
        for name in GIVEN:
            shutil.copy(f'{self.kernel.modules}/{name}', target)
        write(f'{self.tree}/{JOURNAL}', OLD_REQUEST)
        must(KMODCTL, 'sign', '--strip', target)
        self.plain = {path: content(f'{target}/{path}') for path in self.plain}
        must(KMODCTL, 'sign', '--key', f'{WORK}/a.priv', '--cert', f'{WORK}/a.der', target)

    def _add(self, source, path):
        target = f'{self.modules_of(self.tree)}/{path}'
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(f'{self.kernel.modules}/{source}', target)
        self.plain[path] = None

    def _make_image(self):
        """State b first, so that the disk is left in state a."""
        extra, parked = f'{self.modules_of(self.tree)}/extra', f'{self.tree}/parked/extra'
        os.rename(extra, parked)
        self.depmod(self.tree)
        self.indexes['b'] = self.read_indexes(self.tree)
        os.rename(parked, extra)
        self.depmod(self.tree)
        self.indexes['a'] = self.read_indexes(self.tree)
        with open(self.image, 'wb') as image:
            image.truncate(48 << 20)
        must('mke2fs', '-q', '-t', 'ext4', '-d', self.tree, self.image)


# ---- the kill ----

class Kill:
    """One machine, from boot to the kill. .where says what it did then."""

    def __init__(self, number, seed):
        dice = random.Random(f'{seed}/{number}')
        self.number = number
        self.job = JOBS[number % len(JOBS)]
        self.state = dice.choice('ab')
        self.fraction = dice.random()
        self.image = f'{WORK}/kill-{number}.img'
        self.out = f'{WORK}/kill-{number}'
        self._seen, self._took, self._last = 0, {}, None
        self.broken = []

    def __str__(self):
        return f'kill {self.number}: {self.job} to state {self.state}, {self.fraction:.0%} of its time'

    def on_line(self, line):
        words = line.split()
        if words[:1] == ['BROKEN']:
            self.broken.append(line)
        mark = MARK.search(line)
        if not mark:
            return
        words = mark.group().split()
        now = time.monotonic()
        if self._last:
            job, since = self._last
            self._took.setdefault(job, now - since)
        self._last = (words[1], now)
        if words[1] == 'end':
            self._seen += 1
        elif self._seen and words[1:] == [self.job, self.state]:
            time.sleep(self._took[self.job] * self.fraction)
            raise Killed

    def run(self, world):
        shutil.copyfile(world.image, self.image)
        drive = f'if=none,id=disk,format=raw,cache=directsync,file={self.image}'
        devices = ['-drive', drive, '-device', 'virtio-blk-pci,drive=disk']
        machine = Machine(world.kernel.image, world.initramfs, 768, devices)
        try:
            machine.run(f'{WORK}/logs/{self.number}', TIMEOUT, self.on_line)
        except Killed:
            return
        self.broken.append(f'the guest did not get to the mark: see {WORK}/logs/{self.number}.serial')

    def copy_out(self):
        """Replays the journal and copies all files out."""
        status, output = run('e2fsck', '-fy', self.image)
        if status not in (0, 1):
            raise RuntimeError(f'e2fsck: status {status}: {output}')
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        must('debugfs', '-R', f'rdump / {self.out}', self.image)


# ---- what must hold ----

def files_of(tree):
    for directory, _, names in os.walk(tree):
        for name in names:
            path = f'{directory}/{name}'
            yield os.path.relpath(path, tree), os.path.getsize(path)


def is_remains(name):
    return DEPMOD_REMAINS.fullmatch(name) or REPLACE_REMAINS.fullmatch(name)


def index_faults(world, indexes):
    """One generation, or the first files of one and the others of another, in the order of renaming."""
    generations = []
    for name in ORDER:
        states = [state for state in 'ab' if indexes.get(name) == world.indexes[state][name]]
        if not states:
            yield f'{name} is of no generation: {len(indexes[name])} octets' if name in indexes else f'{name} is gone'
        if len(states) == 1 and generations[-1:] != states:
            generations += states
    if len(generations) > 2:
        yield f'the generations of the indexes alternate: {generations}'


def module_files(world, tree):
    """World.plain's path -> where the file is."""
    target = world.modules_of(tree)
    extra = target if os.path.isdir(f'{target}/extra') else f'{tree}/parked'
    return {path: f'{extra if path.startswith("extra/") else target}/{path}' for path in world.plain}


def module_faults(world, tree, certificates):
    files = module_files(world, tree)
    for path, plain in world.plain.items():
        found = content(files[path]) if os.path.exists(files[path]) else b''
        if not found.startswith(plain) or not found.endswith(TRAILER):
            yield f'{path} is not whole: {len(found)} octets'
    trusted = [f'--cert={WORK}/{name}.der' for name in certificates]
    status, output = run(KMODCTL, 'verify', '-k', '6.12', *trusted, *files.values())
    if status:
        yield f'verify: status {status}: {output}'


def setting_faults(tree):
    path = f'{tree}/etc/modprobe.d/kmodctl-loop.conf'
    if os.path.exists(path) and not SETTING.fullmatch(content(path).decode(errors='replace')):
        yield f'{path}: {content(path)}'


def request_of(name):
    """The journal's line of the key, in any boot."""
    digest = hashlib.sha256(content(f'{WORK}/{name}.der')).hexdigest()
    return rf'enroll keys {digest} [0-9a-f-]{{36}} witnessed crash {name}\n'


def journal_faults(tree):
    """Requests for a, then b, are added to the old one, then both are revoked."""
    path = f'{tree}/{JOURNAL}'
    found = content(path).decode(errors='replace') if os.path.exists(path) else 'nothing: it is gone'
    if not re.fullmatch(rf'{OLD_REQUEST}({request_of("a")}({request_of("b")})?)?', found):
        yield f'{JOURNAL}: {found}'


def other_faults(world, tree):
    target = os.path.relpath(world.modules_of(tree), tree)
    extra = {f'parked/{path}' for path in world.plain if path.startswith('extra/')}
    known = {f'{target}/{name}' for name in (*ORDER, *GIVEN, *world.plain)} | extra | {'etc/modprobe.d/kmodctl-loop.conf', JOURNAL}
    may_be_empty = {f'{target}/{name}' for name in ORDER if not world.indexes['a'][name] or not world.indexes['b'][name]}
    for path, size in files_of(tree):
        if path not in known and not is_remains(os.path.basename(path)):
            yield f'{path}: a name that nothing documents'
        if path in known - may_be_empty and size == 0:
            yield f'{path} is empty'


def faults_of(world, tree, certificates='ab'):
    found = {name: content(f'{world.modules_of(tree)}/{name}') for name in ORDER
             if os.path.exists(f'{world.modules_of(tree)}/{name}')}
    return [*index_faults(world, found), *module_faults(world, tree, certificates), *setting_faults(tree),
            *journal_faults(tree), *other_faults(world, tree)]


def machine_of(world, tree):
    """A root for runtool, with the tree's files in it."""
    root = f'{tree}.machine'
    write(f'{root}/proc/sys/kernel/osrelease', world.release + '\n')
    write(f'{root}/proc/sys/kernel/random/boot_id', '99999999-2222-3333-4444-555555555555\n')
    write(f'{root}/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c', '\6\0\0\0\1')
    for name in 'lib', 'etc', 'var':
        os.symlink(f'{tree}/{name}', f'{root}/{name}')
    for name in 'a.der', 'b.der', 'hash':
        shutil.copy(f'{WORK}/{name}', root)
    return root


def request_faults(tree, machine):
    """Further requests are added to those that the crash left; the firmware is a new one."""
    for name in 'ab':
        must(RUNTOOL, machine, 'kmodctl', 'mok', 'import', '--yes', '--hash-file', '/hash', f'/{name}.der')
    if content(f'{tree}/{JOURNAL}').decode().count(' 99999999-') != 2:
        yield 'mok import did not record its requests'


def remains_in(tree, names):
    for path, _ in files_of(tree):
        if names.fullmatch(os.path.basename(path)):
            yield path


def number_faults(remains):
    """The numbers in the names must be those of guest/crash.sh: a process of the host that has one would keep the file."""
    for name in remains:
        number = is_remains(name)[1]
        if number and int(number) < FIRST_PROCESS:
            yield f'{name} has the number of a process that may be one of the host'


def repair_faults(world, tree):
    """The tools run again, on what the crash left."""
    state = 'a' if os.path.isdir(f'{world.modules_of(tree)}/extra') else 'b'
    world.depmod(tree)
    for name, wanted in world.indexes[state].items():
        if content(f'{world.modules_of(tree)}/{name}') != wanted:
            yield f'{name} is not that of state {state} after depmod'
    for path in remains_in(tree, DEPMOD_REMAINS):
        yield f'{path} remains after depmod'
    must(KMODCTL, 'sign', '--resign', '--yes', f'--key={WORK}/a.priv', f'--cert={WORK}/a.der', *module_files(world, tree).values())
    machine = machine_of(world, tree)
    for value in 3, 4:  # one of which is new: a run that changes nothing does not write, and so it does not remove anything
        must(RUNTOOL, machine, 'kmodctl', 'params', '--persist', 'loop', f'max_loop={value}')
    if not content(f'{tree}/etc/modprobe.d/kmodctl-loop.conf').endswith(b'options loop max_loop=4\n'):
        yield 'params --persist did not write its value'
    yield from request_faults(tree, machine)
    for path in remains_in(tree, REPLACE_REMAINS):
        yield f'{path} remains after sign, params and mok import'
    yield from faults_of(world, tree, 'a')


def try_kill(world, kill):
    """(faults, what remained after the kill)"""
    try:
        return check_kill(world, kill)
    except (OSError, RuntimeError) as error:
        return [str(error)], []


def check_kill(world, kill):
    kill.run(world)
    kill.copy_out()
    remains = sorted(os.path.basename(path) for path, _ in files_of(kill.out) if is_remains(os.path.basename(path)))
    faults = [*kill.broken, *faults_of(world, kill.out), *number_faults(remains)]
    if not faults:
        faults = list(repair_faults(world, kill.out))
    if not faults:
        shutil.rmtree(kill.out)
        shutil.rmtree(f'{kill.out}.machine')
        os.unlink(kill.image)
    return faults, remains


def report(kill, faults, remains):
    print(f'{"not ok" if faults else "ok"} - {kill}' + (f'; left {", ".join(remains)}' if remains else ''), flush=True)
    for fault in faults:
        print(f'    {fault}')
    if faults:
        print(f'    the disk: {kill.image}; its files: {kill.out}')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kills', type=int, default=12)
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 32))
    parser.add_argument('--first', type=int, default=0, help='leave out the kills before this number')
    parser.add_argument('--jobs', type=int, default=2, help='machines at a time')
    parser.add_argument('--only', type=int, help='only the kill of this number')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    need('qemu-system-x86_64', 'mke2fs', 'e2fsck', 'debugfs', *guest.NEEDS)
    start = time.monotonic()
    print(f'crash: seed {arguments.seed}', flush=True)
    world = World()
    numbers = range(arguments.first, arguments.kills) if arguments.only is None else [arguments.only]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=arguments.jobs) as pool:
        kills = [Kill(number, arguments.seed) for number in numbers]
        for kill, (faults, remains) in zip(kills, pool.map(lambda kill: try_kill(world, kill), kills)):
            report(kill, faults, remains)
            passed += not faults
            failed += bool(faults)
    print(f'crash: {passed} passed, {failed} failed ({time.monotonic() - start:.0f} s)')
    print(f'{passed} passed, {failed} failed')
    return failed != 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'crash: {error}')
