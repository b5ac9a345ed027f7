"""Sequences of whole numbers: the next term, a formula for all of them, and terms of a linear recurrence.

A sequence that fulfils a linear recurrence of order k with constant coefficients is determined by its first 2 * k
terms: two such recurrences that agree on so many agree for ever (Massey, "Shift-register synthesis and BCH
decoding", 1969). So `next` has one answer: every sequence has order 4 at most and shows 8 terms, or order 5 and
shows 10.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Expression, Integer, hash_integers, task
from enigmath.bench.contracts.expression import Tree, parse
from enigmath.generators.digits import join, pick
from enigmath.generators.polynomial_text import (
    draw_nonzero,
    draw_polynomials,
    least,
    power_text,
    require,
    values_at,
    write_terms,
)

Terms = npt.NDArray[np.int64]
"""Shape (terms, n)."""

FORMULA: Final = Expression(("n",))
ORDERS: Final[Mapping[str, int]] = {
    "geometric": 1,
    "arithmetic": 2,
    "recurrent": 2,
    "quadratic": 3,
    "recurrent-3": 3,
    "cubic": 4,
    "interleaved": 4,
    "quartic": 5,
}
"""The families of next-term, and the highest order of a linear recurrence in each."""
_DEGREES: Final[Mapping[str, int]] = {"arithmetic": 1, "quadratic": 2, "cubic": 3, "quartic": 4}
_SHOWN: Final = 8
_RATIOS: Final = np.array([-5, -4, -3, -2, 2, 3, 4, 5])
_REACH: Final = 20
"""The size of the first terms and of the constant of a recurrence."""
_CHECKED: Final = 16
"""Terms that a predicted formula must give: twice as many as the question shows."""
_MOST_BITS: Final = 4_000


@task(
    "algebra/next-term",
    answer=Integer(),
    levels=[
        {"family": "arithmetic", "size": 99},
        {"family": "geometric", "size": 999},
        {"family": "quadratic", "size": 20},
        {"family": "recurrent", "size": 9},
        {"family": "interleaved", "size": 50},
        {"family": "cubic", "size": 20},
    ],
    beyond=[{"family": "recurrent-3", "size": 9}, {"family": "quartic", "size": 20}],
    bulk=True,
)
def next_term(rng: np.random.Generator, n: int, family: str, size: int) -> Batch:
    """The next term of a sequence, as in `next(2,5,8,11,14,17,20,23)` with the answer `26`.

    The family is the level: arithmetic, geometric (ratio 2 to 5, of either sign), quadratic and cubic polynomials,
    recurrences of order 2 with coefficients up to 3, two arithmetic sequences interleaved. First terms and differences
    are uniform over -size .. size. The eight terms shown (ten of a quartic) decide: the shortest linear recurrence that
    they fulfil gives the answer. Guessing scores next to nothing. A sequence and its negative share a key. Source:
    algebra__sequence_next_term of Saxton et al., 2019, whose sequences are polynomials.
    """
    require(family in ORDERS, "next-term", f"no family {family!r}", f"it is one of {', '.join(ORDERS)}")
    require(0 < size <= 10**9, "next-term", f"size {size}", "from 1 to 10**9")
    shown = max(_SHOWN, 2 * ORDERS[family])
    terms = _sequence(rng, n, family, size, shown + 1)
    question = join("next(", _listed(terms[:-1]), ")")
    traits = {"family": pa.repeat(family, n), "order": np.full(n, ORDERS[family])}
    return Batch(question, terms[-1], _sequence_key("next-term", terms[:-1]), traits)


def _sequence(rng: np.random.Generator, n: int, family: str, size: int, count: int) -> Terms:
    """Columns of terms. With size up to 10**9 all stay below 2**63: none exceeds size * 6**8 or size * 2**10."""
    if family in _DEGREES:
        differences = draw_polynomials(rng, n, _DEGREES[family], size)
        return _summed_up(differences, count)
    if family == "geometric":
        ratio = _RATIOS[rng.integers(len(_RATIOS), size=n)]
        powers: Terms = ratio ** np.arange(count, dtype=np.int64)[:, None]
        return draw_nonzero(rng, size, n) * powers
    if family == "interleaved":
        odd, even = (_summed_up(draw_polynomials(rng, n, 1, size), count) for _ in range(2))
        return np.stack([odd, even], axis=1).reshape(2 * count, n)[:count]
    order = ORDERS[family]
    rule = rng.integers(-3 if order == 2 else -2, 4 if order == 2 else 3, size=(order, n))
    rule[-1] = draw_nonzero(rng, 3 if order == 2 else 2, n)
    return _continued(draw_polynomials(rng, n, order - 1, size), rule, np.zeros(n, dtype=np.int64), count)


def _summed_up(differences: Terms, count: int) -> Terms:
    """The sequences whose first term, first difference, and so on are given."""
    rows, terms = differences.copy(), []
    for _ in range(count):
        terms.append(rows[0].copy())
        rows[:-1] += rows[1:]
    return np.stack(terms)


def _continued(starts: Terms, rule: Terms, constant: npt.NDArray[np.int64], count: int) -> Terms:
    """The recurrence a(n) = rule[0] * a(n-1) + rule[1] * a(n-2) + … + constant."""
    terms = list(starts)
    while len(terms) < count:
        terms.append(sum((one * term for one, term in zip(rule, reversed(terms), strict=False)), constant))
    return np.stack(terms[:count])


def _listed(terms: Terms) -> pa.Array:
    return join(*[piece for term in terms for piece in (",", pa.array(term).cast(pa.string()))][1:])


def _sequence_key(name: str, terms: Terms) -> npt.NDArray[np.uint64]:
    return least(hash_integers(name, len(terms), terms.T), hash_integers(name, len(terms), -terms.T))


def same_formula(question: str, answer: str, prediction: str) -> bool:
    """A judge: the formula has the answer's value for n = 1 .. 16, exactly."""
    del question
    given, right = parse(prediction, ("n",)), parse(answer, ("n",))
    return all(_value(given, n) == _value(right, n) is not None for n in range(1, _CHECKED + 1))


