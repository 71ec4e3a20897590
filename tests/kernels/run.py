#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Is `kmodctl trust` right on kernels that are not Debian 12's? Asked of those that scripts/make-kernels makes, with Debian 13's OpenSSL.

  run.py [--kmodctl PATH] [NAME...]    last line "N passed, N failed"

Each kernel is booted in each state that it can be in: without UEFI, with and without module.sig_enforce=1 and
lockdown=integrity; by UEFI without Secure Boot; and in Secure Boot, under platform keys of the tests, with owner keys
enrolled. In every boot `kmodctl trust` judges every variant of a module, then the kernel is given it: the errno, the module's
taint letters and the kernel's taint must be what was predicted. Where the prediction is "unknown" (nothing on the machine
tells whether a kernel that somebody built consults .platform), it has to name what was not read, and the kernel's answer
has to be one of those that it leaves.
"""

import argparse
import base64
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
for room in ('vm', 'sign'):
    sys.path.insert(0, os.path.join(HERE, '..', room))
import guest  # noqa: E402
import mldsa  # noqa: E402
import sb  # noqa: E402
from corpus_forms import Forms  # noqa: E402
from kernels import CACHE, BuiltKernel, Kernel  # noqa: E402
from machine import need  # noqa: E402
from secureboot import firmware, keys, lists  # noqa: E402
from secureboot.firmware import Variables  # noqa: E402
from secureboot.lab import DISTRIBUTION_MODULE, WORK, Lab, Report  # noqa: E402
from systems import LIBRARY_DIRS  # noqa: E402

BUILT = f'{CACHE}/built'
PACKAGED = ('trixie', 'sid')
SUBJECT = 'upstream'  # whose module the kernel without modules is given


class KernelLab(Lab):
    """Variants: those of the Secure Boot tests, of keys of authorities and of ML-DSA, and the whole corpus of tests/sign."""

    has_mldsa = True  # in the guest's libcrypto: that of Debian 12 has not

    def _initramfs(self, *arguments):
        fs = super()._initramfs(*arguments)
        if self.has_mldsa:
            fs.libraries_of(self.kmodctl, f'{CACHE}/debian-root-trixie', LIBRARY_DIRS)
        return fs

    def _read_module(self, name):
        """Of a kernel without modules those of another one, of one without signatures with that of the built-in key."""
        kernel = self.kernel
        if not kernel.has_modules():
            self.kernel = BuiltKernel(SUBJECT)
        try:
            module = super()._read_module(name)
        finally:
            self.kernel = kernel
        return module if module.endswith(keys.MAGIC) else keys.sign(module, f'{BUILT}/keys/known')

    def _make_variants(self, own_module):
        variants = super()._make_variants(own_module)
        keys.make_authorities(self.keys)
        payload = keys.split(self._read_module(DISTRIBUTION_MODULE))[0]
        for key in keys.AUTHORITIES:
            variants.write(DISTRIBUTION_MODULE, key, variants.signed(payload, key))
        self._add_corpus(variants, payload)
        mldsa.add_variants(variants, DISTRIBUTION_MODULE, payload, f'{variants.directory}.mldsa')
        return variants

    def _add_corpus(self, variants, payload):
        work = f'{variants.directory}.corpus'
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(f'{BUILT}/keys', f'{work}/keys')
        with open(f'{work}/module', 'wb') as module:
            module.write(payload)
        for name in Forms(f'{work}/module', work, 'rsa2048', None).write():
            if name.endswith('.ko'):  # a kernel that does not unpack is asked for its answer to other things elsewhere
                with open(f'{work}/{name}', 'rb') as file:
                    variants.write(DISTRIBUTION_MODULE, name[:-3], file.read())


def microsoft_db(lab):
    """The list that Debian's shim is signed by."""
    variables = Variables(f'{WORK}/microsoft-db.fd', 'microsoft')
    return base64.b64decode(lab.boot('db of the firmware', variables, steps=sb.DB).text('db'))[4:]


