#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the differential checks that are listed in tests/compat/checks.

  run.py [--build DIR] [NAME...]

A check that prints "N passed, N failed" is counted by that, any other by its exit status. The last line is
"N passed, N failed" over all of them.
"""

import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOOLS = ('lsmod', 'modprobe', 'insmod', 'rmmod', 'modinfo', 'depmod', 'kmod')
UNREADABLE_FOR_DEBIAN = {'6.12-gz'}
COUNT = re.compile(r'^(\d+) passed, (\d+) failed$', re.MULTILINE)


def read_checks():
    with open(f'{HERE}/checks') as lines:
        rows = [line.split() for line in lines if line.strip() and not line.startswith('#')]
    return {row[0]: row[1:] for row in rows}


def read_trees():
    """name -> directory"""
    listing = subprocess.run([f'{ROOT}/scripts/get-kernels', '--list'], check=True, capture_output=True, text=True)
    trees = {name: path for name, _, path in (line.split() for line in listing.stdout.splitlines())}
    if not trees:
        raise RuntimeError('no module trees: run scripts/get-kernels')
    return trees


def make_tool_links(build):
    """A directory with our binary under each tool's name."""
    directory = f'{build}/compat-bin'
    os.makedirs(directory, exist_ok=True)
    for tool in TOOLS:
        link = f'{directory}/{tool}'
        if not os.path.islink(link):
            os.symlink('../src/kmod', link)
    return directory


def expand(command, build, trees):
    words = []
    for word in command:
        if word == '{trees}':
            words += [path for name, path in trees.items() if name not in UNREADABLE_FOR_DEBIAN]
        elif word == '{view}':
            words += [f'{build}/tests/lib/viewrun', '--empty']
        else:
            words.append(fill(word, build, trees))
    return words


def fill(word, build, trees):
    values = {'bin': f'{build}/compat-bin', 'kmod': f'{build}/src/kmod', 'build': build, **trees}
    return re.sub(r'\{([^}]+)\}', lambda match: values[match[1]], word)


def run_check(name, command):
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace')
    counts = COUNT.findall(done.stdout)
    passed, failed = map(int, counts[-1]) if counts else (int(done.returncode == 0), 0)
    if done.returncode and not failed:
        failed = 1
    print(done.stdout, end='')
    print(f'compat {name}: {passed} passed, {failed} failed ({time.monotonic() - start:.0f} s)', flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default=f'{ROOT}/build')
    parser.add_argument('names', nargs='*', metavar='NAME')
    arguments = parser.parse_args()
    build = os.path.realpath(arguments.build)
    checks, trees = read_checks(), read_trees()
    make_tool_links(build)
    results = [run_check(name, expand(checks[name], build, trees)) for name in arguments.names or checks]
    passed, failed = sum(result[0] for result in results), sum(result[1] for result in results)
    print(f'{passed} passed, {failed} failed')
    return 0 if not failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'compat: {error}')
