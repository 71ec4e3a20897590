#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes damaged and unusual variants of one signed module.

    corpus.py MODULE.ko OUTDIR [rsa1024|rsa2048|rsa4096|p192|p384|p521] [CERTIFICATE-LENGTH]

Everything is made with the openssl command line and by taking the bytes apart here, never with the tools under
test. OUTDIR gets one file per variant and keys/known.{pem,der} (the certificate that is to be trusted; of exactly
CERTIFICATE-LENGTH octets if that is given). What each variant must be judged as stands in variants.tsv.
"""
import copy
import gzip
import lzma
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import der  # noqa: E402

MAGIC = b"~Module signature appended~\n"
OID_SHA256_RSA = bytes.fromhex("2a864886f70d01010b")
OID_AUTHENTICODE = bytes.fromhex("2b060104018237020104")
OID_SHA1 = bytes.fromhex("2b0e03021a")
OID_SHA512_256 = bytes.fromhex("608648016503040206")

# What a description string of the module is replaced by: changes the file, not whether it loads.
CURVES = {"p192": "P-192", "p384": "P-384", "p521": "P-521"}
HARMLESS = (b"license=", b"LICENSE=")


def run(*argv, stdin=None):
    done = subprocess.run(argv, input=stdin, capture_output=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(argv), done.stderr.decode(errors="replace")))
    return done.stdout


# Depths of a message: its frame ends where algorithms and signers begin; names, which are compared octet by octet, below.
FRAME, ABOVE_NAMES, EVERYWHERE = 4, 5, 99


def insert(element):
    """An edit that puts an element before the signers: where certificates and revocation lists stand."""
    return lambda tree: der.signed_data(tree).insert(-1, element)


def subject_words(subject):
    """The subject as openssl takes it, in pieces, because one may have 64 octets at most."""
    return "/CN=" + "/O=".join(subject[i:i + 60] for i in range(0, len(subject), 60))


class Keys:
    """The trusted pair `known`, which is made unless it is there, and others that are not trusted: foreign ones, and ones
    that pretend to be it."""

    def __init__(self, directory, kind, length):
        self.dir, self.kind = directory, kind
        os.makedirs(directory, exist_ok=True)
        name, serial = self.known = self.make("known", "known signer", "0x1a2b3c4d5e6f", kind, length)
        self.make("other", "another signer", "0x77", "rsa2048")
        self.make("otherec", "another EC signer", "0x78", "p384")
        self.make("impostor", name, serial, kind)
        self.make("twin", name, serial[:-1] + "0", kind)

    def path(self, name, ending):
        return os.path.join(self.dir, name + ending)

    def newkey(self, kind):
        return {"rsa4096": ["rsa:4096"], "rsa2048": ["rsa:2048"], "rsa1024": ["rsa:1024"],
                **{name: ["ec", "-pkeyopt", "ec_paramgen_curve:" + curve] for name, curve in CURVES.items()}}[kind]

    def request(self, name, subject, serial, kind, skid="hash"):
        run("openssl", "req", "-x509", "-nodes", "-sha256", "-days", "36500", "-set_serial", serial, "-utf8",
            "-subj", subject_words(subject), "-config", "/dev/null", "-newkey", *self.newkey(kind),
            "-addext", "subjectKeyIdentifier=" + skid, "-keyout", self.path(name, ".key"), "-out", self.path(name, ".pem"))
        run("openssl", "x509", "-in", self.path(name, ".pem"), "-outform", "DER", "-out", self.path(name, ".der"))
        return os.path.getsize(self.path(name, ".der"))

    def make(self, name, subject, serial, kind, length=None):
        """With a length, names are stretched until the certificate has it (ECDSA signatures vary by an octet or two).

        The subject stands in it twice, as issuer too; the serial number makes up for an odd rest. A pair that is there must be
        of this subject and number."""
        if os.path.exists(self.path(name, ".pem")):
            return subject, serial
        for _ in range(100):
            size = self.request(name, subject, serial, kind)
            if not length or size == length:
                return subject, serial
            serial += "01" if (length - size) % 2 and len(serial) < 40 else ""
            wanted = len(subject) + (length - size) // 2
            subject = (subject + "-" * max(wanted, 0))[:max(wanted, 1)]
        raise RuntimeError("no certificate of %d octets can be made" % length)


class Corpus:
    def __init__(self, module, out, kind, length):
        self.out, self.kind = out, kind
        os.makedirs(out, exist_ok=True)
        self.keys = Keys(os.path.join(out, "keys"), kind, length)
        with open(module, "rb") as f:
            self.payload = self.without_signature(f.read())
        self.names = []

    @staticmethod
    def without_signature(data):
        while data.endswith(MAGIC):
            length = int.from_bytes(data[-32:-28], "big")
            data = data[:-40 - length]
        return data

    # ---- pieces ----

    def sign(self, key, *options, md="sha256", payload=None, certs=False, attributes=False, detached=True):
        """A message as sign-file makes it, unless told otherwise."""
        argv = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", md]
        for name in [key] if isinstance(key, str) else key:
            argv += ["-signer", self.keys.path(name, ".pem"), "-inkey", self.keys.path(name, ".key")]
            argv += [o for o in options if o.startswith("rsa_") or o == "-keyopt"]
        argv += [o for o in options if not (o.startswith("rsa_") or o == "-keyopt")]
        argv += [] if certs else ["-nocerts"]
        argv += [] if attributes else ["-noattr", "-nosmimecap"]
        argv += [] if detached else ["-nodetach"]
        return run(*argv, stdin=self.payload if payload is None else payload)

    @staticmethod
    def info(length, algo=0, hash_=0, id_type=2, signer=0, key_id=0, pad=b"\0\0\0", order="big"):
        return bytes([algo, hash_, id_type, signer, key_id]) + pad + (length & 0xffffffff).to_bytes(4, order)

    def append(self, message, payload=None, length=None, **fields):
        payload = self.payload if payload is None else payload
        return payload + message + self.info(len(message) if length is None else length, **fields) + MAGIC

    def add(self, name, data):
        with open(os.path.join(self.out, name), "wb") as f:
            f.write(data)
        self.names.append(name)

    def edited(self, message, change, **encoding):
        tree = der.parse(message)[0]
        change(tree)
        return der.encode(tree, **encoding)

    @staticmethod
    def flip(data, at, bit=1):
        data = bytearray(data)
        data[at] ^= bit
        return bytes(data)

    # ---- kinds of variants ----

    def good(self):
        for md in ("sha1", "sha224", "sha256", "sha384", "sha512"):
            self.add("good-%s.ko" % md, self.append(self.sign("known", md=md)))
        if self.kind not in CURVES:  # the openssl command of Debian 12 cannot combine ECDSA and SHA-3 in a CMS
            for md in ("sha3-256", "sha3-384", "sha3-512"):
                self.add("good-%s.ko" % md, self.append(self.sign("known", md=md)))
        plain = self.sign("known")
        self.add("good-skid.ko", self.append(self.sign("known", "-keyid")))
        self.add("good-with-certificate.ko", self.append(self.sign("known", certs=True)))
        self.add("good-junk-after-der.ko", self.append(plain + b"junk behind the message"))
        self.add("good-indefinite-lengths.ko", self.append(self.edited(plain, lambda t: None, indefinite=FRAME)))
        self.add("good-long-lengths.ko", self.append(self.edited(plain, lambda t: None, long_form=ABOVE_NAMES)))
        self.add("good-two-signers-known-first.ko", self.append(self.sign(["known", "other"])))
        self.add("good-two-signers-other-first.ko", self.append(self.sign(["other", "known"])))
        self.add("good-empty-certificates.ko", self.append(self.edited(plain, insert([0xa0, []]))))
        self.add("good-unsigned-attribute.ko", self.append(self.edited(
            plain, lambda t: der.signers(t)[0][1].append([0xa1, [[0x30, [[6, b"\x2a\x03"], [0x31, [[2, b"\1"]]]]]]]))))
        self.add("good-hash-with-null.ko", self.append(self.edited(
            plain, lambda t: der.signers(t)[0][1][2][1].append([5, b""]))))
        self.add("good-other-hash-listed.ko", self.append(self.edited(
            plain, lambda t: der.signed_data(t)[1][1][0][1][0].__setitem__(1, OID_SHA1))))
        first = self.append(plain)
        self.add("good-stacked-over-unknown.ko", self.append(
            self.sign("known", payload=self.append(self.sign("other"))), payload=self.append(self.sign("other"))))
        self.add("good-stacked-over-good.ko", self.append(self.sign("known", payload=first), payload=first))
        self.add("good-gzip.ko.gz", gzip.compress(first, mtime=0))
        self.add("good-xz.ko.xz", lzma.compress(first, check=lzma.CHECK_CRC32, filters=[
            {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
        self.add("good-xz-crc64.ko.xz", lzma.compress(first, check=lzma.CHECK_CRC64))
        self.add("good-zstd.ko.zst", run("zstd", "-q", "-c", os.path.join(self.out, "good-sha256.ko")))

    def unsigned(self):
        signed = self.append(self.sign("known"))
        self.add("unsigned.ko", self.payload)
        self.add("unsigned-byte-after-magic.ko", signed + b"\n")
        self.add("unsigned-magic-without-newline.ko", signed[:-1])
        self.add("unsigned-magic-flipped.ko", self.flip(signed, -10))
        self.add("unsigned-magic-in-capitals.ko", signed[:-28] + MAGIC.upper())
        self.add("unsigned-zeros-after-magic.ko", signed + bytes(4096))

    def unknown(self):
        other = self.sign("other")
        changed = self.payload.replace(*HARMLESS)
        self.add("unknown-rsa.ko", self.append(other))
        self.add("unknown-ecdsa.ko", self.append(self.sign("otherec")))
        self.add("unknown-skid.ko", self.append(self.sign("other", "-keyid")))
        self.add("unknown-with-certificate.ko", self.append(self.sign("other", certs=True)))
        self.add("unknown-sha3-256.ko", self.append(self.sign("other", md="sha3-256")))
        self.add("unknown-sha512.ko", self.append(self.sign("other", md="sha512")))
        self.add("unknown-payload-changed.ko", self.append(other, payload=changed))
        self.add("unknown-signature-flipped.ko", self.append(self.flip(other, -5)))
        self.add("unknown-two-signers.ko", self.append(self.sign(["other", "otherec"])))
        self.add("unknown-same-name-other-serial.ko", self.append(self.sign("twin")))
        self.add("unknown-same-name-other-skid.ko", self.append(self.sign("twin", "-keyid")))
        good = self.append(self.sign("known"))
        self.add("unknown-name-in-long-lengths.ko", self.append(
            self.edited(self.sign("known"), lambda t: None, long_form=EVERYWHERE)))
        self.add("unknown-stacked-over-good.ko", self.append(self.sign("other", payload=good), payload=good))

    def unsupported(self):
        plain = self.sign("known")
        if self.kind not in CURVES:
            self.add("unsupported-md5.ko", self.append(self.sign("known", md="md5")))
            self.add("unsupported-pss.ko", self.append(self.sign("known", "-keyopt", "rsa_padding_mode:pss")))
            self.add("unsupported-sha3-224.ko", self.append(self.sign("known", md="sha3-224")))

        def scheme(tree):
            der.signers(tree)[0][1][-2][1][0][1] = OID_SHA256_RSA

        def hash_of_last(tree):
            der.signers(tree)[-1][1][2][1][0][1] = OID_SHA512_256

        self.add("unsupported-scheme-with-hash.ko", self.append(self.edited(plain, scheme)))
        self.add("unsupported-hash.ko", self.append(self.edited(plain, hash_of_last)))
        self.add("unsupported-hash-of-second-signer.ko", self.append(
            self.edited(self.sign(["known", "other"]), hash_of_last)))
        for id_type in (0, 1, 3, 255):
            self.add("unsupported-id-type-%d.ko" % id_type, self.append(plain, id_type=id_type))
        self.add("unsupported-id-type-and-fields.ko", self.append(plain, id_type=1, signer=3, key_id=4))

    def changed(self):
        plain = self.sign("known")
        build_id = self.payload.find(b"GNU\0") + 8  # in it: kernels that do not know the key load the module
        middle = build_id if build_id > 8 else len(self.payload) // 2
        self.add("changed-modinfo.ko", self.append(plain, payload=self.payload.replace(*HARMLESS)))
        self.add("changed-first-octet.ko", self.append(plain, payload=self.flip(self.payload, 0)))
        self.add("changed-middle.ko", self.append(plain, payload=self.flip(self.payload, middle)))
        self.add("changed-last-octet.ko", self.append(plain, payload=self.flip(self.payload, -1)))
        self.add("changed-octet-cut.ko", self.append(plain, payload=self.payload[:-1]))
        self.add("changed-octet-more.ko", self.append(plain, payload=self.payload + b"\0"))
        self.add("changed-empty-payload-but-one.ko", self.append(plain, payload=b"\x7f"))
        self.add("changed-skid.ko", self.append(self.sign("known", "-keyid"), payload=self.payload.replace(*HARMLESS)))
        self.add("changed-with-certificate.ko", self.append(
            self.sign("known", certs=True), payload=self.payload.replace(*HARMLESS)))
        self.add("changed-signature-of-other-file.ko", self.append(self.sign("known", payload=b"another module")))
        self.add("changed-stripped.ko", self.append(plain, payload=self.stripped()))
        self.add("changed-unknown-with-certificate.ko", self.append(
            self.sign("other", certs=True), payload=self.payload.replace(*HARMLESS)))
        self.add("changed-xz.ko.xz", lzma.compress(self.append(plain, payload=self.payload.replace(*HARMLESS)),
                                                   check=lzma.CHECK_CRC32))

    def stripped(self):
        path = os.path.join(self.out, "keys", "stripped.ko")
        with open(path, "wb") as f:
            f.write(self.payload)
        run("strip", "-g", "--remove-section=.comment", path)
        with open(path, "rb") as f:
            return f.read()

    def bad_signature(self):
        plain = self.sign("known")

        def replace(change):
            def edit(tree):
                signer = der.signers(tree)[0][1]
                signer[-1][1] = change(signer[-1][1])
            return self.append(self.edited(plain, edit))

        self.add("bad-signature-zeros.ko", replace(lambda s: bytes(len(s))))
        self.add("bad-signature-empty.ko", replace(lambda s: b""))
        self.add("bad-signature-cut.ko", replace(lambda s: s[:-1]))
        self.add("bad-signature-long.ko", replace(lambda s: s + b"\0"))
        self.add("bad-signature-flipped.ko", replace(lambda s: self.flip(s, len(s) // 2)))
        self.add("bad-signature-impostor.ko", self.append(self.sign("impostor")))
        self.add("bad-signature-first-of-two.ko", self.append(self.sign(["impostor", "known"])))
        self.add("bad-signature-second-of-two.ko", self.append(self.sign(["known", "impostor"])))

    def refused(self):
        self.add("refused-attributes.ko", self.append(self.sign("known", attributes=True)))
        self.add("refused-attributes-unknown.ko", self.append(self.sign("other", attributes=True)))
        self.add("refused-attributes-certificate.ko", self.append(self.sign("known", attributes=True, certs=True)))
        self.add("refused-attributes-skid.ko", self.append(self.sign("known", "-keyid", attributes=True)))
        self.add("refused-content.ko", self.append(self.sign("known", detached=False)))
        self.add("refused-content-unknown.ko", self.append(self.sign("other", detached=False)))
        self.add("refused-authenticode.ko", self.append(self.edited(
            self.sign("known"), lambda t: der.signed_data(t)[2][1].__setitem__(0, [6, OID_AUTHENTICODE]))))
        self.add("refused-content-type.ko", self.append(self.edited(
            self.sign("known"), lambda t: der.signed_data(t)[2][1].__setitem__(0, [6, bytes.fromhex("2b0601040182")]))))

    def damaged_trailer(self):
        plain = self.sign("known")
        room = len(self.payload) + len(plain)
        self.add("damaged-empty.ko", b"")
        self.add("damaged-length-zero.ko", self.append(plain, length=0))
        self.add("damaged-length-huge.ko", self.append(plain, length=0xffffffff))
        self.add("damaged-length-whole-file.ko", self.append(plain, length=room))
        self.add("damaged-length-all-but-one.ko", self.append(plain, length=room - 1))
        self.add("damaged-length-one-less.ko", self.append(plain, length=len(plain) - 1))
        self.add("damaged-length-one-more.ko", self.append(plain, payload=self.payload + b"\xff", length=len(plain) + 1))
        self.add("damaged-length-little-endian.ko", self.append(plain, order="little"))
        self.add("damaged-info-cut.ko", self.payload + plain + self.info(len(plain))[:6] + b"\xff" * 6 + MAGIC)
        self.add("damaged-no-payload.ko", self.append(plain, payload=b""))
        self.add("damaged-magic-without-info.ko", self.payload + b"\xff" * 12 + MAGIC)
        self.add("damaged-algo.ko", self.append(plain, algo=1))
        self.add("damaged-hash.ko", self.append(plain, hash_=4))
        self.add("damaged-signer-length.ko", self.append(plain, signer=1))
        self.add("damaged-key-id-length.ko", self.append(plain, key_id=1))
        self.add("damaged-padding.ko", self.append(plain, pad=b"\0\0\1"))

    def damaged_message(self):
        plain = self.sign("known")
        edits = {
            "version-2": lambda t: der.signed_data(t)[0].__setitem__(1, b"\2"),
            "version-of-skid-form": lambda t: der.signed_data(t)[0].__setitem__(1, b"\3"),
            "signer-version": lambda t: der.signers(t)[0][1][0].__setitem__(1, b"\3"),
            "no-signers": lambda t: der.signed_data(t)[-1].__setitem__(1, []),
            "not-signed-data": lambda t: t[1][0].__setitem__(1, bytes.fromhex("2a864886f70d010703")),
            "element-behind-signers": lambda t: der.signed_data(t).append([4, b"more"]),
            "signer-without-signature": lambda t: der.signers(t)[0][1].pop(),
            "signer-version-2": lambda t: der.signers(t)[0][1][0].__setitem__(1, b"\2"),
            "versions-of-skid-form": lambda t: (der.signed_data(t)[0].__setitem__(1, b"\3"),
                                                der.signers(t)[0][1][0].__setitem__(1, b"\3")),
            "empty-attributes": lambda t: der.signers(t)[0][1].insert(-2, [0xa0, []]),
            "empty-unsigned-attributes": lambda t: der.signers(t)[0][1].append([0xa1, []]),
            "empty-hash-list": lambda t: der.signed_data(t)[1].__setitem__(1, []),
            "empty-revocation-lists": insert([0xa1, []]),
            "revocation-list": insert([0xa1, [[0x30, [[0x30, []], [0x30, [[6, OID_SHA256_RSA]]], [3, b"\0"]]]]]),
            "certificate-that-is-none": insert([0xa0, [[0x30, [[2, b"\1"]]]]]),
            "no-hash-list": lambda t: der.signed_data(t).pop(1),
        }
        for name, change in edits.items():
            self.add("damaged-%s.ko" % name, self.append(self.edited(copy.copy(plain), change)))
        self.add("damaged-indefinite-signer.ko", self.append(self.edited(plain, lambda t: None, indefinite=FRAME + 1)))
        self.add("damaged-der-cut.ko", self.append(plain[:-10]))
        self.add("damaged-der-cut-to-one.ko", self.append(plain[:1]))
        self.add("damaged-der-first-octet.ko", self.append(self.flip(plain, 0)))
        self.add("damaged-der-length-flipped.ko", self.append(self.flip(plain, 2, 0x40)))
        self.add("damaged-der-length-huge.ko", self.append(b"\x30\x84\xff\xff\xff\xff" + plain[4:]))
        self.add("damaged-text.ko", self.append(b"-----BEGIN PKCS7-----\n" * 20))
        self.add("damaged-zeros.ko", self.append(bytes(400)))

    def write(self):
        for kind in (self.good, self.unsigned, self.unknown, self.unsupported, self.changed, self.bad_signature,
                     self.refused, self.damaged_trailer, self.damaged_message):
            kind()
        return self.names


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    corpus = Corpus(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "rsa2048",
                    int(sys.argv[4]) if len(sys.argv) > 4 else None)
    print("%d variants" % len(corpus.write()))
