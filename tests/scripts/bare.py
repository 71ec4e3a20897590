#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/bare: what its root has, what it passes on, and that nothing of it stays behind however it ends.

Ends with "N passed, N failed". Needs root and the package archives; makes two whole roots.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from checks import ShownChecks  # noqa: E402

BARE = TOP / "scripts/bare"
PLACE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "kmodctl-bare"
MARK = "untracked-for-bare"  # a file that git does not know yet
SLEEP = ("sleep", "987654")
checks = ShownChecks()
check = checks.true


def roots(pid):
    """Those of the run with this process number, with their locks; other runs may come and go beside it."""
    return set(PLACE.glob(f"root.{pid}.*"))


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def command_lines():
    """Those of all processes, here and in the namespaces below, NUL after each word."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_text(errors="replace")
        except OSError:
            pass


def is_running(*command):
    return "".join(f"{word}\0" for word in command) in command_lines()


def works_on(names):
    """Does any process name one of the roots, but those that clean up: flock, which waits for the others, and rm?"""
    cleaning = ("flock\0", "rm\0")
    return any(name in line for line in command_lines() for name in names if not line.startswith(cleaning))


def start(*command):
    return subprocess.Popen([BARE, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def what_is_inside():
    """One run to its end; its output, a fact a line."""
    (TOP / MARK).write_text("here\n")
    try:
        run = start("bash", "-c", f"""
            echo "first $(cat /proc/1/comm)"; echo "host $(hostname)"
            for path in /lib/modules /boot/vmlinuz /usr/bin/make /usr/bin/gcc /root/.cache build; do
                [ ! -e $path ] || echo "there $path"
            done
            cat {MARK}; ls -d scripts/bare .git; echo "env $(env | grep -c ^MAKEFLAGS=)"
            echo x >/dev/null && echo devices; head -c 1 /dev/urandom | wc -c; touch /dev/shm/x && echo shm
            ls /var/cache/apt/archives | grep -c '\\.deb$'; exit 7""")
        out, err = run.communicate(timeout=900)
    finally:
        (TOP / MARK).unlink()
    lines = out.splitlines()
    check("the status is the command's", run.returncode == 7, err)
    check("the first process is its own", "first bare" in lines, out)
    check("the name is its own", "host bare" in lines, out)
    check("nothing is installed beside", not [line for line in lines if line.startswith("there ")], out)
    check("a file that is not committed yet comes along", "here" in lines, out)
    check("so does the history", ".git" in lines and "scripts/bare" in lines, out)
    check("the environment does not", "env 0" in lines, out)
    check("devices are there", {"devices", "1", "shm"} <= set(lines), out)
    check("packages are kept for the next time", int(lines[-1] if lines else 0) > 50, out)
    check("the root is gone", not roots(run.pid), str(roots(run.pid)))


def killed_while(when, ready, how, command):
    """The script is killed when ready(pid) holds: everything below it ends, and its root goes."""
    run = start(*command)
    came = wait_for(lambda: ready(run.pid), 600)
    check(f"{when}: got there", came and run.poll() is None)
    names = [str(root) for root in roots(run.pid) if root.is_dir()]
    run.send_signal(how)
    status = run.wait(60)
    check(f"{when}: ended by it", status == (-how if how == signal.SIGKILL else 128 + how), str(status))
    check(f"{when}: nothing goes on inside", names and wait_for(lambda: not is_running(*SLEEP) and not works_on(names), 20))
    check(f"{when}: the root is gone", wait_for(lambda: not roots(run.pid), 60), str(roots(run.pid)))


def swept():
    """What a run left whose janitor was killed too is removed by the next one, and only that."""
    dead, held = PLACE / "root.1.dead", PLACE / "root.1.held"
    for root in dead, held:
        (root / "tmp").mkdir(parents=True)
        pathlib.Path(f"{root}.lock").touch()
    holder = subprocess.Popen(["flock", f"{held}.lock", "sleep", "60"], start_new_session=True)
    time.sleep(0.5)
    run = start("--suite", "no-such-suite", "true")
    _, err = run.communicate(timeout=60)
    check("an unknown suite is an error of its own", run.returncode == 125 and "no-such-suite" in err, err)
    check("a dead run's root is removed", not dead.exists() and not pathlib.Path(f"{dead}.lock").exists())
    check("a live run's is not", held.exists())
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait()
    subprocess.run(["rm", "-rf", held, f"{held}.lock", PLACE / "archives-no-such-suite"], check=True)
    left = roots(1) | roots(run.pid)
    check("and nothing else is left", not left, str(left))


def main():
    if os.geteuid() != 0:
        sys.exit("bare: needs root")
    PLACE.mkdir(parents=True, exist_ok=True)
    swept()
    killed_while("SIGTERM while the root is made", lambda pid: any((r / "debootstrap").is_dir() for r in roots(pid)),
                 signal.SIGTERM, SLEEP)
    what_is_inside()
    killed_while("SIGKILL while the command runs", lambda pid: is_running(*SLEEP), signal.SIGKILL, SLEEP)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
