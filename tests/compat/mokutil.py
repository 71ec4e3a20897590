#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our mokutil beside Debian's: the same commands on two equal directories that stand for efivarfs.

After every command standard output, standard error, exit status and all variables must be equal; password records
are compared by checking the password with crypt(3). What differs on purpose is marked where it is expected, with
the row of docs/compat.md: "differs" from every version, "new" from 0.6 alone. Ours behaves like 0.7.2, that of
Debian 13 (tests/compat/run.py --against 34 mokutil); beside Debian 12's 0.6 what 0.7 words differently is translated.
usage: mokutil.py RUNTOOL VIEWRUN
"""
import ctypes
import difflib
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from need import need  # noqa: E402

SHIM = "605dab50-e046-4300-abb6-3dd810dd8b23"
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
SECURITY = "d719b2cb-3d3a-4596-a3bc-dad00e67656f"
OWNER = bytes.fromhex("50ab5d6046e00043abb63dd810dd8b23")
X509 = bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072")
SHA256 = bytes.fromhex("2616c4c14c509240aca941f936934328")
RECORDS = {"MokAuth", "MokDelAuth", "MokXAuth", "MokXDelAuth", "MokPW"}
SWITCHES = {"MokSB", "MokDB", "MokListTrustedNew"}
PASSWORD = "labpass12"
TWICE = f"{PASSWORD}\n{PASSWORD}\n"
DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# Of kernels without key rings for modules; the fake machine is one.
NO_KEYRING = re.compile(r"^Failed to access+ kernel trusted keyring: .*\n", re.M)

need("mokutil", "openssl", "libcrypt.so.1")
libcrypt = ctypes.CDLL("libcrypt.so.1")
libcrypt.crypt.restype = ctypes.c_char_p


VERSION = subprocess.run(["mokutil", "--version"], capture_output=True, text=True,  # 0.6 does not tell without EFI
                         env={**os.environ, "EFIVARFS_PATH": f"{tempfile.gettempdir()}/"}).stdout.strip()
OLD = VERSION.startswith("0.6")
ROWS = (pathlib.Path(__file__).resolve().parents[2] / "docs/compat.md").read_text()
# What 0.7 words differently; its lists have lines with their owner, too.
REWORDED = ((re.compile(r"^  \[SHA-?(\d+)\]$", re.M), r"  [sha\1]"), (re.compile(r"is blocked in MokListXRT$", re.M), "is blocked in MokListX"))
OWNER_LINE = re.compile(r"^Owner: .*\n", re.M)


def crypt(password, setting):
    return libcrypt.crypt(password.encode(), setting.encode()).decode()


def sig_list(kind, *entries):
    body = b"".join(OWNER + e for e in entries)
    return kind + struct.pack("<III", 28 + len(body), 0, 16 + len(entries[0])) + body


class Keys:
    """Certificates, made once."""

    def __init__(self, top):
        self.top = top
        for name, subject in (("one", "/O=Org/CN=Key one"), ("two", "/CN=Key two"), ("ca", "/CN=Test CA"), ("org", "/C=DE/O=A, \"b\"/OU=é"),
                              ("marks", "/CN= ä, \"b\"+\t;#/O=Org/CN=second")):
            self.openssl("req", "-utf8", "-x509", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", subject, "-days", "3650",
                         "-keyout", f"{name}.key", "-outform", "DER", "-out", f"{name}.der")
        self.openssl("x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem")
        self.openssl("x509", "-inform", "DER", "-in", "one.der", "-out", "one.pem")
        (self.top / "both.der").write_bytes(self.der("one") + self.der("two"))
        (top / "ext").write_text("subjectKeyIdentifier=hash\n")
        self.openssl("req", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=Leaf", "-keyout", "leaf.key", "-out", "leaf.csr")
        self.openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "300",
                     "-extfile", "ext", "-outform", "DER", "-out", "leaf.der")

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.top, check=True, stderr=subprocess.DEVNULL)

    def der(self, name):
        return (self.top / f"{name}.der").read_bytes()


class Side:
    """One tool on its own variables."""

    def __init__(self, directory, argv, env):
        self.dir, self.argv, self.env = directory, argv, env

    def put(self, name, guid, data, attributes=7):
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / f"{name}-{guid}").write_bytes(struct.pack("<I", attributes) + data)

    def run(self, args, stdin, cwd):
        r = subprocess.run([*self.argv, *args], input=stdin, capture_output=True, text=True, cwd=cwd,
                           env={**os.environ, **self.env, "LC_ALL": "C"})
        # Prompts and messages go to two streams whose order differs with buffering; each is compared by itself.
        return r.returncode, r.stdout, NO_KEYRING.sub("", r.stderr)

    def settle(self, before, other):
        """
        efivarfs replaces a variable as a whole; a plain file that is overwritten keeps its old end. Cuts that end off
        where the other side's value is shorter and what lies behind it is untouched.
        """
        for name, data in self.variables().items():
            n = len(other.get(name, data))
            if n < len(data) == len(before.get(name, b"")) and data[n:] == before[name][n:]:
                path = next(self.dir.glob(f"{name}-*"))
                path.write_bytes(data[:n])

    def variables(self):
        if not self.dir.is_dir():
            return {}
        return {p.name.split("-", 1)[0]: p.read_bytes() for p in sorted(self.dir.iterdir())}


def normal_record(data, password):
    """A record with what chance decides taken out, once the password is shown to be the one in it."""
    if len(data) != 4 + 172 or not any(data[4:]):
        return data
    method, rounds, salt_len = struct.unpack_from("<HQH", data, 4)
    salt = data[16:16 + salt_len].decode()
    prefix = f"${method + 2}$" + (f"rounds={rounds}$" if rounds != 5000 else "") + salt
    text = crypt(password, prefix).rsplit("$", 1)[1]
    bits = sum(DIGITS.index(c) << 6 * i for i, c in enumerate(text[:4]))
    first = data[48 + (0 if method in (3, 4) else 0)]
    if first != (bits >> 16) & 255:
        raise AssertionError("the record does not hold the password")
    return data[:4] + struct.pack("<HQ", method, rounds) + b"salt and hash" + bytes(len(data[112:]))


def normal(variables, password):
    out = {}
    for name, data in variables.items():
        if name in RECORDS:
            data = normal_record(data, password)
        elif name in SWITCHES:
            length = struct.unpack_from("<I", data, 8)[0]
            data = data[:12 + 2 * length]    # mokutil leaves what was on its stack behind the password
        out[name] = data
    return out


def modern(text):
    """What 0.6 wrote, as 0.7 words it."""
    for pattern, words in REWORDED:
        text = pattern.sub(words, text)
    return text


def without_typos(text):
    """0.7's usage text without the mistakes that ours does not have."""
    return text.replace("Supplimentary Options:", "Supplementary Options:").replace("--delete, -D <der", "--delete, -d <der")


