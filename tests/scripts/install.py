#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""install.py SCRIPT: scripts/install does nothing but report its usage when it is given an argument, and knows packages' files.

With arguments it runs with a PATH of the shell alone, so that it could not build or install anything if it went on.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

DPKG_QUERY = r"""#!/bin/sh
# Knows kmod's files by Debian 12's names.
status=0
for name; do
	case $name in
	/bin/kmod | /sbin/modprobe) echo "kmod: $name" ;;
	-S) ;;
	*) status=1 ;;
	esac
done
exit $status
"""
failed = 0


def packaged_files():
    """Of a stage with kmod, modprobe and kmodctl for a system that has the first two, where /bin and /sbin are links."""
    with tempfile.TemporaryDirectory() as tmp:
        top = pathlib.Path(tmp)
        for place in "stage", "root":
            for name in "usr/bin/kmod", "usr/sbin/modprobe":
                path = top / place / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        (top / "stage/usr/bin/kmodctl").touch()
        for name in "bin", "sbin":
            (top / "root" / name).symlink_to(f"usr/{name}")
        (top / "path").mkdir()
        (top / "path/dpkg-query").write_text(DPKG_QUERY)
        (top / "path/dpkg-query").chmod(0o755)
        library = pathlib.Path(sys.argv[1]).parent / "lib/owned.sh"
        done = subprocess.run(["bash", "-euc", '. "$1"; packaged_files "$2" "$3"', "bash", library, top / "stage", top / "root"],
                              env={**os.environ, "PATH": f"{top}/path:{os.environ['PATH']}"}, capture_output=True, text=True)
        return sorted(done.stdout.splitlines())


for arguments in (['--help'], ['-h'], ['/somewhere'], ['']):
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(['/bin/bash', sys.argv[1], *arguments], env={'PATH': empty, 'DESTDIR': empty},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if (done.returncode, done.stdout, done.stderr[:6]) != (2, '', 'usage:'):
        failed += 1
        print(f'install {arguments}: exit {done.returncode}: {done.stdout}{done.stderr}')
if packaged_files() != ['kmod: /bin/kmod', 'kmod: /sbin/modprobe']:
    failed += 1
    print(f'files of packages: {packaged_files()}')
print(f'{5 - failed} passed, {failed} failed')
sys.exit(1 if failed else 0)
