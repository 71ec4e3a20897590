# SPDX-License-Identifier: MIT
"""Builds with each codec linked, opened when needed, or left out: what they say of themselves, and what they read.

One directory is built and then configured anew, which compiles only what differs. In the three combinations each codec
is in each state once.
"""
import os
import re
import subprocess

LIBRARIES = {"zstd": "libzstd.so.1", "xz": "liblzma.so.5", "zlib": "libz.so.1"}
LINKED = {"zstd": "-lzstd", "xz": "-llzma", "zlib": "-lz"}
SUFFIXES = {"zstd": "zst", "xz": "xz", "zlib": "gz"}
NAMES = {"zstd": "zstd", "xz": "xz", "zlib": "gzip"}
COMBINATIONS = [dict(zip(LIBRARIES, how)) for how in (("disabled", "dlopen", "linked"), ("linked", "disabled", "dlopen"),
                                                      ("dlopen", "linked", "disabled"))]


def command(words, **variables):
    """(output with errors, status); none of the words may be missing."""
    env = {**os.environ, "LC_ALL": "C", **{name: str(value) for name, value in variables.items()}}
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=env)
    return done.stdout, done.returncode


def those(combination, *states):
    return [codec for codec, how in combination.items() if how in states]


def libraries_in(text):
    return {codec for codec, library in LIBRARIES.items() if library in text}


def make_files(tmp, mkko):
    """Modules of each compression, and a dpkg-query that takes the name of a file for its package's."""
    for suffix in ("zst", "xz", "gz"):
        for name in "ab":
            path = tmp / f"modules/6.1.0/{name}.ko.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([mkko, "-", path], input=f"info name={name}\ninfo description=of {suffix}\ncompress {suffix}\n", text=True, check=True)
    (tmp / "bin").mkdir()
    (tmp / "bin/dpkg-query").write_text('#!/bin/sh\nprintf "%s: /\\n" "${2#\\*/}"\n')
    (tmp / "bin/dpkg-query").chmod(0o755)


def check_statements(check, build, combination, summary, sources, tmp):
    """What is said of the build, by itself and for those who package it."""
    label = ", ".join(f"{codec} {how}" for codec, how in combination.items())
    used, linked, opened = those(combination, "linked", "dlopen"), set(those(combination, "linked")), set(those(combination, "dlopen"))
    features = " ".join(("+" if codec in used else "-") + codec.upper() for codec in combination)
    check(f"{label}: summary", ", ".join(f"{codec} ({combination[codec]})" for codec in used), re.search(r"codecs *: (.*)", summary)[1])
    check(f"{label}: --version", f"{features} +OPENSSL -MBEDTLS", command([build / "src/kmod", "--version"])[0].splitlines()[1])
    first = {"PKG_CONFIG_PATH": build / "meson-private"}  # a libkmod.pc of the system may be there, too
    check(f"{label}: kmod.pc", " ".join(used), command(["pkg-config", "--variable=module_compressions", "kmod"], **first)[0].strip())
    for how, wanted in ([], set()), (["--static"], linked):
        words = command(["pkg-config", *how, "--libs", "libkmod"], **first)[0].split()
        check(f"{label}: libkmod.pc {' '.join(how)}", wanted, {codec for codec, word in LINKED.items() if word in words})
    for name in "kmod", "face/libkmod/libkmod.so.2":
        check(f"{label}: what {name} needs", linked, libraries_in(command(["readelf", "-d", build / "src" / name])[0]))
    only = tmp / "only"
    only.mkdir(exist_ok=True)
    (only / "kmod").write_bytes((build / "src/kmod").read_bytes())
    recommended = command([sources / "packaging/debian/dlopen-recommends", only], PATH=f"{tmp / 'bin'}:{os.environ['PATH']}")[0]
    check(f"{label}: what it recommends", "dlopen:Recommends=" + ", ".join(sorted(LIBRARIES[codec] for codec in opened)), recommended.strip())
    hook = command(["sh", "-c", (build / "packaging/hooks/image-libraries").read_text().replace("/lib/modules/", f"{tmp}/modules/"), "-", "6.1.0"])
    check(f"{label}: what an image needs", (opened, 0), (libraries_in(hook[0]), hook[1]))


def check_reading(check, build, combination, tmp):
    """Modules of each compression, with the libraries and where they cannot be opened."""
    for codec, how in combination.items():
        paths = [tmp / f"modules/6.1.0/{name}.ko.{SUFFIXES[codec]}" for name in "ab"]
        words = [build / "src/kmod", "modinfo", "-F", "description", *paths]

        def lacking(what, paths=paths, name=NAMES[codec]):
            own = [f"could not get modinfo from '{path.name[0]}': Function not implemented" for path in paths]
            lines = [f"{paths[0]}: {name}: {what}", own[0], own[1], f"{what} for 1 more file"]
            return "".join(f"modinfo: ERROR: {line}\n" for line in lines), 1

        reads = f"of {SUFFIXES[codec]}\n" * 2, 0
        check(f"{codec} {how}: two modules", lacking(f"this build has no {NAMES[codec]} decompression") if how == "disabled" else reads,
              command(words))
        if how == "dlopen":
            # only this one: the program does not start without those that it links
            (tmp / "one").mkdir(exist_ok=True)
            broken = tmp / "one" / LIBRARIES[codec]
            broken.write_text("")
            check(f"{codec} {how}: no library", lacking(f"library {LIBRARIES[codec]} is not available"), command(words, LD_LIBRARY_PATH=tmp / "one"))
            broken.unlink()


def check_codecs(check, meson, sources, mkko, tmp):
    build = tmp / "build"
    make_files(tmp, mkko)
    for combination in COMBINATIONS:
        options = [f"-D{codec}={how}" for codec, how in combination.items()]
        first = ["-Dtests=false", "-Dkmodctl=disabled", "-Dmanpages=disabled", "-Dhardening=false", "-Dbuildtype=plain", "-Doptimization=0"]
        how = ["--reconfigure"] if build.exists() else first
        summary, status = command([meson, "setup", build, sources, *how, *options])
        check(f"{' '.join(options)}: set up", 0, status)
        out, status = command(["ninja", "-C", build, "src/kmod", "src/face/libkmod/libkmod.so.2.5.1"])
        if status:
            print(out)
        check(f"{' '.join(options)}: built", 0, status)
        check_statements(check, build, combination, summary, sources, tmp)
        check_reading(check, build, combination, tmp)
    refused = command([meson, "setup", tmp / "refused", sources, "-Dtests=false", "-Dcodecs=none", "-Dxz=linked"])
    check("none of the codecs, and one of them", True, refused[1] != 0 and "-Dcodecs=none leaves out what -Dxz=linked asks for" in refused[0])
