"""Arithmetic on whole numbers, from one digit to twenty and beyond.

Unless a task says otherwise, operands are uniform over 0 .. 10**digits - 1: nine in ten have all the digits, and the
short ones are there as well. Level 1 is one digit; the *beyond* levels go past the longest trained one. Problems
are drawn as columns, so a shard costs well under a microsecond a problem. Keys are canonical modulo the laws of
arithmetic, across tasks: see `canonical`.
"""

import operator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Integer, Integers, Keys, Real, Text, hash_integers, mix, task
from enigmath.generators import formula_perturbations as formulas
from enigmath.generators import perturbations as perturbed
from enigmath.generators import quantities
from enigmath.generators.canonical import number, over, times
from enigmath.generators.common_divisors import coprime_share, share_of_the_base
from enigmath.generators.digits import (
    LIMB_DIGITS,
    POWERS,
    Column,
    Limbs,
    add,
    carries,
    count_digits,
    divide,
    draw,
    draw_below,
    draw_divisor,
    from_wide,
    join,
    multiply,
    multiply_modulo,
    pick,
    radix_text,
    ratio_text,
    resized,
    signed,
    signed_text,
    subtract,
    text,
    to_wide,
    whole,
)
from enigmath.generators.steps import quotient_steps, remainder_steps, signed_sum_steps
from enigmath.generators.term_text import term_texts


def by_digits(*digits: int) -> list[dict[str, int]]:
    """Levels that differ in the number of digits alone."""
    return [{"digits": count} for count in digits]


