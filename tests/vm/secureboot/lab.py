# SPDX-License-Identifier: MIT
"""Boots with a count: predictions of `kmodctl trust` for module files against what the kernel does with them."""

import argparse
import hashlib
import json
import os
import subprocess

import fixtures
import guest
from machine import Machine
from checks import Checks
from secureboot import keys
from secureboot.firmware import SecureMachine
from secureboot.mokmanager import Console

ROOT = os.path.dirname(os.path.dirname(guest.HERE))
WORK = f'{ROOT}/build-vm/secureboot'
TIMEOUT = 1800  # seconds, as in run.py: of a machine that others keep busy
PASSWORD = 'labpasst'
DISTRIBUTION_MODULE = 'crc-itu-t'
OWN_MODULE = 'kmodctl_test'


class Report(Checks):
    """And of cells, which are predictions compared with the kernel."""

    def __init__(self, show):
        super().__init__()
        self.cells = self.agreed = self.undecided = self.boots = 0
        self._show = show

    def cell(self, name, predicted, measured):
        self.cells += 1
        if self.true(name, predicted == measured, f'predicted {predicted}, the kernel did {measured}'):
            self.agreed += 1

    def open_cell(self, name, unread, possible, measured):
        """The prediction is "unknown": what was not read has to be named, and the kernel's answer one of those left."""
        self.cells += 1
        self.undecided += 1
        if self.true(name, bool(unread) and measured in possible, f'unknown: {unread}: {possible}, the kernel did {measured}'):
            self.agreed += 1

    def say(self, text):
        if self._show:
            print(text, flush=True)


class Output:
    """What a guest printed: blocks (name -> lines and status) and measurements (file -> errno, taints)."""

    def __init__(self):
        self.blocks, self.measured, self.done = {}, {}, False
        self._open = None

    def take(self, line):
        line = line.lstrip('\r')
        if line.startswith('<<< '):
            self._open = line[4:]
            self.blocks[self._open] = ([], None)
        elif line.startswith('>>> ') and self._open:
            self.blocks[self._open] = (self.blocks[self._open][0], int(line[4:]))
            self._open = None
        elif self._open:
            self.blocks[self._open][0].append(line)
        elif line.startswith('measured '):
            words = line.split()
            self.measured[words[1]] = words[2:]
        elif line == 'guest done':
            self.done = True

    def text(self, name):
        return '\n'.join(self.blocks.get(name, ([], None))[0])

    def status(self, name):
        return self.blocks.get(name, ([], None))[1]

    def json(self, name):
        try:
            return json.loads(self.text(name))
        except ValueError:
            return {}


