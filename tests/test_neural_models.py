"""What every network here promises, one test for all families: it learns, keeps, repeats itself and refuses."""

import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from enigmath.baselines.encoder_decoder import EncoderDecoder
from enigmath.baselines.mlp import CharacterMLP
from enigmath.baselines.positions import places_in
from enigmath.baselines.recurrent import Seq2Seq
from enigmath.baselines.transformer import Transformer
from enigmath.bench.contracts import Budget, Examples, Keeper, Learner, UserError
from enigmath.bench.contracts.registry import find_model

FAMILIES = {"transformer": Transformer, "encoder-decoder": EncoderDecoder, "lstm": Seq2Seq, "mlp": CharacterMLP}
SMALL = {"width": 32, "check": 20}

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def sums(count: int, digits: int, seed: int, sign: str = "+") -> Examples:
    first, second = np.random.default_rng(seed).integers(0, 10**digits, (2, count))
    total = first + second if sign == "+" else first - second
    questions = [f"{left}{sign}{right}" for left, right in zip(first, second, strict=True)]
    return Examples(pa.table({"question": questions, "answer": [str(value) for value in total]}))


def fresh(train: Examples, digits: int, seed: int, count: int) -> Examples:
    """Test problems that do not stand in training."""
    made = sums(count, digits, seed)
    known = set(train.questions)
    return Examples(made.table.filter(pa.array([question not in known for question in made.questions])))


def share_right(model, problems: Examples) -> float:
    predictions = model.predict(problems.questions)
    return float(np.mean([one == other for one, other in zip(predictions, problems.answers, strict=True)]))


def fitted(family, steps: int = 60, sign: str = "+", **keywords):
    model = family(**{**SMALL, **keywords})
    model.fit(sums(2000, 1, 0, sign), sums(200, 1, 1, sign), Budget(steps=steps))
    return model


@every_family
def test_each_family_learns_one_digit_addition(family):
    model = family(learning_rate=8e-3)
    train = sums(4000, 1, 0)
    fit = model.fit(train, sums(200, 1, 1), Budget(steps=800))
    assert share_right(model, train) > 0.95, fit.facts
    assert fit.facts["best_validation_exact"] > 0.95


def test_a_transformer_of_one_layer_learns_three_digit_addition_in_a_thousand_steps():
    model, train = Transformer(), sums(100_000, 3, 0)
    fit = model.fit(train, sums(4096, 3, 1), Budget(steps=1000))
    assert share_right(model, fresh(train, 3, 2, 5000)) == 1.0
    # A thousand steps are ten seconds or less on one idle core; steps make the test hold under load as well.
    assert fit.facts["steps"] <= 1000


