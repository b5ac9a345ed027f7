"""An independent reader of the questions that the generators write: Python's own parser, whole numbers and fractions.

It shares no code with the generators: texts are parsed to a syntax tree, walked, and never evaluated as code.
"""

import ast
import math
import re
from collections import Counter
from collections.abc import Hashable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from enigmath.bench.contracts import Batch, Task, describe
from enigmath.bench.streams import stream

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}
Node = tuple | int


def parse(question: str) -> Node:
    """An infix question as nested tuples (sign, left, right) with whole numbers as leaves."""
    return _tuples(ast.parse(question, mode="eval").body)


def _tuples(node: ast.expr) -> Node:
    if isinstance(node, ast.BinOp):
        return SIGNS[type(node.op)], _tuples(node.left), _tuples(node.right)
    assert isinstance(node, ast.Constant)
    assert type(node.value) is int
    return node.value


def value(node: Node) -> Fraction:
    """The exact value; ZeroDivisionError where it has none."""
    if isinstance(node, int):
        return Fraction(node)
    sign, left, right = node[0], value(node[1]), value(node[2])
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    return left * right if sign == "*" else left / right if sign == "/" else left % right


def leaves(node: Node) -> list[int]:
    """The operands from left to right."""
    return [node] if isinstance(node, int) else leaves(node[1]) + leaves(node[2])


def signs(node: Node) -> list[str]:
    """The operators from left to right."""
    return [] if isinstance(node, int) else [*signs(node[1]), node[0], *signs(node[2])]


def height(node: Node) -> int:
    """Operators on the longest path."""
    return 0 if isinstance(node, int) else 1 + max(height(node[1]), height(node[2]))


def rounded(number: Fraction) -> str:
    """Two decimals, half away from zero, by the decimal module; no needless zeros."""
    with localcontext() as context:
        context.prec = 200
        quotient = Decimal(number.numerator) / Decimal(number.denominator)
        text = format(quotient.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), "f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def answer(task: str, question: str) -> str:
    """The answer to a question of that task, worked out anew."""
    if task == "arithmetic/division-remainder":
        return "{}r{}".format(*divmod(*arguments(question)))
    if task == "arithmetic/gcd":
        return str(math.gcd(*arguments(question)))
    if task == "arithmetic/comparison":
        first, second = map(int, question.split("?"))
        return "<" if first < second else ">" if first > second else "="
    if task == "arithmetic/base-conversion":
        number, source, target = conversion(question)
        return np.base_repr(int(number, source), target).lower()
    return rounded(value(parse(question)))


def arguments(question: str) -> list[int]:
    """The whole numbers between the brackets of a call."""
    found = re.fullmatch(r"[a-z]+\(([0-9]+),([0-9]+)\)", question)
    assert found is not None, question
    return [int(number) for number in found.groups()]


def conversion(question: str) -> tuple[str, int, int]:
    """Number, source and target of `base(number,source,target)`."""
    found = re.fullmatch(r"base\(([0-9a-f]+),([0-9]+),([0-9]+)\)", question)
    assert found is not None, question
    return found[1], int(found[2]), int(found[3])


def canonical(task: str, question: str) -> Hashable:
    """The normal form that equivalent questions share, written down anew."""
    if task == "arithmetic/division-remainder":
        dividend, divisor = arguments(question)
        return normal(("/", dividend, divisor))
    if task == "arithmetic/gcd":
        return frozenset(arguments(question))
    if task == "arithmetic/comparison":
        return frozenset(question.split("?"))
    if task == "arithmetic/base-conversion":
        number, source, target = conversion(question)
        return int(number, source), frozenset((source, target))
    tree = parse(question)
    if isinstance(tree, tuple) and tree[0] == "%":
        return normal(tree[1]), tree[2]
    return normal(tree)


def normal(node: Node) -> Hashable:
    """Sums as multisets of terms, products as multisets of factors, nested."""
    return _frozen(_sum(node))


