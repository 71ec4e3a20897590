#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Secure Boot, for real: OVMF, shim, GRUB, MokManager and Debian's signed kernels under software emulation.

  sb.py [--kmodctl PATH] [--show]    last line "N passed, N failed"

In every boot `kmodctl trust` predicts what the kernel will do with each module file, then the kernel does it; errno,
the module's taint letters and the kernel's taint must be what was predicted. Between boots keys are enrolled, blocked
and deleted with `kmodctl mok` and MokManager, requests are refused or never shown, and the firmware is given platform
keys of its own. --show prints what a person would want to see.
"""

import argparse
import base64
import os
import pathlib
import subprocess
import sys

import guest
from kernels import Kernel
from machine import need
from secureboot import firmware, keys, lists
from secureboot.firmware import Variables
from secureboot.lab import DISTRIBUTION_MODULE, OWN_MODULE, PASSWORD, ROOT, WORK, Lab, Report

GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c'
SECURITY = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f'

TWICE = f"printf '{PASSWORD}\\n{PASSWORD}\\n'"


def ask(name, command):
    """A request: its password is read twice. MokManager is to wait long enough for a busy machine to press a key."""
    return f'{TWICE} | block {name} {command}\nkmodctl mok timeout 60\n'


IMPORT = ask('import', 'kmodctl mok import --yes /vm/mok.der') + 'block pending kmodctl mok status --json\n'
DELETE = ask('delete', 'kmodctl mok delete --yes /vm/mok.der')
STATUS = ('block status kmodctl mok status --json\nblock keys kmodctl keys --json\nblock state kmodctl trust --json\n'
          'block sb-state mokutil --sb-state\nblock machine-ring kmodctl keys list %:.machine\n'
          'block keyctl keyctl list %:.machine\n'
          f'block match kmodctl keys match /vm/modules/{DISTRIBUTION_MODULE}.mok.ko\n')
DB = f'block db base64 /sys/firmware/efi/efivars/db-{SECURITY}\n'
# MokManager on the mounted EFI system partition: where it belongs, then beside another loader.
MANAGER = ('modprobe virtio_blk; modprobe vfat; modprobe nls_cp437; modprobe nls_ascii; mkdir -p /boot/efi\n'
           'mount -t vfat -o umask=077 /dev/vda1 /boot/efi\nblock manager kmodctl mok status --json\n'
           'mv /boot/efi/EFI/BOOT/mmx64.efi /boot/efi/EFI/debian/\nblock manager-elsewhere kmodctl mok status --json\n'
           + ask('import-in-vain', 'kmodctl mok import /vm/mok.der') +
           'mv /boot/efi/EFI/debian/mmx64.efi /boot/efi/EFI/BOOT/\numount /boot/efi\n')
ASSUMED = 'block assumed kmodctl trust --json --assume shim-validation=off,sig_enforce=0 /vm/modules/*.ko\n'
DISK_MODULES = ('virtio_blk', 'vfat', 'nls_cp437', 'nls_ascii')


def outcomes(output, block='status'):
    return [(r['action'], r['list'], r['outcome'], r['ring']) for r in output.json(block).get('requests', [])]


def state_value(output, name):
    return output.json('state').get('machine', {}).get('state', {}).get(name, {}).get('value')


def modules_column(output, origin, subject):
    """What `kmodctl keys` says of the keys there: do they vouch for modules?"""
    return [k['modules'] for k in output.json('keys').get('keys', [])
            if k['origin'] == origin and subject in (k['subject'] or '')]


def judged(output, name):
    """What `kmodctl trust` said of that file before it was loaded."""
    return next((m for m in output.json('predict').get('modules', []) if m['file'].endswith(f'/{name}')), {})


def cause(output, name):
    return judged(output, name).get('cause', '')


def kernel_verified(output, name):
    return judged(output, name).get('kernel_verified')


VERIFIED = {'distribution': True, 'distribution-changed': False, 'distribution-badsig': False, 'mok': True, 'mok-changed': False,
            'db': True, 'unknown': None, 'unsigned': None}


STATES = [(sig_enforce, lockdown) for sig_enforce in (False, True) for lockdown in (False, True)]


def command_line(sig_enforce, lockdown):
    return ' '.join(['module.sig_enforce=1'] * sig_enforce + ['lockdown=integrity'] * lockdown)


def without_firmware(lab):
    for sig_enforce, lockdown in STATES:
        append = command_line(sig_enforce, lockdown)
        title = f'{lab.kernel.series} no UEFI {append}'.strip()
        lab.compare_table(title, lab.plain(title, append), False, sig_enforce, lockdown)


def ask_in_vain(lab, variables, mok):
    """A request that is refused, then the same again. Returns the content of db."""
    r = lab.report
    first = lab.boot('Secure Boot', variables, steps=STATUS + DB + MANAGER + IMPORT, files=mok, modules=DISK_MODULES)
    r.true('Secure Boot is on', state_value(first, 'secure-boot') == 'on', first.text('state')[:200])
    there, elsewhere = first.json('manager'), first.json('manager-elsewhere')
    r.true('MokManager is found beside the shim that was booted', there.get('mokmanager') is True and
            there.get('mokmanager_path') == '/boot/efi/EFI/BOOT/mmx64.efi', first.text('manager')[:300])
    r.true('one beside another loader does not count', elsewhere.get('mokmanager') is False, first.text('manager-elsewhere')[:300])
    r.true('nothing is asked for without MokManager', first.status('import-in-vain') == 1, first.text('import-in-vain'))
    r.true('mok import', first.status('import') == 0, first.text('import'))
    r.true('the request waits', outcomes(first, 'pending') == [('enroll', 'keys', 'waits', None)], first.text('pending'))
    refused = lab.refuse('request refused', variables, steps=STATUS + IMPORT + 'block timeout kmodctl mok timeout -1\n', files=mok)
    r.true('mok status: refused', outcomes(refused) == [('enroll', 'keys', 'refused', None)], refused.text('status'))
    r.true('the refused key is in no ring', keys.KEYS['mok'] not in refused.text('machine-ring'), refused.text('machine-ring'))
    r.true('mok timeout -1', refused.status('timeout') == 0, refused.text('timeout'))
    return base64.b64decode(first.text('db'))[4:]


def check_enrolled(report, output):
    report.true('mok status: enrolled, in .machine', outcomes(output) == [('enroll', 'keys', 'done', '.machine')], output.text('status'))
    ring = output.text('machine-ring')
    report.true('keys list shows the key', keys.KEYS['mok'] in ring, ring)
    report.true('keys list prints what keyctl prints', ring == output.text('keyctl'), output.text('keyctl'))
    report.true('mokutil --sb-state', output.text('sb-state') == 'SecureBoot enabled', output.text('sb-state'))
    report.true('keys match finds its ring', 'key ring: .machine' in output.text('match'), output.text('match'))


def block_and_untrust(lab, variables, mok):
    """The enrolled key is put into MokListX, one module by its digest, and the list is no longer to be trusted."""
    r = lab.report
    victim = f'{OWN_MODULE}.mok.ko'
    enrolled = lab.boot('key enrolled', variables, files=mok, steps=STATUS +
                        ask('block-key', 'kmodctl mok import --blocked --yes /vm/mok.der') +
                        ask('block-digest', f'mokutil --mokx --import-hash {lab.digest(victim).hex()}') +
                        ask('untrust', 'kmodctl mok untrust --yes'))
    check_enrolled(r, enrolled)
    for name in ('block-key', 'block-digest', 'untrust'):
        r.true(name, enrolled.status(name) == 0, enrolled.text(name))
    lab.confirm('blocking', variables, requests=2)
    blocked = lab.boot('key blocked, list not trusted', variables, steps=STATUS + DELETE, files=mok)
    r.true('mok status: blocked', ('enroll', 'blocked', 'done', None) in outcomes(blocked), blocked.text('status'))
    r.true('the list is not trusted', state_value(blocked, 'mok-trusted') == 'no', blocked.text('state')[:400])
    r.true('keys: this kernel does not refuse for MokListXRT', modules_column(blocked, 'MokListXRT', keys.KEYS['mok']) == ['no'] and
            modules_column(blocked, '.machine', keys.KEYS['mok']) == ['yes'], blocked.text('keys')[:300])
    r.true('trust tells that the key is blocked in vain', 'MokListXRT blocks the key, but this kernel does not' in
            cause(blocked, f'{DISTRIBUTION_MODULE}.mok.ko'), blocked.text('predict')[:300])
    r.true('the module whose digest is blocked is refused', blocked.measured.get(victim, [''])[0] == '129', str(blocked.measured))
    r.true('mok delete', blocked.status('delete') == 0, blocked.text('delete'))


def enroll_and_delete(lab):
    """Microsoft's keys in the firmware: a key is enrolled, used and deleted. Returns what the system noted, and db."""
    r = lab.report
    variables = Variables(f'{WORK}/microsoft.fd', 'microsoft')
    mok = [f'{lab.keys}/mok.der']
    db = ask_in_vain(lab, variables, mok)
    lab.confirm('enrolling', variables, countdown=False)
    block_and_untrust(lab, variables, mok)
    lab.confirm('deleting', variables)
    deleted = lab.boot('key deleted', variables, files=[*mok, f'{lab.keys}/db.der'], steps=STATUS + IMPORT +
                       ask('import-other', 'kmodctl mok import --yes /vm/db.der'))
    r.true('mok status: deleted', ('delete', 'keys', 'done', None) in outcomes(deleted), deleted.text('status'))
    r.true('the ring lost the key', keys.KEYS['mok'] not in deleted.text('machine-ring'), deleted.text('machine-ring'))
    r.true('a blocked key is not asked for', 'blocked in MokListX' in deleted.text('import') and
            ('enroll', 'keys', 'waits', None) not in outcomes(deleted, 'pending'), deleted.text('import'))
    r.true('mok import of another key', deleted.status('import-other') == 0, deleted.text('import-other'))
    return variables.journal, db


