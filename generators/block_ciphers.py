"""Tasks on Speck, Simon and Simeck with blocks of 32 bits; the ciphers are in `bench/primitives/`.

Where ciphertexts are told apart, the last trained level is the full cipher: a control, on which nothing may beat
guessing. Elsewhere it stands beyond what is trained.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, task
from enigmath.bench.primitives.simeck import SIMECK
from enigmath.bench.primitives.simon import SIMON
from enigmath.bench.primitives.speck import SPECK
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import block_directions as directions
from enigmath.generators.block_directions import by_rounds
from enigmath.generators.quantities import speck_quantities

SPECK_DIFFERENCE: Final = "00400000"
"""The input difference of Gohr's distinguishers: after one round it is 8000 8000, always."""
SIMON_DIFFERENCE: Final = "00000040"
"""Of Simon and Simeck, whose rotations make the sixteen differences of one bit in the right word alike."""
BLOCK: Final = Hexadecimal(8)
WORD: Final = Hexadecimal(4)
GUESSED_BLOCK: Final = 2.0**-32
GUESSED_WORD: Final = 2.0**-16


def _pairs(difference: str, *levels: tuple[int, int]) -> list[dict[str, Any]]:
    return [{"rounds": rounds, "difference": difference, "pairs": pairs} for rounds, pairs in levels]


@task(
    "block/speck-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(3, 4, 5, 6, 7, 8, 22, difference=SPECK_DIFFERENCE),
    beyond=by_rounds(9, difference=SPECK_DIFFERENCE),
    bulk=True,
    chance=0.5,
    solve="difference-table",
)
def speck_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Speck32/64 ciphertexts are of related plaintexts, as in `speck.distinguish(5,416450bbdb46be4b)` with
    the answer `real`.

    Real pairs have plaintexts that differ by 0040 0000; the others' are random. Levels grow by rounds; the full cipher
    has 22. Gohr, "Improving attacks on round-reduced Speck32/64 using deep learning", CRYPTO 2019: .929, .788, .616 and
    .514 at five to eight rounds.
    """
    return directions.distinguish(rng, n, SPECK, **level)


@task(
    "block/speck-pairs",
    answer=Choice(directions.LABELS),
    levels=_pairs(SPECK_DIFFERENCE, (5, 2), (6, 2), (6, 4), (6, 8), (7, 8), (22, 8)),
    beyond=_pairs(SPECK_DIFFERENCE, (8, 16)),
    bulk=True,
    chance=0.5,
    solve="difference-table",
    perturbations=perturbed.SWAP_SAMPLES,
)
def speck_pairs(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether several pairs of Speck32/64 ciphertexts are of related plaintexts, as in
    `speck.distinguish(5,416450bbdb46be4b,6b7114c6134718b2)` with the answer `real`.

    All are under one key: real, if the plaintexts of every pair differ by 0040 0000; random, if all plaintexts are.
    Levels grow by rounds and by pairs. Chen, Shen, Yu and Yuan, "A new neural distinguisher considering features
    derived from multiple ciphertext pairs", 2022.
    """
    return directions.distinguish(rng, n, SPECK, **level)


