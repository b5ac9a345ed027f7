"""Residues: inverses, powers, squares and logarithms modulo a number that the question names.

Every task draws its own modulus anew for each problem, so nothing can be learnt by heart of one modulus. Moduli stop
at nine digits, where a product of two residues still fits 64 bits.
"""

from typing import Final

import numpy as np
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Integer, UserError, hash_integers, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import Column, Mask, join, pick
from enigmath.generators.divisibility import draws_for, written
from enigmath.generators.primes import (
    PRIMES_BELOW,
    TABLE_DIGITS,
    factors_before_primes,
    inverse_modulo,
    power_modulo,
    primes_below,
    require_digits,
)
from enigmath.generators.steps import power_steps

_NO_YES: Final = ("no", "yes")
_COPRIME_SHARES: Final = {2: 0.5, 3: 0.23, 4: 0.1}
"""From two digits on, and for two numbers of one, at least this share of so many has no common factor in any two."""


def draw_primes(rng: np.random.Generator, n: int, digits: int, least: int = 3) -> Column:
    """Primes uniform over those from `least` to 10**digits, at most seven digits."""
    return primes_below(digits)[draw_places(rng, n, digits, least)]


def draw_places(rng: np.random.Generator, n: int, digits: int, least: int = 3) -> Column:
    """The same primes by their places among those below 10**digits."""
    primes = primes_below(digits)
    return rng.integers(np.searchsorted(primes, least), len(primes), size=n)


def rejected(reason: str, draws: int, kept: int) -> dict[str, int]:
    """The entry of a batch that says how many of its draws are missing, and why."""
    return {reason: draws - kept} if kept < draws else {}


