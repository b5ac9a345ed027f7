"""The block ciphers by name, for those who are told a name: distinguishers, attacks, tests."""

from collections.abc import Mapping
from typing import Final

from enigmath.bench.primitives.aes import AES
from enigmath.bench.primitives.block_cipher import KeyedFunction
from enigmath.bench.primitives.chacha import CHACHA
from enigmath.bench.primitives.des import DES
from enigmath.bench.primitives.hight import HIGHT
from enigmath.bench.primitives.katan import KATAN
from enigmath.bench.primitives.lea import LEA
from enigmath.bench.primitives.present import PRESENT
from enigmath.bench.primitives.simeck import SIMECK
from enigmath.bench.primitives.simon import SIMON
from enigmath.bench.primitives.skinny import SKINNY
from enigmath.bench.primitives.small_aes import SMALL_AES
from enigmath.bench.primitives.speck import SPECK
from enigmath.bench.primitives.tea import TEA, XTEA

BLOCK_CIPHERS: Final[Mapping[str, KeyedFunction]] = {
    cipher.name: cipher
    for cipher in (
        *(SPECK, SIMON, SIMECK, TEA, XTEA, LEA, HIGHT, CHACHA),
        *(PRESENT, SKINNY, KATAN, DES, AES, SMALL_AES),
    )
}
"""Every block cipher, and ChaCha's block function, by the name that its questions begin with."""