def normal_text(text, args):
    lines = text.splitlines()
    if any(a.startswith(("--generate-hash", "-g")) for a in args):
        lines = ["a hash" if l.startswith("$6$") and crypt(PASSWORD, l) == l else l for l in lines]
    return lines


class Compare:
    def __init__(self, runtool, viewrun, work):
        self.work, self.runtool, self.viewrun = work, runtool, viewrun
        self.machine = work / "machine"  # what Debian's sees beside the variables
        (self.machine / "proc").mkdir(parents=True)
        (self.machine / "proc/keys").write_text("")
        self.keys_dir = work / "keys"
        self.keys_dir.mkdir()
        self.keys = Keys(self.keys_dir)
        (self.keys_dir / "junk").write_text("no certificate\n")
        for text, name in ((crypt(PASSWORD, "$6$saltsalt"), "sha512"), (crypt(PASSWORD, "$5$rounds=7000$saltsalt"), "sha256"),
                           (crypt(PASSWORD, "$1$saltsalt"), "md5"), (crypt(PASSWORD, "$y$j9T$abcdefgh"), "yescrypt")):
            (self.keys_dir / f"{name}.hash").write_text(text + "\n")
        self.good = self.bad = self.differs = 0
        self.options = set()
        self.title = ""

    def start(self, title, *variables, secure_boot=True, efi=True):
        self.title = title
        theirs, ours = self.work / "theirs", self.work / "ours"
        for d in (theirs, ours):
            shutil.rmtree(d, ignore_errors=True)
        efivars = ours / "sys/firmware/efi/efivars"
        where = f"{theirs}/" if efi else f"{theirs}/missing/"
        self.theirs = Side(theirs, [self.viewrun, self.machine, "mokutil"], {"EFIVARFS_PATH": where})
        self.ours = Side(efivars, [self.runtool, str(ours), "mokutil"], {})
        for side in (self.theirs, self.ours) if efi else ():
            side.put("SecureBoot", GLOBAL, bytes([secure_boot]), 6)
            side.put("SetupMode", GLOBAL, bytes([not secure_boot]), 6)
            for name, guid, data in variables:
                side.put(name, guid, data)

    def check(self, *args, stdin="", differs=None, new=False):
        """
        One command on both sides. differs: a row of docs/compat.md; then the two must not agree. new: nor with 0.6.
        """
        if new and OLD:
            differs = "new in 0.7"
        if differs and differs not in ROWS:
            raise ValueError(f"docs/compat.md has no row '{differs}'")
        outs = [d / "cwd" for d in (self.work / "a", self.work / "b")]
        for d in outs:
            shutil.rmtree(d, ignore_errors=True)
            shutil.copytree(self.keys_dir, d)
        got, before = [], self.theirs.variables()
        for side, cwd in zip((self.theirs, self.ours), outs):
            rc, out, err = side.run(args, stdin, cwd)
            if side is self.theirs:
                out = modern(out) if OLD else without_typos(out)
            elif OLD:
                out = OWNER_LINE.sub("", out)
            files = sorted(p.name for p in cwd.iterdir() if p.name.startswith("MOK"))
            content = [(cwd / f).read_bytes() for f in files]
            got.append({"status": rc, "stdout": normal_text(out, args), "stderr": normal_text(err, args),
                        "files": files, "content": content})
        if any(l.startswith("Removed") for l in got[0]["stdout"]):
            self.theirs.settle(before, self.ours.variables())
        for g, side in zip(got, (self.theirs, self.ours)):
            g["variables"] = normal(side.variables(), PASSWORD)
        self.options |= {a.split("=")[0] for a in args if a.startswith("-") and not a.lstrip("-").isdigit()}
        if (got[0] == got[1]) == (differs is None):
            self.good += 1
            self.differs += differs is not None
            return
        self.bad += 1
        print(f"not ok: {self.title}: mokutil {' '.join(args)}" + (f" (should differ: {differs})" if differs else ""))
        for key in got[0]:
            self.explain(key, got[0][key], got[1][key])

    @staticmethod
    def explain(key, theirs, ours):
        if theirs == ours:
            return
        if isinstance(theirs, dict):
            for name in sorted(theirs.keys() | ours.keys()):
                Compare.explain(f"{key} {name}", theirs.get(name), ours.get(name))
            return
        if isinstance(theirs, list) and isinstance(ours, list):
            print("".join(f"   {key}: {line}\n" for line in difflib.ndiff(theirs, ours) if line[0] in "+-"), end="")
            return
        for who, value in (("theirs", theirs), ("ours  ", ours)):
            print(f"   {key}: {who} {f'{len(value)} bytes, ' if isinstance(value, bytes) else ''}{str(value)[:300]}")


