#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""packages.py MESON SOURCES BUILD: what `meson dist` makes of the last commit, and the packages that are described in packaging.

The tarball has every file of the commit with its mode, and nothing else; where there is no git, the sources are taken as they are. From
it, each family's build is set up with the options of its recipe, and installed with empty files in place of what would be compiled.
Then the recipe's own lists, or its functions with abuild's and makepkg's part played here, share out the files: each is in one
package, and no entry of a list is for nothing. What only the tools of a family can say of a recipe is not tested.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from checks import Checks  # noqa: E402

meson, sources, build = sys.argv[1:]
SOURCES = pathlib.Path(sources)
FEDORA = {"_sysconfdir": "/etc", "_bindir": "/usr/bin", "_sbindir": "/usr/bin", "_libexecdir": "/usr/libexec", "_prefix": "/usr",
          "_datadir": "/usr/share", "_mandir": "/usr/share/man", "_docdir": "/usr/share/doc", "_libdir": "/usr/lib64",
          "_includedir": "/usr/include", "_unitdir": "/usr/lib/systemd/system", "_tmpfilesdir": "/usr/lib/tmpfiles.d"}
# What their programs that run meson say.
SETUP = {"debian": ["--libdir=lib/x86_64-linux-gnu"], "rpm": ["--libdir=lib64", "--sbindir=bin"], "arch": ["--libdir=lib", "--libexecdir=lib",
                                                                                                       "--sbindir=bin"],
         "alpine": ["--libdir=lib"]}
RECIPES = {"debian": "rules", "rpm": "kmodctl.spec", "arch": "PKGBUILD", "alpine": "APKBUILD"}
MAKEPKG = """set -eu; shopt -s nullglob; srcdir=$1 dest=$2; source "$3"
for name in "${pkgname[@]}"; do pkgdir=$dest/$name; mkdir -p "$pkgdir"; (package_"$name"); done"""
# The parts of subpackages that have no function of their own are abuild's.
ABUILD = """set -eu; cd "$1"; pkgdir=$2/kmodctl dest=$2; . "$3"
meson() { :; }
amove() { for pattern; do (cd "$pkgdir"; find $pattern -prune) | while read -r name; do
	mkdir -p "$(dirname "$subpkgdir/$name")"; mv "$pkgdir/$name" "$subpkgdir/$name"; done; done; }
package
for entry in $subpackages; do
	subpkgdir=$dest/${entry%%:*}; mkdir -p "$subpkgdir"
	case $entry in
	*:*) ${entry#*:} ;;
	*-dev) amove usr/include usr/lib/pkgconfig usr/share/pkgconfig usr/lib/libkmod.so ;;
	*-doc) amove usr/share/man usr/share/doc ;;
	*-bash-completion) amove usr/share/bash-completion ;;
	*-fish-completion) amove usr/share/fish ;;
	*-zsh-completion) amove usr/share/zsh ;;
	esac
done"""
checks = Checks()
check = checks.equal


def run(*words, **others):
    done = subprocess.run(words, capture_output=True, text=True, check=False, **others)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def files_below(top):
    """Names of files and links, without slashes in front, and of empty directories."""
    return {str(path.relative_to(top)) for path in pathlib.Path(top).rglob("*")
            if path.is_symlink() or not path.is_dir() or not any(path.iterdir())}


def committed():
    """name -> is it executable? None without git."""
    done = subprocess.run(["git", "-C", sources, "ls-tree", "-r", "HEAD"], capture_output=True, text=True, check=False)
    rows = [line.split(None, 3) for line in done.stdout.splitlines()]
    return {row[3]: row[0] == "100755" for row in rows if row[0] != "120000"} if done.returncode == 0 else None


