# SPDX-License-Identifier: MIT
"""Reads variants.tsv, and what `kmodctl verify --json` says of the files of a corpus."""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
MODES = ("plain", "sig_enforce", "lockdown")


class Variant:
    def __init__(self, state, load):
        self.state, self.load = state, dict(zip(MODES, load))


def table(kind):
    """Name -> Variant, for a corpus with a known key of that kind."""
    variants, special = {}, {}
    with open(os.path.join(HERE, "variants.tsv"), encoding="ascii") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            name, state, *load = line.rstrip("\n").split("\t")
            name, _, only = name.partition("@")
            if not only:
                variants[name] = Variant(state, load)
            elif only == kind:
                special[name] = Variant(state, load)
    return {**variants, **special}


def files(corpus):
    return sorted(name for name in os.listdir(corpus) if ".ko" in name)


def _word(load):
    return load["errno"] or ("taints" if load["taints"] else "ok")


def verify(kmodctl, corpus, kernel):
    """Name -> Variant as the tool under test judges."""
    names = files(corpus)
    done = subprocess.run([kmodctl, "verify", "--json", "-k", kernel, "--cert", "keys/known.der", *names], cwd=corpus,
                          capture_output=True, check=False)
    found = {}
    for entry in json.loads(done.stdout)["files"]:
        load = entry["load"]
        found[entry["path"]] = Variant(entry["state"], [_word(load[mode]) for mode in MODES] if load else ["-"] * 3)
    return found