def make_updates(lab):
    """PK, KEK and db of the tests: db has Microsoft's keys, the one that images are signed with, and one for modules."""
    out = f'{WORK}/kernels-efi'
    os.makedirs(out, exist_ok=True)
    db = microsoft_db(lab)
    for key in (f'{BUILT}/keys/image.der', f'{lab.keys}/db.der'):
        with open(key, 'rb') as certificate:
            db += lists.certificate(certificate.read())
    for name, content in (('db', db), ('dbx', b''), ('empty', b'')):
        with open(f'{out}/{name}.esl', 'wb') as file:
            file.write(content)
    sb.sign_updates(lab, out)
    return [f'{out}/{name}.auth' for name in ('PK', 'KEK', 'db')]


def enroll(lab):
    """A store of variables in Secure Boot with the owner's keys enrolled, made with one of Debian's kernels."""
    variables = Variables(f'{WORK}/kernels.fd', 'empty')
    owned = lab.boot('platform keys', variables, files=make_updates(lab), shim=False, steps=sb.update('db', sb.SECURITY, '0x27', 'db') +
                     sb.update('KEK', sb.GLOBAL, '0x27', 'KEK') + sb.update('PK', sb.GLOBAL, '0x27', 'PK'))
    lab.report.true('platform keys are written', all(owned.status(f'set-{n}') == 0 for n in ('db', 'KEK', 'PK')), str(owned.blocks)[-600:])
    names = ['mok', *keys.AUTHORITIES]
    keys.make_authorities(lab.keys)
    asked = lab.boot('request', variables, files=[f'{lab.keys}/{name}.der' for name in names],
                     steps=sb.ask('import', 'kmodctl mok import --yes ' + ' '.join(f'/vm/{name}.der' for name in names)))
    lab.report.true('the request is accepted', asked.status('import') == 0, asked.text('import'))
    lab.confirm('enrolling', variables)
    return variables


def check_kernel(lab, secure):
    """Every state of one kernel. secure: the store with Secure Boot on; None: there are packaged kernels only."""
    name = lab.kernel.series
    for sig_enforce, lockdown in sb.STATES:
        words = sb.command_line(sig_enforce, lockdown)
        lab.plain(f'{name} no UEFI {words}'.strip(), words)
    if name.startswith('mldsa'):
        lab.has_mldsa = False
        lab.plain(f'{name} without ML-DSA in libcrypto', '')
        lab.has_mldsa = True
    lab.boot(f'{name} UEFI', Variables(f'{WORK}/kernels-off.fd', 'empty'))
    if name in PACKAGED:
        return  # their images are not signed by a key of the tests
    for words in ('', 'module.sig_enforce=1'):
        lab.boot(f'{name} Secure Boot {words}'.strip(), Variables(f'{WORK}/kernels-on.fd', secure.path), words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kmodctl', default=f'{os.path.dirname(os.path.dirname(HERE))}/build/src/kmodctl')
    parser.add_argument('names', nargs='*', metavar='NAME')
    arguments = parser.parse_args()
    need('qemu-system-x86_64', 'openssl', 'xz', 'zstd', 'strip', 'cert-to-efi-sig-list', 'sign-efi-sig-list', keys.SIGN_FILE,
         *firmware.NEEDS, *guest.NEEDS)
    os.makedirs(f'{WORK}/logs', exist_ok=True)
    names = arguments.names or [*sorted(name[:-len('.config')] for name in os.listdir(f'{HERE}/configs')), *PACKAGED]
    report = Report(False)
    # Four boots that only kernels with images signed by the tests need.
    secure = enroll(Lab(arguments.kmodctl, report, Kernel('6.12'), own_module=True)) if set(names) - set(PACKAGED) else None
    for name in names:
        before = report.cells, report.agreed, report.undecided
        check_kernel(KernelLab(arguments.kmodctl, report, BuiltKernel(name)), secure)
        print(f'{name}: {report.agreed - before[1]} of {report.cells - before[0]} cells agree, '
              f'{report.undecided - before[2]} of them unknown', flush=True)
    print(f'predicted against real: {report.agreed} of {report.cells} cells agree, {report.undecided} of them unknown, '
          f'{report.boots} boots')
    print(f'{report.passed} passed, {report.failed} failed')
    return 0 if report.passed and not report.failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f'check-kernels: {error}')