def unpacked(tmp):
    """The sources as a packager gets them."""
    wanted = committed()
    if wanted is None:
        return SOURCES
    version = re.search(r"version: '(.*)'", (SOURCES / "meson.build").read_text())[1]
    run(meson, "dist", "-C", build, "--no-tests", "--formats", "gztar", "--allow-dirty")
    with tarfile.open(f"{build}/meson-dist/kmodctl-{version}.tar.gz") as archive:
        members = [member for member in archive if member.isfile()]
        top = f"kmodctl-{version}/"
        check("dist: files outside of its directory", [m.name for m in members if not m.name.startswith(top)], [])
        seen = {m.name.removeprefix(top): bool(m.mode & 0o100) for m in members}
        check("dist: files that differ from the commit's", sorted(set(seen.items()) ^ set(wanted.items())), [])
        archive.extractall(tmp, filter="tar") if hasattr(tarfile, "tar_filter") else archive.extractall(tmp)
    return tmp / top


def recipe(family):
    return (SOURCES / "packaging" / family / RECIPES[family]).read_text()


def expanded(text):
    return re.sub(r"%\{(\w+)\}", lambda m: FEDORA.get(m[1], m[0]), text)


def staged(family, source, tmp):
    """A whole installation of empty files."""
    options = re.findall(r"-D[a-z]+=[^\s\\$]+", expanded(recipe(family)))
    directory, stage = tmp / f"build-{family}", tmp / f"stage-{family}"
    run(meson, "setup", directory, source, "-Dprefix=/usr", "--libexecdir=libexec", "-Dtests=false", *SETUP[family], *options)
    for target in json.loads(run(meson, "introspect", "--targets", directory)):
        for name in target["filename"]:
            pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path(name).touch()
    run(meson, "install", "-C", directory, "--no-rebuild", "--destdir", stage)
    return stage


def share_out(family, files, packages, ignored=()):
    """Checks packages: name -> patterns."""
    shares = {}
    for name, patterns in packages.items():
        for pattern in patterns:
            found = {file for file in files if pathlib.PurePath(file).match(pattern) or file.startswith(f"{pattern}/")
                     or re.fullmatch(glob_as_regex(pattern), file)}
            check(f"{family}: {name}: {pattern} is for nothing", not found, False)
            for file in found:
                shares.setdefault(file, set()).add(name)
    check(f"{family}: files in no package", sorted(files - set(shares) - set(ignored)), [])
    check(f"{family}: files in several packages", sorted(file for file in shares if len(shares[file]) > 1), [])


def glob_as_regex(pattern):
    return re.escape(pattern).replace(r"\*", "[^/]*") + "(/.*)?"


def debian(stage):
    """debhelper's lists, and what the rules add and remove."""
    text = recipe("debian")
    files = files_below(stage) | {"usr/lib/modprobe.d/aliases.conf", "usr/bin/lsmod"}
    files -= set(re.findall(r"debian/tmp/(usr/share/doc/\S+)", text))
    lists = {path.stem: path.read_text().split() for path in (SOURCES / "packaging/debian").glob("*.install")}
    # dh_installdirs makes the empty ones
    share_out("debian", files, lists, ignored={"etc/depmod.d", "etc/modprobe.d", "usr/lib/depmod.d"})


def rpm(stage):
    text = expanded(recipe("rpm"))
    files = files_below(stage) - {"usr/lib64/libkmod.a", "usr/share/doc/kmodctl/LICENSE", "usr/lib/depmod.d"} | {
        "usr/bin/kmodsign", "usr/bin/mokutil", "usr/bin/sign-file", "usr/share/man/man8/kmodsign.8", "usr/lib/depmod.d/dist.conf"}
    sections = re.findall(r"^%files ?(\S*)\n(.*?)(?=^%(?:files|changelog))", text, re.M | re.S)
    entries = {name or "kmodctl": [line.split()[-1].lstrip("/") for line in body.splitlines()
                                   if line and not line.startswith("%license")
                                   and (not line.startswith("%dir") or line.endswith(("modprobe.d", "etc/depmod.d")))]
               for name, body in sections}
    check("rpm: packages", sorted(entries), ["kmod", "kmod-devel", "kmod-libs", "kmodctl"])
    share_out("rpm", files, entries)


def places(family, tmp):
    """Where the recipe's functions run, and where the packages come to be."""
    found = tmp / f"src-{family}", tmp / f"packages-{family}"
    for path in found:
        path.mkdir()
    return found


def run_recipe(family, script, place, dest):
    """Files of the packages that the recipe's functions make: name -> set"""
    run("bash", "-c", script, "bash", place, dest, SOURCES / "packaging" / family / RECIPES[family])
    return {path.name: files_below(path) for path in dest.iterdir()}


