# SPDX-License-Identifier: MIT
"""Counts what is as it should be, and prints what is not. To use it: sys.path must have this directory."""


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, seen, wanted):
        good = seen == wanted
        self.passed += good
        self.failed += not good
        if not good:
            print(f"not ok - {what}:\n  {seen!r}\nnot\n  {wanted!r}")

    def true(self, what, holds):
        self.equal(what, bool(holds), True)
