#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Concrete modaliases from the patterns of a modules.alias file.

    aliases.py [--count N] [--seed S] [--mutate M] modules.alias

Patterns are taken in turn over the whole file, their wildcards filled in: '*' by up to eight hexadecimal
digits, '?' by one, a bracket by one of its members. One in M results gets a byte changed, dropped or doubled,
so that some match nothing or something else. One modalias per line on standard output; the same arguments
give the same lines.
"""

import argparse
import random
import string
import sys

HEX = string.digits + "ABCDEF"
PRINTABLE = [chr(c) for c in range(0x21, 0x7F)]


def read_patterns(path):
    with open(path, encoding="ascii") as file:
        fields = (line.split() for line in file if not line.startswith("#"))
        return [f[1] for f in fields if len(f) == 3 and f[0] == "alias"]


def bracket_members(body):
    """The characters that a bracket expression (without its brackets) matches."""
    negated = body[:1] in ("!", "^")
    body = body[1:] if negated else body
    members, i = set(), 0
    while i < len(body):
        if i + 2 < len(body) and body[i + 1] == "-":
            members.update(chr(c) for c in range(ord(body[i]), ord(body[i + 2]) + 1))
            i += 3
        else:
            members.add(body[i])
            i += 1
    return sorted(c for c in PRINTABLE if (c in members) != negated)


def fill(pattern, rng):
    out, i = [], 0
    while i < len(pattern):
        c = pattern[i]
        close = pattern.find("]", i + 2) if c == "[" else -1
        if c == "*":
            out.extend(rng.choice(HEX) for _ in range(rng.choice((0, 1, 2, 4, 8))))
        elif c == "?":
            out.append(rng.choice(HEX))
        elif close > 0:
            out.append(rng.choice(bracket_members(pattern[i + 1:close]) or ["x"]))
            i = close
        else:
            out.append(c)
        i += 1
    return "".join(out)


def mutate(text, rng):
    if not text:
        return "x"
    at = rng.randrange(len(text))
    middle = rng.choice(("", rng.choice(PRINTABLE), text[at] * 2))
    return text[:at] + middle + text[at + 1:]


def modaliases(patterns, count, seed, every):
    """count modaliases; none is empty or holds a bracket, which would be no valid alias."""
    rng = random.Random(seed)
    step = max(1, len(patterns) // count) if patterns else 1
    made = 0
    while patterns and made < count:
        for pattern in patterns[rng.randrange(step)::step]:
            text = fill(pattern, rng)
            if every and rng.randrange(every) == 0:
                text = mutate(text, rng)
            if not text or set(text) & set("[]"):
                continue
            yield text
            made += 1
            if made == count:
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutate", type=int, default=7, metavar="M", help="change one in M, 0: none")
    parser.add_argument("file")
    args = parser.parse_args()
    for line in modaliases(read_patterns(args.file), args.count, args.seed, args.mutate):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
