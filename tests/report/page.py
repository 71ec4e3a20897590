#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page of `kmodctl report --html` in Chromium. usage: page.py RUNTOOL MKINDEX MKKO [--pictures DIRECTORY]

Pages of a small machine with and without Graphviz, of one whose modules have markup in every text, and of one with more
modules than are drawn are loaded at 1280 and 400 pixels, light and dark. Each must have its sections, each with a link
that leads to it; not be wider than the window; refer to nothing, run nothing and ask for nothing but itself; have texts
that can be read against their background; fit on paper; and list every module.
"""
import argparse
import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "golden"), str(HERE.parent / "lib")]
from cases import Fixtures  # noqa: E402
from checks import Checks  # noqa: E402
from devtools import Browser  # noqa: E402
from need import need  # noqa: E402

SECTIONS = ["status", "modules", "dependencies", "trust", "parameters", "boot"]
WIDTHS = 1280, 400
MANY = 500
MODULES = "lib/modules/6.12.0-test"  # of the fixtures

LOOK = r"""(() => {
  const all = [...document.querySelectorAll('*')], ids = all.map(e => e.id).filter(Boolean);
  const rgb = text => (text.match(/[\d.]+/g) || []).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length == 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const texts = [...document.querySelectorAll('p,a,li,td,th,h1,h2,h3,code,summary,.badge')].filter(e => e.textContent.trim());
  const drawn = [...document.querySelectorAll('svg text')];
  return {
    wider: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth,
    sections: [...document.querySelectorAll('main > section')].map(s => s.id),
    headings: [...document.querySelectorAll('main > section > h2')].length,
    links: [...document.querySelectorAll('nav a')].map(a => a.getAttribute('href')),
    dead: [...document.querySelectorAll('a')].filter(a => !/^#/.test(a.getAttribute('href')) ||
      !document.getElementById(a.getAttribute('href').slice(1))).map(a => a.outerHTML),
    twice: ids.filter((id, i) => ids.indexOf(id) != i),
    active: all.filter(e => /^(script|img|image|iframe|link|object|embed|form|input|base|use|animate|set)$/i.test(e.localName) ||
      [...e.attributes].some(a => /^on|^(src|srcset|action|xlink:href)$/i.test(a.name) || /url\(|javascript:/i.test(a.value)))
      .map(e => e.outerHTML.slice(0, 100)),
    stuck: [...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1 &&
      getComputedStyle(e).overflowX != 'auto').length,
    scrolls: [...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1).length,
    unnamed: [...document.querySelectorAll('.wide')].filter(e => !e.getAttribute('aria-label') || e.tabIndex != 0).length,
    pale: texts.filter(e => contrast(rgb(getComputedStyle(e).color), behind(e)) < 4.5).map(e => e.outerHTML.slice(0, 100))
      .concat(drawn.filter(e => contrast(rgb(getComputedStyle(e).fill), behind(e)) < 4.5).map(e => e.outerHTML.slice(0, 100))),
    background: getComputedStyle(document.body).backgroundColor,
    modules: [...document.querySelectorAll('#modules table')].slice(-1).map(t => t.tBodies[0].rows.length)[0],
    trust: [...document.querySelectorAll('#trust table')].map(t => t.tBodies[0].rows.length)[0],
    nodes: document.querySelectorAll('.graph svg .node').length,
    edges: document.querySelectorAll('.graph svg .edge').length,
    outline: document.querySelectorAll('.tree li').length,
    open: !!document.querySelector('#dependencies details[open]'),
    crowded: [...document.querySelectorAll('#boot svg > text')].filter((t, i, all) => i + 1 < all.length &&
      t.getAttribute('y') == all[i + 1].getAttribute('y') &&
      all[i + 1].getBoundingClientRect().left - t.getBoundingClientRect().right < 27 * t.getScreenCTM().a).map(t => t.textContent),
    bars: document.querySelectorAll('#boot svg g').length,
    ran: typeof window.alerted + document.title,
  };
})()"""


def many(root):
    """A machine with more modules than are drawn: every other one needs the one before it."""
    names = [f"module_{i:03}" for i in range(MANY)]
    needed = {a: b for a, b in zip(names[::2], names[1::2])}
    lines = [f"{n} {4096 * (i + 1)} 1 {needed[n] + ',' if n in needed else '-'} Live 0x0000000000000000\n" for i, n in enumerate(names)]
    (root / "proc/modules").write_text("".join(lines))
    deps = [f"kernel/{a}.ko:\nkernel/{b}.ko: kernel/{a}.ko\n" for a, b in needed.items()]
    (root / MODULES / "modules.dep").write_text("".join(deps))


def without_time(page):
    return re.sub(r"<time .*?</time>", "", page.read_text())


class Pages:
    def __init__(self, runtool, mkindex, mkko, where):
        self.runtool, self.mkindex, self.where = runtool, mkindex, where
        self.fixtures = Fixtures([runtool], mkko, mkindex, where)

    def make(self, name, fixture, graphviz):
        """The page of a machine as a file."""
        root = self.where / f"root-{name}"
        if fixture not in self.fixtures.built:
            self.fixtures.build(fixture)
        self.fixtures.copy(fixture, root)
        if name == "many":
            many(root)
            subprocess.run([self.mkindex, root / MODULES], check=True)
        if graphviz:
            (root / "usr/bin").mkdir(parents=True, exist_ok=True)
            (root / "usr/bin/dot").touch()
        page = self.where / f"{name}.html"
        done = subprocess.run([self.runtool, root, "kmodctl", "report", "--html", "-"], stdout=subprocess.PIPE, check=True)
        page.write_bytes(done.stdout)
        return page

    def written(self, c):
        """The page as a file: a link in its place is replaced, and where it led nothing changes."""
        root = self.where / "root-small"
        (root / "victim").write_text("untouched")
        (root / "page.html").symlink_to("victim")
        subprocess.run([self.runtool, root, "kmodctl", "report", "--html", "/page.html"], check=True)
        c.equal("what a link in place of the page led to", (root / "victim").read_text(), "untouched")
        c.equal("the page is a file", (root / "page.html").is_symlink(), False)
        c.equal("which others cannot read", oct((root / "page.html").stat().st_mode & 0o777), "0o600")
        c.equal("and the same as that of standard output", without_time(root / "page.html"), without_time(self.where / "small.html"))
        c.equal("nothing else is left", sorted(p.name for p in root.glob("*page*")), ["page.html"])


def check_frame(c, what, browser, width, scheme):
    browser.show(width, scheme)
    seen = browser.evaluate(LOOK)
    c.true(f"{what}: {seen['wider']} pixels wider than the window", seen["wider"] <= 0)
    c.equal(f"{what}: sections", seen["sections"], SECTIONS)
    c.equal(f"{what}: headings of sections", seen["headings"], len(SECTIONS))
    c.equal(f"{what}: links to them", seen["links"], ["#" + s for s in SECTIONS])
    for key, text in (("dead", "links that lead nowhere, or out"), ("twice", "ids that are there twice"), ("active", "elements that act"),
                      ("pale", "texts that cannot be read"), ("crowded", "words of the legend that leave no room for the next sample")):
        c.equal(f"{what}: {text}", seen[key], [])
    c.equal(f"{what}: what is too wide and cannot be scrolled", seen["stuck"], 0)
    c.equal(f"{what}: what scrolls without a name or by a pointer only", seen["unnamed"], 0)
    c.equal(f"{what}: background", seen["background"], "rgb(20, 24, 31)" if scheme == "dark" else "rgb(255, 255, 255)")
    c.true(f"{what}: nothing ran", seen["ran"].startswith("undefinedKernel modules, "))
    if width == min(WIDTHS):
        c.true(f"{what}: tables scroll in their places", seen["scrolls"] > 0)
    return seen


class Nesting(html.parser.HTMLParser):
    """Browsers repair what is not closed, or closed twice; nobody else should have to."""
    VOID = "meta", "line", "rect", "circle", "polygon", "path", "ellipse"

    def __init__(self):
        super().__init__()
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(f"line {self.getpos()[0]}: </{tag}> in {self.open[-1:]}")


def check_text(c, name, page):
    nesting = Nesting()
    nesting.feed(page.read_text())
    c.equal(f"{name}: what is closed and not open", nesting.faults, [])
    c.equal(f"{name}: what is never closed", nesting.open, [])


def check_paper(c, name, browser):
    """A4 with margins of 10 mm: what is wider is not printed."""
    browser.show(718, media="print")
    cut = browser.evaluate("[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)")
    c.equal(f"{name}: tables wider than paper", cut, [])


def check_page(c, browser, name, page, want, pictures):
    requests, complaints = browser.open(page)
    c.equal(f"{name}: requests", requests, [page.resolve().as_uri()])
    c.equal(f"{name}: complaints of the browser", complaints, [])
    for width in WIDTHS:
        for scheme in "light", "dark":
            what = f"{name}, {width} pixels, {scheme}"
            seen = check_frame(c, what, browser, width, scheme)
            for key, value in want.items():
                c.equal(f"{what}: {key}", seen.get(key), value)
            if pictures:
                browser.picture(pictures / f"{name}-{width}-{scheme}.png")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("programs", nargs=3)
    p.add_argument("--pictures", type=pathlib.Path, help="keep what the pages look like there")
    o = p.parse_args()
    need("chromium-headless-shell", "dot")
    c = Checks()
    with tempfile.TemporaryDirectory(prefix="kmodctl-page-") as where:
        pages = Pages(*(str(pathlib.Path(x).resolve()) for x in o.programs), pathlib.Path(where))
        browser = Browser()
        try:
            small = {"modules": 7, "trust": 7, "outline": 8, "bars": 2}
            for name, fixture, graphviz, want in (
                    ("small", "report", True, {**small, "nodes": 4, "edges": 3, "open": False}),
                    ("no-graphviz", "report", False, {**small, "nodes": 0, "edges": 0, "open": True}),
                    ("hostile", "report-hostile", True, {"modules": 6, "trust": 6, "nodes": 3, "edges": 2, "open": False}),
                    ("many", "report", True, {"modules": MANY, "trust": MANY, "nodes": 0, "outline": MANY, "open": True})):
                page = pages.make(name, fixture, graphviz)
                check_text(c, name, page)
                check_page(c, browser, name, page, want, o.pictures)
                check_paper(c, name, browser)
            pages.written(c)
        finally:
            browser.close()
    print(f"{c.failed} checks failed" if c.failed else f"{c.passed} checks of 4 pages")
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
