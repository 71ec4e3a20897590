#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Loading a list of modules at boot: our modules-load, Debian's systemd-modules-load and a sequential modprobe -a of
Debian's kmod. Each loader has a boot of its own with two virtual processors; the time is the guest's.

  boot.py [--kmod PATH] [--counts N,N...] [--markdown FILE]

Prints a table, and fails when the modules and parameters of a list differ between the loaders.
"""

import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, f'{ROOT}/tests/vm')
import run as vm  # noqa: E402
from kernels import Kernel  # noqa: E402

LOADERS = ('modules-load', 'systemd-modules-load', 'modprobe')


class Boot:
    """What one boot said: its seconds, its number of modules, and its state: modules and their parameters."""

    def __init__(self, kernel, kmod, loader, count):
        self.values, self.state = {}, set()
        with open(f'{HERE}/boot-load.sh') as source, tempfile.NamedTemporaryFile('w', suffix='.sh') as script:
            lines = source.readlines()
            head = next(i for i, line in enumerate(lines) if not line.startswith('#'))
            script.writelines([*lines[:head], f'LOADER={loader} COUNT={count}\n', *lines[head:]])
            script.flush()
            case = vm.Case(f'bench-{loader}-{count}', script.name)
            self.result = vm.run_case(kernel, kmod, case, self.take)
        if self.result.broken or 'seconds' not in self.values:
            raise RuntimeError('\n'.join(self.result.failures) or f'{loader} {count}: no time')

    def take(self, line):
        key, _, value = line.partition(' ')
        if key == 'state':
            self.state.add(value)
        elif key in ('seconds', 'modules', 'exit'):
            self.values[key] = value

    @property
    def seconds(self):
        return float(self.values['seconds'])


def differences(boots):
    """Lines that not every loader has."""
    everywhere = set.intersection(*(boot.state for boot in boots.values()))
    return [f'only {loader}: {line}' for loader, boot in boots.items() for line in sorted(boot.state - everywhere)]


def table(rows):
    yield '| modules in the list | loaded | modules-load | systemd-modules-load | ratio | modprobe -a | ratio | same result |'
    yield '|---|---|---|---|---|---|---|---|'
    for count, boots in rows:
        ours, systemd, modprobe = (boots[loader] for loader in LOADERS)
        same = 'NO' if differences(boots) else 'yes'
        yield (f'| {count} | {ours.values["modules"]} | {ours.seconds:.2f} s | {systemd.seconds:.2f} s '
               f'| {ours.seconds / systemd.seconds:.2f} | {modprobe.seconds:.2f} s '
               f'| {ours.seconds / modprobe.seconds:.2f} | {same} |')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmod', default=f'{ROOT}/build/src/kmod')
    parser.add_argument('--counts', default='50,200,800')
    parser.add_argument('--markdown', help='append the table to this file')
    options = parser.parse_args()
    os.makedirs(f'{vm.WORK}/logs', exist_ok=True)
    kernel, rows = Kernel('6.12'), []
    for count in options.counts.split(','):
        boots = {}
        for loader in LOADERS:
            boots[loader] = Boot(kernel, options.kmod, loader, count)
            print(f'{count} {loader}: {boots[loader].values}', file=sys.stderr, flush=True)
        print('\n'.join(differences(boots)), file=sys.stderr, flush=True)
        rows.append((count, boots))
    lines = ['## Boot: a list of modules', '', f'Linux {kernel.release} under QEMU (TCG), two virtual processors, one boot '
             'each; seconds of the guest. Ratio: ours / theirs.', '', *table(rows)]
    print('\n'.join(lines))
    if options.markdown:
        with open(options.markdown, 'a') as out:
            out.write('\n' + '\n'.join(lines) + '\n')
    return 1 if any(line.endswith('NO |') for line in lines) else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'boot: {error}')
