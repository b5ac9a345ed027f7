"""Names of people, for models of text: the lists of the United States census of 1990, from the package `names`.

Nothing in the question tells the answer: a model can only learn how names are made, and is measured by how likely it
holds those that it never saw, in nats a character. This is the task of Bengio et al., "A neural probabilistic language
model" (2003), at the level of characters, as Karpathy's makemore lectures teach it; their list of 32,033 first names is
another one, so their figures are no yardstick to the second decimal. The package is under the MIT licence, the lists
are a work of the United States government; they are read from where it is installed. 5,163 first names and 88,799 last
names; a name that is both has one key, and so stands in one split.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Text, UserError, hash_text, task

LISTS: Final = {"first": ("first:female", "first:male"), "last": ("last",)}
"""What the package calls the lists of a level."""


@cache
def _names(which: str) -> pa.Array:
    """The different names of a list in lower case, sorted."""
    if which not in LISTS:
        raise UserError(f"no list of {which} names", where="text/names", mend=f"take one of {', '.join(LISTS)}")
    try:
        package: Any = import_module("names")
    except ImportError:
        raise UserError("needs the package names", where="text/names", mend="pip install enigmath[names]") from None
    lines = [line for part in LISTS[which] for line in Path(package.FILES[part]).read_text("ascii").splitlines()]
    return pa.array(sorted({line.split()[0].lower() for line in lines if line.strip()}))


@task(
    "text/names",
    answer=Text("[a-z]"),
    levels=[{"of": which} for which in LISTS],
    bulk=True,
    likelihood=True,
    draws=2**17,
)
def names(rng: np.random.Generator, n: int, of: str) -> Batch:
    """A name in lower-case letters, `first name` or `last name` being asked: any that the list holds is as likely.

    Drawn in passes through the list, each in an order of its own, so the first pass holds every name once: there are
    4,163 first names for training, 489 for validation and 511 for the test; 71,011, 8,866 and 8,922 last names. The
    score is `nats`, lower is better: counting letters alone gives 2.8 for first and 2.96 for last names. Which name is
    meant cannot be known, so exact answers are luck. Source: see the module; the 1990 census, with 90 % of the people.
    """
    listed = _names(of)
    passes = -(-n // len(listed))
    order = np.concatenate([rng.permutation(len(listed)) for _ in range(passes)] or [np.empty(0, np.int64)])[:n]
    drawn = pc.take(listed, pa.array(order))
    question = pa.repeat(f"{of} name", n)
    return Batch(question, drawn, hash_text(drawn), {"length": pc.utf8_length(drawn)})
