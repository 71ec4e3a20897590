#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""install.py SCRIPT: scripts/install does nothing but report its usage when it is given an argument.

It runs with a PATH of the shell alone, so that it could not build or install anything if it went on.
"""
import subprocess
import sys
import tempfile

failed = 0
for arguments in (['--help'], ['-h'], ['/somewhere'], ['']):
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(['/bin/bash', sys.argv[1], *arguments], env={'PATH': empty, 'DESTDIR': empty},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if (done.returncode, done.stdout, done.stderr[:6]) != (2, '', 'usage:'):
        failed += 1
        print(f'install {arguments}: exit {done.returncode}: {done.stdout}{done.stderr}')
print(f'{4 - failed} passed, {failed} failed')
sys.exit(1 if failed else 0)
