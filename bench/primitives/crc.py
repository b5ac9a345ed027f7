"""Cyclic redundancy checks: the message as a polynomial over GF(2), modulo the generator.

After Peterson and Brown, "Cyclic codes for error detection", 1961; the parameters are those of Williams, "A painless
guide to CRC error detection algorithms", 1993, under which the variants are catalogued.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.checksum import Checksum, start
from enigmath.bench.primitives.hash_function import Octets
from enigmath.bench.primitives.words import unsigned


@dataclass(frozen=True)
class Cyclic:
    """One variant: the generator without its highest term, the register before and the mask after.

    `reflected` takes each byte's lowest bit first and keeps the register mirrored, as serial lines do.
    """

    bits: int
    generator: int
    initial: int
    reflected: bool
    final: int

    @cached_property
    def table(self) -> npt.NDArray[Any]:
        """The register after eight steps from each byte, shape (256,)."""
        values = [self._eight_steps(byte) for byte in range(256)]
        return np.array(values, unsigned(self.bits))

    def _eight_steps(self, byte: int) -> int:
        """The definition, a bit at a time: shift, and subtract the generator where a one falls out."""
        if self.reflected:
            mirrored = int(f"{self.generator:0{self.bits}b}"[::-1], 2)
            register = byte
            for _ in range(8):
                register = register >> 1 ^ (mirrored if register & 1 else 0)
            return register
        register = byte << self.bits - 8
        for _ in range(8):
            out = register >> self.bits - 1
            register = register << 1 & (1 << self.bits) - 1 ^ (self.generator if out else 0)
        return register

    def of(self, messages: Octets) -> npt.NDArray[Any]:
        """The check values, shape (n,)."""
        register = start(messages, self.initial, self.bits)
        for octet in messages.T:
            if self.bits == 8:
                register = self.table[register ^ octet]
            elif self.reflected:
                register = register >> 8 ^ self.table[(register & 0xFF) ^ octet]
            else:
                register = register << 8 ^ self.table[register >> self.bits - 8 ^ octet]
        return register ^ self.final


CRC8: Final = Checksum("crc8", 8, Cyclic(8, 0x07, 0, False, 0).of, 1)
"""CRC-8/SMBUS: x^8 + x^2 + x + 1."""
CRC16: Final = Checksum("crc16", 16, Cyclic(16, 0x1021, 0xFFFF, False, 0).of, 2)
"""CRC-16/IBM-3740, which many call CCITT: x^16 + x^12 + x^5 + 1."""
CRC32: Final = Checksum("crc32", 32, Cyclic(32, 0x04C11DB7, 0xFFFFFFFF, True, 0xFFFFFFFF).of, 4)
"""CRC-32/ISO-HDLC, that of Ethernet and zlib."""
