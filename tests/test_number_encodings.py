"""Number encodings in pieces and values: what comes back, how nearly, in how many tokens, and through every network."""

import re
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from enigmath.baselines.encoder_decoder import EncoderDecoder
from enigmath.baselines.encodings import ENCODINGS, Encoding, Texts, from_arrow, learn, to_strings
from enigmath.baselines.encodings.floating import PATTERNS
from enigmath.baselines.encodings.texts import BYTES, VALUE
from enigmath.baselines.mlp import CharacterMLP
from enigmath.baselines.recurrent import Seq2Seq
from enigmath.baselines.symbols import TokenVectors, packed
from enigmath.baselines.tokens import Tokenizer, learn_tokens
from enigmath.baselines.transformer import Transformer
from enigmath.bench.contracts import Budget, Examples, Real, UserError

FAMILIES = {"transformer": Transformer, "encoder-decoder": EncoderDecoder, "lstm": Seq2Seq, "mlp": CharacterMLP}
IN_PIECES = ("base-1000", *PATTERNS, "xval")

DIGITS = st.one_of(st.integers(0, 9999), st.integers(0, 10**25)).map(str)
DECIMALS = st.builds("{}.{}".format, st.integers(0, 10**6), st.text("0123456789", min_size=1, max_size=8))
POWERS = st.builds("{}e{}{}".format, st.one_of(st.integers(1, 99).map(str), DECIMALS), st.sampled_from("+-"), DIGITS)
SIGNED = st.builds("{}{}".format, st.sampled_from(["", "-"]), st.one_of(DIGITS, DECIMALS)).filter(
    lambda number: not re.fullmatch(r"-0(\.0*)?", number)
)
BETWEEN = st.sampled_from(["+", "-", "*", "/", ",", ")-(", "=", " r ", "i;", " mod "])
FORMULAS = st.builds(
    lambda first, rest: first + "".join(sign + number for sign, number in rest),
    SIGNED,
    st.lists(st.tuples(BETWEEN, SIGNED), max_size=3),
)
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def arrow(texts: list[str]) -> Texts:
    return from_arrow(pa.array(texts, pa.string()))


def there_and_back(encoding: Encoding, texts: list[str]) -> list[str | None]:
    return to_strings(encoding.decode(encoding.encode(arrow(texts))))


def names(name: str, text: str) -> str:
    encoding = learn(name, arrow([text]))
    return " ".join(encoding.names(encoding.encode(arrow([text])).flat.tolist()))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([2, 3, 10, 30, 60, 999, 1000, 10**6]), st.lists(st.one_of(st.text(), FORMULAS, POWERS), max_size=8)
)
def test_any_text_comes_back_from_any_base(base, texts):
    assert there_and_back(Encoding(f"base-{base}"), texts) == texts


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(PATTERNS)), st.lists(FORMULAS, min_size=1, max_size=8))
def test_three_digits_of_each_number_come_back_and_all_that_is_between(name, texts):
    decoded = there_and_back(learn(name, arrow(texts)), texts)
    for text, back in zip(texts, decoded, strict=True):
        assert NUMBER.sub("#", text) == NUMBER.sub("#", back)
        for number, near in zip(NUMBER.findall(text), NUMBER.findall(back), strict=True):
            assert abs(Fraction(near) - Fraction(number)) <= Fraction(number) / 200
            assert "." in number or "." not in near
            significant = number.replace(".", "").strip("0")
            assert len(significant) > 3 or Fraction(near) == Fraction(number)
    assert there_and_back(Encoding(name), decoded) == decoded


