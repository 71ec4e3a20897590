#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Secure Boot, for real: OVMF, shim, GRUB, MokManager and Debian's signed kernel under software emulation.

  sb.py [--kmodctl PATH] [--show]    last line "N passed, N failed"

In every boot `kmodctl trust` predicts what the kernel will do with each module file, then the kernel does it; errno,
the module's taint letters and the kernel's taint must be what was predicted. Between boots keys are enrolled and
deleted with `kmodctl mok` and MokManager, and the firmware is given platform keys of its own. --show prints what a
person would want to see.
"""

import argparse
import base64
import json
import os
import subprocess
import sys

import fixtures
import guest
from kernels import Kernel
from machine import Machine
from secureboot import keys
from secureboot.firmware import SecureMachine, Variables
from secureboot.mokmanager import Console

ROOT = os.path.dirname(os.path.dirname(guest.HERE))
WORK = f'{ROOT}/build-vm/secureboot'
TIMEOUT = 600
PASSWORD = 'labpasst'
GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c'
SECURITY = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f'
DISTRIBUTION_MODULE = 'crc-itu-t'
OWN_MODULE = 'kmodctl_test'


class Report:
    """Counts checks; and cells, which are predictions compared with the kernel."""

    def __init__(self, show):
        self.passed = self.failed = self.cells = self.agreed = 0
        self._show = show

    def check(self, name, good, detail=''):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f'not ok - {name}{": " if detail else ""}{detail}', flush=True)
        return good

    def cell(self, name, predicted, measured):
        self.cells += 1
        if self.check(name, predicted == measured, f'predicted {predicted}, the kernel did {measured}'):
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
    def __init__(self, kmodctl, report):
        self.report = report
        self.kernel = Kernel('6.12')
        self.kmodctl = kmodctl
        self.keys = f'{WORK}/keys'
        keys.make_keys(self.keys)
        self.variants = self._make_variants()
        self.journal = None
        self.boots = 0

    def _make_variants(self):
        variants = keys.Variants(f'{WORK}/modules', self.keys)
        packed = f'{self.kernel.modules}/{self.kernel.path_of(DISTRIBUTION_MODULE)}'
        signed = subprocess.run(['xz', '-dc', packed], check=True, capture_output=True).stdout
        payload = keys.split(signed)[0]
        variants.write(DISTRIBUTION_MODULE, 'distribution', signed, "kernel's own key")
        variants.add_module(DISTRIBUTION_MODULE, payload)
        variants.add_damaged(DISTRIBUTION_MODULE, signed, 'distribution')
        variants.add_damaged(DISTRIBUTION_MODULE, variants.signed(DISTRIBUTION_MODULE, payload, 'mok'), 'mok')
        with open(fixtures.make(f'module:{OWN_MODULE}', self.kernel, os.path.dirname(WORK)), 'rb') as own:
            variants.add_module(OWN_MODULE, own.read())
        return variants

    def _initramfs(self, steps, files):
        work = os.path.dirname(WORK)
        extra = {f'/vm/modules/{name}': f'{self.variants.directory}/{name}' for name in self.variants.kinds}
        extra |= {f'/vm/{name}': fixtures.make(f'helper:{name}', self.kernel, work) for name in ('try-load', 'set-variable')}
        extra |= {f'/vm/{os.path.basename(path)}': path for path in files}
        release = self.kernel.release
        boot = os.path.dirname(self.kernel.image)
        extra |= {f'/boot/{name}-{release}': f'{boot}/{name}-{release}' for name in ('vmlinuz', 'config')}
        case = argparse.Namespace(modules=['efivarfs'], directories=[], static=False, script=f'{guest.HERE}/secureboot/guest.sh')
        fs = guest.build(self.kernel, f'{ROOT}/build/src/tools/kmod', case, extra)
        fs.program('/usr/bin/kmodctl', self.kmodctl)
        fs.symlink('/usr/bin/mokutil', 'kmodctl')
        fs.program('/usr/bin/keyctl', guest.find_program('keyctl'))
        fs.text('/vm/steps.sh', steps)
        if self.journal:
            fs.text('/var/lib/kmodctl/mok-requests', self.journal)
        return fs

    def _logs(self, title):
        self.boots += 1
        return f'{WORK}/logs/{self.boots:02}-{title.replace(" ", "-").replace("/", "")}'

    def plain(self, title, append):
        """A boot without UEFI."""
        output = Output()
        machine = Machine(self.kernel.image, self._initramfs('', []), 1024, [], append)
        machine.run(self._logs(title), TIMEOUT, output.take)
        return self._finish(title, output)

    def boot(self, title, variables, append='', steps='', files=()):
        output, console = Output(), Console()
        machine = SecureMachine(self.kernel.image, self._initramfs(steps, list(files)), variables, append)
        machine.run(self._logs(title), TIMEOUT, output.take, console)
        return self._finish(title, output, console.events)

    def confirm(self, title, variables):
        """A boot that MokManager answers; it ends with the machine's own reboot."""
        console = Console(PASSWORD)
        machine = SecureMachine(self.kernel.image, self._initramfs('', []), variables)
        machine.run(self._logs(title), TIMEOUT, lambda line: None, console)
        self.report.check(f'{title}: MokManager came up', console.came_up, str(console.events))
        self.report.check(f'{title}: confirmed', console.confirmed, str(console.events))
        for event in console.events:
            self.report.say(f'   {event}')

    def _finish(self, title, output, events=()):
        self.report.check(f'{title}: the guest ran to its end', output.done, f'see {WORK}/logs; {list(events)}')
        if output.text('journal'):
            self.journal = output.text('journal') + '\n'
        self.compare(title, output)
        self.report.say(f'{title}: {len(output.measured)} files')
        return output

    def compare(self, title, output):
        """Each file: what was predicted against what was measured."""
        predicted = {os.path.basename(m['file']): m for m in output.json('predict').get('modules', [])}
        self.report.check(f'{title}: every file was judged', predicted.keys() == self.variants.kinds.keys() == output.measured.keys(),
                          output.text('predict')[:300])
        for name, (error, taint, before, after) in output.measured.items():
            p = predicted.get(name)
            if not p:
                continue
            said = (p['errno'], p['taint'] if p['errno'] == 0 else '', int(before) | p['tainted'])
            self.report.cell(f'{title}: {name}', said, (int(error), '' if taint == '-' else taint, int(after)))

    def compare_table(self, title, output, secure_boot, sig_enforce, lockdown):
        """The rows of the truth table for this state, against the in-tree module of each kind."""
        wanted = (secure_boot, sig_enforce, lockdown)
        rows = {row['signed_by']: row for row in output.json('predict').get('table') or []
                if (row['secure_boot'], row['sig_enforce'], row['lockdown']) == wanted}
        self.report.check(f'{title}: the table has this state', len(rows) == 5, str(rows)[:300])
        for name, kind in self.variants.kinds.items():
            if kind not in rows or not name.startswith(DISTRIBUTION_MODULE) or name not in output.measured:
                continue
            error, taint = output.measured[name][:2]
            row = rows[kind]
            self.report.cell(f'{title}: table: {kind}', (row['errno'], row['taint']), (int(error), '' if taint == '-' else taint))
            self.report.say(f'   {kind:18} {row["outcome"]:8} {row["errno_name"] or row["taint"]}')


