"""The texts of terms that stand in a sum, as columns."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import pyarrow as pa

from enigmath.generators.digits import LIMB, SMALL, Limbs, Mask, join, pick, small_texts, text, word_texts, words

_TINY: Final = 100
"""Terms below it are looked up two at a time."""


def term_texts(minus: Mask, terms: Sequence[Limbs]) -> list[pa.Array]:
    """Pieces of text for the terms of a sum, their signs always written, to be joined; `minus` has a row for each term.

    The pieces are as few as tables allow, as joining costs by the piece.

    >>> import numpy as np
    >>> minus, five = np.array([[True], [False], [True]]), np.array([[5]])
    >>> [piece.to_pylist() for piece in term_texts(minus, [five, five, five])]
    [['-5+5'], ['-5']]
    """
    largest = max((int(term.max(initial=0)) if len(term) == 1 else LIMB for term in terms), default=0)
    if largest < _TINY:
        return _paired(minus, terms)
    if largest < SMALL:
        return [_looked_up(sign, term, SMALL) for sign, term in zip(minus, terms, strict=True)]
    return [piece for sign, term in zip(minus, terms, strict=True) for piece in _written(sign, term)]


def _paired(minus: Mask, terms: Sequence[Limbs]) -> list[pa.Array]:
    places = [term[0] + _TINY * sign for sign, term in zip(minus, terms, strict=True)]
    pairs = [first * (2 * _TINY) + second for first, second in zip(places[:-1:2], places[1::2], strict=True)]
    pieces = [_pairs().take(pa.array(pair)) for pair in pairs]
    return pieces if len(terms) % 2 == 0 else [*pieces, _looked_up(minus[-1], terms[-1], _TINY)]


def _looked_up(minus: Mask, term: Limbs, bound: int) -> pa.Array:
    return _terms(bound).take(pa.array(term[0] + bound * minus))


def _written(minus: Mask, term: Limbs) -> list[pa.Array]:
    columns = words(term)
    return [pick(("+", "-"), minus), *(word_texts(columns) if columns[-1].all() else [text(term)])]


@cache
def _terms(bound: int) -> pa.Array:
    """The texts of +0, +1 .. and then of -0, -1 .."""
    texts = small_texts()[:bound]
    return pa.concat_arrays([join(sign, texts) for sign in "+-"])


@cache
def _pairs() -> pa.Array:
    """Every two tiny terms side by side."""
    terms = _terms(_TINY).to_pylist()
    return pa.array([first + second for first in terms for second in terms])
