#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_json.py RUNTOOL: every JSON document among the expectations against share/kmodctl/kmodctl.schema.json.

Each is valid under the definition of its own command, whose objects have no other keys. Each verb of kmodctl has cases
with --json of something that is answered, of wrong usage (status 2) and of a failure, and none without a document;
those about firmware have one on a machine without UEFI. Each definition of a document is met.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from cases import HERE, read_cases

sys.path.insert(0, str(HERE.parent / "lib"))
from need import need  # noqa: E402

PACKAGES = "/usr/lib/python3/dist-packages"  # where Debian has the validator, for another Python as well
SCHEMA = HERE.parent.parent / "share/kmodctl/kmodctl.schema.json"
COMMAND, OUT, STATUS = (re.compile(p, re.M | re.S) for p in (r"^\$ [^\n]*\n", r"^--- out\n(.*?)(?=^--- |\Z)", r"^--- status\n(\d+)"))
WORDS = {"boot": {"enable": "boot-change", "disable": "boot-change", "list": "boot-list", "plot": "boot-plot"},
         "key": {"generate": "key-generate", "show": "key-show", "export": "key-export"},
         "keys": {"list": "keys-list", "match": "keys-match"},
         "mok": {"list": "mok-list", "status": "mok-status", "test": "mok-test", None: "mok-request"}}
# Documents that no golden case can have: their content differs from run to run. compat sign.sh and tests/depmod see them.
ELSEWHERE = {"key-show-private", "depmod-verify"}
ABOUT_FIRMWARE = "keys", "mok", "trust"


def definition(words, document):
    """Which of the definitions a document of this command is to be valid under."""
    if "error" in document:
        return "error"
    if words[0] != "kmodctl":
        tool = {"kmod list": "lsmod"}.get(" ".join(words[:2]), words[1] if words[0] == "kmod" else words[0])
        if "requests" in document:
            return "plan"
        return {"modprobe": "modprobe-config" if "blacklist" in document else "modprobe-resolve"}.get(tool, tool)
    if words[1] == "config" and "--lint" in words:
        return "config-lint"
    inner = WORDS.get(words[1], {})
    return next((inner[w] for w in words[2:] if w in inner), inner.get(None, words[1]))


def documents():
    """(case, words, status, text) of each command with --json."""
    for case in read_cases(""):
        text = case.path.read_text()
        bodies = COMMAND.split(text)[1:] if len(case.commands) > 1 else [text]
        for words, body in zip(case.commands, bodies):
            while re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            if "--json" in words or "-J" in words or "--js" in words:
                out, status = OUT.search(body), STATUS.search(body)
                yield case, words, int(status[1]) if status else 0, out[1] if out else ""


def verbs_of(runtool):
    with tempfile.TemporaryDirectory() as root:
        told = subprocess.run([runtool, root, "kmodctl", "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z]+) ", told.partition("Verbs:\n")[2].partition("\n\n")[0], re.M)


def check_document(validators, case, words, text, seen, problems):
    document = json.loads(text)
    name = definition(words, document)
    if name not in validators:
        problems.append(f"{case.label}: no definition {name}")
        return
    seen.add(name)
    if not validators[None].is_valid(document):
        problems.append(f"{case.label}: {' '.join(words)}: not valid under the schema as a whole")
    for error in validators[name].iter_errors(document):
        problems.append(f"{case.label}: {' '.join(words)}: {name}: {error.json_path}: {error.message[:200]}")


def check_kinds(verbs, met, problems):
    """met: (verb, status, is it an error)"""
    for verb in verbs:
        kinds = {(status, error) for v, status, error, _ in met if v == verb}
        for what, is_there in (("an answer", any(not e for _, e in kinds)), ("wrong usage", (2, True) in kinds),
                               ("a failure", any(s not in (0, 2) for s, _ in kinds))):
            if not is_there:
                problems.append(f"kmodctl {verb} --json: no case of {what}")
        if verb in ABOUT_FIRMWARE and not any(v == verb and "bios" in fixture for v, _, _, fixture in met):
            problems.append(f"kmodctl {verb} --json: no case without UEFI")


def main():
    need(f"{PACKAGES}/jsonschema/__init__.py")
    sys.path.append(PACKAGES)
    from jsonschema import Draft202012Validator
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    names = {ref["$ref"].rsplit("/", 1)[1] for ref in schema["anyOf"]}
    validators = {n: Draft202012Validator({"$ref": f"#/$defs/{n}", "$defs": schema["$defs"]}) for n in names}
    validators[None] = Draft202012Validator(schema)
    problems, seen, met, n = [], set(), set(), 0
    for case, words, status, text in documents():
        if words[0] == "kmodctl":
            met.add((words[1], status, '"error": {' in text, case.fixture))
        if text:
            n += 1
            check_document(validators, case, words, text, seen, problems)
        elif words[0] == "kmodctl":
            problems.append(f"{case.label}: {' '.join(words)}: no document")
    check_kinds(verbs_of(sys.argv[1]), met, problems)
    problems += [f"no case has a document {name}" for name in sorted(names - seen - ELSEWHERE)]
    print("\n".join(problems) if problems else f"{n} documents, {len(seen)} of {len(names)} definitions")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
