"""Equations and inequalities with whole coefficients: linear ones, systems, and the roots of polynomials.

The unknown is any of eleven letters. Problems are drawn as columns, from their solutions where these are to be whole.
Keys do not see the letter, the order of the sides, a sign on both sides, or a common factor; terms are not moved
across, which is the work itself: else a linear equation would be its solution.
"""

import re
from fractions import Fraction
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Complex, Integer, Items, Keys, Rational, Text, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, join, pick
from enigmath.generators.polynomial_text import (
    Coefficients,
    draw_letters,
    draw_nonzero,
    key,
    least,
    primitive,
    product,
    require,
    write_polynomials,
    write_terms,
)

SIDES: Final = [
    {"digits": 1, "sides": 1, "whole": True},
    {"digits": 1, "sides": 2, "whole": True},
    {"digits": 1, "sides": 2, "whole": False},
    {"digits": 2, "sides": 1, "whole": True},
    {"digits": 2, "sides": 2, "whole": True},
    {"digits": 2, "sides": 2, "whole": False},
    {"digits": 3, "sides": 2, "whole": True},
    {"digits": 3, "sides": 2, "whole": False},
]
WIDER_SIDES: Final = [{"digits": 4, "sides": 2, "whole": True}, {"digits": 5, "sides": 2, "whole": False}]
RELATIONS: Final = ("<", "<=", ">", ">=")
FAMILIES: Final = ("pqrs", "tuvw", "wxyz")
"""Names for up to four unknowns of a system, three to choose from, in alphabetical order."""
LEADING: Final = np.array([1, 2, 3, 5])
"""Leading coefficients by which no root has exactly three decimals that end in 5."""
ROOTS: Final = Items(Rational(), ordered=False)
PAIR: Final = Items(Complex(2), ordered=False)


@task(
    "algebra/linear-equation",
    answer=Rational(),
    levels=SIDES,
    beyond=WIDER_SIDES,
    bulk=True,
    perturbations=(perturbed.RENAME,),
)
def linear_equation(rng: np.random.Generator, n: int, digits: int, sides: int, whole: bool) -> Batch:
    """The solution of a linear equation in one unknown, as in `solve(3*x+5=2*x-7)`; a fraction is in lowest terms.

    Coefficients are uniform over -(10**digits - 1) .. 10**digits - 1 (those of the unknown not 0 on the side that has
    it), on one side or on both; the sides are swapped at random. With `whole` the solution is uniform over the same
    range and one constant follows from it, so that guessing scores about 1 / (2 * 10**digits); without it that
    constant is uniform too, and guessing 0 scores about as much. Levels grow in digits, from one side to two, and from
    whole solutions to fractions. Source: algebra__linear_1d of Saxton et al., 2019.
    """
    left, right, top, bottom = _two_sides(rng, n, digits, sides, whole)
    swapped = rng.integers(2, size=len(top)) > 0
    left, right = np.where(swapped, right, left), np.where(swapped, left, right)
    letter = draw_letters(rng, len(top))
    question = join("solve(", write_polynomials(left, letter), "=", write_polynomials(right, letter), ")")
    first, second = _scaled(left, right)
    ways = [(first, second), (second, first), (-first, -second), (-second, -first)]
    shared = least(*(key("linear-equation", *way) for way in ways))
    return Batch(question, _fraction(top, bottom), shared, _sized(digits, top), _lost(n, top))


def _two_sides(
    rng: np.random.Generator, n: int, digits: int, sides: int, whole: bool
) -> tuple[Coefficients, Coefficients, Column, Column]:
    """Both sides, and the solution as top / bottom in lowest terms; without the rows in which the unknown cancels.

    The bound on the digits keeps 2 * 10**digits * 10**digits, the largest product, below 2**63.
    """
    require(digits <= 8, "a linear equation", f"{digits} digits", "at most 8")
    size = 10**digits - 1
    left = np.stack([rng.integers(-size, size + 1, size=n), draw_nonzero(rng, size, n)])
    right = np.stack([np.zeros(n, np.int64), draw_nonzero(rng, size, n) if sides > 1 else np.zeros(n, np.int64)])
    solution = rng.integers(-size, size + 1, size=n)
    slope = left[1] - right[1]
    right[0] = slope * solution + left[0] if whole else solution
    kept = slope != 0
    left, right, slope = left[:, kept], right[:, kept], slope[kept]
    top, bottom = right[0] - left[0], slope
    common = np.gcd(top, bottom) * np.sign(bottom)
    return left, right, top // common, bottom // common


