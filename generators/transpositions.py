"""Tasks on ciphers that move letters; the ciphers themselves are in `bench/primitives/transpositions.py`."""

from math import factorial
from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Integer, Text, task
from enigmath.bench.primitives.transpositions import COLUMNAR, DOUBLE_COLUMNAR, RAIL_FENCE
from enigmath.generators import letter_perturbations as perturbed
from enigmath.generators import text_directions as directions

ATTACK: Final = "transposition-attack"
LETTERS: Final = Text("[A-Z]")
RAILS = [
    {"length": 10, "most_rails": 3},
    {"length": 20, "most_rails": 5},
    {"length": 50, "most_rails": 8},
    {"length": 100, "most_rails": 12},
]
RAILS_BEYOND = [{"length": 200, "most_rails": 12}, {"length": 100, "most_rails": 20}]
COLUMNS = [
    {"length": 20, "columns": 4},
    {"length": 50, "columns": 6},
    {"length": 50, "columns": 9},
    {"length": 100, "columns": 9},
]
COLUMNS_BEYOND = [{"length": 200, "columns": 9}, {"length": 100, "columns": 12}]
COLUMNS_HIDDEN = [
    {"length": 20, "columns": 4, "hidden": 1},
    {"length": 50, "columns": 6, "hidden": 1},
    {"length": 100, "columns": 9, "hidden": 1},
]
COLUMNS_HIDDEN_BEYOND = [{"length": 200, "columns": 9, "hidden": 1}]
TWICE = [
    {"length": 30, "columns": 3},
    {"length": 50, "columns": 4},
    {"length": 50, "columns": 5},
    {"length": 100, "columns": 6},
]
TWICE_BEYOND = [{"length": 200, "columns": 6}, {"length": 100, "columns": 8}]
TWICE_HIDDEN = [
    {"length": 30, "columns": 3, "hidden": 1},
    {"length": 50, "columns": 5, "hidden": 1},
    {"length": 100, "columns": 6, "hidden": 1},
]
TWICE_HIDDEN_BEYOND = [{"length": 200, "columns": 6, "hidden": 1}]


def one_number_of_rails(length: int, most_rails: int) -> float:
    """What guessing the number of rails scores."""
    return 1 / (most_rails - 1)


def one_order(length: int, columns: int) -> float:
    """What guessing the order of the columns scores."""
    return 1 / factorial(columns)


def two_orders(length: int, columns: int) -> float:
    """What guessing the orders of the columns of two grids scores."""
    return 1 / factorial(columns) ** 2


@task(
    "cipher/rail-fence-encrypt",
    answer=LETTERS,
    levels=RAILS,
    beyond=RAILS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION,
)
def rail_fence_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Written down and up on rails, read rail by rail: `rail_fence.encrypt(3,WEAREDISCOVERED)` gives `WECRERDSOEEAIVD`.

    Levels grow by the length of the text and by the most rails, from 2 to which the number is drawn; all numbers stand
    in training, the test's English does not.
    """
    return directions.encrypt(rng, n, RAIL_FENCE, **level)


@task(
    "cipher/rail-fence-decrypt",
    answer=LETTERS,
    levels=RAILS,
    beyond=RAILS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION_BACK,
)
def rail_fence_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `rail_fence.decrypt(3,WECRERDSOEEAIVD)` with the answer `WEAREDISCOVERED`.

    The inverse of `rail-fence-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, RAIL_FENCE, **level)


@task(
    "cipher/rail-fence-key",
    answer=Integer(),
    levels=RAILS,
    beyond=RAILS_BEYOND,
    bulk=True,
    chance=one_number_of_rails,
    solve=ATTACK,
)
def rail_fence_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The number of rails from a ciphertext alone, as in `rail_fence.key(WECRERDSOEEAIVD)` with the answer `3`.

    Levels grow by the length of the text and by the most rails; guessing scores one in how many numbers there are.
    """
    return directions.find_key(rng, n, RAIL_FENCE, **level)


