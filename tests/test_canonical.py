"""Keys: forms that the laws of arithmetic make equal share one, and others do not."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from question_reader import normal, parse

from enigmath.generators.canonical import number, over, times
from enigmath.generators.digits import from_integers

LEAVES = st.integers(0, 12) | st.integers(0, 2**62)
TREES = st.recursive(LEAVES, lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner), max_leaves=8)


def word(tree: Any) -> int:
    """The canonical word of one tree; ZeroDivisionError for a division by what is 0 by the laws alone."""
    return int(_word(tree)[0])


def _word(tree: Any) -> np.ndarray:
    if isinstance(tree, int):
        return number(from_integers(np.array([tree])))
    sign, left, right = tree[0], _word(tree[1]), _word(tree[2])
    if sign == "/" and not right[0]:
        raise ZeroDivisionError
    return {"+": np.add, "-": np.subtract, "*": times, "/": over}[sign](left, right)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3+45", "45+3"),
        ("3*45", "45*3"),
        ("(1+2)+3", "(3+1)+2"),
        ("5-(7-9)", "(9+5)-7"),
        ("5/(7/9)", "(9*5)/7"),
        ("(2-5)*(7-9)", "(9-7)*(5-2)"),
        ("8-(2-5)*7", "(5-2)*7+8"),
        ("5+0", "5*1"),
        ("7-7", "0*12"),
        ("(4+4)*3", "3*(4+4)"),
        ("((2+3)*4)*6", "(6*4)*(3+2)"),
    ],
)
def test_equivalent_forms_share_a_key(first: str, second: str) -> None:
    assert word(parse(first)) == word(parse(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3-45", "45-3"),
        ("3/45", "45/3"),
        ("2+3", "1+4"),
        ("2*6", "3*4"),
        ("2+3", "2*3"),
        ("4+4", "2*4"),
        ("(1+2)*3", "1+2*3"),
        ("(1+2)*3", "1*3+2*3"),
        ("12-3", "1-23"),
        ("10/4", "5/2"),
    ],
)
def test_different_problems_have_different_keys(first: str, second: str) -> None:
    assert word(parse(first)) != word(parse(second))


@given(TREES, TREES)
def test_two_trees_share_a_key_exactly_when_they_have_one_normal_form(first: Any, second: Any) -> None:
    try:
        words = word(first), word(second)
    except ZeroDivisionError:
        return
    assert (words[0] == words[1]) == (normal(first) == normal(second))


@given(TREES, st.randoms(use_true_random=False))
def test_commuting_any_operands_keeps_the_key(tree: Any, chance: Any) -> None:
    def commuted(node: Any) -> Any:
        if isinstance(node, int):
            return node
        sign, left, right = node[0], commuted(node[1]), commuted(node[2])
        return (sign, right, left) if sign in "+*" and chance.random() < 0.5 else (sign, left, right)

    try:
        assert word(tree) == word(commuted(tree))
    except ZeroDivisionError:
        return


def test_a_number_has_one_word_however_many_limbs_hold_it() -> None:
    values = np.array([0, 1, 7, 10**9, 10**18 - 1, 2**62])
    limbs = from_integers(values)
    padded = np.concatenate([limbs, np.zeros_like(limbs)])
    assert number(limbs).tolist() == number(padded).tolist()
    assert [word(int(value)) for value in values] == number(limbs).tolist()
    assert len(set(number(limbs).tolist())) == len(values)


def test_a_hundred_thousand_different_sums_have_different_keys() -> None:
    first, second = np.divmod(np.arange(100_000), 400)
    kept = first <= second
    first, second = first[kept], second[kept]
    keys = number(from_integers(first)) + number(from_integers(second))
    assert len(np.unique(keys)) == len(first)
    assert pa.array(keys).type == pa.uint64()
