#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each of many files that workers refuse at the same time has its message, and its line of the answer.

  many.py BUILD    last line "N passed, N failed"
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

FILES, RUNS = 2000, 4
RECIPE = 'info name=old\ninfo license=GPL\ninfo vermagic=6.1.0-other SMP\n'


def main():
    build, failed = pathlib.Path(sys.argv[1]).resolve(), 0
    kmodctl, mkko = build / 'src/kmodctl', build / 'tests/lib/mkko'
    with tempfile.TemporaryDirectory() as scratch:
        base = pathlib.Path(scratch)
        (base / 'recipe').write_text(RECIPE)
        subprocess.run([mkko, 'recipe', 'old.ko'], cwd=base, check=True)
        subprocess.run([kmodctl, 'key', 'generate', '--type', 'rsa2048', '-o', 'pair'], cwd=base, check=True, capture_output=True)
        (base / 'many').mkdir()
        for n in range(FILES):
            shutil.copy(base / 'old.ko', base / f'many/m{n}.ko')
        for run in range(RUNS):
            done = subprocess.run([kmodctl, 'sign', '-j', '8', '-n', '--json', '--hash', 'sha3-256', '--key', 'pair.priv', '--cert',
                                   'pair.der', 'many'], cwd=base, capture_output=True, text=True)
            problem = what_is_wrong(done)
            if problem:
                failed += 1
                print(f'not ok - run {run}: {problem}')
    print(f'{RUNS - failed} passed, {failed} failed')
    return failed != 0


def what_is_wrong(done):
    if done.returncode != 1:
        return f'status {done.returncode}: {done.stderr[-300:]}'
    answer = json.loads(done.stdout)
    names = {message['file'] for message in answer['messages'] if message['code'] == 'sign.hash-dead'}
    if len(names) != FILES or answer['counts']['failed'] != FILES:
        return f'{len(names)} files have messages, {answer["counts"]} of {FILES}'
    lines = [line for line in done.stderr.splitlines() if 'does not take module signatures with sha3-256' in line]
    return None if len(lines) == FILES else f'{len(lines)} lines of {FILES}'


if __name__ == '__main__':
    sys.exit(main())
