"""The one training loop of all networks here: next-token cross-entropy on the answer, AdamW, warm-up and decay.

All problems lie on the device as two matrices of tokens, so a batch is two index operations: no DataLoader, no
worker, no copy. Nothing inside a step waits for the device; the loss is read where a point of the curve is made.
The learning rate follows the share of the budget that is spent, so it decays to nothing at the end of a budget by
steps, by examples or by seconds alike; with steps or examples, the same seed gives the same weights on one machine,
also where the fit was killed on the way and went on from a checkpoint.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn

from enigmath.baselines.batches import Batches, Fresh, Passes, Tokenized
from enigmath.baselines.checkpoints import Checkpoints
from enigmath.baselines.descent import Descent, answer_loss, choose_threads, validate
from enigmath.baselines.operations import operations_per_example
from enigmath.baselines.recipe import (
    PRECISIONS,
    SCHEDULES,
    SELECTIONS,
    Recipe,
    autocast,
    chosen_precision,
    learning_rate_at,
)
from enigmath.baselines.underway import Underway
from enigmath.baselines.weights import Average, Best
from enigmath.bench.contracts import Budget, Fit

__all__ = [
    "PRECISIONS",
    "SCHEDULES",
    "SELECTIONS",
    "Recipe",
    "Tokenized",
    "answer_loss",
    "autocast",
    "chosen_precision",
    "learning_rate_at",
    "train",
    "validate",
]

CHECKED = 512
"""Validation problems that each point of the curve is measured on."""

COUNTED = 8
"""Training problems that the operations of one are counted on: what a problem costs does not hang on their number."""

CONFIRMED = 4096
"""Validation problems that must all be right before a fit is cut short."""


def train(
    network: nn.Module,
    recipe: Recipe,
    problems: Tokenized,
    validation: Tokenized,
    budget: Budget,
    seed: int,
    fresh: Callable[[int], Iterator[Tokenized]] | None = None,
) -> Fit:
    """Fit the network in place and leave it with the weights that did best on validation.

    With `fresh`, batches come from its tables and each problem is seen once; else from `problems`, over and over.

    Ends when the budget is spent ("fitted"), when all of validation is right and the rate has then decayed, or nothing
    got better for `patience` points ("stopped early"), or when a loss is not finite ("diverged").
    """
    device = problems.answers.device
    descent, average = Descent(network, recipe), Average(network, recipe.average)
    batches: Batches = Passes(problems, recipe.batch, seed) if fresh is None else Fresh(fresh, recipe.batch, device)
    meter, total = budget.start(), torch.zeros((), device=device)
    fit = Underway(recipe, meter, descent, average, Best(network), batches, problems.hardest, total)
    checkpoints = Checkpoints(budget, network, recipe, seed, problems, validation, fresh=fresh is not None)
    network.train()
    if not checkpoints.resume(fit):
        choose_threads(budget.threads, descent, problems.pick(slice(recipe.batch)))
    checked = validation.rows(slice(CHECKED))
    confirmed = validation.rows(slice(CONFIRMED))
    outcome: Literal["fitted", "stopped early", "diverged"] = "fitted"
    share = fit.share
    while share < 1.0:
        began, rate = meter.seconds, fit.rate(share)
        questions, answers = batches.next(fit.level(share))
        fit.total += descent.step(rate, questions, answers)
        average.follow(meter.steps)
        meter.spend(examples=len(answers))
        share = fit.share
        due = share >= 1.0 or meter.steps >= fit.since + recipe.check
        loss = float(fit.total) / (meter.steps - fit.since) if due else 0.0  # only here is the device waited for
        fit.training_seconds += meter.seconds - began
        if due:
            exact = _point(fit, checked, loss, rate)
            if exact is None:
                outcome = "diverged"
                break
            if recipe.patience and fit.best.waited >= recipe.patience:
                outcome = "stopped early"
                break
            if exact == 1.0 and not fit.cut and recipe.schedule != "rising" and _all_right(fit, confirmed):
                fit.cut_short()
                share = fit.share
        checkpoints.keep(fit)
    if outcome == "fitted" and meter.left():
        outcome = "stopped early"
    fit.best.restore(network)
    network.eval()
    return Fit(outcome, meter.curve, _facts(fit, problems.pick(slice(COUNTED))))


def _point(fit: Underway, checked: Tokenized, loss: float, rate: float) -> float | None:
    """Add a point to the curve and offer the weights as the best; the share of exact answers, None after divergence."""
    network, meter = fit.descent.network, fit.meter
    fit.total.zero_()
    fit.since = meter.steps
    network.eval()
    with fit.average.applied():
        validation_loss, exact = validate(network, checked) if len(checked) else (loss, 0.0)
        meter.point(loss=loss, validation_loss=validation_loss, validation_exact=exact, learning_rate=rate)
        finite = math.isfinite(loss) and math.isfinite(validation_loss)
        if finite:
            fit.best.offer(network, meter.steps, exact if fit.recipe.select == "exact" else 0.0, validation_loss)
    network.train()
    return exact if finite else None


def _all_right(fit: Underway, confirmed: Tokenized) -> bool:
    network = fit.descent.network
    network.eval()
    with fit.average.applied():
        exact = validate(network, confirmed)[1]
    network.train()
    return exact == 1.0


def _facts(fit: Underway, some: tuple[Tensor, Tensor]) -> dict[str, Any]:
    meter, best, pieces, batches = fit.meter, fit.best, fit.descent.pieces, fit.batches
    return {
        "parameters": sum(weight.numel() for weight in fit.descent.network.parameters()),
        "steps": meter.steps,
        "examples": meter.examples,
        "operations": operations_per_example(fit.descent.network, *some) * meter.examples,
        "examples_per_second": round(meter.examples / fit.training_seconds) if fit.training_seconds else None,
        "training_share": round(fit.training_seconds / meter.seconds, 3),
        "threads": torch.get_num_threads(),
        "best_step": best.step,
        "best_validation_exact": next((at["validation_exact"] for at in meter.curve if at["step"] == best.step), 0.0),
        **({"accumulated": pieces} if pieces > 1 else {}),
        **({"fresh": True, "drawn": batches.drawn} if isinstance(batches, Fresh) else {}),
        **fit.facts,
    }
