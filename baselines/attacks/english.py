"""How likely letters are in English: what every attack on a letter cipher climbs by.

Learnt from the stretches that training may see, never from those of validation or test. Conditional probabilities of a
letter after those before it, each order smoothed with the one below it (MacKay and Bauman Peto, "A hierarchical
Dirichlet language model", 1995, with one fixed weight).
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.primitives.english import training_letters

Table = npt.NDArray[np.float32]

NO_LETTER: Final = 26
"""Stands in a text for what is no letter at all."""
UNSEEN: Final = -25.0
"""The natural logarithm of the probability of what is no letter: below that of any letter."""
_WEIGHT: Final = 4.0
"""How many observations the lower order counts for."""


@cache
def log_probabilities(order: int) -> Table:
    """ln P(last letter | the letters before it), shape (27,) * order; index 26 is what is no letter.

    >>> table = log_probabilities(2)
    >>> table.shape, bool(table[16, 20] > -0.1), float(table[0, 26])
    ((27, 27), True, -25.0)
    """
    probabilities = np.full(26, 1 / 26)
    letters = training_letters().astype(np.int64)
    for size in range(1, order + 1):
        index = np.zeros(len(letters) - size + 1, np.int64)
        for place in range(size):
            index = index * 26 + letters[place : len(letters) - size + 1 + place]
        counts = np.bincount(index, minlength=26**size).reshape((26,) * size)
        whole = counts.sum(axis=-1, keepdims=True) + _WEIGHT
        probabilities = (counts + _WEIGHT * probabilities) / whole
    table = np.full((27,) * order, UNSEEN, np.float32)
    table[(slice(26),) * order] = np.log(probabilities)
    return table


def log_likelihood(texts: npt.NDArray[Any], order: int = 4) -> npt.NDArray[np.float32]:
    """ln P(text) of texts of numbers 0 to 26, shape (..., length) to shape (...), given their first letters.

    The first `order - 1` letters are counted by the lower orders that their place allows.
    """
    length = texts.shape[-1]
    order = min(order, length)
    index = texts[..., : length - order + 1].astype(np.int32)
    for place in range(1, order):
        index = index * 27 + texts[..., place : length - order + 1 + place]
    score = log_probabilities(order).ravel()[index].sum(axis=-1, dtype=np.float32)
    for size in range(1, order):
        score = score + log_probabilities(size)[tuple(texts[..., place] for place in range(size))]
    return np.asarray(score)
