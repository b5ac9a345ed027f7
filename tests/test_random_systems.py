"""Random systems: shapes are uniform, gradients are those of 30 digits, texts read back, keys forget names only."""

from collections import Counter

import numpy as np
import pytest
from system_reader import derivatives

from enigmath.bench.contracts.expression import parse
from enigmath.generators.random_systems import (
    CONSTANT,
    OPERATORS,
    VARIABLE,
    Tokens,
    draw_systems,
    draw_trees,
    gradients,
    system_keys,
    texts,
    tokens_of,
    values_at,
)


def system(text: str, names: str) -> Tokens:
    return tokens_of([parse(part) for part in text.split(";")], names.split())[None]


def keys(*systems: str, names: str = "x1 x2") -> list[int]:
    return [int(system_keys(system(text, names), len(names.split()))[0]) for text in systems]


def test_all_shapes_of_trees_are_equally_likely() -> None:
    trees = draw_trees(np.random.default_rng(0), np.full(40_000, 3), 2, 7)
    arity = np.where(trees < 0, 9, np.where(trees < 4, 2, np.where(trees < VARIABLE, 1, 0)))
    counts = Counter(map(tuple, arity.tolist()))
    assert len(counts) == 22  # the large Schroeder number of unary-binary trees with three operators
    assert max(counts.values()) < 1.15 * 40_000 / 22
    assert min(counts.values()) > 0.85 * 40_000 / 22


def test_leaves_are_numbers_in_three_cases_of_ten() -> None:
    trees = draw_trees(np.random.default_rng(0), np.full(20_000, 5), 3, 11)
    leaves = trees[trees >= VARIABLE]
    numbers = leaves[leaves >= CONSTANT - 10] - CONSTANT
    assert len(numbers) / len(leaves) == pytest.approx(0.3, abs=0.01)
    assert set(numbers.tolist()) == {*range(-10, 0), *range(1, 11)}
    assert set(leaves[leaves < CONSTANT - 10].tolist()) == {VARIABLE, VARIABLE + 1, VARIABLE + 2}
    assert set(trees[(trees >= 0) & (trees < VARIABLE)].tolist()) == set(range(len(OPERATORS)))


@pytest.mark.parametrize("kind", [float, complex])
def test_gradients_are_those_of_thirty_digits(kind: type) -> None:
    drawn = draw_systems(
        np.random.default_rng(3), 60, equations=3, operators=(3, 8), point=np.full(3, 0.01, kind), states=3
    )
    for text, jacobian in zip(texts(drawn.tokens, ["x1", "x2", "x3"]), drawn.jacobians, strict=True):
        exact = derivatives(f"stable({text}) at 0.01")
        assert np.abs(exact - jacobian).max() <= 1e-7 * max(1, np.abs(exact).max()), text


def test_a_text_reads_back_to_the_same_function() -> None:
    drawn = draw_systems(np.random.default_rng(4), 50, equations=2, operators=(3, 6), point=np.full(2, 0.01), states=2)
    for text, tokens in zip(texts(drawn.tokens, ["x1", "x2"]), drawn.tokens, strict=True):
        points = np.array([[0.3 + 0.2j, 1.1 - 0.4j], [0.8 + 0.1j, 0.2 + 0.9j]])
        again = values_at(system(text, "x1 x2")[0], points)
        np.testing.assert_allclose(again, values_at(tokens, points), rtol=1e-9)


def test_what_is_beside_a_cut_is_left_out_and_what_is_on_it_is_not() -> None:
    on, beside = system("sqrt(0-x1);sqrt(x1)", "x1"), system("sqrt(exp(ln(-3)))*x1;asin(2*x1/x1)*x1", "x1")
    assert gradients(on[0], np.array([0.01 + 0j]))[1].tolist() == [True, True]
    assert gradients(beside[0], np.array([0.01 + 0j]))[1].tolist() == [False, True]


def test_keys_forget_names_order_of_operands_and_nothing_else() -> None:
    one, renamed, commuted, other = keys(
        "x1*x2+3;x1-sin(x2)", "x2-sin(x1);x2*x1+3", "3+x2*x1;x1-sin(x2)", "x1*x2+3;x2-sin(x1)"
    )
    assert one == renamed == commuted != other
    same = keys("x1;x2", "x2;x1")
    assert same[0] != same[1]
    assert len(set(keys("exp(x1*x2);x1", "exp(x1*x2);x2", "exp(x1*x1);x1"))) == 3


def test_keys_forget_the_names_of_controls() -> None:
    names = "x1 x2 u1 u2"
    one, renamed, other = keys("x1*u1;x2+u2", "x1*u2;x2+u1", "x2*u1;x2+u2", names=names)
    assert one == renamed != other


def test_random_renaming_keeps_keys_and_different_systems_have_their_own() -> None:
    rng = np.random.default_rng(5)
    drawn = draw_systems(rng, 300, equations=4, operators=(3, 10), point=np.full(4, 0.01 + 0j), states=4).tokens
    order = rng.permutation(4)
    place = np.argsort(order)
    renamed = drawn[:, order].copy()
    is_variable = (renamed >= VARIABLE) & (renamed < CONSTANT - 10)
    renamed[is_variable] = VARIABLE + place[renamed[is_variable] - VARIABLE]
    assert (system_keys(drawn, 4) == system_keys(renamed, 4)).all()
    assert len(set(system_keys(drawn, 4).tolist())) == 300
