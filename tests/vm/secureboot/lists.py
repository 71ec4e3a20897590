# SPDX-License-Identifier: MIT
"""EFI signature lists, made without the tools under test (UEFI 2.10, 32.4.1)."""

import hashlib
import struct
import uuid

X509 = uuid.UUID('a5c059a1-94e4-4aa7-87b5-ab155c2bf072').bytes_le
SHA256 = uuid.UUID('c1c41626-504c-4092-aca9-41f936934328').bytes_le
X509_SHA256 = uuid.UUID('3bd2a492-96c0-4079-b420-fcf98ef103ed').bytes_le
OWNER = uuid.UUID('11111111-2222-3333-4444-555555555555').bytes_le
NEVER = bytes(16)   # EFI_TIME of the revocation: always


def signature_list(kind, entries):
    body = b''.join(OWNER + entry for entry in entries)
    return kind + struct.pack('<III', 28 + len(body), 0, 16 + len(entries[0])) + body


def certificate(der):
    return signature_list(X509, [der])


def digests(values):
    return signature_list(SHA256, values)


def signed_part(der):
    """Of a certificate, its first element; both lengths in two bytes, as keys of 2048 bits have."""
    assert der[:2] == der[4:6] == b'\x30\x82'
    return der[4:8 + struct.unpack('>H', der[6:8])[0]]


def certificate_digests(certificates):
    return signature_list(X509_SHA256, [hashlib.sha256(signed_part(der)).digest() + NEVER for der in certificates])
