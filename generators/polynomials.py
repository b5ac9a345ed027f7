"""Polynomials with whole coefficients: expand, collect, compose, add, divide, factor, evaluate, pick a coefficient.

Problems are drawn as columns of coefficients; see `polynomial_text`. Where the answer is a polynomial, its canonical
text has descending powers, and a prediction is right when it is the same polynomial in the form that is asked for, its
terms or factors in any order: repeating the question is wrong. Keys do not see the name of the variable.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Expression, Integer, Items, hash_integers, task
from enigmath.bench.contracts.expression import parse
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, join, pick
from enigmath.generators.polynomial_reading import expanded, same_expanded, same_factors
from enigmath.generators.polynomial_text import (
    Coefficients,
    added,
    bracketed,
    chosen,
    composed,
    draw_letters,
    draw_nonzero,
    draw_polynomials,
    key,
    least,
    multiply,
    power_text,
    primitive,
    product,
    require,
    starred,
    values_at,
    write_polynomials,
    write_terms,
)

ANY: Final = Expression(None)
_PLANE: Final = tuple((total - down, down) for total in range(5, -1, -1) for down in range(total + 1))
"""Exponents of two variables, by falling total degree, then by the first variable's."""


@task(
    "algebra/expand",
    answer=ANY,
    levels=[
        {"factors": 2, "degree": 1, "size": 9},
        {"factors": 2, "degree": 1, "size": 99},
        {"factors": 3, "degree": 1, "size": 9},
        {"factors": 2, "degree": 2, "size": 9},
        {"factors": 3, "degree": 2, "size": 9},
        {"factors": 4, "degree": 1, "size": 9},
    ],
    beyond=[{"factors": 5, "degree": 1, "size": 9}, {"factors": 3, "degree": 3, "size": 9}],
    bulk=True,
    check=same_expanded,
    perturbations=(perturbed.RENAME_BOTH, perturbed.SWAP_FACTORS),
)
def expand(rng: np.random.Generator, n: int, factors: int, degree: int, size: int) -> Batch:
    """A product of polynomials multiplied out, as in `expand((x-1)*(2*x+3))` with the answer `2*x^2+x-3`.

    Coefficients are uniform over -size .. size, the first and the last of each factor not 0; the degree is that of each
    factor. Levels grow in factors, degree and size. Guessing scores next to nothing. Products that are equal share a
    key. Source: polynomials__expand of Saxton et al., 2019.
    """
    require(((degree + 1) * size) ** factors < 2**63, "expand", "coefficients past 64 bits", "take fewer factors")
    parts = [draw_polynomials(rng, n, degree, size) for _ in range(factors)]
    letter = draw_letters(rng, n)
    brackets = [bracketed(write_polynomials(part, letter)) for part in parts]
    result = product(parts)
    question = join("expand(", *starred(brackets), ")")
    traits = {"factors": np.full(n, factors), "degree": np.full(n, factors * degree), "size": np.full(n, size)}
    return Batch(question, write_polynomials(result, letter), key("expand", result), traits)


