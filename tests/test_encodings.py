"""What encodings and tokens promise: any text comes back, in numpy columns, whatever its numbers look like."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enigmath.baselines.encodings import (
    ENCODINGS,
    LOSSLESS,
    Encoding,
    from_arrow,
    learn,
    pad,
    reverse,
    strip,
    to_strings,
)
from enigmath.baselines.tokens import END, MARKS, PAD, learn_tokens
from enigmath.bench.contracts import UserError

WHOLE = st.integers(0, 10**12).map(str)
DECIMAL = st.builds(lambda whole, digits: f"{whole}.{digits}", WHOLE, st.from_regex(r"[0-9]{0,4}[1-9]", fullmatch=True))
NUMBER = st.one_of(WHOLE, DECIMAL, st.just("0.0"))
WORD = st.sampled_from(["+", "-", "*", "/", "(", ")", " ", "r", "<", "gcd(", ",", " mod ", "×", "π", "x = "])
WRITTEN = st.lists(st.tuples(NUMBER, WORD), max_size=5).map(lambda parts: "".join(a + b for a, b in parts))
ANSWERS = st.lists(st.one_of(WRITTEN, NUMBER, NUMBER.map("-{}".format), st.just("")), max_size=12)


def arrow(texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.string())


@settings(deadline=None)
@given(st.lists(st.text(), max_size=12))
def test_reversing_twice_gives_any_text_back(texts):
    column = from_arrow(arrow(texts))
    assert to_strings(reverse(reverse(column))) == texts


@settings(deadline=None)
@given(st.lists(st.text("0123456789.-ab", max_size=20), max_size=12))
def test_reversal_is_that_of_each_number_in_its_text(texts):
    by_hand = [re.sub(r"[0-9.]+", lambda number: number.group()[::-1], text) for text in texts]
    assert to_strings(reverse(from_arrow(arrow(texts)))) == by_hand


@settings(deadline=None)
@given(st.sampled_from(LOSSLESS), ANSWERS, ANSWERS)
def test_decoding_gives_back_what_was_encoded(name, training, others):
    encoding = learn(name, from_arrow(arrow(training)), decodable=True)
    for texts in (training, others):
        column = from_arrow(arrow(texts))
        assert to_strings(encoding.decode(encoding.encode(column))) == texts


@settings(deadline=None)
@given(st.sampled_from(LOSSLESS), st.lists(st.text("0123456789.ab", max_size=9), max_size=12))
def test_answers_whose_zeros_mean_something_come_back_too(name, texts):
    column = from_arrow(arrow(texts))
    encoding = learn(name, column, decodable=True)
    assert to_strings(encoding.decode(encoding.encode(column))) == texts


@settings(deadline=None)
@given(st.lists(WRITTEN, max_size=12), st.integers(0, 15), st.integers(0, 6))
def test_padding_is_that_of_each_run_of_digits(texts, whole, fraction):
    def filled(number: re.Match[str]) -> str:
        return number[1].ljust(fraction + 1, "0") if number[1].startswith(".") else number[1].zfill(whole)

    by_hand = [re.sub(r"(\.?[0-9]+)", filled, text) for text in texts]
    assert to_strings(pad(from_arrow(arrow(texts)), whole, fraction)) == by_hand


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain", ["-12.5", "3r1", "<", "7"]),
        ("reversed", ["-5.21", "3r1", "<", "7"]),
        ("zero-padded", ["-12.5", "03r01", "<", "07"]),
        ("reversed-padded", ["-5.21", "30r10", "<", "70"]),
    ],
)
def test_signs_stay_in_front_and_decimals_turn_as_a_whole(name, written):
    column = from_arrow(arrow(["-12.5", "3r1", "<", "7"]))
    assert to_strings(learn(name, column).encode(column)) == written


def test_a_number_longer_than_any_in_training_is_left_as_it_is():
    encoding = learn("zero-padded", from_arrow(arrow(["12+345"])))
    assert to_strings(encoding.encode(from_arrow(arrow(["123456+7"])))) == ["123456+007"]


def test_answers_in_base_sixteen_are_reversed_but_not_padded():
    assert learn("reversed-padded", from_arrow(arrow(["a03", "ff"])), decodable=True).name == "reversed"


@pytest.mark.parametrize("name", ENCODINGS)
def test_texts_are_the_same_whether_few_or_many_are_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    column = from_arrow(arrow(["1+22", "", "3.5", "-4", "x", "7+1/3", "1050"]))
    at_once = learn(name, column)
    encoded = at_once.encode(column)
    decoded = to_strings(at_once.decode(encoded))
    tokenizer = learn_tokens(name, column, column)
    for few in (1, 3):
        monkeypatch.setattr("enigmath.baselines.encodings.texts.AT_ONCE", few)
        assert learn(name, column) == at_once
        assert at_once.encode(column).flat.tolist() == encoded.flat.tolist()
        assert at_once.encode(column).lengths.tolist() == encoded.lengths.tolist()
        assert to_strings(at_once.decode(encoded)) == decoded
        assert learn_tokens(name, column, column) == tokenizer


def test_an_unknown_encoding_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean 'reversed'"):
        learn("reverse", from_arrow(arrow(["1"])))


def test_slices_chunks_nulls_and_nothing_are_columns_too():
    whole = arrow(["10", "23", "456", "7"])
    assert to_strings(reverse(from_arrow(whole.slice(1, 2)))) == ["32", "654"]
    assert to_strings(from_arrow(pa.chunked_array([whole, whole.slice(2)]))) == ["10", "23", "456", "7", "456", "7"]
    assert to_strings(from_arrow(pa.array(["1", None]))) == ["1", ""]
    for encoding in (Encoding("reversed-padded", 3, 2), Encoding()):
        for empty in (arrow([]), arrow(["", ""])):
            column = from_arrow(empty)
            assert to_strings(encoding.decode(encoding.encode(column))) == empty.to_pylist()
    assert len(strip(from_arrow(arrow([]))).lengths) == 0


def test_questions_are_right_aligned_and_answers_end():
    tokenizer = learn_tokens("plain", from_arrow(arrow(["1+22", "1+1"])), from_arrow(arrow(["23", "2"])))
    questions, lengths, known = tokenizer.questions(from_arrow(arrow(["1+22", "2+1"])))
    assert lengths.tolist() == [4, 3]
    assert known.all()
    assert questions[1, 0] == PAD
    assert (questions[:, 1:] >= MARKS).all()
    answers = tokenizer.answers(from_arrow(arrow(["23", "2"])))
    assert answers[0, 2] == END
    assert answers[1, 1:].tolist() == [END, PAD]


@settings(deadline=None)
@given(st.sampled_from(LOSSLESS), st.lists(st.one_of(WRITTEN, NUMBER), min_size=1, max_size=12))
def test_tokens_give_the_texts_back(name, texts):
    column = from_arrow(arrow(texts))
    tokenizer = learn_tokens(name, column, column)
    assert tokenizer.strings(tokenizer.answers(column)) == texts
    assert type(tokenizer).from_json(tokenizer.to_json()) == tokenizer


def test_a_character_that_training_never_had_is_noticed():
    column = from_arrow(arrow(["1+2", "3-4"]))
    _, _, known = learn_tokens("plain", column, column).questions(from_arrow(arrow(["1+2", "1*2", "1+é"])))
    assert known.tolist() == [True, False, False]


def test_bytes_that_are_no_text_give_none():
    column = from_arrow(arrow(["é", "1"]))
    tokenizer = learn_tokens("plain", column, column)
    first, second = (MARKS + tokenizer.symbols.index(byte) for byte in "é".encode())
    assert tokenizer.strings(np.array([[first, second, END], [first, END, PAD]])) == ["é", None]


@pytest.mark.parametrize("name", ["reversed", "zero-padded", "reversed-padded"])
@pytest.mark.parametrize(
    ("texts", "plain"),
    [
        (["speck.encrypt(5,a98a79d26b915369,9117badb)", "speck.encrypt(5,11223344556677aa,00000000)"], True),
        (["sha256.hash(2,8,735ce481)", "sha256.hash(2,8,00ff13a4)"], True),
        (["12+345", "7*8"], False),
        (["1.5e-07,2e5", "3,15e"], False),
        (["x1*12+u2", "sin(3*x)", "base(1011,2,10)"], False),
        (["days(2000-02-28,2000-03-01)"], False),
        ([], False),
    ],
)
def test_hexadecimal_words_are_left_as_they_are(name: str, texts: list[str], plain: bool) -> None:
    assert (learn(name, from_arrow(pa.array(texts, pa.string()))).name == "plain") == plain
