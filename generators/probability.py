"""Probability and counting: letters drawn from a bag, sums of dice, letters in a word, and the arrangements of one.

Probabilities are exact fractions in lowest terms. All counts fit 64 bits: words and bags have at most 20 letters
(20! < 2**63).
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Integer, Rational, UserError, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import from_integers, join, text
from enigmath.generators.matrix_text import write_units

Column = npt.NDArray[np.int64]
Table = npt.NDArray[np.int64]

ALPHABET: Final = 26
MOST_LETTERS: Final = 20
"""The longest word or bag: 20! is the largest factorial below 2**63."""
FACTORIALS: Final = np.array([math.factorial(number) for number in range(MOST_LETTERS + 1)])

BAGS: Final = [
    {"letters": letters, "kinds": kinds, "drawn": drawn}
    for letters, kinds, drawn in ((8, 4, 2), (8, 4, 3), (10, 5, 3), (12, 5, 4), (15, 5, 4), (18, 6, 5))
]
LARGER_BAGS: Final = [{"letters": 20, "kinds": 6, "drawn": drawn} for drawn in (6, 8)]


@task(
    "probability/draw-sequence",
    answer=Rational(),
    levels=BAGS,
    beyond=LARGER_BAGS,
    bulk=True,
    perturbations=perturbed.LETTERS_OF_FIRST,
)
def draw_sequence(rng: np.random.Generator, n: int, letters: int, kinds: int, drawn: int) -> Batch:
    """The probability that letters drawn from a bag, none put back, come in the order given, as in
    `inorder(abbac,ab)` with the answer `1/5`: first a (2 of 5), then b (2 of 4).

    The bag has 2 to `kinds` different letters (see `draw_words`), and the sequence is itself drawn from it. Levels
    grow in letters, kinds and in how many are drawn. The commonest answer has a share of 21, 17, 11, 7, 4 and 2.5 %
    at the levels 1 to 6. The key knows no order of the bag nor of the sequence; renamed letters stay apart, or only a
    few hundred problems would be left. Source: probability__swr_p_sequence of Saxton et al., 2019.
    """
    bag = draw_words(rng, n, letters, kinds)
    sequence = rng.permuted(bag, axis=1)[:, :drawn]
    held, taken = _counted(bag), _counted(sequence)
    ways = np.prod(FACTORIALS[held] // FACTORIALS[held - taken], axis=1)
    return _draws("inorder", bag, sequence, ways, math.perm(letters, drawn))


@task(
    "probability/draw-multiset",
    answer=Rational(),
    levels=BAGS,
    beyond=LARGER_BAGS,
    bulk=True,
    perturbations=(*perturbed.LETTERS_OF_FIRST, *perturbed.LETTERS_OF_LAST),
)
def draw_multiset(rng: np.random.Generator, n: int, letters: int, kinds: int, drawn: int) -> Batch:
    """The probability that letters drawn from a bag, none put back, are the given ones in any order, as in
    `anyorder(abbac,ab)` with the answer `2/5`.

    The bag is drawn as for draw-sequence, and the letters asked for are themselves drawn from it. Levels as there.
    The commonest answer has a share of 22, 15, 11, 7, 4 and 2 % at the levels 1 to 6. The key is that of
    draw-sequence. Source: probability__swr_p_level_set of Saxton et al., 2019.
    """
    bag = draw_words(rng, n, letters, kinds)
    sequence = rng.permuted(bag, axis=1)[:, :drawn]
    held, taken = _counted(bag), _counted(sequence)
    chosen = FACTORIALS[held] // (FACTORIALS[taken] * FACTORIALS[held - taken])
    return _draws("anyorder", bag, sequence, np.prod(chosen, axis=1), math.comb(letters, drawn))


def _draws(name: str, bag: Table, sequence: Table, ways: Column, all_ways: int) -> Batch:
    held, taken = _counted(bag), _counted(sequence)
    question = join(f"{name}(", _spelled(bag), ",", _spelled(sequence), ")")
    answer = _fractions(ways, np.full(len(bag), all_ways))
    return Batch(question, answer, hash_integers(name, held, taken), {"drawn_kinds": (taken > 0).sum(axis=1)})


def draw_words(rng: np.random.Generator, n: int, length: int, kinds: int) -> Table:
    """Words of 2 to `kinds` different letters, each number of them as likely; shape (n, length), 0 for a.

    Every letter stands at least once; the places left are filled unevenly (number int(k * u**2) of the k letters for
    a uniform u), so that letters which stand often and seldom both occur.
    """
    if not 2 <= kinds <= min(length, ALPHABET) or length > MOST_LETTERS:
        raise UserError(
            f"{length} letters of {kinds} kinds",
            where="probability",
            mend=f"take 2 to {MOST_LETTERS} letters, and 2 kinds to as many as letters",
        )
    names = rng.permuted(np.tile(np.arange(ALPHABET), (n, 1)), axis=1)
    count, place = rng.integers(2, kinds + 1, size=(n, 1)), np.arange(length)
    kind = np.where(place < count, place, (count * rng.random((n, length)) ** 2).astype(np.int64))
    return rng.permuted(np.take_along_axis(names, kind, axis=1), axis=1)


def one_over_the_largest(dice: int, largest: int) -> float:
    """The share of dice-sum's problems whose answer is one over the largest number of sides; exactly.

    It is so for the sums that the largest die can complete whatever the others show. With v sides less one on that die
    and s on the others together, they are v - s + 1 of v + s + 1 sums.
    """
    share, others = 0.0, np.arange((dice - 1) * largest + 1)
    for v in range(1, largest):
        lower = np.ones(1)
        for _ in range(dice - 1):
            lower = np.convolve(lower, np.r_[0, np.ones(v - 1)])
        s = others[: len(lower)]
        share += dice * float((lower * np.maximum(v - s + 1, 0) / (v + s + 1)).sum())
        share += 1 / (2 * v + 1) if dice == 2 else 0.0  # two equal dice: the middle sum alone
    return float(share / (largest - 1) ** dice)


@task(
    "probability/dice-sum",
    answer=Rational(),
    levels=[
        {"dice": dice, "largest": largest} for dice, largest in ((2, 99), (3, 30), (3, 50), (4, 20), (4, 30), (5, 20))
    ],
    beyond=[{"dice": 6, "largest": 20}, {"dice": 4, "largest": 50}],
    bulk=True,
    draws=2**12,
    ceiling=one_over_the_largest,
    perturbations=perturbed.DICE,
)
def dice_sum(rng: np.random.Generator, n: int, dice: int, largest: int) -> Batch:
    """The probability that dice with the given numbers of sides sum up to a number, as in `dicesum((4,6),10)` with the
    answer `1/24`.

    A die with s sides shows 1 .. s, each as likely; s is uniform over 2 .. largest, and the sum uniform over all
    possible ones. Levels grow in dice and in sides. The commonest answer has a share of 1.4 % at most; one over the
    largest number of sides is right for the share that the ceiling declares. The key knows no order of the dice, and
    that the same number above the least sum or below the largest is as probable. Source: de Moivre, "The doctrine of
    chances", 1718.
    """
    if (largest + 1) ** dice >= 2**62:
        raise UserError(f"{dice} dice of {largest} sides do not fit 64 bits", where="probability/dice-sum")
    sides = rng.integers(2, largest + 1, (n, dice))
    above = rng.integers(0, (sides - 1).sum(axis=1) + 1)
    ways = _ways(sides - 1)[np.arange(n), above]
    folded = np.minimum(above, (sides - 1).sum(axis=1) - above)
    question = join("dicesum((", write_units(sides[:, None, :]), "),", text(from_integers(above + dice)), ")")
    key = hash_integers("dicesum", np.sort(sides, axis=1), folded)
    return Batch(question, _fractions(ways, np.prod(sides, axis=1)), key, {"dice": np.full(n, dice)})


def _ways(largest: Table) -> Table:
    """In how many ways each sum arises from one number of 0 .. largest for each column; shape (n, sums)."""
    n, terms = largest.shape
    width = int(largest.max()) * terms + 1
    ways = np.zeros((n, width), np.int64)
    ways[:, 0] = 1
    places = np.arange(width)
    for bound in largest.T:
        running = ways.cumsum(axis=1)
        before = places - bound[:, None] - 1
        ways = running - np.where(before < 0, 0, np.take_along_axis(running, np.maximum(before, 0), axis=1))
    return ways


@task(
    "counting/letters",
    answer=Integer(),
    levels=[{"length": length} for length in (6, 8, 10, 12, 16, 20)],
    beyond=[{"length": length} for length in (25, 30)],
    bulk=True,
    chance=lambda length: 1 / (length // 2 + 1),
    perturbations=perturbed.LETTERS_OF_LAST,
)
def letters_in_word(rng: np.random.Generator, n: int, length: int) -> Batch:
    """How often a letter stands in a word, as in `count(a,banana)` with the answer `3`.

    The letter stands 0 to length // 2 times, each as likely, at random places; the other letters are uniform over the
    other 25. Levels grow in length. Guessing scores 1 / (length // 2 + 1). A word and its reverse share a key.
    reasoning-gym asks it as letter_counting.
    """
    letter, times = rng.integers(ALPHABET, size=n), rng.integers(0, length // 2 + 1, size=n)
    words = rng.integers(ALPHABET - 1, size=(n, length))
    words += words >= letter[:, None]
    chosen = rng.permuted(np.tile(np.arange(length), (n, 1)), axis=1) < times[:, None]
    words = np.where(chosen, letter[:, None], words)
    key = np.minimum(hash_integers("count", letter, words), hash_integers("count", letter, words[:, ::-1]))
    question = join("count(", _spelled(letter[:, None]), ",", _spelled(words), ")")
    return Batch(question, times, key, {"length": np.full(n, length)})


@task(
    "counting/arrangements",
    answer=Integer(),
    levels=[
        {"length": length, "kinds": kinds} for length, kinds in ((6, 4), (8, 5), (10, 5), (12, 6), (14, 6), (16, 7))
    ],
    beyond=[{"length": 18, "kinds": 7}, {"length": 20, "kinds": 8}],
    bulk=True,
    perturbations=perturbed.LETTERS_OF_LAST,
)
def arrangements(rng: np.random.Generator, n: int, length: int, kinds: int) -> Batch:
    """In how many different orders the letters of a word can be written, as in `arrangements(banana)` = `60`.

    The word has 2 to `kinds` different letters (see `draw_words`). Levels grow in length and kinds. There are few
    answers, one for each partition of the length: the commonest has a share of 35, 17, 11, 7, 4 and 4 % at the levels
    1 to 6. The key knows no order of the letters; renamed letters stay apart. Source: the multinomial coefficient of
    any book on combinatorics.
    """
    words = draw_words(rng, n, length, kinds)
    held = _counted(words)
    answer = FACTORIALS[length] // np.prod(FACTORIALS[held], axis=1)
    key = hash_integers("arrangements", held)
    return Batch(join("arrangements(", _spelled(words), ")"), answer, key, {"kinds": (held > 0).sum(axis=1)})


def _counted(words: Table) -> Table:
    """How often each letter of the alphabet stands in each word; shape (n, 26)."""
    place = words + ALPHABET * np.arange(len(words))[:, None]
    return np.bincount(place.ravel(), minlength=ALPHABET * len(words)).reshape(len(words), ALPHABET)


def _spelled(words: Table) -> pa.Array:
    """Letters as text, all words of one length; shape (n,)."""
    characters = np.ascontiguousarray(words + ord("a"), dtype=np.uint8)
    buffers = [None, pa.py_buffer(characters)]
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(words.shape[1]), len(words), buffers)
    return fixed.cast(pa.string())


def _fractions(numerators: Column, denominators: Column) -> pa.Array:
    """Positive fractions in lowest terms, as the answer kind Rational writes them."""
    common = np.gcd(numerators, denominators)
    top, bottom = text(from_integers(numerators // common)), text(from_integers(denominators // common))
    whole = pa.array(denominators == common)
    return pc.if_else(whole, top, join(top, "/", bottom))
