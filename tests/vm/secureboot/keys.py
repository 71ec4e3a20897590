# SPDX-License-Identifier: MIT
"""Keys and modules for the Secure Boot checks, made without the tools under test: openssl, and the kernel's sign-file."""

import glob
import os
import struct
import subprocess
import tempfile

MAGIC = b'~Module signature appended~\n'
KEYS = {'mok': 'VM machine owner key', 'unknown': 'VM unknown key', 'db': 'VM db key', 'kek': 'VM platform key',
        'other': 'VM key that is in no KEK'}
SIGN_FILE = '/usr/lib/linux-kbuild-*/scripts/sign-file'
CONFIG = '''[ req ]
distinguished_name = dn
prompt = no
string_mask = utf8only
x509_extensions = ext
[ dn ]
CN = {name}
[ ext ]
basicConstraints = critical,CA:{ca}
{usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
'''


# Keys of authorities: whether .machine takes them depends on these.
AUTHORITIES = {'ca': ('VM authority', 'keyUsage = keyCertSign,digitalSignature'),
               'ca-strict': ('VM authority that signs certificates only', 'keyUsage = keyCertSign'),
               'ca-plain': ('VM authority without usage', '')}


def make_keys(directory):
    for key, name in KEYS.items():
        make_key(directory, key, CONFIG.format(name=name, ca='FALSE', usage='keyUsage = digitalSignature'))


# Keys whose certificates another key made.
LEAVES = {'of-mok': ('mok', 'VM key of the owner'), 'of-db': ('db', 'VM key of db')}


def make_leaves(directory):
    for key, (issuer, name) in LEAVES.items():
        make_key(directory, key, CONFIG.format(name=name, ca='FALSE', usage='keyUsage = digitalSignature'), issuer)


def make_authorities(directory):
    for key, (name, usage) in AUTHORITIES.items():
        make_key(directory, key, CONFIG.format(name=name, ca='TRUE', usage=usage))


def make_key(directory, key, config, issuer=None):
    """A pair; its certificate is signed by its own key, or by that of another pair."""
    os.makedirs(directory, exist_ok=True)
    base = f'{directory}/{key}'
    if os.path.exists(f'{base}.pem'):
        return
    with open(f'{base}.cnf', 'w') as file:
        file.write(config)
    signer = ['-CA', f'{directory}/{issuer}.pem', '-CAkey', f'{directory}/{issuer}.key'] if issuer else []
    subprocess.run(['openssl', 'req', '-x509', '-new', '-nodes', '-utf8', '-sha256', '-days', '3650', '-newkey', 'rsa:2048', *signer,
                    '-config', f'{base}.cnf', '-outform', 'DER', '-out', f'{base}.der', '-keyout', f'{base}.key'],
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(['openssl', 'x509', '-inform', 'DER', '-in', f'{base}.der', '-out', f'{base}.pem'], check=True)


def sign_file():
    return sorted(glob.glob(SIGN_FILE))[-1]


def signature_length(data):
    return struct.unpack('>I', data[-len(MAGIC) - 4:-len(MAGIC)])[0]


def split(data):
    """payload, signature, end of a signed module"""
    end = len(MAGIC) + 12
    n = signature_length(data)
    return data[:-end - n], data[-end - n:-end], data[-end:]


def sign(payload, pair):
    """The module with a signature of the key in PAIR.key, whose certificate is in PAIR.pem."""
    with tempfile.TemporaryDirectory() as directory:
        with open(f'{directory}/unsigned', 'wb') as out:
            out.write(payload)
        subprocess.run([sign_file(), 'sha256', f'{pair}.key', f'{pair}.pem', f'{directory}/unsigned', f'{directory}/signed'], check=True)
        with open(f'{directory}/signed', 'rb') as done:
            return done.read()


def sign_with_certificates(payload, pair, *others):
    """The same by openssl; the message brings along the certificates of the pair and of the others."""
    with tempfile.TemporaryDirectory() as directory:
        with open(f'{directory}/unsigned', 'wb') as out:
            out.write(payload)
        with open(f'{directory}/others.pem', 'wb') as out:
            for other in others:
                with open(f'{other}.pem', 'rb') as certificate:
                    out.write(certificate.read())
        more = ['-certfile', f'{directory}/others.pem'] if others else []
        message = subprocess.run(['openssl', 'cms', '-sign', '-binary', '-outform', 'DER', '-md', 'sha256', '-noattr', '-nosmimecap',
                                  '-in', f'{directory}/unsigned', '-signer', f'{pair}.pem', '-inkey', f'{pair}.key', *more],
                                 check=True, capture_output=True).stdout
    return payload + message + struct.pack('>8BI', 0, 0, 2, 0, 0, 0, 0, 0, len(message)) + MAGIC


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


class Variants:
    """Files NAME.VARIANT.ko below directory; kind: the row of the truth table they stand for, or None."""

    def __init__(self, directory, keys):
        self.directory, self.keys = directory, keys
        self.kinds = {}
        os.makedirs(directory, exist_ok=True)

    def write(self, module, variant, data, kind=None):
        name = f'{module}.{variant}.ko'
        with open(f'{self.directory}/{name}', 'wb') as out:
            out.write(data)
        self.kinds[name] = kind
        return name

    def signed(self, payload, key):
        return sign(payload, f'{self.keys}/{key}')

    def add_module(self, module, payload):
        """Unsigned, and signed with each key; then damaged in ways that the kernel tells apart."""
        self.write(module, 'unsigned', payload, 'unsigned')
        for key, kind in (('unknown', 'unknown key'), ('mok', 'enrolled MOK'), ('db', 'key in db')):
            self.write(module, key, self.signed(payload, key), kind)

    def add_chains(self, module, payload):
        """Signed with the keys of db and of somebody whom it or the machine owner's key made a certificate, which are inside."""
        path = [f'{self.keys}/{key}' for key in ('mok', 'db', *LEAVES)]
        mok, db, of_mok, of_db = path
        for variant, message in (('db-inside', (db,)), ('of-db', (of_db,)), ('of-db-inside', (of_db, db)), ('of-mok', (of_mok,)),
                                 ('of-mok-and-db', (of_mok, db))):
            self.write(module, variant, sign_with_certificates(payload, *message))

    def add_damaged(self, module, signed, tag):
        payload, signature, end = split(signed)
        self.write(module, f'{tag}-changed', flip(payload, payload.find(b'description=') + 13) + signature + end)
        self.write(module, f'{tag}-badsig', payload + flip(signature, len(signature) - 20) + end)
        self.write(module, f'{tag}-cut', payload + signature[50:] + end)
        self.write(module, f'{tag}-junk', signed + b'\n')
        self.write(module, f'{tag}-scheme', payload + signature + end[:2] + b'\x01' + end[3:])
        self.write(module, f'{tag}-nonzero', payload + signature + b'\x01' + end[1:])
