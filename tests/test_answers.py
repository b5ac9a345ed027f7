"""Answer kinds: every way of writing one answer meets in one text, and nothing else gets through."""

import re
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from enigmath.bench.contracts import (
    Answer,
    Bits,
    Choice,
    Complex,
    Expression,
    Hexadecimal,
    Integer,
    Integers,
    Items,
    Matrix,
    Rational,
    Real,
    Text,
    UserError,
)
from enigmath.bench.contracts.answer import LONGEST

KINDS: list[Answer] = [
    Integer(),
    Real(),
    Real(0),
    Real(2),
    Real(12),
    Integers(1),
    Integers(2, "r"),
    Integers(3, ", "),
    Choice(("<", "=", ">")),
    Choice(("a b", "a", "a.c", "ä", "[x]", "1|2")),
    Text(),
    Text("[A-Z]"),
    Text("[01]"),
    Hexadecimal(),
    Hexadecimal(6),
    Bits(),
    Bits(5),
    Rational(),
    Rational(lowest=True),
    Complex(),
    Complex(0),
    Complex(6),
    Items(Integer()),
    Items(Rational(), ordered=False, separator=";"),
    Items(Complex(), ordered=False),
    Matrix(),
    Matrix(2),
    Expression(),
    Expression(None),
]
WHOLE = st.integers(-(10**30), 10**30) | st.integers(-20, 20)
COMPLEX = st.complex_numbers(max_magnitude=1e14)
FORMULAS = st.recursive(
    st.sampled_from(["x", "e", "pi", "i"]) | st.integers(-99, 99),
    lambda part: (
        st.tuples(st.sampled_from("+-*/^"), part, part) | st.tuples(st.sampled_from(["sin", "sqrt", "neg"]), part)
    ),
    max_leaves=12,
)
JUNK = st.one_of(
    st.text(max_size=12),
    st.text("0123456789+-.eErx, \t\n_()*", max_size=12),
    st.text("01239+-./,;ixs^()* ", max_size=12),
    st.from_regex(r"[+-]?[0-9]{0,4}(\.[0-9]{0,4})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
    st.sampled_from(
        ["nan", "inf", "-inf", "0x1F", "1e", "--1", "+-1", "1e5", "１２", "²", "1,000", "__import__('os')"]
    ),
)
PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
WITH_EXPONENT = re.compile(PLAIN.pattern + r"(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def canonical(kind: Answer, *texts: str | None) -> list[str | None]:
    return list(kind.canonical(pa.array(texts, pa.string())).to_pylist())


def value(kind: Answer, text: str) -> list[float]:
    return kind.values(kind.canonical(pa.array([text])))[0].tolist()


def written(kind: Answer) -> st.SearchStrategy[str]:
    """Texts that the kind itself writes."""
    match kind:
        case Integer():
            return WHOLE.map(kind.write)
        case Real(decimals=None):
            return st.floats(allow_nan=False, allow_infinity=False).map(kind.write)
        case Real():
            return st.fractions().map(kind.write)
        case Integers():
            return st.tuples(*[WHOLE] * kind.count).map(kind.write)
        case Choice():
            return st.sampled_from(kind.options).map(kind.write)
        case Rational():
            return (st.fractions() | WHOLE).map(kind.write)
        case Complex():
            return COMPLEX.map(kind.write)
        case Items():
            return st.lists(st.fractions() if isinstance(kind.kind, Rational) else WHOLE, max_size=6).map(kind.write)
        case Matrix():
            shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
            entries = st.floats(-1e12, 1e12) | st.integers(-9, 9).map(float) | COMPLEX
            return shapes.flatmap(lambda shape: arrays(complex, shape, elements=entries)).map(kind.write)
        case Hexadecimal():
            return st.text("0123456789abcdef", min_size=kind.digits or 1, max_size=kind.digits or 9)
        case Bits():
            return st.text("01", min_size=kind.count or 1, max_size=kind.count or 9)
        case Expression():
            return FORMULAS.map(kind.write)
        case _:
            return st.from_regex(re.compile(f"{kind.alphabet}+"), fullmatch=True).map(str.strip).filter(bool)  # type: ignore[attr-defined]


# What every kind promises


@pytest.mark.parametrize("kind", KINDS, ids=str)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_what_a_kind_writes_it_reads_back_as_one_text(kind, data) -> None:
    text = data.draw(written(kind).filter(lambda text: len(text.encode(errors="replace")) <= LONGEST))
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # no text in UTF-8 can hold it
    (once,) = canonical(kind, text)
    assert once is not None
    assert canonical(kind, once, f" {text}\n", f"\t{once} ") == [once] * 3
    if not (isinstance(kind, Real) and kind.decimals is None):
        assert once == text  # the float's own text may be longer: 1000.0


@pytest.mark.parametrize("kind", KINDS, ids=str)
@settings(deadline=None, max_examples=40)
@given(texts=st.lists(st.none() | JUNK, max_size=20))
def test_junk_gives_null_or_a_text_that_reads_back_as_itself(kind, texts) -> None:
    read = kind.canonical(pa.array(texts, pa.string()))
    assert len(read) == len(texts)
    kept = [text for text in read.to_pylist() if text not in (None, "inf", "-inf")]
    assert canonical(kind, *kept) == kept
    values = kind.values(read)
    assert values.shape == (len(texts), kind.components)
    assert values.dtype == np.float64
    if kind.components:
        assert (np.isnan(values).all(axis=1) == np.array([text is None for text in read.to_pylist()])).all()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_null_empty_and_endless_texts_do_not_parse(kind) -> None:
    assert canonical(kind, None, "", "  ", "1" * (LONGEST + 1), "\x00", "\x001", "1\x00") == [None] * 7
    assert canonical(kind) == []
    assert kind.values(kind.canonical(pa.array([], pa.string()))).shape == (0, kind.components)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_any_arrow_layout_of_strings_is_read(kind) -> None:
    texts = ["0", None, "1r2", "A", "<", "a b"]
    expected = canonical(kind, *texts)
    plain = pa.array(texts)
    assert kind.canonical(pa.array(["x", *texts]).slice(1)).to_pylist() == expected
    assert kind.canonical(pa.array(texts, pa.large_string())).to_pylist() == expected
    assert kind.canonical(plain.dictionary_encode()).to_pylist() == expected
    assert kind.canonical(pa.array([None, None])).to_pylist() == [None, None]
    chunks = kind.canonical(pa.chunked_array([texts[:2], texts[2:]]))
    assert chunks.to_pylist() == expected
    assert kind.values(chunks).shape == (6, kind.components)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_texts_made_to_slow_a_parser_down_are_read_at_once(kind) -> None:
    hostile = ["0" * 999 + "x", "9" * 1000, "-" * 1000, "1" * 499 + "." + "0" * 499 + "x", "1," * 499, "a" * 999 + "!"]
    began = time.process_time()
    canonical(kind, *hostile * 200)
    assert time.process_time() - began < 2


# Whole numbers


@settings(deadline=None)
@given(st.lists(JUNK | WHOLE.map(str), min_size=1, max_size=20))
def test_integers_agree_with_python(texts) -> None:
    for text, read in zip(texts, canonical(Integer(), *texts), strict=True):
        stripped = text.strip()
        expected = str(int(stripped)) if re.fullmatch(r"[+-]?[0-9]+", stripped, re.ASCII) else None
        assert read == expected, text


@settings(deadline=None)
@given(WHOLE, st.integers(0, 5), st.sampled_from(["", "+"]))
def test_zeros_and_a_plus_sign_do_not_make_another_integer(number, zeros, plus) -> None:
    sign = "-" if number < 0 else plus
    assert canonical(Integer(), f"{sign}{'0' * zeros}{abs(number)}") == [str(number)]


@settings(deadline=None)
@given(WHOLE)
def test_values_of_integers_are_the_nearest_doubles(number) -> None:
    assert value(Integer(), str(number)) == [float(number)]


def test_an_integer_beyond_all_floats_keeps_its_text_and_has_an_infinite_value() -> None:
    huge = "-" + "7" * 900
    assert canonical(Integer(), huge) == [huge]
    assert value(Integer(), huge) == [-np.inf]


# Decimal numbers


@settings(deadline=None)
@given(st.lists(JUNK, min_size=1, max_size=20), st.integers(0, 5))
def test_decimals_agree_with_pythons_decimal(texts, decimals) -> None:
    for text, read in zip(texts, canonical(Real(decimals), *texts), strict=True):
        stripped = text.strip()
        if not PLAIN.fullmatch(stripped):
            assert read is None, text
            continue
        assert read is not None, text
        assert Decimal(read) == Decimal(stripped)
        assert re.fullmatch(r"0|-?(0\.[0-9]*[1-9]|[1-9][0-9]*(\.[0-9]*[1-9])?)", read), (text, read)


@settings(deadline=None)
@given(st.lists(JUNK, min_size=1, max_size=20))
def test_floats_agree_with_pythons_float(texts) -> None:
    read = canonical(Real(), *texts)
    for text, found in zip(texts, read, strict=True):
        stripped = text.strip()
        if not WITH_EXPONENT.fullmatch(stripped):
            assert found is None, text
            continue
        assert found is not None, text
        assert float(found) == float(stripped)
        assert value(Real(), text) == [float(stripped)]
        assert not found.startswith("-0") or float(found) != 0


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_one_float_has_one_text_however_it_is_written(number) -> None:
    (expected,) = canonical(Real(), repr(number))
    assert canonical(
        Real(), f"{number:.17e}", f"{number:.16E}" if float(f"{number:.16E}") == number else repr(number)
    ) == [
        expected,
        expected,
    ]


@settings(deadline=None)
@given(st.fractions(), st.integers(0, 6))
def test_decimals_are_rounded_half_away_from_zero(number, decimals) -> None:
    text = Real(decimals).write(number)
    assert abs(Fraction(text) - number) * 10**decimals <= Fraction(1, 2)
    if abs(Fraction(text) - number) * 10**decimals == Fraction(1, 2):
        assert abs(Fraction(text)) > abs(number)
    assert Real(decimals).write(-number) == (
        text.removeprefix("-") if text.startswith("-") or text == "0" else f"-{text}"
    )


# Several numbers


@settings(deadline=None)
@given(st.lists(WHOLE, min_size=3, max_size=3), st.sampled_from([",", ", ", "r", ";", " ", "|", ".", "*", "e"]))
def test_several_numbers_are_read_one_by_one(numbers, separator) -> None:
    kind = Integers(3, separator)
    text = separator.join(f"{number:+d}".replace("+", "+00") for number in numbers)
    assert canonical(kind, text) == [kind.write(numbers)]
    assert value(kind, text) == [float(number) for number in numbers]


def test_too_few_too_many_and_empty_parts_do_not_parse() -> None:
    assert canonical(Integers(2), "1", "1,2,3", ",2", "1,", ",", "1,,2", "1, 2", "1,2,") == [None] * 8


@pytest.mark.parametrize("separator", ["", "-", "+", "0", "a-", " 1"])
def test_a_separator_that_could_be_part_of_a_number_is_refused(separator) -> None:
    with pytest.raises(UserError, match="separator"):
        Integers(2, separator)


def test_no_numbers_at_all_are_refused() -> None:
    with pytest.raises(UserError, match="count"):
        Integers(0)


# Words and texts


def test_a_choice_is_one_of_its_words_and_no_pattern() -> None:
    kind = Choice(("a.c", "[x]", "a b", "1|2", "ä", "a"))
    assert canonical(kind, "a.c", "abc", "[x]", "x", " a b ", "ab", "1|2", "1", "ä", "A", "a\n", "aa") == [
        "a.c", None, "[x]", None, "a b", None, "1|2", None, "ä", None, "a", None,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="none of"):
        kind.write("b")


@pytest.mark.parametrize("options", [(), ("",), ("a", " b"), ("a", "a")])
def test_options_that_could_never_be_read_back_are_refused(options) -> None:
    with pytest.raises(UserError, match="option"):
        Choice(options)


def test_a_text_keeps_what_is_inside_and_is_bound_to_its_alphabet() -> None:
    assert canonical(Text(), " a  b ", "a\nb", "ä\U0001f600") == ["a  b", "a\nb", "ä\U0001f600"]
    assert canonical(Text("[A-Z]"), "ABC", "ABc", "A B", "A\n") == ["ABC", None, None, "A"]


def test_a_long_text_of_wide_characters_is_as_long_as_its_characters() -> None:
    assert canonical(Text(), "ä" * LONGEST, "ä" * (LONGEST + 1)) == ["ä" * LONGEST, None]
