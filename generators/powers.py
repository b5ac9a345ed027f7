"""Powers, whole roots and surds: what is raised, what is drawn out, and what stays under the root.

Radicands of the root tasks are drawn backwards, from a root, so that every root is about as frequent; they stay below
2**63. Powers are exact at any length. The key of a power is that of its product: `17^2` shares it with `17*17`.
"""

from functools import cache
from math import isqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Expression, Integer, Keys, UserError, hash_integers, mix, task
from enigmath.generators.arithmetic import longest
from enigmath.generators.canonical import number, times
from enigmath.generators.digits import Column, Limbs, draw, join, multiply, pick, text
from enigmath.generators.ordering import integer_text


@task(
    "arithmetic/power",
    answer=Integer(),
    levels=[
        {"digits": digits, "exponent": exponent}
        for digits, exponent in ((2, 4), (3, 3), (3, 5), (4, 4), (5, 4), (6, 5), (8, 4))
    ],
    beyond=[{"digits": digits, "exponent": exponent} for digits, exponent in ((3, 8), (10, 4), (6, 8))],
    bulk=True,
)
def power(rng: np.random.Generator, n: int, digits: int, exponent: int) -> Batch:
    """A natural number raised to a small power, as in `17^3`.

    Bases are uniform over 0 .. 10**digits - 1, exponents over 2 .. exponent; levels grow in both. Guessing scores
    next to nothing. The key is that of the repeated product, so `17^2` and `17*17` share it. reasoning-gym asks this
    as power_function, with floating-point answers.
    """
    base, order = draw(rng, n, digits), rng.integers(2, exponent + 1, size=n)
    below = text(base)
    traits = {"digits": longest(below), "exponent": order}
    return Batch(join(below, "^", text(order[None])), text(raised(base, order)), mix(_word(base, order)), traits)


def raised(base: Limbs, exponent: Column) -> Limbs:
    """`base ** exponent` for exponents of 1 and more; ValueError for bases of more than 81 digits.

    >>> raised(np.array([[10, 3]]), np.array([2, 4])).tolist()
    [[100, 81]]
    """
    product, one = base, np.zeros_like(base)
    one[0] = 1
    for done in range(1, int(exponent.max(initial=1))):
        product = multiply(product, np.where(done < exponent, base, one))
    return product


def _word(base: Limbs, exponent: Column) -> Keys:
    factor = number(base)
    word = factor
    for done in range(1, int(exponent.max(initial=1))):
        word = np.where(done < exponent, times(word, factor), word)
    return word


ROOTS = [
    {"digits": digits, "order": order} for digits, order in ((1, 3), (2, 2), (2, 3), (2, 5), (3, 3), (3, 5), (4, 4))
]
PAST_ROOTS = [{"digits": digits, "order": order} for digits, order in ((6, 3), (9, 2))]


@task("arithmetic/integer-root", answer=Integer(), levels=ROOTS, beyond=PAST_ROOTS, bulk=True)
def integer_root(rng: np.random.Generator, n: int, digits: int, order: int) -> Batch:
    """The k-th root of a natural number, rounded down to a whole number, as in `floor(1000^(1/4))`, which is 5.

    The order k is uniform over 2 .. order, the root over 1 .. 10**digits - 1, then the radicand over all numbers with
    that root; levels grow in both and stay below 2**63. Always guessing one number scores 10**-digits or so, but 27 %
    on level 1, where radicands repeat and most of the different ones have the root 9. Exact powers are the rare case.
    Source: arithmetic__nearest_integer_root of Saxton et al., 2019, who round to the nearest.
    """
    return _root(rng, n, digits, order, nearest=False)


@task("arithmetic/nearest-root", answer=Integer(), levels=ROOTS, beyond=PAST_ROOTS, bulk=True)
def nearest_root(rng: np.random.Generator, n: int, digits: int, order: int) -> Batch:
    """The whole number nearest to the k-th root of a natural number, as in `round(1000^(1/4))`, which is 6.

    Drawn as integer-root, with which it shares keys. There are no ties: r + 1/2 is no root of a whole number. Guessing
    scores as there. Source: arithmetic__nearest_integer_root of Saxton et al., 2019.
    """
    return _root(rng, n, digits, order, nearest=True)


