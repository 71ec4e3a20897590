#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every variant of the corpus: is the verdict that of variants.tsv, and that of `openssl cms -verify`?

    check_corpus.py KMODCTL MODULE.ko [KIND...]

openssl is asked where it judges the same thing: detached messages without attributes, by one signer, whose algorithm and
trailer kernels know. What it accepts and kernels refuse, or the other way, is listed in NOT_COMPARABLE.
"""
import os
import subprocess
import sys
import tempfile

import variants
from corpus_forms import Forms

sys.path.insert(0, os.path.join(variants.HERE, "../lib"))
from need import need  # noqa: E402

# Of these openssl cms judges something else.
NOT_COMPARABLE = {
    "good-two-signers-known-first.ko": "openssl wants a certificate of every signer",
    "good-two-signers-other-first.ko": "openssl wants a certificate of every signer",
    "good-stacked-over-good.ko": "compared as the outer signature alone",
    "good-other-hash-listed.ko": "openssl computes only the hashes that the message announces",
    "unknown-name-in-long-lengths.ko": "openssl compares names by their meaning",
    "changed-unknown-with-certificate.ko": "openssl was told not to look at embedded certificates",
    "bad-signature-long.ko": "kernels do not look behind an ECDSA signature",
}
# Forms that openssl refuses, and chains, which -noverify leaves out.
NOT_COMPARABLE_KINDS = ("chain-", "form-", "indefinite-", "primitive-")
COMPARED_STATES = ("good", "changed", "bad-signature", "unknown-signer")


def split(data):
    """Payload and message of a signed module."""
    length = int.from_bytes(data[-32:-28], "big")
    return data[:-40 - length], data[-40 - length:-40]


def openssl_accepts(corpus, name, work):
    with open(os.path.join(corpus, name), "rb") as f:
        payload, message = split(f.read())
    for path, content in (("payload", payload), ("message", message)):
        with open(os.path.join(work, path), "wb") as f:
            f.write(content)
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-in", "message", "-content", "payload", "-binary", "-noverify", "-nointern",
         "-certfile", os.path.join(corpus, "keys/known.pem"), "-out", "/dev/null"], cwd=work, capture_output=True, check=False)
    return done.returncode == 0


def is_comparable(name, variant):
    return name not in NOT_COMPARABLE and not name.startswith(NOT_COMPARABLE_KINDS) and name.endswith(".ko") and variant.state in COMPARED_STATES


def check(kmodctl, module, kind, work):
    """Numbers of: variants as they should be, all, answers as openssl's, all asked."""
    corpus = os.path.join(work, kind)
    Forms(module, corpus, kind, None).write()
    wanted, found = variants.table(kind), variants.verify(kmodctl, corpus, "6.12")
    right = agreed = asked = 0
    for name in variants.files(corpus):
        want, got = wanted[name], found[name]
        if got.state == want.state and (want.load["plain"] == "-" or got.load == want.load):
            right += 1
        else:
            print(f"{kind} {name}: {got.state} {got.load}, should be {want.state} {want.load}")
        if not is_comparable(name, want):
            continue
        asked += 1
        if openssl_accepts(corpus, name, work) == (got.state == "good"):
            agreed += 1
        else:
            print(f"{kind} {name}: {got.state}, but openssl cms -verify says otherwise")
    print(f"{kind}: {right} of {len(found)} variants as in the table, {agreed} of {asked} as openssl cms -verify")
    return right == len(found) >= 300 and agreed == asked > 0


def main(kmodctl, module, *kinds):
    need("openssl", "strip", "zstd")
    with tempfile.TemporaryDirectory(prefix="kmodctl-corpus-") as work:
        results = [check(os.path.abspath(kmodctl), module, kind, work) for kind in kinds or ("rsa2048", "p384")]
    return 0 if all(results) else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
