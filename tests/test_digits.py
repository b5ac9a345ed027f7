"""Columns of long numbers agree with Python's integers, whatever their size."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enigmath.bench.contracts import Real
from enigmath.generators import digits
from enigmath.generators.digits import Limbs

NATURALS = st.integers(0, 10**40) | st.sampled_from([0, 1, 10**9 - 1, 10**9, 10**18 - 1, 10**18, 10**36 - 1])
PAIRS = st.lists(st.tuples(NATURALS, NATURALS), min_size=1, max_size=5)


def limbs(numbers: list[int]) -> Limbs:
    return np.array([[number // 10 ** (9 * place) % 10**9 for number in numbers] for place in range(5)])


def integers(column: Limbs) -> list[int]:
    return [int(text) for text in digits.text(column).to_pylist()]


@given(PAIRS)
def test_sums_differences_and_products_are_exact(pairs: list[tuple[int, int]]) -> None:
    first, second = (list(side) for side in zip(*pairs, strict=True))
    a, b = limbs(first), limbs(second)
    assert integers(a) == first
    assert integers(digits.add(a, b)) == [x + y for x, y in pairs]
    assert integers(digits.multiply(a, b)) == [x * y for x, y in pairs]
    assert digits.signed_text(*digits.subtract(a, b)).to_pylist() == [str(x - y) for x, y in pairs]
    assert digits.digit_sum(a).tolist() == [sum(map(int, str(x))) for x in first]


@given(st.lists(st.tuples(NATURALS, st.integers(1, 10**9 - 1)), min_size=1, max_size=5))
def test_quotients_remainders_and_rounded_ratios_are_exact(pairs: list[tuple[int, int]]) -> None:
    dividends, divisors = (list(side) for side in zip(*pairs, strict=True))
    divisor = np.array(divisors)
    quotient, remainder = digits.divide(limbs(dividends), divisor)
    assert list(zip(integers(quotient), remainder.tolist(), strict=True)) == [divmod(x, y) for x, y in pairs]
    for negative in (False, True):
        ratios = [Fraction(-x if negative else x, y) for x, y in pairs]
        written = digits.ratio_text(np.full(len(pairs), negative), quotient, remainder, divisor)
        assert written.to_pylist() == [Real(2).write(ratio) for ratio in ratios]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=5, max_size=5))
def test_limbs_of_any_sign_are_carried_to_one_sign(column: list[int]) -> None:
    number = sum(limb * 10 ** (9 * place) for place, limb in enumerate(column))
    assert digits.signed_text(*digits.signed(np.array(column)[:, None])).to_pylist() == [str(number)]


@given(st.integers(1, 10**18), st.integers(0, 10**18), st.integers(0, 10**18))
def test_products_modulo_a_number_are_exact(modulus: int, first: int, second: int) -> None:
    agree(modulus, first % modulus, second % modulus)


@given(st.integers(19, 40), st.integers(1, 1000), st.integers(0, 10**40), st.integers(0, 10**40))
def test_products_modulo_just_less_than_a_power_of_ten_are_exact(
    length: int, below: int, first: int, second: int
) -> None:
    modulus = 10**length - below
    agree(modulus, first % modulus, second % modulus)
    agree(modulus, modulus - 1, modulus - 1)


def agree(modulus: int, first: int, second: int) -> None:
    product = digits.multiply_modulo(limbs([first]), limbs([second]), modulus)
    assert digits.text(product).to_pylist() == [str(first * second % modulus)]


@given(st.lists(st.integers(0, 10**40), min_size=1, max_size=4))
def test_wide_numbers_go_to_one_column_and_back(numbers: list[int]) -> None:
    wide = digits.to_wide(limbs(numbers))
    assert [int(number) for number in wide] == numbers
    assert digits.text(digits.from_wide(wide)).to_pylist() == [str(number) for number in numbers]
    assert digits.count_digits(limbs(numbers)).tolist() == [len(str(number)) for number in numbers]


def test_draws_below_a_wide_bound_stay_below_it() -> None:
    drawn = digits.to_wide(digits.draw_below(np.random.default_rng(0), 2_000, 10**20 - 11))
    assert 0 <= min(drawn) < 10**18
    assert 9 * 10**19 < max(drawn) < 10**20 - 11


@given(st.lists(st.tuples(st.integers(0, 10**36), st.integers(2, 16)), min_size=1, max_size=5))
def test_numerals_of_any_base_read_back_as_the_number(pairs: list[tuple[int, int]]) -> None:
    values, bases = (list(side) for side in zip(*pairs, strict=True))
    written = digits.radix_text(limbs(values), np.array(bases)).to_pylist()
    assert [int(text, base) for text, base in zip(written, bases, strict=True)] == values
    assert all(text == "0" or text[0] != "0" for text in written)


@given(st.integers(0, 10**9), st.integers(1, 40))
def test_multiples_are_multiples_below_the_bound(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    divisor = digits.draw_divisor(rng, 20, count)
    assert ((divisor > 0) & (divisor < 10 ** min(count, 9))).all()
    for number, part in zip(integers(digits.draw_multiple(rng, divisor, count)), divisor.tolist(), strict=True):
        assert number % part == 0
        assert number < 10**count


def test_numbers_too_long_for_a_column_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        digits.to_integers(limbs([10**18]))
    assert digits.to_integers(limbs([10**18 - 1])).tolist() == [10**18 - 1]