def cases(c):
    k = c.keys
    one, two, ca = (sig_list(X509, k.der(n)) for n in ("one", "two", "ca"))
    hashes = sig_list(SHA256, b"\x11" * 32, b"\x22" * 32)
    h = {n: n * 64 for n in "12345"}
    enrolled = ("MokListRT", SHIM, one + hashes)

    c.start("nothing enrolled")
    for a in ("--list-enrolled", "-l", "--list-new", "-N", "--list-delete", "-D", "--pk", "--kek", "--db", "--dbx", "--sb-state",
              "--export", "-x", "--list-sbat-revocations", "--revoke-import", "--revoke-delete", "-X", "--mokx"):
        c.check(a)
    for a in ("--list-enrolled", "--list-new", "--list-delete", "--export", "--revoke-import", "--revoke-delete"):
        c.check(a, "--mokx")
    c.check("-t", "one.der")
    c.check("--test-key", "one.der", "--mokx")

    c.start("states", secure_boot=False)
    c.check("--sb-state")
    c.start("states: validation off", ("MokSBStateRT", SHIM, b"\1"))
    c.check("--sb-state")
    c.start("sbat", ("SbatLevelRT", SHIM, b"sbat,1,2021030218\nshim,4\n"))
    c.check("--list-sbat-revocations")

    c.start("firmware lists", *((n, g, one + two) for n, g in (("PK", GLOBAL), ("KEK", GLOBAL), ("db", SECURITY), ("dbx", SECURITY))))
    for a in ("--pk", "--kek", "--db", "--dbx"):
        c.check(a)

    c.start("enrolled", enrolled)
    for a in (["-l"], ["-l", "extra"], ["-x"], ["-x", "extra"], ["-t", "one.der"], ["-t", "two.der"], ["-t", "one.der", "two.der"],
              ["-t", "one.pem"], ["-t", "nosuch"], ["-t", "junk"], ["-l", "--root-pw"], ["--sb-state", "--ca-check"]):
        c.check(*a)

    c.start("import", enrolled)
    c.check("--import", "one.der", stdin=TWICE)
    c.check("--import", "two.der", "ca.der", stdin=TWICE)
    c.check("--import", "two.der", stdin=TWICE)
    c.check("-t", "two.der")
    c.check("-N")
    c.check("-i", "leaf.der", stdin=TWICE)
    c.check("-N")
    c.check("-d", "two.der", stdin=TWICE)
    c.check("-d", "ca.der", stdin=TWICE)
    c.check("-d", "leaf.der", stdin=TWICE)
    c.check("-i", "one.pem", stdin=TWICE)
    c.check("-i", "nosuch", stdin=TWICE)
    c.check("-i", "two.der", "nosuch", stdin=TWICE)
    c.check("-i", "junk", stdin=TWICE)
    c.check("-i", "two.der", "one.der", stdin=TWICE)
    c.check("--revoke-import")
    c.check("--revoke-import")

    c.start("import of one key twice in one command", enrolled)
    c.check("-i", "two.der", "two.der", stdin=TWICE, differs="the same key given twice")

    c.start("a file with several certificates", enrolled)
    for option in "--import", "--test-key":
        c.check(option, "both.der", stdin=TWICE, differs="a file with several certificates")

    c.start("passwords", enrolled)
    for text in (f"{PASSWORD}\nother\n{PASSWORD}\n", f"\n{TWICE}", "a\nb\nc\nd\n", "\n\n\n", "", "x" * 257 + "\n" + TWICE):
        c.check("-i", "two.der", stdin=text)
    for f in ("sha512", "sha256"):
        c.check("-i", "two.der", "--hash-file", f"{f}.hash")
        c.check("--revoke-import")
        c.check("--reset", "-f", f"{f}.hash")
        c.check("--revoke-import")
        c.check("--password", "--hash-file", f"{f}.hash")
    for f in ("md5", "yescrypt"):
        c.check("-i", "two.der", "--hash-file", f"{f}.hash", differs="message of a hash that MokManager cannot check")
    c.check("-i", "two.der", "--hash-file", "nosuch", differs="one message for a hash file that is missing")
    c.check("-i", "two.der", "--hash-file", "sha512.hash", "--root-pw", new=True)

    c.start("delete", enrolled)
    c.check("--delete", "two.der", stdin=TWICE)
    c.check("--delete", "one.der", stdin=TWICE)
    c.check("-d", "one.der", stdin=TWICE)
    c.check("-D")
    c.check("--list-delete")
    c.check("-t", "one.der")
    c.check("-i", "one.der", stdin=TWICE)
    c.check("-d", "one.der", stdin=TWICE)
    c.check("--revoke-delete")
    c.check("-d", "nosuch", stdin=TWICE)
    c.check("-d", "one.pem", stdin=TWICE)

    c.start("blocked list", ("MokListXRT", SHIM, one))
    for a in (["-t", "one.der"], ["-t", "one.der", "-X"], ["-l", "-X"], ["-x", "-X"]):
        c.check(*a)
    c.check("-i", "one.der", stdin=TWICE)
    c.check("-i", "one.der", "-X", stdin=TWICE)
    c.check("-i", "two.der", "-X", stdin=TWICE)
    c.check("-i", "two.der", "-X", stdin=TWICE)
    c.check("-N", "-X")
    c.check("-d", "two.der", "-X", stdin=TWICE)
    c.check("-d", "one.der", "-X", stdin=TWICE)
    c.check("-d", "one.der", "-X", stdin=TWICE)
    c.check("-d", "two.der", "-X", stdin=TWICE)
    c.check("-D", "-X")
    c.check("-i", "one.der", "-X", stdin=TWICE)
    c.check("--reset", "-X", stdin=TWICE)
    c.check("--revoke-import", "-X")

    c.start("order of the lists", ("db", SECURITY, one), ("dbx", SECURITY, one), ("MokListRT", SHIM, one), ("MokListXRT", SHIM, one))
    c.check("-t", "one.der")
    c.check("-t", "one.der", "-X")
    c.check("-i", "one.der", stdin=TWICE)
    c.start("order: request before dbx", ("MokNew", SHIM, one), ("dbx", SECURITY, one))
    c.check("-t", "one.der")
    c.start("order: dbx before the blocked list", ("MokListXRT", SHIM, one), ("dbx", SECURITY, one))
    c.check("-t", "one.der")
    c.check("-i", "one.der", stdin=TWICE)

    c.start("issuers", ("MokListRT", SHIM, ca), ("MokListXRT", SHIM, two))
    c.check("-t", "leaf.der")
    c.check("-t", "leaf.der", "--ca-check")
    c.check("-i", "leaf.der", "--ca-check", stdin=TWICE)
    c.check("-i", "leaf.der", stdin=TWICE)
    c.start("blocked issuer", ("dbx", SECURITY, ca))
    c.check("-t", "leaf.der", "--ca-check")
    c.check("-i", "leaf.der", "--ca-check", stdin=TWICE)

    c.start("hashes", enrolled)
    c.check("--import-hash", h["3"], stdin=TWICE)
    c.check("--import-hash", h["3"], stdin=TWICE)
    c.check("--import-hash", h["1"], stdin=TWICE)
    c.check("--delete-hash", h["1"], stdin=TWICE)
    c.check("--delete-hash", h["4"], stdin=TWICE)
    c.check("-N")
    c.check("-D")
    c.check("--import-hash", h["5"], "--mokx", stdin=TWICE)
    c.check("-N", "-X")
    c.check("--import-hash", "3" * 128, stdin=TWICE)
    c.check("-N")
    for bad in ("zz", "123", "33", "3" * 40):
        c.check("--import-hash", bad, differs="a hash of the wrong form gets a message")
    c.start("a second hash", ("MokNew", SHIM, sig_list(SHA256, b"\x33" * 32)), ("MokAuth", SHIM, bytes(172)))
    c.check("--import-hash", h["4"], stdin=TWICE, differs="owner of a merged hash")

    c.start("switches")
    for a in ("--disable-validation", "--enable-validation", "--ignore-db", "--use-db", "--trust-mok", "--untrust-mok"):
        c.check(a, stdin=TWICE)
        c.check(a, stdin="short\n" + TWICE)
        c.check(a, stdin="12345678901234567\n" * 3)
    c.check("--reset", stdin=TWICE)
    c.check("--revoke-import")
    c.check("--password", stdin=TWICE)
    c.check("-p", stdin="a\nb\nc\nd\n")
    c.check("--clear-password")
    c.check("-c")

    c.start("settings")
    for a in ("5", "0", "-1", "32767", "0"):
        c.check("--timeout", a)
    for a in ("abc", "0x7fff", "", "40000", "-2"):
        c.check("--timeout", a, differs="numbers of --timeout are checked")
        c.check("--timeout", "7")
    c.check("--timeout=-1")
    for o in ("--set-verbosity", "--set-fallback-verbosity", "--set-fallback-noreboot"):
        c.check(o, "true")
        c.check(o, "false")
        c.check(o, "false")
    for a in ("latest", "previous", "delete"):
        c.check("--set-sbat-policy", a)
    c.check("--generate-hash", stdin=TWICE)
    c.check("-g", stdin=TWICE)
    c.check(f"--generate-hash={PASSWORD}")
    c.check(f"-g{PASSWORD}")
    c.check("--generate-hash", stdin="")
    c.check("--generate-hash=")
    c.check("--version", new=True)
    c.check("-v", new=True)

    c.start("policies")
    for a in ("latest", "automatic", "previous", "delete"):
        c.check("--set-ssp-policy", a, new=True)
    c.check("--set-sbat-policy", "automatic", new=True)
    c.check("--set-ssp", "latest", new=True)

    c.start("damage", ("MokListRT", SHIM, b"garbage"))
    c.check("-l")
    unknown = b"\x99" * 16 + struct.pack("<III", 28 + 20, 0, 20) + OWNER + b"abcd"
    c.start("unknown type", ("MokListRT", SHIM, unknown + one))
    c.check("-l", differs="unknown signature types are shown")
    c.check("-l", "--short", differs="unknown signature types are shown")
    c.start("no certificate", ("MokListRT", SHIM, one + sig_list(X509, b"\x30\3abc") + two))
    c.check("-l")
    c.check("-l", "--short", new=True)
    c.check("-x")
    c.start("a list of no certificates before one", ("MokListRT", SHIM, hashes + one))
    c.check("-x")
    c.start("several certificates in a list", ("MokListRT", SHIM, sig_list(X509, k.der("one"), k.der("one"))))
    for a in (["-l"], ["-l", "--short"], ["-x"]):
        c.check(*a, differs="several certificates in one list")
    c.start("cut off", ("MokListRT", SHIM, one + hashes[:40]), ("db", SECURITY, one[:-3]))
    for a in (["-l"], ["-x"], ["--db"]):
        c.check(*a, differs="a list that is cut off")
    c.start("no entries", ("MokListRT", SHIM, one + SHA256 + struct.pack("<III", 28, 0, 48) + hashes))
    for a in (["-l"], ["-l", "--short"]):
        c.check(*a, differs="a list without entries")

    sbat = ("SbatLevelRT", SHIM, b"sbat,1,2021030218\n")
    c.start("options without help", ("MokListRT", SHIM, one), sbat)
    for a in (["--sbat"], ["--sba"], ["--sbat", "--mok"], ["-m", "-l"], ["--mok", "-l"], ["-l", "--mok"], ["--mok", "--sb-state"],
              ["-m", "--pk"], ["--mok", "--mokx"], ["--mok", "--mokx", "-l"]):
        c.check(*a)
    c.check("--mokx", "--mok", "-l", differs="--mokx and --mok together")
    for a in (["--mok"], ["-m"], ["--mokx", "--mok"], ["--mok", "--mokx"]):
        c.check(*a, "--import", "two.der", stdin=TWICE)
        c.check(*a, "--revoke-import")
    c.start("abbreviations", sbat)
    c.check("--list-s")
    c.check("--set-sb", "latest")
    for a in ("--sh", "--a"):
        c.check("-l", a, new=True)
    for a in (["--sb"], ["--s"], ["--set-s", "delete"]):
        c.check(*a, differs="abbreviations of options")
    for a in ("--re", "--revoke"):
        c.start("abbreviations that withdraw a request", ("MokNew", SHIM, one), ("MokAuth", SHIM, bytes(172)))
        c.check(a, differs="abbreviations of options")


