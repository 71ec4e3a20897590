#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures our tools against Debian's kmod in the same run and prints a table of ratios (ours / Debian's; below 1 is
better). Time: hyperfine, a few runs of the one and of the other in turn, several rounds, medians. Instructions:
callgrind, user space. System calls: strace. Memory: the kernel's account of the largest resident size.

  bench.py [--kmod PATH] [--peer PATH] [--rounds N] [--only TEXT] [--markdown FILE]

Run it on a quiet machine. It changes nothing outside of a scratch directory beside the module trees. lsmod runs in a mount namespace with 150
prepared modules in place of /proc and /sys, which needs root.
"""

import argparse
import glob
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, f'{ROOT}/tests/vm')
from kernels import CACHE, module_name  # noqa: E402

TREES = ('6.1', '6.12-plain', '6.12-xz', '6.12-zst')
FAKE_MODULES = 150


class Row:
    """One kind of work. command: words; the first is a tool's name, {tree} stands for a copy of the tree that the
    tool may write to. runs: hyperfine runs per round. ours: more words for our side. before: a shell command that is
    run before each single run, and not timed."""

    def __init__(self, name, command, runs=20, counted=True, prefix=(), tree=None, ours=(), before=None):
        self.name = name
        self.command = command
        self.runs = runs
        self.counted = counted  # under callgrind and strace too: not for what takes seconds without them
        self.prefix = list(prefix)
        self.tree = tree
        self.ours = list(ours)
        self.before = before


class Side:
    """One of the two programs, with a directory of its names."""

    def __init__(self, name, kmod, scratch):
        self.name = name
        self.directory = f'{scratch}/{name}'
        self.copy = f'{scratch}/{name}-tree'
        os.mkdir(self.directory)
        for tool in ('lsmod', 'modprobe', 'modinfo', 'depmod'):
            os.symlink(os.path.realpath(kmod), f'{self.directory}/{tool}')

    def prepare(self, row):
        """A hard-linked copy of the row's tree, without the indexes that depmod makes."""
        if row.tree is None:
            return
        shutil.rmtree(self.copy, ignore_errors=True)
        subprocess.run(['cp', '-al', row.tree, self.copy], check=True)
        for index in glob.glob(f'{self.copy}/lib/modules/*/modules.*'):
            if not index.endswith(('.order', '.builtin', '.builtin.modinfo')):
                os.unlink(index)

    def command(self, row):
        """Options of our own go in front of the operands, behind the tool's name."""
        tool, *words = row.command
        words = [word.replace('{tree}', self.copy) for word in [*(row.ours if self.name == 'ours' else []), *words]]
        return [*row.prefix, f'{self.directory}/{tool}', *words]

    def before(self, row):
        """The command that sets the scene for one run."""
        return ['sh', '-c', (row.before or 'true').replace('{tree}', self.copy)]


def tree_of(name):
    root = f'{CACHE}/trees/{name}'
    with open(f'{root}/release') as release:
        return root, release.read().strip()


def module_files(root, release):
    with open(f'{root}/lib/modules/{release}/modules.dep') as lines:
        return [line.partition(':')[0] for line in lines]


def modprobe_rows():
    root, release = tree_of('6.12-xz')
    common = ['modprobe', '-d', root, '-S', release]
    alias = 'pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00'
    for module in ('e1000e', 'btrfs'):
        yield Row(f'modprobe -n {module}', [*common, '-n', module])
        yield Row(f'modprobe -D {module}', [*common, '-D', module])
    yield Row('modprobe -R of a PCI device', [*common, '-R', alias])
    yield Row('modprobe -c', [*common, '-c'], runs=5)


def modinfo_rows():
    for name in TREES:
        root, release = tree_of(name)
        files = module_files(root, release)
        one = next(path for path in files if module_name(path) == 'e1000e')
        paths = [f'{root}/lib/modules/{release}/{path}' for path in files]
        compressed = name.endswith(('xz', 'zst'))
        yield Row(f'modinfo e1000e, {name}', ['modinfo', f'{root}/lib/modules/{release}/{one}'])
        yield Row(f'modinfo of all {len(paths)}, {name}', ['modinfo', *paths], runs=1, counted=not compressed)


