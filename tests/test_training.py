"""What the training loop promises: one seed one result, schedules by share of budget, an end that is always told."""

import math
import shutil

import numpy as np
import pytest
import torch
from training_samples import RECIPE, VOCABULARY, Table, copying, recipe

from enigmath.baselines.batches import Fresh, Passes, let_in
from enigmath.baselines.descent import Descent, choose_threads
from enigmath.baselines.tokens import PAD
from enigmath.baselines.training import Tokenized, answer_loss, chosen_precision, train, validate
from enigmath.baselines.transformer import Transformer
from enigmath.bench.contracts import Budget, UserError
from enigmath.bench.contracts.registry import find_task


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Bomb(Table):
    """Its loss is not finite from a given step on."""

    def __init__(self, fuse: int) -> None:
        super().__init__()
        self.fuse = fuse

    def forward(self, questions, answers):
        self.fuse -= self.training
        return super().forward(questions, answers) * (math.nan if self.fuse < 0 else 1.0)


def guessing(count: int) -> Tokenized:
    """The same questions with answers that follow from nothing."""
    noise = torch.from_numpy(np.random.default_rng(5).integers(3, VOCABULARY, (count, 1), dtype=np.uint8))
    problems = copying(count)
    return Tokenized(problems.questions, torch.cat([noise, problems.answers[:, 1:]], dim=1))


def fitted(seed: int = 0, budget: Budget | None = None, **changes: object):
    torch.manual_seed(7)
    network = Table()
    return network, train(network, recipe(**changes), copying(500), copying(100, 1), budget or Budget(steps=60), seed)


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
    fit = train(Table(), recipe(patience=3), guessing(500), copying(100, 1), Budget(), 0)
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


@pytest.mark.parametrize(("schedule", "last"), [("cosine", 0.0), ("constant", 0.02), ("rising", 0.02)])
def test_the_rate_follows_the_schedule(schedule, last):
    _, fit = fitted(budget=Budget(steps=100), schedule=schedule, learning_rate=0.02, warmup=1, check=1, batch=8)
    rates = [point["learning_rate"] for point in fit.curve]
    assert rates[-1] == pytest.approx(last, rel=0.15, abs=1e-4)
    falls, rises = (list(rates) == sorted(rates, reverse=down) for down in (True, False))
    assert (falls, rises) == {"cosine": (True, False), "constant": (True, True), "rising": (False, True)}[schedule]


def test_an_average_of_the_weights_validates_and_answers():
    plain, _ = fitted(budget=Budget(steps=60), learning_rate=0.004)
    averaged, fit = fitted(budget=Budget(steps=60), learning_rate=0.004, average=0.95)
    assert not torch.equal(plain.logits.weight, averaged.logits.weight)
    assert validate(averaged, copying(100, 1))[0] == pytest.approx(fit.curve[-1]["validation_loss"])
    behind = validate(plain, copying(100, 1))[0]
    assert fit.curve[-1]["validation_loss"] > behind  # an average lags behind weights that still get better


def test_a_curriculum_lets_the_levels_in_one_after_another():
    assert [let_in(spent, 0.6, 3) for spent in (0.0, 0.19, 0.21, 0.41, 0.6, 0.9)] == [0, 0, 1, 2, 3, 3]
    problems = copying(300)
    levels = torch.arange(300) % 3
    questions = problems.questions.clone()
    questions[:, 0] = levels.to(torch.uint8)  # so that a batch tells its levels
    batches = Passes(Tokenized(questions, problems.answers, levels), 50, seed=0)
    seen = [[set(batches.next(hardest)[0][:, 0].tolist()) for _ in range(7)] for hardest in (0, 1, 2)]
    assert seen == [[{0}] * 7, [{0, 1}] * 7, [{0, 1, 2}] * 7]


def uneven(count: int) -> Tokenized:
    """Problems whose answers have 1 to 20 tokens."""
    lengths = torch.randint(1, 21, (count, 1), generator=torch.Generator().manual_seed(0))
    tokens = torch.randint(3, VOCABULARY, (count, 20), generator=torch.Generator().manual_seed(1))
    return Tokenized(copying(count).questions, torch.where(torch.arange(20) < lengths, tokens, PAD))


