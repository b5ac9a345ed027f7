"""Sums, products, powers, logarithms and squares modulo a prime of so many bits, which is said or hidden.

What the public-key systems are made of, graded by bits and by how operands are drawn, from easy to infeasible. From 16
bits on, the primes of training, validation and test are different ones where the question says them; smaller ones are
too few to be held out.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Integer, Keys, UserError, hash_integers, hash_text, task, within
from enigmath.bench.primitives.modular import (
    MOST_BITS,
    Kind,
    Numbers,
    combined,
    draw_generators,
    draw_prime_pairs,
    draw_primes,
    draw_primes_of,
    is_square,
    power,
    require_bits,
    uniform,
)
from enigmath.generators import perturbations as perturbed
from enigmath.generators.digits import SMALL, join, pick, small_texts
from enigmath.generators.steps import residue_power_steps

Skew = Literal["uniform", "log"]
Operation = Callable[[Numbers, Numbers, Numbers], Numbers]

NO_YES: Final = ("no", "yes")
PARITIES: Final = ("even", "odd")
HALVES: Final = ("low", "high")
HELD_OUT_BITS: Final = 16
"""From so many bits on, moduli are held out."""

_SKEWS: Final = ("uniform", "log")
_STATED: Final[dict[str, Any]] = {
    "answer": Integer(),
    "levels": [{"bits": bits, "skew": skew} for bits in (8, 16, 24) for skew in _SKEWS],
    "beyond": [{"bits": 32, "skew": skew} for skew in _SKEWS],
    "bulk": True,
}
_HIDDEN: Final[dict[str, Any]] = {
    "answer": Integer(),
    "levels": [{"bits": bits, "skew": "uniform", "hidden": 1} for bits in (7, 10, 16, 24)],
    "beyond": [{"bits": bits, "skew": "log", "hidden": 1} for bits in (10, 16, 24)],
    "bulk": True,
    "solve": "hidden-modulus",
}
_LOGARITHMS: Final[dict[str, Any]] = {
    "levels": [{"bits": bits, "kind": kind} for bits in (7, 12, 16, 24) for kind in ("smooth", "safe")],
    "beyond": [{"bits": 32, "kind": kind} for kind in ("smooth", "safe")],
    "bulk": True,
}


def decimal(values: Numbers) -> pa.Array:
    """Numbers below 2**64 in decimal digits."""
    small = int(values.max(initial=0)) < SMALL
    return small_texts().take(pa.array(values)) if small else pa.array(values).cast(pa.string())


def held_out(moduli: Numbers, problems: Keys, bits: int) -> Keys:
    """The keys of problems whose question says their modulus: from 16 bits on, in the split of the modulus."""
    return within(hash_integers("modulus", moduli), problems) if bits >= HELD_OUT_BITS else problems


def sizes(n: int, **level: int | str) -> dict[str, npt.NDArray[Any]]:
    """The level's keywords as traits."""
    return {name: np.full(n, value) for name, value in level.items()}


def operands(rng: np.random.Generator, primes: Numbers, skew: Skew) -> Numbers:
    """From 1 to p - 1: uniform, or with a uniform logarithm, so that each length in digits is as likely."""
    if skew == "uniform":
        return uniform(rng, 1, primes, len(primes))
    if skew == "log":
        return (primes.astype(np.float64) ** rng.random(len(primes))).astype(np.uint64)
    raise UserError(f"operands drawn {skew!r}", where="residues", mend="uniform or log")


def hidden_prime(bits: int, hidden: int) -> int:
    """The hidden modulus of that number, of exactly so many bits: the same in every dataset."""
    (seed,) = hash_text(pa.array([f"residues {bits} {hidden}"]))
    rng = np.random.Generator(np.random.Philox(int(seed)))
    return int(draw_primes(rng, 1, 2 ** (bits - 1), 2**bits)[0])


def _sum(first: Numbers, second: Numbers, primes: Numbers) -> Numbers:
    return (first + second) % primes


def _product(first: Numbers, second: Numbers, primes: Numbers) -> Numbers:
    return first * second % primes