@task(
    "algebra/collect",
    answer=ANY,
    levels=[
        {"variables": 1, "degree": 1, "terms": 4, "size": 30},
        {"variables": 1, "degree": 2, "terms": 6, "size": 9},
        {"variables": 1, "degree": 3, "terms": 8, "size": 99},
        {"variables": 2, "degree": 1, "terms": 6, "size": 20},
        {"variables": 2, "degree": 2, "terms": 9, "size": 9},
    ],
    beyond=[
        {"variables": 1, "degree": 4, "terms": 12, "size": 99},
        {"variables": 2, "degree": 3, "terms": 14, "size": 9},
    ],
    bulk=True,
    check=same_expanded,
    perturbations=(perturbed.RENAME_BOTH,),
)
def collect(rng: np.random.Generator, n: int, variables: int, degree: int, terms: int, size: int) -> Batch:
    """Like terms collected, as in `collect(3*x+2-5*x+x^2)` with the answer `x^2-2*x+2`.

    Each of the terms has a monomial uniform over those of the degree and below, in one variable or two, and a
    coefficient uniform over -size .. size without 0. There are more terms than monomials, so some always meet; terms
    that cancel are left out, and `0` is what remains of none. Levels grow in terms, degree and variables. Guessing
    scores next to nothing. Sums that are equal, or equal with the variables renamed, share a key. Source:
    polynomials__collect of Saxton et al., 2019.
    """
    require(0 < degree <= _PLANE[0][0] and variables in (1, 2), "collect", "no such monomials", "at most degree 5 in 2")
    first = rng.integers(8, size=n)
    names = pick(tuple("pqrstuvw"), first), pick(tuple("stuvwxyz"), first)
    exponents = [pair for pair in _PLANE if sum(pair) <= degree and (variables == 2 or not pair[1])]
    which = rng.integers(len(exponents), size=(terms, n))
    coefficients = draw_nonzero(rng, size, (terms, n))
    sums = np.stack([(coefficients * (which == place)).sum(axis=0) for place in range(len(exponents))])
    monomials = [_monomial(names, pair) for pair in exponents]
    given = [chosen(monomials, row) for row in which]
    question = join("collect(", write_terms(coefficients, given), ")")
    plane = np.zeros((len(_PLANE), n), dtype=np.int64)
    plane[[_PLANE.index(pair) for pair in exponents]] = sums
    mirrored = plane[[_PLANE.index(pair[::-1]) for pair in _PLANE]]
    shared = least(hash_integers("collect", plane.T), hash_integers("collect", mirrored.T))
    traits = {"variables": np.full(n, variables), "degree": np.full(n, degree), "terms": np.full(n, terms)}
    return Batch(question, write_terms(sums, monomials), shared, traits)


def _monomial(names: tuple[pa.Array, pa.Array], exponents: tuple[int, int]) -> pa.Array:
    """`x^2*y`, or the empty text, for every row."""
    first, second = (power_text(name, exponent) for name, exponent in zip(names, exponents, strict=True))
    return join(first, "*" if all(exponents) else "", second, pa.repeat("", len(names[0])))


@task(
    "algebra/compose",
    answer=ANY,
    levels=[
        {"outer": 1, "inner": 1, "size": 9},
        {"outer": 1, "inner": 2, "size": 9},
        {"outer": 2, "inner": 1, "size": 9},
        {"outer": 2, "inner": 2, "size": 9},
        {"outer": 3, "inner": 1, "size": 9},
        {"outer": 2, "inner": 2, "size": 99},
    ],
    beyond=[{"outer": 3, "inner": 2, "size": 9}, {"outer": 4, "inner": 1, "size": 9}],
    bulk=True,
    check=same_expanded,
    perturbations=(perturbed.RENAME_BOTH,),
)
def compose(rng: np.random.Generator, n: int, outer: int, inner: int, size: int) -> Batch:
    """One polynomial put into another, multiplied out, as in `f(g(x)),f(x)=x^2+1,g(x)=2*x-3`: `4*x^2-12*x+10`.

    Coefficients are uniform over -size .. size, the first and the last not 0; `outer` and `inner` are the degrees.
    Levels grow in degree and size. Guessing scores next to nothing. Source: polynomials__compose of Saxton et al.,
    2019.
    """
    bound = (outer + 1) * size * ((inner + 1) * size) ** outer
    require(bound < 2**63, "compose", "coefficients past 64 bits", "take a smaller size or degree")
    first, second = draw_polynomials(rng, n, outer, size), draw_polynomials(rng, n, inner, size)
    letter = draw_letters(rng, n)
    outside, inside = write_polynomials(first, letter), write_polynomials(second, letter)
    question = join("f(g(", letter, ")),f(", letter, ")=", outside, ",g(", letter, ")=", inside)
    answer = write_polynomials(composed(first, second), letter)
    traits = {"outer": np.full(n, outer), "inner": np.full(n, inner), "size": np.full(n, size)}
    return Batch(question, answer, key("compose", first, second), traits)


