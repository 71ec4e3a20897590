#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the differential checks that are listed in tests/compat/checks.

  run.py [--build DIR] [--against 34] [--soak] [NAME...]

Against Debian 12's kmod 30 on this machine, or against Debian 13's kmod 34 in a root of it (tests/compat/in-debian),
where this program starts itself once more. --soak: the whole sweep.
A check that prints "N passed, N failed" is counted by that, any other by its exit status. The last line is
"N passed, N failed" over all of them.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOOLS = ('lsmod', 'modprobe', 'insmod', 'rmmod', 'modinfo', 'depmod', 'kmod')
UNREADABLE_FOR_DEBIAN = {'6.12-gz'}
TREE_OF_13 = '/tree'  # as scripts/get-debian-root makes it
COUNT = re.compile(r'^(\d+) passed, (\d+) failed$', re.MULTILINE)
PRINTING = threading.Lock()


def read_checks(section):
    """name -> words of the command"""
    found, current = {}, None
    with open(f'{HERE}/checks') as lines:
        for line in lines:
            if line.startswith('['):
                current = line.strip()
            elif line.strip() and not line.startswith('#') and current == f'[{section}]':
                name, *found[name] = line.split()
    return found


def read_trees(version):
    """name -> directory"""
    listing = subprocess.run([f'{ROOT}/scripts/get-kernels', '--list'], check=True, capture_output=True, text=True)
    trees = {name: path for name, _, path in (line.split() for line in listing.stdout.splitlines())}
    if version == '34':
        trees['13'] = TREE_OF_13
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
            words += [path for name, path in trees.items() if name not in ('13', *UNREADABLE_FOR_DEBIAN)]
        elif word == '{view}':
            words += [f'{build}/tests/lib/viewrun', '--empty']
        else:
            words.append(fill(word, build, trees))
    return words


def fill(word, build, trees):
    values = {'bin': f'{build}/compat-bin', 'kmod': f'{build}/src/kmod', 'build': build, 'lib': f'{build}/tests/lib', **trees}
    return re.sub(r'\{([^}]+)\}', lambda match: values[match[1]], word)


def run_check(label, name, command):
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace')
    counts = COUNT.findall(done.stdout)
    passed, failed = map(int, counts[-1]) if counts else (int(done.returncode == 0), 0)
    if done.returncode and not failed:
        failed = 1
    with PRINTING:
        print(''.join(line for line in done.stdout.splitlines(True) if not COUNT.match(line)), end='')  # added up at the end
        print(f'{label} {name}: {passed} passed, {failed} failed ({time.monotonic() - start:.0f} s)', flush=True)
    return passed, failed


def enter_debian_13(build, arguments):
    """This program again, where kmod is version 34."""
    inside = os.path.relpath(build, ROOT)
    if inside.startswith('..'):
        raise RuntimeError(f'{build} is not below {ROOT}: it cannot be seen in the root of Debian 13')
    os.execv(f'{HERE}/in-debian', ['in-debian', 'trixie', 'tests/compat/run.py', '--against', '34', '--inside', '--build', inside,
                                   *(['--soak'] if arguments.soak else []), *arguments.names])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default=f'{ROOT}/build')
    parser.add_argument('names', nargs='*', metavar='NAME')
    parser.add_argument('--against', choices=('30', '34'), default='30')
    parser.add_argument('--soak', action='store_true', help='the whole sweep')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    build = os.path.realpath(arguments.build)
    if arguments.against == '34' and not arguments.inside:
        enter_debian_13(build, arguments)
    section = arguments.against + (' soak' if arguments.soak else '')
    checks, trees = read_checks(section), read_trees(arguments.against)
    make_tool_links(build)
    label = {'30': 'compat', '34': 'compat34'}[arguments.against]
    jobs = {'30': 1, '34': 2}[arguments.against]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda name: run_check(label, name, expand(checks[name], build, trees)),
                                arguments.names or checks))
    passed, failed = sum(result[0] for result in results), sum(result[1] for result in results)
    print(f'{passed} passed, {failed} failed')
    return 0 if not failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'compat: {error}')
