"""Tasks on AES-128 and on its small sister SR(n, 2, 2, 4), of 16 bits; the ciphers are in `bench/primitives/`.

The full cipher is the last level that is trained on, as a control on which nothing may beat guessing; but the 65,536
keys of the small one can all be tried.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, task
from enigmath.bench.primitives.aes import AES
from enigmath.bench.primitives.small_aes import SMALL_AES
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import block_directions as directions
from enigmath.generators.block_directions import by_rounds

AES_DIFFERENCE: Final = "80000000000000000000000000000000"
"""One bit of the first byte; ours, as any one byte does."""
SMALL_DIFFERENCE: Final = "1000"
"""One bit of the first cell; ours."""


@task(
    "block/aes-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(1, 2, 3, 10, difference=AES_DIFFERENCE),
    beyond=by_rounds(4, 5, difference=AES_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def aes_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two AES-128 ciphertexts are of related plaintexts, as in
    `aes.distinguish(3,8d2656262eb632cc3b3ec75fc430b16c34883eaae5f149b0c2359122bb7b664a)` with the answer `real`.

    Real pairs have plaintexts that differ by the highest bit of the first byte; the others' are random. Levels grow by
    rounds; the full cipher has 10. One and two rounds leave bytes alone; after three, all bytes of a real pair differ,
    always.
    """
    return directions.distinguish(rng, n, AES, **level)


@task(
    "block/aes-encrypt",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 10),
    beyond=by_rounds(4, 5),
    bulk=True,
    chance=2.0**-128,
    perturbations=(perturbed.bit_of_block(AES),),
)
def aes_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """AES-128 with the key in the question, as in
    `aes.encrypt(10,000102030405060708090a0b0c0d0e0f,00112233445566778899aabbccddeeff)` with the answer
    `69c4e0d86a7b0430d8cdb78070b4c55a`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 10. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, AES, **level)


@task(
    "block/aes-decrypt",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 10),
    beyond=by_rounds(4, 5),
    bulk=True,
    chance=2.0**-128,
    perturbations=(perturbed.bit_of_plaintext(AES),),
)
def aes_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """AES-128 undone with the key in the question, as in
    `aes.decrypt(10,000102030405060708090a0b0c0d0e0f,69c4e0d86a7b0430d8cdb78070b4c55a)` with the answer
    `00112233445566778899aabbccddeeff`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 10. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, AES, **level)


@task(
    "block/aes-key",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 10, pairs=8),
    beyond=by_rounds(4, pairs=8),
    bulk=True,
    chance=2.0**-128,
    solve="box-by-box",
    perturbations=perturbed.SWAP_PAIRS,
)
def aes_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of AES-128 from eight known texts, as in (with four)
    `aes.key(1,00112233445566778899aabbccddeeff:b5f99471dbcf93fe17d6cfa06c61a619,78cf02df34d64d46a810dcd8d57c1417:6acc8250d67bd07c3a051b72e320c598,f266e3840c04771fbf1b48e4b25f6841:5fd658d2e26641ed73a6805c782ed521,697c59ce60b8d7507acd39c45d98a8fc:2fd0b7f091b356479a8c41aa07544874)`
    with the answer `d6aa74fdd2af72fadaa678f1d6ab76fe`.

    Each text is plaintext:ciphertext, all under one key. Levels grow by rounds; the full cipher has 10. At one round
    each byte stands alone between two key bytes, and a search over 256 values of the first finds both.
    """
    return directions.last_round_key(rng, n, AES, **level)


@task(
    "block/small-aes-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(1, 2, 3, 10, difference=SMALL_DIFFERENCE),
    beyond=by_rounds(4, 5, difference=SMALL_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def small_aes_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two ciphertexts of small-scale AES are of related plaintexts, as in `small-aes.distinguish(3,80f09d65)`
    with the answer `real`.

    Real pairs have plaintexts that differ by 1000; the others' are random. Levels grow by rounds; the full cipher has
    10. The two of a real pair are never the same, of the others once in 65,536.
    """
    return directions.distinguish(rng, n, SMALL_AES, **level)


@task(
    "block/small-aes-encrypt",
    answer=Hexadecimal(4),
    levels=by_rounds(1, 2, 3, 10),
    beyond=by_rounds(4, 6),
    bulk=True,
    chance=2.0**-16,
    perturbations=(perturbed.bit_of_block(SMALL_AES),),
)
def small_aes_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Small-scale AES, of 16 bits, with the key in the question, as in `small-aes.encrypt(10,2b7e,1a0f)` with the
    answer `422a`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 10. No key of the test stands in training. SR(n,
    2, 2, 4) of Cid, Murphy and Robshaw, "Small scale variants of the AES", FSE 2005.
    """
    return directions.encrypt(rng, n, SMALL_AES, **level)


@task(
    "block/small-aes-decrypt",
    answer=Hexadecimal(4),
    levels=by_rounds(1, 2, 3, 10),
    beyond=by_rounds(4, 6),
    bulk=True,
    chance=2.0**-16,
    perturbations=(perturbed.bit_of_plaintext(SMALL_AES),),
)
def small_aes_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Small-scale AES, of 16 bits, undone with the key in the question, as in `small-aes.decrypt(10,2b7e,422a)` with
    the answer `1a0f`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 10. No key of the test stands in training. SR(n,
    2, 2, 4) of Cid, Murphy and Robshaw, 2005.
    """
    return directions.decrypt(rng, n, SMALL_AES, **level)


@task(
    "block/small-aes-encrypt-hidden",
    answer=Hexadecimal(4),
    levels=by_rounds(1, 2, 3, 10, hidden=1),
    beyond=by_rounds(4, hidden=1),
    bulk=True,
    chance=2.0**-16,
    solve="key-search",
)
def small_aes_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Small-scale AES, of 16 bits, under one key that is never said, as in `small-aes.encrypt(2,1a0f)` with the answer
    `39e7`.

    All problems share the key, so a level has 65,536 problems, and a codebook is to be learnt from a part of it. Two of
    them give the key away to whoever tries all 65,536. Levels grow by rounds; the full cipher has 10.
    """
    return directions.encrypt(rng, n, SMALL_AES, **level)


@task(
    "block/small-aes-key",
    answer=Hexadecimal(4),
    levels=by_rounds(1, 2, 3, 10, pairs=3),
    beyond=by_rounds(4, 6, pairs=3),
    bulk=True,
    chance=2.0**-16,
    solve="key-search",
    perturbations=perturbed.SWAP_PAIRS,
)
def small_aes_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of small-scale AES, of 16 bits, from three known texts, as in
    `small-aes.key(1,1a0f:a7c6,78cf:70b8,02df:95f6)` with the answer `314f`.

    Each text is plaintext:ciphertext, all under one key, which the last round's key gives back. Levels grow by rounds;
    the full cipher has 10. All 65,536 keys can be tried at any number of rounds, and three texts fix the key.
    """
    return directions.last_round_key(rng, n, SMALL_AES, **level)