def arch(stage, source, tmp):
    all_files = files_below(stage)
    version = re.search(r"^pkgver=(.*)", recipe("arch"), re.M)[1]
    place, dest = places("arch", tmp)
    os.rename(stage, place / "all")
    (place / f"kmodctl-{version}").symlink_to(source)
    packages = run_recipe("arch", MAKEPKG, place, dest)
    check("arch: files in no package", sorted(name for name in files_below(place / "all") if not (place / "all" / name).is_dir()), [])
    made = {"usr/share/licenses/kmodctl/LICENSE", "usr/share/licenses/kmodctl-kmod/LICENSE", "usr/bin/kmodsign", "usr/bin/mokutil",
            "usr/bin/sign-file", "usr/share/man/man8/kmodsign.8", "usr/lib/depmod.d/search.conf"}
    gone = {"usr/lib/libkmod.a", "usr/share/doc/kmodctl/LICENSE", "usr/lib/depmod.d"}
    check("arch: files of the packages", sorted(set.union(*packages.values()) ^ (all_files - gone | made)), [])
    check("arch: the hook's program", "usr/lib/kmodctl/modules-changed" in packages["kmodctl-kmod"], True)


def alpine(stage, tmp):
    place, dest = places("alpine", tmp)
    os.rename(stage, dest / "kmodctl")
    packages = run_recipe("alpine", ABUILD, place, dest)
    check("alpine: packages", sorted(name for name, files in packages.items() if files and files != {"."}), sorted(
        ["kmodctl"] + [f"kmodctl-{part}" for part in ("bash-completion", "dev", "doc", "fish-completion", "kmod", "libs", "zsh-completion")]))
    main = {name for name in packages["kmodctl"] if not (dest / "kmodctl" / name).is_dir()}
    check("alpine: files of the verbs", sorted(main), ["etc/dkms/framework.conf.d/kmodctl.conf"] + sorted(
        [f"usr/bin/{name}" for name in ("kmodctl", "kmodsign", "mokutil", "sign-file")] + [
            "usr/share/kmodctl/kmodctl.schema.json", "usr/share/kmodctl/offers"]))
    tools = packages["kmodctl-kmod"]
    check("alpine: tools", {"sbin/modprobe", "usr/bin/kmod", "usr/sbin/modprobe", "usr/lib/kmodctl/why.so",
                             "usr/libexec/kmodctl/modules-changed"} - tools, set())


def check_versions():
    """The recipes, the changelog and the news have the version of the build, and one idea of which kmod they stand for."""
    version = re.search(r"version: '(.*)'", (SOURCES / "meson.build").read_text())[1]
    seen = {"rpm": re.search(r"^Version: +(.*)", recipe("rpm"), re.M)[1], "arch": re.search(r"^pkgver=(.*)", recipe("arch"), re.M)[1],
            "alpine": re.search(r"^pkgver=(.*)", recipe("alpine"), re.M)[1],
            "debian": re.search(r"\((.*)-", (SOURCES / "packaging/debian/changelog").read_text())[1],
            "news": re.search(r"^## (.*)", (SOURCES / "NEWS.md").read_text(), re.M)[1]}
    check("versions", seen, {name: version for name in seen})
    for what, pattern in ("kmod", r"(?mi)^(?:%global )?_?kmod(?:_version)?[ =]+([\d.]+)$"), (
            "mokutil", r"(?mi)^(?:%global )?_?mokutil(?:_version)?[ =]+([\d.]+)$"):
        check(f"version of {what}", len({re.search(pattern, recipe(family))[1] for family in RECIPES}), 1)


def main():
    check_versions()
    with tempfile.TemporaryDirectory(prefix="kmodctl-packages-") as name:
        tmp = pathlib.Path(name)
        source = unpacked(tmp)
        debian(staged("debian", source, tmp))
        rpm(staged("rpm", source, tmp))
        arch(staged("arch", source, tmp), source, tmp)
        alpine(staged("alpine", source, tmp), tmp)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return checks.failed != 0


sys.exit(main())