def _fraction(top: Column, bottom: Column) -> pa.Array:
    """`top/bottom`, or a whole number; they are in lowest terms already."""
    below = pick(("", "/"), bottom > 1)
    shown = pa.array(bottom).cast(pa.string())
    return join(pa.array(top).cast(pa.string()), below, pc.if_else(pa.array(bottom > 1), shown, ""))


def _scaled(left: Coefficients, right: Coefficients) -> tuple[Coefficients, Coefficients]:
    """Both sides without the factor that all their coefficients have in common."""
    common = np.gcd.reduce(np.concatenate([left, right]), axis=0)
    return left // common, right // common


def _sized(digits: int, rows: Column) -> dict[str, npt.NDArray[np.int64]]:
    return {"digits": np.full(len(rows), digits)}


def _lost(n: int, rows: Column) -> dict[str, int]:
    return {"the unknown cancels": n - len(rows)} if len(rows) < n else {}


_HALF_LINE: Final = re.compile(r"([a-z])(<=?|>=?)(-?[0-9]{1,100})(?:/([0-9]{1,100}))?")
_TURNED_HALF_LINE: Final = re.compile(r"(-?[0-9]{1,100})(?:/([0-9]{1,100}))?(<=?|>=?)([a-z])")
_OPPOSITE: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def same_half_line(question: str, answer: str, prediction: str) -> bool:
    """A judge: the unknown, the relation and the bound agree, whichever side the unknown stands on."""
    del question
    found = _half_line(prediction)
    return found is not None and found == _half_line(answer)


def _half_line(text: str) -> tuple[str, str, Fraction] | None:
    text = text.replace(" ", "")
    if found := _HALF_LINE.fullmatch(text):
        letter, relation, top, bottom = found.groups()
    elif found := _TURNED_HALF_LINE.fullmatch(text):
        top, bottom, turned, letter = found.groups()
        relation = _OPPOSITE[turned]
    else:
        return None
    return (letter, relation, Fraction(int(top), int(bottom or 1))) if int(bottom or 1) else None


@task(
    "algebra/inequality",
    answer=Text("[a-z0-9<>=/ -]"),
    levels=SIDES,
    beyond=WIDER_SIDES,
    bulk=True,
    check=same_half_line,
    perturbations=(perturbed.RENAME_BOTH,),
)
def inequality(rng: np.random.Generator, n: int, digits: int, sides: int, whole: bool) -> Batch:
    """The solution of a linear inequality in one unknown, as in `solve(3*x+5<11)`, whose answer is `x<2`.

    Both sides are drawn as for linear-equation but not swapped; the relations < <= > >= are equally likely. `2>x` is
    right as well; the unknown stands alone on one side and a number, or a fraction in any terms, on the other. Guessing
    the relation alone is right in one of four, guessing the whole answer next to nothing. Source: the inequalities of
    every school book; asked of a network in none of the published sets.
    """
    left, right, top, bottom = _two_sides(rng, n, digits, sides, whole)
    relation = rng.integers(len(RELATIONS), size=len(top))
    letter = draw_letters(rng, len(top))
    sides_text = write_polynomials(left, letter), write_polynomials(right, letter)
    question = join("solve(", sides_text[0], pick(RELATIONS, relation), sides_text[1], ")")
    turned = np.where(left[1] < right[1], relation ^ 2, relation)
    answer = join(letter, pick(RELATIONS, turned), _fraction(top, bottom))
    first, second = _scaled(left, right)
    lower, upper = np.where(relation > 1, second, first), np.where(relation > 1, first, second)
    shared = least(
        key("inequality", lower, upper, relation & 1),
        key("inequality", -upper, -lower, relation & 1),
    )
    traits = {**_sized(digits, top), "relation": pick(RELATIONS, relation)}
    return Batch(question, answer, shared, traits, _lost(n, top))


