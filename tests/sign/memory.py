#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a command leaves in its memory when it ends. usage: memory.py BUILD

Each command is traced (ptrace(2)) and stopped as it exits, its memory still in place. Neither the passphrase nor the
password nor the private key may be found in it, whether the command succeeded or failed; and the process must not be
dumpable (core dumps by a piped core_pattern, other processes of its user). Needs root, otherwise status 77 (skipped).
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
from cases import Fixtures  # noqa: E402

SKIP = 77
TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
TRACE_EXEC, TRACE_EXIT, EXIT_KILL = 0x10, 0x40, 0x100000
EVENT_EXIT = 6
OTHER_USER = 65534
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p


def ptrace(request, pid, data=0):
    if LIBC.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def start(command, stdin, uid):
    pid = os.fork()
    if pid == 0:
        os.dup2(stdin, 0)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 2)
        os.environ.pop("KBUILD_SIGN_PIN", None)
        if uid:
            os.setgid(uid)
            os.setuid(uid)
        LIBC.ptrace(TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execv(command[0], command)
    os.waitpid(pid, 0)
    ptrace(SETOPTIONS, pid, TRACE_EXEC | TRACE_EXIT | EXIT_KILL)
    ptrace(CONT, pid)
    return pid


def run_to_exit(pid):
    while True:
        _, status = os.waitpid(pid, 0)
        assert os.WIFSTOPPED(status), "it ended without a stop"
        if status >> 8 == signal.SIGTRAP | EVENT_EXIT << 8:
            return
        sig = os.WSTOPSIG(status)
        ptrace(CONT, pid, 0 if sig == signal.SIGTRAP else sig)


def memory(pid):
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            where, rights = line.split()[:2]
            first, last = (int(n, 16) for n in where.split("-"))
            if "w" in rights:
                mem.seek(first)
                yield line.split()[-1], mem.read(last - first)


class Ended:
    """A command at its end: the secrets that it still holds."""

    def __init__(self, command, secrets, stdin=b"", uid=0):
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            pid = start([str(word) for word in command], given.fileno(), uid)
        run_to_exit(pid)
        regions = list(memory(pid))
        self.found = [f"{name} in {where}" for where, bytes_ in regions for name, secret in secrets.items() if secret in bytes_]
        self.owner = os.stat(f"/proc/{pid}/maps").st_uid
        ptrace(CONT, pid)
        self.status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Bench:
    def __init__(self, build, where):
        self.build, self.where, self.failed = build, where, 0
        self.kmodctl, self.sign_file, self.mokutil = build / "src/kmodctl", where / "sign-file", where / "mokutil"
        self.sign_file.symlink_to(self.kmodctl)
        self.mokutil.symlink_to(self.kmodctl)
        self.secrets = {}

    def check(self, name, command, status, **options):
        ended = Ended(command, self.secrets, **options)
        problems = list(ended.found)
        if ended.status != status:
            problems.append(f"status {ended.status}: {pathlib.Path('stderr').read_text(errors='replace')[:300]}")
        if options.get("uid") and ended.owner != 0:
            problems.append("it is dumpable")
        self.failed += bool(problems)
        print(f"not ok - {name}: {'; '.join(problems)}" if problems else f"ok - {name}")


def key_secrets(path, phrase):
    """Pieces of the private numbers, as bytes and as libcrypto's words, lowest first."""
    text = subprocess.run(["openssl", "pkey", "-in", path, "-passin", f"pass:{phrase}", "-noout", "-text"], check=True, capture_output=True, text=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith(" ") and name:
            found[name] += line.strip().replace(":", "")
        else:
            name = line.split(":")[0] if line.startswith(("priv", "prime1", "prime2")) else None
            found.update({name: ""} if name else {})
    numbers = {name: bytes.fromhex(digits).lstrip(b"\0") for name, digits in found.items()}
    assert numbers and all(len(n) >= 24 for n in numbers.values())
    secrets = {f"{name} (bytes)": n[:16] for name, n in numbers.items()}
    secrets.update({f"{name} (words)": n[:16][::-1] for name, n in numbers.items()})
    return secrets


PHRASE = "correct horse battery staple"
PASSWORD = "mok-pass-1234"


def signing(b, kind):
    key, phrase = b.where / kind, b.where / "phrase"
    phrase.write_text(PHRASE + "\n")
    (b.where / "wrong").write_text("incorrect mule\n")
    shutil.copy(b.build / "tests/sign/module.ko", b.where / "m.ko")
    b.secrets = {"the passphrase": PHRASE.encode()}
    b.check(f"{kind}: key generate", [b.kmodctl, "key", "generate", "--type", kind, "--passphrase-file", phrase, "-o", key], 0)
    b.secrets.update(key_secrets(f"{key}.priv", PHRASE))
    used = "--key", f"{key}.priv", "--cert", f"{key}.der"
    b.check(f"{kind}: key generate, the file exists", [b.kmodctl, "key", "generate", "--type", kind, "--passphrase-file", phrase, "-o", key], 1)
    b.check(f"{kind}: sign", [b.kmodctl, "sign", *used, "--passphrase-file", phrase, b.where / "m.ko"], 0)
    b.check(f"{kind}: sign, no module", [b.kmodctl, "sign", *used, "--passphrase-file", phrase, phrase], 1)
    b.check(f"{kind}: sign, unknown hash", [b.kmodctl, "sign", *used, "--hash", "nosuch", "--passphrase-file", phrase, b.where / "m.ko"], 2)
    b.check(f"{kind}: key export", [b.kmodctl, "key", "export", "--auth", b.where / "auth", "--kek-key", f"{key}.priv", "--kek-cert", f"{key}.der",
                                    "--passphrase-file", phrase, f"{key}.der"], 0)
    b.secrets["the passphrase"] = b"incorrect mule"
    b.check(f"{kind}: sign, wrong passphrase", [b.kmodctl, "sign", *used, "--passphrase-file", b.where / "wrong", b.where / "m.ko"], 1)
    subprocess.run(["openssl", "pkey", "-in", f"{key}.priv", "-passin", f"pass:{PHRASE}", "-out", f"{key}.open"], check=True)
    b.check(f"{kind}: sign-file", [b.sign_file, "sha256", f"{key}.open", f"{key}.der", b.where / "m.ko"], 0)


def requests(b):
    lib = b.build / "tests/lib"
    (b.where / "fixtures").mkdir()
    fixtures = Fixtures([str(lib / "runtool")], str(lib / "mkko"), str(lib / "mkindex"), b.where / "fixtures")
    fixtures.build("trust-secure")
    root = b.where / "root"
    fixtures.copy("trust-secure", root)
    b.secrets = {"the password": PASSWORD.encode()}
    typed = (PASSWORD + "\n").encode()
    view = lib / "viewrun", root
    der = b.where / "p256.der"
    b.check("mok import, the passwords differ", [*view, b.kmodctl, "mok", "import", "--yes", der], 1, stdin=typed + b"other-pass\n" * 3)
    b.check("mok import", [*view, b.kmodctl, "mok", "import", "--yes", der], 0, stdin=typed * 2)
    b.check("mok reset", [*view, b.kmodctl, "mok", "reset", "--yes"], 0, stdin=typed * 2)
    b.check("mok untrust", [*view, b.kmodctl, "mok", "untrust", "--yes"], 0, stdin=typed * 2)
    b.check("mokutil --import", [*view, b.mokutil, "--import", der], 0, stdin=typed * 2)
    b.check("mokutil --disable-validation", [*view, b.mokutil, "--disable-validation"], 0, stdin=typed * 2)


def token(b):
    """A PIN in the URI, with a token and without. The PIN is not even left in the list of arguments."""
    b.secrets = {"the PIN": b"geheime-nummer"}
    command = [b.kmodctl, "sign", "--key", "pkcs11:object=one;pin-value=geheime-nummer", "--cert", b.where / "p256.der", b.where / "m.ko"]
    b.check("a PIN in the URI, no token", command, 1)
    os.environ["OPENSSL_MODULES"] = str(b.build / "tests/sign")
    b.check("a PIN in the URI, a token that refuses it", command, 1)
    said = pathlib.Path("stderr").read_text(encoding="utf-8")
    assert "PIN on the command line" in said and "geheim" not in said, said
    # what the token's software writes is a part of our message
    assert all(line.startswith("kmodctl sign: ") for line in said.splitlines()), said
    assert "(the token's software: Unable to load module FAKE_TOKEN_KEY; No key.)" in said, said
    del os.environ["OPENSSL_MODULES"]


def control():
    """The search itself works: what stands in the argument list is found."""
    assert Ended(["/bin/true", PASSWORD], {"it": PASSWORD.encode()}).found


def undumpable(b):
    """As another user, whose /proc/PID belongs to root when the process is not dumpable."""
    b.secrets = {}
    for command in ["sign"], ["key", "show"], ["mok"]:
        b.check(f"not dumpable: {' '.join(command)}", [b.kmodctl, *command], 2, uid=OTHER_USER)
    b.check("not dumpable: sign-file", [b.sign_file], 2, uid=OTHER_USER)
    b.check("not dumpable: mokutil", [b.mokutil, "--nosuch"], 0, uid=OTHER_USER)


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIP
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="kmodctl-memory-") as tmp:
        os.chmod(tmp, 0o755)
        os.chdir(tmp)
        bench = Bench(build, pathlib.Path(tmp))
        control()
        signing(bench, "rsa2048")
        signing(bench, "p256")
        token(bench)
        requests(bench)
        undumpable(bench)
    return bench.failed != 0


sys.exit(main())
