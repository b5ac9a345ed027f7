"""The directions of generators of numbers and keystreams: what comes next, what came before, tell from random.

Words are hexadecimal, bits of shift registers 0 and 1 in the order in which they come out, and numbers of congruential
generators decimal; a task never mixes two of them. The *seed* of a problem is all that was drawn of its generator,
parameters and state; seeds of training, validation and test are different ones, and what is asked of one seed, on
whatever level and in whichever direction, falls into one split. A distinguisher's problems are split by what they show.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, UserError, hash_integers, hash_text, within
from enigmath.bench.primitives.words import Words, draw_words, unsigned
from enigmath.generators.digits import join
from enigmath.generators.fixed_width import hexadecimal, lines

LABELS: Final = ("random", "real")
"""The answers of a distinguisher, by label."""

Stepper = Callable[[Any, int], Any]
"""A word so many steps later or earlier: a bijection."""


def after(rng: np.random.Generator, n: int, name: str, way: str, step: Stepper, *, steps: int, least: int = 0) -> Batch:
    """`xorshift.next(1,92d68ca2)`: the word of 32 bits, uniform from `least` on, that comes after so many steps."""
    return _stepped(rng, n, name, way, step, steps, least, forwards=True)


def before(
    rng: np.random.Generator, n: int, name: str, way: str, step: Stepper, *, steps: int, least: int = 0
) -> Batch:
    """`xorshift.state(1,2b1f4d63)`: the word before so many of the steps that `step` makes."""
    return _stepped(rng, n, name, way, step, steps, least, forwards=False)


def distinguish(
    rng: np.random.Generator,
    name: str,
    said: str,
    words: Words,
    bits: int,
    write: Callable[[Words], pa.Array],
    /,
    **traits: int,
) -> Batch:
    """`xorshift.distinguish(32,2b1f4d63...)`: half of the problems, drawn at random, show uniform words instead.

    `said` comes first, with its comma, and `write` puts down the words of so many bits. What is shown makes the key.
    """
    n = len(words[0])
    label = rng.integers(2, size=n, dtype=np.uint8)
    uniform = draw_words(rng, n, len(words), bits)
    shown = [np.where(label == 1, word, other) for word, other in zip(words, uniform, strict=True)]
    question = join(f"{name}.distinguish({said}", write(shown), ")")
    return Batch(question, pa.array(LABELS).take(pa.array(label)), hash_text(question), levels(n, **traits))


def asked(
    name: str, what: str, seed: Sequence[npt.NDArray[Any]], question: pa.Array, answer: pa.Array, **traits: int
) -> Batch:
    """A batch whose keys fall into the split of their seed; `what` tells problems on one seed apart."""
    families = hash_integers(f"seed of {name}", *seed)
    keys = within(families, hash_integers(f"{name} {what}", *seed))
    return Batch(question, answer, keys, levels(len(families), **traits))


def levels(n: int, **values: int) -> dict[str, Any]:
    """Traits that are the same in every row."""
    return {name: np.full(n, value) for name, value in values.items()}


def hidden_parameters(name: str) -> np.random.Generator:
    """Where parameters come from that are never said: the same in every dataset."""
    (seed,) = hash_text(pa.array([name]))
    return np.random.Generator(np.random.Philox(int(seed)))


def decimal(*columns: npt.NDArray[Any]) -> pa.Array:
    """Numbers below 2**63 in decimal digits with commas between.

    >>> decimal(np.array([1, 20]), np.array([3, 4])).to_pylist()
    ['1,3', '20,4']
    """
    texts = [pc.cast(pa.array(column.astype(np.int64)), pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, ",")


def require_positive(where: str, **counts: int) -> None:
    """UserError for a count below one."""
    for name, count in counts.items():
        if count < 1:
            raise UserError(f"{count} {name}", where=where, mend="1 or more")


def _stepped(
    rng: np.random.Generator, n: int, name: str, way: str, step: Stepper, steps: int, least: int, forwards: bool
) -> Batch:
    require_positive(name, steps=steps)
    early = rng.integers(least, 1 << 32, size=n, dtype=unsigned(32))
    late = step(early, steps)
    shown, sought = (early, late) if forwards else (late, early)
    question = lines(f"{name}.{way}({steps},", hexadecimal([shown], 32), ")")
    return asked(name, f"{steps}", [early], question, lines(hexadecimal([sought], 32)), steps=steps)
