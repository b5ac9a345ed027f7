"""Neural distinguishers: they learn from fresh pairs, keep their weights, and say what they cannot answer."""

import pyarrow as pa
import pytest
import torch

from enigmath.baselines.distinguishers import Dilated, Distinguisher, Gohr
from enigmath.bench.contracts import Budget, Examples, UserError
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import Part, take


@pytest.fixture(scope="module")
def pairs() -> dict[str, pa.Table]:
    """Speck at three rounds, where the difference of a real pair is all but certain."""
    return take(Part(find_task("block/speck-distinguish"), 1, 0), {"train": 100, "validation": 500, "test": 500})


def accuracy(model: Distinguisher, test: pa.Table) -> float:
    said = model.predict(test["question"].to_pylist())
    return sum(a == b for a, b in zip(said, test["answer"].to_pylist(), strict=True)) / test.num_rows


@pytest.mark.parametrize("model", [Gohr(filters=16, batch=500), Dilated(filters=8, batch=250)], ids=repr)
def test_three_rounds_of_speck_are_told_from_random_after_a_hundred_steps(model, pairs, tmp_path) -> None:
    torch.set_num_threads(1)
    fit = model.fit(Examples(pairs["train"]), Examples(pairs["validation"]), Budget(steps=100))
    assert fit.outcome == "fitted"
    assert fit.facts["examples"] == 100 * model.batch
    assert accuracy(model, pairs["test"]) > 0.85
    model.save(tmp_path / "weights.safetensors")
    again = type(model)(**model.config())
    again.load(tmp_path / "weights.safetensors")
    questions = pairs["test"]["question"].to_pylist()
    assert again.predict(questions) == model.predict(questions)


def test_the_same_seed_gives_the_same_weights(pairs) -> None:
    said = []
    for _ in range(2):
        model = Gohr(filters=8, batch=100)
        model.fit(Examples(pairs["train"]), Examples(pairs["validation"]), Budget(steps=5))
        said.append(torch.cat([weight.flatten() for weight in model._network.parameters()]))
    assert torch.equal(*said)


def test_masked_pairs_and_many_pairs_and_other_ciphers_are_read_as_they_are_drawn() -> None:
    """The bits of a question stand where those of fresh pairs stand: what is learnt there holds here."""
    for name, level in (("block/speck-pairs", 1), ("block/simon-distinguish", 1), ("block/hight-distinguish", 1)):
        drawn = take(Part(find_task(name), level, 0), {"train": 100, "validation": 300, "test": 300})
        model = Gohr(filters=16, batch=250, check=30)
        model.fit(Examples(drawn["train"]), Examples(drawn["validation"]), Budget(steps=100))
        assert accuracy(model, drawn["test"]) > 0.62, name


def test_a_masked_task_is_answered_in_its_own_words() -> None:
    drawn = take(Part(find_task("block/speck-masked"), 1, 0), {"train": 100, "validation": 100, "test": 100})
    model = Gohr(filters=8, batch=100)
    model.fit(Examples(drawn["train"]), Examples(drawn["validation"]), Budget(steps=5))
    assert set(model.predict(drawn["test"]["question"].to_pylist())) <= {"real", "masked"}
    assert model.predict(["speck.distinguish(3,0123456789abcdef)"]) == [None]


def test_questions_of_another_form_get_no_answer(pairs) -> None:
    model = Gohr(filters=8, batch=100)
    model.fit(Examples(pairs["train"]), Examples(pairs["validation"]), Budget(steps=1))
    asked = ["12+34", "speck.distinguish(3,abc)", "", "simon.distinguish(3,0123456789abcdef)", "é" * 500]
    assert model.predict(asked) == [None] * len(asked)
    assert model.predict([]) == []


def test_a_task_that_is_none_of_distinguishing_is_a_user_error() -> None:
    sums = take(Part(find_task("arithmetic/addition"), 3, 0), {"train": 10, "validation": 10})
    with pytest.raises(UserError, match="addition is no task of telling pairs apart"):
        Gohr().fit(Examples(sums["train"]), Examples(sums["validation"]), Budget(steps=1))


def test_two_levels_at_once_are_a_user_error(pairs) -> None:
    other = take(Part(find_task("block/speck-distinguish"), 2, 0), {"train": 10})
    with pytest.raises(UserError, match="one task and one level"):
        Gohr().fit(
            Examples(pa.concat_tables([pairs["train"], other["train"]])), Examples(pairs["validation"]), Budget()
        )


def test_damaged_weights_are_a_user_error(tmp_path) -> None:
    (tmp_path / "weights").write_bytes(b"\x00" * 40)
    with pytest.raises(UserError, match="no weights to read"):
        Gohr().load(tmp_path / "weights")
