"""How a network is trained: the keywords of the loop, the schedules of the learning rate, the precision of products."""

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import torch


@dataclass(frozen=True)
class Recipe:
    """The keywords of a network that its training takes; what each means stands with them, in neural.NeuralModel."""

    learning_rate: float
    batch: int
    warmup: int
    decay: float
    weight_decay: float
    clip: float
    check: int
    patience: int
    precision: str
    schedule: str = "linear"
    average: float = 0.0
    curriculum: float = 0.0
    select: str = "exact"
    compiled: bool = False


SELECTIONS: Final = ("exact", "loss")
"""By what the weights are chosen on validation: by answers right, then by the loss; or by the loss alone."""

SCHEDULES: Final = ("linear", "cosine", "constant", "rising")
"""What becomes of the learning rate after its warm-up; see `learning_rate_at`."""

RISE: Final = 1e-6
"""Where "rising" begins, as a share of the peak."""


def learning_rate_at(
    steps: int, spent: float, *, peak: float, warmup: int, decay: float, schedule: str = "linear"
) -> float:
    """The rate of the step after `steps`, the share `spent` of the budget being used.

    All begin with a linear warm-up over `warmup` steps. Then "linear" is level until the last `decay` of the budget and
    a straight line to 0; "cosine" is half a cosine from the peak to 0 over the whole budget (Loshchilov and Hutter
    2017); "constant" stays. "rising" is for finding a rate (Smith 2017): exponentially from a millionth of the peak to
    the peak.

    >>> [learning_rate_at(steps, steps / 100, peak=8.0, warmup=8, decay=0.5) for steps in (0, 7, 50, 75, 100)]
    [1.0, 8.0, 8.0, 4.0, 0.0]
    >>> [round(learning_rate_at(50, 0.5, peak=8.0, warmup=8, decay=0.5, schedule=name), 3) for name in SCHEDULES]
    [8.0, 4.0, 8.0, 0.008]
    """
    warming = (steps + 1) / warmup if steps < warmup else 1.0
    if schedule == "linear":
        after = (1.0 - spent) / decay if spent > 1.0 - decay else 1.0
    elif schedule == "cosine":
        after = 0.5 + 0.5 * math.cos(math.pi * spent)
    else:
        after = RISE ** (1.0 - spent) if schedule == "rising" else 1.0
    return peak * min(warming, after)


PRECISIONS: Final = ("auto", "float32", "bfloat16")
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
