# SPDX-License-Identifier: MIT
"""Module files whose headers and tables no compiler makes."""
import struct

SYMTAB, STRTAB, RELA = 2, 3, 4
MODINFO = b"license=GPL\0vermagic=6.1.0 SMP mod_unload \0"


def module(*sections, modinfo=MODINFO):
    """x86-64. A section is (name, type, content, link, info); content may be the number of another one, whose bytes it shares."""
    sections = [("", 0, b"", 0, 0), (".modinfo", 1, modinfo, 0, 0), (".gnu.linkonce.this_module", 1, bytes(896), 0, 0), *sections]
    names = b"\0".join(s[0].encode() for s in sections) + b"\0.shstrtab\0"
    sections.append((".shstrtab", STRTAB, names, 0, 0))
    body, headers, places = bytearray(64), bytearray(), []
    for name, kind, content, link, info in sections:
        if isinstance(content, int):
            places.append(places[content])
        else:
            places.append((len(body), len(content)))
            body += content + bytes(-len(content) % 8)
        headers += struct.pack("<IIQQQQIIQQ", names.find(name.encode() + b"\0"), kind, 2 * (kind == 1), 0, *places[-1], link, info, 8, 0)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 1, 62, 1, 0, 0, len(body), 0, 64, 0, 0, 64, len(sections), len(sections) - 1)
    return bytes(head + body[64:] + headers)


def tables(names, places, section=0):
    """.strtab and .symtab: for each place a global symbol of that section, whose name begins there."""
    symbols = b"".join(struct.pack("<IBBHQQ", at, 0x10, 0, section, 0, 0) for at in places)
    return (".strtab", STRTAB, names, 0, 0), (".symtab", SYMTAB, bytes(24) + symbols, 3, 1)


def needs(names, places):
    return module(*tables(names, places))


def named(form, n):
    """n names, and where each begins."""
    names, places = bytearray(1), []
    for i in range(n):
        places.append(len(names))
        names += form % i + b"\0"
    return bytes(names), places


def exports(form, n):
    """With the entries of the kernel's table, without checksums."""
    return module(*tables(*named(b"__ksymtab_" + form, n), section=5), ("__ksymtab", 1, bytes(16), 0, 0))


def declares(n):
    """n parameters, with a symbol for the array of each."""
    info = b"".join(b"parm=p%d:text\0parmtype=p%d:array of int\0" % (i, i) for i in range(n))
    return module(*tables(*named(b"__param_arr_q%d", n), section=1), modinfo=MODINFO + info)


def relocated(n_sections, n, shared):
    """Relocations of section 3, which are all the same bytes, or have n / n_sections each."""
    content = struct.pack("<QQq", 0, 1, 0) * (n if shared else n // n_sections)
    first = [(".text", 1, bytes(4096), 0, 0), (".rela.text", RELA, content, 0, 3)]
    return module(*first, *((".r", RELA, 4 if shared else content, 0, 3) for _ in range(n_sections - 1)))
