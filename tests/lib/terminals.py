# SPDX-License-Identifier: MIT
"""What a program writes to a terminal. To use it: sys.path must have this directory."""
import os


def read_to_end(master):
    """
    What was written to the other end until it was closed. The error that says so may come before the last of it: the
    kernel looks for more first, and for the end afterwards. The second error in a row is the end.
    """
    out, errors = b"", 0
    while errors < 2:
        try:
            out += os.read(master, 1 << 16)
            errors = 0
        except OSError:
            errors += 1
    return out