def _root(rng: np.random.Generator, n: int, digits: int, order: int, nearest: bool) -> Batch:
    if order < 2 or (2 * 10**digits) ** order >= 2**63:
        raise UserError(
            f"roots of order {order} and {digits} digits",
            where="arithmetic roots",
            mend="keep (2 * 10**digits)**order below 2**63",
        )
    orders, root = rng.integers(2, order + 1, size=n), rng.integers(1, 10**digits, size=n)
    if nearest:
        low, high = ((2 * root + side) ** orders // 2**orders + 1 for side in (-1, 1))
    else:
        low, high = root**orders, (root + 1) ** orders
    radicand = rng.integers(low, high)
    under = text(radicand[None])
    question = join("round(" if nearest else "floor(", under, "^(1/", text(orders[None]), "))")
    traits = {"digits": longest(under), "order": orders}
    return Batch(question, text(root[None]), hash_integers("root", radicand, orders), traits)


def _small_squares(outside: int, inside: int) -> float:
    """The share of factors in 1 .. outside that 2, 3, 5 and 7 make up; `inside` has no squares and plays no part."""
    rest = np.arange(1, outside + 1)
    for prime in (2, 3, 5, 7):
        while (even := rest % prime == 0).any():
            rest[even] //= prime
    return float(np.mean(rest == 1))


@task(
    "arithmetic/surd-simplify",
    answer=Expression(()),
    levels=[{"outside": size, "inside": inside} for size, inside in ((20, 30), (50, 50), (100, 100), (300, 300))],
    beyond=[{"outside": size, "inside": inside} for size, inside in ((1_000, 300), (1_000, 3_000))],
    bulk=True,
    ceiling=_small_squares,
)
def surd_simplify(rng: np.random.Generator, n: int, outside: int, inside: int) -> Batch:
    """A square root with its largest square drawn out, as in `sqrt(72)`, which is `6*sqrt(2)`.

    The radicand is a*a*b with a uniform over 1 .. outside and b over the square-free numbers of 1 .. inside; levels
    grow in both. Where b is 1 the answer is the whole number a, where a is 1 the question itself: repeating it scores
    1 / outside. Guessing scores next to nothing. Drawing out the squares of 2, 3, 5 and 7 alone is right for 80 % on
    level 1 and 27 % on level 4, the declared ceiling, exact. The trait `whole` is 1 where nothing
    stays under the root. Source: simplify_surd of Saxton et al., 2019.
    """
    free = square_free(inside)
    factor, rest = rng.integers(1, outside + 1, size=n), free[rng.integers(len(free), size=n)]
    radicand = factor * factor * rest
    under = text(radicand[None])
    traits = {"digits": longest(under), "whole": (rest == 1).astype(np.int64)}
    question = join("sqrt(", under, ")")
    return Batch(question, surd_text(factor, rest), hash_integers("surd", radicand), traits)


@task(
    "arithmetic/surd-sum",
    answer=Expression(()),
    levels=[
        {"terms": terms, "outside": outside, "inside": inside}
        for terms, outside, inside in ((2, 3, 10), (2, 5, 20), (2, 10, 30), (3, 10, 30), (3, 20, 100), (4, 20, 100))
    ],
    beyond=[{"terms": 6, "outside": 20, "inside": 100}, {"terms": 4, "outside": 50, "inside": 500}],
    bulk=True,
)
def surd_sum(rng: np.random.Generator, n: int, terms: int, outside: int, inside: int) -> Batch:
    """A sum of like square roots in simplest form, as in `3*sqrt(8)-2*sqrt(50)`, which is `-4*sqrt(2)`.

    Each term is c*sqrt(a*a*b) with c uniform over 2 .. 9, a over 1 .. outside, and one square-free b of 2 .. inside for
    the whole sum; each sign after the first is + or - with equal chance. Levels grow in terms, in a and in b. Guessing
    0 scores 2 % on level 1, less later. The key is the multiset of signed terms. Source: after
    simplify_surd of Saxton et al., 2019.
    """
    free = square_free(inside)[1:]
    rest = free[rng.integers(len(free), size=n)]
    total, word = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.uint64)
    pieces: list[pa.Array | str] = []
    for place in range(terms):
        count, factor = rng.integers(2, 10, size=n), rng.integers(1, outside + 1, size=n)
        minus = rng.integers(2, size=n).astype(bool) & (place > 0)
        radicand = factor * factor * rest
        total += np.where(minus, -count, count) * factor
        # A root's own word is a magnitude of 63 bits, as `canonical` has them.
        term = times(number(count[None]), hash_integers("surd", radicand) >> np.uint64(1))
        word += np.where(minus, np.uint64(0) - term, term)
        pieces += [pick(("+" if place else "", "-"), minus), text(count[None]), "*sqrt(", text(radicand[None]), ")"]
    traits = {"operands": np.full(n, terms), "inside": rest}
    return Batch(join(*pieces), surd_text(total, rest), mix(word), traits)


@cache
def square_free(limit: int) -> Column:
    """The square-free numbers of 1 .. limit, in order.

    >>> square_free(10).tolist()
    [1, 2, 3, 5, 6, 7, 10]
    """
    kept = np.ones(limit + 1, dtype=bool)
    kept[0] = False
    for root in range(2, isqrt(limit) + 1):
        kept[root * root :: root * root] = False
    return np.flatnonzero(kept)


def surd_text(count: Column, inside: Column) -> pa.Array:
    """`count*sqrt(inside)` for a square-free `inside`, without a needless 1, and 0 as `0`.

    >>> surd_text(np.array([6, 1, -1, 5, 0]), np.array([2, 3, 3, 1, 7])).to_pylist()
    ['6*sqrt(2)', 'sqrt(3)', '-sqrt(3)', '5', '0']
    """
    whole = integer_text(count)
    root = join("sqrt(", text(inside[None]), ")")
    bare = join(pick(("", "-"), count < 0), root)
    surd = pc.if_else(pa.array(abs(count) == 1), bare, join(whole, "*", root))
    return pc.if_else(pa.array((inside == 1) | (count == 0)), whole, surd)
