# SPDX-License-Identifier: MIT
"""The corpus with everything that kernels read in other ways than the standards say: forms, sizes, chains of certificates.

What kernels answered to each stands in variants.tsv; docs/formats/signature.md has the rules that follow.
"""
import copy
import functools
import itertools
import os

import der
from corpus import Corpus, OID_SHA256_RSA, insert, run, subject_words

SIZE_MAX = 65535  # octets of a message, and what lies behind it inside the trailer's length
NULL, OID, HIGH_TAG = [5, b""], [6, b"\x2a\x03"], [0x1f, b"\1"]
AKID, SKID = "2.5.29.35=DER:", "subjectKeyIdentifier=hash"
NONE = ("subjectKeyIdentifier=none", "authorityKeyIdentifier=none")


def stretch(node, octets, where, depth=0):
    """DER but for the elements that where(node, depth) names: their length stands in so many octets."""
    tag, content = node
    body = content if isinstance(content, bytes) else b"".join(stretch(child, octets, where, depth + 1) for child in content)
    length = bytes([0x80 | octets]) + len(body).to_bytes(octets, "big") if where(node, depth) else der.length_octets(len(body))
    return bytes([tag]) + length + body


def loosen(node, where):
    """DER but for the elements that where(node) names: they have an indefinite length."""
    tag, content = node
    body = content if isinstance(content, bytes) else b"".join(loosen(child, where) for child in content)
    return bytes([tag, 0x80]) + body + b"\0\0" if where(node) else bytes([tag]) + der.length_octets(len(body)) + body


def unsigned(*elements):
    """An edit that adds unsigned attributes with these elements."""
    return lambda tree: der.signers(tree)[0][1].append([0xa1, list(elements)])


def attribute(*values, tag=0x31):
    return [0x30, [OID, [tag, list(values)]]]


def signer(tree):
    """Children of the first signer: version, issuer and serial number, hash, scheme, signature."""
    return der.signers(tree)[0][1]


def at(*path):
    """The element of the first signer to which these indexes lead."""
    def find(tree):
        node = [0x30, signer(tree)]
        for i in path:
            node = node[1][i]
        return node
    return find


CONTENT_TYPE = [0x30, [[6, bytes.fromhex("2a864886f70d010903")], [0x31, [[6, bytes.fromhex("2a864886f70d010701")]]]]]
DIGEST = [0x30, [[6, bytes.fromhex("2a864886f70d010904")], [0x31, [[4, bytes(32)]]]]]


def attributes(*elements, tag=0xa0):
    """An edit that adds signed attributes, which the signature does not cover."""
    return lambda tree: signer(tree).insert(3, [tag, list(elements)])


def put(find, value):
    """An edit that replaces the content of an element."""
    return lambda tree: find(tree).__setitem__(1, value)


def retag(find, tag):
    return lambda tree: find(tree).__setitem__(0, tag)


def data_at(i):
    return lambda tree: der.signed_data(tree)[i]


ISSUER, SERIAL, HASH, SCHEME, SIGNATURE = at(1, 0), at(1, 1), at(2), at(3), at(4)
RDN, AVA = at(1, 0, 0), at(1, 0, 0, 0)