TWICE = f"printf '{PASSWORD}\\n{PASSWORD}\\n'"
IMPORT = f'{TWICE} | block import kmodctl mok import --yes /vm/mok.der\nblock pending kmodctl mok status --json\n'
DELETE = f'{TWICE} | block delete kmodctl mok delete --yes /vm/mok.der\n'
STATUS = ('block status kmodctl mok status --json\nblock keys kmodctl keys --json\nblock state kmodctl trust --json\n'
          'block sb-state mokutil --sb-state\nblock machine-ring kmodctl keys list %:.machine\n'
          'block keyctl keyctl list %:.machine\n'
          f'block match kmodctl keys match /vm/modules/{DISTRIBUTION_MODULE}.mok.ko\n')
DB = f'block db base64 /sys/firmware/efi/efivars/db-{SECURITY}\n'


def outcomes(output, block='status'):
    return [(r['action'], r['outcome'], r['ring']) for r in output.json(block).get('requests', [])]


def secure_boot_value(output):
    return output.json('state').get('machine', {}).get('state', {}).get('secure-boot', {}).get('value')


def without_firmware(lab):
    for sig_enforce in (False, True):
        for lockdown in (False, True):
            append = ' '.join(['module.sig_enforce=1'] * sig_enforce + ['lockdown=integrity'] * lockdown)
            lab.plain(f'no UEFI {append}'.strip(), append)