def sign_updates(lab, out):
    """Updates of PK, KEK, db and dbx, signed by our platform key; each must be later than the one before it."""
    owner = '11111111-2222-3333-4444-555555555555'
    kek = f'{lab.keys}/kek'
    early, late = '2026-01-01 00:00:00', '2026-01-02 00:00:00'
    subprocess.run(['cert-to-efi-sig-list', '-g', owner, f'{kek}.pem', f'{out}/kek.esl'], check=True)
    for name, source, target, date in (('PK', 'kek', 'PK', early), ('KEK', 'kek', 'KEK', early), ('db', 'db', 'db', early),
                                       ('dbx', 'dbx', 'dbx', late), ('PK', 'empty', 'noPK', late)):
        subprocess.run(['sign-efi-sig-list', '-g', owner, '-t', date, '-k', f'{kek}.key', '-c', f'{kek}.pem', name,
                        f'{out}/{source}.esl', f'{out}/{target}.auth'], check=True, stdout=subprocess.DEVNULL)


def make_updates(lab, db):
    """Those, and the appends to db that kmodctl makes. dbx gets the key that db has, its certificate and one that the
    machine owner's key made by their digests, and two modules by theirs."""
    out = f'{WORK}/efi'
    os.makedirs(out, exist_ok=True)
    certificate, leaf = (pathlib.Path(lab.keys, f'{key}.der').read_bytes() for key in ('db', 'of-mok'))
    digests = [lab.digest(f'{OWN_MODULE}.{variant}.ko') for variant in ('db', 'unknown')]
    forbidden = lists.certificate(certificate) + lists.certificate_digests([certificate, leaf]) + lists.digests(digests)
    for name, content in (('db', db), ('dbx', forbidden), ('empty', b'')):
        with open(f'{out}/{name}.esl', 'wb') as file:
            file.write(content)
    sign_updates(lab, out)
    for signer, target in (('kek', 'append'), ('other', 'append-other')):
        subprocess.run([lab.kmodctl, 'key', 'export', '--auth', f'{out}/{target}.auth', '--kek-key', f'{lab.keys}/{signer}.key',
                        '--kek-cert', f'{lab.keys}/{signer}.pem', f'{lab.keys}/db.pem'], check=True)
    return [f'{out}/{name}.auth' for name in ('PK', 'KEK', 'db', 'dbx', 'noPK', 'append', 'append-other')]


