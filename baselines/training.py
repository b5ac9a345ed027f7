"""The one training loop of all networks here: next-token cross-entropy on the answer, AdamW, warm-up and decay.

All problems lie on the device as two matrices of tokens, so a batch is two index operations: no DataLoader, no
worker, no copy. Nothing inside a step waits for the device; the loss is read where a point of the curve is made.
The learning rate follows the share of the budget that is spent, so it decays to nothing at the end of a budget by
steps, by examples or by seconds alike; with steps or examples, the same seed gives the same weights on one machine.
"""

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.tokens import PAD
from enigmath.bench.contracts import Budget, Fit, Meter

CHECKED = 512
"""Validation problems that each point of the curve is measured on."""

CONFIRMED = 4096
"""Validation problems that must all be right before a fit is cut short."""

AT_ONCE = 1024
"""Problems in one forward pass where no gradient is kept."""


@dataclass(frozen=True)
class Recipe:
    """How to train. `patience` counts points of the curve without a better validation score; 0 never gives up."""

    learning_rate: float
    batch: int
    warmup: int
    decay: float
    weight_decay: float
    clip: float
    check: int
    patience: int
    precision: str


@dataclass(frozen=True)
class Tokenized:
    """Problems on the device: questions (n, columns) and answers (n, length), dtype uint8."""

    questions: Tensor
    answers: Tensor

    def __len__(self) -> int:
        return len(self.questions)

    def pick(self, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Those problems, as the integers that embeddings take."""
        return self.questions[rows].long(), self.answers[rows].long()


def answer_loss(logits: Tensor, answers: Tensor, reduction: str = "mean") -> Tensor:
    """Cross-entropy in nats over the tokens of the answers, END included and what follows it left out."""
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), answers.flatten(), ignore_index=PAD, reduction=reduction
    )


def learning_rate_at(steps: int, spent: float, *, peak: float, warmup: int, decay: float) -> float:
    """Linear warm-up over the first steps, then level, then a straight line to 0 over the last `decay` of the budget.

    >>> [learning_rate_at(steps, steps / 100, peak=8.0, warmup=8, decay=0.5) for steps in (0, 7, 50, 75, 100)]
    [1.0, 8.0, 8.0, 4.0, 0.0]
    """
    rising = (steps + 1) / warmup if steps < warmup else 1.0
    falling = (1.0 - spent) / decay if spent > 1.0 - decay else 1.0
    return peak * min(rising, falling)


PRECISIONS = ("auto", "float32", "bfloat16")
"""Of the matrix products while training; "auto" is bfloat16 where the hardware multiplies it, else float32."""


def chosen_precision(precision: str, device: torch.device) -> str:
    """What "auto" means on a device; the other names as they stand. On CPUs it is a question of the instruction set."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    able = torch.cpu.get_capabilities() if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities") else {}
    return "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """Matrix products in bfloat16 while weights, sums and the stream stay in float32; or all in float32."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


@torch.no_grad()
def validate(network: nn.Module, data: Tokenized) -> tuple[float, float]:
    """Mean loss a token, and the share of answers that greedy decoding would get right.

    No decoding is needed for that share: greedy decoding writes the true answer exactly if each of its tokens is the
    likeliest after the true ones before it.
    """
    loss = right = tokens = torch.zeros((), dtype=torch.float64, device=data.answers.device)
    for start in range(0, len(data), AT_ONCE):
        questions, answers = data.pick(slice(start, start + AT_ONCE))
        logits = network(questions, answers)
        counted = answers != PAD
        loss = loss + answer_loss(logits, answers, "sum")
        tokens = tokens + counted.sum()
        right = right + ((logits.argmax(-1) == answers) | ~counted).all(dim=1).sum()
    return float(loss / tokens), float(right / len(data))


def train(
    network: nn.Module, recipe: Recipe, train: Tokenized, validation: Tokenized, budget: Budget, seed: int
) -> Fit:
    """Fit the network in place and leave it with the weights that did best on validation.

    Ends when the budget is spent ("fitted"), when all of validation is right and the rate has then decayed, or nothing
    got better for `patience` points ("stopped early"), or when a loss is not finite ("diverged").
    """
    device = train.answers.device
    meter = budget.start()
    course = _Course(recipe, meter)
    best = _Best(network)
    optimizer = _optimizer(network, recipe, device)
    batches = _Batches(len(train), min(recipe.batch, len(train)), device, seed)
    checked = Tokenized(validation.questions[:CHECKED], validation.answers[:CHECKED])
    confirmed = Tokenized(validation.questions[:CONFIRMED], validation.answers[:CONFIRMED])
    outcome: Literal["fitted", "stopped early", "diverged"] = "fitted"
    training_seconds = 0.0
    network.train()
    while course.share < 1.0:
        began, before = meter.seconds, meter.steps
        total = torch.zeros((), device=device)
        while meter.steps == before or (meter.steps < before + recipe.check and course.share < 1.0):
            rate = course.rate
            total += _step(network, optimizer, recipe, rate, train.pick(batches.next()))
            meter.spend(examples=batches.size)
        loss = float(total) / (meter.steps - before)  # the only place where the device is waited for
        training_seconds += meter.seconds - began
        exact = _point(network, meter, checked, loss, rate, best)
        if exact is None:
            outcome = "diverged"
            break
        if recipe.patience and best.waited >= recipe.patience:
            outcome = "stopped early"
            break
        if not course.cut and exact == 1.0 and validate(network, confirmed)[1] == 1.0:
            course.cut_short()
    if outcome == "fitted" and meter.left():
        outcome = "stopped early"
    best.restore(network)
    network.eval()
    return Fit(outcome, meter.curve, _facts(network, meter, training_seconds, best))


