"""Sums over bytes: the plain sum, Adler-32, djb2, FNV-1a, and Pearson's table."""

from typing import Final

import numpy as np

from enigmath.bench.primitives.checksum import Checksum, start
from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.words import Word

ADLER: Final = 65521
"""The largest prime below 2**16."""
DJB_START: Final = 5381
DJB_FACTOR: Final = 33
FNV_START: Final = 0x811C9DC5
FNV_FACTOR: Final = 0x01000193

PEARSON_TABLE: Final = np.frombuffer(
    bytes.fromhex(
        "0157310cb0b266a679c10654f9e62ca30ec5d5b5a155da5040ef18e2ec8e26c8"
        "6eb168678dfdff324d6551122d601fde196bbe4656edf02248f214d6f4e395eb"
        "61ea39163cfa52afd0057fc76f3e87f8aea9d33a429a6ac3f5ab11bbb6b300f3"
        "8438944b80859e64827e5b0d99f6d8db7744df4e5358c9637a0b5c208872340a"
        "8a1e30b79c233d1a8f4afb5e81a23f98aa0773a7f1ce0396373b97dc5a351783"
        "7dad0fee4f5f59106989e1e0d9a0257b7649029d2e74099186e4cfd4cad745e5"
        "1bbc437ca8fc2a041d6c15f713cd27cbe928ba93c6c09b21a4bf62cca5b4754c"
        "8c24d2ac29369f08b9e871c4e72f927833411c90fedd5dbdc28b702b476db8d1"
    ),
    np.uint8,
)
"""The permutation of the bytes that Pearson printed, his table 1."""


def byte_sum(messages: Octets) -> Word:
    """The sum of the bytes modulo 256."""
    return messages.sum(axis=1, dtype=np.uint8)


def adler32(messages: Octets) -> Word:
    """RFC 1950, 1996: one plus the sum of the bytes, and the sum of those sums, both modulo 65521; high half second."""
    a, b = start(messages, 1, 64), start(messages, 0, 64)
    for octet in messages.T:
        a = a + octet
        b = b + a
    return ((b % ADLER) << 16 | a % ADLER).astype(np.uint32)


def djb2(messages: Octets) -> Word:
    """Bernstein's, comp.lang.c, 1991: h = 33 h + byte from 5381, modulo 2**32."""
    value = start(messages, DJB_START, 32)
    for octet in messages.T:
        value = value * DJB_FACTOR + octet
    return value


def fnv1a(messages: Octets) -> Word:
    """Fowler, Noll and Vo, 1991 (IETF draft-eastlake-fnv): h = (h ^ byte) * 16777619 from 2166136261, modulo 2**32."""
    value = start(messages, FNV_START, 32)
    for octet in messages.T:
        value = (value ^ octet) * FNV_FACTOR
    return value


def pearson(messages: Octets) -> Word:
    """Pearson, "Fast hashing of variable-length text strings", CACM 33(6), 1990: h = T[h ^ byte] from 0."""
    value = start(messages, 0, 8)
    for octet in messages.T:
        value = PEARSON_TABLE[value ^ octet]
    return value


SUM: Final = Checksum("byte-sum", 8, byte_sum, 1)
ADLER32: Final = Checksum("adler32", 32, adler32, 2)
DJB2: Final = Checksum("djb2", 32, djb2, 1)
FNV1A: Final = Checksum("fnv1a", 32, fnv1a, 2)
PEARSON: Final = Checksum("pearson", 8, pearson, 1)