@task(
    "cipher/columnar-encrypt",
    answer=LETTERS,
    levels=COLUMNS,
    beyond=COLUMNS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION,
)
def columnar_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Written in rows, read by columns in the key's order: `columnar.encrypt(CADB,WEAREDISCO)` gives `EDORSWECAI`.

    The key word has each of the first letters once, and the column under A is read first. The last row may be short.
    Levels grow by the length of the text and by the columns; from nine columns on no key is in two splits (of fewer
    there are too few to hold out), and no stretch of English ever is.
    """
    return directions.encrypt(rng, n, COLUMNAR, **level)


@task(
    "cipher/columnar-decrypt",
    answer=LETTERS,
    levels=COLUMNS,
    beyond=COLUMNS_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION_BACK,
)
def columnar_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `columnar.decrypt(CADB,EDORSWECAI)` with the answer `WEAREDISCO`.

    The inverse of `columnar-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, COLUMNAR, **level)


@task(
    "cipher/columnar-break",
    answer=LETTERS,
    levels=COLUMNS_HIDDEN,
    beyond=COLUMNS_HIDDEN_BEYOND,
    bulk=True,
    solve=ATTACK,
)
def columnar_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden order, as in `columnar.break(EDORSWECAI)` with the answer `WEAREDISCO`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by length and columns; beyond, the text is longer under the same key.
    """
    return directions.break_hidden(rng, n, COLUMNAR, **level)


@task(
    "cipher/columnar-key",
    answer=LETTERS,
    levels=COLUMNS[1:],
    beyond=COLUMNS_BEYOND,
    bulk=True,
    chance=one_order,
    solve=ATTACK,
)
def columnar_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The order of the columns from a ciphertext alone, as in `columnar.key(EDORSWECAI)` with the answer `CADB`.

    Levels grow by length and columns, whose number the question does not say. Guessing scores one in the factorial of
    the columns.
    """
    return directions.find_key(rng, n, COLUMNAR, **level)


@task(
    "cipher/double-columnar-encrypt",
    answer=LETTERS,
    levels=TWICE,
    beyond=TWICE_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION,
)
def double_columnar_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Columns in one order, then in another: `double_columnar.encrypt(CAB,BCA,WEAREDISCO)` gives `SCIEAWOEDR`.

    Each key word has each of the first letters once. Levels grow by the length of the text and by the columns; from six
    columns on no pair of keys is in two splits, and no stretch of English ever is.
    """
    return directions.encrypt(rng, n, DOUBLE_COLUMNAR, **level)


@task(
    "cipher/double-columnar-decrypt",
    answer=LETTERS,
    levels=TWICE,
    beyond=TWICE_BEYOND,
    bulk=True,
    perturbations=perturbed.TRANSPOSITION_BACK,
)
def double_columnar_decrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The text before it, as in `double_columnar.decrypt(CAB,BCA,SCIEAWOEDR)` with the answer `WEAREDISCO`.

    The inverse of `double-columnar-encrypt`, with the same levels and the same keys of problems.
    """
    return directions.decrypt(rng, n, DOUBLE_COLUMNAR, **level)


@task(
    "cipher/double-columnar-break",
    answer=LETTERS,
    levels=TWICE_HIDDEN,
    beyond=TWICE_HIDDEN_BEYOND,
    bulk=True,
    solve=ATTACK,
)
def double_columnar_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under two hidden orders, as in `double_columnar.break(SCIEAWOEDR)` with the answer `WEAREDISCO`.

    The keys are the same in every dataset of a level: a network can learn them from examples, while the attack works
    from each ciphertext alone. Levels grow by length and columns; beyond, the text is longer under the same keys.
    """
    return directions.break_hidden(rng, n, DOUBLE_COLUMNAR, **level)


@task(
    "cipher/double-columnar-key",
    answer=Text("[A-Z,]"),
    levels=TWICE,
    beyond=TWICE_BEYOND,
    bulk=True,
    chance=two_orders,
    solve=ATTACK,
)
def double_columnar_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Both orders from a ciphertext alone, as in `double_columnar.key(SCIEAWOEDR)` with the answer `CAB,BCA`.

    Levels grow by length and columns, whose number the question does not say. Guessing scores one in the square of the
    columns' factorial.
    """
    return directions.find_key(rng, n, DOUBLE_COLUMNAR, **level)