@task(
    "algebra/linear-system",
    answer=Items(Integer()),
    levels=[
        {"unknowns": 2, "size": 5, "reach": 9},
        {"unknowns": 2, "size": 9, "reach": 20},
        {"unknowns": 2, "size": 99, "reach": 99},
        {"unknowns": 3, "size": 3, "reach": 9},
        {"unknowns": 3, "size": 9, "reach": 20},
    ],
    beyond=[{"unknowns": 2, "size": 999, "reach": 999}, {"unknowns": 4, "size": 5, "reach": 9}],
    bulk=True,
    perturbations=perturbed.EQUATIONS,
)
def linear_system(rng: np.random.Generator, n: int, unknowns: int, size: int, reach: int) -> Batch:
    """The solution of a system of linear equations, as in `solve(2*x+3*y=7,x-y=1)` with the answer `2,1`.

    The values stand in alphabetical order of the unknowns. Coefficients are uniform over -size .. size, the solution,
    whole, over -reach .. reach each; a system without a unique solution, or one in which an unknown occurs nowhere,
    is rejected. Levels grow in size and from two to three unknowns; four are beyond. Guessing scores
    1 / (2 * reach + 1) ** unknowns. Equations in any order, scaled, and unknowns renamed share a key. Source:
    algebra__linear_2d of Saxton et al., 2019.
    """
    require(unknowns <= len(FAMILIES[0]) and size * reach < 2**40, "linear-system", "too large a level", "take less")
    matrix = rng.integers(-size, size + 1, size=(unknowns, unknowns, n))
    solution = rng.integers(-reach, reach + 1, size=(unknowns, n))
    # |det| is at most 4! * 999**4 < 2**53 and whole: the float is off by far less than a half.
    kept = abs(np.linalg.det(matrix.transpose(2, 0, 1))) > 0.5
    matrix, solution = matrix[..., kept], solution[:, kept]
    constants = (matrix * solution).sum(axis=1)
    family = rng.integers(len(FAMILIES), size=len(constants[0]))
    names = [pick(tuple(letters[place] for letters in FAMILIES), family) for place in range(unknowns)]
    sums = [write_terms(row, names) for row in matrix]
    equations = [
        join(left, "=", pa.array(right).cast(pa.string())) for left, right in zip(sums, constants, strict=True)
    ]
    question = join("solve(", *_between(equations), ")")
    answer = join(*_between([pa.array(value).cast(pa.string()) for value in solution]))
    traits = {"unknowns": np.full(len(family), unknowns), "size": np.full(len(family), size)}
    return Batch(question, answer, _system_key(matrix, constants), traits, {"no unique solution": n - len(family)})


def _between(texts: list[pa.Array]) -> list[pa.Array | str]:
    return [piece for text in texts for piece in (",", text)][1:]


def _system_key(matrix: npt.NDArray[np.int64], constants: npt.NDArray[np.int64]) -> Keys:
    """The least over all orders of the unknowns; the order of the equations is lost in a sum."""
    unknowns = len(matrix)
    rows = [_without_content(np.concatenate([row, right[None]])) for row, right in zip(matrix, constants, strict=True)]
    ways = []
    for order in permutations(range(unknowns)):
        places = [*order, unknowns]
        turned = [least(hash_integers("row", row[places].T), hash_integers("row", -row[places].T)) for row in rows]
        ways.append(hash_integers("linear-system", unknowns, np.sum(turned, axis=0, dtype=np.uint64).view(np.int64)))
    return least(*ways)


def _without_content(rows: Coefficients) -> Coefficients:
    divided: Coefficients = rows // np.gcd.reduce(rows, axis=0)
    return divided


