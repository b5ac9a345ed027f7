"""Digits in pictures: the 8 x 8 handwritten digits that scikit-learn ships, as text, to be read and to be added.

A picture is eight rows of eight characters from `0123456789abcdefg`: the grey step of each pixel, `0` for paper. The
levels differ in the number of steps: 17, as scanned, down to 2, black and white. Every coarser picture is a function of
each finer one, so what is equal at some level is equal in black and white: there a picture gets its key, and all that
look alike at any level share it. The data are those of Alpaydin and Kaynak, "Optical recognition of handwritten
digits" (UCI, 1998), as `sklearn.datasets.load_digits` gives them: 1,797 pictures by 13 writers, 1,752 keys. The
space is small: 162 keys are for the test and 173 for validation, so a suite should ask for few, and training problems
soon repeat.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import SPLITS, Batch, Integer, Keys, UserError, hash_integers, hash_text, split_of, task

SIDE: Final = 8
GREYS: Final = 17
"""Steps of a pixel as scanned, 0 to 16."""
STEPS: Final = (2, 4, 8, GREYS)
"""The resolutions of grey that nest: each threshold of one is a threshold of all that are finer."""
_ALPHABET: Final = np.frombuffer(b"0123456789abcdefg", dtype=np.uint8)
_PATIENCE: Final = 10_000
"""Salts that are tried for a key; each misses a split of one tenth nine times in ten, so this never ends a search."""


@dataclass(frozen=True)
class _Scans:
    """All pictures: pixels (n, 8, 8) from 0 to 16, digits (n,), keys (n,)."""

    pixels: npt.NDArray[np.int64]
    digits: npt.NDArray[np.int64]
    keys: Keys


@cache
def _scans() -> _Scans:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise UserError("needs scikit-learn", where="pictures", mend="pip install enigmath[pictures]") from None
    scanned = load_digits()
    pixels = np.asarray(scanned.images).astype(np.int64)
    whole = pc.binary_join_element_wise(*_rows(pixels, 2), "/")
    return _Scans(pixels, np.asarray(scanned.target).astype(np.int64), hash_text(whole))


def _rows(pixels: npt.NDArray[np.int64], steps: int) -> list[pa.Array]:
    """Each of the eight rows of the pictures as text, from the top; 8 columns of shape (n,)."""
    characters = _ALPHABET[pixels * steps // GREYS].reshape(-1, SIDE, SIDE)
    texts = np.ascontiguousarray(characters).view(f"S{SIDE}")[..., 0].astype(str)
    return [pa.array(row, pa.string()) for row in texts.T]


@cache
def _texts(steps: int) -> list[pa.Array]:
    if steps not in STEPS:
        raise UserError(f"no pictures of {steps} grey steps", where="pictures", mend=f"take one of {STEPS}")
    return _rows(_scans().pixels, steps)


@cache
def _by_split() -> list[npt.NDArray[np.int64]]:
    """The pictures of each split, by their keys."""
    splits = split_of(_scans().keys)
    return [np.flatnonzero(splits == split) for split in range(len(SPLITS))]


@task(
    "pictures/read-digit",
    answer=Integer(),
    levels=[{"steps": steps} for steps in (17, 8, 4)],
    beyond=[{"steps": 2}],
    bulk=True,
    chance=183 / 1797,
)
def read_digit(rng: np.random.Generator, n: int, steps: int) -> Batch:
    """The digit in a picture of 8 x 8 grey pixels, rows from the top between slashes, as in `picture(004f…/…/…)`.

    Each pixel is one character of `0123456789abcdefg`, from 0, paper, to `steps` - 1, ink. Levels get coarser: 17
    steps of grey, then 8 and 4, and beyond them black and white. Always the commonest digit scores 10.2 %; the
    nearest of the training pictures reads all 167 of the test at 17 steps and 95 % in black and white. The space is
    1,797 pictures at every level: ask for 100 test problems, not 1,000. No picture stands in two splits, whatever the
    levels. Source: Alpaydin and Kaynak, "Optical recognition of handwritten digits", 1998.
    """
    texts, scans = _texts(steps), _scans()
    chosen = rng.integers(len(scans.digits), size=n)
    question = _written([pc.take(row, pa.array(chosen)) for row in texts], "picture")
    return Batch(question, scans.digits[chosen], scans.keys[chosen], {"digit": scans.digits[chosen]})


@task(
    "pictures/add-digits",
    answer=Integer(),
    levels=[{"steps": steps, "pictures": 2} for steps in (17, 4, 2)],
    beyond=[{"steps": 17, "pictures": 3}],
    bulk=True,
)
def add_digits(rng: np.random.Generator, n: int, steps: int, pictures: int) -> Batch:
    """The sum of the digits in pictures side by side, as in `pictures(004f…|0b20…/…/…)`: each row holds one of each.

    Pixels are as in `pictures/read-digit`. Levels get coarser: 17 steps of grey, 4, then black and white; beyond are
    three pictures. Always 9, the commonest sum of two, scores about 10 %. All pictures of a problem come from one
    split, and it falls into the same: a test pair is made of pictures that no training problem holds, of this task or
    of the other. So there are some 13,000 pairs for the test, but of 167 pictures. Pairs that commute share a key.
    Source: as read-digit.
    """
    if pictures not in (2, 3):
        raise UserError(f"cannot add {pictures} pictures", where="pictures/add-digits", mend="take 2 or 3")
    texts, scans = _texts(steps), _scans()
    first = rng.integers(len(scans.digits), size=n)
    splits = split_of(scans.keys[first])
    chosen = np.stack([first, *(_companions(rng, splits) for _ in range(pictures - 1))])
    rows = [pc.binary_join_element_wise(*(pc.take(row, pa.array(one)) for one in chosen), "|") for row in texts]
    total = scans.digits[chosen].sum(axis=0)
    traits = {"pictures": np.full(n, pictures), "digits": 1 + (total > 9)}
    return Batch(_written(rows, "pictures"), total, _keys_within(splits, scans.keys[chosen]), traits)


def _written(rows: list[Any], word: str) -> pa.Array:
    return pc.binary_join_element_wise(f"{word}(", pc.binary_join_element_wise(*rows, "/"), ")", "")


def _companions(rng: np.random.Generator, splits: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """A picture of each split, uniform among its pictures; shape (n,)."""
    members = _by_split()
    places = rng.integers(np.array([len(part) for part in members])[splits])
    starts = np.cumsum([0, *(len(part) for part in members[:-1])])
    found: npt.NDArray[np.int64] = np.concatenate(members)[starts[splits] + places]
    return found


def _keys_within(splits: npt.NDArray[np.uint8], keys: Keys) -> Keys:
    """One key for each column of pictures' keys, whatever their order, that falls into the column's split.

    The hash of the sorted keys takes the first salt for which it does; equal columns find the same one.
    """
    parts = np.sort(keys, axis=0).T
    found = np.zeros(len(splits), dtype=np.uint64)
    left = np.arange(len(splits))
    for salt in range(_PATIENCE):
        found[left] = hash_integers("pictures/add-digits", parts[left], salt)
        left = left[split_of(found[left]) != splits[left]]
        if not len(left):
            break
    return found
