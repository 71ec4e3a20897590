#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""soak.py SCRIPT: scripts/soak refuses what it cannot run before it installs anything, and --resume runs only what has not passed.

It runs in a repository of its own, where the scripts that it calls note their calls. Parts pass unless a file of their name is in
"failing".
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
from checks import Checks  # noqa: E402

STUB = r"""#!/bin/sh
echo "${0##*/}${1:+ $1}" >>"$CALLS"
case $0-${1:-} in
*portable---list) echo 'one trixie'; echo 'two trixie'; echo 'three sid' ;;
*portable-*) [ ! -e "$FAILING/$1" ] || exit 1; echo "7 passed of $1" ;;
esac
"""


class Repository:
    def __init__(self, top, soak):
        self.path, self.calls, self.failing = top / 'repository', top / 'calls', top / 'failing'
        self.failing.mkdir()
        (self.path / 'scripts').mkdir(parents=True)
        shutil.copy(soak, self.path / 'scripts/soak')
        for name in 'bootstrap', 'build', 'portable':
            (self.path / 'scripts' / name).write_text(STUB)
            (self.path / 'scripts' / name).chmod(0o755)
        (self.path / '.gitignore').write_text('build*/\n')
        self.environment = {**{k: v for k, v in os.environ.items() if not k.startswith('GIT_')}, 'HOME': str(top), 'CALLS': str(self.calls),
                            'FAILING': str(self.failing), 'GIT_CONFIG_NOSYSTEM': '1'}
        self.run('git', 'init', '-q')
        self.commit()

    def run(self, *command):
        return subprocess.run(command, cwd=self.path, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def commit(self):
        self.run('git', 'add', '-A')
        done = self.run('git', '-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'scripts: change them')
        assert done.returncode == 0, done.stdout

    def soak(self, *arguments):
        """Exit status, what it wrote, and the calls of other scripts, but for portable --list."""
        self.calls.write_text('')
        done = self.run('scripts/soak', *arguments)
        return done.returncode, done.stdout, [call for call in self.calls.read_text().splitlines() if call != 'portable --list']


def ran(calls):
    return sorted(call.split()[1] for call in calls if call.startswith('portable'))


def check_refusals(checks, repository):
    for arguments in (['1', 'four'], ['one'], ['-1'], ['1.5', 'one'], ['010', 'one'], ['1', 'one', 'four'], ['--resume', 'x']):
        status, text, calls = repository.soak(*arguments)
        checks.true(f'{arguments} is refused with one message', status == 2 and text.startswith('soak: ') and text.count('\n') == 1, text)
        checks.equal(f'{arguments}: calls', calls, [])


def check_resume(checks, repository):
    (repository.failing / 'two').touch()
    status, text, calls = repository.soak('1', 'one', 'two', 'three')
    checks.true('a part fails', status == 1 and '\n2 passed, 1 failed\n' in text and 'build-soak/logs/two.log' in text, text)
    checks.equal('the part after it runs', ran(calls), ['one', 'three', 'two'])
    (repository.failing / 'two').unlink()
    status, text, calls = repository.soak('--resume', '1', 'one', 'two', 'three')
    checks.true('what passed is printed as it was', status == 0 and '7 passed of one' in text and text.count(' before ') == 2
                and text.endswith('3 passed, 0 failed\n'), text)
    checks.equal('what failed runs again', ran(calls), ['two'])
    checks.equal('another length', ran(repository.soak('--resume', '2', 'one')[2]), ['one'])
    checks.equal('without --resume', ran(repository.soak('2', 'one')[2]), ['one'])
    checks.equal('nothing is left to run', ran(repository.soak('--resume', '2', 'one')[2]), [])


def check_changed_files(checks, repository):
    script = repository.path / 'scripts/build'
    script.write_text(STUB + '# changed\n')
    status, text, calls = repository.soak('--resume', '2', 'one')
    checks.true('changes that are not committed cannot be resumed', status == 2 and 'without changes' in text and not ran(calls), text)
    status, text, calls = repository.soak('2', 'one')
    checks.equal('without --resume they run', (status, ran(calls)), (0, ['one']))
    repository.commit()
    checks.equal('other files run again', ran(repository.soak('--resume', '2', 'one')[2]), ['one'])


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as top:
        repository = Repository(pathlib.Path(top), sys.argv[1])
        for check in check_refusals, check_resume, check_changed_files:
            check(checks, repository)
    print(f'{checks.passed} passed, {checks.failed} failed')
    return 1 if checks.failed else 0


if __name__ == '__main__':
    sys.exit(main())
