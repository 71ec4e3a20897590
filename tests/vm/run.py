#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Boots Debian's kernels under QEMU with the tools in the initramfs and runs the cases of tests/vm/cases.

  run.py [--kernel SERIES] [--kmod PATH] [CASE...]   the checks; last line "N passed, N failed"
  run.py --soak [--kmod PATH]                        those that take longer than make check can wait
  run.py --walk [--kmod PATH]                        the chapter and kmodctl, as a person would see them
  run.py --walk --arch ARCHITECTURE                  the case architecture on Debian's kernel of another one
  run.py --shell [--kernel SERIES] [--kmod PATH]     an interactive shell, see session.py

The tools are build/src/kmod unless --kmod names another multi-call binary (Debian's: /bin/kmod). A case is a
shell script; comments at its top say what its machine needs: "modules:", "directories:" (of modules), "qemu:"
(arguments), "cmdline:" (of the kernel; {TEXT*N} is N times TEXT), "memory:" (MiB), "kernels:" (series), "soak:" (series of --soak) and "files:" (GUESTPATH=KIND:NAME, see fixtures.py).
"long: yes" has the case start before the others, so that none of them waits for it at the end. "static: yes" puts the binary of scripts/build-static in place of the tools, and no library and no other kmod beside it.
"""

import argparse
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import time

import fixtures
import guest
import session
from kernels import SERIES, ForeignKernel, Kernel
from machine import Machine, need
from systems import FOREIGN, HOST
from tap import TapReader

ROOT = os.path.dirname(os.path.dirname(guest.HERE))
CASES = f'{guest.HERE}/cases'
WORK = f'{ROOT}/build-vm'
WALK = ('chapter', 'kmodctl')  # the parts of --walk
FOREIGN_WALK = ('architecture',)
TIMEOUT = 1800  # seconds; a machine that does nothing else needs a tenth of it


class Case:
    """A script and what its machine needs."""

    def __init__(self, name, script):
        self.name = name
        self.script = script
        needs = self._read_needs(script) if script else {}
        self.modules = needs.get('modules', '').split()
        self.directories = needs.get('directories', '').split()
        self.qemu = shlex.split(needs.get('qemu', ''))
        self.cmdline = re.sub(r'\{([^*]+)\*(\d+)\}', lambda repeated: repeated[1] * int(repeated[2]), needs.get('cmdline', ''))
        self.memory = int(needs.get('memory', '1024'))
        self.kernels = needs.get('kernels', ' '.join(SERIES)).split()
        self.soak = needs.get('soak', '').split()
        self.long = needs.get('long') == 'yes'
        self.static = needs.get('static') == 'yes'
        self.files = dict(entry.split('=', 1) for entry in needs.get('files', '').split())

    @staticmethod
    def _read_needs(script):
        needs = {}
        with open(script) as lines:
            for line in lines:
                match = re.match(r'# (modules|directories|qemu|cmdline|memory|kernels|soak|long|static|files): (.*)', line)
                if match:
                    needs[match[1]] = match[2]
                elif not line.startswith('#'):
                    break
        return needs


def find_case(name):
    script = f'{CASES}/{name}.sh'
    if not os.path.exists(script):
        raise RuntimeError(f'no case {name!r} in {CASES}')
    return Case(name, script)


def all_cases():
    cases = [find_case(name[:-3]) for name in sorted(os.listdir(CASES)) if name.endswith('.sh')]
    return sorted(cases, key=lambda case: not case.long)


def build_static():
    subprocess.run([f'{ROOT}/scripts/build-static', f'{WORK}/static'], check=True)
    return f'{WORK}/static/kmod'


def boot(kernel, kmod, case, append=''):
    if case.static:
        kmod = build_static()
    files = {path: fixtures.make(what, kernel, WORK) for path, what in case.files.items()}
    initramfs = guest.build(kernel, kmod, case, files)
    return Machine(kernel.image, initramfs, case.memory, case.qemu, f'{case.cmdline} {append}'.strip(), kernel.system)


def run_case(kernel, kmod, case, on_line, append=''):
    """Returns the TapReader that has seen the whole run."""
    reader = TapReader()

    def take(line):
        reader.take(line)
        on_line(line)
    logs = f'{WORK}/logs/{case.name}-{kernel.series}'
    if not boot(kernel, kmod, case, append).run(logs, TIMEOUT, take):
        reader.fail(f'the guest was stopped after {TIMEOUT} s')
    reader.end(f'{logs}.console')
    return reader


def check_one(kernel, kmod, case, append):
    start = time.monotonic()
    result = run_case(kernel, kmod, case, lambda line: None, append)
    for failure in result.failures:
        print(failure)
    print(f'vm {kernel.series} {case.name}: {result.passed} passed, {result.failed} failed '
          f'({time.monotonic() - start:.0f} s)', flush=True)
    return result


def check(kernels, kmod, cases, soak=False):
    """Two machines at a time: a guest keeps one processor busy."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count())) as pool:
        runs = [pool.submit(check_one, kernel, kmod, case, 'kmodctl_soak' if soak else '')
                for case in cases for kernel in kernels if kernel.series in (case.soak if soak else case.kernels)]
        results = [run.result() for run in runs]
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


def walk(kernel, kmod, names=WALK):
    """The parts of the chapter one after the other, each in a machine of its own; one verdict."""
    passed = failed = 0
    for name in names:
        case = find_case(name)
        if kernel.series not in case.kernels:
            print(f'{name}: not on Linux {kernel.series}')
            continue
        print(f'Booting Linux {kernel.release} under QEMU: {name} ...', flush=True)
        result = run_case(kernel, kmod, case, lambda line: print(line, flush=True))
        passed, failed = passed + result.passed, failed + result.failed
        if result.broken:
            print('\n'.join(result.failures))
    print(f'kmodctl: {passed} of {passed + failed} steps as expected')
    return 0 if passed and not failed else 1


def shell(series, kmod):
    if not sys.stdin.isatty():
        raise RuntimeError('--shell needs a terminal on its standard input')
    kernel = Kernel(series, session.TREES.get(series))
    print(f'Booting Linux {kernel.release} under QEMU ...', flush=True)
    return session.machine(kernel, kmod, WORK).interact(f'{WORK}/logs/shell')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kernel', choices=SERIES, help='only this series; --walk and --shell: 6.12 unless given')
    parser.add_argument('--kmod', help='the multi-call binary to use')
    parser.add_argument('--arch', choices=sorted(FOREIGN), help='of another machine than this; with --walk')
    parser.add_argument('--walk', action='store_true')
    parser.add_argument('--shell', action='store_true')
    parser.add_argument('--soak', action='store_true')
    parser.add_argument('cases', nargs='*', metavar='CASE')
    arguments = parser.parse_args()
    if arguments.arch and (not arguments.walk or arguments.kernel):
        parser.error('--arch goes with --walk, and without --kernel')
    system = FOREIGN[arguments.arch] if arguments.arch else HOST
    arguments.kmod = arguments.kmod or f'{system.build}/src/kmod'
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.arch:
        need('qemu-system-aarch64', 'qemu-system-s390x', 'readelf', 'busybox')
    else:
        need('qemu-system-x86_64', *guest.NEEDS)
    if not os.access(arguments.kmod, os.X_OK):
        raise RuntimeError(f'{arguments.kmod} is not there: build first')
    os.makedirs(f'{WORK}/logs', exist_ok=True)
    if arguments.arch:
        return walk(ForeignKernel(arguments.arch), arguments.kmod, FOREIGN_WALK)
    if arguments.walk:
        return walk(Kernel(arguments.kernel or '6.12'), arguments.kmod)
    if arguments.shell:
        return shell(arguments.kernel or '6.12', arguments.kmod)
    series = [arguments.kernel] if arguments.kernel else SERIES
    cases = [find_case(name) for name in arguments.cases] or all_cases()
    return check([Kernel(name) for name in series], arguments.kmod, cases, arguments.soak)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'vm: {error}')
