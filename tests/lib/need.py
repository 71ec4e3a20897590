# SPDX-License-Identifier: MIT
"""What a test cannot do without. To use it: sys.path must have this directory."""
import pathlib
import subprocess
import sys

BOOTSTRAP = pathlib.Path(__file__).resolve().parents[2] / "scripts/bootstrap"


def need(*words):
    """
    Ends the program with status 1 and a message of what to install, unless all are there: programs, paths of files
    or libraries, which the lists of scripts/bootstrap must know.
    """
    done = subprocess.run([BOOTSTRAP, "--need", *words], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.stderr.rstrip("\n"))
