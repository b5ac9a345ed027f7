"""Powers and fractions of polynomials: simplify, add, take apart.

Problems are drawn as columns of whole coefficients; see `polynomial_text`. Many ways of writing an answer are right,
as long as they have the form that is asked for: `polynomial_reading` judges them. Keys do not see the variable's name.
"""

from math import lcm
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Expression, Keys, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, join, pick
from enigmath.generators.polynomial_reading import same_fraction, same_partial_fractions, same_powers
from enigmath.generators.polynomial_text import (
    Coefficients,
    added,
    bracketed,
    chosen,
    draw_letters,
    draw_nonzero,
    key,
    least,
    product,
    require,
    starred,
    write_polynomials,
)

ANY: Final = Expression(None)


@task(
    "algebra/simplify-powers",
    answer=ANY,
    levels=[
        {"factors": 2, "variables": 1, "raised": False, "parts": 1},
        {"factors": 3, "variables": 1, "raised": False, "parts": 1},
        {"factors": 3, "variables": 1, "raised": True, "parts": 1},
        {"factors": 4, "variables": 2, "raised": False, "parts": 1},
        {"factors": 3, "variables": 1, "raised": False, "parts": 4},
        {"factors": 4, "variables": 2, "raised": True, "parts": 3},
    ],
    beyond=[
        {"factors": 6, "variables": 2, "raised": True, "parts": 1},
        {"factors": 6, "variables": 1, "raised": False, "parts": 5},
    ],
    bulk=True,
    draws=2**12,
    check=same_powers,
    perturbations=(perturbed.RENAME_BOTH,),
)
def simplify_powers(rng: np.random.Generator, n: int, factors: int, variables: int, raised: bool, parts: int) -> Batch:
    """Products and quotients of powers as one power a variable, as in `powers(x^3*x^5/x^2)` with the answer `x^6`.

    Variables are positive. Each factor is multiplied or divided by, with an exponent uniform over -20 .. 20 without 0,
    a fraction with a denominator uniform over 1 .. `parts`; with `raised` it is itself raised to 2 or 3. A variable
    of the exponent 0 is left out, and `1` is what remains of none; `1/x^2` is as right as `x^(-2)`. Levels grow in
    factors, variables, powers of powers and fractions. Guessing 1 scores at most 2.4 %, in the first level. Factors in
    another order, or divided by with the opposite exponent, share a key. Source: polynomials__simplify_power of Saxton
    et al., 2019.
    """
    require(1 <= variables <= 2 and parts <= 8, "simplify-powers", "too many variables or parts", "take 1 or 2; 1 to 8")
    first = rng.integers(8, size=n)
    names = [pick(tuple("pqrstuvw"), first), pick(tuple("stuvwxyz"), first)]
    owner = rng.integers(variables, size=(factors, n))
    top, bottom = draw_nonzero(rng, 20, (factors, n)), rng.integers(1, parts + 1, size=(factors, n))
    common = np.gcd(top, bottom)
    top, bottom = top // common, bottom // common
    outer = rng.integers(2, 4, size=(factors, n)) if raised else np.ones_like(top)
    divided = rng.integers(2, size=(factors, n))
    divided[0] = 0
    whole = lcm(*range(1, parts + 1))
    exponents = np.where(divided > 0, -1, 1) * top * (whole // bottom) * outer
    pieces: list[pa.Array | str] = []
    for place in range(factors):
        power = _power(chosen(names, owner[place]), top[place], bottom[place])
        again = pick(("", "", "^2", "^3"), outer[place])
        bare = pa.array((outer[place] == 1) | ((top[place] == 1) & (bottom[place] == 1)))
        sign = pick(("*", "/"), divided[place]) if place else ""
        pieces += [sign, pc.if_else(bare, power, bracketed(power)), again]
    totals = np.stack([(exponents * (owner == variable)).sum(axis=0) for variable in range(2)])
    answers = []
    for name, total in zip(names, totals, strict=True):
        common = np.gcd(total, whole)
        answers.append(pc.if_else(pa.array(total == 0), "", _power(name, total // common, whole // common)))
    both = pick(("", "*"), (totals != 0).all(axis=0))
    answer = pc.if_else(pa.array((totals != 0).any(axis=0)), join(answers[0], both, answers[1]), "1")
    fine = exponents * (840 // whole)
    shared = least(_powers_key(owner, fine), _powers_key(1 - owner, fine))
    traits = {"factors": np.full(n, factors), "variables": np.full(n, variables), "parts": np.full(n, parts)}
    return Batch(join("powers(", *pieces, ")"), answer, shared, traits)


def _power(name: pa.Array, top: Column, bottom: Column) -> pa.Array:
    """`x`, `x^3`, `x^(-3)` or `x^(1/2)`."""
    number = pa.array(top).cast(pa.string())
    ratio = join(number, "/", pa.array(bottom).cast(pa.string()))
    exponent = pc.if_else(pa.array(bottom > 1), ratio, number)
    shown = pc.if_else(pa.array((bottom > 1) | (top < 0)), bracketed(exponent), exponent)
    return join(name, pc.if_else(pa.array((top == 1) & (bottom == 1)), "", join("^", shown)))


def _powers_key(owner: npt.NDArray[np.int64], exponents: npt.NDArray[np.int64]) -> Keys:
    """The order of the factors is lost in a sum of hashes."""
    words = [hash_integers("power", *pair) for pair in zip(owner, exponents, strict=True)]
    return hash_integers("simplify-powers", np.sum(words, axis=0, dtype=np.uint64).view(np.int64))


@task(
    "algebra/rational-simplify",
    answer=ANY,
    levels=[
        {"top": 1, "bottom": 1, "common": 1, "size": 20, "leading": 3},
        {"top": 1, "bottom": 2, "common": 1, "size": 9, "leading": 1},
        {"top": 2, "bottom": 1, "common": 1, "size": 9, "leading": 3},
        {"top": 2, "bottom": 2, "common": 1, "size": 9, "leading": 3},
        {"top": 2, "bottom": 2, "common": 2, "size": 9, "leading": 3},
    ],
    beyond=[
        {"top": 3, "bottom": 3, "common": 1, "size": 9, "leading": 3},
        {"top": 2, "bottom": 2, "common": 3, "size": 9, "leading": 3},
    ],
    bulk=True,
    draws=2**10,
    check=same_fraction,
    perturbations=(perturbed.RENAME_BOTH,),
)
def rational_simplify(
    rng: np.random.Generator, n: int, top: int, bottom: int, common: int, size: int, leading: int
) -> Batch:
    """A fraction of polynomials in lowest terms, as in `simplify((x^2-1)/(x^2-3*x+2))` with the answer `(x+1)/(x-2)`.

    `top` and `bottom` linear factors remain above and below, `common` ones cancel. Leading coefficients are uniform
    over 1 .. leading, the others over -size .. size, without a common divisor; the top has another factor uniform over
    -5 .. 5 without 0. A draw in which more cancels is rejected. Both sides may be multiplied out or not, and signs
    stand on either. Levels grow in factors. Guessing scores next to nothing. Fractions that are equal share a key.
    Source: every course of school algebra.
    """
    degree = max(top, bottom) + common
    require((size + leading) ** degree < 2**60, "rational-simplify", "coefficients past 64 bits", "take fewer factors")
    above, below, both = (_draw_linear(rng, n, count, size, leading) for count in (top, bottom, common))
    factor = draw_nonzero(rng, 5, n)
    kept = ~_share_a_root(above, below)
    above, below, both, factor = above[..., kept], below[..., kept], both[..., kept], factor[kept]
    letter = draw_letters(rng, len(factor))
    lowest = product(list(above)) * factor, product(list(below))
    given = product([lowest[0], *both]), product([lowest[1], *both])
    question = join("simplify(", *_over(*given, letter), ")")
    traits = {"degree": np.full(len(factor), degree), "common": np.full(len(factor), common)}
    return _fraction_batch(question, *lowest, letter, traits, {"more cancels": n - len(factor)})


def _draw_linear(rng: np.random.Generator, n: int, count: int, size: int, leading: int) -> Coefficients:
    """Primitive linear polynomials with a positive leading coefficient, shape (count, 2, n)."""
    drawn = np.stack([rng.integers(-size, size + 1, (count, n)), rng.integers(1, leading + 1, (count, n))], axis=1)
    primitive: Coefficients = drawn // np.gcd.reduce(drawn, axis=1)[:, None]
    return primitive


def _share_a_root(first: Coefficients, second: Coefficients) -> npt.NDArray[np.bool_]:
    """Whether two of the linear factors, which are primitive, are the same; shape (n,)."""
    shared: npt.NDArray[np.bool_] = (first[:, None] == second[None]).all(axis=2).any(axis=(0, 1))
    return shared


def _over(top: Coefficients, bottom: Coefficients, letter: pa.Array) -> list[pa.Array | str]:
    return [bracketed(write_polynomials(top, letter)), "/", bracketed(write_polynomials(bottom, letter))]


def _fraction_batch(
    question: pa.Array,
    top: Coefficients,
    bottom: Coefficients,
    letter: pa.Array,
    traits: dict[str, npt.NDArray[np.int64]],
    rejected: dict[str, int],
) -> Batch:
    """The answer is one fraction in lowest terms."""
    answer = ANY.canonical(join(*_over(top, bottom, letter)))
    return Batch(question, answer, key("rational-function", top, bottom), traits, rejected)


@task(
    "algebra/rational-add",
    answer=ANY,
    levels=[
        {"terms": 2, "size": 9, "leading": 1},
        {"terms": 2, "size": 9, "leading": 5},
        {"terms": 2, "size": 50, "leading": 9},
        {"terms": 3, "size": 9, "leading": 1},
        {"terms": 3, "size": 9, "leading": 5},
    ],
    beyond=[{"terms": 4, "size": 9, "leading": 1}, {"terms": 3, "size": 99, "leading": 9}],
    bulk=True,
    draws=2**10,
    check=same_fraction,
    perturbations=(perturbed.RENAME_BOTH,),
)
def rational_add(rng: np.random.Generator, n: int, terms: int, size: int, leading: int) -> Batch:
    """Fractions with linear denominators as one, as in `together(1/(x-1)+2/(x+3))`: `(3*x+1)/(x^2+2*x-3)`.

    Numerators are uniform over -9 .. 9 without 0; denominators have a leading coefficient uniform over 1 .. leading,
    the other over -size .. size, without a common divisor, and differ. The sum is then in lowest terms. Both sides of
    the answer may be multiplied out or not, and signs stand on either. Levels grow in terms and size. Guessing scores
    next to nothing. Shares its keys with partial-fractions and rational-simplify: sums that are equal meet. Source:
    every course of school algebra.
    """
    bottoms, residues, top, bottom = _draw_sum(rng, n, terms, size, leading)
    letter = draw_letters(rng, len(residues[0]))
    question = join("together(", _sum_text(bottoms, residues, letter), ")")
    traits = {"terms": np.full(len(residues[0]), terms), "size": np.full(len(residues[0]), size)}
    return _fraction_batch(question, top, bottom, letter, traits, {"equal denominators": n - len(residues[0])})


def _draw_sum(
    rng: np.random.Generator, n: int, terms: int, size: int, leading: int
) -> tuple[Coefficients, Coefficients, Coefficients, Coefficients]:
    """Linear denominators (terms, 2, n), numerators (terms, n), and both sides of the sum."""
    bound = terms * 9 * (size + leading) ** terms
    require(bound < 2**63, "fractions", "coefficients past 64 bits", "take fewer terms")
    bottoms, residues = _draw_linear(rng, n, terms, size, leading), draw_nonzero(rng, 9, (terms, n))
    equal = np.zeros(n, dtype=bool)
    for place in range(1, terms):
        equal |= _share_a_root(bottoms[:place], bottoms[place : place + 1])
    bottoms, residues = bottoms[..., ~equal], residues[:, ~equal]
    top = np.zeros((1, len(residues[0])), dtype=np.int64)
    for place, residue in enumerate(residues):
        top = added(top, product([residue[None], *(other for at, other in enumerate(bottoms) if at != place)]))
    return bottoms, residues, top, product(list(bottoms))


def _sum_text(bottoms: Coefficients, residues: Coefficients, letter: pa.Array) -> pa.Array:
    """`2/(x-1)-3/x`."""
    pieces: list[pa.Array | str] = []
    for place, (bottom, residue) in enumerate(zip(bottoms, residues, strict=True)):
        sign = pick(("+" if place else "", "-"), residue < 0)
        pieces += [sign, pa.array(abs(residue)).cast(pa.string()), "/", _factor_text(bottom, letter)]
    return join(*pieces)


def _factor_text(factor: Coefficients, letter: pa.Array) -> pa.Array:
    """In brackets, but for the bare variable."""
    text = write_polynomials(factor, letter)
    return pc.if_else(pa.array(factor[0] == 0), text, bracketed(text))


@task(
    "algebra/partial-fractions",
    answer=ANY,
    levels=[
        {"terms": 2, "size": 9, "leading": 1, "factored": True},
        {"terms": 2, "size": 9, "leading": 1, "factored": False},
        {"terms": 2, "size": 9, "leading": 5, "factored": True},
        {"terms": 3, "size": 9, "leading": 1, "factored": True},
        {"terms": 3, "size": 9, "leading": 1, "factored": False},
    ],
    beyond=[
        {"terms": 4, "size": 9, "leading": 1, "factored": True},
        {"terms": 2, "size": 50, "leading": 5, "factored": False},
    ],
    bulk=True,
    draws=2**10,
    check=same_partial_fractions,
    perturbations=(perturbed.RENAME_BOTH,),
)
def partial_fractions(rng: np.random.Generator, n: int, terms: int, size: int, leading: int, factored: bool) -> Batch:
    """Partial fractions over different linear factors, as in `apart((3*x+1)/((x-1)*(x+3)))`: `1/(x-1)+2/(x+3)`.

    Numerators and denominators are drawn as in rational-add, whose inverse this is; the denominator is given as a
    product, or multiplied out. Each term of the answer is a constant over a linear polynomial or a multiple of one, in
    any order; the canonical text has them by rising coefficients of the denominators.
    Levels grow in terms. Guessing scores next to nothing. Source: every first course of calculus, which integrates by
    them.
    """
    bottoms, residues, top, bottom = _draw_sum(rng, n, terms, size, leading)
    letter = draw_letters(rng, len(residues[0]))
    below = (
        join(*starred([_factor_text(one, letter) for one in bottoms]))
        if factored
        else write_polynomials(bottom, letter)
    )
    question = join("apart((", write_polynomials(top, letter), ")/(", below, "))")
    traits = {"terms": np.full(len(residues[0]), terms), "factored": np.full(len(residues[0]), factored)}
    rejected = {"equal denominators": n - len(residues[0])}
    order = np.lexsort((bottoms[:, 0], bottoms[:, 1]), axis=0)
    bottoms = np.take_along_axis(bottoms, order[:, None], axis=0)
    answer = ANY.canonical(_sum_text(bottoms, np.take_along_axis(residues, order, axis=0), letter))
    return Batch(question, answer, key("rational-function", top, bottom), traits, rejected)
