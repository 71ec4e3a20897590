# SPDX-License-Identifier: MIT
"""A DER tree that can be taken apart and put together again: [tag, bytes] or [tag, [children]]."""


def parse(data):
    """All elements of data."""
    nodes, at = [], 0
    while at < len(data):
        tag, length, head = data[at], data[at + 1], 2
        if length & 0x80:
            octets = length & 0x7f
            length = int.from_bytes(data[at + 2:at + 2 + octets], "big")
            head += octets
        body = data[at + head:at + head + length]
        nodes.append([tag, parse(body) if tag & 0x20 else body])
        at += head + length
    return nodes


def length_octets(n, long_form=False):
    if n < 0x80 and not long_form:
        return bytes([n])
    raw = n.to_bytes(2 if long_form else (n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


def encode(node, indefinite=0, long_form=0):
    """indefinite, long_form: of constructed elements down to that depth; legal BER, but nobody writes signatures so."""
    tag, content = node
    if not isinstance(content, list):
        return bytes([tag]) + length_octets(len(content)) + content
    body = b"".join(encode(child, max(indefinite - 1, 0), max(long_form - 1, 0)) for child in content)
    if indefinite:
        return bytes([tag, 0x80]) + body + b"\0\0"
    return bytes([tag]) + length_octets(len(body), long_form > 0) + body


def signed_data(message):
    """Children of SignedData of a parsed message: version, hashes, content, ..., signers."""
    return message[1][1][1][0][1]


def signers(message):
    return signed_data(message)[-1][1]
