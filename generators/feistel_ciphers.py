"""Tasks on DES, a Feistel network of S-boxes, and KATAN32, two registers that feed each other; the ciphers are in
`bench/primitives/`.

The full cipher is the last level that is trained on, as a control on which nothing may beat guessing. The last round's
key of KATAN, two bits, is not asked for.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, task
from enigmath.bench.primitives.des import DES
from enigmath.bench.primitives.katan import KATAN
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import block_directions as directions
from enigmath.generators.block_directions import by_rounds

DES_DIFFERENCE: Final = "0000801000004000"
"""What the initial permutation turns into 40080000 04000000, of Biham and Shamir, 1991."""
KATAN_DIFFERENCE: Final = "00002000"
"""Bit 13 of L2: Gohr, Leander and Neumann, 2022."""


@task(
    "block/des-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(3, 4, 5, 6, 16, difference=DES_DIFFERENCE),
    beyond=by_rounds(7, 8, difference=DES_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def des_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two DES ciphertexts are of related plaintexts, as in
    `des.distinguish(4,49d8632862d263821dd8230862d26ac3)` with the answer `real`.

    Real pairs have plaintexts that differ, behind the initial permutation, by 40080000 04000000; the others' are
    random. Levels grow by rounds; the full cipher has 16. The difference passes three rounds with probability 1/16:
    Biham and Shamir, "Differential cryptanalysis of DES-like cryptosystems", 1991.
    """
    return directions.distinguish(rng, n, DES, **level)


@task(
    "block/des-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 16),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(DES),),
)
def des_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """DES with the key in the question, as in `des.encrypt(16,133457799bbcdff1,0123456789abcdef)` with the answer
    `85e813540f0ab405`.

    Rounds, key, plaintext. The lowest bit of each key byte is not used. Levels grow by rounds; the full cipher has 16.
    No key of the test stands in training.
    """
    return directions.encrypt(rng, n, DES, **level)


@task(
    "block/des-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 16),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(DES),),
)
def des_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """DES undone with the key in the question, as in `des.decrypt(16,133457799bbcdff1,85e813540f0ab405)` with the
    answer `0123456789abcdef`.

    Rounds, key, ciphertext. The lowest bit of each key byte is not used. Levels grow by rounds; the full cipher has 16.
    No key of the test stands in training.
    """
    return directions.decrypt(rng, n, DES, **level)


@task(
    "block/des-key",
    answer=Hexadecimal(12),
    levels=by_rounds(1, 2, 3, 4, 16, pairs=8),
    beyond=by_rounds(5, pairs=8),
    bulk=True,
    chance=2.0**-48,
    solve="box-by-box",
    perturbations=perturbed.SWAP_PAIRS,
)
def des_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of DES from eight known texts, as in (with four)
    `des.key(1,0123456789abcdef:4472457288eeddea,78cf02df34d64d46:38da57df25960953,a810dcd8d57c1417:b9459dc9d1795153,f266e3840c04771f:b662f6810d41661f)`
    with the answer `1b02effc7072`.

    Each text is plaintext:ciphertext, all under one key; the round key has 48 bits. Levels grow by rounds; the full
    cipher has 16. At one and two rounds each S-box shows what six key bits make of it, at three what twice six make of
    two, and each S-box can be searched by itself.
    """
    return directions.last_round_key(rng, n, DES, **level)


@task(
    "block/katan-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(30, 40, 50, 60, 254, difference=KATAN_DIFFERENCE),
    beyond=by_rounds(45, 66, difference=KATAN_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def katan_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two KATAN32 ciphertexts are of related plaintexts, as in `katan.distinguish(40,538f35c4e50f61e0)` with
    the answer `real`.

    Real pairs have plaintexts that differ by 0000 2000; the others' are random. Levels grow by rounds, of one clock
    each; the full cipher has 254. Gohr, Leander and Neumann, "An assessment of differential-neural distinguishers",
    2022, who reach 66 rounds on states taken back as far as no key is needed.
    """
    return directions.distinguish(rng, n, KATAN, **level)


@task(
    "block/katan-encrypt",
    answer=Hexadecimal(8),
    levels=by_rounds(8, 16, 32, 64, 254),
    beyond=by_rounds(12, 24, 48),
    bulk=True,
    chance=2.0**-32,
    perturbations=(perturbed.bit_of_block(KATAN),),
)
def katan_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """KATAN32 with the key in the question, as in `katan.encrypt(254,ffffffffffffffffffff,00000000)` with the answer
    `7e1ff945`.

    Rounds, key, plaintext. Levels grow by rounds, of one clock each; the full cipher has 254. No key of the test stands
    in training.
    """
    return directions.encrypt(rng, n, KATAN, **level)


@task(
    "block/katan-decrypt",
    answer=Hexadecimal(8),
    levels=by_rounds(8, 16, 32, 64, 254),
    beyond=by_rounds(12, 24, 48),
    bulk=True,
    chance=2.0**-32,
    perturbations=(perturbed.bit_of_plaintext(KATAN),),
)
def katan_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """KATAN32 undone with the key in the question, as in `katan.decrypt(254,ffffffffffffffffffff,7e1ff945)` with the
    answer `00000000`.

    Rounds, key, ciphertext. Levels grow by rounds, of one clock each; the full cipher has 254. No key of the test
    stands in training.
    """
    return directions.decrypt(rng, n, KATAN, **level)
