# SPDX-License-Identifier: MIT
"""Reads what a case prints: a transcript with TAP lines ("ok N - name", "not ok N - name", last "1..N")."""

import re


class TapReader:
    def __init__(self):
        self.passed = 0
        self.failures = []     # text of each failure: the transcript since the check before it
        self.broken = False    # the guest did not get to the end
        self._planned = None
        self._transcript = []

    @property
    def failed(self):
        return len(self.failures)

    def take(self, line):
        check = re.match(r'(not )?ok (\d+) - ', line)
        plan = re.match(r'1\.\.(\d+)$', line)
        if check and int(check[2]) != self.passed + self.failed + 1:
            self.fail(f'a check is missing before: {line}')
        elif check and check[1]:
            self.failures.append('\n'.join(self._transcript + [line]))
            self._transcript = []
        elif check:
            self.passed += 1
            self._transcript = []
        elif plan:
            self._planned = int(plan[1])
        else:
            self._transcript.append(line)

    def fail(self, reason):
        self.failures.append('\n'.join(self._transcript + [reason]))
        self._transcript = []

    def end(self, console):
        """To be called after the last line; console is the file with the kernel's messages."""
        if self._planned is None or self._planned != self.passed + self.failed:
            self.broken = True
            with open(console, errors='replace') as messages:
                tail = messages.read().splitlines()[-20:]
            self.fail('\n'.join(['the case did not get to its end; the console says:'] + tail))
