"""Formulas as trees: a bounded whitelist parser, a writer, and values at points. Nothing is ever evaluated as code.

A tree is an int, a variable's name, or a tuple `(operator, *operands)`: `("+", 3, ("sin", "x"))`. Decimals are exact:
`0.25` is `("/", 1, 4)`. The constants are `pi`, `e` and `i`. `^` and `**` both raise, and bind to the right; a sign
binds weaker than a power (`-x^2` is -(x²)) and stronger than a product. Multiplication is always written.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts.errors import UserError

Tree = int | str | tuple[Any, ...]

MOST_CHARACTERS: Final = 2_000
MOST_NODES: Final = 500
MOST_DIGITS: Final = 100
MOST_DEPTH: Final = 60
CONSTANTS: Final[Mapping[str, complex]] = {"pi": np.pi, "e": np.e, "i": 1j}

FUNCTIONS: Final[Mapping[str, Any]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "ln": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "abs": np.abs,
}
"""The functions that a formula may use, each with what computes it; `log` is read as `ln`."""

_TOKEN: Final = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z]+[0-9_']*)|(\*\*|[-+*/^(),=]))")
_BINARY: Final = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}
_STRENGTH: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}
_ATOM: Final = 5


def parse(text: str, variables: Sequence[str] | None = None) -> Tree:
    """Read a formula; UserError says what is wrong and where. With `variables`, no other name is allowed.

    >>> parse("3*x - -sin(x)^2")
    ('-', ('*', 3, 'x'), ('neg', ('^', ('sin', 'x'), 2)))
    """
    reader = _Reader(text, variables)
    tree = reader.sum(0)
    if reader.token is not None:
        raise reader.wrong(f"{reader.token!r} is left over")
    return tree


class _Reader:
    """Recursive descent, one token ahead."""

    def __init__(self, text: str, variables: Sequence[str] | None) -> None:
        if len(text) > MOST_CHARACTERS:
            raise UserError(f"a formula of {len(text):,} characters", mend=f"at most {MOST_CHARACTERS:,} are read")
        self.text, self.variables = text, variables
        self.place = self.after = self.nodes = 0
        self.token: str | None = None
        self.advance()

    def wrong(self, what: str) -> UserError:
        return UserError(f"{what} at character {self.place + 1} of {self.text[:80]!r}")

    def advance(self) -> str | None:
        """Move on by one token; gives the one that was current."""
        last, self.place = self.token, self.after
        found = _TOKEN.match(self.text, self.after)
        if found is None:
            if self.text[self.after :].strip():
                raise self.wrong(f"{self.text[self.after :].strip()[0]!r} cannot be read")
            self.token = None
        else:
            self.token, self.after = found[1] or found[2] or found[3], found.end()
        return last

    def node(self, *parts: Any) -> Tree:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise UserError(f"a formula of more than {MOST_NODES} parts")
        return parts

    def sum(self, depth: int) -> Tree:
        if depth > MOST_DEPTH:
            raise self.wrong("brackets are too deep")
        tree = self.product(depth)
        while self.token in ("+", "-"):
            tree = self.node(self.advance(), tree, self.product(depth))
        return tree

    def product(self, depth: int) -> Tree:
        tree = self.signed(depth)
        while self.token in ("*", "/"):
            tree = self.node(self.advance(), tree, self.signed(depth))
        return tree

    def signed(self, depth: int) -> Tree:
        if depth > MOST_DEPTH:
            raise self.wrong("signs are too deep")
        if self.token == "-":
            self.advance()
            return self.node("neg", self.signed(depth + 1))
        if self.token == "+":
            self.advance()
            return self.signed(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Tree:
        base = self.atom(depth)
        if self.token in ("^", "**"):
            self.advance()
            return self.node("^", base, self.signed(depth + 1))
        return base

    def atom(self, depth: int) -> Tree:
        token = self.token
        if token is None:
            raise self.wrong("something is missing")
        self.nodes += 1
        if token == "(":
            self.advance()
            tree = self.sum(depth + 1)
            self.close()
            return tree
        if token[0].isdigit() or token[0] == ".":
            return self.number(token)
        if not token[0].isalpha():
            raise self.wrong(f"{token!r} stands where a number, a name or a bracket should")
        name = "ln" if token == "log" else token
        if name in FUNCTIONS:
            self.advance()
            if self.token != "(":
                raise self.wrong(f"{token} needs a bracket")
            self.advance()
            tree = self.node(name, self.sum(depth + 1))
            self.close()
            return tree
        if self.variables is not None and name not in self.variables and name not in CONSTANTS:
            raise self.wrong(f"the name {token!r} is not known")
        self.advance()
        return name

    def close(self) -> None:
        if self.token != ")":
            raise self.wrong("a closing bracket is missing")
        self.advance()

    def number(self, token: str) -> Tree:
        if len(token) > MOST_DIGITS:
            raise self.wrong(f"a number of {len(token)} digits")
        self.advance()
        whole, _, part = token.partition(".")
        return self.node("/", int(whole + part or "0"), 10 ** len(part)) if part else int(whole)


@lru_cache(maxsize=2**10)
def write(tree: Tree) -> str:
    """The formula in infix with as few brackets as precedence allows, no blanks, and `^` for powers.

    >>> write(("*", 3, ("+", "x", ("neg", 1)))), write(("-", "x", ("-", 2, "y"))), write(("^", ("neg", 2), "x"))
    ('3*(x-1)', 'x-(2-y)', '(-2)^x')
    """
    return _write(tree)[0]


def _write(tree: Tree) -> tuple[str, int]:
    """The text and how strongly its outermost operator binds."""
    if isinstance(tree, str):
        return tree, _ATOM
    if isinstance(tree, int):
        return str(tree), _ATOM if tree >= 0 else _STRENGTH["neg"]
    operator = tree[0]
    if operator in FUNCTIONS:
        return f"{operator}({_write(tree[1])[0]})", _ATOM
    if operator == "+" and isinstance(tree[2], tuple) and tree[2][0] == "neg":
        return _write(("-", tree[1], tree[2][1]))  # as it would be read back
    strength = _STRENGTH[operator]
    if operator == "neg":
        inner, bound = _write(tree[1])
        return "-" + (inner if bound > strength else f"({inner})"), strength
    (left, first), (right, second) = _write(tree[1]), _write(tree[2])
    if first < strength or (operator == "^" and first == strength):
        left = f"({left})"
    if operator == "+" and right.startswith("-") and second >= _STRENGTH["*"] and not right.startswith("-(-"):
        return left + right, strength  # but `x-(-1)*y` would be read back as x-((-1)*y)
    if second < strength or (second == strength and operator in "-/*") or right.startswith("-"):
        right = f"({right})"
    return f"{left}{operator}{right}", strength


def variables_of(tree: Tree) -> list[str]:
    """The variables, in the order in which they first stand.

    >>> variables_of(parse("y*x+pi*y"))
    ['y', 'x']
    """
    found: dict[str, None] = {}
    _collect(tree, found)
    return list(found)


def _collect(tree: Tree, found: dict[str, None]) -> None:
    if isinstance(tree, tuple):
        for part in tree[1:]:
            _collect(part, found)
    elif isinstance(tree, str) and tree not in CONSTANTS:
        found[tree] = None


def nodes_of(tree: Tree) -> int:
    """How many operators, functions, numbers and names it holds."""
    return 1 + sum(nodes_of(part) for part in tree[1:]) if isinstance(tree, tuple) else 1


def evaluate(tree: Tree, points: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.complex128]:
    """The values at complex points, one for each; infinite or NaN where there is none. UserError for an unknown name.

    >>> evaluate(parse("x^2+1"), {"x": np.array([1j, 2])}).tolist()
    [0j, (5+0j)]
    """
    columns = {name: np.asarray(values, dtype=np.complex128) for name, values in points.items()}
    with np.errstate(all="ignore"):
        return np.asarray(_evaluate(tree, columns), dtype=np.complex128)


def _evaluate(tree: Tree, points: Mapping[str, npt.NDArray[np.complex128]]) -> Any:
    if isinstance(tree, int):
        return complex(tree) if abs(tree) < 10**300 else complex(np.inf)
    if isinstance(tree, str):
        if tree not in points and tree not in CONSTANTS:
            raise UserError(f"the name {tree!r} has no value")
        return points[tree] if tree in points else CONSTANTS[tree]
    operands = [_evaluate(part, points) for part in tree[1:]]
    if tree[0] == "neg":
        return -operands[0]
    if tree[0] == "^" and isinstance(tree[2], int) and 0 <= tree[2] <= 64:
        return _whole_power(operands[0], tree[2])
    # The complex type picks the branch: numpy gives NaN for the square root of a negative float.
    return (_BINARY.get(tree[0]) or FUNCTIONS[tree[0]])(*(np.asarray(part, np.complex128) for part in operands))


def _whole_power(base: Any, exponent: int) -> Any:
    """By squaring: exact where complex `**` goes through logarithms, and 0^0 is 1."""
    result: Any = np.ones_like(base, dtype=np.complex128) if isinstance(base, np.ndarray) else complex(1)
    while exponent:
        if exponent & 1:
            result = result * base
        base, exponent = base * base, exponent >> 1
    return result


def evaluate_modulo(tree: Tree, points: Mapping[str, int], prime: int) -> int | None:
    """The exact value in the field of `prime` elements; None where a divisor is 0 or the formula is not rational.

    >>> evaluate_modulo(parse("12*x/4 - 3*x"), {"x": 123456789}, 2**61 - 1)
    0
    """
    if isinstance(tree, int):
        return tree % prime
    if isinstance(tree, str):
        return points.get(tree)
    operator = tree[0]
    if operator == "^":
        exponent = _whole(tree[2])
        base = evaluate_modulo(tree[1], points, prime)
        if base is None or exponent is None or (base == 0 and exponent < 0):
            return None
        return pow(base, exponent, prime)
    if operator in FUNCTIONS or (a := evaluate_modulo(tree[1], points, prime)) is None:
        return None
    if operator == "neg":
        return -a % prime
    if (b := evaluate_modulo(tree[2], points, prime)) is None:
        return None
    if operator == "/":
        return a * pow(b, -1, prime) % prime if b else None
    if operator == "*":
        return a * b % prime
    return (a + b if operator == "+" else a - b) % prime


def _whole(tree: Tree) -> int | None:
    """A whole exponent as a number: `3`, `-3` and `1+2`, but no powers, which could be huge."""
    if isinstance(tree, int):
        return tree
    if isinstance(tree, str) or tree[0] not in ("neg", "+", "-", "*", "/"):
        return None
    parts = [_whole(part) for part in tree[1:]]
    if None in parts:
        return None
    a, b = parts[0] or 0, parts[-1] or 0
    if tree[0] == "/":
        return a // b if b and a % b == 0 else None
    return {"neg": -a, "+": a + b, "-": a - b, "*": a * b}[tree[0]]