ONE_TO_TWENTY = by_digits(1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
PAST_TWENTY = by_digits(25, 30, 40)
TO_TWENTY: dict[str, Any] = {"levels": ONE_TO_TWENTY, "beyond": PAST_TWENTY, "bulk": True}
SUMMED: dict[str, Any] = {**TO_TWENTY, "beyond": [*PAST_TWENTY, *by_digits(100)]}
"""Sums are asked of up to a hundred digits, as those who teach networks to add numbers longer than any seen do."""


def longest(*operands: pa.Array) -> Column:
    """The number of digits of each row's longest operand."""
    lengths = [pc.binary_length(operand) for operand in operands]
    longest_length: Column = pc.max_element_wise(*lengths).to_numpy()
    return longest_length


def hash_pair(name: str, first: Keys, second: Keys) -> Keys:
    """A key that does not depend on the order of the two."""
    lower, higher = np.minimum(first, second), np.maximum(first, second)
    return hash_integers(name, lower.view(np.int64), higher.view(np.int64))


@task(
    "arithmetic/addition",
    answer=Integer(),
    **SUMMED,
    **quantities.SUM,
    family="addition",
    perturbations=perturbed.SUM,
)
def addition(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two natural numbers, as in `12+345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores nothing from three digits
    on: the commonest sum has a share of 10**-digits. Multi-digit addition is the oldest test of learned algorithms:
    Zaremba and Sutskever, "Learning to execute", 2014; Saxton et al., "Analysing mathematical reasoning abilities of
    neural models", 2019.
    """
    return sums(draw(rng, n, digits), draw(rng, n, digits))


def sums(first: Limbs, second: Limbs) -> Batch:
    """The problems that add these numbers."""
    total = add(first, second)
    left, right = text(first), text(second)
    traits = {
        "operators": pa.repeat("+", len(left)),
        "digits": longest(left, right),
        "carries": carries(first, second, total),
    }
    return Batch(join(left, "+", right), text(total), mix(number(first) + number(second)), traits)


@task(
    "arithmetic/subtraction",
    answer=Integer(),
    **TO_TWENTY,
    **quantities.DIFFERENCE,
    perturbations=perturbed.DIFFERENCE,
)
def subtraction(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The difference of two natural numbers, often negative, as in `12-345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores about 10**-digits. The
    trait `carries` counts the borrows when the smaller is taken from the larger. Source as for addition.
    """
    first, second = draw(rng, n, digits), draw(rng, n, digits)
    negative, difference = subtract(first, second)
    left, right = text(first), text(second)
    smaller, larger = np.where(negative, (first, second), (second, first))
    traits = {
        "operators": pa.repeat("-", n),
        "digits": longest(left, right),
        "carries": carries(smaller, difference, larger),
    }
    question = join(left, "-", right)
    return Batch(question, signed_text(negative, difference), mix(number(first) - number(second)), traits)


@task(
    "arithmetic/multiplication", answer=Integer(), **TO_TWENTY, **quantities.PRODUCT, family="multiplication",
    perturbations=perturbed.PRODUCT,)  # fmt: skip
def multiplication(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The product of two natural numbers, as in `12*345`.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing scores next to nothing:
    all products with 0 share one key. Long multiplication is the known hard case for transformers: Dziri et al.,
    "Faith and fate", 2023.
    """
    return products(draw(rng, n, digits), draw(rng, n, digits))


def products(first: Limbs, second: Limbs) -> Batch:
    """The problems that multiply these numbers."""
    left, right = text(first), text(second)
    traits = {"operators": pa.repeat("*", len(left)), "digits": longest(left, right)}
    key = mix(times(number(first), number(second)))
    return Batch(join(left, "*", right), text(multiply(first, second)), key, traits)


@task(
    "arithmetic/division-remainder",
    answer=Integers(2, "r"),
    **TO_TWENTY,
    steps=remainder_steps,
    perturbations=formulas.REMAINDER,
)
def division_remainder(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Quotient and remainder of two natural numbers, as in `divmod(17,5)` with the answer `3r2`.

    The dividend is uniform over 0 .. 10**digits - 1. The divisor has 1 to min(digits, 9) digits, each length equally
    likely, then each number of that length; it is never zero. Levels grow in digits. Guessing scores next to
    nothing from three digits on. The question is not `17/5`, which asks for a decimal elsewhere. Source:
    div_remainder of Saxton et al., 2019.
    """
    dividend, divisor = draw(rng, n, digits), draw_divisor(rng, n, digits)
    quotient, remainder = divide(dividend, divisor)
    left, right = text(dividend), text(divisor[None])
    traits = {"operators": pa.repeat("/", n), "digits": longest(left, right)}
    answer = join(text(quotient), "r", text(remainder[None]))
    key = mix(over(number(dividend), number(divisor[None])))
    return Batch(join("divmod(", left, ",", right, ")"), answer, key, traits)


@task("arithmetic/division-decimal", answer=Real(2), **TO_TWENTY, steps=quotient_steps, perturbations=formulas.QUOTIENT)
def division_decimal(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The quotient of two natural numbers, rounded to two decimals half away from zero, as in `17/8` = `2.13`.

    Operands are drawn as for division-remainder: a uniform dividend, a divisor of 1 to min(digits, 9) digits, never
    zero. The rounding is exact, on the fraction itself; needless zeros are not written. Levels grow in digits.
    Guessing scores next to nothing from three digits on. Source: Saxton et al., 2019, who answer in fractions.
    """
    dividend, divisor = draw(rng, n, digits), draw_divisor(rng, n, digits)
    whole, remainder = divide(dividend, divisor)
    left, right = text(dividend), text(divisor[None])
    traits = {"operators": pa.repeat("/", n), "digits": longest(left, right)}
    answer = ratio_text(np.zeros(n, dtype=bool), whole, remainder, divisor)
    key = mix(over(number(dividend), number(divisor[None])))
    return Batch(join(left, "/", right), answer, key, traits)


@task(
    "arithmetic/chain",
    answer=Integer(),
    levels=[
        *({"digits": digits, "operands": 3} for digits in (1, 2, 3, 4, 5)),
        *({"digits": digits, "operands": 5} for digits in (1, 2, 3, 5, 10)),
        *({"digits": digits, "operands": 10} for digits in (1, 2, 5)),
        {"digits": 20, "operands": 3},
    ],
    beyond=[{"digits": 2, "operands": 15}, {"digits": 2, "operands": 20}, {"digits": 30, "operands": 5}],
    bulk=True,
    steps=signed_sum_steps,
    perturbations=formulas.CHAIN,
)
def chain(rng: np.random.Generator, n: int, digits: int, operands: int) -> Batch:
    """A sum of three or more natural numbers with signs, as in `12-345+6`.

    Operands are uniform over 0 .. 10**digits - 1; each sign is + or - with equal chance, the first is always +.
    Levels grow in digits, then in operands. Guessing scores next to nothing from three digits on. The key is the
    multiset of signed terms. Source: add_or_sub_multiple of Saxton et al., 2019.
    """
    terms = [draw(rng, n, digits) for _ in range(operands)]
    minus = rng.integers(2, size=(operands - 1, n)).astype(bool)
    total, key, largest = terms[0].copy(), number(terms[0]), terms[0].copy()
    for sign, term in zip(1 - 2 * minus.astype(np.int64), terms[1:], strict=True):
        total += sign * term
        key += sign.view(np.uint64) * number(term)
        np.maximum(largest, term, out=largest)
    negative, total = signed(total)
    traits = {
        "operators": pick(("+", "+-", "-"), minus.any(axis=0).astype(int) + minus.all(axis=0)),
        "digits": count_digits(largest),
        "operands": np.full(n, operands),
    }
    question = join(text(terms[0]), *term_texts(minus, terms[1:]))
    return Batch(question, signed_text(negative, total), mix(key), traits)


@task(
    "arithmetic/comparison", answer=Choice(("<", "=", ">")), **TO_TWENTY, perturbations=perturbed.COMPARISON,
    quantities=quantities.comparison_quantities,
)  # fmt: skip
def comparison(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Which sign belongs between two natural numbers, `<`, `=` or `>`, as in `12?345`.

    The first is uniform over 0 .. 10**digits - 1. The second is the same number in one case of three; else its last
    1 to `digits` digits (each count equally likely, leading zeros included) are drawn anew: so where the two
    part is spread evenly, and reading one digit does not settle it. Levels grow in digits. Guessing scores
    a little over a third; up to four digits up to a half, as equal pairs without duplicates run out there, so no
    chance level is declared. `12?34` and `34?12` share a key.
    """
    first, fresh = draw(rng, n, digits), draw(rng, n, digits)
    redrawn = np.where(rng.integers(3, size=n) == 0, 0, rng.integers(1, digits + 1, size=n))
    place = LIMB_DIGITS * np.arange(len(first))[:, None]
    power = POWERS[np.clip(redrawn - place, 0, LIMB_DIGITS)]
    second = first - first % power + fresh % power
    less, difference = subtract(first, second)
    sign = np.where(less, 0, np.where(difference.any(axis=0), 2, 1))
    left, right = text(first), text(second)
    traits = {"digits": longest(left, right)}
    key = hash_pair("comparison", number(first), number(second))
    return Batch(join(left, "?", right), pick(("<", "=", ">"), sign), key, traits)


@task(
    "arithmetic/gcd",
    answer=Integer(),
    levels=ONE_TO_TWENTY,
    beyond=by_digits(25, 30),
    bulk=True,
    version=2,
    chance=coprime_share,
    ceiling=share_of_the_base,
    **quantities.COMMON_DIVISOR,
    family="gcd",
    perturbations=perturbed.GCD,
)
def gcd(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The greatest common divisor of two natural numbers, as in `gcd(12,18)`; gcd(0,x) is x.

    Operands are uniform over 0 .. 10**digits - 1; levels grow in digits. Guessing 1 scores 6 / pi**2, about 61 %;
    the gcd's part of twos and fives, which the last digits show, scores 84.4 %. Source: Charton, "Learning the
    greatest common divisor: explaining transformer predictions", 2023, who finds that models learn just that.
    """
    return divisors(draw(rng, n, digits), draw(rng, n, digits))


def divisors(first: Limbs, second: Limbs) -> Batch:
    """The problems that ask for these numbers' greatest common divisors."""
    divisor = from_wide(np.gcd(to_wide(first), to_wide(second)))
    left, right = text(first), text(second)
    key = hash_pair("gcd", number(first), number(second))
    return Batch(join("gcd(", left, ",", right, ")"), text(divisor), key, {"digits": longest(left, right)})


def _largest_primes(*digits: int) -> list[dict[str, int]]:
    """Levels whose modulus is the largest prime of so many digits."""
    below = {1: 3, 2: 3, 3: 3, 4: 27, 5: 9, 6: 17, 8: 11, 10: 33, 15: 11, 20: 11, 25: 123, 30: 11}
    return [{"modulus": 10**count - below[count]} for count in digits]


MODULI = _largest_primes(1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
LARGE_MODULI = _largest_primes(25, 30)


@task(
    "arithmetic/modular-addition", answer=Integer(), levels=MODULI, beyond=LARGE_MODULI, bulk=True, version=2,
    chance=lambda modulus: 1 / modulus, perturbations=perturbed.RESIDUE_SUM,
    quantities=quantities.modular_quantities(operator.add),
)  # fmt: skip
def modular_addition(rng: np.random.Generator, n: int, modulus: int) -> Batch:
    """The sum of two residues modulo a fixed prime, as in `(12+90)%97`.

    Operands are uniform over 0 .. modulus - 1. Each level has the largest prime of so many digits; level 2 is the
    modulus 97 of Power et al., "Grokking", 2022. Guessing scores 1 / modulus exactly. The trait `wraps` is 1 where
    the sum reaches the modulus.
    """
    first, second = draw_below(rng, n, modulus), draw_below(rng, n, modulus)
    total = add(first, second)
    below, rest = subtract(total, whole(modulus))
    result = np.where(below, resized(total, len(first)), resized(rest, len(first)))
    words = number(first) + number(second)
    return _modular("+", first, second, result, modulus, words, {"wraps": (~below).astype(np.int64)})


@task(
    "arithmetic/modular-multiplication", answer=Integer(), levels=MODULI, beyond=LARGE_MODULI, bulk=True, version=2,
    chance=lambda modulus: 1 / (modulus - 1), perturbations=perturbed.RESIDUE_PRODUCT,
    quantities=quantities.modular_quantities(operator.mul),
)  # fmt: skip
def modular_multiplication(rng: np.random.Generator, n: int, modulus: int) -> Batch:
    """The product of two residues modulo a fixed prime, as in `(12*90)%97`; neither is 0.

    Operands are uniform over 1 .. modulus - 1, so every product but 0 is equally likely and guessing scores
    1 / (modulus - 1). The moduli are those of modular-addition. Source: Power et al., "Grokking", 2022; Charton and
    Kempe, "Emergent properties with repeated examples", 2024, use the modulus 67.
    """
    first, second = (add(draw_below(rng, n, modulus - 1), whole(1)) for _ in range(2))
    words = times(number(first), number(second))
    return _modular("*", first, second, multiply_modulo(first, second, modulus), modulus, words, {})


def _modular(
    operator: str,
    first: Limbs,
    second: Limbs,
    result: Limbs,
    modulus: int,
    words: Keys,
    traits: dict[str, npt.NDArray[np.int64]],
) -> Batch:
    left, right = text(first), text(second)
    question = join("(", left, operator, right, f")%{modulus}")
    key = hash_integers("modulo", words.view(np.int64), *whole(modulus)[:, 0].tolist())
    sizes = {"operators": pa.repeat(operator, first.shape[1]), "digits": longest(left, right)}
    return Batch(question, text(result), key, {**sizes, **traits})


@task(
    "arithmetic/base-conversion",
    answer=Text("[0-9a-f]"),
    levels=ONE_TO_TWENTY,
    beyond=by_digits(25, 30),
    bulk=True,
    version=2,
)
def base_conversion(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """A natural number of one base written in another, as in `base(1011,2,10)`: 1011 of base 2, in base 10.

    The number is uniform over 0 .. 10**digits - 1; the two bases are different, uniform over 2 .. 16, with the
    numerals 0-9a-f. Levels grow in decimal digits. Guessing scores next to nothing from three digits on. A number,
    two bases: one key, whichever way. Source: numbers__base_conversion of Saxton et al., 2019.
    """
    value = draw(rng, n, digits)
    source, target = rng.integers(2, 17, size=n), rng.integers(2, 16, size=n)
    target += target >= source
    given, answer = radix_text(value, source), radix_text(value, target)
    question = join("base(", given, ",", text(source[None]), ",", text(target[None]), ")")
    traits = {"digits": longest(given), "source": source, "target": target}
    key = hash_integers("base", number(value).view(np.int64), np.minimum(source, target), np.maximum(source, target))
    return Batch(question, answer, key, traits)
