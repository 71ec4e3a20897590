#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-history, asked about repositories made for it: one commit of each kind of fault."""
import os
import subprocess
import sys
import tempfile

CHECK = os.path.realpath(sys.argv[1])
BODY = "\n\nWithout it a thing breaks.\nTest: golden modprobe/plain.\n"
CASES = [  # message, what is said of it (None: nothing)
    ("load: refuse a second name" + BODY, None),
    ("plan, load: bring the order back" + BODY, None),
    ("load: pass on the errno" + BODY, None),
    ("load: refused a second name" + BODY, '"refused" is not imperative'),
    ("load: refuses a second name" + BODY, '"refuses" is not imperative'),
    ("load: refusing a second name" + BODY, '"refusing" is not imperative'),
    ("Refuse a second name" + BODY, 'title is not "room: what it does"'),
    ("load: " + "x" * 67 + BODY, "title of 73 characters"),
    ("load: " + "x" * 66 + BODY, None),
    ("wip: line lengths" + BODY, "unfinished by its title"),
    ("load: WIP" + BODY, "unfinished by its title"),
    ("load: wipe the line" + BODY, None),
    ("fixup! load: refuse a second name" + BODY, "unfinished by its title"),
    ("load: refuse a second name", "no body"),
    ("load: refuse a second name\nat once" + BODY, "no blank line below the title"),
    ("load: refuse a second name\n\nIt was wrong.\n", "body names no test"),
]


def git(repository, *words, **more):
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
           "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = subprocess.run(["git", *words], cwd=repository, env={**os.environ, **who}, text=True, check=True,
                          stdout=subprocess.PIPE, **more)
    return done.stdout.strip()


def commit(repository, message, *parents):
    """A commit of the empty tree, with exactly this message."""
    tree = git(repository, "mktree", input="")
    return git(repository, "commit-tree", tree, *(w for p in parents for w in ("-p", p)), input=message)


def verdict(repository, base):
    done = subprocess.run([CHECK, base], cwd=repository, text=True, stdout=subprocess.PIPE, check=False)
    return done.returncode, done.stdout


def expect(what, ok, detail):
    if not ok:
        sys.exit(f"FAIL {what}: {detail!r}")


def main():
    with tempfile.TemporaryDirectory(prefix="kmodctl-history-") as repository:
        git(repository, "init", "-q")
        base = commit(repository, "no rule holds for what is there already")
        for message, fault in CASES:
            git(repository, "update-ref", "HEAD", commit(repository, message, base))
            status, out = verdict(repository, base)
            if fault is None:
                expect(message, (status, out) == (0, "1 passed, 0 failed\n"), out)
            else:
                expect(message, status == 1 and out.count("\n") == 2 and f": {fault}: " in out, out)
        side = commit(repository, CASES[0][0], base)
        git(repository, "update-ref", "HEAD", commit(repository, "load: join" + BODY, side, commit(repository, CASES[1][0], base)))
        status, out = verdict(repository, base)
        expect("a merge", status == 1 and ": merge commit: load: join" in out and out.endswith("2 passed, 1 failed\n"), out)
        status, out = verdict(repository, "HEAD")
        expect("nothing new", (status, out) == (0, "0 passed, 0 failed\n"), out)
    print(f"{len(CASES) + 2} histories judged as expected")


if __name__ == "__main__":
    main()
