# SPDX-License-Identifier: MIT
"""The kernels and module trees that scripts/get-kernels keeps in the cache."""

import os
import re

from systems import CACHE, FOREIGN, HOST

SERIES = ('6.1', '6.12')
PACKAGED_TREE = {'6.1': '6.1', '6.12': '6.12-xz'}


def normalise(name):
    return name.replace('-', '_')


def module_name(path):
    return normalise(re.sub(r'\.ko(\.\w+)?$', '', os.path.basename(path)))


def read_release(root, name, script):
    try:
        with open(f'{root}/release') as release:
            return release.read().strip()
    except FileNotFoundError:
        raise RuntimeError(f'no {name} kernel in {CACHE}: run {script}') from None


class ModuleTree:
    """The modules of one kernel and their indexes. A kernel without support for modules has no tree, and so none."""

    system = HOST  # that it is for

    def __init__(self, modules):
        self.modules = modules
        self._dependencies = self._read_dependencies()
        self._by_name = {module_name(path): path for path in self._dependencies}
        self._softdeps = self._read_softdeps()
        self._aliases = self._read_aliases()

    def has_modules(self):
        return bool(self._dependencies)

    @property
    def suffix(self):
        """What follows ".ko" in the names of the packaged files."""
        return next(iter(self._dependencies), '').partition('.ko')[2]

    def path_of(self, name):
        return self._by_name[normalise(name)]

    def has(self, name):
        """Is it a module, not built in?"""
        return normalise(name) in self._by_name

    def files_below(self, directory):
        return [path for path in self._dependencies if path.startswith(directory + '/')]

    def closure(self, paths):
        """Module files (relative to self.modules) with everything they depend on, hard and soft."""
        todo, found = list(paths), set()
        while todo:
            path = todo.pop()
            if path not in found:
                found.add(path)
                todo += self._dependencies[path]
                todo += self._soft_dependencies(module_name(path))
        return sorted(found)

    def indexes(self):
        return [name for name in self._names() if name.startswith('modules.')]

    def _names(self):
        return os.listdir(self.modules) if os.path.isdir(self.modules) else []

    def _lines(self, index):
        if index not in self._names():
            return []
        with open(f'{self.modules}/{index}') as lines:
            return lines.readlines()

    def _soft_dependencies(self, module):
        for name in self._softdeps.get(module, []):
            for target in [name] + self._aliases.get(name, []):
                if target in self._by_name:
                    yield self._by_name[target]

    def _read_dependencies(self):
        dependencies = {}
        for line in self._lines('modules.dep'):
            path, _, rest = line.partition(':')
            dependencies[path] = rest.split()
        return dependencies

    def _read_softdeps(self):
        softdeps = {}
        for line in self._lines('modules.softdep'):
            words = [normalise(word) for word in line.split()]
            if words[:1] == ['softdep']:
                softdeps[words[1]] = [word for word in words[2:] if word not in ('pre:', 'post:')]
        return softdeps

    def _read_aliases(self):
        """Those without wildcards."""
        aliases = {}
        for line in self._lines('modules.alias'):
            words = line.split()
            if len(words) == 3 and words[0] == 'alias' and not set(words[1]) & set('*?['):
                aliases.setdefault(normalise(words[1]), []).append(normalise(words[2]))
        return aliases


class Kernel(ModuleTree):
    """One of Debian's kernels: its image, and its tree of modules, as packaged unless another is named."""

    def __init__(self, series, tree=None):
        self.series = series
        root = f'{CACHE}/trees/{tree or PACKAGED_TREE[series]}'
        self.release = read_release(root, series, 'scripts/get-kernels')
        self.image = f'{CACHE}/kernels/{series}/boot/vmlinuz-{self.release}'
        self.headers = f'{CACHE}/headers/{self.release}/usr/src/linux-headers-{self.release}'
        super().__init__(f'{root}/lib/modules/{self.release}')


class BuiltKernel(ModuleTree):
    """A kernel that scripts/make-kernels made."""

    def __init__(self, name):
        self.series = name
        root = f'{CACHE}/built/{name}'
        self.release = read_release(root, name, 'scripts/make-kernels')
        self.image = f'{root}/boot/vmlinuz-{self.release}'
        super().__init__(f'{root}/lib/modules/{self.release}')


class ForeignKernel(BuiltKernel):
    """Debian's of another architecture, fetched by the same script."""

    def __init__(self, arch):
        self.system = FOREIGN[arch]
        super().__init__(arch)