def enrol_and_delete(lab):
    """Microsoft's keys in the firmware: a key is enrolled, used and deleted. Returns the content of db."""
    r = lab.report
    variables = Variables(f'{WORK}/microsoft.fd', 'microsoft')
    mok = [f'{lab.keys}/mok.der']
    first = lab.boot('Secure Boot', variables, steps=STATUS + DB + IMPORT, files=mok)
    r.check('Secure Boot is on', secure_boot_value(first) == 'on', first.text('state')[:200])
    r.check('mok import', first.status('import') == 0, first.text('import'))
    r.check('the request waits', outcomes(first, 'pending') == [('enrol', 'waits', None)], first.text('pending'))
    lab.confirm('enrolling', variables)
    second = lab.boot('key enrolled', variables, steps=STATUS + DELETE, files=mok)
    r.check('mok status: enrolled, in .machine', outcomes(second) == [('enrol', 'done', '.machine')], second.text('status'))
    r.check('keys list shows the key', keys.KEYS['mok'] in second.text('machine-ring'), second.text('machine-ring'))
    r.check('keys list prints what keyctl prints', second.text('machine-ring') == second.text('keyctl'), second.text('keyctl'))
    r.check('mokutil --sb-state', second.text('sb-state') == 'SecureBoot enabled', second.text('sb-state'))
    r.check('keys match finds its ring', 'key ring: .machine' in second.text('match'), second.text('match'))
    r.check('mok delete', second.status('delete') == 0, second.text('delete'))
    lab.confirm('deleting', variables)
    third = lab.boot('key deleted', variables, steps=STATUS)
    r.check('mok status: deleted', outcomes(third) == [('delete', 'done', None)], third.text('status'))
    r.check('the ring lost the key', keys.KEYS['mok'] not in third.text('machine-ring'), third.text('machine-ring'))
    return base64.b64decode(first.text('db'))[4:]


def make_updates(lab, db):
    """Signed updates of PK, KEK and db, with the platform key of our own; and the appends that kmodctl makes."""
    out = f'{WORK}/efi'
    os.makedirs(out, exist_ok=True)
    with open(f'{out}/db.esl', 'wb') as file:
        file.write(db)
    owner = '11111111-2222-3333-4444-555555555555'
    kek = f'{lab.keys}/kek'
    subprocess.run(['cert-to-efi-sig-list', '-g', owner, f'{kek}.pem', f'{out}/kek.esl'], check=True)
    open(f'{out}/empty.esl', 'w').close()
    # Each update of a variable must be later than the one before it.
    for name, source, target, date in (('PK', 'kek', 'PK', '2026-01-01 00:00:00'), ('KEK', 'kek', 'KEK', '2026-01-01 00:00:00'),
                                       ('db', 'db', 'db', '2026-01-01 00:00:00'), ('PK', 'empty', 'noPK', '2026-01-02 00:00:00')):
        subprocess.run(['sign-efi-sig-list', '-g', owner, '-t', date, '-k', f'{kek}.key', '-c', f'{kek}.pem', name,
                        f'{out}/{source}.esl', f'{out}/{target}.auth'], check=True, stdout=subprocess.DEVNULL)
    for signer, target in (('kek', 'append'), ('other', 'append-other')):
        subprocess.run([lab.kmodctl, 'key', 'export', '--auth', f'{out}/{target}.auth', '--kek-key', f'{lab.keys}/{signer}.key',
                        '--kek-cert', f'{lab.keys}/{signer}.pem', f'{lab.keys}/db.pem'], check=True)
    return [f'{out}/{name}.auth' for name in ('PK', 'KEK', 'db', 'noPK', 'append', 'append-other')]