def edits():
    """Name -> an edit of a good message by issuer and serial number."""
    return {
        # the frame
        "outer-set": lambda t: t.__setitem__(0, 0x31),
        "extra-in-contentinfo": lambda t: t[1].append(NULL),
        "extra-in-explicit0": lambda t: t[1][1][1].append(NULL),
        "extra-in-content": lambda t: der.signed_data(t)[2][1].append(NULL),
        "extra-before-signers": insert(NULL),
        "extra-a4-before-signers": insert([0xa4, []]),
        "version-empty": put(data_at(0), b""),
        "version-two-octets": put(data_at(0), b"\0\1"),
        "version-as-octets": retag(data_at(0), 4),
        "signer-version-empty": put(at(0), b""),
        "signer-version-two-octets": put(at(0), b"\0\1"),
        "signers-as-sequence": retag(data_at(-1), 0x30),
        # the list of hashes
        "hashes-as-sequence": retag(data_at(1), 0x30),
        "unknown-hash-listed": lambda t: der.signed_data(t)[1][1][0][1].__setitem__(0, OID),
        "listed-hash-two-params": lambda t: der.signed_data(t)[1][1][0][1].extend([NULL, NULL]),
        "listed-hash-high-tag": lambda t: der.signed_data(t)[1][1][0][1].append(HIGH_TAG),
        "listed-hash-without-oid": lambda t: der.signed_data(t)[1][1][0].__setitem__(1, []),
        "listed-hash-empty-oid": lambda t: der.signed_data(t)[1][1][0][1].__setitem__(0, [6, b""]),
        "listed-hash-no-sequence": lambda t: der.signed_data(t)[1][1].append(NULL),
        # content
        "content-empty": lambda t: der.signed_data(t)[2][1].append([0xa0, []]),
        "content-null": lambda t: der.signed_data(t)[2][1].append([0xa0, [NULL]]),
        "content-empty-octets": lambda t: der.signed_data(t)[2][1].append([0xa0, [[4, b""]]]),
        "content-two": lambda t: der.signed_data(t)[2][1].append([0xa0, [[4, b""], [4, b""]]]),
        "content-type-no-oid": retag(lambda t: der.signed_data(t)[2][1][0], 4),
        "content-type-empty": put(lambda t: der.signed_data(t)[2][1][0], b""),
        # certificates
        "certs-other-tag": insert([0xa0, [[0x31, [[2, b"\1"]]]]]),
        "certs-extended": insert([0xa0, [[0xa0, [[2, b"\1"]]]]]),
        "certs-attribute": insert([0xa0, [[0xa1, [[2, b"\1"]]]]]),
        "certs-a2-empty": insert([0xa2, []]),
        "certs-a3-empty": insert([0xa3, []]),
        "certs-twice": lambda t: (insert([0xa0, []])(t), insert([0xa0, []])(t)),
        "certs-primitive-tag": insert([0x80, b""]),
        # who signed
        "issuer-empty": put(ISSUER, []),
        "issuer-as-set": retag(ISSUER, 0x31),
        "issuer-rdn-as-sequence": retag(RDN, 0x30),
        "issuer-rdn-empty": put(RDN, []),
        "issuer-rdn-null": lambda t: ISSUER(t)[1].append(NULL),
        "issuer-ava-without-value": lambda t: AVA(t)[1].pop(),
        "issuer-ava-three": lambda t: AVA(t)[1].append(NULL),
        "issuer-ava-no-oid": retag(at(1, 0, 0, 0, 0), 4),
        "issuer-ava-high-tag": lambda t: AVA(t)[1].__setitem__(1, HIGH_TAG),
        "issuer-ava-empty": put(AVA, []),
        "serial-empty": put(SERIAL, b""),
        "serial-as-octets": retag(SERIAL, 4),
        "serial-first": lambda t: at(1)(t)[1].reverse(),
        "third-in-issuer-serial": lambda t: at(1)(t)[1].append([2, b"\1"]),
        "signer-by-set": retag(at(1), 0x31),
        # algorithms
        "hash-params-junk": lambda t: HASH(t)[1].append([4, b"xx"]),
        "hash-params-sequence": lambda t: HASH(t)[1].append([0x30, [OID, NULL]]),
        "hash-params-high-tag": lambda t: HASH(t)[1].append(HIGH_TAG),
        "hash-params-high-tag-inside": lambda t: HASH(t)[1].append([0x30, [HIGH_TAG]]),
        "hash-two-params": lambda t: HASH(t)[1].extend([NULL, NULL]),
        "hash-empty-oid": lambda t: HASH(t)[1].__setitem__(0, [6, b""]),
        "hash-as-set": retag(HASH, 0x31),
        "scheme-without-params": lambda t: SCHEME(t)[1].__setitem__(slice(1, None), []),
        "scheme-params-junk": lambda t: SCHEME(t)[1].__setitem__(slice(1, None), [[4, b"xx"]]),
        "scheme-two-params": lambda t: SCHEME(t)[1].__setitem__(slice(1, None), [NULL, NULL]),
        "scheme-empty-oid": lambda t: SCHEME(t)[1].__setitem__(0, [6, b""]),
        "scheme-missing": lambda t: signer(t).pop(3),
        # the signature and what follows
        "signature-bit-string": retag(SIGNATURE, 3),
        "signature-constructed": lambda t: signer(t).__setitem__(4, [0x24, [[4, SIGNATURE(t)[1]]]]),
        "signature-twice": lambda t: signer(t).append(copy.deepcopy(SIGNATURE(t))),
        "unsigned-a2": lambda t: signer(t).append([0xa2, [attribute(NULL)]]),
        "unsigned-a3": lambda t: signer(t).append([0xa3, [attribute(NULL)]]),
        "unsigned-twice": lambda t: (unsigned(attribute(NULL))(t), unsigned(attribute(NULL))(t)),
        "unsigned-before-signature": lambda t: signer(t).insert(4, [0xa1, [attribute(NULL)]]),
        "unsigned-two": unsigned(attribute(NULL), attribute(NULL)),
        "unsigned-two-values": unsigned(attribute(NULL, NULL)),
        "unsigned-no-values": unsigned(attribute()),
        "unsigned-without-set": unsigned([0x30, [OID]]),
        "unsigned-three": unsigned([0x30, [OID, [0x31, [NULL]], NULL]]),
        "unsigned-values-as-sequence": unsigned(attribute(NULL, tag=0x30)),
        "unsigned-type-no-oid": unsigned([0x30, [[4, b"xx"], [0x31, [NULL]]]]),
        "unsigned-attr-not-sequence": unsigned([4, b"junk"]),
        "unsigned-high-tag": unsigned(attribute(HIGH_TAG)),
        "unsigned-high-tag-inside": unsigned(attribute([0x30, [HIGH_TAG]])),
        "unsigned-end-of-contents": unsigned(attribute([0, b""])),
        # signed attributes, which the parser reads before they are refused
        "attributes-unknown": lambda t: signer(t).insert(3, [0xa0, [attribute(NULL)]]),
        "attributes-a2": lambda t: signer(t).insert(3, [0xa2, [attribute(NULL)]]),
        "attributes-high-tag": lambda t: signer(t).insert(3, [0xa0, [attribute(HIGH_TAG)]]),
        "attributes-a0-only-known": attributes(CONTENT_TYPE, DIGEST),
        "attributes-without-type": attributes(DIGEST),
        "attributes-without-digest": attributes(CONTENT_TYPE),
        "attributes-digest-twice": attributes(CONTENT_TYPE, DIGEST, DIGEST),
        "attributes-other-type": attributes([0x30, [[6, bytes.fromhex("2a864886f70d010903")], [0x31, [OID]]]], DIGEST),
        "attributes-and-unknown": attributes(CONTENT_TYPE, DIGEST, attribute(NULL)),
        "attributes-as-sequence": attributes(CONTENT_TYPE, DIGEST, tag=0xa2),
        "attributes-wrong-digest-size": attributes(CONTENT_TYPE, [0x30, [[6, bytes.fromhex("2a864886f70d010904")], [0x31, [[4, bytes(3)]]]]]),
        # several signers
        "two-same-signers": lambda t: der.signers(t).append(copy.deepcopy(der.signers(t)[0])),
        "sixty-signers": lambda t: der.signers(t).extend(copy.deepcopy(der.signers(t)[0]) for _ in range(60)),
        "signer-null": lambda t: der.signers(t).append(NULL),
    }