@task(
    "algebra/polynomial-add",
    answer=ANY,
    levels=[
        {"degree": 1, "size": 9, "factor": 9},
        {"degree": 2, "size": 9, "factor": 9},
        {"degree": 3, "size": 99, "factor": 9},
        {"degree": 4, "size": 99, "factor": 9},
        {"degree": 3, "size": 999, "factor": 99},
    ],
    beyond=[{"degree": 6, "size": 99, "factor": 9}, {"degree": 3, "size": 9999, "factor": 999}],
    bulk=True,
    check=same_expanded,
    perturbations=(perturbed.RENAME_BOTH,),
)
def polynomial_add(rng: np.random.Generator, n: int, degree: int, size: int, factor: int) -> Batch:
    """Multiples of two polynomials added, as in `2*f(x)-3*g(x),f(x)=x+1,g(x)=x-4` with the answer `-x+14`.

    Coefficients are uniform over -size .. size, the first and the last not 0; both have the degree; the multipliers are
    uniform over -factor .. factor without 0. Levels grow in degree and size. Guessing scores next to nothing. Both
    orders, and the same sum of multiples however it is split, share a key. Source: polynomials__add of Saxton et al.
    """
    require(size * factor < 2**60, "polynomial-add", "coefficients past 64 bits", "take a smaller size")
    pair = [draw_polynomials(rng, n, degree, size) for _ in range(2)]
    times = draw_nonzero(rng, factor, (2, n))
    letter = draw_letters(rng, n)
    asked = write_terms(times, [join("f(", letter, ")"), join("g(", letter, ")")])
    first, second = (write_polynomials(one, letter) for one in pair)
    question = join(asked, ",f(", letter, ")=", first, ",g(", letter, ")=", second)
    parts = [one * multiplier for one, multiplier in zip(pair, times, strict=True)]
    shared = least(key("polynomial-add", *parts), key("polynomial-add", *parts[::-1]))
    traits = {"degree": np.full(n, degree), "size": np.full(n, size)}
    return Batch(question, write_polynomials(added(*parts), letter), shared, traits)


@task(
    "algebra/polynomial-evaluate",
    answer=Integer(),
    levels=[
        {"degree": 1, "size": 99, "point": 20},
        {"degree": 2, "size": 9, "point": 9},
        {"degree": 2, "size": 99, "point": 20},
        {"degree": 3, "size": 99, "point": 20},
        {"degree": 4, "size": 99, "point": 20},
        {"degree": 3, "size": 999, "point": 99},
    ],
    beyond=[{"degree": 6, "size": 99, "point": 20}, {"degree": 3, "size": 9999, "point": 999}],
    bulk=True,
    perturbations=(perturbed.RENAME,),
)
def polynomial_evaluate(rng: np.random.Generator, n: int, degree: int, size: int, point: int) -> Batch:
    """The value of a polynomial at a whole number, as in `f(5),f(x)=x^2-3*x+2` with the answer `12`.

    Coefficients are uniform over -size .. size, the first and the last not 0, the point over -point .. point. Levels
    grow in degree, size and point. The commonest answer scores 1.2 % at most. Source: polynomials__evaluate
    of Saxton et al., 2019.
    """
    bound = (degree + 1) * size * max(point, 1) ** degree
    require(bound < 2**63, "polynomial-evaluate", f"values up to {bound:.1e}", "take a smaller size, point or degree")
    drawn, place = draw_polynomials(rng, n, degree, size), rng.integers(-point, point + 1, size=n)
    letter = draw_letters(rng, n)
    at = pa.array(place).cast(pa.string())
    question = join("f(", at, "),f(", letter, ")=", write_polynomials(drawn, letter))
    traits = {"degree": np.full(n, degree), "size": np.full(n, size)}
    return Batch(question, values_at(drawn, place), key("polynomial-evaluate", drawn, place), traits)


