"""The block ciphers by name, for those who are told a name: distinguishers, attacks, tests."""

from collections.abc import Mapping
from typing import Final

from enigmath.bench.primitives.block_cipher import BlockCipher
from enigmath.bench.primitives.speck import SPECK

BLOCK_CIPHERS: Final[Mapping[str, BlockCipher]] = {cipher.name: cipher for cipher in (SPECK,)}
"""Every block cipher by the name that its questions begin with."""