class Lab:
    """Machines with one kernel. The module of our own needs the kernel's headers, which are there for one series."""

    def __init__(self, kmodctl, report, kernel, own_module=False):
        self.report = report
        self.kernel = kernel
        self.kmodctl = kmodctl
        self.keys = f'{WORK}/keys'
        keys.make_keys(self.keys)
        keys.make_leaves(self.keys)
        self.variants = self._make_variants(own_module)

    def _read_module(self, name):
        path = f'{self.kernel.modules}/{self.kernel.path_of(name)}'
        if path.endswith('.xz'):
            return subprocess.run(['xz', '-dc', path], check=True, capture_output=True).stdout
        with open(path, 'rb') as module:
            return module.read()

    def _make_variants(self, own_module):
        variants = keys.Variants(f'{WORK}/modules-{self.kernel.series}', self.keys)
        signed = self._read_module(DISTRIBUTION_MODULE)
        payload = keys.split(signed)[0]
        variants.write(DISTRIBUTION_MODULE, 'distribution', signed, "kernel's own key")
        variants.add_module(DISTRIBUTION_MODULE, payload)
        variants.add_chains(DISTRIBUTION_MODULE, payload)
        variants.add_damaged(DISTRIBUTION_MODULE, signed, 'distribution')
        variants.add_damaged(DISTRIBUTION_MODULE, variants.signed(payload, 'mok'), 'mok')
        if own_module:
            with open(fixtures.make(f'module:{OWN_MODULE}', self.kernel, os.path.dirname(WORK)), 'rb') as own:
                variants.add_module(OWN_MODULE, own.read())
        return variants

    def digest(self, name):
        """SHA-256 of a whole module file, its signature included."""
        with open(f'{self.variants.directory}/{name}', 'rb') as module:
            return hashlib.sha256(module.read()).digest()

    def _initramfs(self, steps, files, journal=None, modules=()):
        work = os.path.dirname(WORK)
        extra = {f'/vm/modules/{name}': f'{self.variants.directory}/{name}' for name in self.variants.kinds}
        extra |= {f'/vm/{name}': fixtures.make(f'helper:{name}', self.kernel, work) for name in ('try-load', 'set-variable')}
        extra |= {f'/vm/{os.path.basename(path)}': path for path in files}
        release = self.kernel.release
        boot = os.path.dirname(self.kernel.image)
        extra |= {f'/boot/{name}-{release}': f'{boot}/{name}-{release}' for name in ('vmlinuz', 'config')}
        wanted = [name for name in ('efivarfs', *modules) if self.kernel.has(name)]
        case = argparse.Namespace(modules=wanted, directories=[], static=False,
                                  script=f'{guest.HERE}/secureboot/guest.sh')
        fs = guest.build(self.kernel, f'{ROOT}/build/src/kmod', case, extra)
        fs.program('/usr/bin/kmodctl', self.kmodctl)
        fs.symlink('/usr/bin/mokutil', 'kmodctl')
        fs.program('/usr/bin/keyctl', guest.find_program('keyctl'))
        fs.text('/vm/steps.sh', steps)
        if journal:
            fs.text('/var/lib/kmodctl/mok-requests', journal)
        return fs

    def _logs(self, title):
        self.report.boots += 1
        return f'{WORK}/logs/{self.report.boots:02}-{title.replace(" ", "-").replace("/", "")}'

    def plain(self, title, append):
        """A boot without UEFI."""
        output = Output()
        machine = Machine(self.kernel.image, self._initramfs('', []), 1024, [], append)
        machine.run(self._logs(title), TIMEOUT, output.take)
        return self._finish(title, output)

    def boot(self, title, variables, append='', steps='', files=(), console=None, modules=(), shim=True):
        output, console = Output(), console or Console()
        machine = SecureMachine(self.kernel.image, self._initramfs(steps, list(files), variables.journal, modules), variables,
                                append, shim)
        machine.run(self._logs(title), TIMEOUT, output.take, console)
        if output.text('journal'):
            variables.journal = output.text('journal') + '\n'
        return self._finish(title, output, console.events)

    def refuse(self, title, variables, **rest):
        """A boot in which MokManager is left without confirming anything."""
        console = Console(refuse=True)
        output = self.boot(title, variables, console=console, **rest)
        self.report.true(f'{title}: MokManager came up', console.came_up, str(console.events))
        return output

    def confirm(self, title, variables, requests=1, countdown=True):
        """A boot that MokManager answers; it ends with the machine's own reboot."""
        console = Console(PASSWORD)
        machine = SecureMachine(self.kernel.image, self._initramfs('', []), variables)
        machine.run(self._logs(title), TIMEOUT, lambda line: None, console)
        self.report.true(f'{title}: MokManager came up', console.came_up, str(console.events))
        self.report.true(f'{title}: confirmed', console.confirmed == requests, str(console.events))
        self.report.true(f'{title}: countdown', console.counted_down == countdown, str(console.events))
        for event in console.events:
            self.report.say(f'   {event}')

    def _finish(self, title, output, events=()):
        self.report.true(f'{title}: the guest ran to its end', output.done, f'see {WORK}/logs; {list(events)}')
        self.compare(title, output)
        self.report.say(f'{title}: {len(output.measured)} files')
        return output

    def compare(self, title, output):
        """Each file: what was predicted against what was measured."""
        predicted = {os.path.basename(m['file']): m for m in output.json('predict').get('modules', [])}
        self.report.true(f'{title}: every file was judged', predicted.keys() == self.variants.kinds.keys() == output.measured.keys(),
                          output.text('predict')[:300])
        for name, (error, taint, before, after) in output.measured.items():
            p = predicted.get(name)
            if not p:
                continue
            if p['possible']:
                left = [(a['errno'], a['taint'] if a['errno'] == 0 else '') for a in p['possible']]
                self.report.open_cell(f'{title}: {name}', p['unread'], left, (int(error), '' if taint == '-' else taint))
                continue
            said = (p['errno'], p['taint'] if p['errno'] == 0 else '', int(before) | p['tainted'])
            self.report.cell(f'{title}: {name}', said, (int(error), '' if taint == '-' else taint, int(after)))

    def compare_assumed(self, title, assumed, measured):
        """What an earlier boot said of a state that it was told to assume, against a boot in that state."""
        for m in assumed.json('assumed').get('modules', []):
            name = os.path.basename(m['file'])
            if name in measured.measured:
                error, taint = measured.measured[name][:2]
                self.report.cell(f'{title}: assumed: {name}', (m['errno'], m['taint'] if m['errno'] == 0 else ''),
                                 (int(error), '' if taint == '-' else taint))

    def compare_table(self, title, output, secure_boot, sig_enforce, lockdown):
        """The rows of the truth table for this state, against the in-tree module of each kind."""
        wanted = (secure_boot, sig_enforce, lockdown)
        rows = {row['signed_by']: row for row in output.json('predict').get('table') or []
                if (row['secure_boot'], row['sig_enforce'], row['lockdown']) == wanted}
        self.report.true(f'{title}: the table has this state', len(rows) == 5, str(rows)[:300])
        for name, kind in self.variants.kinds.items():
            if kind not in rows or not name.startswith(DISTRIBUTION_MODULE) or name not in output.measured:
                continue
            error, taint = output.measured[name][:2]
            row = rows[kind]
            self.report.cell(f'{title}: table: {kind}', (row['errno'], row['taint']), (int(error), '' if taint == '-' else taint))
            self.report.say(f'   {kind:18} {row["outcome"]:8} {row["errno_name"] or row["taint"]}')
