"""Formulas in prefix order with the number tokens of Lample and Charton, one byte a token.

`sin(x1)-3*0.05` becomes the tokens `- sin x1 * INT+ 3 FLOAT+ 5 10^ INT- 2`: an operator stands before its operands, so
no brackets are needed; a whole number is a sign and its digits; a decimal is a sign, a mantissa with one digit before
the point, and a power of ten. Sources: Lample and Charton, "Deep learning for symbolic mathematics", 2020; Charton,
Hayat and Lample, "Learning advanced mathematical computations from examples", 2021.

What is around formulas stays as it is: of `stable(x1-x2;-3*x2) at 0.01` the characters `stable(`, `;`, `)` and ` at `.
ASCII bytes stand for themselves, those from 128 on for the WORDS, and VERBATIM before a text says that all of it
stands as it is, as one that is not ASCII.

Loss: no digit of any number, for the mantissa is as long as the number (in the source it has four digits, and further
ones are rounded away). Brackets that precedence does not need are lost (`(2*x)+3` comes back as `2*x+3`); where `exact`
is asked for, as for answers, a text that would lose any stays as it is. What is read back from tokens that make no
formula is their names with blanks between, which no answer kind reads.

A formula of more than 300 parts or 60 brackets deep stays as it is too. It goes text by text, unlike the other
encodings: some 6,000 questions a second.
"""

import re
from typing import Final

from enigmath.bench.contracts.expression import Tree, write

