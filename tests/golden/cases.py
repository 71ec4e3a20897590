# SPDX-License-Identifier: MIT
"""Golden cases and the roots they run on; the docstring of `run` has the formats."""
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


class Case:
    def __init__(self, tool, line):
        parts = [p.strip() for p in line.split("|", 2)]
        if len(parts) != 3:
            raise SystemExit(f"cases/{tool}.txt: not NAME | FIXTURE | COMMAND: {line}")
        name, self.fixture, command = parts
        self.name, *marks = name.split()
        if marks not in ([], ["unordered"]):
            raise SystemExit(f"cases/{tool}.txt: {name}: the only mark is \"unordered\"")
        self.unordered = bool(marks)
        self.commands = [shlex.split(c) for c in command.split(";;")]
        self.path = HERE / "expect" / tool / self.name
        self.label = f"{tool}/{self.name}"


    def calls(self, root):
        """What the fake kernel was asked for."""
        log = root / "fake" / "log"
        text = log.read_text() if log.exists() else ""
        return section("calls", in_any_order(text) if self.unordered else text)

    def printed(self, words, text):
        """The section of what a command of the case printed."""
        fixed = "--json" in words or words[0] == "kmodctl"
        return section("out", in_any_order(text) if self.unordered and not fixed else text)


def sorted_users(text):
    """lsmod's "Used by", whose order is that of loading; the library's is that of a directory, which is anyone's."""
    return re.sub(r"(?m)^(\S+ +\d+  \S+ )(\S+,\S+)$", lambda m: m[1] + ",".join(sorted(m[2].split(","))), text)


def in_any_order(text):
    return "".join(sorted(sorted_users(text).splitlines(True)))


def read_cases(pattern):
    for table in sorted((HERE / "cases").glob("*.txt")):
        seen = set()
        for line in table.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            case = Case(table.stem, line)
            if case.name in seen:
                raise SystemExit(f"{table}: {case.name} is there twice")
            seen.add(case.name)
            if re.search(pattern, case.label):
                yield case


def section(name, text):
    if not text:
        return ""
    return f"--- {name}\n{text}" + ("" if text.endswith("\n") else "\n\\ no newline\n")


def printable(raw):
    """Foreign bytes and NUL stay visible, and the file stays text."""
    text = raw.decode("utf-8", "backslashreplace")
    return text.replace("\0", "\\0\n").replace("\r", "\\r")


def unescape(text):
    def one(m):
        return bytes([int(m[1], 16)]) if m[1] else ESCAPES.get(m[2], m[2]).encode()

    out, at = b"", 0
    for m in re.finditer(r"\\(?:x([0-9a-fA-F]{2})|(.))", text):
        out += text[at:m.start()].encode() + one(m)
        at = m.end()
    return out + text[at:].encode()


def blocks(path):
    """(words, indented lines) of a fixture file."""
    block = None
    for line in path.read_text().split("\n"):
        if line.startswith("\t") and block:
            block[1].append(line[1:])
        elif line.strip() and not line.startswith("#"):
            if block:
                yield block
            block = (shlex.split(line), [])
    if block:
        yield block


def copy_entry(source, target):
    if stat.S_ISFIFO(os.stat(source).st_mode):
        os.mkfifo(target)
    else:
        shutil.copy2(source, target)


def add_tools(parser):
    """The options that name the programs which a Fixtures and its commands need."""
    for name in ("runtool", "mkko", "mkindex"):
        parser.add_argument("--" + name, type=lambda path: str(pathlib.Path(path).resolve()), required=True)


class Fixtures:
    """Builds each combination once; a case gets a copy."""

    def __init__(self, runner, mkko, mkindex, where):
        self.runner, self.mkko, self.mkindex, self.where, self.built = runner, mkko, mkindex, where, {}

    def build(self, name):
        root = self.built[name] = self.where / name
        root.mkdir()
        for part in name.split("+"):
            self.apply(part, root)

    def copy(self, name, to):
        shutil.copytree(self.built[name], to, symlinks=True, copy_function=copy_entry)

    def apply(self, part, root):
        self.apply_file(HERE / "fixtures" / f"{part}.fix", root)

    def apply_file(self, path, root):
        for words, lines in blocks(path):
            getattr(self, "do_" + words[0])(root, lines, *words[1:])

    def do_include(self, root, _, name):
        self.apply(name, root)

    def do_file(self, root, lines, path):
        self.write(root, path, unescape("".join(line + "\n" for line in lines)))

    def do_raw(self, root, lines, path):
        self.write(root, path, unescape("".join(lines)))

    def do_ko(self, root, lines, path):
        recipe = self.where / "recipe"
        recipe.write_text("".join(line + "\n" for line in lines))
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([self.mkko, recipe, target], check=True)

    def do_index(self, root, _, path):
        subprocess.run([self.mkindex, root / path.lstrip("/")], check=True)

    def do_dir(self, root, _, path):
        (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def do_link(self, root, _, path, target):
        link = root / path.lstrip("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    def do_fifo(self, root, _, path):
        """Nobody ever writes to it; takes the place of a file."""
        fifo = root / path.lstrip("/")
        fifo.parent.mkdir(parents=True, exist_ok=True)
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)

    def do_mode(self, root, _, path, mode):
        (root / path.lstrip("/")).chmod(int(mode, 8))

    def do_time(self, root, _, path, seconds):
        os.utime(root / path.lstrip("/"), (int(seconds), int(seconds)))

    def do_remove(self, root, _, path):
        target = root / path.lstrip("/")
        shutil.rmtree(target) if target.is_dir() and not target.is_symlink() else target.unlink()

    def do_run(self, root, _, *command):
        subprocess.run([*self.runner, root, *command], check=True, cwd=root)

    @staticmethod
    def write(root, path, content):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
