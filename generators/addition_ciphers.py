"""Tasks on TEA, XTEA, LEA and HIGHT, and on ChaCha's block function; the primitives are in `bench/primitives/`.

The input differences are ours, but for ChaCha's: the highest bits, which pass an addition untouched, chosen by the
bias of single ciphertext bits among all differences of one bit and of highest bits. Where ciphertexts are told apart,
the last trained level is the full cipher, a control; elsewhere it stands beyond. None is asked for its last round's
key: texts do not fix it, since a round of TEA or LEA is the same under more than one, or it is not shown that they do.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, task
from enigmath.bench.primitives.chacha import CHACHA
from enigmath.bench.primitives.hight import HIGHT
from enigmath.bench.primitives.lea import LEA
from enigmath.bench.primitives.tea import TEA, XTEA
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators import block_directions as directions
from enigmath.generators.block_directions import by_rounds

TEA_DIFFERENCE: Final = "8000000000000000"
"""Of TEA and XTEA: the first word's highest bit."""
LEA_DIFFERENCE: Final = "00000000800000008000000080000000"
HIGHT_DIFFERENCE: Final = "0000800000000000"
CHACHA_DIFFERENCE: Final = "00000000000020000000000000000000"
"""Bit 13 of the first nonce word: Aumasson, Fischer, Khazaei, Meier and Rechberger, "New features of Latin dances",
2008, who find a bit that is biased by .026 after three rounds."""


