"""Answer kinds of algebra, against Python's own fractions and complex numbers; what all kinds promise: test_answers."""

import math
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enigmath.bench.contracts import Complex, Expression, Integer, Items, Matrix, Rational, UserError
from enigmath.bench.contracts.formal import read_complex, read_matrix

wholes = st.integers(-(10**40), 10**40) | st.integers(-12, 12)


def canonical(kind, *texts: str | None) -> list[str | None]:
    return list(kind.canonical(pa.array(texts, pa.string())).to_pylist())


@settings(deadline=None)
@given(wholes, wholes)
def test_fractions_are_pythons_in_lowest_terms(top, bottom) -> None:
    (read,) = canonical(Rational(), f"{top} / {bottom}")
    if bottom == 0:
        assert read is None
        return
    assert read == str(Fraction(top, bottom))
    values = Rational().values(pa.array([read]))
    assert values.tolist() == [[pytest.approx(top / bottom)]]


@settings(deadline=None)
@given(st.integers(-60, 60), st.integers(-60, 60).filter(bool))
def test_with_lowest_terms_asked_only_those_are_the_answer(top, bottom) -> None:
    kind = Rational(lowest=True)
    right = kind.write(Fraction(top, bottom))
    given_text = f"{top}/{bottom}"
    is_lowest = math.gcd(top, bottom) == 1 and abs(bottom) > 1
    assert (canonical(kind, given_text) == [right]) == is_lowest
    assert canonical(kind, right) == [right]
    assert float(kind.values(kind.canonical(pa.array([given_text])))[0, 0]) == pytest.approx(top / bottom)


def test_blanks_around_signs_are_left_out_and_blanks_inside_numbers_are_not() -> None:
    assert canonical(Rational(), " 1 / 2 ", "- 3", "1 2/3", "1/2 3") == ["1/2", "-3", None, None]
    assert canonical(Complex(), "1 - 2 i", "1 2", "1 .5") == [None, None, None]
    assert canonical(Complex(), "1 - 2i", "\t1+ i") == ["1-2i", "1+1i"]
    assert canonical(Items(Integer()), "1, 2", "1 2") == ["1,2", None]
    assert canonical(Matrix(), "1, 2; 3, 4", "1 2; 3 4") == ["1,2;3,4", None]
    assert canonical(Expression(), "3 * x", "3 4*x", "s in(x)") == ["3*x", None, None]


def test_a_fraction_beyond_all_floats_has_an_infinite_value_with_its_sign() -> None:
    texts = ["9" * 900, "-" + "9" * 900, "9" * 900 + "/-7", "1/" + "9" * 900]
    for kind in (Rational(), Rational(lowest=True)):
        assert kind.values(kind.canonical(pa.array(texts)))[:, 0].tolist() == [np.inf, -np.inf, -np.inf, 0]


@settings(deadline=None)
@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(0, 3))
def test_complex_numbers_are_pythons(real, imaginary, places) -> None:
    number = complex(real / 10**places, imaginary / 10**places)
    for text in (f"{number.real:+}{number.imag:+}i", f"{number.real:.4f}{number.imag:+.4f}j"):
        (read,) = canonical(Complex(3), text)
        assert read == Complex(3).write(number)
        assert Complex(3).values(pa.array([read])).tolist() == [[number.real, number.imag]]


def test_complex_numbers_are_rounded_and_nought_is_one_text() -> None:
    assert canonical(Complex(2), "0", "-0", "0i", "0-0i", "0.001+0.004i", "-0.001") == ["0"] * 6
    assert canonical(Complex(2), "1.004", "1.006i", "2-i", "i") == ["1", "1.01i", "2-1i", "1i"]


@pytest.mark.parametrize(
    "text",
    ["", "i+1", "1+2", "1i2", "ii", "1+2i+3", "1e400", "1.2.3i", "+", "1+.i", "nan", "inf", "1e9999", "1+-2i"],
)
def test_what_is_no_complex_number_does_not_parse(text) -> None:
    assert read_complex(text) is None


@settings(deadline=None)
@given(st.lists(st.integers(-50, 50), max_size=8), st.randoms())
def test_free_lists_have_one_text_in_every_order_and_ordered_ones_keep_theirs(numbers, random) -> None:
    free, bound = Items(Integer(), ordered=False), Items(Integer())
    shuffled = random.sample(numbers, len(numbers))
    assert canonical(free, free.write(shuffled)) == [free.write(numbers)]
    assert (bound.write(shuffled) == bound.write(numbers)) == (shuffled == numbers)
    assert canonical(free, ", ".join(f"{number:+03d}" for number in shuffled) or "none") == [free.write(numbers)]


@pytest.mark.parametrize("separator", ["", " ", ", ", "-", "+", "a", "1", "_"])
def test_a_separator_that_could_not_be_read_back_is_refused(separator) -> None:
    with pytest.raises(UserError, match="separator"):
        Items(Integer(), separator=separator)


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_errors_of_matrices_are_numpys_norms(rows, columns, seed, with_imaginary) -> None:
    rng = np.random.default_rng(seed)
    right = rng.normal(size=(rows, columns)) * 10.0 ** rng.integers(-3, 4)
    right = right + 1j * rng.normal(size=right.shape) if with_imaginary else right
    given_matrix = right * (1 + 0.1 * rng.normal(size=right.shape))
    kind = Matrix(12)
    texts = [kind.write(right), kind.write(given_matrix)]
    (distance,) = kind.distances(pa.array(texts[:1]), kind.canonical(pa.array(texts[1:])))
    assert distance == pytest.approx(np.abs(given_matrix - right).sum() / np.abs(right).sum(), rel=1e-6)


def test_another_shape_null_and_a_matrix_of_noughts() -> None:
    answers = pa.array(["1,2;3,4", "1,2", "1,2", "0,0", "0,0", "2i"])
    predictions = pa.array(["1,2,3,4", None, "1;2", "0,0", "0,1", "2.2i"])
    assert Matrix().distances(answers, predictions) == pytest.approx(
        [np.nan, np.nan, np.nan, 0, np.inf, 0.1], nan_ok=True
    )
    assert [read_matrix(text) for text in ("", "1,", ";", "1,2;3", "x")] == [None] * 5


def test_numbers_of_a_matrix_have_the_digits_asked_and_short_exponents() -> None:
    assert Matrix(3).write([[123456.0, 0.000012345, -0.0, 1e-10]]) == "1.23e5,1.23e-5,0,1e-10"
    assert canonical(Matrix(3), "1.23e5,1.23e-5,0,1e-10", "1e+300", "1.8e308") == ["1.23e5,1.23e-5,0,1e-10", None, None]


def test_formulas_are_compared_as_written_but_for_blanks_and_brackets() -> None:
    assert canonical(Expression(), "((3*x))", "3*x", "x*3", "3x", "y", "x**2", "x+-(2*x)") == [
        "3*x", "3*x", "x*3", None, None, "x^2", "x-2*x",
    ]  # fmt: skip
    assert canonical(Expression(None), "y+z1") == ["y+z1"]
    assert canonical(Expression(), "(" * 400 + "x" + ")" * 400, "x^" + "9" * 900, "9^9^9^9") == [None, None, "9^9^9^9"]
