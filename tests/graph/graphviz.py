#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Graphviz draws what `kmodctl tree` prints. usage: graphviz.py RUNTOOL MKINDEX MKKO

The picture must have a node for each module and an edge for each need, under their own names: those that would break
out of a quoted string too, of which a module named `a"];evil[label="x` must make one node and no other.
"""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
sys.path.insert(0, str(HERE.parent / "lib"))
from cases import Fixtures  # noqa: E402
from need import need  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def output(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, **more).stdout


def drawn(svg):
    """The names of nodes as they are written, and the number of edges, of a picture by dot."""
    groups = xml.fromstring(svg).iter(SVG + "g")
    nodes, edges = [], 0
    for group in groups:
        if group.get("class") == "node":
            nodes.append("".join(group.find(SVG + "text").itertext()).replace("\N{NO-BREAK SPACE}", " "))
        edges += group.get("class") == "edge"
    return sorted(nodes), edges


def check(what, got, want):
    if got == want:
        return 0
    print(f"not ok: {what}: {got}, not {want}")
    return 1


def main():
    runtool, mkindex, mkko = sys.argv[1:]
    need("dot")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="kmodctl-graphviz-") as where:
        fixtures = Fixtures([runtool], mkko, mkindex, pathlib.Path(where))
        for name in "tree", "tree-hostile":
            fixtures.build(name)
        root, hostile = pathlib.Path(where) / "tree", pathlib.Path(where) / "tree-hostile"

        dot = output([runtool, root, "kmodctl", "tree", "--dot", "xfs"])
        failed += check("xfs", drawn(output(["dot", "-Tsvg"], input=dot)), (["base", "crc", "xfs"], 2))
        dot = output([runtool, root, "kmodctl", "tree", "--dot", "--soft"])
        nodes, edges = drawn(output(["dot", "-Tsvg"], input=dot))
        failed += check("the whole kernel", (len(nodes), edges), (13, 12))

        dot = output([runtool, hostile, "kmodctl", "tree", "--dot", "--soft"], stderr=subprocess.DEVNULL)
        want = sorted(['<b>', 'a"];evil[label="x', "b\\\\", "html&lt;", "one", "self", "three", "two", "bell\\x07",
                       '"quoted"', "backslash"])
        failed += check("hostile names", drawn(output(["dot", "-Tsvg"], input=dot)), (want, 11))

        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/dot").touch()
        svg = output([runtool, root, "kmodctl", "tree", "--svg", "xfs"])
        failed += check("--svg", drawn(svg), (["base", "crc", "xfs"], 2))
    print("failed" if failed else "4 pictures")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
