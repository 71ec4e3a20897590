#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Modules with signatures of ML-DSA keys, which OpenSSL makes since 3.5: in the Debian 13 of the tests.

  mldsa.py DIRECTORY    inside of it: from DIRECTORY/payload to DIRECTORY/VARIANT.ko

Those without attributes are ours, with openssl's own signature beside it where it can make one: only with attributes.
"""

import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, '..', 'vm'))
from secureboot.keys import MAGIC, flip, split  # noqa: E402

KEYS = f'{os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")}/kmodctl/built/keys'
SIZES = ('44', '65', '87')
SIGNATURE, HASH = 3309, 48  # octets, of ML-DSA-65
HASHES = ('sha256', 'sha384', 'sha3-512')


def add_variants(variants, module, payload, work):
    """Each of them as NAME.VARIANT.ko. work: a directory below the checkout, which is emptied."""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    with open(f'{work}/payload', 'wb') as out:
        out.write(payload)
    subprocess.run([f'{ROOT}/tests/compat/in-debian', 'trixie', 'tests/kernels/mldsa.py', os.path.relpath(work, ROOT)], check=True)
    for name in sorted(os.listdir(work)):
        if name.endswith('.ko'):
            with open(f'{work}/{name}', 'rb') as file:
                variants.write(module, name[:-3], file.read())


class Maker:
    def __init__(self, directory):
        self._directory = directory
        self._payload = self._read('payload')

    def write_all(self):
        for size in SIZES:
            self._write(f'mldsa{size}', self._ours(f'mldsa{size}'))
            self._write(f'mldsa{size}-attributes', self._openssl(f'mldsa{size}', '-nocerts'))
        self._write('mldsa-unknown', self._ours('mldsa-unknown'))
        self._write('mldsa-unknown-attributes', self._openssl('mldsa-unknown', '-nocerts'))
        self._write('mldsa65-skid', self._ours('mldsa65', '--skid'))
        self._write('mldsa65-inside', self._ours('mldsa65', '--include-cert'))
        self._write('mldsa65-attributes-inside', self._openssl('mldsa65'))
        self._write('mldsa-unknown-inside', self._ours('mldsa-unknown', '--include-cert'))
        for name in HASHES:
            self._write(f'mldsa65-{name}', self._ours('mldsa65', '--hash', name))
        self._write('mldsa65-and-rsa-attributes', self._openssl('mldsa65', '-nocerts', '-signer', f'{KEYS}/known.pem', '-inkey', f'{KEYS}/known.key'))
        for name in HASHES:  # with attributes, kernels take sha512 only
            self._write(f'mldsa65-attributes-{name}', self._openssl('mldsa65', '-nocerts', md=name))
            self._write(f'mldsa65-attributes-inside-{name}', self._openssl('mldsa65', md=name))
        self._write('mldsa-unknown-attributes-sha256', self._openssl('mldsa-unknown', '-nocerts', md='sha256'))
        for form in ('', '-attributes', '-inside', '-attributes-inside'):
            self._damage(f'mldsa65{form}')

    def _damage(self, name):
        payload, signature, end = split(self._read(f'{name}.ko'))
        self._write(f'{name}-changed', flip(payload, payload.find(b'description=') + 13) + signature + end)
        self._write(f'{name}-badsig', payload + flip(signature, len(signature) - 20) + end)
        # FIPS 204, 7.2: behind the hash a vector, each of whose numbers has a bound, and hints that have an order.
        at = len(signature) - SIGNATURE
        self._write(f'{name}-hash', payload + flip(signature, at) + end)
        self._write(f'{name}-bound', payload + signature[:at + HASH] + bytes(3) + signature[at + HASH + 3:] + end)

    def _ours(self, key, *options):
        self._write('ours', self._payload)
        subprocess.run([f'{ROOT}/build/src/kmodctl', 'sign', '-k', '7.2', '--hash', 'sha512', '--key', f'{KEYS}/{key}.key', '--cert',
                        f'{KEYS}/{key}.pem', *options, f'{self._directory}/ours.ko'], check=True, stdout=subprocess.DEVNULL)
        signed = self._read('ours.ko')
        os.remove(f'{self._directory}/ours.ko')
        return signed

    def _openssl(self, key, *options, md='sha512'):
        message = subprocess.run(['openssl', 'cms', '-sign', '-binary', '-outform', 'DER', '-md', md, '-nosmimecap', '-in',
                                  f'{self._directory}/payload', '-signer', f'{KEYS}/{key}.pem', '-inkey', f'{KEYS}/{key}.key', *options],
                                 check=True, capture_output=True).stdout
        return self._payload + message + struct.pack('>8BI', 0, 0, 2, 0, 0, 0, 0, 0, len(message)) + MAGIC

    def _read(self, name):
        with open(f'{self._directory}/{name}', 'rb') as file:
            return file.read()

    def _write(self, variant, data):
        with open(f'{self._directory}/{variant}.ko', 'wb') as out:
            out.write(data)


if __name__ == '__main__':
    Maker(sys.argv[1]).write_all()