def _value(tree: Tree, n: int) -> Fraction | None:
    """The exact value of a formula of + - * / ^ at a whole number; None for any other, and beyond 4000 bits."""
    if isinstance(tree, int):
        return Fraction(tree)
    if isinstance(tree, str):
        return Fraction(n) if tree == "n" else None
    parts = [_value(part, n) for part in tree[1:]]
    first = parts[0]
    if None in parts or first is None:
        return None
    if tree[0] == "neg":
        return -first
    second = parts[-1] if len(parts) == 2 else None
    found: Fraction | None = None
    if second is None or (tree[0] == "/" and not second):
        return None
    if tree[0] == "^":
        found = _power(first, second)
    elif tree[0] in "+-*/":
        found = {"+": first.__add__, "-": first.__sub__, "*": first.__mul__, "/": first.__truediv__}[tree[0]](second)
    return found if found is not None and _bits(found) <= _MOST_BITS else None


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator > 1 or (not base and exponent < 0) or abs(exponent) * _bits(base) > _MOST_BITS:
        return None
    return Fraction(base**exponent.numerator)


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


@task(
    "algebra/nth-term",
    answer=FORMULA,
    levels=[
        {"degree": 1, "size": 99, "geometric": False},
        {"degree": 2, "size": 20, "geometric": False},
        {"degree": 0, "size": 999, "geometric": True},
        {"degree": 3, "size": 20, "geometric": False},
        {"degree": 1, "size": 9, "geometric": True},
    ],
    beyond=[{"degree": 3, "size": 99, "geometric": False}, {"degree": 2, "size": 9, "geometric": True}],
    bulk=True,
    draws=2**11,
    check=same_formula,
)
def nth_term(rng: np.random.Generator, n: int, degree: int, size: int, geometric: bool) -> Batch:
    """A formula for all terms of a sequence, n = 1 the first, as in `nth(2,5,8,11,14,17,20,23)`: `3*n-1`.

    The terms are a polynomial of the degree in n with coefficients uniform over -size .. size, or a geometric sequence
    with a ratio of 2 to 5, of either sign, and a polynomial added to it (none with degree 0), as `3*2^(n-1)+n-4`. Any
    formula of + - * / ^ is right that gives the first 16 terms exactly, of which 8 are shown. Levels grow in degree.
    Guessing scores next to nothing. A sequence and its negative share a key. Source: algebra__sequence_nth_term of
    Saxton et al., 2019.
    """
    require(degree <= 3 and size <= 10**6, "nth-term", "a degree above 3 or a size above 10**6", "take less")
    places = np.arange(1, _SHOWN + 1, dtype=np.int64)[:, None].repeat(n, axis=1)
    polynomial = draw_polynomials(rng, n, degree, size) * (degree > 0 or not geometric)
    factor = draw_nonzero(rng, size, n) * geometric
    ratio = _RATIOS[rng.integers(len(_RATIOS), size=n)]
    powers: Terms = ratio ** np.arange(_SHOWN, dtype=np.int64)[:, None]
    terms = np.stack([values_at(polynomial, place) for place in places]) + factor * powers
    power = pick(tuple(f"({base})^(n-1)" for base in range(-5, 6)), ratio + 5)
    monomials = [power_text("n", exponent) for exponent in range(degree, -1, -1)]
    text = write_terms(np.concatenate([factor[None], polynomial[::-1]]), [power, *monomials])
    answer = FORMULA.canonical(text)
    traits = {"degree": np.full(n, degree), "geometric": np.full(n, geometric)}
    return Batch(join("nth(", _listed(terms), ")"), answer, _sequence_key("nth-term", terms), traits)


