"""What the training loop promises: one seed one result, schedules by share of budget, an end that is always told."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from enigmath.baselines.tokens import PAD
from enigmath.baselines.training import Recipe, Tokenized, answer_loss, chosen_precision, train, validate
from enigmath.bench.contracts import Budget

VOCABULARY = 13
RECIPE = Recipe(
    learning_rate=0.02,
    batch=32,
    warmup=5,
    decay=0.3,
    weight_decay=0.0,
    clip=1.0,
    check=10,
    patience=0,
    precision="float32",
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Table(nn.Module):
    """The logits of every answer token from the last character of the question: enough to copy it."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Embedding(VOCABULARY, 2 * VOCABULARY)

    def forward(self, questions, answers):
        return self.logits(questions[:, -1]).unflatten(1, (2, VOCABULARY))


class Bomb(Table):
    """Its loss is not finite from a given step on."""

    def __init__(self, fuse: int) -> None:
        super().__init__()
        self.fuse = fuse

    def forward(self, questions, answers):
        self.fuse -= self.training
        return super().forward(questions, answers) * (math.nan if self.fuse < 0 else 1.0)


def copying(count: int, seed: int = 0) -> Tokenized:
    """Questions of three characters whose answer is the last one, then END."""
    questions = torch.from_numpy(np.random.default_rng(seed).integers(3, VOCABULARY, (count, 3), dtype=np.uint8))
    answers = torch.stack([questions[:, 2], torch.full((count,), 2, dtype=torch.uint8)], dim=1)
    return Tokenized(questions, answers)


def guessing(count: int) -> Tokenized:
    """The same questions with answers that follow from nothing."""
    noise = torch.from_numpy(np.random.default_rng(5).integers(3, VOCABULARY, (count, 1), dtype=np.uint8))
    problems = copying(count)
    return Tokenized(problems.questions, torch.cat([noise, problems.answers[:, 1:]], dim=1))


def fitted(seed: int = 0, budget: Budget | None = None, **changes: object):
    torch.manual_seed(7)
    network = Table()
    recipe = Recipe(**{**RECIPE.__dict__, **changes})
    return network, train(network, recipe, copying(500), copying(100, 1), budget or Budget(steps=60), seed)


def test_one_seed_gives_the_same_weights_and_another_gives_others():
    weights = [fitted(seed)[0].logits.weight for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("budget", [Budget(steps=40), Budget(examples=40 * 32), Budget(seconds=0.5)])
def test_the_rate_warms_up_and_decays_whatever_the_budget_counts(budget):
    fit = train(Table(), RECIPE, guessing(500), copying(100, 1), budget, 0)
    rates = [point["learning_rate"] for point in fit.curve]
    assert max(rates) == pytest.approx(RECIPE.learning_rate)
    assert rates[-1] < 0.3 * RECIPE.learning_rate
    assert fit.curve[-1]["spent"] == 1.0
    assert fit.outcome == "fitted"


def test_budgets_by_steps_and_by_examples_are_kept_to_the_step():
    assert fitted(budget=Budget(steps=37), learning_rate=0.001)[1].facts["steps"] == 37
    assert fitted(budget=Budget(examples=320), learning_rate=0.001)[1].facts["examples"] == 320


def test_a_perfect_fit_stops_early_and_stays_perfect():
    network, fit = fitted(budget=Budget(steps=5000))
    assert fit.outcome == "stopped early"
    assert fit.facts["steps"] < 1000
    assert fit.curve[-1]["learning_rate"] < 0.1 * RECIPE.learning_rate  # it has decayed first
    assert validate(network, copying(300, 2))[1] == 1.0


def test_a_fit_that_gets_no_better_is_given_up():
    recipe = Recipe(**{**RECIPE.__dict__, "patience": 3})
    fit = train(Table(), recipe, guessing(500), copying(100, 1), Budget(), 0)
    assert fit.outcome == "stopped early"
    assert fit.facts["best_step"] == fit.facts["steps"] - 3 * RECIPE.check


def test_a_loss_that_is_not_finite_ends_the_fit_with_the_last_good_weights():
    torch.manual_seed(7)
    bomb = Bomb(fuse=25)
    fit = train(bomb, RECIPE, copying(500), copying(100, 1), Budget(steps=100), 0)
    assert fit.outcome == "diverged"
    assert (fit.facts["steps"], fit.facts["best_step"]) == (30, 20)
    assert bomb.logits.weight.isfinite().all()
    torch.manual_seed(7)
    spared = Bomb(fuse=20)  # the same fit, cut off one step after the same point
    train(spared, RECIPE, copying(500), copying(100, 1), Budget(steps=100), 0)
    assert torch.equal(bomb.logits.weight, spared.logits.weight)


def test_what_follows_the_end_of_an_answer_costs_nothing():
    logits = torch.randn(2, 3, VOCABULARY)
    answers = torch.tensor([[5, 2, PAD], [2, PAD, PAD]])
    other = logits.clone()
    other[answers == PAD] = 100.0
    assert torch.equal(answer_loss(logits, answers), answer_loss(other, answers))


def test_the_loss_is_the_mean_over_tokens_in_nats():
    answers = torch.tensor([[5, 2, PAD]])
    assert float(answer_loss(torch.zeros(1, 3, VOCABULARY), answers)) == pytest.approx(math.log(VOCABULARY))


def test_a_batch_larger_than_the_data_shrinks_to_it():
    _, fit = fitted(batch=10_000, budget=Budget(steps=3))
    assert fit.facts["examples"] == 3 * 500


def test_no_validation_is_no_obstacle():
    fit = train(Table(), RECIPE, copying(100), copying(0), Budget(steps=20), 0)
    assert (fit.outcome, fit.facts["steps"]) == ("fitted", 20)


def test_an_empty_budget_leaves_fresh_weights():
    network = Table()
    before = network.logits.weight.clone()
    fit = train(network, RECIPE, copying(100), copying(10), Budget(steps=0), 0)
    assert len(fit.curve) == 0
    assert torch.equal(before, network.logits.weight)


def test_whoever_watches_sees_each_point():
    seen = []
    _, fit = fitted(budget=Budget(steps=30, watch=seen.append), learning_rate=0.001)
    assert [point["step"] for point in seen] == [10, 20, 30]
    assert seen == list(fit.curve)
    assert {"loss", "validation_loss", "validation_exact", "learning_rate", "seconds"} <= seen[0].keys()


def test_a_named_precision_is_taken_and_auto_follows_the_hardware():
    cpu = torch.device("cpu")
    assert chosen_precision("float32", cpu) == "float32"
    able = torch.cpu.get_capabilities()
    wanted = "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"
    assert chosen_precision("auto", cpu) == wanted