@task(
    "numbers/modular-inverse",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (2, 3, 4, 5, 6, 8)],
    beyond=[{"digits": 10}, {"digits": 12}],
    bulk=True,
)
def modular_inverse(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The least natural number whose product with the first leaves 1 modulo the second: `modinverse(3,7)` = `5`.

    The modulus is uniform over 3 .. 10**digits - 1, the number over 2 .. modulus - 1; pairs with a common factor have
    no inverse and are drawn anew. Levels grow in digits of the modulus. Guessing scores 5 % at two digits, 1 % at
    three and next to nothing past them. Source: Knuth, "The art of computer programming", volume 2, section 4.5.2.
    """
    require_digits("numbers/modular-inverse", digits, most=18)
    modulus = rng.integers(3, 10**digits, size=draws_for(n, 0.6))
    residue = rng.integers(2, modulus)
    kept = np.flatnonzero(np.gcd(residue, modulus) == 1)[:n]
    residue, modulus = residue[kept], modulus[kept]
    right = written(modulus)
    return Batch(
        join("modinverse(", written(residue), ",", right, ")"),
        inverse_modulo(residue, modulus),
        hash_integers("modular inverse", residue, modulus),
        {"digits": pc.binary_length(right)},
        rejected("a common factor", n, len(kept)),
    )


@task(
    "numbers/modular-power",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (1, 2, 3, 4, 5, 6)],
    beyond=[{"digits": 8}, {"digits": 9}],
    bulk=True,
    steps=power_steps,
)
def modular_power(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The remainder of a power, base and exponent and modulus in this order, as in `powmod(3,200,97)` = `62`.

    The modulus is uniform over 3 .. 10**digits - 1, the base over 2 .. modulus - 1, the exponent over
    2 .. 10**digits - 1. Levels grow in digits. Guessing 1 scores 28 % at one digit, 10 % at two and 4 % at three.
    Source: Knuth, "The art of computer programming", volume 2, section 4.6.3.
    """
    require_digits("numbers/modular-power", digits)
    modulus = rng.integers(3, 10**digits, size=n)
    base, exponent = rng.integers(2, modulus), rng.integers(2, 10**digits, size=n)
    right = written(modulus)
    return Batch(
        join("powmod(", written(base), ",", written(exponent), ",", right, ")"),
        power_modulo(base, exponent, modulus),
        hash_integers("modular power", base, exponent, modulus),
        {"digits": pc.binary_length(right), "exponent-digits": pc.binary_length(written(exponent))},
    )


@task(
    "numbers/chinese-remainder",
    answer=Integer(),
    levels=[
        *({"digits": digits, "moduli": 2} for digits in (1, 2, 3)),
        *({"digits": digits, "moduli": 3} for digits in (2, 3, 4)),
    ],
    beyond=[{"digits": 6, "moduli": 2}, {"digits": 4, "moduli": 4}],
    bulk=True,
    draws=2**13,
    perturbations=perturbed.CONGRUENCES,
)
def chinese_remainder(rng: np.random.Generator, n: int, digits: int, moduli: int) -> Batch:
    """The least natural number with the given remainders, as in `crt(x%3=2,x%5=3)` with the answer `8`.

    The moduli are uniform over 2 .. 10**digits - 1, drawn anew until no two of them have a common factor; the answer is
    uniform over 0 .. their product - 1. Levels grow in the number of moduli, then in digits. The conditions' order
    does not matter to the key. Guessing scores 5 % at one digit, else next to nothing. Source: Knuth, "The
    art of computer programming", volume 2, section 4.3.2.
    """
    # No more numbers than primes can be without common factors.
    if digits < 1 or not 2 <= moduli <= PRIMES_BELOW.get(digits, moduli) or digits * moduli > 18:
        mend = "two moduli or more, four at most of one digit, and 18 digits in all"
        raise UserError(f"{moduli} moduli of {digits} digits", where="numbers/chinese-remainder", mend=mend)
    drawn = rng.integers(2, 10**digits, size=(moduli, draws_for(n, _COPRIME_SHARES.get(moduli, 0.03))))
    divisors = drawn[:, np.flatnonzero(_coprime(drawn))[:n]]
    divisors.sort(axis=0)
    number = rng.integers(np.prod(divisors, axis=0))
    remainders = number % divisors
    shown = rng.permuted(np.tile(np.arange(moduli)[:, None], number.shape), axis=0)
    conditions = [
        join("x%", written(divisor), "=", written(remainder))
        for divisor, remainder in zip(
            np.take_along_axis(divisors, shown, axis=0), np.take_along_axis(remainders, shown, axis=0), strict=True
        )
    ]
    question = join("crt(", pc.binary_join_element_wise(*conditions, ","), ")")
    key = hash_integers("chinese remainder", divisors.T, number)
    traits = {"digits": pc.binary_length(written(divisors.max(axis=0))), "moduli": np.full(number.shape, moduli)}
    return Batch(question, number, key, traits, rejected("common factors", n, len(number)))


def _coprime(numbers: Column) -> Mask:
    """Which columns of shape (k, n) hold numbers without a common factor in any two of them."""
    product, coprime = numbers[0], np.ones(numbers.shape[1], dtype=bool)
    for row in numbers[1:]:
        coprime &= np.gcd(product, row) == 1
        product = product * row
    return coprime


@task(
    "numbers/quadratic-residue",
    answer=Choice(_NO_YES),
    levels=[{"digits": digits} for digits in (2, 3, 4, 5, 6)],
    beyond=[{"digits": 7}],
    bulk=True,
    chance=0.5,
)
def quadratic_residue(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """Whether the first number is a square modulo the second, an odd prime, `yes` or `no`, as in `square(2,7)`.

    The prime is uniform over the odd primes below 10**digits, the number over 1 .. prime - 1: exactly half of these are
    squares, so guessing scores a half. Levels grow in digits of the prime. True squares, as 4 or 9, are always
    squares, but rare past two digits. Source: Legendre's symbol by Euler's criterion.
    """
    require_digits("numbers/quadratic-residue", digits, most=TABLE_DIGITS)
    prime = draw_primes(rng, n, digits)
    residue = rng.integers(1, prime)
    square = power_modulo(residue, prime >> 1, prime) == 1
    right = written(prime)
    key = hash_integers("quadratic residue", residue, prime)
    question = join("square(", written(residue), ",", right, ")")
    return Batch(question, pick(_NO_YES, square), key, {"digits": pc.binary_length(right)})


@task(
    "numbers/discrete-logarithm",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (2, 3, 4, 5, 6)],
    beyond=[{"digits": 7}],
    bulk=True,
    draws=2**12,
)
def discrete_logarithm(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The least natural exponent, 0 allowed, that takes the first number to the second: `dlog(3,6,7)` = `3`.

    The third number is an odd prime, uniform over those below 10**digits; the first is a primitive root of it, uniform
    over all of them, so that the exponent exists and is unique; the exponent is uniform over 0 .. prime - 2. Levels
    grow in digits of the prime. Guessing scores 10 % at two digits, 2 % at three and next to nothing past them. Source:
    Diffie and Hellman, "New directions in cryptography", 1976, who build on its hardness.
    """
    require_digits("numbers/discrete-logarithm", digits, most=TABLE_DIGITS)
    places = draw_places(rng, draws_for(n, 0.35), digits)
    prime = primes_below(digits)[places]
    root = rng.integers(2, np.maximum(prime, 3))
    kept = np.flatnonzero(_primitive(root, places, digits))[:n]
    root, prime = root[kept], prime[kept]
    exponent = rng.integers(prime - 1)
    power = power_modulo(root, exponent, prime)
    right = written(prime)
    return Batch(
        join("dlog(", written(root), ",", written(power), ",", right, ")"),
        exponent,
        hash_integers("discrete logarithm", root, power, prime),
        {"digits": pc.binary_length(right)},
        rejected("no primitive root", n, len(kept)),
    )


def _primitive(residue: Column, places: Column, digits: int) -> Mask:
    """Which residues generate all others: no power that a prime factor of prime - 1 leaves out gives 1."""
    prime, rows = primes_below(digits)[places], np.arange(len(places))
    primitive = np.ones(len(places), dtype=bool)
    for factors in factors_before_primes(digits):
        factor = factors[places[rows]]
        rows, factor = rows[factor > 1], factor[factor > 1]
        going = power_modulo(residue[rows], (prime[rows] - 1) // factor, prime[rows]) != 1
        primitive[rows] = going
        rows = rows[going]
    return primitive


@task(
    "numbers/multiplicative-order",
    answer=Integer(),
    levels=[{"digits": digits} for digits in (2, 3, 4, 5, 6)],
    beyond=[{"digits": 7}],
    bulk=True,
    ceiling=0.374,
    draws=2**12,
)
def multiplicative_order(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The least positive exponent that takes the first number to 1 modulo the second, as in `order(2,7)` = `3`.

    The second number is an odd prime, uniform over those below 10**digits, the first uniform over 2 .. prime - 1. The
    order divides prime - 1, and is prime - 1 for 37.4 % of the problems in the limit (Artin's constant), which that
    answer scores: the declared ceiling; it is half of that for 28 %. Levels grow in digits. Source: Gauss,
    "Disquisitiones arithmeticae", section III.
    """
    require_digits("numbers/multiplicative-order", digits, most=TABLE_DIGITS)
    places = draw_places(rng, n, digits)
    prime = primes_below(digits)[places]
    residue = rng.integers(2, prime)
    order = prime - 1
    for factors in factors_before_primes(digits):
        factor = factors[places]
        rows = np.flatnonzero(factor > 1)
        while len(rows):
            shorter = order[rows] // factor[rows]
            going = power_modulo(residue[rows], shorter, prime[rows]) == 1
            order[rows[going]] = shorter[going]
            rows = rows[going & (shorter % factor[rows] == 0)]
    right = written(prime)
    traits = {"digits": pc.binary_length(right), "index": (prime - 1) // order}
    key = hash_integers("multiplicative order", residue, prime)
    return Batch(join("order(", written(residue), ",", right, ")"), order, key, traits)
