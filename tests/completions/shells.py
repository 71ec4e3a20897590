#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Completion in zsh and fish: the real shells complete lines, and the offers are those of bash.

    shells.py KMODCTL KMOD [SHELL...]

zsh runs on a terminal of its own, with Tab pressed and its list read; fish is asked by `complete -C`.
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f"{ROOT}/tests/lib")
from need import need  # noqa: E402

# Line -> what is offered.
LINES = {
    "kmodctl ke": ["key", "keys"],
    "kmodctl hel": ["help"],
    "kmodctl help ke": ["key", "keys"],
    "kmodctl help key g": ["generate"],
    "kmodctl help why ": [],
    "kmod help ": [],
    "kmod stat": ["static-nodes"],
    "modules-load --no": [],
    "kmodctl key ": ["export", "generate", "show"],
    "kmodctl key generate --pass": ["--passphrase", "--passphrase-file"],
    "kmodctl mok validation ": ["off", "on"],
    "kmod static-nodes --format=d": ["--format=devname"],
    "kmod static-nodes -f ": ["devname", "human", "tmpfiles"],
    "lsmod --s": ["--syslog"],
    "kmodctl verify FILES/so": ["FILES/some dir/", "FILES/some.ko"],
    "kmodctl nosuchverb ": [],
}
TIMEOUT = 20


def install(directory, kmodctl, kmod):
    """The files as meson installs them, and the programs in a directory of PATH."""
    offers = f"{directory}/offers"
    places = {"bashcompletiondir": f"{ROOT}/completions/bash", "offers": offers}
    for source, target in (("offers.in", offers), ("zsh/_kmodctl.in", f"{directory}/zsh/_kmodctl"),
                           ("fish/kmodctl.fish.in", f"{directory}/fish/kmodctl.fish")):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(f"{ROOT}/completions/{source}") as text, open(target, "w") as out:
            out.write(re.sub(r"@(\w+)@", lambda m: places[m[1]], text.read()))
    os.chmod(offers, 0o755)
    os.mkdir(f"{directory}/bin")
    for name, program in (("kmodctl", kmodctl), ("kmod", kmod), ("lsmod", kmod)):
        os.symlink(os.path.realpath(program), f"{directory}/bin/{name}")
    os.makedirs(f"{directory}/files/some dir")
    open(f"{directory}/files/some.ko", "w").close()


def in_fish(directory, line):
    command = f"source {directory}/fish/kmodctl.fish; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", command], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    return [offer.split("\t")[0] for offer in done.stdout.splitlines()]


class Zsh:
    """A zsh whose Tab prints the offers, one per line, instead of a menu."""

    SETUP = """
PS1='ready> '; unsetopt zle_bracketed_paste prompt_sp
fpath=(DIR/zsh $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
    [[ $1 == -[A-Z] && -n ${(M)@:#-O} ]] && { builtin compadd "$@"; return }
    local -a all; all=("$@"); print -rl -- "${(@)all[(r)--,-1]}" >>DIR/said; builtin compadd "$@"
}
show() { : >DIR/said; zle complete-word; zle kill-whole-line; print -r -- "offered $(tr '\\n' '|' <DIR/said) end"; zle reset-prompt }
zle -N show; bindkey '^T' show
print -r -- configured
"""

    def __init__(self, directory):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env={**os.environ, "TERM": "dumb", "HISTFILE": ""})
        os.close(slave)
        setup = f"{directory}/setup.zsh"
        with open(setup, "w") as out:
            out.write(self.SETUP.replace("DIR", directory))
        self.send(f". {setup}\n")
        self.read_until("configured\r")

    def send(self, keys):
        os.write(self.master, keys.encode())

    def read_until(self, word):
        text, end = "", time.monotonic() + TIMEOUT
        while word not in text:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError(f"zsh does not answer: {text!r}")
            text += os.read(self.master, 65536).decode(errors="replace")
        return text

    def complete(self, line):
        self.send(line + "\x14")
        said = re.search(r"offered (.*?) end", self.read_until(" end").replace("\r", "").replace("\n", ""))[1]
        return [offer for offer in said.split("|") if offer and offer != "--"]

    def close(self):
        self.process.kill()
        os.close(self.master)


def check(shell, complete, files):
    passed = failed = 0
    for line, expected in LINES.items():
        offers = sorted(set(complete(line.replace("FILES", files))))
        if offers == [offer.replace("FILES", files) for offer in expected]:
            passed += 1
        else:
            failed += 1
            print(f"not ok - {shell}: '{line}' offers {offers}, not {expected}")
    return passed, failed


def main(kmodctl, kmod, *shells):
    shells = shells or ("zsh", "fish")
    need(*shells)
    counts = []
    with tempfile.TemporaryDirectory(prefix="kmodctl-shells-") as directory:
        install(directory, kmodctl, kmod)
        os.environ["PATH"] = f"{directory}/bin:{os.environ['PATH']}"
        os.environ["HOME"] = directory
        if "fish" in shells:
            counts.append(check("fish", lambda line: in_fish(directory, line), f"{directory}/files"))
        if "zsh" in shells:
            zsh = Zsh(directory)
            counts.append(check("zsh", zsh.complete, f"{directory}/files"))
            zsh.close()
    passed, failed = map(sum, zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
