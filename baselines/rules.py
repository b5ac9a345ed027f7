"""Rules of the domain: tiny fixed models that show how far one known shortcut goes. They learn nothing.

A question that a rule does not speak of gets no answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import ClassVar, Final

import numpy as np

from enigmath.bench.contracts import UserError
from enigmath.bench.contracts.formal import read_matrix

_LONGEST: Final = 10_000
"""Characters of a question that are read at most."""

_GCD: Final = re.compile(r"gcd\(([0-9]{1,1000}),([0-9]{1,1000})\)")
_PRIME: Final = re.compile(r"prime\(([0-9]{1,1000})\)")
_SYSTEM: Final = re.compile(r"(controllable|unreached)\((.+)\) at .*")
_STATE_OR_CONTROL: Final = re.compile(r"\b[xu][0-9]{1,3}\b")
_AROUND_A_MATRIX: Final = re.compile(r"[\s()\[\]{}=:]+")


@dataclass
class GcdOfBase:
    """Of a greatest common divisor only the part made of primes of the base, which the last digits show.

    On uniform operands it is right where the rest of the gcd is 1: for (6 / pi**2) * prod(1 / (1 - p**-2)) over the
    primes p of the base, 84.4 % in base 10. Source: Charton, "Learning the greatest common divisor: explaining
    transformer predictions", 2023.

    >>> GcdOfBase().predict(["gcd(12,18)", "gcd(40,60)", "12+18"])
    ['2', '20', None]
    """

    base: int = 10
    shortcut: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raises UserError for a base below 2."""
        if self.base < 2:
            raise UserError(f"a base of {self.base}", where="gcd-of-base", mend="2 or more")

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One part of a gcd for each `gcd(a,b)`."""
        return [self._answer(_GCD.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return None
        rest = divisor = gcd(int(found[1]), int(found[2]))
        while rest and (common := gcd(rest, self.base)) > 1:
            rest //= common
        return str(divisor // rest if rest else 0)


@dataclass
class LastDigitPrimality:
    """Prime is what ends in 1, 3, 7 or 9, and 2 and 5.

    Every prime obeys, and few composites end so: right for 82 to 86 % of a balanced set of up to nine digits.

    >>> LastDigitPrimality().predict(["prime(97)", "prime(98)", "prime(91)"])
    ['yes', 'no', 'yes']
    """

    shortcut: ClassVar[bool] = True

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """`yes` or `no` for each `prime(n)`."""
        return [self._answer(_PRIME.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return None
        return "yes" if found[1][-1] in "1379" or found[1] in ("2", "5") else "no"


@dataclass
class TraceSign:
    """A system is stable when the trace of its Jacobian, the first matrix `a,b;c,d` in the question, is negative.

    The trace is the sum of the eigenvalues, and stability that all of them have a negative real part: so `unstable` is
    right whenever the rule says so, and `stable` not always. Source: known since Routh and Hurwitz; the task is of
    Charton, Hayat and Lample, "Learning advanced mathematical computations from examples", 2021.

    >>> TraceSign().predict(["jacobian -1,2;3,-4", "[1,2;3,4]", "no matrix"])
    ['stable', 'unstable', None]
    """

    shortcut: ClassVar[bool] = True

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """`stable` or `unstable` for each question with a square matrix."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: str) -> str | None:
        for word in _AROUND_A_MATRIX.split(question[:_LONGEST]):
            matrix = read_matrix(word) if ";" in word else None
            if matrix is not None and matrix.shape[0] == matrix.shape[1]:
                return "stable" if float(np.trace(matrix).real) < 0 else "unstable"
        return None


@dataclass
class ControlReach:
    """A state can be steered where a chain of names leads back to a control, each in the equation of the one before.

    That is needed for controllability and mostly enough: what is left are systems whose numbers, not names, cancel.
    Source: Lin, "Structural controllability", 1974; the task is of Charton, Hayat and Lample, 2021.

    >>> ControlReach().predict(["controllable(u1-x1;x1*x2) at 0.5", "unreached(u1;x2) at 0.5", "x1;u1"])
    ['controllable', '1', None]
    """

    shortcut: ClassVar[bool] = True

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """A word for each `controllable(f1;...;fn) at 0.5`, how many states for each `unreached(f1;...;fn) at 0.5`."""
        return [self._answer(_SYSTEM.fullmatch(question[:_LONGEST].strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return None
        equations = [set(_STATE_OR_CONTROL.findall(text)) for text in found[2].split(";")]
        left = {f"x{place}": names for place, names in enumerate(equations, 1)}
        reached = {name for names in equations for name in names if name[0] == "u"}
        while new := {state for state, names in left.items() if names & reached}:
            reached |= new
            left = {state: names for state, names in left.items() if state not in new}
        if found[1] == "unreached":
            return str(len(left))
        return "uncontrollable" if left else "controllable"
