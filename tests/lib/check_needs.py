#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every word that a test or script gives to need() is installed by the package that scripts/bootstrap names for it.

dpkg is asked what the package holds; where there is no dpkg, and of suites that `make check` does not install, only that
the lists know the word. Then a PATH without any of them: the message must name the program, the suite and the package.
"""
import ast
import fnmatch
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BOOTSTRAP = TOP / "scripts/bootstrap"
PROGRAM_DIRECTORIES = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")


def sources():
    for top in "tests", "scripts":
        for path in sorted((TOP / top).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix not in (".c", ".h", ".pyc") and "seeds" not in path.parts:
                yield path, path.read_bytes().decode("utf-8", "replace")


def constants_of(tree):
    """Names that stand for a text or a tuple of texts at the top of a file, as far as they are written out there."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return found


def python_words(text):
    tree = ast.parse(text)
    constants = constants_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("need", "find_program"):
            for argument in node.args:
                argument = getattr(argument, "value", argument) if isinstance(argument, ast.Starred) else argument
                if isinstance(argument, ast.Constant):
                    yield argument.value
                elif isinstance(argument, ast.Name) and len(constants.get(argument.id, [])) == 1:
                    yield constants[argument.id][0]
    yield from constants.get("NEEDS", [])  # which others hand on


def shell_words(text):
    for line in text.replace("\\\n", " ").splitlines():
        command = re.match(r"[^#]*bootstrap\"? --need ([^|]*)", line)
        yield from (word for word in shlex.split(command[1]) if "$" not in word) if command else ()


def meson_words(text):
    for arguments in re.findall(r"'--need', ([^\])]*)", text):
        yield from re.findall(r"'([^']+)'", arguments)


def case_words(text):
    """Of a case for the VM: programs and file systems of its machine."""
    yield from re.findall(r"=program:(\S+)", text)
    yield from (f"mkfs.{kind}" for kind in re.findall(r"=image:(\S+)", text))


def words():
    found = {}
    for path, text in sources():
        is_python = path.suffix == ".py" or text.startswith(("#!/usr/bin/env python3", "#!/usr/bin/python3"))
        kinds = [python_words] if is_python else [meson_words] if path.name == "meson.build" else [shell_words, case_words]
        for word in (word for kind in kinds for word in kind(text)):
            found.setdefault(word, path.relative_to(TOP))
    return found


def which(word):
    """(suite, package), or None after a message."""
    done = subprocess.run([BOOTSTRAP, "--which", word], capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else print(done.stderr.rstrip()) and None


def installed_suites():
    """Those of bootstrap without arguments."""
    return re.search("^default='(.*)'$", BOOTSTRAP.read_text(), re.M)[1].split()


def files_of(package):
    done = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else None


def holds(files, word):
    """/lib may be a link to /usr/lib, and a package has its files in either."""
    if "/" in word:
        return any(fnmatch.fnmatchcase(os.path.join("/usr", path.removeprefix("/usr").lstrip("/")), word) for path in files)
    if re.match(r"lib.*\.so\.", word):
        return any(os.path.basename(path) == word for path in files)
    return any(f"{directory}/{word}" in files for directory in PROGRAM_DIRECTORIES)


def check_word(word, where):
    known = which(word)
    if not known:
        return f"{where}: {word} is in no list of scripts/bootstrap"
    suite, package = known
    if not shutil.which("dpkg"):
        return None
    files = files_of(package)
    if files is None:
        return suite in installed_suites() and f"{package} is not installed: scripts/bootstrap {suite} installs it ({where} needs {word})"
    return None if holds(files, word) else f"{where}: {word} is not in package {package}"


def check_message():
    """jq is in a list by its own name, qemu by another; bash is all that there is."""
    with tempfile.TemporaryDirectory() as empty:
        os.symlink(shutil.which("bash"), f"{empty}/bash")
        done = subprocess.run([f"{empty}/bash", BOOTSTRAP, "--need", "jq", "qemu-system-x86_64"], env={"PATH": empty},
                              capture_output=True, text=True)
    want = ("jq is not installed: scripts/bootstrap unit installs it (package jq)\n"
            "qemu-system-x86_64 is not installed: scripts/bootstrap vm installs it (package qemu-system-x86)\n")
    return None if (done.returncode, done.stderr) == (1, want) else f"status {done.returncode}, said {done.stderr}"


def main():
    found = words()
    problems = [problem for word, where in sorted(found.items()) if (problem := check_word(word, where))]
    message = check_message()
    problems += [message] if message else []
    print("\n".join(problems) if problems else f"{len(found)} words: {' '.join(sorted(found))}")
    return 1 if problems or len(found) < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