@task(
    "algebra/linear-recurrence",
    answer=Integer(),
    levels=[
        {"order": 1, "term": 4, "size": 5},
        {"order": 1, "term": 8, "size": 5},
        {"order": 2, "term": 5, "size": 3},
        {"order": 2, "term": 8, "size": 3},
        {"order": 3, "term": 6, "size": 3},
        {"order": 3, "term": 9, "size": 3},
    ],
    beyond=[{"order": 2, "term": 15, "size": 3}, {"order": 4, "term": 9, "size": 3}],
    bulk=True,
)
def linear_recurrence(rng: np.random.Generator, n: int, order: int, term: int, size: int) -> Batch:
    """A term of a linear recurrence, as in `a(1)=2,a(2)=3,a(n)=2*a(n-1)-a(n-2)+4,a(5)` with the answer `30`.

    The coefficients of the rule are uniform over -size .. size, the last not 0; the constant and the first terms are
    uniform over -20 .. 20. Levels grow in the order and in the term that is asked for. Guessing scores next to nothing
    from the second level on. All signs of the terms turned, the problem keeps its key. Source: Graham, Knuth and
    Patashnik, "Concrete mathematics", chapter 7.
    """
    bound = 2 * _REACH * (order * size + 1) ** (term - order)
    require(order < term and bound < 2**63, "linear-recurrence", f"terms up to {bound:.1e}", "take a nearer term")
    rule, constant = rng.integers(-size, size + 1, size=(order, n)), rng.integers(-_REACH, _REACH + 1, size=n)
    rule[-1] = draw_nonzero(rng, size, n)
    starts = rng.integers(-_REACH, _REACH + 1, size=(order, n))
    pieces: list[pa.Array | str] = []
    for place, start in enumerate(starts, start=1):
        pieces += [f"a({place})=", pa.array(start).cast(pa.string()), ","]
    law = write_terms(np.concatenate([rule, constant[None]]), [*(f"a(n-{back})" for back in range(1, order + 1)), ""])
    question = join(*pieces, "a(n)=", law, f",a({term})")
    answer = _continued(starts, rule, constant, term)[-1]
    shared = least(
        *(hash_integers("linear-recurrence", order, term, rule.T, sign * starts.T, sign * constant) for sign in (1, -1))
    )
    traits = {"order": np.full(n, order), "term": np.full(n, term)}
    return Batch(question, answer, shared, traits)