@every_family
def test_one_seed_gives_the_same_weights_and_another_gives_others(family):
    same, again, other = fitted(family, 20), fitted(family, 20), fitted(family, 20, seed=1)
    weights = [model._fitted.network.state_dict() for model in (same, again, other)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert any(not torch.equal(value, weights[2][name]) for name, value in weights[0].items())


@every_family
def test_a_fit_leaves_the_random_numbers_of_others_alone(family):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    fitted(family, 5)
    assert torch.equal(torch.rand(1), expected)


@every_family
@pytest.mark.parametrize("encoding", ["plain", "reversed-padded"])
def test_one_question_and_many_are_answered_alike(family, encoding):
    model = fitted(family, 200, encoding=encoding, sign="-", learning_rate=8e-3)
    questions = [*sums(40, 1, 2, "-").questions, "12345-6", "1-222222222222"]
    together = model.predict(questions)
    assert together == [model.predict([question])[0] for question in questions]
    assert len(set(together)) > 3


@every_family
def test_greedy_decoding_is_what_training_sees(family):
    """The shares by teacher forcing and by decoding agree: the cache, the masks and the columns are right."""
    model = fitted(family, 150)
    validation = sums(200, 1, 1)
    fit = model.fit(sums(2000, 1, 0), validation, Budget(steps=150))
    assert share_right(model, validation) == pytest.approx(fit.facts["best_validation_exact"], abs=0.01)


@every_family
def test_questions_that_no_model_can_read_are_errors_of_their_own(family):
    model = fitted(family, 5)
    one, none, empty, long = model.predict(["1+2", "1×2", "", "1" * 300 + "+2"])
    assert none is None
    assert all(isinstance(text, str) for text in (one, empty, long))
    assert model.predict([]) == []


@every_family
@pytest.mark.parametrize("encoding", ["plain", "reversed", "zero-padded", "reversed-padded"])
def test_words_signs_and_decimals_can_be_learnt_by_heart(family, encoding):
    answers = ["<", "3r1", "-12.5", "0", "two", "é", ""]
    questions = [f"{number}?" for number in range(len(answers))]
    table = pa.table({"question": questions * 50, "answer": answers * 50})
    model = family(width=32, encoding=encoding, learning_rate=0.01)
    model.fit(Examples(table), Examples(table.slice(0, 7)), Budget(steps=400))
    assert model.predict(questions) == answers


@every_family
def test_saved_and_loaded_models_answer_alike(family, tmp_path):
    model = fitted(family)
    model.save(tmp_path / "weights.safetensors")
    other = family(**SMALL, seed=5)
    other.load(tmp_path / "weights.safetensors")
    questions = sums(50, 1, 3).questions
    assert other.predict(questions) == model.predict(questions)
    other.fit(sums(200, 1, 0), sums(20, 1, 1), Budget(steps=3))


@pytest.mark.parametrize(
    "damage", ["truncated", "pickle", "empty", "missing", "other shape", "bad metadata", "no metadata"]
)
@every_family
def test_damaged_weights_are_refused_in_one_line(family, damage, tmp_path):
    path = tmp_path / "weights.safetensors"
    fitted(family, 2).save(path)
    with safe_open(path, framework="pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-10])
    elif damage == "pickle":
        path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "missing":
        path.unlink()
    elif damage == "other shape":
        name = next(iter(tensors))
        save_file({**tensors, name: torch.zeros(3, 3)}, path, metadata)
    elif damage == "bad metadata":
        about = {**json.loads(metadata["about"]), "tokenizer": {"characters": [999]}}
        save_file(tensors, path, {**metadata, "about": json.dumps(about)})
    else:
        save_file(tensors, path)
    with pytest.raises(UserError) as caught:
        family(**SMALL).load(path)
    assert "\n" not in str(caught.value)


@every_family
def test_weights_of_other_keywords_are_refused_by_the_keyword(family, tmp_path):
    fitted(family, 2).save(tmp_path / "weights.safetensors")
    with pytest.raises(UserError, match="layers = "):
        family(**SMALL, layers=3).load(tmp_path / "weights.safetensors")


def test_weights_from_before_a_keyword_was_made_have_its_default(tmp_path):
    path = tmp_path / "weights.safetensors"
    model = fitted(Transformer, 2)
    model.save(path)
    with safe_open(path, framework="pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    about = json.loads(metadata["about"])
    assert about["config"].pop("tied") is False
    save_file(tensors, path, {**metadata, "about": json.dumps(about)})
    read = Transformer(**SMALL)
    read.load(path)
    assert read.predict(["1+2"]) == model.predict(["1+2"])
    with pytest.raises(UserError, match="was made with tied = False, not True"):
        Transformer(**SMALL, tied=True).load(path)


def test_weights_of_another_family_are_refused(tmp_path):
    fitted(Transformer, 2).save(tmp_path / "weights.safetensors")
    with pytest.raises(UserError, match="holds a Transformer"):
        EncoderDecoder(**SMALL).load(tmp_path / "weights.safetensors")


@pytest.mark.parametrize(
    ("family", "keywords", "complaint"),
    [
        (Transformer, {"encoding": "revers"}, "did you mean"),
        (Transformer, {"positions": "place"}, "did you mean 'place-value'"),
        (Transformer, {"precision": "float64"}, "precision"),
        (Transformer, {"width": 30, "heads": 4}, "multiple of the heads"),
        (EncoderDecoder, {"layers": 0}, "layers 0"),
        (Seq2Seq, {"width": 33}, "even"),
        (CharacterMLP, {"window": -1}, "window -1"),
        (CharacterMLP, {"learning_rate": 0.0}, "learning_rate"),
        (CharacterMLP, {"decay": 0.0}, "decay"),
        (CharacterMLP, {"clip": -1.0}, "clip is -1.0"),
        (CharacterMLP, {"learning_rate": float("inf")}, "learning_rate is inf"),
        (CharacterMLP, {"weight_decay": float("inf")}, "weight_decay is inf"),
        (Seq2Seq, {"patience": -1}, "patience is -1"),
        (Transformer, {"warmup": -5}, "warmup is -5"),
        (Transformer, {"weight_decay": float("nan")}, "weight_decay is nan"),
    ],
)
def test_keywords_that_cannot_work_are_refused(family, keywords, complaint):
    with pytest.raises(UserError, match=complaint):
        family(**keywords)


@every_family
def test_use_before_fitting_is_refused(family, tmp_path):
    with pytest.raises(UserError, match="not fitted"):
        family().predict(["1+1"])
    with pytest.raises(UserError, match="nothing to save"):
        family().save(tmp_path / "weights.safetensors")
    with pytest.raises(UserError, match="nothing to learn"):
        family().fit(sums(0, 1, 0), sums(0, 1, 0), Budget(steps=1))


@every_family
@pytest.mark.parametrize("layers", [1, 2])
def test_no_network_looks_ahead(family, layers):
    model = fitted(family, 2, layers=layers)
    network = model._fitted.network
    questions = torch.randint(3, 10, (4, 3))
    answers = torch.randint(3, 10, (4, 3))
    changed = answers.clone()
    changed[:, 1] = (changed[:, 1] - 2) % 7 + 3
    before, after = network(questions, answers), network(questions, changed)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2], after[:, 2])


@pytest.mark.parametrize("positions", ["rotary", "coupled", "both", "none"])
@pytest.mark.parametrize("family", [Transformer, EncoderDecoder])
def test_ways_to_tell_positions_decode_what_it_was_trained_on(family, positions):
    model = family(**SMALL, positions=positions, layers=2)
    validation = sums(200, 1, 1)
    fit = model.fit(sums(2000, 1, 0), validation, Budget(steps=100))
    assert share_right(model, validation) == pytest.approx(fit.facts["best_validation_exact"], abs=0.01)


def test_places_count_from_where_each_number_starts():
    number = torch.tensor([False, True])
    tokens = torch.tensor([[1, 1, 0, 1, 0, 0, 1, 1, 1]])
    assert places_in(tokens, number).tolist() == [[1, 2, 0, 1, 0, 0, 1, 2, 3]]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_models_are_found_by_name_and_can_learn_and_be_kept(name):
    found = find_model(name)
    assert found is FAMILIES[name]
    assert isinstance(found(), Learner)
    assert isinstance(found(), Keeper)
    assert not getattr(found, "shortcut", False)


@every_family
def test_a_fit_tells_its_facts(family):
    model = family(**SMALL)
    facts = model.fit(sums(500, 1, 0), sums(50, 1, 1), Budget(steps=20)).facts
    assert facts["parameters"] == sum(weight.numel() for weight in model._fitted.network.parameters())
    assert facts["vocabulary"] == 3 + len("0123456789+")
    assert facts["threads"] == 1
    columns = facts["question_columns"] + facts["answer_columns"]
    per_weight = facts["operations"] / facts["examples"] / facts["parameters"] / columns
    assert 1 < per_weight <= 6  # two forward and four backward, less what is looked up or left out in some columns
    assert facts["examples_per_second"] > 0
    assert json.loads(json.dumps(facts)) == facts


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@every_family
def test_each_family_learns_on_a_gpu(family):
    model = family(learning_rate=8e-3, device="cuda")
    train = sums(4000, 1, 0)
    fit = model.fit(train, sums(200, 1, 1), Budget(steps=800))
    assert fit.facts["precision"] == "bfloat16"
    assert share_right(model, train) > 0.95
