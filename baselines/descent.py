"""One step of descent: loss, gradient, AdamW; a batch that does not fit into the memory goes through it in pieces."""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.compiled import compiled
from enigmath.baselines.recipe import Recipe, autocast
from enigmath.baselines.symbols import Values, values_of
from enigmath.baselines.tokens import PAD
from enigmath.bench.contracts import UserError

AT_ONCE = 1024
"""Problems in one forward pass where no gradient is kept."""

FULL = 0.75
"""The share of the longest answer that a batch's answers have on the mean, from which on it stays in one piece."""

PARTS = 4
"""Pieces that a batch of uneven answers is cut into."""

MEASURED = 0.1
"""Seconds for which each number of threads is tried."""

Result = TypeVar("Result")


def answer_loss(logits: Tensor, answers: Tensor, reduction: str = "mean", values: Values | None = None) -> Tensor:
    """Cross-entropy in nats over the tokens of the answers, END included and what follows it left out.

    Where numbers have values, their squared errors are added.
    """
    if values is not None:
        return values.loss(logits, answers, reduction)
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), answers.flatten(), ignore_index=PAD, reduction=reduction
    )


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019); as is usual, only matrices decay, not biases and gains."""
    matrices = [weight for weight in network.parameters() if weight.dim() >= 2]
    others = [weight for weight in network.parameters() if weight.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    # beta2 = 0.98: a fit here has a thousand steps, and an average over a thousand would lag behind all of it.
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)


class Descent:
    """A network and its optimizer. `pieces` is how many parts a batch is cut into, 1 while the memory suffices."""

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        self.network, self.recipe = network, recipe
        self.forward = compiled(network) if recipe.compiled else network
        self.optimizer = make_optimizer(network, recipe)
        self.values = values_of(network)
        self.pieces = 1

    def step(self, rate: float, questions: Tensor, answers: Tensor) -> Tensor:
        """One step at that learning rate; the loss stays on the device.

        Where the memory does not suffice, the same batch is tried in twice as many pieces whose gradients are summed,
        and so are all batches from then on. UserError when one problem by itself does not fit.
        """
        self.optimizer.zero_grad(set_to_none=True)
        loss = within_memory(lambda: self._descend(questions, answers))
        while loss is None:
            if self.pieces >= len(answers):
                mend = "take a smaller network, or a machine with more memory"
                raise UserError("out of memory, even with one problem at a time", where="fit", mend=mend)
            self.optimizer.zero_grad(set_to_none=True)
            self.pieces *= 2
            loss = within_memory(lambda: self._descend(questions, answers))
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return loss

    def _descend(self, questions: Tensor, answers: Tensor) -> Tensor:
        """The gradient of the mean loss, and that loss."""
        parts = self._parts(questions, answers)
        if len(parts) == 1:
            loss = self._loss(*parts[0], "mean")
            loss.backward()  # type: ignore[no-untyped-call]
            return loss.detach()
        tokens = (answers != PAD).sum()
        whole = torch.zeros((), device=answers.device)
        for some in parts:
            part = self._loss(*some, "sum") / tokens
            part.backward()  # type: ignore[no-untyped-call]
            whole += part.detach()
        return whole

    def _parts(self, questions: Tensor, answers: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The batch in pieces whose losses add up to its own.

        On a CPU a batch whose answers differ much in length is cut by length, and each piece has no more columns than
        its longest answer: otherwise most of what is multiplied would be padding. A GPU keeps one shape: to ask how
        long the answers are would be to wait for it. So does a compiled network.
        """
        if answers.device.type == "cpu" and len(answers) >= 2 * PARTS and not self.recipe.compiled:
            lengths = (answers != PAD).sum(dim=1)
            if float(lengths.float().mean()) < FULL * int(lengths.max()):
                pieces = lengths.argsort().chunk(max(PARTS, self.pieces))
                return [(questions[rows], answers[rows, : int(lengths[rows[-1]])]) for rows in pieces]
        return list(zip(questions.chunk(self.pieces), answers.chunk(self.pieces), strict=True))

    def _loss(self, questions: Tensor, answers: Tensor, reduction: str) -> Tensor:
        with autocast(self.recipe.precision, answers.device):
            logits = self.forward(questions, answers)
        return answer_loss(logits, answers, reduction, self.values)


def within_memory(work: Callable[[], Result]) -> Result | None:
    """What the work gives; None when it runs out of memory, once its tensors are gone."""
    try:
        return work()
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
    if torch.cuda.is_available():  # here, where no exception holds the tensors of its frames any more
        torch.cuda.empty_cache()
    return None


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that there is no memory; on CPUs torch has no exception of its own for that.

    >>> out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"))
    True
    """
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(word in str(error) for word in words)


@torch.no_grad()
def validate(network: nn.Module, data: Tokenized) -> tuple[float, float]:
    """Mean loss a token, and the share of answers that greedy decoding would get right.

    No decoding is needed for that share: greedy decoding writes the true answer exactly if each of its tokens is the
    likeliest after the true ones before it.
    """
    loss = right = tokens = torch.zeros((), dtype=torch.float64, device=data.answers.device)
    for start in range(0, len(data), AT_ONCE):
        sums = _sums(network, *data.pick(slice(start, start + AT_ONCE)))
        loss, tokens, right = loss + sums[0], tokens + sums[1], right + sums[2]
    return float(loss / tokens), float(right / len(data))


def _sums(network: nn.Module, questions: Tensor, answers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The loss, the tokens and the answers that are right, each summed; by halves where the memory does not suffice."""
    values = values_of(network)

    def sums() -> tuple[Tensor, Tensor, Tensor]:
        logits = network(questions, answers)
        counted = answers != PAD
        right = logits.argmax(-1) == answers if values is None else values.right(logits, answers)
        return answer_loss(logits, answers, "sum", values), counted.sum(), (right | ~counted).all(dim=1).sum()

    found = within_memory(sums)
    if found is not None:
        return found
    half = len(answers) // 2
    if half == 0:
        raise UserError("out of memory, even with one problem at a time", where="validation")
    first, second = (_sums(network, questions[part], answers[part]) for part in (slice(half), slice(half, None)))
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


def choose_threads(candidates: Sequence[int], descent: Descent, batch: tuple[Tensor, Tensor]) -> None:
    """Take the number of threads with which a step is fastest, here and now: more are slower where cores are shared.

    The steps are taken by a copy, uncompiled, so that the fit itself and its random numbers do not move. But sums of
    floating-point numbers differ by the number of threads: with a choice, two machines need not end with the same
    weights to the bit.
    """
    if batch[0].device.type != "cpu" or len(candidates) < 2:
        return
    with torch.random.fork_rng(devices=[]):
        trial = Descent(copy.deepcopy(descent.network), replace(descent.recipe, compiled=False))
        seconds = {count: _step_seconds(trial, batch, count) for count in candidates}
    # A tenth faster is not worth a core that others may want.
    fewest = min(candidates)
    fastest = min(seconds, key=lambda count: seconds[count])
    torch.set_num_threads(fastest if seconds[fastest] < 0.9 * seconds[fewest] else fewest)


def _step_seconds(trial: Descent, batch: tuple[Tensor, Tensor], threads: int) -> float:
    """The shortest step within a moment."""
    torch.set_num_threads(threads)
    trial.step(0.0, *batch)
    shortest, end = float("inf"), time.perf_counter() + MEASURED
    while (began := time.perf_counter()) < end:
        trial.step(0.0, *batch)
        shortest = min(shortest, time.perf_counter() - began)
    return shortest