@task(
    "algebra/coefficient",
    answer=Integer(),
    levels=[
        {"powers": [1, 1], "size": 9},
        {"powers": [2, 1], "size": 9},
        {"powers": [2, 2], "size": 9},
        {"powers": [3, 2], "size": 9},
        {"powers": [3, 3], "size": 9},
    ],
    beyond=[{"powers": [5, 3], "size": 9}, {"powers": [2, 2, 2], "size": 9}],
    bulk=True,
    perturbations=(perturbed.RENAME,),
)
def coefficient(rng: np.random.Generator, n: int, powers: list[int], size: int) -> Batch:
    """The coefficient of a power in a product of powers, as in `coefficient((x-1)^2*(2*x+3),x^2)` with the answer -1.

    Each base is linear, its coefficients uniform over -size .. size without 0; the power that is asked for is uniform
    over 1 .. the degree of the product. Levels grow in the powers. The commonest answer scores 2 % at most. Products
    that are equal share a key. Source: the binomial theorem; polynomials__coefficient_named of Saxton et al., 2019.
    """
    degree = sum(powers)
    require((2 * size) ** degree < 2**63, "coefficient", "coefficients past 64 bits", "take lower powers")
    bases = [draw_nonzero(rng, size, (2, n)) for _ in powers]
    asked = rng.integers(1, degree + 1, size=n)
    letter = draw_letters(rng, n)
    result = product([base for base, power in zip(bases, powers, strict=True) for _ in range(power)])
    brackets = [
        join(bracketed(write_polynomials(base, letter)), "" if power == 1 else f"^{power}")
        for base, power in zip(bases, powers, strict=True)
    ]
    monomial = chosen([join(letter, ""), *(join(letter, f"^{power}") for power in range(2, degree + 1))], asked - 1)
    question = join("coefficient(", *starred(brackets), ",", monomial, ")")
    traits = {"degree": np.full(n, degree), "power": asked}
    return Batch(question, result[asked, np.arange(n)], key("coefficient", result, asked), traits)


def same_quotient(question: str, answer: str, prediction: str) -> bool:
    """A judge: quotient and remainder are the answer's polynomials, each multiplied out, in any order of terms."""
    del question
    given, right = prediction.split(","), answer.split(",")
    return len(given) == 2 and all(
        expanded(parse(one)) == expanded(parse(other)) for one, other in zip(given, right, strict=True)
    )


@task(
    "algebra/divide-polynomials",
    answer=Items(ANY),
    levels=[
        {"quotient": 1, "divisor": 1, "size": 9},
        {"quotient": 2, "divisor": 1, "size": 9},
        {"quotient": 3, "divisor": 1, "size": 9},
        {"quotient": 2, "divisor": 2, "size": 9},
        {"quotient": 3, "divisor": 2, "size": 9},
    ],
    beyond=[{"quotient": 4, "divisor": 2, "size": 9}, {"quotient": 3, "divisor": 3, "size": 20}],
    bulk=True,
    check=same_quotient,
    perturbations=(perturbed.RENAME_BOTH,),
)
def divide_polynomials(rng: np.random.Generator, n: int, quotient: int, divisor: int, size: int) -> Batch:
    """Quotient and remainder of two polynomials, as in `divide(x^2+x+1,x-1)` with the answer `x+2,3`.

    Both have whole coefficients: quotient, divisor and remainder are drawn, uniform over -size .. size, and the
    dividend follows. `quotient` and `divisor` are degrees; the remainder has a lower degree than the divisor and is 0
    in half of the problems. Levels grow in degree. Guessing scores next to nothing. Source: Knuth, "The art of computer
    programming", volume 2, section 4.6.1.
    """
    bound = ((quotient + 1) * size + 1) * (divisor + 1) * size
    require(bound < 2**63, "divide-polynomials", "coefficients past 64 bits", "take a smaller size")
    below, above = draw_polynomials(rng, n, divisor, size), draw_polynomials(rng, n, quotient, size)
    rest = rng.integers(-size, size + 1, size=(divisor, n)) * rng.integers(2, size=n)
    whole = added(multiply(below, above), rest)
    letter = draw_letters(rng, n)
    dividend, by = write_polynomials(whole, letter), write_polynomials(below, letter)
    answer = join(write_polynomials(above, letter), ",", write_polynomials(rest, letter))
    traits = {"quotient": np.full(n, quotient), "divisor": np.full(n, divisor), "even": ~rest.any(axis=0)}
    shared = least(key("divide-polynomials", whole, below), key("divide-polynomials", -whole, -below))
    return Batch(join("divide(", dividend, ",", by, ")"), answer, shared, traits)