def listing_cases(c):
    """--short and --all."""
    k = c.keys
    one, two, odd = sig_list(X509, k.der("one")), sig_list(X509, k.der("two")), sig_list(X509, k.der("org")) + sig_list(X509, k.der("marks"))
    hashes = sig_list(SHA256, b"\x11" * 32, b"\x22" * 32)
    c.start("concise", ("MokListRT", SHIM, one + hashes + odd), ("MokListXRT", SHIM, hashes), ("MokNew", SHIM, two), ("MokDel", SHIM, one),
            ("MokXNew", SHIM, two), ("MokXDel", SHIM, hashes), ("PK", GLOBAL, one), ("db", SECURITY, two + one), ("dbx", SECURITY, hashes))
    for a in ("-l", "-N", "-D"):
        c.check(a, "--short", new=True)
        c.check(a, "-X", "--short", new=True)
        c.check(a, "--all", new=True)
    for a in ("--pk", "--kek", "--db", "--dbx", "-X", "--all"):
        c.check(a, "--short", new=True)
    for a in (["-a", "-l", "--short"], ["-aX"], ["-a", "--pk"], ["--short", "--db", "--all"], ["-t", "two.der", "--short"], ["-t", "one.der", "-a"],
              ["-x", "-a"], ["-x", "--short"], ["--sb-state", "--short"], ["--sb-state", "-a"], ["--revoke-import", "-a", "--short"]):
        c.check(*a, new=True)
    c.check("-i", "ca.der", "-a", stdin=TWICE, new=True)
    c.start("concise: damage", ("MokListRT", SHIM, b"garbage"), ("db", SECURITY, b""), ("dbx", SECURITY, hashes))
    for a in (["-l", "--short"], ["-a", "-l", "--short"], ["-a", "-l"]):
        c.check(*a, new=True)


