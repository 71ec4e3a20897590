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
    tool may write to. runs: hyperfine runs per round."""

    def __init__(self, name, command, runs=20, counted=True, prefix=(), tree=None):
        self.name = name
        self.command = command
        self.runs = runs
        self.counted = counted  # under callgrind and strace too: not for what takes seconds without them
        self.prefix = list(prefix)
        self.tree = tree


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
        words = [word.replace('{tree}', self.copy) for word in row.command]
        return [*row.prefix, f'{self.directory}/{words[0]}', *words[1:]]


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


def depmod_rows():
    for name in TREES:
        root, release = tree_of(name)
        compressed = name.endswith(('xz', 'zst'))
        yield Row(f'depmod, {name}', ['depmod', '-b', '{tree}', release], runs=2, counted=not compressed,
                  tree=root)


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


def measure_time(row, command, scratch):
    """Median seconds of one round. A row in a namespace has hyperfine inside, so that only the tool is timed."""
    export = f'{scratch}/hyperfine.json'
    tool = command[len(row.prefix):]
    hyperfine = ['hyperfine', '-N', '--style', 'none', '--warmup', '1', '--runs', str(max(2, row.runs)),
                 '--export-json', export, shlex.join(tool)]
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
            samples[side.name].append(measure_time(row, side.command(row), scratch))
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


def measure(row, sides, rounds, scratch):
    for side in sides:
        side.prepare(row)
    commands = [side.command(row) for side in sides]
    times = measure_times(row, sides, rounds, scratch)
    instructions = [count_instructions(row, command) for command in commands] if row.counted else (None, None)
    calls = [count_system_calls(row, command, scratch) for command in commands] if row.counted else (None, None)
    memory = [measure_memory(row, command) for command in commands]
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
    lines = ['# Bench', '', "Made by `make bench`: ratios are ours / Debian's kmod, measured in one run, below 1 is "
             'better. "-": not measured.', '', *facts, '']
    rows = [HEADER, ['---'] * len(HEADER), *table]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows]) + '\n'


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmod', default=f'{ROOT}/build-install/src/tools/kmod', help='ours, an optimised build')
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
    if arguments.markdown:
        with open(arguments.markdown, 'w') as out:
            out.write(markdown(facts, table))
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'bench: {error}')