def _wraps(operation: Operation, first: Numbers, second: Numbers, primes: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the result without a modulus reaches it; no power is a prime, so logarithms can tell."""
    if operation is power:
        return np.asarray(second * np.log(first) > np.log(primes))
    return np.asarray((first * second if operation is _product else first + second) >= primes)


def _residues(
    rng: np.random.Generator,
    n: int,
    name: str,
    operation: Operation,
    *,
    bits: int,
    skew: Skew,
    hidden: int = 0,
) -> Batch:
    """`residues.sum(97,12,90)`: modulus, operands; with `hidden`, `residues.sum(p7,12,90)`, the modulus has a name."""
    require_bits(bits, 3, MOST_BITS, "residues")
    if hidden:
        primes = np.full(n, hidden_prime(bits, hidden), np.uint64)
    else:
        primes = draw_primes(rng, n, 2 ** (bits - 1), 2**bits)
    first, second = operands(rng, primes, skew), operands(rng, primes, skew)
    said = f"p{bits}" if hidden else decimal(primes)
    question = join(f"residues.{name}(", said, ",", decimal(first), ",", decimal(second), ")")
    # Which operand comes first matters to a power alone.
    pair = (first, second) if operation is power else (np.minimum(first, second), np.maximum(first, second))
    problems = hash_integers(f"residues {name}", primes, *pair)
    answer = operation(first, second, primes)
    traits = {**sizes(n, bits=bits, skew=skew), "wraps": _wraps(operation, first, second, primes).astype(np.int64)}
    keys = problems if hidden else held_out(primes, problems, bits)
    return Batch(question, decimal(answer), keys, traits)


@task("modular/residue-sum", **_STATED, perturbations=perturbed.ARGUMENTS_AFTER_ONE)
def residue_sum(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The sum of two numbers modulo a prime that the question names first, as in `residues.sum(97,12,90)` = `5`.

    The prime is uniform over those of so many bits, the operands are from 1 to p - 1: uniform, or log-uniform, which
    makes small ones as common as large ones (Charton, "Learning the greatest common divisor", 2023). Levels grow by
    bits, each with both. The trait `wraps` is 1 where the plain sum reaches p. Guessing 0 scores 1 / (p - 1) on uniform
    operands.
    """
    return _residues(rng, n, "sum", _sum, **level)


@task("modular/residue-sum-hidden", **_HIDDEN, perturbations=perturbed.ARGUMENTS_AFTER_ONE)
def residue_sum_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The sum of two numbers modulo a prime that is never said, as in `residues.sum(p7,12,90)`, if p7 is 97 `5`.

    All problems of so many bits share the prime, in every dataset: p7, p10, p16 or p24. Operands are uniform over
    1 .. p - 1; beyond, they are log-uniform under the same prime: whoever learnt the sum and not the sample goes on.
    Levels grow by bits.
    """
    return _residues(rng, n, "sum", _sum, **level)


@task("modular/residue-product", **_STATED, perturbations=perturbed.ARGUMENTS_AFTER_ONE)
def residue_product(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The product of two numbers modulo a prime that the question names first: `residues.product(97,12,90)` = `13`.

    Drawn as for residue-sum. The trait `wraps` is 1 where the plain product reaches p: for nearly all uniform pairs and
    for half of the log-uniform ones. Guessing scores 1 / (p - 1) on uniform operands.
    """
    return _residues(rng, n, "product", _product, **level)


@task("modular/residue-product-hidden", **_HIDDEN, perturbations=perturbed.ARGUMENTS_AFTER_ONE)
def residue_product_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The product of two numbers modulo a prime that is never said: `residues.product(p7,12,90)`, if p7 is 97 `13`.

    Drawn as for residue-sum-hidden, with the same primes. Guessing scores 1 / (p - 1) on uniform operands.
    """
    return _residues(rng, n, "product", _product, **level)


@task("modular/residue-power", **_STATED, steps=residue_power_steps)
def residue_power(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """A power modulo a prime: prime, base, exponent, as in `residues.power(97,3,20)` with the answer `91`.

    Base and exponent are drawn as the operands of residue-sum. The trait `wraps` is 1 where the plain power reaches p.
    Levels grow by bits. Source: Diffie and Hellman, "New directions in cryptography", 1976.
    """
    return _residues(rng, n, "power", power, **level)


@task("modular/residue-power-hidden", **_HIDDEN)
def residue_power_hidden(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """A power modulo a prime that is never said: base, exponent, `residues.power(p7,3,20)`, if p7 is 97 `91`.

    Drawn as for residue-sum-hidden, with the same primes.
    """
    return _residues(rng, n, "power", power, **level)


def _logarithms(
    rng: np.random.Generator, n: int, bits: int, kind: Kind, asked: str
) -> tuple[Batch, tuple[Numbers, Numbers]]:
    """Questions `logarithm.key(p,g,y)` for the exponent from 0 to p - 2, which with p comes beside the batch."""
    primes = draw_primes_of(rng, n, bits, kind)
    generators = draw_generators(rng, primes, kind)
    exponent = uniform(rng, 0, primes - np.uint64(1), n)
    image = power(generators, exponent, primes)
    question = join(f"logarithm.{asked}(", decimal(primes), ",", decimal(generators), ",", decimal(image), ")")
    problems = hash_integers("logarithm", primes, generators, exponent)
    batch = Batch(question, decimal(exponent), held_out(primes, problems, bits), sizes(n, bits=bits, kind=kind))
    return batch, (exponent, primes)


@task("modular/logarithm-key", answer=Integer(), solve="square-root-methods", **_LOGARITHMS)
def logarithm_key(rng: np.random.Generator, n: int, bits: int, kind: Kind) -> Batch:
    """The private exponent of Diffie and Hellman: the x with g^x = y modulo the prime p, as in
    `logarithm.key(83,2,16)` with the answer `4`; p, g and y are said.

    Levels grow by the bits of p, each with two kinds: smooth, where p - 1 has no prime factor above 47 and Pohlig and
    Hellman's method takes the logarithm apart, and safe, where (p - 1) / 2 is prime and the root of p steps are needed.
    p is uniform over its kind, g over the generators, x over 0 .. p - 2. Guessing scores 1 / (p - 1). Sources: Diffie
    and Hellman, 1976; Pohlig and Hellman, 1978.
    """
    return _logarithms(rng, n, bits, kind, "key")[0]


@task(
    "modular/logarithm-parity",
    answer=Choice(PARITIES),
    chance=0.5,
    ceiling=1.0,
    solve="square-root-methods",
    **_LOGARITHMS,
)
def logarithm_parity(rng: np.random.Generator, n: int, bits: int, kind: Kind) -> Batch:
    """Whether the discrete logarithm is even or odd, as in `logarithm.parity(83,2,16)` with the answer `even`.

    Drawn as for logarithm-key. The logarithm is even exactly if y is a square, which Legendre's symbol tells by one
    power, y^((p - 1)/2): the declared ceiling is 1 at every size. Whoever learns it has found a leak, not a logarithm;
    compare logarithm-half. Exactly half are even.
    """
    batch, (exponent, _) = _logarithms(rng, n, bits, kind, "parity")
    return Batch(batch.question, pick(PARITIES, exponent & np.uint64(1)), batch.key, batch.traits)


@task("modular/logarithm-half", answer=Choice(HALVES), chance=0.5, solve="square-root-methods", **_LOGARITHMS)
def logarithm_half(rng: np.random.Generator, n: int, bits: int, kind: Kind) -> Batch:
    """Whether the discrete logarithm is below (p - 1)/2, `low` or `high`, as in `logarithm.half(83,2,16)` = `low`.

    The twin of logarithm-parity that does not leak: whoever tells this bit better than by guessing can take logarithms
    modulo p. Blum and Micali, "How to generate cryptographically strong sequences of pseudo-random bits", 1984. Exactly
    half are low.
    """
    batch, (exponent, primes) = _logarithms(rng, n, bits, kind, "half")
    return Batch(batch.question, pick(HALVES, exponent >= primes >> np.uint64(1)), batch.key, batch.traits)


@task(
    "modular/residuosity-prime",
    answer=Choice(NO_YES),
    levels=[{"bits": bits} for bits in (8, 12, 16, 24)],
    beyond=[{"bits": 32}],
    bulk=True,
    chance=0.5,
    ceiling=1.0,
    solve="square-root-methods",
)
def residuosity_prime(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """Whether the second number is a square modulo the first, a prime, as in `residuosity.prime(97,2)` with the answer
    `yes`.

    The prime is uniform over those of so many bits, the number over 1 .. p - 1, of which exactly half are squares. One
    power tells, by Euler's criterion: the declared ceiling is 1. The open twin of residuosity-composite.
    """
    require_bits(bits, 3, MOST_BITS, "residuosity")
    primes = draw_primes(rng, n, 2 ** (bits - 1), 2**bits)
    number = uniform(rng, 1, primes, n)
    question = join("residuosity.prime(", decimal(primes), ",", decimal(number), ")")
    keys = held_out(primes, hash_integers("residuosity", primes, number), bits)
    return Batch(question, pick(NO_YES, is_square(number, primes)), keys, sizes(n, bits=bits))


@task(
    "modular/residuosity-composite",
    answer=Choice(NO_YES),
    levels=[{"bits": bits} for bits in (12, 16, 24, 32)],
    beyond=[{"bits": 48}, {"bits": 64}],
    bulk=True,
    chance=0.5,
    solve="square-root-methods",
)
def residuosity_composite(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """Whether a number is a square modulo a product of two primes, as in `residuosity.composite(143,3)` = `yes`.

    The modulus is drawn as for RSA, the number uniform over those with Jacobi symbol +1: a square modulo both primes or
    modulo neither, half of each, so that the symbol, which anyone can compute, tells nothing, and as far as is known
    only the factors do. Levels grow by bits. Goldwasser and Micali, "Probabilistic encryption", 1984, encrypt by it.
    """
    p, q = draw_prime_pairs(rng, n, bits)
    draw = partial(uniform, rng, 1)
    first, second = draw(p, n), draw(q, n)
    square, rows = is_square(first, p), np.arange(n)
    while len(rows := rows[is_square(second[rows], q[rows]) != square[rows]]):
        second[rows] = draw(q[rows], len(rows))
    modulus, number = p * q, combined(first, second, p, q)
    question = join("residuosity.composite(", decimal(modulus), ",", decimal(number), ")")
    keys = held_out(modulus, hash_integers("residuosity", modulus, number), bits)
    return Batch(question, pick(NO_YES, square), keys, sizes(n, bits=bits))