def other_scheme(tree):
    SCHEME(tree)[1][:] = [[6, bytes.fromhex("2a8648ce3d040302")]] if len(SCHEME(tree)[1]) > 1 else [[6, OID_SHA256_RSA[:-1] + b"\1"], NULL]


class Forms(Corpus):
    def write(self):
        super().write()
        plain = self.sign("known")
        self.lengths(plain)
        for name, change in edits().items():
            self.put("form-" + name, self.edited(plain, change))
        self.skid_forms(self.sign("known", "-keyid"))
        self.sizes(plain)
        self.foreign_certificates(plain)
        self.make_leaves()
        self.make_doubles()
        self.chains()
        self.odd_chains()
        return self.names

    def put(self, name, message, **more):
        self.add(name + ".ko", self.append(message, **more))

    # ---- forms ----

    def lengths(self, plain):
        """Kernels take lengths of at most two octets behind the first."""
        tree = der.parse(plain)[0]
        version, signature = der.signed_data(tree)[0], SIGNATURE(tree)
        for octets in (3, 4):
            for depth in range(6):
                self.put(f"length-{octets}-octets-depth-{depth}",
                         stretch(tree, octets, lambda n, d, depth=depth: d == depth and isinstance(n[1], list)))
            self.put(f"length-{octets}-octets-version", stretch(tree, octets, lambda n, d: n is version))
            self.put(f"length-{octets}-octets-signature", stretch(tree, octets, lambda n, d: n is signature))
        self.put("length-2-octets-version", stretch(tree, 2, lambda n, d: n is version))
        self.put("primitive-and-indefinite", loosen(self.primitive(tree, tree), lambda n: n[0] == 0x10))
        for name, where in (("list", data_at(1)), ("hash", HASH), ("issuer", ISSUER), ("signers", data_at(-1)), ("content", data_at(2))):
            self.put(f"indefinite-{name}", loosen(tree, lambda n, where=where: n is where(tree)))
        frame = {"outer": lambda t: t, "explicit0": lambda t: t[1][1], "data": lambda t: t[1][1][1][0], "signer": at(),
                 "listed-hash": lambda t: data_at(1)(t)[1][0], "signer-id": at(1), "rdn": RDN, "ava": AVA, "scheme": SCHEME}
        for name, where in frame.items():
            self.put(f"indefinite-{name}", loosen(tree, lambda n, where=where: n is where(tree)))
        constructed = {**frame, "list": data_at(1), "hash": HASH, "issuer": ISSUER, "signers": data_at(-1), "content": data_at(2)}
        for name, where in constructed.items():
            self.put(f"primitive-{name}", der.encode(self.primitive(tree, where(tree))))
        unsigned(attribute([0x30, [NULL]]))(tree)
        for name, path in (("unsigned", (5,)), ("attribute", (5, 0)), ("values", (5, 0, 1)), ("value", (5, 0, 1, 0))):
            self.put(f"indefinite-{name}", loosen(tree, lambda n, path=path: n is at(*path)(tree)))
            self.put(f"length-3-octets-{name}", stretch(tree, 3, lambda n, d, path=path: n is at(*path)(tree)))
        self.put("length-3-octets-in-value", stretch(tree, 3, lambda n, d: n is at(5, 0, 1, 0, 0)(tree)))
        at(5, 0, 1, 0)(tree)[1].append(HIGH_TAG)
        self.put("indefinite-value-with-high-tag", loosen(tree, lambda n: n is at(5, 0, 1, 0)(tree)))
        at(5, 0, 1, 0)(tree)[1][1:] = [[0x30, bytes.fromhex("0483000001ff")]]
        self.put("indefinite-value-with-length-3-octets", loosen(tree, lambda n: n is at(5, 0, 1, 0)(tree)))
        at(5, 0, 1, 0)(tree)[1][1:] = [[4, b"\1\2"]]
        self.put("indefinite-null-in-value", loosen(tree, lambda n: n is at(5, 0, 1, 0, 0)(tree)))

    def primitive(self, node, which):
        """A copy in which that element has a tag without the bit for constructed ones."""
        tag, content = node
        copied = [self.primitive(child, which) for child in content] if isinstance(content, list) else content
        return [tag & ~0x20 if node is which else tag, copied]

    def skid_forms(self, plain):
        self.put("form-skid-empty", self.edited(plain, put(at(1), b"")))
        self.put("form-skid-constructed", self.edited(plain, lambda t: signer(t).__setitem__(1, [0xa0, [[4, at(1)(t)[1]]]])))
        self.put("form-skid-octets", self.edited(plain, retag(at(1), 4)))
        self.put("form-skid-other-length", self.edited(plain, lambda t: put(at(1), at(1)(t)[1][4:])(t)))

    def sizes(self, plain):
        """Messages of so many octets, by a long unsigned attribute: every length in it has two octets."""
        def message(pad):
            return self.edited(plain, unsigned(attribute([4, bytes(pad)])))
        rest = len(message(60000)) - 60000
        for size in (SIZE_MAX, SIZE_MAX + 1):
            self.put(f"size-message-{size}", message(size - rest))
            self.put(f"size-with-zeros-{size}", plain + bytes(size - len(plain)))
        self.put("size-zeros-behind", plain + bytes(5000))
        self.put("size-100-certificates", self.with_certificates(plain, *["other"] * 100))

    # ---- certificates ----

    def der_of(self, name):
        return run("openssl", "x509", "-in", self.keys.path(name, ".pem"), "-outform", "DER")

    def wrong(self, signature, key, block=False):
        """Another RSA signature, which stands for a number with or without a zero octet in front: kernels tell them apart."""
        octets = len(signature)
        modulus = int(run("openssl", "x509", "-in", self.keys.path(key, ".pem"), "-noout", "-modulus").split(b"=")[1], 16)
        for number in itertools.count(int.from_bytes(signature, "big") % modulus // 2):
            if (pow(number, 65537, modulus) >> 8 * (octets - 1) == 0) == block:
                return number.to_bytes(octets, "big")

    def with_certificates(self, message, *certificates):
        """By name, or as bytes."""
        return self.edited(message, insert([0xa0, b"".join(c if isinstance(c, bytes) else self.der_of(c) for c in certificates)]))

    def self_signed(self, name, *options):
        run("openssl", "req", "-x509", "-nodes", "-days", "999", "-subj", f"/CN=certificate {name}", "-config", "/dev/null", *options,
            "-keyout", self.keys.path(name, ".key"), "-out", self.keys.path(name, ".pem"))

    def foreign_certificates(self, plain):
        """Certificates that have nothing to do with the signature: the kernel's parser reads them all the same."""
        rsa = ("-newkey", "rsa:2048")
        self.self_signed("pss", *rsa, "-sigopt", "rsa_padding_mode:pss")
        self.self_signed("md5", *rsa, "-md5")
        self.self_signed("ed25519", "-newkey", "ed25519")
        self.self_signed("k1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1")
        self.self_signed("explicit", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit")
        self.self_signed("short", "-newkey", "rsa:2560")
        for name in ("pss", "md5", "ed25519", "k1", "explicit", "short", "other", "known"):
            self.put("certificate-" + name, self.with_certificates(plain, name))
        other = der.parse(self.der_of("other"))[0]

        def changed(change):
            tree = copy.deepcopy(other)
            change(tree)
            return self.with_certificates(plain, der.encode(tree))
        self.put("certificate-twice", self.with_certificates(plain, "other", "other"))
        self.put("certificate-with-more", changed(lambda t: t[1].append(NULL)))
        self.put("certificate-version-changed", changed(lambda t: (t[1][0][1].pop(0), t[1][0][1].pop())))
        self.put("certificate-without-issuer", changed(lambda t: t[1][0][1][3].__setitem__(1, [])))
        self.put("certificate-without-subject", changed(lambda t: t[1][0][1][5].__setitem__(1, [])))
        self.put("certificate-in-month-13", changed(lambda t: t[1][0][1][4][1][0].__setitem__(1, b"261301000000Z")))
        self.put("certificate-with-other-scheme", changed(lambda t: t[1][1][1].__setitem__(0, [6, OID_SHA256_RSA[:-1] + b"\x0c"])))
        self.put("certificate-changed", changed(lambda t: t[1][2].__setitem__(1, self.flip(t[1][2][1], -1))))
        self.put("certificate-length-3-octets", self.with_certificates(plain, stretch(other, 3, lambda n, d: d == 0)))
        self.put("certificate-indefinite", self.with_certificates(plain, loosen(other, lambda n: n is other)))

    # ---- chains ----

    def issue(self, name, issuer, *extensions, serial, key=None, subject=None, new=("rsa:2048",)):
        """A certificate that another key of the corpus signed, for a new key or an old one."""
        path = self.keys.path
        if key:
            run("cp", path(key, ".key"), path(name, ".key"))
        how = ["-key", path(name, ".key")] if key else ["-newkey", *new, "-keyout", path(name, ".key")]
        run("openssl", "req", "-new", "-nodes", *how, "-utf8", "-config", "/dev/null",
            "-subj", subject_words(subject or f"leaf {name}"),
            "-out", path(name, ".csr"))
        with open(path(name, ".ext"), "w", encoding="ascii") as f:
            f.write("\n".join(extensions) + "\n")
        ext = ["-extfile", path(name, ".ext")] if extensions else []
        run("openssl", "x509", "-req", "-in", path(name, ".csr"), "-CA", path(issuer, ".pem"), "-CAkey", path(issuer, ".key"),
            "-set_serial", str(serial), "-sha256", "-days", "1000", *ext, "-out", path(name, ".pem"))

    def make_leaves(self):
        known = der.parse(self.der_of("known"))[0][1][0][1]
        wrong = bytes.fromhex("0123456789abcdef0123456789abcdef01234567")
        skid = run("openssl", "x509", "-in", self.keys.path("known", ".pem"), "-noout", "-ext", "subjectKeyIdentifier")
        skid = bytes.fromhex(skid.decode().split()[-1].replace(":", ""))
        name, serial = [0xa1, [[0xa4, [known[3]]]]], [0x82, known[1][1]]

        def akid(*parts):
            return AKID + der.encode([0x30, list(parts)]).hex()
        ca, keyid = "basicConstraints=critical,CA:TRUE", "authorityKeyIdentifier=keyid:always"
        leaves = (
            ("leaf", "known", SKID, keyid), ("leafca", "known", SKID, keyid, ca), ("leaf2", "leafca", SKID, keyid),
            ("leaf3", "leaf", SKID, keyid), ("leafo", "other", SKID, keyid), ("leafi", "impostor", SKID, keyid),
            ("bare", "known", *NONE, ca), ("noakid", "known", SKID, NONE[1]), ("noakid2", "leafca", SKID, NONE[1]), ("noskid", "known", NONE[0], keyid),
            ("byserial", "known", SKID, akid(name, serial)), ("both", "known", SKID, akid([0x80, skid], name, serial)),
            ("badskid", "known", SKID, akid([0x80, wrong], name, serial)), ("badserial", "known", SKID, akid([0x80, skid], name, [0x82, b"\1"])),
            ("wrongakid", "known", SKID, akid([0x80, wrong])), ("falseakid", "other", SKID, akid([0x80, skid])),
            ("emptyakid", "known", SKID, akid()), ("wrongserial", "known", SKID, akid(name, [0x82, b"\1"])),
        )
        for number, (leaf, *rest) in enumerate(leaves, 0x4240):
            self.issue(leaf, *rest, serial=number)
        self.issue("old", "known", SKID, keyid, serial=0x4300, key="leaf")
        self.issue("renewed", "known", SKID, keyid, serial=0x4301, key="known")

    def make_doubles(self):
        """Certificates that say that they are the trusted one, or its own next key."""
        path, (subject, serial) = self.keys.path, self.keys.known
        self.keys.request("impostor2", subject, serial, self.kind, skid="none")
        self.issue("doubleleaf", "impostor", SKID, "authorityKeyIdentifier=keyid:always", serial=serial)
        self.issue("rollover", "known", SKID, "authorityKeyIdentifier=keyid:always", serial=0x5001, subject=subject)
        self.issue("rollover2", "known", SKID, NONE[1], serial=0x5002, subject=subject)
        for name in ("ring1", "ring2"):
            self.self_signed(name, "-newkey", "rsa:2048", "-addext", "subjectKeyIdentifier=hash")
        for name, issuer, number in (("loop1", "ring2", 0x5003), ("loop2", "ring1", 0x5004)):
            self.issue(name, issuer, SKID, "authorityKeyIdentifier=keyid:always", serial=number, key=issuer.translate({49: 50, 50: 49}),
                       subject="certificate " + issuer.translate({49: 50, 50: 49}))
        self.issue("v1", "known", serial=0x5005)
        self.issue("ecleaf", "known", SKID, "authorityKeyIdentifier=keyid:always", serial=0x5006, new=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))

    def chain(self, name, key, *certificates, options=(), **more):
        self.put("chain-" + name, self.with_certificates(self.sign(key, *options), *certificates), **more)

    def chains(self):
        """The signer's certificate is in the message, and it or its issuer's was issued by a trusted key."""
        changed = self.payload.replace(b"license=", b"LICENSE=")
        self.put("chain-leaf-not-embedded", self.sign("leaf"))
        self.chain("leaf", "leaf", "leaf")
        self.chain("leaf-changed", "leaf", "leaf", payload=changed)
        self.chain("leaf-by-key-id", "leaf", "leaf", options=("-keyid",))
        self.chain("leaf-and-root", "leaf", "leaf", "known")
        self.chain("leaf-twice", "leaf", "leaf", "leaf")
        self.chain("leaf-of-other", "leafo", "leafo")
        self.chain("leaf-of-other-and-root", "leafo", "leafo", "other")
        self.chain("two", "leaf2", "leaf2", "leafca")
        self.chain("two-other-order", "leaf2", "leafca", "leaf2")
        self.chain("two-without-link", "leaf2", "leaf2")
        self.chain("two-and-root", "leaf2", "leaf2", "leafca", "known")
        self.chain("two-changed", "leaf2", "leaf2", "leafca", payload=changed)
        self.chain("by-leaf-without-ca", "leaf3", "leaf3", "leaf")
        self.chain("only-link-embedded", "leaf2", "leafca")
        self.chain("of-somebody-else", "other", "leaf")
        self.chain("two-signers", ["leaf", "other"], "leaf")
        self.chain("two-signers-other-first", ["other", "leaf"], "leaf")
        self.chain("two-signers-one-changed", ["leaf", "impostor"], "leaf")
        self.put("chain-impostor", self.sign("impostor", certs=True))
        self.chain("impostor-and-known", "known", "impostor", "known")
        self.chain("known-and-impostor", "known", "known", "impostor")
        self.chain("impostor-by-other-hand", "known", "impostor")

    def odd_chains(self):
        """Which key identifiers of a certificate lead to its issuer."""
        for leaf in ("bare", "noakid", "noskid", "byserial", "both", "badskid", "badserial", "wrongakid", "falseakid", "emptyakid",
                     "wrongserial"):
            self.chain(leaf, leaf, leaf)
        self.chain("byserial-and-root", "byserial", "byserial", "known")
        self.chain("falseakid-and-root", "falseakid", "falseakid", "known")
        self.chain("leaf-of-impostor", "leafi", "leafi")
        self.chain("leaf-of-impostor-and-root", "leafi", "leafi", "impostor")
        self.chain("renewed", "renewed", "renewed")
        self.chain("old-certificate-of-key", "leaf", "old")
        self.chain("noakid2-and-link", "noakid2", "noakid2", "leafca")
        self.chain("noakid2", "noakid2", "noakid2")
        self.chain("impostor-without-key-id", "impostor2", "impostor2")
        self.chain("double-leaf", "doubleleaf", "doubleleaf")
        self.chain("rollover", "rollover", "rollover")
        self.chain("rollover-without-akid", "rollover2", "rollover2")
        self.chain("loop", "loop1", "loop1", "loop2")
        self.chain("loop-of-one", "loop1", "loop1")
        self.chain("v1", "v1", "v1")
        self.chain("ec-leaf", "ecleaf", "ecleaf")
        self.chain("ec-leaf-changed", "ecleaf", "ecleaf", payload=self.payload.replace(b"license=", b"LICENSE="))
        for leaf in ("leaf", "ecleaf"):
            signed = self.with_certificates(self.sign(leaf), leaf)
            for name, change in (("zeros", lambda s: bytes(len(s))), ("empty", lambda s: b""), ("cut", lambda s: s[:-1]),
                                 ("long", lambda s: s + b"\0"), ("flipped", lambda s: self.flip(s, len(s) // 2)),
                                 ("ones", lambda s: b"\xff" * len(s))):
                if leaf == "leaf" and name == "flipped":
                    change = functools.partial(self.wrong, key=leaf)
                self.put(f"chain-{leaf}-signature-{name}",
                         self.edited(signed, lambda t, change=change: SIGNATURE(t).__setitem__(1, change(SIGNATURE(t)[1]))))
        signed = self.with_certificates(self.sign("leaf"), "leaf")
        self.put("chain-leaf-signature-block", self.edited(
            signed, lambda t: SIGNATURE(t).__setitem__(1, self.wrong(SIGNATURE(t)[1], "leaf", block=True))))
        self.put("chain-scheme-of-other-kind", self.edited(self.with_certificates(self.sign("leaf"), "leaf"), other_scheme))
        self.put("form-scheme-of-other-kind", self.edited(self.sign("known"), other_scheme))
        broken = self.der_of("leafca")
        self.chain("two-link-changed", "leaf2", "leaf2", self.flip(broken, -1))
        leaf = self.der_of("leaf")
        self.chain("leaf-certificate-changed", "leaf", self.flip(leaf, -1))