@task(
    "block/speck-masked",
    answer=Choice(directions.MASKED),
    levels=by_rounds(3, 4, 5, 6, 7, 22, difference=SPECK_DIFFERENCE),
    beyond=by_rounds(8, difference=SPECK_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def speck_masked(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Speck32/64 ciphertexts of related plaintexts stand as they are, as in
    `speck.masked(5,416450bbdb46be4b)` with the answer `real`.

    All plaintexts differ by 0040 0000. In half of the pairs both ciphertexts are exclusive-ored with one random block
    (`masked`), so their difference says nothing, and whoever scores above one half saw more than it. Levels grow by
    rounds; the full cipher has 22. The real difference experiment of Gohr, 2019.
    """
    return directions.distinguish(rng, n, SPECK, against="masked", **level)


@task(
    "block/speck-encrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 7, 22),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_block(SPECK),),
    quantities=speck_quantities,
)
def speck_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Speck32/64 with the key in the question, as in `speck.encrypt(22,1918111009080100,6574694c)` with the answer
    `a86842f2`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 22. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, SPECK, **level)


@task(
    "block/speck-decrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 7, 22),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_plaintext(SPECK),),
)
def speck_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Speck32/64 undone with the key in the question, as in `speck.decrypt(22,1918111009080100,a86842f2)` with the
    answer `6574694c`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 22. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, SPECK, **level)


@task(
    "block/speck-encrypt-hidden",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(5, 22, hidden=1),
    bulk=True,
    chance=GUESSED_BLOCK,
)
def speck_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Speck32/64 under one key that is never said, as in `speck.encrypt(2,6574694c)` with the answer `56b365d5`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds; the full cipher
    has 22.
    """
    return directions.encrypt(rng, n, SPECK, **level)


@task(
    "block/speck-decrypt-hidden",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(5, 22, hidden=1),
    bulk=True,
    chance=GUESSED_BLOCK,
)
def speck_decrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Speck32/64 undone under one key that is never said, as in `speck.decrypt(2,56b365d5)` with the answer `6574694c`.

    All problems share the key, the same as when encrypting; only the ciphertext is shown. Alani, "Neuro-cryptanalysis
    of DES and Triple-DES", 2012, asks it of DES. Levels grow by rounds; the full cipher has 22.
    """
    return directions.decrypt(rng, n, SPECK, **level)


@task(
    "block/speck-key",
    answer=WORD,
    levels=by_rounds(1, 2, 3, 4, pairs=8),
    beyond=by_rounds(5, 22, pairs=8),
    bulk=True,
    chance=GUESSED_WORD,
    solve="last-round-search",
    perturbations=perturbed.SWAP_PAIRS,
)
def speck_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of Speck32/64 from eight known texts, as in (with two)
    `speck.key(1,6574694c:5316f627,64572c2b:dbf36b5f)` with the answer `0100`.

    Each text is plaintext:ciphertext, all under one key. Levels grow by rounds; the full cipher has 22. At one or two
    rounds a formula of one text gives it, at three a search over its 65,536 values, then no simple search. Eight texts
    fix it at three rounds too.
    """
    return directions.last_round_key(rng, n, SPECK, **level)


@task(
    "block/simon-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 10, 11, 32, difference=SIMON_DIFFERENCE),
    beyond=by_rounds(12, difference=SIMON_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def simon_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Simon32/64 ciphertexts are of related plaintexts, as in `simon.distinguish(9,687c873b226be534)` with
    the answer `real`.

    Real pairs have plaintexts that differ by 0000 0040; the others' are random. Levels grow by rounds; the full cipher
    has 32. Gohr, Leander and Neumann, "An assessment of differential-neural distinguishers", 2022: .660, .566 and .521
    at 9 to 11 rounds.
    """
    return directions.distinguish(rng, n, SIMON, **level)


@task(
    "block/simon-pairs",
    answer=Choice(directions.LABELS),
    levels=_pairs(SIMON_DIFFERENCE, (8, 2), (9, 2), (9, 4), (9, 8), (10, 8), (32, 8)),
    beyond=_pairs(SIMON_DIFFERENCE, (11, 16)),
    bulk=True,
    chance=0.5,
    perturbations=perturbed.SWAP_SAMPLES,
)
def simon_pairs(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether several pairs of Simon32/64 ciphertexts are of related plaintexts, as in
    `simon.distinguish(9,687c873b226be534,679d0fa9468c864e)` with the answer `real`.

    All are under one key: real, if the plaintexts of every pair differ by 0000 0040; random, if all plaintexts are.
    Levels grow by rounds and by pairs.
    """
    return directions.distinguish(rng, n, SIMON, **level)


@task(
    "block/simon-masked",
    answer=Choice(directions.MASKED),
    levels=by_rounds(5, 6, 7, 8, 32, difference=SIMON_DIFFERENCE),
    beyond=by_rounds(9, difference=SIMON_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def simon_masked(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Simon32/64 ciphertexts of related plaintexts stand as they are, as in
    `simon.masked(7,8fcf57fa4783984f)` with the answer `real`.

    All plaintexts differ by 0000 0040. In half of the pairs both ciphertexts are exclusive-ored with one random block
    (`masked`), so their difference says nothing. Levels grow by rounds; the full cipher has 32. The real difference
    experiment of Gohr, 2019, which he made for Speck.
    """
    return directions.distinguish(rng, n, SIMON, against="masked", **level)


@task(
    "block/simon-encrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 8, 32),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_block(SIMON),),
)
def simon_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Simon32/64 with the key in the question, as in `simon.encrypt(32,1918111009080100,65656877)` with the answer
    `c69be9bb`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, SIMON, **level)


@task(
    "block/simon-decrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 8, 32),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_plaintext(SIMON),),
)
def simon_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Simon32/64 undone with the key in the question, as in `simon.decrypt(32,1918111009080100,c69be9bb)` with the
    answer `65656877`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, SIMON, **level)


@task(
    "block/simon-encrypt-hidden",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(5, 32, hidden=1),
    bulk=True,
    chance=GUESSED_BLOCK,
)
def simon_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Simon32/64 under one key that is never said, as in `simon.encrypt(2,65656877)` with the answer `6bfc0e08`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds; the full cipher
    has 32.
    """
    return directions.encrypt(rng, n, SIMON, **level)


@task(
    "block/simon-key",
    answer=WORD,
    levels=by_rounds(1, 2, 3, 4, pairs=8),
    beyond=by_rounds(5, 32, pairs=8),
    bulk=True,
    chance=GUESSED_WORD,
    solve="last-round-search",
    perturbations=perturbed.SWAP_PAIRS,
)
def simon_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of Simon32/64 from eight known texts, as in (with two)
    `simon.key(1,65656877:bca26565,64462d10:fd0d6446)` with the answer `0100`.

    Each text is plaintext:ciphertext, all under one key. Levels grow by rounds; the full cipher has 32. As with Speck,
    a formula gives it at one or two rounds, a search over its 65,536 values at three. There two keys fit the eight
    texts once in some 500 questions.
    """
    return directions.last_round_key(rng, n, SIMON, **level)


@task(
    "block/simeck-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 10, 11, 32, difference=SIMON_DIFFERENCE),
    beyond=by_rounds(12, difference=SIMON_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def simeck_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two Simeck32/64 ciphertexts are of related plaintexts, as in `simeck.distinguish(8,32f3dfe7db172b24)`
    with the answer `real`.

    Real pairs have plaintexts that differ by 0000 0040; the others' are random. Levels grow by rounds; the full cipher
    has 32.
    """
    return directions.distinguish(rng, n, SIMECK, **level)


@task(
    "block/simeck-encrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 8, 32),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_block(SIMECK),),
)
def simeck_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Simeck32/64 with the key in the question, as in `simeck.encrypt(32,1918111009080100,65656877)` with the answer
    `770d2c76`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, SIMECK, **level)


@task(
    "block/simeck-decrypt",
    answer=BLOCK,
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 8, 32),
    bulk=True,
    chance=GUESSED_BLOCK,
    perturbations=(perturbed.bit_of_plaintext(SIMECK),),
)
def simeck_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Simeck32/64 undone with the key in the question, as in `simeck.decrypt(32,1918111009080100,770d2c76)` with the
    answer `65656877`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, SIMECK, **level)


@task(
    "block/simeck-key",
    answer=WORD,
    levels=by_rounds(1, 2, 3, 4, pairs=8),
    beyond=by_rounds(5, 32, pairs=8),
    bulk=True,
    chance=GUESSED_WORD,
    solve="last-round-search",
    perturbations=perturbed.SWAP_PAIRS,
)
def simeck_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The last round's key of Simeck32/64 from eight known texts, as in (with two)
    `simeck.key(1,65656877:87996565,64462d10:e4d86446)` with the answer `0100`.

    Each text is plaintext:ciphertext, all under one key. Levels grow by rounds; the full cipher has 32. As with Speck,
    a formula gives it at one or two rounds, a search over its 65,536 values at three. There two keys fit the eight
    texts once in some 500 questions.
    """
    return directions.last_round_key(rng, n, SIMECK, **level)
