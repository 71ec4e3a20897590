# SPDX-License-Identifier: MIT
"""A directory tree held in memory, written as a newc cpio archive: what the kernel unpacks as its first root."""

import os
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../lib'))
from need import need  # noqa: E402


class Initramfs:
    """Paths are absolute in the guest; parents are made as needed; a later entry replaces an earlier one."""

    def __init__(self, sysroot='', library_dirs=()):
        """sysroot: where the libraries of programs are, in library_dirs, when they are not this system's."""
        self._sysroot = sysroot
        self._library_dirs = library_dirs
        self._entries = {}  # path without leading slash -> (mode with type bits, content or source path)

    def directory(self, path, mode=0o755):
        path = path.strip('/')
        if path and path not in self._entries:
            self.directory(os.path.dirname(path))
            self._entries[path] = (stat.S_IFDIR | mode, b'')

    def symlink(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def text(self, path, content, mode=0o644):
        self._add(path, stat.S_IFREG | mode, content.encode())

    def file(self, path, source, mode=None):
        """source: a path on the host, read when the archive is written."""
        if mode is None:
            mode = stat.S_IMODE(os.stat(source).st_mode)
        self._add(path, stat.S_IFREG | mode, source)

    def tree(self, path, source):
        """Everything below the host directory source."""
        for directory, _, files in os.walk(source):
            base = os.path.normpath(os.path.join(path, os.path.relpath(directory, source)))
            self.directory(base)
            for name in files:
                full = os.path.join(directory, name)
                if os.path.islink(full):
                    self.symlink(f'{base}/{name}', os.readlink(full))
                else:
                    self.file(f'{base}/{name}', full)

    def program(self, path, source):
        """A program on the host with the shared libraries that it is linked with, these at their own paths."""
        self.file(path, os.path.realpath(source), 0o755)
        linked = foreign_libraries(source, self._sysroot, self._library_dirs) if self._sysroot else linked_libraries(source)
        for library in linked:
            self.library(library)

    def library(self, path, sysroot=None):
        self.file(path, os.path.realpath((self._sysroot if sysroot is None else sysroot) + path), 0o755)

    def libraries_of(self, program, sysroot, directories):
        """Another system's of the same names, in their place: its libc must be the newer one."""
        for library in foreign_libraries(program, sysroot, directories):
            self.library(library, sysroot)

    def write(self, out):
        for inode, path in enumerate(sorted(self._entries), 1):
            mode, content = self._entries[path]
            if isinstance(content, str):
                with open(content, 'rb') as source:
                    content = source.read()
            self._write_entry(out, inode, path, mode, content)
        self._write_entry(out, 0, 'TRAILER!!!', 0, b'')

    def _add(self, path, mode, content):
        path = path.strip('/')
        self.directory(os.path.dirname(path))
        self._entries[path] = (mode, content)

    @staticmethod
    def _write_entry(out, inode, path, mode, content):
        """Documentation/driver-api/early-userspace/buffer-format.rst: magic, 13 hexadecimal fields, name, data."""
        name = path.encode() + b'\0'
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
        header = b'070701' + b''.join(b'%08X' % field for field in fields) + name
        out.write(header + b'\0' * (-len(header) % 4))
        out.write(content)
        out.write(b'\0' * (-len(content) % 4))


def linked_libraries(program):
    """Paths of the interpreter and the libraries of a dynamic program; nothing for a static one."""
    ldd = subprocess.run(['ldd', program], capture_output=True, text=True)
    if ldd.returncode:
        return []
    if 'not found' in ldd.stdout:
        raise RuntimeError(f'{program} lacks a library: {ldd.stdout}')
    return re.findall(r'(/\S+) \(0x', ldd.stdout)


def foreign_libraries(program, sysroot, directories):
    """The same of a program that does not run here: what it and its libraries name, in the directories below sysroot."""
    found, todo = [], [program]
    while todo:
        headers = subprocess.check_output([find_program('readelf'), '-ldW', todo.pop()], text=True)
        paths = re.findall(r'program interpreter: (/[^]]+)]', headers)
        paths += [find_library(name, sysroot, directories) for name in re.findall(r'\(NEEDED\).*\[(.+)]', headers)]
        for path in paths:
            if path not in found:
                found.append(path)
                todo.append(sysroot + path)
    return found


def find_library(name, sysroot, directories):
    for directory in directories:
        if os.path.exists(f'{sysroot}{directory}/{name}'):
            return f'{directory}/{name}'
    raise RuntimeError(f'{name} is in none of {", ".join(sysroot + directory for directory in directories)}')


def find_program(name):
    need(name)
    return shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