@dataclass
class _Course:
    """How far a fit has come: by its budget, or, once all of validation is right, by a budget cut short."""

    recipe: Recipe
    meter: Meter
    last_step: float = math.inf

    @property
    def cut(self) -> bool:
        return self.last_step < math.inf

    @property
    def share(self) -> float:
        return max(self.meter.spent, self.meter.steps / self.last_step)

    @property
    def rate(self) -> float:
        recipe = self.recipe
        return learning_rate_at(
            self.meter.steps, self.share, peak=recipe.learning_rate, warmup=recipe.warmup, decay=recipe.decay
        )

    def cut_short(self) -> None:
        """Go on as if the budget were such that only its decay is left: the decay takes away the last rare errors."""
        self.last_step = self.meter.steps / (1.0 - self.recipe.decay) if self.recipe.decay < 1.0 else self.meter.steps


class _Best:
    """The weights that did best on validation so far: more answers right, then a lower loss."""

    def __init__(self, network: nn.Module) -> None:
        self.score = (-1.0, -math.inf)
        self.step = 0
        self.waited = 0
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}

    def offer(self, network: nn.Module, step: int, exact: float, loss: float) -> None:
        self.waited += 1
        if (exact, -loss) > self.score:
            self.score, self.step, self.waited = (exact, -loss), step, 0
            for name, value in network.state_dict().items():
                self.weights[name].copy_(value)

    def restore(self, network: nn.Module) -> None:
        network.load_state_dict(self.weights)


class _Batches:
    """Row numbers of batches without end: each pass over the data in a fresh order, from a generator of its own."""

    def __init__(self, rows: int, size: int, device: torch.device, seed: int) -> None:
        self.rows, self.size = rows, size
        self.device = device
        self.generator = torch.Generator(device).manual_seed(seed)
        self.order: list[Tensor] = []

    def next(self) -> Tensor:
        if not self.order:
            shuffled = torch.randperm(self.rows, generator=self.generator, device=self.device)
            whole = self.rows // self.size * self.size  # what is left over of a pass waits for another order
            self.order = list(torch.split(shuffled[:whole], self.size))[::-1]
        return self.order.pop()


def _optimizer(network: nn.Module, recipe: Recipe, device: torch.device) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019); as is usual, only matrices decay, not biases and gains."""
    matrices = [weight for weight in network.parameters() if weight.dim() >= 2]
    others = [weight for weight in network.parameters() if weight.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    # beta2 = 0.98: a fit here has a thousand steps, and an average over a thousand would lag behind all of it.
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)


def _step(
    network: nn.Module, optimizer: torch.optim.Optimizer, recipe: Recipe, rate: float, batch: tuple[Tensor, Tensor]
) -> Tensor:
    """One step of descent; the loss stays on the device."""
    questions, answers = batch
    with autocast(recipe.precision, answers.device):
        logits = network(questions, answers)
    loss = answer_loss(logits, answers)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return loss.detach()


def _point(network: nn.Module, meter: Meter, checked: Tokenized, loss: float, rate: float, best: _Best) -> float | None:
    """Add a point to the curve and offer the weights as the best; the share of exact answers, None after divergence."""
    network.eval()
    validation_loss, exact = validate(network, checked) if len(checked) else (loss, 0.0)
    network.train()
    meter.point(loss=loss, validation_loss=validation_loss, validation_exact=exact, learning_rate=rate)
    if not (math.isfinite(loss) and math.isfinite(validation_loss)):
        return None
    best.offer(network, meter.steps, exact, validation_loss)
    return exact


def _facts(network: nn.Module, meter: Meter, training_seconds: float, best: _Best) -> dict[str, Any]:
    return {
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "steps": meter.steps,
        "examples": meter.examples,
        "examples_per_second": round(meter.examples / training_seconds) if training_seconds else None,
        "training_share": round(training_seconds / meter.seconds, 3),
        "threads": torch.get_num_threads(),
        "best_step": best.step,
        "best_validation_exact": max(best.score[0], 0.0),
    }