def test_a_batch_of_uneven_answers_has_the_gradient_of_the_whole_and_less_padding(monkeypatch):
    questions, answers = uneven(64).pick(slice(None))
    seen: list[tuple[int, ...]] = []

    class Watched(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.logits = torch.nn.Embedding(VOCABULARY, 20 * VOCABULARY)

        def forward(self, questions, answers):
            seen.append(tuple(answers.shape))
            return self.logits(questions[:, -1]).unflatten(1, (20, VOCABULARY))[:, : answers.shape[1]]

    gradients, losses = [], []
    for full in (0.75, 0.0):
        monkeypatch.setattr("enigmath.baselines.descent.FULL", full)
        torch.manual_seed(0)
        network = Watched()
        losses.append(Descent(network, recipe(clip=1e9)).step(0.0, questions, answers))
        gradients.append(torch.cat([weight.grad.flatten() for weight in network.parameters()]))
    *pieces, whole = seen
    assert whole == (64, 20)
    assert [rows for rows, _ in pieces] == [16] * 4
    assert sum(rows * columns for rows, columns in pieces) < 0.7 * 64 * 20
    torch.testing.assert_close(*losses)
    torch.testing.assert_close(*gradients)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's own, when its compiler is first imported
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler (g++) to compile with")
def test_a_compiled_step_is_the_same_step(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    plain, compiled = (fitted(compiled=choice) for choice in (False, True))
    assert any(tmp_path.rglob("*.cpp")), "nothing was compiled"
    torch.testing.assert_close(compiled[0].logits.weight, plain[0].logits.weight, atol=1e-4, rtol=1e-3)
    assert compiled[1].outcome == plain[1].outcome


def test_where_nothing_can_compile_it_is_said_so(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(UserError, match="no C\\+\\+ compiler 'no-such-compiler'"):
        fitted(compiled=True)
    with pytest.raises(UserError, match="no C"):  # before anything has run
        Transformer(compiled=True).require(find_task("arithmetic/addition"))


def test_each_fresh_problem_is_seen_once_and_in_order():
    whole = copying(70)

    def tables(first):
        return iter(
            [Tokenized(whole.questions[at : at + 7], whole.answers[at : at + 7]) for at in range(7 * first, 70, 7)]
        )

    batches = Fresh(tables, 5, torch.device("cpu"))
    drawn = torch.cat([batches.next(0)[0] for _ in range(14)])
    assert torch.equal(drawn, whole.questions.long())
    assert batches.drawn == 70


class Cramped(Table):
    """It has no memory for more than a few problems at a time."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def forward(self, questions, answers):
        if len(questions) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return super().forward(questions, answers)


def test_out_of_memory_halves_the_batch_and_sums_its_gradients():
    weights = []
    for room in (10_000, 10):
        torch.manual_seed(7)
        network = Cramped(room)
        fit = train(network, recipe(learning_rate=0.004), copying(500), copying(100, 1), Budget(steps=60), 0)
        assert (fit.facts["steps"], fit.facts["examples"]) == (60, 60 * 32)
        assert fit.facts.get("accumulated", 1) == {10_000: 1, 10: 4}[room]
        weights.append(network.logits.weight.detach())
    assert torch.allclose(*weights, atol=1e-4)
    with pytest.raises(UserError, match="out of memory, even with one problem at a time; take a smaller network"):
        train(Cramped(0), RECIPE, copying(500), copying(100, 1), Budget(steps=60), 0)


def test_another_error_is_not_taken_for_a_lack_of_memory():
    class Broken(Table):
        def forward(self, questions, answers):
            raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        train(Broken(), RECIPE, copying(500), copying(100, 1), Budget(steps=60), 0)


def test_threads_are_chosen_by_trying_and_the_trial_leaves_no_trace():
    plain, _ = fitted(budget=Budget(steps=20))
    tried, fit = fitted(budget=Budget(steps=20, threads=(1, 2)))
    assert fit.facts["threads"] in (1, 2)
    assert fit.facts["threads"] == torch.get_num_threads()
    assert torch.allclose(plain.logits.weight, tried.logits.weight, atol=1e-6)
    descent = Descent(Table(), RECIPE)
    state = torch.get_rng_state()
    choose_threads((1, 2), descent, copying(32).pick(slice(None)))
    assert torch.equal(state, torch.get_rng_state())
    assert descent.optimizer.state_dict()["state"] == {}
