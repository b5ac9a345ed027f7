"""Which cipher made this ciphertext? Ciphertexts of letters alone: others are told at once by their symbols.

Left out for that reason: Polybius squares and homophonic numbers, and among five and twelve ADFGVX, whose six letters
tell it. Playfair is in, as in the literature, though its ciphertexts have no J, which in a long text is a clue by
itself. So are, among fifty, ADFGVX and its like, which the literature has too. Variant Beaufort is not: under uniform
key words it makes the very texts of Vigenère.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, UserError, hash_text, task, within
from enigmath.bench.primitives import mixed_alphabets, paired_letters, periodic_ciphers, routes, square_ciphers
from enigmath.bench.primitives.english import spans, split_numbers
from enigmath.bench.primitives.enigma import ENIGMA
from enigmath.bench.primitives.fractionation import ADFGX, BIFID, CHECKERBOARD, CM_BIFID
from enigmath.bench.primitives.hill import HILL
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters
from enigmath.bench.primitives.playfair import PLAYFAIR
from enigmath.bench.primitives.shift_ciphers import AFFINE, ATBASH, AUTOKEY, BEAUFORT, CAESAR, VIGENERE, draw_affine
from enigmath.bench.primitives.squares import ADFGVX
from enigmath.bench.primitives.substitutions import SUBSTITUTION
from enigmath.bench.primitives.transpositions import COLUMNAR, DOUBLE_COLUMNAR, RAIL_FENCE
from enigmath.generators.fixed_width import lines


@dataclass(frozen=True)
class Kind:
    """A cipher among those to tell apart, and the sizes of its keys, each as likely.

    `letters_each` is how many letters stand in the ciphertext for each of the plaintext. `made`, where it is given,
    makes the cipher of each size. With `key_of_english` the key is as long as the text, and English of its split.
    """

    cipher: LetterCipher
    sizes: Sequence[Mapping[str, int]] = field(default=({},))
    letters_each: int = 1
    made: Callable[..., LetterCipher] | None = None
    key_of_english: bool = False

    def draw_hidden(
        self, rng: np.random.Generator, which: int, texts: Letters, splits: npt.NDArray[np.uint8]
    ) -> Letters:
        """Ciphertexts of the texts' length under new keys of one of the sizes, as letters; shape (n, length)."""
        size = self.sizes[which]
        cipher = self.made(**size) if self.made else self.cipher
        if self.key_of_english:
            keys = spans(rng, splits, texts.shape[1])[0].astype(np.int64)
        else:
            keys = cipher.draw_keys(rng, len(texts), **({} if self.made else size))
        if not len(texts):
            return texts
        hidden = cipher.encrypt(cipher.prepare(texts[:, : texts.shape[1] // self.letters_each]), keys)
        if cipher.symbols != ALPHABET:
            return np.array([ALPHABET.index(symbol) for symbol in cipher.symbols], np.uint8)[hidden]
        return hidden


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
PERIODS: Final = [{"period": period} for period in range(4, 11)]
COLUMNS: Final = GRIDS[:7]
FIFTY: Final = (
    Kind(CAESAR),
    Kind(ATBASH),
    Kind(replace(AFFINE, draw_keys=draw_proper_affine)),
    Kind(SUBSTITUTION),
    Kind(VIGENERE, WORDS),
    Kind(BEAUFORT, WORDS),
    Kind(periodic_ciphers.GRONSFELD, WORDS),
    Kind(periodic_ciphers.PORTA, WORDS),
    Kind(AUTOKEY, WORDS),
    Kind(periodic_ciphers.CIPHERTEXT_AUTOKEY, WORDS),
    Kind(periodic_ciphers.PROGRESSIVE_KEY, WORDS),
    Kind(periodic_ciphers.INTERRUPTED_KEY, WORDS),
    Kind(periodic_ciphers.RUNNING_KEY, key_of_english=True),
    Kind(mixed_alphabets.QUAGMIRE_1, WORDS),
    Kind(mixed_alphabets.QUAGMIRE_2, WORDS),
    Kind(mixed_alphabets.QUAGMIRE_3, WORDS),
    Kind(mixed_alphabets.QUAGMIRE_4, WORDS),
    Kind(mixed_alphabets.GROMARK),
    Kind(mixed_alphabets.PERIODIC_GROMARK, WORDS),
    Kind(mixed_alphabets.CONDI),
    Kind(mixed_alphabets.WHEATSTONE),
    Kind(mixed_alphabets.CHAOCIPHER),
    Kind(ENIGMA, [{"rotors": 5, "rings": 2, "plugs": 10}]),
    Kind(paired_letters.SLIDEFAIR, WORDS),
    Kind(paired_letters.PORTAX, WORDS),
    Kind(paired_letters.NICODEMUS, WORDS),
    Kind(PLAYFAIR),
    Kind(square_ciphers.seriated_playfair(6), PERIODS, made=square_ciphers.seriated_playfair),
    Kind(square_ciphers.TWO_SQUARE),
    Kind(square_ciphers.FOUR_SQUARE),
    Kind(square_ciphers.PHILLIPS),
    Kind(square_ciphers.PHILLIPS_RC),
    Kind(square_ciphers.BAZERIES, [{"digits": digits} for digits in range(3, 7)]),
    Kind(BIFID, PERIODS),
    Kind(CM_BIFID, PERIODS),
    Kind(HILL, [{"size": 2}]),
    Kind(ADFGX, COLUMNS, letters_each=2),
    Kind(ADFGVX, COLUMNS, letters_each=2),
    Kind(CHECKERBOARD, letters_each=2),
    Kind(RAIL_FENCE, [{"most_rails": 12}]),
    Kind(routes.REDEFENCE, [{"rails": rails} for rails in range(3, 9)]),
    Kind(routes.SCYTALE, GRIDS),
    Kind(COLUMNAR, GRIDS),
    Kind(DOUBLE_COLUMNAR, GRIDS),
    Kind(routes.MYSZKOWSKI, COLUMNS),
    Kind(routes.AMSCO, COLUMNS),
    Kind(routes.ROUTE, GRIDS),
    Kind(routes.SWAGMAN, [{"size": size} for size in range(3, 8)]),
    Kind(routes.GRILLE, [{"half": half} for half in range(2, 6)]),
    Kind(routes.NIHILIST_TRANSPOSITION, [{"size": size} for size in range(4, 11)]),
)
STATISTICS: Final = "identify-features"
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
    solve=STATISTICS,
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
    solve=STATISTICS,
)
def identify_twelve(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """Which of twelve ciphers made a ciphertext of English, as in `identify(LXFOPVEFRNHR)` with the answer `vigenere`.

    Those of `identify-five`, Caesar, Atbash, affine (no key of which is one of the two before), Beaufort, autokey, rail
    fence and double columnar, all as likely. Levels grow by length, which makes it easier. No stretch of English is in
    two splits. Leierzopf et al., "Detection of classical cipher types with feature-learning approaches", 2021, tell 55
    apart at 100 letters: 72.3 % with a transformer, 82.8 % with an ensemble. Guessing scores one twelfth.
    """
    return _identify(rng, n, MANY, length)


@task(
    "cipher/identify-fifty",
    answer=Choice(_names(FIFTY)),
    levels=[{"length": 100}, {"length": 200}, {"length": 400}],
    beyond=[{"length": 50}, {"length": 800}],
    bulk=True,
    chance=1 / len(FIFTY),
    solve=STATISTICS,
)
def identify_fifty(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """Which of fifty ciphers made a ciphertext of English, as in `identify(LXFOPVEFRNHR)` with the answer `vigenere`.

    Most of those of the American Cryptogram Association that write letters, with older ones and machines, all as
    likely, under keys drawn anew: uniform words, alphabets and squares, where people would take key words. Levels grow
    by length, which makes it easier; beyond are shorter and longer texts. No stretch of English is in two splits.
    Leierzopf et al., "Detection of classical cipher types with feature-learning approaches", 2021, tell 55 apart at 100
    letters: 72.3 % with a transformer, 82.8 % with an ensemble; some of theirs write digits, which tells them at
    once. Guessing scores one fiftieth.
    """
    return _identify(rng, n, FIFTY, length, multiple=2)


def _identify(rng: np.random.Generator, n: int, kinds: Sequence[Kind], length: int, multiple: int = 12) -> Batch:
    if length % multiple:
        mend = f"a multiple of {multiple}, which all ciphers take"
        raise UserError(f"texts of {length} letters", where="identify", mend=mend)
    label = rng.integers(len(kinds), size=n)
    splits = split_numbers(rng, n)
    texts, families = spans(rng, splits, length)
    hidden = np.empty(texts.shape, np.uint8)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(label == number)
        sizes = rng.integers(len(kind.sizes), size=len(rows))
        for which in range(len(kind.sizes)):
            mine = rows[sizes == which]
            if len(mine):  # a small shard lacks some of many kinds
                hidden[mine] = kind.draw_hidden(rng, which, texts[mine], splits[mine])
    question = lines("identify(", hidden + np.uint8(ord("A")), ")")
    answer = pa.array(_names(kinds)).take(pa.array(label))
    traits: dict[str, Any] = {"length": np.full(n, length)}
    return Batch(question, answer, within(families, hash_text(question)), traits)