def update(variable, guid, attributes, file):
    return f'block set-{file} /vm/set-variable {variable}-{guid} {attributes} /vm/{file}.auth\n'


def own_platform_keys(lab, db):
    """A platform key of our own: db is extended by the blob of `kmodctl key export`; then all of it again without."""
    r = lab.report
    variables = Variables(f'{WORK}/own.fd', 'empty')
    lab.journal = None
    files = make_updates(lab, db) + [f'{lab.keys}/mok.der']
    setup = lab.boot('setup mode', variables, files=files, steps=STATUS + IMPORT + update('db', SECURITY, '0x27', 'db') +
                     update('KEK', GLOBAL, '0x27', 'KEK') + update('PK', GLOBAL, '0x27', 'PK'))
    r.check('setup mode: Secure Boot is off', secure_boot_value(setup) == 'off', setup.text('state')[:200])
    r.check('platform keys are written', all(setup.status(f'set-{n}') == 0 for n in ('db', 'KEK', 'PK')), str(setup.blocks)[-600:])
    lab.confirm('enrolling under own keys', variables)
    append = lab.boot('own platform keys', variables, files=files, steps=STATUS +
                      update('db', SECURITY, '0x67', 'append-other') + update('db', SECURITY, '0x67', 'append'))
    r.check('own platform keys: Secure Boot is on', secure_boot_value(append) == 'on', append.text('state')[:200])
    r.check('an append signed by a foreign key is refused', append.status('set-append-other') == 1, append.text('set-append-other'))
    r.check('the append blob of key export is taken', append.status('set-append') == 0, append.text('set-append'))
    extended = lab.boot('key in db', variables, steps=STATUS)
    r.check('the key is in .platform', any(k['origin'] == '.platform' and 'VM db key' in (k['subject'] or '')
                                           for k in extended.json('keys').get('keys', [])), extended.text('keys')[:300])
    lab.compare_table('key in db', extended, True, False, False)
    enforced = lab.boot('key in db, enforced', variables, 'module.sig_enforce=1', steps=update('PK', GLOBAL, '0x27', 'noPK'), files=files)
    lab.compare_table('key in db, enforced', enforced, True, True, False)
    r.check('the platform key is removed', enforced.status('set-noPK') == 0, enforced.text('set-noPK'))
    for sig_enforce in (False, True):
        for lockdown in (False, True):
            words = ' '.join(['module.sig_enforce=1'] * sig_enforce + ['lockdown=integrity'] * lockdown)
            title = f'Secure Boot off {words}'.strip()
            lab.compare_table(title, lab.boot(title, variables, words), False, sig_enforce, lockdown)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmodctl', default=f'{ROOT}/build/src/tools/kmodctl')
    parser.add_argument('--show', action='store_true', help='a transcript for people')
    arguments = parser.parse_args()
    os.makedirs(f'{WORK}/logs', exist_ok=True)
    report = Report(arguments.show)
    lab = Lab(arguments.kmodctl, report)
    without_firmware(lab)
    own_platform_keys(lab, enrol_and_delete(lab))
    print(f'predicted against real: {report.agreed} of {report.cells} cells agree, {lab.boots} boots')
    print(f'{report.passed} passed, {report.failed} failed')
    return 0 if report.passed and not report.failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'secureboot: {error}')
