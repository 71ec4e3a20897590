# SPDX-License-Identifier: MIT
"""Counts what is as it should be, and prints what is not. To use it: sys.path must have this directory."""


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def true(self, what, holds, detail=""):
        """Returns whether it holds; the detail is printed if it does not."""
        self.passed += bool(holds)
        self.failed += not holds
        if not holds:
            print(f"not ok - {what}" + (f": {detail}" if detail else ""), flush=True)
        return bool(holds)

    def equal(self, what, seen, wanted):
        return self.true(what, seen == wanted, f"\n  {seen!r}\nnot\n  {wanted!r}")


class ShownChecks(Checks):
    """Prints a line for each check, those that are as they should be as well; name comes first in it."""

    def __init__(self, name=""):
        super().__init__()
        self.name = name and f"{name} "

    def true(self, what, holds, detail=""):
        if holds:
            print(f"ok - {self.name}{what}", flush=True)
        return super().true(f"{self.name}{what}", holds, str(detail)[:1500])

    def equal(self, what, seen, wanted):
        return self.true(what, seen == wanted, f"{seen}, not {wanted}")