@task(
    "block/tea-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 64, difference=TEA_DIFFERENCE),
    beyond=by_rounds(10, difference=TEA_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def tea_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two TEA ciphertexts are of related plaintexts, as in
    `tea.distinguish(6,2a2d21eccff3808d89e719ec2a0fc7cd)` with the answer `real`.

    Real pairs have plaintexts that differ by the highest bit of the first word; the others' are random. Levels grow by
    rounds, two of which are a cycle; the full cipher has 64.
    """
    return directions.distinguish(rng, n, TEA, **level)


@task(
    "block/tea-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 64),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(TEA),),
)
def tea_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """TEA with the key in the question, as in `tea.encrypt(64,0123456712345678234567893456789a,0102030405060708)` with
    the answer `773dc179878a81c0`.

    Rounds, key, plaintext. Levels grow by rounds, two of which are a cycle; the full cipher has 64. No key of the test
    stands in training.
    """
    return directions.encrypt(rng, n, TEA, **level)


@task(
    "block/tea-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 64),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(TEA),),
)
def tea_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """TEA undone with the key in the question, as in
    `tea.decrypt(64,0123456712345678234567893456789a,773dc179878a81c0)` with the answer `0102030405060708`.

    Rounds, key, ciphertext. Levels grow by rounds, two of which are a cycle; the full cipher has 64. No key of the test
    stands in training.
    """
    return directions.decrypt(rng, n, TEA, **level)


@task(
    "block/tea-encrypt-hidden",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(64, hidden=1),
    bulk=True,
    chance=2.0**-64,
)
def tea_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """TEA under one key that is never said, as in `tea.encrypt(2,0102030405060708)` with the answer `b228d714416c5a92`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds, two of which are
    a cycle; the full cipher has 64.
    """
    return directions.encrypt(rng, n, TEA, **level)


@task(
    "block/xtea-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 64, difference=TEA_DIFFERENCE),
    beyond=by_rounds(10, difference=TEA_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def xtea_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two XTEA ciphertexts are of related plaintexts, as in
    `xtea.distinguish(6,110698eef7d9759ccc00f0eee3c31edc)` with the answer `real`.

    Real pairs have plaintexts that differ by the highest bit of the first word; the others' are random. Levels grow by
    rounds, two of which are a cycle; the full cipher has 64.
    """
    return directions.distinguish(rng, n, XTEA, **level)


@task(
    "block/xtea-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 64),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(XTEA),),
)
def xtea_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """XTEA with the key in the question, as in `xtea.encrypt(64,0123456712345678234567893456789a,0102030405060708)`
    with the answer `8c67155b2ef91ead`.

    Rounds, key, plaintext. Levels grow by rounds, two of which are a cycle; the full cipher has 64. No key of the test
    stands in training.
    """
    return directions.encrypt(rng, n, XTEA, **level)


@task(
    "block/xtea-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 64),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(XTEA),),
)
def xtea_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """XTEA undone with the key in the question, as in
    `xtea.decrypt(64,0123456712345678234567893456789a,8c67155b2ef91ead)` with the answer `0102030405060708`.

    Rounds, key, ciphertext. Levels grow by rounds, two of which are a cycle; the full cipher has 64. No key of the test
    stands in training.
    """
    return directions.decrypt(rng, n, XTEA, **level)


@task(
    "block/xtea-encrypt-hidden",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(64, hidden=1),
    bulk=True,
    chance=2.0**-64,
)
def xtea_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """XTEA under one key that is never said, as in `xtea.encrypt(2,0102030405060708)` with the answer
    `81a47e488a553d27`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds, two of which are
    a cycle; the full cipher has 64.
    """
    return directions.encrypt(rng, n, XTEA, **level)


@task(
    "block/lea-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 24, difference=LEA_DIFFERENCE),
    beyond=by_rounds(10, difference=LEA_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def lea_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two LEA-128 ciphertexts are of related plaintexts, as in
    `lea.distinguish(6,055b3a34a2eb0f67af9873ba862a337d05733bc4bd2f0e779fa86ebb862a3d7d)` with the answer `real`.

    Real pairs have plaintexts that differ by the highest bits of the last three words; the others' are random. Levels
    grow by rounds; the full cipher has 24.
    """
    return directions.distinguish(rng, n, LEA, **level)


@task(
    "block/lea-encrypt",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 24),
    bulk=True,
    chance=2.0**-128,
    perturbations=(perturbed.bit_of_block(LEA),),
)
def lea_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """LEA-128 with the key in the question, as in
    `lea.encrypt(24,3c2d1e0f78695a4bb4a59687f0e1d2c3,13121110171615141b1a19181f1e1d1c)` with the answer
    `354ec89f18c6c628a7c73255fd8b6404`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 24. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, LEA, **level)


@task(
    "block/lea-decrypt",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(5, 24),
    bulk=True,
    chance=2.0**-128,
    perturbations=(perturbed.bit_of_plaintext(LEA),),
)
def lea_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """LEA-128 undone with the key in the question, as in
    `lea.decrypt(24,3c2d1e0f78695a4bb4a59687f0e1d2c3,354ec89f18c6c628a7c73255fd8b6404)` with the answer
    `13121110171615141b1a19181f1e1d1c`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 24. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, LEA, **level)


@task(
    "block/lea-encrypt-hidden",
    answer=Hexadecimal(32),
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(24, hidden=1),
    bulk=True,
    chance=2.0**-128,
)
def lea_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """LEA-128 under one key that is never said, as in `lea.encrypt(2,13121110171615141b1a19181f1e1d1c)` with the answer
    `d7946fc220f5c27be643af51c75d5e61`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds; the full cipher
    has 24.
    """
    return directions.encrypt(rng, n, LEA, **level)


@task(
    "block/hight-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(6, 7, 8, 9, 32, difference=HIGHT_DIFFERENCE),
    beyond=by_rounds(10, difference=HIGHT_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def hight_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two HIGHT ciphertexts are of related plaintexts, as in
    `hight.distinguish(6,b726e29586450d455a43a17b7cc50d45)` with the answer `real`.

    Real pairs have plaintexts that differ by the highest bit of byte 5; the others' are random. Levels grow by rounds;
    the full cipher has 32.
    """
    return directions.distinguish(rng, n, HIGHT, **level)


@task(
    "block/hight-encrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 32),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_block(HIGHT),),
)
def hight_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """HIGHT with the key in the question, as in `hight.encrypt(32,ffeeddccbbaa99887766554433221100,0011223344556677)`
    with the answer `23ce9f72e543e6d8`.

    Rounds, key, plaintext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.encrypt(rng, n, HIGHT, **level)


@task(
    "block/hight-decrypt",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 32),
    bulk=True,
    chance=2.0**-64,
    perturbations=(perturbed.bit_of_plaintext(HIGHT),),
)
def hight_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """HIGHT undone with the key in the question, as in
    `hight.decrypt(32,ffeeddccbbaa99887766554433221100,23ce9f72e543e6d8)` with the answer `0011223344556677`.

    Rounds, key, ciphertext. Levels grow by rounds; the full cipher has 32. No key of the test stands in training.
    """
    return directions.decrypt(rng, n, HIGHT, **level)


@task(
    "block/hight-encrypt-hidden",
    answer=Hexadecimal(16),
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(32, hidden=1),
    bulk=True,
    chance=2.0**-64,
)
def hight_encrypt_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """HIGHT under one key that is never said, as in `hight.encrypt(2,0011223344556677)` with the answer
    `63810c3a6cc51c97`.

    All problems share the key, so a codebook is to be learnt from a part of it. Levels grow by rounds; the full cipher
    has 32.
    """
    return directions.encrypt(rng, n, HIGHT, **level)


@task(
    "block/chacha-distinguish",
    answer=Choice(directions.LABELS),
    levels=by_rounds(1, 2, 3, 20, difference=CHACHA_DIFFERENCE),
    beyond=by_rounds(4, difference=CHACHA_DIFFERENCE),
    bulk=True,
    chance=0.5,
)
def chacha_distinguish(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Whether two keystream blocks of ChaCha are of related nonces, as in `chacha.distinguish(2,...)`: `real` or
    `random`.

    The question shows both, 128 hexadecimal digits each, sixteen words. In real pairs bit 13 of the first nonce word
    differs; the others' counters and nonces are random. Levels grow by rounds; the full function has 20.
    """
    return directions.distinguish(rng, n, CHACHA, **level)


@task(
    "block/chacha-forward",
    answer=Hexadecimal(128),
    levels=by_rounds(1, 2, 3, 4),
    beyond=by_rounds(6, 20),
    bulk=True,
    chance=2.0**-512,
    perturbations=(perturbed.bit_of_block(CHACHA),),
)
def chacha_forward(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The keystream block of a key, a counter and a nonce, as in `chacha.forward(20,03020100...,00000001...)`: 128
    digits.

    64, 32 and 128 hexadecimal digits: words as RFC 8439 writes its states, not bytes. Levels grow by rounds; the full
    function has 20. No key of the test stands in training.
    """
    return directions.forward(rng, n, CHACHA, **level)


@task(
    "block/chacha-forward-hidden",
    answer=Hexadecimal(128),
    levels=by_rounds(1, 2, 3, 4, hidden=1),
    beyond=by_rounds(20, hidden=1),
    bulk=True,
    chance=2.0**-512,
)
def chacha_forward_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """ChaCha's keystream block under one key that is never said, as in `chacha.forward(2,00000001...)`: 128 digits.

    A counter and a nonce are given; all problems share the key. Levels grow by rounds; the full function has 20.
    """
    return directions.forward(rng, n, CHACHA, **level)