# Everything that depmod makes, so that it has to make it again.
NO_INDEXES = 'cd {tree}/lib/modules/*/ && rm -f modules.dep* modules.alias* modules.s* modules.w* modules.devname modules.b*.bin'


def changed_modules(root, release, count):
    """A shell command that gives so many modules a new file with the same content."""
    step = max(1, len(module_files(root, release)) // count)
    paths = [f'{{tree}}/lib/modules/{release}/{path}' for path in module_files(root, release)[::step][:count]]
    return 'for m in ' + ' '.join(paths) + '; do cp "$m" "$m.new" && mv "$m.new" "$m"; done'


def depmod_rows():
    for name in TREES:
        root, release = tree_of(name)
        compressed = name.endswith(('xz', 'zst'))
        common = dict(command=['depmod', '-b', '{tree}', release], runs=2, counted=not compressed, tree=root)
        yield Row(f'depmod, {name}', **common, before=NO_INDEXES)
        yield Row(f'depmod --jobs 1, {name}', **common, before=NO_INDEXES, ours=['--jobs', '1'])
    root, release = tree_of('6.12-xz')
    common['tree'] = root
    for count, what in ((0, 'nothing'), (1, 'one module'), (10, 'ten modules')):
        yield Row(f'depmod --cache, {what} changed, 6.12-xz', **common, ours=['--cache', '{tree}/cache'],
                  before=changed_modules(root, release, count) if count else None)


def lsmod_rows(scratch):
    fake = make_fake_kernel(scratch)
    mounts = f'mount --rbind /proc {fake}/real && mount --bind {fake}/sys /sys && mount --bind {fake}/proc /proc'
    yield Row(f'lsmod, {FAKE_MODULES} modules', ['lsmod'], prefix=['sh', '-c', mounts + ' && exec "$@"', 'sh'])


def make_fake_kernel(scratch):
    """/proc/modules and /sys/module of a kernel with modules that nobody uses."""
    root, release = tree_of('6.12-xz')
    names = [module_name(path) for path in module_files(root, release)][:FAKE_MODULES]
    fake = f'{scratch}/kernel'
    for directory in ('proc', 'real'):
        os.makedirs(f'{fake}/{directory}')
    os.symlink(f'{fake}/real/self', f'{fake}/proc/self')  # valgrind looks there
    with open(f'{fake}/proc/modules', 'w') as modules:
        for name in names:
            modules.write(f'{name} 16384 0 - Live 0x0000000000000000\n')
            os.makedirs(f'{fake}/sys/module/{name}/holders')
            for file, text in (('initstate', 'live'), ('refcnt', '0'), ('coresize', '16384')):
                with open(f'{fake}/sys/module/{name}/{file}', 'w') as out:
                    out.write(f'{text}\n')
    return fake


LOOKUPS = 20000


def debian_library():
    lines = subprocess.run(['ldconfig', '-p'], capture_output=True, text=True).stdout.splitlines()
    return next(line.split()[-1] for line in lines if line.strip().startswith('libkmod.so.2'))


def lookup_numbers(program, library, options, directory, aliases):
    """What bench/lookup prints: nanoseconds per look-up, per kmod_new(), per kmod_load_resources()."""
    env = {**os.environ, 'LD_LIBRARY_PATH': os.path.dirname(library)}
    out = subprocess.run([program, *options, directory, aliases], env=env, capture_output=True, text=True, check=True)
    path, *numbers = out.stdout.split()
    if os.path.realpath(path) != os.path.realpath(library):
        raise RuntimeError(f'look-ups ran on {path}, not on {library}')
    return [int(n) for n in numbers]


def lookup_table(build, rounds, scratch):
    """Rows of the library: the same program on both, in turn."""
    root, release = tree_of('6.12-xz')
    directory, aliases = f'{root}/lib/modules/{release}', f'{scratch}/aliases'
    made = subprocess.run([sys.executable, f'{ROOT}/tests/compat/aliases.py', '--count', str(LOOKUPS), '--mutate', '7',
                           f'{directory}/modules.alias'], capture_output=True, text=True, check=True)
    with open(aliases, 'w') as out:
        out.write(made.stdout)
    libraries = [f'{build}/src/face/libkmod/libkmod.so.2', debian_library()]
    for title, options in (('indexes loaded', []), ('not loaded', ['-n'])):
        samples = [[], []]
        for _ in range(rounds):
            for side, library in enumerate(libraries):
                samples[side].append(lookup_numbers(f'{build}/bench/lookup', library, ['-r', '1', *options], directory, aliases))
        if samples[0][0][1] != samples[1][0][1]:
            print(f'bench: look-ups found {samples[0][0][1]} and {samples[1][0][1]} modules', file=sys.stderr)
        for number, what in ((2, 'look-up'), (3, 'kmod_new'), (4, 'load_resources')):
            if number != 2 and options:
                continue
            ours, theirs = (min(sample[number] for sample in side) for side in samples)
            yield [f'libkmod {what}, {title}' if number == 2 else f'libkmod {what}', f'{ours} ns', f'{theirs} ns',
                   ratio((ours, theirs)), '-', '-', '-', '-']


def all_rows(scratch):
    yield from modprobe_rows()
    yield from modinfo_rows()
    yield from depmod_rows()
    if os.geteuid() == 0:
        yield from lsmod_rows(scratch)
    else:
        print('bench: not root: lsmod is left out', file=sys.stderr)


def run_quietly(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace')


def in_namespace(row, command):
    """Rows with a prefix mount things: they run in a mount namespace of their own."""
    return ['unshare', '--mount', *command] if row.prefix else command


def as_one_word(words, scratch):
    """The command as hyperfine takes it: one argument, which the kernel limits to 128 KiB. A longer one becomes a script."""
    command = shlex.join(words)
    if len(command) < 100_000:
        return command
    script = f'{scratch}/command'
    with open(script, 'w') as out:
        out.write(f'#!/bin/sh\nexec {command}\n')
    os.chmod(script, 0o755)
    return script


def measure_time(row, side, scratch):
    """Median seconds of one round. A row in a namespace has hyperfine inside, so that only the tool is timed."""
    export = f'{scratch}/hyperfine.json'
    tool = side.command(row)[len(row.prefix):]
    hyperfine = ['hyperfine', '-N', '--style', 'none', '--warmup', '1', '--runs', str(max(2, row.runs)),
                 '--export-json', export, '--prepare', shlex.join(side.before(row)), as_one_word(tool, scratch)]
    done = run_quietly(in_namespace(row, [*row.prefix, *hyperfine]))
    if done.returncode:
        raise RuntimeError(f'{row.name}: {done.stderr.strip()}')
    with open(export) as report:
        return json.load(report)['results'][0]['median']


def measure_times(row, sides, rounds, scratch):
    """Medians over the rounds; the sides take turns so that a busy moment hits both."""
    samples = {side.name: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            samples[side.name].append(measure_time(row, side, scratch))
    return [statistics.median(samples[side.name]) for side in sides]


def first_number(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return int(match[1].replace(',', '')) if match else None


def count_instructions(row, command):
    tool = command[len(row.prefix):]
    valgrind = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', *tool]
    return first_number(r'Collected : (\d+)', run_quietly(in_namespace(row, [*row.prefix, *valgrind])).stderr)


def count_system_calls(row, command, scratch):
    report = f'{scratch}/strace'
    tool = command[len(row.prefix):]
    run_quietly(in_namespace(row, [*row.prefix, 'strace', '-f', '-c', '-U', 'calls,name', '-o', report, *tool]))
    with open(report) as lines:
        return first_number(r'^\s*(\d+) total$', lines.read())


def measure_memory(row, command):
    """Largest resident size in KiB. A process inherits the peak of the one that started it: that must be a small one,
    so busybox starts it."""
    tool = command[len(row.prefix):]
    done = run_quietly(in_namespace(row, [*row.prefix, 'busybox', 'time', '-v', *tool]))
    return first_number(r'Maximum resident set size \(kbytes\): (\d+)', done.stderr)


def ratio(pair):
    ours, theirs = pair
    return f'{ours / theirs:.3f}' if ours is not None and theirs else '-'


def format_time(seconds):
    return f'{seconds:.2f} s' if seconds >= 1 else f'{seconds * 1000:.2f} ms'


def measure_once(row, sides, how):
    """One figure of each side, with the scene set first."""
    figures = []
    for side in sides:
        subprocess.run(side.before(row), check=True)
        figures.append(how(side.command(row)))
    return figures


def measure(row, sides, rounds, scratch):
    for side in sides:
        side.prepare(row)
    times = measure_times(row, sides, rounds, scratch)
    instructions = calls = (None, None)
    if row.counted:
        instructions = measure_once(row, sides, lambda command: count_instructions(row, command))
        calls = measure_once(row, sides, lambda command: count_system_calls(row, command, scratch))
    memory = measure_once(row, sides, lambda command: measure_memory(row, command))
    return [row.name, format_time(times[0]), format_time(times[1]), ratio(times), ratio(instructions), ratio(calls),
            str(calls[0] or '-'), ratio(memory)]


HEADER = ['work', 'ours', "Debian's", 'time', 'instructions', 'system calls', 'ours, calls', 'peak memory']


def machine_facts(kmod, peer):
    with open('/proc/cpuinfo') as info:
        model = re.search(r'model name\s*: (.*)', info.read())
    version = subprocess.run([peer, '--version'], capture_output=True, text=True).stdout.splitlines()[0]
    ours = subprocess.run([kmod, '--version'], capture_output=True, text=True).stdout.splitlines()[-1]
    return [
        f'- {model[1] if model else platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, '
        f'{platform.libc_ver()[0]} {platform.libc_ver()[1]}',
        f"- ours: {ours}, {os.path.getsize(kmod)} bytes; Debian's: {version}",
        f'- load when it began: {os.getloadavg()[0]:.1f}',
    ]


def markdown(facts, table):
    lines = ['# Bench', '', "Made by `make bench`: ratios are ours / Debian's kmod, both measured in the same run, "
             'below 1 is better. "-": not measured.', '', *facts, '']
    rows = [HEADER, ['---'] * len(HEADER), *table]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows]) + '\n'


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmod', default=f'{ROOT}/build-install/src/kmod', help='ours, an optimized build')
    parser.add_argument('--peer', default='/bin/kmod')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--only', default='', help='only rows whose name contains this')
    parser.add_argument('--markdown', help='write the table here, with the facts of the machine')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    facts = machine_facts(arguments.kmod, arguments.peer)
    table = []
    with tempfile.TemporaryDirectory(prefix='bench-', dir=CACHE) as scratch:
        sides = [Side('ours', arguments.kmod, scratch), Side('debian', arguments.peer, scratch)]
        print('\n'.join(facts))
        print(f'{HEADER[0]:34}' + ''.join(f'{title:>14}' for title in HEADER[1:]))
        for row in all_rows(scratch):
            if arguments.only not in row.name:
                continue
            cells = measure(row, sides, arguments.rounds, scratch)
            print(f'{cells[0]:34}' + ''.join(f'{cell:>14}' for cell in cells[1:]), flush=True)
            table.append(cells)
        build = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(arguments.kmod))))
        if os.path.exists(f'{build}/bench/lookup') and arguments.only in 'libkmod':
            for cells in lookup_table(build, arguments.rounds, scratch):
                print(f'{cells[0]:34}' + ''.join(f'{cell:>14}' for cell in cells[1:]), flush=True)
                table.append(cells)
    if arguments.markdown:
        with open(arguments.markdown, 'w') as out:
            out.write(markdown(facts, table))
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'bench: {error}')
