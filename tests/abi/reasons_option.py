# SPDX-License-Identifier: MIT
"""A build whose reasons for a refusal are in a library: with it, without it, and with that of another build."""
import errno
import os
import pathlib
import re
import subprocess

from codec_options import command

# The kernel answers EPERM to a process without the capability; a filter of system calls may answer ENOSYS in its place. In either
# case there is more to say than the error.
UNPRIVILEGED = ["setpriv", "--inh-caps=-sys_module", "--bounding-set=-sys_module"] if os.geteuid() == 0 else []


def check_reasons(check, meson, sources, mkko, tmp):
    """In the build that check_codecs() has left in tmp/build, where the reasons are linked."""
    build, module = tmp / "build", tmp / "refused.ko"
    subprocess.run([mkko, "-", module], input="info name=refused\n", text=True, check=True)
    links = {name: tmp / name for name in ("insmod", "modprobe")}
    for link in links.values():
        link.symlink_to(build / "src/kmod")

    def insmod(*options):
        return command([*UNPRIVILEGED, links["insmod"], *options, module])

    linked = insmod()
    line = f"insmod: ERROR: could not insert module {module}: "
    error = linked[0].removeprefix(line).split("\n")[0].split(";")[0]
    check("reasons linked", (True, 1), (error in (os.strerror(errno.EPERM), os.strerror(errno.ENOSYS)), linked[1]))
    bare = f"{line}{error}\n", 1
    check("reasons linked: more than the error", True, len(linked[0]) > len(bare[0]))
    check("reasons dlopen: set up", 0, command([meson, "setup", "--reconfigure", build, sources, "-Dreasons=dlopen", f"-Dprefix={tmp}/prefix"])[1])
    out, status = command(["ninja", "-C", build, "src/kmod", "src/why.so"])
    check("reasons dlopen: built", (0, ""), (status, out if status else ""))
    installed = command([meson, "introspect", "--installed", build])[0]
    places = re.findall(r'"(/[^"]*/why\.so)"', installed)
    check("reasons dlopen: installed", 1, sum(place.startswith(f"{tmp}/prefix/") for place in places))
    library = pathlib.Path(next(place for place in places if place.startswith(f"{tmp}/prefix/")))
    check("reasons dlopen: no library", bare, insmod())
    both = command([*UNPRIVILEGED, links["modprobe"], "-a", module, module])[0]
    check("reasons dlopen: no library, said once by modprobe", (2, 1), (both.count("could not insert"), both.count("cannot be opened")))
    check("reasons dlopen: no library, said", True, f"{library} cannot be opened" in insmod("-v")[0])
    hook = ["sh", build / "packaging/hooks/image-libraries", "6.1.0"]
    check("reasons dlopen: no library for an image", ("", 0), command(hook))
    library.parent.mkdir(parents=True)
    whole = (build / "src/why.so").read_bytes()
    library.write_bytes(whole)
    check("reasons dlopen: as if linked", linked, insmod())
    check("reasons dlopen: what an image needs", (f"{library}\n", 0), command(hook))
    exported = re.findall(r" (\S+)$", command(["nm", "-D", "--defined-only", library])[0], re.M)
    check("reasons dlopen: what the library exports", ["kmodctl_reasons"], exported)
    needed = re.findall(r"NEEDED.*\[(.*)\]", command(["readelf", "-d", library])[0])
    check("reasons dlopen: what the library needs", [], [name for name in needed if name not in libraries_of(build / "src/kmod")])
    digest = re.search(r'"([0-9a-f]{64})"', (build / "src/face/kmod/reasons_interface.h").read_text())[1].encode()
    check("reasons dlopen: the digest is in both", (1, 1), (whole.count(digest), (build / "src/kmod").read_bytes().count(digest)))
    library.write_bytes(whole.replace(digest, digest[::-1]))
    check("reasons dlopen: another build's library", bare, insmod())
    check("reasons dlopen: another build's library, said", True, f"{library} is of another build" in insmod("-v")[0])
    library.write_bytes(b"")
    check("reasons dlopen: an empty library", bare, insmod())
    check("reasons dlopen: an empty library, said", True, f"{library} cannot be opened" in insmod("-v")[0])


def libraries_of(program):
    return re.findall(r"NEEDED.*\[(.*)\]", command(["readelf", "-d", program])[0])