@task(
    "algebra/quadratic-roots",
    answer=ROOTS,
    levels=[
        {"size": 50, "leading": 1, "scale": 1},
        {"size": 50, "leading": 1, "scale": 5},
        {"size": 20, "leading": 3, "scale": 1},
        {"size": 99, "leading": 1, "scale": 1},
        {"size": 99, "leading": 9, "scale": 3},
    ],
    beyond=[{"size": 999, "leading": 1, "scale": 1}, {"size": 500, "leading": 99, "scale": 3}],
    bulk=True,
    draws=2**12,
    perturbations=(perturbed.RENAME,),
)
def quadratic_roots(rng: np.random.Generator, n: int, size: int, leading: int, scale: int) -> Batch:
    """The rational roots of a quadratic, a double one once, as in `roots(2*x^2-3*x+1)` with the answer `1,1/2`.

    Any order is right. Each of the two roots is a fraction of a numerator uniform over -size .. size and a denominator
    uniform over 1 .. leading, in lowest terms; the polynomial is multiplied by a number of up to `scale`, of either
    sign from 2 on. Levels grow in size and from whole roots to fractions. Guessing scores at most about
    1 / (2 * size**2). Polynomials with the same roots share a key. Source: polynomial_roots of Saxton et al., 2019.
    """
    top, bottom = rng.integers(-size, size + 1, size=(2, n)), rng.integers(1, leading + 1, size=(2, n))
    common = np.gcd(top, bottom)
    return _rooted("quadratic-roots", rng, top // common, bottom // common, scale, {"size": np.full(n, size)})


@task(
    "algebra/polynomial-roots",
    answer=ROOTS,
    levels=[
        {"degree": 3, "size": 15, "scale": 1},
        {"degree": 3, "size": 30, "scale": 3},
        {"degree": 4, "size": 9, "scale": 1},
        {"degree": 4, "size": 20, "scale": 3},
        {"degree": 5, "size": 9, "scale": 1},
        {"degree": 5, "size": 20, "scale": 3},
    ],
    beyond=[{"degree": 4, "size": 99, "scale": 1}, {"degree": 6, "size": 9, "scale": 1}],
    bulk=True,
    draws=2**12,
    perturbations=(perturbed.RENAME,),
)
def polynomial_roots(rng: np.random.Generator, n: int, degree: int, size: int, scale: int) -> Batch:
    """The roots of a polynomial, all of them whole, each once, as in `roots(x^3-3*x+2)` with the answer `1,-2`.

    Any order is right. `degree` roots are uniform over -size .. size and may repeat; the polynomial is multiplied by a
    number of up to `scale`, of either sign from 2 on. Levels grow in degree, from 3 to 5, and in size. Guessing scores
    next to nothing. Polynomials with the same roots share a key. Source: polynomial_roots of Saxton et al., 2019.
    """
    traits = {"degree": np.full(n, degree), "size": np.full(n, size)}
    top = rng.integers(-size, size + 1, size=(degree, n))
    return _rooted("polynomial-roots", rng, top, np.ones_like(top), scale, traits)


def _rooted(
    name: str,
    rng: np.random.Generator,
    top: Column,
    bottom: Column,
    scale: int,
    traits: dict[str, npt.NDArray[np.int64]],
) -> Batch:
    """Polynomials with the roots top / bottom; both are of shape (roots, n), in lowest terms."""
    degree, n = top.shape
    bound = scale * (int(abs(top).max(initial=1)) + int(bottom.max(initial=1))) ** degree
    require(bound < 2**63, name, f"coefficients up to {bound:.1e}", "take fewer or smaller roots")
    monic = product([np.stack([-numerator, denominator]) for numerator, denominator in zip(top, bottom, strict=True)])
    factor = draw_nonzero(rng, scale, n) if scale > 1 else np.ones(n, dtype=np.int64)
    question = join("roots(", write_polynomials(monic * factor, draw_letters(rng, n)), ")")
    texts = zip(*(_fraction(*root).to_pylist() for root in zip(top, bottom, strict=True)), strict=True)
    answer = pa.array([",".join(sorted(set(row), key=_shortest)) for row in texts], pa.string())
    distinct = np.array([text.count(",") + 1 for text in answer.to_pylist()], dtype=np.int64)
    return Batch(question, answer, key(name, primitive(monic)), {**traits, "roots": distinct})


def _shortest(text: str) -> tuple[int, str]:
    return len(text), text


@task(
    "algebra/quadratic-complex",
    answer=PAIR,
    levels=[
        {"size": 50, "gaussian": True},
        {"size": 99, "gaussian": True},
        {"size": 30, "gaussian": False},
        {"size": 99, "gaussian": False},
    ],
    beyond=[{"size": 999, "gaussian": True}, {"size": 999, "gaussian": False}],
    bulk=True,
    draws=2**12,
    perturbations=(perturbed.RENAME,),
)
def quadratic_complex(rng: np.random.Generator, n: int, size: int, gaussian: bool) -> Batch:
    """Both complex roots of a quadratic, parts rounded to two decimals, as `croots(x^2-2*x+5)` = `1+2i,1-2i`.

    Any order is right. The leading coefficient is 1, 2, 3 or 5, so that nothing has to be rounded at a tie. Gaussian
    roots p +- q*i have p uniform over -size .. size and q over 1 .. size and need no rounding; in the other levels the
    middle coefficient b is uniform over -size .. size and the constant one is 1 to 2 * size above the least for which
    the roots are not real. Levels grow in size. Guessing scores next to nothing. Scaled polynomials share a key.
    Source: every school book; polynomial_roots of Saxton et al., 2019, has real roots alone.
    """
    leading = LEADING[rng.integers(len(LEADING), size=n)]
    middle, above = rng.integers(-size, size + 1, size=n), rng.integers(1, size + 1, size=n)
    if gaussian:
        polynomials = np.stack([middle**2 + above**2, -2 * middle, np.ones_like(middle)]) * leading
    else:
        least_constant = middle**2 // (4 * leading) + 1
        polynomials = np.stack([least_constant + rng.integers(0, 2 * size, size=n), middle, leading])
    constant, middle, leading = polynomials
    real = -middle / (2 * leading)
    imaginary = np.sqrt((4 * leading * constant - middle**2).astype(np.float64)) / (2 * leading)
    pairs = zip(real.tolist(), imaginary.tolist(), strict=True)
    answer = pa.array([PAIR.write([complex(a, b), complex(a, -b)]) for a, b in pairs], pa.string())
    question = join("croots(", write_polynomials(polynomials, draw_letters(rng, n)), ")")
    traits = {"size": np.full(n, size), "gaussian": np.full(n, gaussian)}
    return Batch(question, answer, key("quadratic-complex", primitive(polynomials)), traits)
