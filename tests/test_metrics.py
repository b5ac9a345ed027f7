"""Each metric means what its docstring says for zero, sign, infinity, unparsable answers and several components."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from enigmath.bench.contracts import (
    Answer,
    Bits,
    Choice,
    Hexadecimal,
    Integer,
    Integers,
    Matrix,
    Real,
    Task,
    Text,
    task,
)
from enigmath.bench.contracts.registry import metrics
from enigmath.bench.scoring import score

METRICS = metrics().plugins
NESTED = ("exact", "within-0.1", "within-1", "within-2", "within-5", "within-10", "within-order")
ERRORS = ("order", "absolute-error", "relative-error", "edit-distance")
NORMS = ("norm-0.5", "norm-1", "norm-2", "norm-5", "norm-10")
NAN = float("nan")
INF = float("inf")


def asking(kind: Answer) -> Task:
    @task("test/any", answer=kind, levels=[{}])
    def anything(rng):
        """Anything."""

    return anything


def measure(kind: Answer, pairs: list[tuple[str, str | None]]) -> dict[str, np.ndarray]:
    answers = [answer for answer, _ in pairs]
    table = pa.table(
        {"question": answers, "answer": answers}, schema=pa.schema({"question": pa.string(), "answer": pa.string()})
    )
    return dict(score(asking(kind), table, [prediction for _, prediction in pairs], METRICS).values)


def one(kind: Answer, answer: str, prediction: str | None) -> dict[str, float]:
    return {name: values[0].item() for name, values in measure(kind, [(answer, prediction)]).items()}


def test_the_metrics_are_those_that_are_promised() -> None:
    promised = {*NESTED, *ERRORS, *NORMS, "tolerance-area", "digits", "characters", "bits", "nats", "coverage"}
    assert set(METRICS) == promised
    assert all(each.doc for each in METRICS.values())


# What a hostile or hopeful model may print, for every numeric kind.
PRINTED = st.one_of(
    st.none(),
    st.integers(-(10**25), 10**25).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9).map(str),
    st.text(max_size=20),
    st.text("0123456789.+-er, ", max_size=12),
    st.sampled_from(["0", "-0", "1e999", "-1e308", "9" * 400, "1" * 1001, "\ud800", "3r1", "-3r0", "0r0", "1e-320"]),
)
KINDS = st.sampled_from([Integer(), Real(2), Real(), Integers(2, "r"), Integers(3)])


@settings(deadline=None)
@given(KINDS, st.data())
def test_on_every_row_a_tighter_metric_never_exceeds_a_looser_one(kind, data) -> None:
    number = st.one_of(st.integers(-(10**22), 10**22), st.integers(-20, 20))
    if isinstance(kind, Integers):
        written = st.tuples(*[number] * kind.count).map(kind.write)
    else:
        written = number.map(lambda value: kind.write(value if isinstance(kind, Integer) else value / 8))
    near = st.tuples(written, PRINTED) | written.flatmap(lambda text: st.tuples(st.just(text), st.just(text)))
    rows = data.draw(st.lists(near | st.tuples(written, written), min_size=1, max_size=8))
    values = measure(kind, rows)
    for tight, loose in pairwise(NESTED):
        assert (values[tight] <= values[loose]).all(), (tight, loose, rows)
    assert (values["exact"] <= values["coverage"]).all()
    for name in (*NESTED, "coverage"):
        assert np.isin(values[name], [0, 1]).all()
    for name in ("tolerance-area", "digits"):
        assert ((values[name] >= 0) & (values[name] <= 1)).all()
        assert (values[name][values["exact"] == 1] == 1).all()
    for name in ERRORS:
        assert not (values[name] < 0).any()
        assert (values[name][values["exact"] == 1] == 0).all()
        assert np.isnan(values[name][values["coverage"] == 0]).all()
    assert (values["within-0.1"][values["tolerance-area"] == 1] == 1).all()


@pytest.mark.parametrize("parts", [10, 20, 50, 100, 1000])
def test_the_edge_of_a_tolerance_belongs_to_it(parts) -> None:
    name = f"within-{100 / parts:g}"
    answers = np.random.default_rng(parts).integers(1, 10**10, 2000) * parts
    edge = answers + answers // parts
    inside = measure(Integer(), [(str(a), str(p)) for a, p in zip(answers, edge, strict=True)])
    outside = measure(Integer(), [(str(a), str(p + 1)) for a, p in zip(answers, edge, strict=True)])
    assert inside[name].all()
    assert not outside[name].any()


def test_nothing_but_zero_is_within_anything_of_zero() -> None:
    near = one(Real(), "0.0", "1e-300")
    assert [near[name] for name in NESTED] == [0] * len(NESTED)
    assert near["relative-error"] == INF
    assert near["order"] == INF
    assert near["tolerance-area"] == 0
    assert one(Integer(), "0", "-0")["exact"] == 1
    to_zero = one(Integer(), "5", "0")
    assert to_zero["within-order"] == 0
    assert to_zero["order"] == INF
    assert to_zero["relative-error"] == 1


def test_another_sign_is_within_nothing_yet_of_the_same_order() -> None:
    flipped = one(Integer(), "100", "-100")
    assert [flipped[name] for name in NESTED] == [0] * len(NESTED)
    assert flipped["order"] == 0
    assert flipped["relative-error"] == 2
    assert flipped["absolute-error"] == 200


def test_one_order_is_a_tenth_to_ten_times() -> None:
    for prediction, within in (("10", 1), ("9", 0), ("1000", 1), ("1001", 0), ("100", 1)):
        assert one(Integer(), "100", prediction)["within-order"] == within
    assert one(Integer(), "100", "10")["order"] == 1
    assert one(Integer(), "100", "1000000")["order"] == pytest.approx(4)


def test_beyond_the_largest_float_only_the_right_text_is_right() -> None:
    huge, near = "1" * 400, "1" * 399 + "2"
    right = one(Integer(), huge, huge)
    assert [right[name] for name in NESTED] == [1] * len(NESTED)
    assert right["relative-error"] == 0
    wrong = one(Integer(), huge, near)
    assert [wrong[name] for name in NESTED] == [0] * len(NESTED)
    assert np.isnan([wrong["order"], wrong["absolute-error"], wrong["relative-error"]]).all()
    assert wrong["digits"] == pytest.approx(399 / 400)
    endless = one(Integer(), "7", huge)
    assert [endless[name] for name in NESTED] == [0] * len(NESTED)
    assert [endless[name] for name in ("order", "absolute-error", "relative-error")] == [INF] * 3
    assert one(Real(), "7.0", "1e999")["within-order"] == 0
    assert one(Real(), "7.0", "-1e999")["tolerance-area"] == 0


@pytest.mark.parametrize(
    "prediction", [None, "", "twelve", "1.5", "nan", "inf", "0x10", "1_000", "१२", "12\n13", "\ud800"]
)
def test_an_unparsable_prediction_counts_nothing_and_has_no_error(prediction) -> None:
    found = one(Integer(), "12", prediction)
    for name in (*NESTED, "tolerance-area", "digits", "coverage"):
        assert found[name] == 0, name
    assert np.isnan([found[name] for name in ERRORS]).all()


def test_every_component_must_be_within() -> None:
    kind = Integers(2, "r")
    assert one(kind, "100r50", "101r50")["within-1"] == 1
    assert one(kind, "100r50", "101r49")["within-1"] == 0
    assert one(kind, "100r0", "101r0")["within-1"] == 1
    assert one(kind, "100r0", "101r1")["within-order"] == 0
    assert one(kind, "100r50", "110r100")["relative-error"] == 1
    assert one(kind, "100r50", "100r5")["order"] == pytest.approx(1)
    assert one(kind, "12r34", "12r44")["digits"] == 0.75
    assert one(kind, "12r34", "12r44")["edit-distance"] == 1


def test_numeric_metrics_are_nan_for_what_is_no_number() -> None:
    found = one(Choice(("<", "=", ">")), "<", ">")
    assert found["exact"] == 0
    assert found["coverage"] == 1
    assert found["edit-distance"] == 1
    assert np.isnan([found[name] for name in METRICS if METRICS[name].numeric]).all()


def test_the_tolerance_area_is_the_area_under_the_tolerance_curve() -> None:
    rng = np.random.default_rng(1)
    answers = rng.integers(10**6, 10**9, 4000)
    predictions = (answers * (1 + 10 ** rng.uniform(-4, 0, 4000))).astype(int)
    values = measure(Integer(), [(str(a), str(p)) for a, p in zip(answers, predictions, strict=True)])
    errors = np.abs(predictions - answers) / answers
    tolerances = np.logspace(-3, -1, 2001)
    curve = (errors[:, None] <= tolerances).mean(axis=0)
    assert values["tolerance-area"].mean() == pytest.approx(np.trapezoid(curve, np.linspace(0, 1, 2001)), abs=1e-3)
    # The stored shares are points of that very curve.
    assert values["within-1"].mean() == pytest.approx(curve[1000], abs=1e-3)
    for prediction, area in (("1000", 1), ("1001", 1), ("1010", 0.5), ("1100", 0), ("2000", 0)):
        assert one(Integer(), "1000", prediction)["tolerance-area"] == pytest.approx(area, abs=1e-6)


@pytest.mark.parametrize(
    ("answer", "prediction", "share"),
    [
        ("123", "124", 2 / 3),
        ("123", "1123", 3 / 4),  # a place too many
        ("123", "23", 2 / 3),  # a place too few
        ("1000", "999", 0),  # aligned at the units: no place agrees
        ("-12", "12", 2 / 3),  # the minus sign is a place
        ("-12", "-13", 2 / 3),
        ("2.5", "2.53", 2 / 3),  # aligned at the decimal point
        ("12.5", "2.5", 2 / 3),
        ("0.25", "0.52", 1 / 3),
        ("3", "3.01", 1 / 3),
    ],
)
def test_digits_are_compared_place_by_place(answer, prediction, share) -> None:
    assert one(Real(2), answer, prediction)["digits"] == pytest.approx(share)


def test_digits_of_an_exponent_are_written_out() -> None:
    assert one(Real(), "1000.0", "1e3")["digits"] == 1
    assert one(Real(), repr(1e20), "100000000000000000001")["exact"] == 1  # one double
    assert one(Real(), repr(1e20), "3e20")["digits"] == pytest.approx(20 / 21)
    assert one(Real(), repr(1e-7), "2e-7")["digits"] == pytest.approx(7 / 8)
    assert one(Real(), "5.0", "1e999")["digits"] == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12)), min_size=1, max_size=30))
def test_digits_and_edit_distance_agree_with_a_plain_loop(pairs) -> None:
    values = measure(Integer(), [(str(a), str(p)) for a, p in pairs])
    for row, (answer, prediction) in enumerate(pairs):
        places = max(len(str(abs(answer))), len(str(abs(prediction))))
        left, right = str(abs(answer)).rjust(places, "a"), str(abs(prediction)).rjust(places, "b")
        same = sum(x == y for x, y in zip(left, right, strict=True)) + (answer < 0 and prediction < 0)
        places += answer < 0 or prediction < 0
        assert values["digits"][row] == pytest.approx(same / places)
        assert values["edit-distance"][row] == Levenshtein.distance(str(answer), str(prediction))


def test_relative_error_is_a_share_of_the_answer() -> None:
    found = one(Integer(), "-200", "-150")
    assert found["relative-error"] == 0.25
    assert found["absolute-error"] == 50


def test_no_problem_gives_no_value() -> None:
    for kind in (Integer(), Integers(2, "r"), Choice(("a", "b"))):
        assert all(values.shape == (0,) for values in measure(kind, []).values())


def test_one_endless_answer_does_not_cost_the_memory_of_all() -> None:
    rows = [("12", "13")] * 100_000 + [("1" * 999, "2" * 999)]
    values = measure(Integer(), rows)
    assert values["digits"][0] == 0.5
    assert values["digits"][-1] == 0


def test_matrices_are_right_by_their_norm_and_each_tolerance_counts() -> None:
    answer = "100,200;300,400"
    near = {0.4: "104,200;300,400", 0.9: "109,200;300,400", 1.9: "100,181;300,400", 4.9: "100,200;349,400"}
    far = ["100,200;360,400", "100,200,300,400", "one", None]
    values = measure(Matrix(), [(answer, text) for text in (answer, *near.values(), *far)])
    assert values["exact"].tolist() == [1] * 5 + [0] * 4
    for tolerance in (0.5, 1, 2, 5):
        expected = [1] + [int(error <= tolerance) for error in near] + [0] * 4
        assert values[f"norm-{tolerance}"].tolist() == expected
    assert values["norm-10"].tolist() == [1] * 6 + [0] * 3  # wrong by 6 percent, and still within 10
    assert np.isnan(values["within-10"]).all()
    assert np.isnan(measure(Integer(), [("1", "1")])["norm-5"]).all()


@pytest.mark.parametrize(
    ("kind", "answer", "prediction", "characters", "bits"),
    [
        (Text("[A-Z]"), "ATTACK", "ATTACK", 1.0, NAN),
        (Text("[A-Z]"), "ATTACK", "ATTICK", 5 / 6, NAN),
        (Text("[A-Z]"), "ATTACK", "ATT", 0.5, NAN),
        (Text("[A-Z]"), "ATT", "ATTACK", 0.5, NAN),
        (Text("[A-Z]"), "ATT", "12", 0.0, NAN),
        (Hexadecimal(2), "f0", "F0", 1.0, 1.0),
        (Hexadecimal(2), "f0", "f1", 0.5, 7 / 8),
        (Hexadecimal(2), "f0", "0f", 0.0, 0.0),
        (Hexadecimal(2), "f0", "f", 0.0, 0.0),
        (Hexadecimal(), "f0", "f", 0.5, 0.0),
        (Bits(4), "1010", "1000", 0.75, 0.75),
        (Bits(4), "1010", None, 0.0, 0.0),
        (Integer(), "12", "13", NAN, NAN),
        (Choice(("a", "b")), "a", "b", NAN, NAN),
    ],
)
def test_characters_and_bits_count_what_stands_in_its_place(kind, answer, prediction, characters, bits) -> None:
    found = one(kind, answer, prediction)
    assert found["characters"] == pytest.approx(characters, nan_ok=True)
    assert found["bits"] == pytest.approx(bits, nan_ok=True)


def test_bits_of_answers_of_several_lengths_are_counted_each_by_itself() -> None:
    values = measure(Hexadecimal(), [("f0", "f1"), ("abcd", "abcc"), ("0", "8"), ("abcd", "ab"), ("1", "1")])
    assert values["bits"].tolist() == pytest.approx([7 / 8, 15 / 16, 3 / 4, 0.0, 1.0])
