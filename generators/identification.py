"""Which cipher made this ciphertext? Ciphertexts of letters alone: others are told at once by their symbols.

Left out for that reason: Polybius squares, homophonic numbers and ADFGVX. Playfair is in, as in the literature, though
its ciphertexts have no J, which in a long text is a clue by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, UserError, hash_text, task, within
from enigmath.bench.primitives.english import spans, split_numbers
from enigmath.bench.primitives.hill import HILL
from enigmath.bench.primitives.letter_cipher import KeyColumns, LetterCipher
from enigmath.bench.primitives.playfair import PLAYFAIR
from enigmath.bench.primitives.shift_ciphers import AFFINE, ATBASH, AUTOKEY, BEAUFORT, CAESAR, VIGENERE, draw_affine
from enigmath.bench.primitives.substitutions import SUBSTITUTION
from enigmath.bench.primitives.transpositions import COLUMNAR, DOUBLE_COLUMNAR, RAIL_FENCE
from enigmath.generators.fixed_width import lines


@dataclass(frozen=True)
class Kind:
    """A cipher among those to tell apart, and the sizes of its keys, each as likely."""

    cipher: LetterCipher
    sizes: Sequence[Mapping[str, int]] = field(default=({},))


def draw_proper_affine(rng: np.random.Generator, n: int) -> KeyColumns:
    """Keys of the affine cipher that make neither a Caesar cipher nor Atbash of it; shape (n, 2)."""
    keys = draw_affine(rng, n)
    while len(again := np.flatnonzero((keys[:, 0] == 1) | (keys == 25).all(axis=1))):
        keys[again] = draw_affine(rng, len(again))
    return keys


WORDS: Final = [{"key_length": key_length} for key_length in range(4, 11)]
GRIDS: Final = [{"columns": columns} for columns in range(4, 13)]
FIVE: Final = (
    Kind(SUBSTITUTION),
    Kind(VIGENERE, WORDS),
    Kind(COLUMNAR, GRIDS),
    Kind(PLAYFAIR),
    Kind(HILL, [{"size": 2}, {"size": 3}]),
)
MANY: Final = (
    *FIVE,
    Kind(CAESAR),
    Kind(ATBASH),
    Kind(replace(AFFINE, draw_keys=draw_proper_affine)),
    Kind(BEAUFORT, WORDS),
    Kind(AUTOKEY, WORDS),
    Kind(RAIL_FENCE, [{"most_rails": 12}]),
    Kind(DOUBLE_COLUMNAR, GRIDS),
)
LENGTHS: Final = [{"length": 60}, {"length": 120}, {"length": 240}, {"length": 480}]
LONGER: Final = [{"length": 960}]
"""Lengths are multiples of what pairs and blocks need, so that no text is told by a length of its own."""


def _names(kinds: Sequence[Kind]) -> tuple[str, ...]:
    return tuple(kind.cipher.name for kind in kinds)


@task(
    "cipher/identify-five",
    answer=Choice(_names(FIVE)),
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    chance=1 / len(FIVE),
)
def identify_five(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """Which of five ciphers made a ciphertext of English, as in `identify(LXFOPVEFRNHR)` with the answer `vigenere`.

    Substitution, Vigenère, columnar transposition, Playfair and Hill, all as likely, under keys drawn anew each time.
    Levels grow by length, which makes it easier; beyond, twice the longest. No stretch of English is in two splits.
    Kopal, "Of ciphers and neurons", HistoCrypt 2020; guessing scores one fifth.
    """
    return _identify(rng, n, FIVE, length)


@task(
    "cipher/identify-twelve",
    answer=Choice(_names(MANY)),
    levels=LENGTHS,
    beyond=LONGER,
    bulk=True,
    chance=1 / len(MANY),
)
def identify_twelve(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """Which of twelve ciphers made a ciphertext of English, as in `identify(LXFOPVEFRNHR)` with the answer `vigenere`.

    Those of `identify-five`, Caesar, Atbash, affine (no key of which is one of the two before), Beaufort, autokey, rail
    fence and double columnar, all as likely. Levels grow by length, which makes it easier. No stretch of English is in
    two splits. Leierzopf et al., "Detection of classical cipher types with feature-learning approaches", 2021, tell 55
    apart at 100 letters: 72.3 % with a transformer, 82.8 % with an ensemble. Guessing scores one twelfth.
    """
    return _identify(rng, n, MANY, length)


def _identify(rng: np.random.Generator, n: int, kinds: Sequence[Kind], length: int) -> Batch:
    if length % 12:
        raise UserError(f"texts of {length} letters", where="identify", mend="a multiple of 12, which all ciphers take")
    label = rng.integers(len(kinds), size=n)
    texts, families = spans(rng, split_numbers(rng, n), length)
    hidden = np.empty(texts.shape, np.uint8)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(label == number)
        sizes = rng.integers(len(kind.sizes), size=len(rows))
        for which, size in enumerate(kind.sizes):
            mine = rows[sizes == which]
            keys = kind.cipher.draw_keys(rng, len(mine), **size)
            if len(mine):
                hidden[mine] = kind.cipher.encrypt(kind.cipher.prepare(texts[mine]), keys)
    question = lines("identify(", hidden + np.uint8(ord("A")), ")")
    answer = pa.array(_names(kinds)).take(pa.array(label))
    traits: dict[str, Any] = {"length": np.full(n, length)}
    return Batch(question, answer, within(families, hash_text(question)), traits)
