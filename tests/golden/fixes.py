# SPDX-License-Identifier: MIT
"""Carries out the commands of fixes on a root that is not /, and judges those that cannot be carried out there."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from need import need  # noqa: E402

CLIENT_CANNOT = 77

# What runs below the root by itself.
OURS = {"depmod", "modprobe", "insmod", "kmodctl"}
# What changes files, whose paths get the root in front.
FILES = {"sed", "mv", "xz", "sh"}
# What a directory cannot show, by the first word: only the form is judged, and that the files it names are there.
FORM_ONLY = {
    "apt-get": "needs a distribution's packages",
    "dnf": "needs a distribution's packages",
    "yum": "needs a distribution's packages",
    "zypper": "needs a distribution's packages",
    "pacman": "needs a distribution's packages",
    "grubby": "needs Fedora's boot loader",
    "reboot": "needs another boot",
    "systemctl": "needs another boot",
    "sudo": "needs another user",
    "update-initramfs": "needs a distribution's initramfs",
    "dracut": "needs a distribution's initramfs",
    "mkinitcpio": "needs a distribution's initramfs",
    "mount": "needs the kernel",
    "dkms": "needs the sources of the module",
    "tail": "shows a log, and changes nothing",
}
# The same by the first two words.
ALSO_FORM_ONLY = {
    ("kmodctl", "mok"): "needs a confirmation on the screen of MokManager",
    ("kmodctl", "why"): "asks again, about the right name",
    ("kmodctl", "trust"): "examines, and changes nothing",
}
PLACEHOLDER = re.compile(r"\b(CERTIFICATE|FILE|KEY|MODULE|NAME|PATH|RELEASE|VERSION)\b")
DIRECTORY = re.compile(r"(?<![\w./])/(?=(?:boot|etc|lib|mnt|proc|run|sys|usr|var)/)")


# A command of a shell may run depmod, on the root that is its working directory.
DEPMOD = """#!/bin/sh
exec {runtool} "$PWD" depmod "$@"
"""


# Of the machine's own programs a command gets these only: what makes a boot loader's file must not run here.
PROGRAMS = ("mv", "sed", "sh", "xz")
# What update-grub(8) and the next boot come to.
UPDATE_GRUB = """#!/bin/sh
sed -n 's/^GRUB_CMDLINE_LINUX="\\(.*\\)"$/\\1/p' etc/default/grub >proc/cmdline
"""


def make_path(where, runtool):
    """a directory for PATH"""
    need("xz")
    where.mkdir()
    for name in PROGRAMS:
        (where / name).symlink_to(shutil.which(name))
    (where / "update-grub").write_text(UPDATE_GRUB)
    (where / "depmod").write_text(DEPMOD.format(runtool=shlex.quote(str(pathlib.Path(runtool).resolve()))))
    for name in ("update-grub", "depmod"):
        (where / name).chmod(0o755)
    return str(where)


class Asker:
    def __init__(self, runtool, where):
        self.runtool, self.path = str(runtool), make_path(where, runtool)

    def run(self, root, words):
        return subprocess.run([self.runtool, root, *words], cwd=root, stdin=subprocess.DEVNULL, capture_output=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}, timeout=120)

    def why(self, root, words):
        """the answer of a `kmodctl why`; None: this build has none"""
        words = [w for w in words if w != "--json"]
        done = self.run(root, words[:2] + ["--json"] + words[2:])
        return None if done.returncode == CLIENT_CANNOT else json.loads(done.stdout)


def findings(answer):
    if "error" in answer:
        return []
    return [f for m in answer["modules"] for f in m["findings"]] + answer["not_found"]


def key_of(finding):
    """what makes it the same finding, whatever the number of its line is now"""
    return finding["code"], finding["file"], re.sub(r"\d+", "N", finding["text"])


def why_not_here(argv):
    return FORM_ONLY.get(argv[0]) or ALSO_FORM_ONLY.get(tuple(argv[:2]))


def problem_of_form(root, argv):
    """None, or what is wrong with a command that cannot be carried out here"""
    if not all(isinstance(w, str) for w in argv) or PLACEHOLDER.search(" ".join(argv)):
        return "a word stands for something instead of naming it"
    for word in argv[1:]:
        path = word.rstrip("*")
        if path.startswith("/") and "firmware" not in path and not (root / path.lstrip("/")).exists():
            return f"{word} does not exist"
    return None


def below(root, word):
    return DIRECTORY.sub(lambda m: f"{root}/", word)


def kernel_acts(root):
    """what the kernel would do about what was written to a driver's files"""
    for unbind in root.glob("sys/bus/*/drivers/*/unbind"):
        device = unbind.parents[2] / "devices" / unbind.read_text().strip()
        (device / "driver").unlink()
        unbind.unlink()


def next_boot(root):
    """what the boot loader of a small board reads, and settings that nothing makes any more"""
    line = root / "boot/firmware/cmdline.txt"
    if line.exists():
        (root / "proc/cmdline").write_text(line.read_text())
    disabled = root / "proc/sys/kernel/modules_disabled"
    if disabled.exists() and not any("modules_disabled" in f.read_text() for f in root.glob("etc/sysctl.d/*")):
        disabled.write_text("0\n")


def carry_out(asker, root, argv):
    """None, or what went wrong"""
    if argv[0] in OURS:
        done = asker.run(root, argv)
    elif argv[0] in FILES:
        (root / "etc/modprobe.d").mkdir(parents=True, exist_ok=True)
        done = subprocess.run([argv[0], *(below(root, w) for w in argv[1:])], cwd=root, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, env={"PATH": asker.path, "LC_ALL": "C.UTF-8"})
    else:
        return f"{argv[0]} is not known here: carry it out, or list it as one that cannot be"
    if done.returncode:
        return f"status {done.returncode}: {shlex.join(argv)}: {done.stderr.decode(errors='replace').strip()}"
    kernel_acts(root)
    next_boot(root)
    return None
