"""Tasks on PRESENT-80 and SKINNY-64/64, networks of S-boxes and permutations; the ciphers are in `bench/primitives/`.

The full cipher is the last level that is trained on, as a control on which nothing may beat guessing.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, task
from enigmath.bench.primitives.present import PRESENT
from enigmath.bench.primitives.skinny import SKINNY
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import block_directions as directions
from enigmath.generators.block_directions import by_rounds

PRESENT_DIFFERENCE: Final = "0000000000d00000"
"""Of the sixth cell from the right: Gohr, Leander and Neumann, 2022."""
SKINNY_DIFFERENCE: Final = "0000000000002000"
"""Of the first cell in the last row: the same paper."""


@task(
    "block/present-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(4, 5, 6, 7, 31, difference=PRESENT_DIFFERENCE),
    beyond=by_rounds(8, 9, difference=PRESENT_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def present_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two PRESENT-80 ciphertexts are of related plaintexts, as in
    `present.distinguish(6,182f6a61afa2fd2fd208a3412b699c1f)` with the answer `real`.

    Real pairs have plaintexts that differ by 0000 0000 00d0 0000; the others' are random. Levels grow by rounds; the
    full cipher has 31. Gohr, Leander and Neumann, "An assessment of differential-neural distinguishers", 2022: .713 and
    .561 at six and seven rounds.
    """
    return directions.distinguish(rng, n, PRESENT, **level)


@task(
    "block/present-pairs",
    answer=Choice(directions.LABELS),
    levels=[
        *by_rounds(6, 7, difference=PRESENT_DIFFERENCE, pairs=4),
        *by_rounds(7, 31, difference=PRESENT_DIFFERENCE, pairs=16),
    ],
    beyond=by_rounds(8, difference=PRESENT_DIFFERENCE, pairs=16),
    bulk=True,
    chance=0.5,
    perturbations=perturbed.SWAP_SAMPLES,
)
def present_pairs(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether several pairs of PRESENT-80 ciphertexts are of related plaintexts, as in (with two)
    `present.distinguish(6,182f6a61afa2fd2fd208a3412b699c1f,04e569f07dce3a37dbdac420f8452f04)` with the answer `real`.

    All are under one key: real, if the plaintexts of every pair differ by 0000 0000 00d0 0000; random, if all
    plaintexts are. Levels grow by rounds and by pairs; the full cipher has 31. Chen, Shen, Yu and Yuan, "A new neural
    distinguisher considering features derived from multiple ciphertext pairs", 2022.
    """
    return directions.distinguish(rng, n, PRESENT, **level)


@task(
    "block/present-masked",
    answer=Choice(directions.MASKED),
    levels=by_rounds(4, 5, 6, 31, difference=PRESENT_DIFFERENCE),
    beyond=by_rounds(7, difference=PRESENT_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def present_masked(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two PRESENT-80 ciphertexts of related plaintexts stand as they are, as in
    `present.masked(6,182f6a61afa2fd2fd208a3412b699c1f)` with the answer `real`.

    All plaintexts differ by 0000 0000 00d0 0000. In half of the pairs both ciphertexts are exclusive-ored with one
    random block (`masked`): their difference stays, and whoever scores above one half saw more than it. None should:
    the key added last is such a mask itself, but for what the key schedule leaves of it. Levels grow by rounds; the
    full cipher has 31. The real difference experiment of Gohr, 2019.
    """
    return directions.distinguish(rng, n, PRESENT, against="masked", **level)


@task(
    "block/present-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 31),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(PRESENT),),
)
def present_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """PRESENT-80 with the key in the question, as in `present.encrypt(31,00000000000000000000,0000000000000000)` with
    the answer `5579c1387b228445`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 31. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, PRESENT, **level)


@task(
    "block/present-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 31),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(PRESENT),),
)
def present_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """PRESENT-80 undone with the key in the question, as in `present.decrypt(31,00000000000000000000,5579c1387b228445)`
    with the answer `0000000000000000`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 31. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, PRESENT, **level)


