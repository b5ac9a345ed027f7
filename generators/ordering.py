"""Lists of whole numbers put in order, what stands at a place of that order, and the digits of one number.

Numbers of a list are uniform over all whole numbers of up to so many digits, with either sign. Where a tie would leave
two answers the draw is rejected. The order in which a list is given does not change its key.
"""

from math import comb

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Integer, Items, Text, UserError, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.arithmetic import PAST_TWENTY, by_digits, longest
from enigmath.generators.canonical import number
from enigmath.generators.digits import Column, digit_sum, draw, join, text
from enigmath.generators.quantities import digit_sum_quantities

THREE_TO_TWENTY = by_digits(3, 4, 5, 6, 8, 10, 15, 20)


def by_count(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    """Levels of so many numbers and so many digits."""
    return [{"count": count, "digits": digits} for count, digits in pairs]


@task(
    "arithmetic/sort",
    answer=Items(Integer()),
    levels=by_count((3, 1), (3, 2), (4, 2), (5, 2), (6, 3), (8, 3), (10, 4)),
    beyond=by_count((12, 4), (15, 4), (10, 6)),
    bulk=True,
    perturbations=perturbed.LIST,
)
def sort(rng: np.random.Generator, n: int, count: int, digits: int) -> Batch:
    """A list of whole numbers in ascending order, as in `sort(5,-3,12)`, which is `-3,5,12`.

    Numbers are uniform over those of up to `digits` digits, of either sign; equal ones stay side by side. Levels grow
    in numbers, then in digits. Giving the list back unchanged scores 1 / count!, 17 % of three numbers and 4 % of four,
    but 21 % on level 1, where more are equal. Source: comparison__sort of Saxton et al., 2019.
    """
    numbers = _draw_lists(rng, n, count, digits)
    ordered = np.sort(numbers, axis=1)
    traits = {"operands": np.full(n, count), "digits": _longest(numbers)}
    return Batch(join("sort(", list_text(numbers), ")"), list_text(ordered), hash_integers("sort", ordered), traits)


LISTS = by_count((3, 2), (4, 2), (5, 2), (6, 3), (8, 3), (10, 4))
PAST_LISTS = by_count((12, 4), (15, 4), (10, 6))


@task(
    "arithmetic/kth-largest",
    answer=Integer(),
    levels=LISTS,
    beyond=PAST_LISTS,
    bulk=True,
    chance=lambda count, digits: 1 / count,
    perturbations=perturbed.LIST_AFTER_ONE,
)
def kth_largest(rng: np.random.Generator, n: int, count: int, digits: int) -> Batch:
    """The k-th largest of a list of different whole numbers, as in `largest(2;5,-3,12)`, which is 5.

    The place k is uniform over 1 .. count, so taking any one item of the list scores 1 / count. Numbers are drawn as
    for sort; lists in which two are equal are rejected. Levels grow in numbers, then in digits. Source:
    comparison__kth_biggest of Saxton et al., 2019.
    """
    numbers, place = _draw_lists(rng, n, count, digits), rng.integers(1, count + 1, size=n)
    ordered = np.sort(numbers, axis=1)
    kept = (ordered[:, 1:] > ordered[:, :-1]).all(axis=1)
    numbers, ordered, place = numbers[kept], ordered[kept], place[kept]
    answer = ordered[np.arange(len(place)), count - place]
    question = join("largest(", text(place[None]), ";", list_text(numbers), ")")
    traits = {"operands": np.full(len(place), count), "digits": _longest(numbers), "place": place}
    key, rejected = hash_integers("largest", place, ordered), {"two are equal": n - len(place)}
    return Batch(question, integer_text(answer), key, traits, rejected)


@task(
    "arithmetic/closest",
    answer=Integer(),
    levels=LISTS,
    beyond=PAST_LISTS,
    bulk=True,
    chance=lambda count, digits: 1 / count,
    perturbations=perturbed.LIST_AFTER_ONE,
)
def closest(rng: np.random.Generator, n: int, count: int, digits: int) -> Batch:
    """Which of several whole numbers is closest to a given one, as in `closest(7;5,-3,12)`, which is 5.

    All numbers are drawn as for sort; where two are equally close the draw is rejected. Taking any one item of the list
    scores 1 / count. Levels grow in numbers, then in digits. The trait `margin` is how much farther the second closest
    is. Source: comparison__closest of Saxton et al., 2019.
    """
    drawn = _draw_lists(rng, n, count, digits, beside=1)
    target, numbers = drawn[:, 0], drawn[:, 1:]
    # Below 10**18 a distance is below 2 * 10**18 and fits; a partial sort finds the two least.
    distance = abs(numbers - target[:, None])
    nearest = np.partition(distance, 1, axis=1)
    margin = nearest[:, 1] - nearest[:, 0]
    kept = margin > 0
    target, numbers = target[kept], numbers[kept]
    answer = numbers[np.arange(len(target)), distance[kept].argmin(axis=1)]
    question = join("closest(", integer_text(target), ";", list_text(numbers), ")")
    traits = {"operands": np.full(len(target), count), "digits": _longest(drawn[kept]), "margin": margin[kept]}
    key = hash_integers("closest", target, np.sort(numbers, axis=1))
    return Batch(question, integer_text(answer), key, traits, {"two are equally close": n - len(target)})


def _commonest_sum(digits: int) -> float:
    """The share of the digit sum 9 * digits // 2, the commonest: inclusion and exclusion over digits above 9."""
    middle = 9 * digits // 2
    ways = sum(
        (-1) ** over * comb(digits, over) * comb(middle - 10 * over + digits - 1, digits - 1)
        for over in range(middle // 10 + 1)
    )
    return float(ways / 10**digits)


@task(
    "arithmetic/digit-sum",
    answer=Integer(),
    levels=THREE_TO_TWENTY,
    beyond=PAST_TWENTY,
    bulk=True,
    chance=_commonest_sum,
    perturbations=perturbed.DIGIT_SUM,
    quantities=digit_sum_quantities,
)
def digits_summed(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of the decimal digits of a natural number, as in `digitsum(907)`, which is 16.

    Numbers are uniform over 0 .. 10**digits - 1; levels grow in digits. Always guessing the middle, 4.5 * digits,
    scores 7.5 % of three digits and 3 % of twenty. Modulo nine the answer is the number itself. Source: casting out
    nines, as in any book of arithmetic.
    """
    value = draw(rng, n, digits)
    given, key = text(value), hash_integers("digits", number(value).view(np.int64))
    return Batch(join("digitsum(", given, ")"), text(digit_sum(value)[None]), key, {"digits": longest(given)})


def _palindromes(digits: int) -> float:
    """The share of palindromes among the numbers below 10**digits."""
    return float((11 if digits % 2 else 2) * 10.0 ** (digits // 2) - 1) / 10.0**digits


@task(
    "arithmetic/digit-reverse",
    answer=Text("[0-9]"),
    levels=THREE_TO_TWENTY,
    beyond=PAST_TWENTY,
    bulk=True,
    ceiling=_palindromes,
    perturbations=perturbed.REVERSE,
)
def digits_reversed(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The digits of a natural number from right to left, zeros kept, as in `reverse(1230)`, which is `0321`.

    Numbers are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores nothing; giving the number back
    scores on palindromes alone, 11 % at three digits and 2 % at four: the declared ceiling, exact. Reversal is a
    standard probe of position in sequence models. Source: Zaremba and Sutskever, "Reinforcement learning neural Turing
    machines", 2015.
    """
    value = draw(rng, n, digits)
    given, key = text(value), hash_integers("digits", number(value).view(np.int64))
    return Batch(join("reverse(", given, ")"), pc.ascii_reverse(given), key, {"digits": longest(given)})


def integer_text(values: Column) -> pa.Array:
    """Decimal digits of a column of whole numbers, with a minus sign where one is negative."""
    return pa.array(values).cast(pa.string())


def list_text(numbers: Column) -> pa.Array:
    """Each row of a table of whole numbers of shape (n, k) as a list without brackets.

    >>> list_text(np.array([[5, -3], [0, 12]])).to_pylist()
    ['5,-3', '0,12']
    """
    rows, count = numbers.shape
    offsets = pa.array(np.arange(0, rows * count + 1, count, dtype=np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, integer_text(numbers.reshape(-1))), ",")


def _draw_lists(rng: np.random.Generator, n: int, count: int, digits: int, beside: int = 0) -> Column:
    """Shape (n, beside + count), uniform over the whole numbers of up to `digits` digits."""
    if count < 2 or not 1 <= digits <= 18:
        raise UserError(
            f"lists of {count} numbers of {digits} digits",
            where="arithmetic lists",
            mend="at least two numbers, of 1 to 18 digits",
        )
    return rng.integers(1 - 10**digits, 10**digits, size=(n, beside + count))


def _longest(numbers: Column) -> Column:
    """The digits of each row's largest magnitude."""
    return longest(text(abs(numbers).max(axis=1)[None]))