def _sum(node: Node) -> Counter:
    """Terms with their whole coefficients; 0 is the empty sum."""
    if isinstance(node, int):
        return Counter({_product_term(Counter({node: 1} if node != 1 else {})): 1}) if node else Counter()
    sign, left, right = node
    if sign in "+-":
        total = _sum(left)
        for term, count in _sum(right).items():
            total[term] += count if sign == "+" else -count
        return Counter({term: count for term, count in total.items() if count})
    negative, factors = _product(node)
    if factors is None:
        return Counter()
    return _term(factors, -1 if negative else 1)


def _product(node: Node) -> tuple[bool, Counter | None]:
    """Whether a minus sign stands before it, and the factors with their exponents; None for a product with 0."""
    if not isinstance(node, int) and node[0] in "*/":
        sign, left, right = node
        (minus, factors), (flipped, others) = _product(left), _product(right)
        if factors is None or others is None:
            return False, None
        for factor, count in others.items():
            factors[factor] += count if sign == "*" else -count
        return minus != flipped, Counter({factor: count for factor, count in factors.items() if count})
    return _factors(_sum(node))


def _factors(total: Counter) -> tuple[bool, Counter | None]:
    if not total:
        return False, None
    if len(total) == 1:
        (term, count), *_ = total.items()
        if abs(count) == 1:
            return count < 0, Counter(dict(term[1]))
    opposite = Counter({term: -count for term, count in total.items()})
    first, second = _frozen(total), _frozen(opposite)
    flipped = repr(_ordered(second)) < repr(_ordered(first))
    return flipped, Counter({second if flipped else first: 1})


def _term(factors: Counter, coefficient: int) -> Counter:
    """A product as a sum: a lone factor that is a sum itself is that sum."""
    if len(factors) == 1:
        (factor, count), *_ = factors.items()
        if count == 1 and isinstance(factor, frozenset):
            return Counter({term: coefficient * times for term, times in factor})
    return Counter({_product_term(factors): coefficient})


def _product_term(factors: Counter) -> Hashable:
    return "product", frozenset(factors.items())


def _frozen(total: Counter) -> frozenset:
    return frozenset(total.items())


def _ordered(form: Hashable) -> Hashable:
    """The same with sets as sorted lists, for an order that does not depend on hashes."""
    if isinstance(form, frozenset):
        return sorted((_ordered(part) for part in form), key=repr)
    return tuple(_ordered(part) for part in form) if isinstance(form, tuple) else form


def agreement(task: str, batch: Batch) -> None:
    """Assert that every answer of a batch is what this reader finds, and that keys meet exactly where forms do."""
    questions, answers = batch.question.to_pylist(), texts(batch.answer)
    found = [(question, given, answer(task, question)) for question, given in zip(questions, answers, strict=True)]
    assert [case for case in found if case[1] != case[2]] == []
    forms = [canonical(task, question) for question in questions]
    keys = batch.key.tolist()
    assert len(set(zip(keys, forms, strict=True))) == len(set(keys)) == len(set(forms))


def texts(column: Any) -> list[str]:
    """A column as strings."""
    return [str(cell) for cell in (column.to_pylist() if isinstance(column, pa.Array) else column.tolist())]


def traits(batch: Batch) -> list[dict[str, Any]]:
    """The traits of each problem."""
    columns = {
        name: column.to_pylist() if isinstance(column, pa.Array) else column.tolist()
        for name, column in batch.traits.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def problems(task: Task, number: int, draws: int, seed: int = 0) -> Batch:
    """Some problems of one level."""
    return task(stream("test", task.name, number, seed), draws, **task.level(number))


def every_level(module: ModuleType) -> list[Any]:
    """Each level of each task of a module, as parameters of a test."""
    tasks = [thing for thing in vars(module).values() if isinstance(thing, Task)]
    return [
        pytest.param(task, number, id=f"{task.name}-{describe(level)}")
        for task in tasks
        for number, level in enumerate(task.all_levels, start=1)
    ]