@settings(deadline=None, max_examples=60)
@given(st.lists(st.builds("{}*{}".format, SIGNED, SIGNED), min_size=1, max_size=8))
def test_values_come_back_to_seven_digits_or_the_column_s_decimals(texts):
    encoding = learn("xval", arrow(texts))
    for text, back in zip(texts, there_and_back(encoding, texts), strict=True):
        for number, near in zip(NUMBER.findall(text), NUMBER.findall(back), strict=True):
            bound = Fraction(number) / 10**6 + Fraction(1, 10**encoding.fraction)
            assert abs(Fraction(near) - Fraction(number)) <= bound
            assert encoding.fraction or "." not in near


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ENCODINGS), st.lists(st.one_of(st.text(), FORMULAS, POWERS, st.text("0123456789.-e+x_ "))))
def test_any_text_can_be_read_and_written(name, texts):
    column = arrow(texts)
    tokenizer = learn_tokens(name, column, column)
    _, _, known = tokenizer.questions(column)
    assert known.all()
    assert len(tokenizer.strings(tokenizer.answers(column))) == len(texts)
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer
    assert len(tokenizer.names()) == tokenizer.size == len(tokenizer.number_tokens())


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("plain", "- 3 . 1 4 * 1 2 0 0 0"),
        ("base-30", "- 3 . 1 4 * 13 10 0"),
        ("base-1000", "- 3 . 1 4 * 12 0"),
        ("prefix", "* FLOAT- 3 . 1 4 10^ INT+ 0 INT+ 1 2 0 0 0"),
        ("p10", "- 3 1 4 E-2 * + 1 2 0 E2"),
        ("p1000", "- 314 E-2 * + 120 E2"),
        ("b1999", "-314 E-2 * 120 E2"),
        ("fp15", "-314E-2 * 120E2"),
    ],
)
def test_a_number_is_written_in_the_pieces_of_its_source(name, pieces):
    assert names(name, "-3.14*12000") == pieces


def test_a_value_is_one_token():
    encoded = learn("xval", arrow(["-3.14*12000"])).encode(arrow(["-3.14*12000"]))
    assert (encoded.flat & 0xFFFFFFFF).tolist() == [VALUE, ord("*"), VALUE]


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("-1234", "-1230"),
        ("5-1234", "5-1230"),
        ("(x)-1234", "(x)-1230"),
        ("2*-1234", "2*-1230"),
        ("0", "0"),
        ("-0.00", "0"),
        ("0.0019995", "0.002"),
        ("999.5", "1000"),
        ("2.50", "2.5"),
        ("1.2345e-07", "0.000000123"),
        ("12345/6789", "12300/6790"),
        ("1.2345-6.789i", "1.23-6.79i"),
        ("3r1234", "3r1230"),
        ("x1234", "x1234"),
        ("00123456", "00123456"),
        ("1.2.3456", "1.2.3456"),
        ("123456_7", "123456_7"),
        ("12345e200", "12345e200"),
        ("1e-9999", "1e-9999"),
    ],
)
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_signs_fractions_exponents_zero_and_what_is_out_of_range(name, text, back):
    assert there_and_back(Encoding(name), [text]) == [back]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(PATTERNS)), st.lists(st.integers(0, 10**6), max_size=7))
def test_pieces_that_make_no_number_are_never_read_as_one(name, chosen):
    encoding = Encoding(name)
    seen = np.unique(encoding.encode(arrow(["-0.01234", "56789"])).flat)
    vocabulary = [symbol for symbol in encoding.vocabulary(seen).tolist() if symbol >= BYTES]
    symbols = np.array([vocabulary[place % len(vocabulary)] for place in chosen], np.int32)
    (text,) = to_strings(encoding.decode(Texts(symbols, np.array([len(symbols)]))))
    is_one = len(symbols) == len(PATTERNS[name]) and "?" not in text
    assert Real().canonical(pa.array([text])).is_valid().to_pylist() == [is_one]


@pytest.mark.parametrize("name", ["base-30", "base-1000", *PATTERNS])
def test_digits_and_mantissas_that_training_never_had_are_known(name):
    column = arrow(["-123*120", "7000*80"])
    tokenizer = learn_tokens(name, column, column)
    _, _, known = tokenizer.questions(arrow(["-789*564", "1×2"]))
    assert known.tolist() == [True, False]


def test_a_power_of_ten_beyond_training_is_that_problem_s_error():
    column = arrow(["123*456", "0.5*7"])
    _, _, known = learn_tokens("p1000", column, column).questions(arrow(["12*34", "1*0.07", "1*1000"]))
    assert known.tolist() == [True, False, False]