def repeated_cases(c):
    """Options given twice, and those that do not go together."""
    k = c.keys
    one, two = sig_list(X509, k.der("one")), sig_list(X509, k.der("two"))
    c.start("repeated", ("MokListRT", SHIM, one), ("MokListXRT", SHIM, two), ("PK", GLOBAL, two))
    for a in (["-l", "-l"], ["-l", "--pk"], ["--pk", "-l"], ["-lX"], ["-m", "-m", "-l"], ["--sb-state", "--sb-state"], ["-x", "-x"],
              ["--timeout", "5", "--timeout", "6"], ["--set-verbosity", "false", "--set-verbosity", "true"], ["-f", "x", "-l"],
              ["-X", "-f", "x"], ["-X", "--ca-check"], ["--revoke-import", "--revoke-import"]):
        c.check(*a)
    c.check("-g", "-g", stdin=TWICE)
    for a in (["--pk", "-N"], ["--db", "-t", "one.der"], ["-x", "--pk"]):
        c.check(*a, differs="a list of the firmware and another command")
    for a in (["--pk", "-m"], ["-X", "-m"]):
        c.check(*a, differs="--mokx and --mok together")


def cases_without_efi(c):
    c.start("no EFI", efi=False)
    for a in (["-l"], ["--sb-state"], ["-i", "one.der"], ["--generate-hash"], ["--timeout", "5"], []):
        c.check(*a, stdin=TWICE)
    for a in (["--help"], ["-h"], ["--version"], ["-v"], ["--nosuch"], ["-i"], ["-l", "--version"], ["--help", "-l"], ["--set-verbosity", "maybe"],
              ["-i", "one.der", "-i", "two.der"], ["--pk", "--kek"]):
        c.check(*a, new=True)