@task(
    "block/present-key",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 31, pairs=8),
    beyond=by_rounds(4, pairs=8),
    bulk=True,
    chance=2.0**-64,
    solve="box-by-box",
    perturbations=perturbed.SWAP_PAIRS,
)
def present_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of PRESENT-80 from eight known texts, as in (with four)
    `present.key(1,0000000000000000:3fffffff00000000,78cf02df34d64d46:48dbae2457b5c2ee,a810dcd8d57c1417:5025bebbcb80ebaf,f266e3840c04771f:f5bc40eef6010f1e)`
    with the answer `c000000000000000`.

    Each text is plaintext:ciphertext, all under one key; asked is the key added behind the last round. Levels grow by
    rounds; the full cipher has 31. At one round each S-box stands alone between four key bits before it and four
    behind, and a search over those before it finds both.
    """
    return directions.last_round_key(rng, n, PRESENT, **level)


@task(
    "block/skinny-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(5, 6, 7, 32, difference=SKINNY_DIFFERENCE),
    beyond=by_rounds(8, 9, difference=SKINNY_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def skinny_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two SKINNY-64/64 ciphertexts are of related plaintexts, as in
    `skinny.distinguish(7,276128939906f9927340548b005c984b)` with the answer `real`.

    Real pairs have plaintexts that differ by 2 in the first cell of the last row; the others' are random. Levels grow
    by rounds; the full cipher has 32. Gohr, Leander and Neumann, "An assessment of differential-neural distinguishers",
    2022: .937 at seven rounds, by a net that is shown the state before the last round's parts that need no key.
    """
    return directions.distinguish(rng, n, SKINNY, **level)


@task(
    "block/skinny-masked",
    answer=Choice(directions.MASKED),
    levels=by_rounds(5, 6, 7, 32, difference=SKINNY_DIFFERENCE),
    beyond=by_rounds(8, difference=SKINNY_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def skinny_masked(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two SKINNY-64/64 ciphertexts of related plaintexts stand as they are, as in
    `skinny.masked(7,276128939906f9927340548b005c984b)` with the answer `real`.

    All plaintexts differ by 2 in the first cell of the last row. In half of the pairs both ciphertexts are
    exclusive-ored with one random block (`masked`): their difference stays, and whoever scores above one half saw more
    than it. The last round adds its key to half of the state only, so there is more to see. Levels grow by rounds; the
    full cipher has 32. The real difference experiment of Gohr, 2019.
    """
    return directions.distinguish(rng, n, SKINNY, against="masked", **level)


@task(
    "block/skinny-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 32),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(SKINNY),),
)
def skinny_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """SKINNY-64/64 with the key in the question, as in `skinny.encrypt(32,f5269826fc681238,06034f957724d19d)` with the
    answer `bb39dfb2429b8ac7`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, SKINNY, **level)


@task(
    "block/skinny-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, 32),
    beyond=by_rounds(5, 8),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(SKINNY),),
)
def skinny_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """SKINNY-64/64 undone with the key in the question, as in `skinny.decrypt(32,f5269826fc681238,bb39dfb2429b8ac7)`
    with the answer `06034f957724d19d`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, SKINNY, **level)


@task(
    "block/skinny-key",
    answer=Hexadecimal(8),
    levels=by_rounds(1, 2, 3, 4, 32, pairs=8),
    beyond=by_rounds(5, pairs=8),
    bulk=True,
    chance=2.0**-32,
    solve="box-by-box",
    perturbations=perturbed.SWAP_PAIRS,
)
def skinny_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of SKINNY-64/64 from eight known texts, as in (with two)
    `skinny.key(1,06034f957724d19d:de9327e659e1b67d,78cf02df34d64d46:55695669773db448)` with the answer `f5269826`.

    Each text is plaintext:ciphertext, all under one key; asked are the two rows of the tweakey that the last round
    adds. Levels grow by rounds; the full cipher has 32. A formula gives it at one and two rounds, for half of the state
    meets no key in a round; at three, searches over three cells at a time.
    """
    return directions.last_round_key(rng, n, SKINNY, **level)