def update(variable, guid, attributes, file):
    return f'block set-{file} /vm/set-variable {variable}-{guid} {attributes} /vm/{file}.auth\n'


def take_ownership(lab, variables, files):
    """From setup mode to platform keys of our own; db is extended by the blob of `kmodctl key export`."""
    r = lab.report
    setup = lab.boot('setup mode', variables, files=files, steps=STATUS + IMPORT)
    r.true('setup mode: Secure Boot is off', state_value(setup, 'secure-boot') == 'off', setup.text('state')[:200])
    # A request that waited, and a key that was blocked.
    r.true('mok status: vanished with all variables', ('enroll', 'keys', 'vanished', None) in outcomes(setup) and
            ('enroll', 'blocked', 'vanished', None) in outcomes(setup), setup.text('status'))
    unseen = lab.boot('without shim', variables, files=files, shim=False, steps=STATUS + update('db', SECURITY, '0x27', 'db') +
                      update('KEK', GLOBAL, '0x27', 'KEK') + update('PK', GLOBAL, '0x27', 'PK'))
    r.true('mok status: never shown', ('enroll', 'keys', 'not-shown', None) in outcomes(unseen) and
            unseen.json('status').get('shim') is False, unseen.text('status'))
    r.true('mok status: not to be told without shim', ('enroll', 'blocked', 'unknown', None) in outcomes(unseen), unseen.text('status'))
    r.true('platform keys are written', all(unseen.status(f'set-{n}') == 0 for n in ('db', 'KEK', 'PK')), str(unseen.blocks)[-600:])
    lab.confirm('enrolling under own keys', variables)
    append = lab.boot('own platform keys', variables, files=files, steps=STATUS +
                      update('db', SECURITY, '0x67', 'append-other') + update('db', SECURITY, '0x67', 'append'))
    r.true('own platform keys: Secure Boot is on', state_value(append, 'secure-boot') == 'on', append.text('state')[:200])
    r.true('an append signed by a foreign key is refused', append.status('set-append-other') == 1, append.text('set-append-other'))
    r.true('the append blob of key export is taken', append.status('set-append') == 0, append.text('set-append'))