USAGE = ([], ["--help"], ["-h"], ["--nosuch"], ["-i"], ["-t"], ["--timeout"], ["--import", "one.der", "--delete", "one.der"],
         ["--sb-state", "--mokx"], ["--hash-file", "x"], ["--root-pw"], ["--set-verbosity", "maybe"],
         ["--set-sbat-policy", "nonsense"], ["--pk", "--kek"], ["-l", "-N"], ["--mok"], ["-m"], ["--mo", "-l"],
         ["--sbat", "-X"], ["--is-sb-enabled"])
USAGE_NEW = (["--short"], ["-a"], ["-m", "--short"], ["--short=1"], ["--set-ssp-policy", "x"], ["--set-ssp-policy"], ["--pk", "--pk"], ["-X", "--pk"],
             ["-X", "-X"], ["--pk", "-X"], ["-f", "a", "-f", "b", "-l"], ["-gabc", "-gdef"], ["-i", "one.der", "-i", "two.der"], ["-l", "-i", "one.der"],
             ["--help", "--nosuch"], ["--all", "--short", "--help"], ["--version", "--help"], ["--help", "--version"], ["x"], ["--l"])


def usage_cases(c):
    """What ends in the usage text. That of 0.6 is another: every option in it is in ours, and its status was 255."""
    c.start("usage")
    if not OLD:
        for args in (*USAGE, *USAGE_NEW):
            c.check(*args)
        return
    for args in USAGE:
        a, b = c.theirs.run(args, "", c.keys_dir), c.ours.run(args, "", c.keys_dir)
        words = {w for w in a[1].split() if w.startswith("--")}
        message = (a[2].replace("mokutil:", "").strip(), b[2].replace("mokutil:", "").strip())
        if (a[0], b[0]) == (255, 0) and words <= set(re.findall(r"--[^\s,]+", b[1])) and message[0] == message[1]:
            c.good += 1
        else:
            c.bad += 1
            print(f"not ok: usage: {args}: status {a[0]} {b[0]}, missing {words - set(re.findall('--[^ ,]+', b[1]))}, {message}")


def main():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 77
    with tempfile.TemporaryDirectory(prefix="kmodctl-mokutil-") as work:
        c = Compare(*map(os.path.abspath, sys.argv[1:3]), pathlib.Path(work))
        for part in (cases, listing_cases, repeated_cases, cases_without_efi, usage_cases):
            part(c)
        print(f"mokutil {VERSION}: {len(c.options)} spellings of options, {c.differs} deliberate differences confirmed")
        print(f"{c.good} passed, {c.bad} failed")
        return c.bad != 0


if __name__ == "__main__":
    sys.exit(main())
