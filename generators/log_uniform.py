"""Arithmetic on numbers of every length alike: the same questions, keys and levels as in `arithmetic`, drawn otherwise.

Uniform operands of six digits hardly ever have three: a model that was trained on them has seen next to no short
number. Here each number of digits, 1 to `digits`, is equally likely, and then each number below that power of ten, so
that the logarithms of operands are spread evenly (Charton, "Learning the greatest common divisor: explaining
transformer predictions", 2023, who finds that it decides what is learnt). A model trained on one generator and tested
on the other tells whether it learnt the operation or the range.
"""

import numpy as np

from enigmath.bench.contracts import Batch, Integer, task
from enigmath.generators import perturbations as perturbed
from enigmath.generators.arithmetic import ONE_TO_TWENTY, SUMMED, TO_TWENTY, by_digits, divisors, products, sums
from enigmath.generators.digits import LIMB_DIGITS, POWERS, Limbs, draw
from enigmath.generators.steps import divisor_steps, product_steps, sum_steps


def draw_log_uniform(rng: np.random.Generator, n: int, digits: int) -> Limbs:
    """Natural numbers below 10**k, each k from 1 to `digits` equally likely; shape (ceil(digits / 9), n)."""
    numbers, length = draw(rng, n, digits), rng.integers(1, digits + 1, size=n)
    place = LIMB_DIGITS * np.arange(len(numbers))[:, None]
    kept: Limbs = numbers % POWERS[np.clip(length - place, 0, LIMB_DIGITS)]
    return kept


@task(
    "arithmetic/addition-log-uniform",
    answer=Integer(),
    **SUMMED,
    steps=sum_steps,
    family="addition",
    perturbations=perturbed.SUM,
)
def addition_log_uniform(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The sum of two natural numbers of every length alike, as in `7+345`.

    As arithmetic/addition, whose key and levels it shares, with operands of 1 to `digits` digits, each number of digits
    equally likely. Guessing scores next to nothing from three digits on. See the module for the source.
    """
    return sums(draw_log_uniform(rng, n, digits), draw_log_uniform(rng, n, digits))


@task(
    "arithmetic/multiplication-log-uniform",
    answer=Integer(),
    **TO_TWENTY,
    steps=product_steps,
    family="multiplication",
    perturbations=perturbed.PRODUCT,
)
def multiplication_log_uniform(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The product of two natural numbers of every length alike, as in `7*345`.

    As arithmetic/multiplication, whose key and levels it shares, with operands of 1 to `digits` digits, each number of
    digits equally likely. Guessing 0 scores little: a zero is drawn as each other number of its length. See the module
    for the source.
    """
    return products(draw_log_uniform(rng, n, digits), draw_log_uniform(rng, n, digits))


@task(
    "arithmetic/gcd-log-uniform",
    answer=Integer(),
    levels=ONE_TO_TWENTY,
    beyond=by_digits(25, 30),
    bulk=True,
    steps=divisor_steps,
    family="gcd",
    perturbations=perturbed.GCD,
)
def gcd_log_uniform(rng: np.random.Generator, n: int, digits: int) -> Batch:
    """The greatest common divisor of two natural numbers of every length alike, as in `gcd(6,345)`.

    As arithmetic/gcd, whose key and levels it shares, with operands of 1 to `digits` digits, each number of digits
    equally likely: small operands show what large ones hide. Guessing 1 scores a little less than there. See the module
    for the source.
    """
    return divisors(draw_log_uniform(rng, n, digits), draw_log_uniform(rng, n, digits))