def key_in_db(lab, old, variables, files):
    """A key in db; then in dbx as well, which also forbids two modules by their digests. Returns what the last boot said."""
    r = lab.report
    extended = lab.boot('key in db', variables, steps=STATUS + update('dbx', SECURITY, '0x27', 'dbx'), files=files)
    r.true('the key is in .platform', modules_column(extended, '.platform', 'VM db key') == ['yes'], extended.text('keys')[:300])
    lab.compare_table('key in db', extended, True, False, False)
    verified = {name: kernel_verified(extended, f'{DISTRIBUTION_MODULE}.{name}.ko') for name in VERIFIED}
    r.true('the kernel itself checked the signatures', verified == VERIFIED, str(verified))
    r.true('dbx is written', extended.status('set-dbx') == 0, extended.text('set-dbx'))
    old.compare_table('6.1 key in db', old.boot('6.1 key in db', variables), True, False, False)
    title = 'key in db and dbx, enforced'
    old.compare_table(f'6.1 {title}', old.boot(f'6.1 {title}', variables, 'module.sig_enforce=1'), True, True, False)
    forbidden = lab.boot(title, variables, 'module.sig_enforce=1', steps=STATUS + ASSUMED + ask('validation', 'kmodctl mok validation off --yes'))
    lab.compare_table(title, forbidden, True, True, False)
    r.true('keys: this kernel does not refuse for dbx', modules_column(forbidden, 'dbx', 'VM db key') == ['no'],
            forbidden.text('keys')[:300])
    r.true('mok validation off', forbidden.status('validation') == 0, forbidden.text('validation'))
    return forbidden


def validation_off(lab, old, variables, files, before):
    """The firmware in Secure Boot, but shim told not to validate: for the kernel that is off. before: what was expected."""
    r = lab.report
    lab.confirm('switching validation off', variables)
    insecure = lab.boot('validation off', variables, steps=STATUS)
    r.true('Secure Boot on, validation off', (state_value(insecure, 'secure-boot'), state_value(insecure, 'shim-validation')) ==
            ('on', 'off'), insecure.text('state')[:400])
    r.true('mokutil --sb-state tells of validation', 'validation is disabled' in insecure.text('sb-state'), insecure.text('sb-state'))
    lab.compare_table('validation off', insecure, False, False, False)
    r.true('the state was assumed before', len(before.json('assumed').get('modules', [])) == len(lab.variants.kinds))
    lab.compare_assumed('validation off', before, insecure)
    title = '6.1 validation off, enforced'
    enforced = old.boot(title, variables, 'module.sig_enforce=1', steps=update('PK', GLOBAL, '0x27', 'noPK'), files=files)
    old.compare_table(title, enforced, False, True, False)
    r.true('the platform key is removed', enforced.status('set-noPK') == 0, enforced.text('set-noPK'))


def own_platform_keys(lab, old, journal, db):
    """A platform key of our own: keys in db and dbx, Secure Boot on and off. The firmware starts with nothing."""
    variables = Variables(f'{WORK}/own.fd', 'empty')
    variables.journal = journal
    files = make_updates(lab, db) + [f'{lab.keys}/mok.der']
    take_ownership(lab, variables, files)
    before = key_in_db(lab, old, variables, files)
    validation_off(lab, old, variables, files, before)
    for sig_enforce, lockdown in STATES:
        words = command_line(sig_enforce, lockdown)
        title = f'Secure Boot off {words}'.strip()
        lab.compare_table(title, lab.boot(title, variables, words), False, sig_enforce, lockdown)
    old.compare_table('6.1 Secure Boot off', old.boot('6.1 Secure Boot off', variables), False, False, False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmodctl', default=f'{ROOT}/build/src/kmodctl')
    parser.add_argument('--show', action='store_true', help='a transcript for people')
    arguments = parser.parse_args()
    need('qemu-system-x86_64', 'openssl', 'xz', 'keyctl', 'cert-to-efi-sig-list', 'sign-efi-sig-list', keys.SIGN_FILE,
         *firmware.NEEDS, *guest.NEEDS)
    os.makedirs(f'{WORK}/logs', exist_ok=True)
    report = Report(arguments.show)
    lab = Lab(arguments.kmodctl, report, Kernel('6.12'), own_module=True)
    old = Lab(arguments.kmodctl, report, Kernel('6.1'))
    without_firmware(lab)
    without_firmware(old)
    own_platform_keys(lab, old, *enroll_and_delete(lab))
    print(f'predicted against real: {report.agreed} of {report.cells} cells agree, {report.boots} boots')
    print(f'{report.passed} passed, {report.failed} failed')
    return 0 if report.passed and not report.failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f'secureboot: {error}')