@task(
    "algebra/factor",
    answer=ANY,
    levels=[
        {"linear": 2, "quadratic": 0, "size": 50, "leading": 1},
        {"linear": 2, "quadratic": 0, "size": 9, "leading": 5},
        {"linear": 3, "quadratic": 0, "size": 20, "leading": 1},
        {"linear": 1, "quadratic": 1, "size": 9, "leading": 2},
        {"linear": 3, "quadratic": 0, "size": 9, "leading": 5},
        {"linear": 2, "quadratic": 1, "size": 9, "leading": 2},
    ],
    beyond=[
        {"linear": 4, "quadratic": 0, "size": 9, "leading": 3},
        {"linear": 0, "quadratic": 2, "size": 9, "leading": 2},
    ],
    bulk=True,
    draws=2**13,
    check=same_factors,
    perturbations=(perturbed.RENAME_BOTH,),
)
def factor(rng: np.random.Generator, n: int, linear: int, quadratic: int, size: int, leading: int) -> Batch:
    """The irreducible factors over the whole numbers, as in `factor(2*x^2-4*x-6)` with the answer `2*(x-3)*(x+1)`.

    The constant is 1 in half of the problems, else uniform over -5 .. 5 without 0. Linear factors and irreducible
    quadratic ones have a leading coefficient uniform over 1 .. leading and the others over -size .. size; what all
    coefficients of a factor have in common is divided out. A quadratic that turns out reducible is rejected. Factors
    may be in any order, repeated or as powers, and signs may be moved among them; a number that divides all
    coefficients stands before them. Levels grow in factors, degree and leading coefficients. Guessing scores next to
    nothing. A polynomial and its multiples share a key. Source: Knuth, "The art of computer programming", volume 2,
    section 4.6.2.
    """
    degree, count = linear + 2 * quadratic, linear + quadratic
    require((3 * (size + leading)) ** degree < 2**60, "factor", "coefficients past 64 bits", "take a lower degree")
    drawn = rng.integers(-size, size + 1, size=(count, 3, n))
    drawn[:, 2] = 0
    rows = np.arange(count)
    drawn[rows, np.where(rows < linear, 1, 2)] = rng.integers(1, leading + 1, size=(count, n))
    drawn //= np.gcd.reduce(drawn, axis=1)[:, None]
    constant = np.where(rng.integers(2, size=n) > 0, draw_nonzero(rng, 5, n), 1)
    kept = _irreducible(drawn[linear:]).all(axis=0)
    drawn, constant = drawn[..., kept], constant[kept]
    result = product([part[: 2 if place < linear else 3] for place, part in enumerate(drawn)]) * constant
    letter = draw_letters(rng, len(constant))
    question = join("factor(", write_polynomials(result, letter), ")")
    traits = {"degree": np.full(len(constant), degree), "factors": np.full(len(constant), count)}
    rejected = {"reducible quadratic": n - len(constant)} if quadratic else {}
    return Batch(question, _factors_text(drawn, constant, letter), key("factor", primitive(result)), traits, rejected)


def _irreducible(quadratics: Coefficients) -> npt.NDArray[np.bool_]:
    """Whether the discriminant of each is no square; shape (count, n)."""
    constant, middle, top = quadratics.transpose(1, 0, 2)
    discriminant = middle**2 - 4 * top * constant
    root = np.rint(np.sqrt(np.maximum(discriminant, 0).astype(np.float64))).astype(np.int64)
    irreducible: npt.NDArray[np.bool_] = root**2 != discriminant
    return irreducible


def _factors_text(parts: Coefficients, constant: Column, letter: pa.Array) -> pa.Array:
    """The constant, then factors by rising degree and coefficients, equal ones as a power; parts: (count, 3, n)."""
    order = np.lexsort((parts[:, 0], parts[:, 1], parts[:, 2]), axis=0)
    parts = np.take_along_axis(parts, order[:, None], axis=0)
    plain = {1: "", -1: "-"}
    number = pa.array([plain.get(value, f"{value}*") for value in constant.tolist()], pa.string())
    pieces = [number]
    for place, part in enumerate(parts):
        first = np.ones(len(constant), dtype=bool) if place == 0 else (part != parts[place - 1]).any(axis=0)
        times = (parts == part).all(axis=1).sum(axis=0)
        bare = (part[0] == 0) & (part[2] == 0)
        text = write_polynomials(part, letter)
        whole = join(
            "*" if place else "",
            pc.if_else(pa.array(bare), text, bracketed(text)),
            pick(("", *(f"^{power}" for power in range(2, len(parts) + 1))), times - 1),
        )
        pieces.append(pc.if_else(pa.array(first), whole, ""))
    return join(*pieces)
