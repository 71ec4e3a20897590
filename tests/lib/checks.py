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


class ShownChecks(Checks):
    """Prints a line for each check, those that are as they should be as well; name comes first in it."""

    def __init__(self, name=""):
        super().__init__()
        self.name = name and f"{name} "

    def expect(self, what, ok, detail=""):
        self.passed += bool(ok)
        self.failed += not ok
        print(f'{"ok" if ok else "not ok"} - {self.name}{what}' + (f": {str(detail)[:1500]}" if detail and not ok else ""), flush=True)

    def equal(self, what, seen, wanted):
        self.expect(what, seen == wanted, f"{seen}, not {wanted}")