def test_matrices_are_as_narrow_as_the_vocabulary_allows():
    column = arrow(["123*456", "78*9"])
    sizes = {name: learn_tokens(name, column, column).questions(column)[0].itemsize for name in ENCODINGS}
    assert [sizes[name] for name in ("plain", "p10", "p1000", "xval")] == [1, 1, 2, 8]


@pytest.mark.parametrize("name", ["base-1", "base-0", "base-1000001", "base-", "base-ten", "P10", ""])
def test_a_base_out_of_range_and_a_name_of_none_are_refused_in_one_line(name):
    with pytest.raises(UserError) as caught:
        learn(name, arrow(["1"]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        {"symbols": [5, 4]},
        {"symbols": [-1]},
        {"symbols": ["1"]},
        {"symbols": [2**40]},
        {"answer_encoding": {"name": "base-1"}},
        {"answer_encoding": {"name": "xval", "scale": 0.0}},
        {"answer_encoding": {"name": "xval", "scale": float("nan")}},
        {"answer_encoding": {"name": "plain", "whole": -3}},
        {"answer_encoding": {"nam": "plain"}},
    ],
)
def test_a_damaged_tokenizer_is_refused(damage):
    column = arrow(["1+2"])
    with pytest.raises((UserError, ValueError, TypeError, KeyError)):
        Tokenizer.from_json({**learn_tokens("plain", column, column).to_json(), **damage})


def differences(count: int, seed: int) -> Examples:
    first, second = np.random.default_rng(seed).integers(0, 100, (2, count))
    questions = [f"{left}-{right}" for left, right in zip(first, second, strict=True)]
    return Examples(pa.table({"question": questions, "answer": [str(value) for value in first - second]}))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("encoding", IN_PIECES)
def test_every_network_trains_answers_and_is_kept_with_every_encoding(family, encoding, tmp_path):
    model = family(encoding=encoding, width=8, check=5)
    model.fit(differences(64, 0), differences(16, 1), Budget(steps=5))
    questions = ["12-34", "1×2", "90-5"]
    answers = model.predict(questions)
    assert [answer is None for answer in answers] == [False, True, False]
    model.save(tmp_path / "weights.safetensors")
    other = family(encoding=encoding, width=8, check=5, seed=3)
    other.load(tmp_path / "weights.safetensors")
    assert other.predict(questions) == answers


def test_the_vector_of_a_number_is_scaled_by_its_value():
    column = arrow(["1*2", "4*3"])
    tokenizer = learn_tokens("xval", column, column)
    vectors = TokenVectors(tokenizer, 4)
    quarter, whole, times = torch.from_numpy(tokenizer.questions(arrow(["1*4"]))[0])[0, [0, 2, 1]]
    torch.testing.assert_close(vectors(quarter), vectors(whole) / 4)
    torch.testing.assert_close(vectors(times), vectors.weight[times])
    assert tokenizer.strings(packed(torch.tensor([[tokenizer.value_token]]), torch.tensor([[-0.75]])).numpy()) == ["-3"]


def test_a_network_learns_to_take_values_from_one_another_and_validation_sees_what_it_writes():
    model, problems = CharacterMLP(encoding="xval", width=64, check=100), differences(500, 1)
    fit = model.fit(differences(4000, 0), problems, Budget(steps=300))
    errors = np.abs(np.array(model.predict(problems.questions), int) - np.array(problems.answers, int))
    assert np.mean(errors <= 2) > 0.95
    assert np.mean(errors == 0) == pytest.approx(fit.facts["best_validation_exact"], abs=0.02)


def test_what_needs_the_likelihood_of_a_number_is_refused_for_values():
    with pytest.raises(UserError, match="beam 4 with the encoding 'xval'"):
        Transformer(encoding="xval", beam=4)
    model = CharacterMLP(encoding="xval", width=8)
    model.fit(differences(20, 0), differences(5, 1), Budget(steps=1))
    with pytest.raises(UserError, match="no likelihood of numbers"):
        model.log_likelihood(["1-2"], ["-1"])
