# SPDX-License-Identifier: MIT
"""Files that a case asks for and that are made on the host: "KIND:NAME"."""

import fcntl
import os
import shutil
import subprocess

from guest import HERE
from initramfs import find_program, need


def make(what, kernel, work):
    """The path of the file; made when it is not there or older than its source, by one case at a time."""
    kind, _, name = what.partition(':')
    os.makedirs(work, exist_ok=True)
    with open(f'{work}/.making', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return KINDS[kind](name, kernel, work)


def _is_fresh(path, source):
    return os.path.exists(path) and os.path.getmtime(path) >= os.path.getmtime(source)


def _helper(name, kernel, work):
    """A small static program of tests/vm/helpers."""
    source, program = f'{HERE}/helpers/{name}.c', f'{work}/{name}'
    if not _is_fresh(program, source):
        need('gcc')
        subprocess.run(['gcc', '-O1', '-Wall', '-Werror', '-static', '-o', program, source], check=True)
    return program


def _image(kind, kernel, work):
    """An empty file system."""
    path = f'{work}/{kind}.img'
    if not os.path.exists(path):
        with open(f'{path}.new', 'wb') as image:
            image.truncate(4 << 20)
        subprocess.run([find_program(f'mkfs.{kind}'), '-q', f'{path}.new'], check=True)
        os.rename(f'{path}.new', path)
    return path


def _crc64(name, kernel, work):
    """A packaged module compressed with a CRC64, which the kernel's unpacker does not know."""
    return _xz(name, kernel, work, 'crc64', ['--check=crc64'])


def _dict8m(name, kernel, work):
    """A packaged module compressed with a larger dictionary than the kernel's own modules."""
    return _xz(name, kernel, work, 'dict8m', ['--check=crc32', '--lzma2=dict=8MiB'])


def _xz(name, kernel, work, suffix, how):
    source = f'{kernel.modules}/{kernel.path_of(name)}'
    path = f'{work}/{name}-{kernel.release}.{suffix}.ko.xz'
    if not _is_fresh(path, source):
        need('xz')
        unpack = ['xz', '-dc'] if source.endswith('.xz') else ['cat']
        plain = subprocess.run([*unpack, source], check=True, capture_output=True).stdout
        packed = subprocess.run(['xz', *how], input=plain, check=True, capture_output=True).stdout
        with open(path, 'wb') as out:
            out.write(packed)
    return path


def _module(name, kernel, work):
    """A module of tests/vm/modules, built for this kernel."""
    build = f'{work}/modules-{kernel.release}'
    module = f'{build}/{name}.ko'
    if not _is_fresh(module, f'{HERE}/modules/{name}.c'):
        need('make', 'gcc', 'pahole')  # pahole: the 6.12 kernel has BTF
        os.makedirs(build, exist_ok=True)
        for file in os.listdir(f'{HERE}/modules'):
            subprocess.run(['cp', f'{HERE}/modules/{file}', build], check=True)
        with open(f'{build}/build.log', 'w') as log:
            subprocess.run(['make', '-C', kernel.headers, f'M={build}', 'modules'], stdout=log, stderr=log, check=True)
    return module


def _key(name, kernel, work):
    """A file of a key pair: NAME.priv, NAME.der or NAME.pem."""
    path = f'{work}/{name}'
    if not os.path.exists(path):
        subprocess.run([_tool('kmodctl', kernel, work), 'key', 'generate', '--cn', 'kmodctl test key', '-o',
                        os.path.splitext(path)[0]], check=True, stdout=subprocess.DEVNULL)
    return path


def _boot(name, kernel, work):
    """A file of the kernel's package that is in /boot: its configuration."""
    return f'{os.path.dirname(kernel.image)}/{name}-{kernel.release}'


def _program(name, kernel, work):
    """A program of this system."""
    return find_program(name)


def _essential(name, kernel, work):
    """A program that every Debian has; bootstrap has no list with these."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(f'no program {name}')
    return path


def _ours(path, kernel, work):
    """A file of this source tree or of its build."""
    return f'{os.path.dirname(work)}/{path}'


def _tool(name, kernel, work):
    """Another program of the build."""
    path = f'{kernel.system.build}/src/{name}'
    if not os.access(path, os.X_OK):
        raise RuntimeError(f'{path} is not there: build first')
    return path


KINDS = {'helper': _helper, 'image': _image, 'crc64': _crc64, 'dict8m': _dict8m, 'module': _module, 'key': _key, 'boot': _boot,
         'program': _program, 'essential': _essential, 'ours': _ours, 'tool': _tool}