BINARY: Final = ("+", "-", "*", "/", "^")
NUMBERS: Final = ("INT+", "INT-", "FLOAT+", "FLOAT-", "10^")
FUNCTIONS: Final = (
    *("sqrt", "exp", "ln", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs"),
)
CALLS: Final = ("call1", "call2", "call3")
"""Another function with so many operands; its name comes first."""
NAMES: Final = ("pi", "inf", "y'", "y''", *(f"{letter}{digit}" for letter in "xudc" for digit in range(1, 10)))
"""Names of several characters that are one token. Any other is spelt between two NAME tokens."""
WORDS: Final = (*NUMBERS, *BINARY, "neg", *FUNCTIONS, *CALLS, "NAME", *NAMES)
"""Token 128 and those after it; new ones go to the end, or weights that were saved would read others."""
VERBATIM: Final = 255

MOST_NODES: Final = 300
MOST_DEPTH: Final = 60
MOST_EXPONENT: Final = 400

_CODE: Final = {word: bytes([128 + place]) for place, word in enumerate(WORDS)}
_WORD: Final = {code[0]: word for word, code in _CODE.items()}
_ARITY: Final = dict.fromkeys(BINARY, 2) | dict.fromkeys((*FUNCTIONS, "neg"), 1)
_TOKEN: Final = re.compile(r"((?:0|[1-9][0-9]*)\.[0-9]+|[0-9]+)|([A-Za-z]+[0-9]*'*)|([-+*/^(),])")
_LITERAL: Final = re.compile(r"[A-Za-z]+[0-9]*'*|.", re.DOTALL)
_SIGN: Final = b"([" + _CODE["INT+"] + _CODE["INT-"] + b"])"
_WHOLE: Final = re.compile(_SIGN + b"([0-9]+)")
_DECIMAL: Final = re.compile(
    b"([" + _CODE["FLOAT+"] + _CODE["FLOAT-"] + rb"])([0-9])(?:\.([0-9]+))?" + _CODE["10^"] + _SIGN + b"([0-9]+)"
)
_NAME: Final = re.compile(_CODE["NAME"] + b"([A-Za-z][ -~]*)" + _CODE["NAME"])
_BEFORE: Final = frozenset("([,;=<>?:| ")
_AFTER: Final = frozenset(")],;=<>?:| ")
"""Beside these, and at the ends of a text, a formula may lose its outer brackets without another meaning."""


class _NoFormula(Exception):
    """What stands here is no formula, or too large a one."""


class _Reader:
    """The longest formula that starts at a place, by recursive descent; blanks end it."""

    def __init__(self, text: str, place: int) -> None:
        self.text, self.place, self.nodes, self.exhausted = text, place, 0, False

    def formula(self) -> Tree | None:
        try:
            return self.chained("+-", 0)
        except _NoFormula:
            return None

    def token(self) -> str:
        found = _TOKEN.match(self.text, self.place)
        return found[0] if found else ""

    def take(self) -> str:
        token = self.token()
        self.place += len(token)
        return token

    def node(self, *parts: Tree) -> Tree:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.exhausted = True
            raise _NoFormula
        return parts if len(parts) > 1 else parts[0]

    def chained(self, signs: str, depth: int) -> Tree:
        """Sums for "+-", products for "*/": from left to right."""
        tree = self.chained("*/", depth) if signs == "+-" else self.signed(depth)
        while (sign := self.token()) and sign in signs:
            start = self.place
            self.take()
            try:
                tree = self.node(sign, tree, self.chained("*/", depth) if signs == "+-" else self.signed(depth))
            except _NoFormula:
                if depth or self.exhausted:
                    raise
                self.place = start  # as `3-` in `3->5`: what comes before the sign may be one
                break
        return tree

    def signed(self, depth: int) -> Tree:
        if depth > MOST_DEPTH:
            self.exhausted = True
            raise _NoFormula
        if self.token() == "-":
            self.take()
            return self.node("neg", self.signed(depth + 1))
        base = self.atom(depth)
        if self.token() == "^":
            self.take()
            return self.node("^", base, self.signed(depth + 1))
        return base

    def atom(self, depth: int) -> Tree:
        token = self.take()
        if token == "(":
            return self.closed(depth, 1)[0]
        if not token[:1].isalnum():
            raise _NoFormula
        if not token[0].isalpha() or self.token() != "(":
            return self.node(token)
        self.take()
        if token in FUNCTIONS:
            return self.node(token, *self.closed(depth, 1))
        operands = self.closed(depth, len(CALLS))
        return self.node(f"call{len(operands)}", token, *operands)

    def closed(self, depth: int, most: int) -> list[Tree]:
        """Formulas with commas between, up to the closing bracket."""
        parts = [self.chained("+-", depth + 1)]
        while self.token() == "," and len(parts) < most:
            self.take()
            parts.append(self.chained("+-", depth + 1))
        if self.take() != ")":
            raise _NoFormula
        return parts


def _infix(tree: Tree) -> str:
    def leaves(tree: Tree) -> Tree:
        """The same with each call as a leaf, which is how `write` takes it."""
        if not isinstance(tree, tuple):
            return tree
        if tree[0] in CALLS:
            return f"{tree[1]}({','.join(map(_infix, tree[2:]))})"
        return (tree[0], *map(leaves, tree[1:]))

    return write(leaves(tree))


def _number(text: str, sign: str) -> bytes:
    whole, point, part = text.partition(".")
    if not point:
        return _CODE[f"INT{sign}"] + text.encode()
    digits = (whole + part).lstrip("0") or whole + part
    exponent = len(digits) - 1 - len(part)
    mantissa = digits[0] + (f".{digits[1:]}" if digits[1:] else "")
    return _CODE[f"FLOAT{sign}"] + mantissa.encode() + _CODE["10^"] + _number(str(abs(exponent)), "-+"[exponent >= 0])


def _name(text: str) -> bytes:
    if text in _CODE:
        return _CODE[text]
    return text.encode() if len(text) == 1 else _CODE["NAME"] + text.encode() + _CODE["NAME"]


def _prefix(tree: Tree) -> bytes:
    if isinstance(tree, tuple):
        if tree[0] == "neg" and isinstance(tree[1], str) and tree[1][0].isdigit():
            return _number(tree[1], "-")
        return _CODE[tree[0]] + b"".join(map(_prefix, tree[1:]))
    text = str(tree)
    return _number(text, "+") if text[0].isdigit() else _name(text)


def encode(text: bytes, *, exact: bool = False) -> bytes:
    """The tokens of a text; with `exact`, a text that would not come back as it is stays as it is.

    >>> names(encode(b"stable(x1-x2;-3*x2) at 0.01"))
    's t a b l e ( - x1 x2 ; * INT- 3 x2 )   a t   FLOAT+ 1 10^ INT- 2'
    """
    if not text.isascii():
        return bytes([VERBATIM]) + text
    plain, pieces, place = text.decode(), [], 0
    while place < len(plain):
        reader = _Reader(plain, place)
        tree = reader.formula()
        if tree is not None and _may_stand(plain, place, reader.place, tree):
            pieces.append(_prefix(tree))
            place = reader.place
        else:
            literal = _LITERAL.match(plain, place)
            assert literal is not None
            end = reader.place if reader.exhausted else literal.end()
            pieces.append(text[place:end])
            place = end
    tokens = b"".join(pieces)
    return bytes([VERBATIM]) + text if exact and decode(tokens) != text else tokens


def _may_stand(text: str, start: int, end: int, tree: Tree) -> bool:
    """Whether prefix tokens may take this formula's place: a name, or a call, by itself stays as it is written."""
    if isinstance(tree, str) and not tree[0].isdigit() and tree not in NAMES:
        return False
    if isinstance(tree, tuple) and tree[0] in CALLS:
        return False
    alone = (start == 0 or text[start - 1] in _BEFORE) and (end == len(text) or text[end] in _AFTER)
    return alone or _infix(tree) == text[start:end]


def decode(tokens: bytes) -> bytes:
    """The text that tokens stand for; where they make no formula, their names.

    >>> decode(encode(b"(2*x)+cos(0.05)=-1"))
    b'2*x+cos(0.05)=-1'
    """
    if tokens[:1] == bytes([VERBATIM]):
        return tokens[1:]
    pieces: list[bytes] = []
    place = 0
    try:
        while place < len(tokens):
            if tokens[place] < 128:
                pieces.append(tokens[place : place + 1])
                place += 1
            else:
                tree, place = _tree(tokens, place, 0)
                pieces.append(_infix(tree).encode())
    except (_NoFormula, IndexError):
        return names(tokens).encode()
    return b"".join(pieces)


def _tree(tokens: bytes, place: int, depth: int) -> tuple[Tree, int]:
    """The formula that begins at a place, and where it ends; IndexError where the tokens end before it does."""
    if depth > MOST_NODES:
        raise _NoFormula
    if chr(tokens[place]).isascii():
        if not chr(tokens[place]).isalpha():
            raise _NoFormula
        return chr(tokens[place]), place + 1
    word = _WORD.get(tokens[place], "")
    if word in NAMES:
        return word, place + 1
    if word == "NAME" and (found := _NAME.match(tokens, place)):
        return found[1].decode(), found.end()
    if word.startswith(("INT", "FLOAT")):
        return _read_number(tokens, place)
    count = 2 + CALLS.index(word) if word in CALLS else _ARITY.get(word, 0)
    parts: list[Tree] = []
    place += 1
    for _ in range(count):
        part, place = _tree(tokens, place, depth + 1)
        parts.append(part)
    if not parts or (word in CALLS and not (isinstance(parts[0], str) and parts[0][0].isalpha())):
        raise _NoFormula
    return (word, *parts), place


def _read_number(tokens: bytes, place: int) -> tuple[Tree, int]:
    if found := _WHOLE.match(tokens, place):
        text, is_negative = found[2].decode(), found[1] == _CODE["INT-"]
    elif found := _DECIMAL.match(tokens, place):
        first, part, size = found[2], found[3] or b"", int(found[5][:9])
        if size > MOST_EXPONENT:
            raise _NoFormula
        digits, after = (first + part).decode(), len(part) - (size if found[4] == _CODE["INT+"] else -size)
        digits = digits.rjust(after + 1, "0") + "0" * -after
        text, is_negative = f"{digits[:-after]}.{digits[-after:]}" if after > 0 else digits, found[1] == _CODE["FLOAT-"]
    else:
        raise _NoFormula
    return (("neg", text) if is_negative else text), found.end()


def names(tokens: bytes) -> str:
    """The names of the tokens, with blanks between."""
    return " ".join(_WORD.get(token) or chr(token) for token in tokens)
