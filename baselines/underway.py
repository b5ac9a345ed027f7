"""A fit under way: how far it has come, and all that decides how it goes on, as tensors and plain values."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from enigmath.baselines.batches import Batches, let_in
from enigmath.baselines.descent import Descent
from enigmath.baselines.recipe import Recipe, learning_rate_at
from enigmath.baselines.weights import Average, Best
from enigmath.bench.contracts import Meter


@dataclass
class Underway:
    """A fit between two of its steps. `hardest` is the number of the hardest level of its training problems."""

    recipe: Recipe
    meter: Meter
    descent: Descent
    average: Average
    best: Best
    batches: Batches
    hardest: int
    total: Tensor
    """The sum of the losses since the last point of the curve, on the device."""
    since: int = 0
    """The step of the last point of the curve."""
    training_seconds: float = 0.0
    last_step: float = math.inf
    """Where the fit ends once all of validation is right."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What happened on the way and is worth keeping beside the score."""

    @property
    def share(self) -> float:
        """How much of the budget is spent, or of what is left of it once all of validation is right."""
        return max(self.meter.spent, self.meter.steps / self.last_step)

    def rate(self, share: float) -> float:
        """The learning rate of the next step."""
        recipe = self.recipe
        return learning_rate_at(
            self.meter.steps,
            share,
            peak=recipe.learning_rate,
            warmup=recipe.warmup,
            decay=recipe.decay,
            schedule=recipe.schedule,
        )

    def level(self, share: float) -> int:
        """The hardest level that is let in."""
        return let_in(share, self.recipe.curriculum, self.hardest)

    @property
    def cut(self) -> bool:
        """Whether the budget was cut short."""
        return self.last_step < math.inf

    def cut_short(self) -> None:
        """Go on as if the budget were such that only its decay is left: the decay takes away the last rare errors."""
        self.last_step = self.meter.steps / (1.0 - self.recipe.decay) if self.recipe.decay < 1.0 else self.meter.steps

    def tensors(self) -> dict[str, Tensor]:
        """Weights, moments, averages, the best weights, random states, and where the data stand, by name."""
        parts: dict[str, Mapping[str, Tensor]] = {
            "network": dict(self._network()),
            "optimizer": {
                f"{place}.{name}": value
                for place, moments in self.descent.optimizer.state_dict()["state"].items()
                for name, value in moments.items()
            },
            "average": self.average.state(),
            "best": self.best.weights,
            "batches": self.batches.state(),
            "loss": {"total": self.total},
            "random": self._random_states(),
        }
        return {f"{part}/{name}": value for part, members in parts.items() for name, value in members.items()}

    def values(self) -> dict[str, Any]:
        """The rest, as JSON can hold it."""
        meter, best = self.meter, self.best
        return {
            "meter": {
                "steps": meter.steps,
                "examples": meter.examples,
                "seconds": meter.seconds,
                "curve": list(meter.curve),
            },
            "best": [*best.score, best.step, best.waited],
            "since": self.since,
            "training_seconds": self.training_seconds,
            "last_step": self.last_step,
            "pieces": self.descent.pieces,
            "threads": torch.get_num_threads(),
            "facts": self.facts,
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Become what `tensors` and `values` told; KeyError, ValueError or RuntimeError where they do not fit."""

        def part(name: str) -> dict[str, Tensor]:
            return {key.partition("/")[2]: value for key, value in tensors.items() if key.startswith(f"{name}/")}

        weights, best = part("network"), part("best")
        with torch.no_grad():
            for name, value in self._network():
                value.copy_(weights[name])
            for name, value in self.best.weights.items():
                value.copy_(best[name])
        self._restore_optimizer(part("optimizer"))
        self.average.restore(part("average"))
        self.batches.restore(part("batches"))
        self.total.copy_(tensors["loss/total"])
        self.meter.go_on(**values["meter"])
        *score, self.best.step, self.best.waited = values["best"]
        self.best.score = (score[0], score[1])
        self.since, self.training_seconds = values["since"], values["training_seconds"]
        self.last_step, self.descent.pieces = values["last_step"], values["pieces"]
        self.facts = dict(values["facts"])
        if self.meter.budget.threads:  # what was chosen stays: sums differ by the number of threads
            torch.set_num_threads(values["threads"])
        for device, state in part("random").items():  # last: nothing may draw from them any more
            if device == "cpu":
                torch.set_rng_state(state)
            else:
                torch.cuda.set_rng_state(state, device)

    def _network(self) -> Iterator[tuple[str, Tensor]]:
        """Weights and buffers, each once even where two names share it."""
        yield from self.descent.network.named_parameters()
        yield from self.descent.network.named_buffers()

    def _restore_optimizer(self, moments: Mapping[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in moments.items():
            place, _, name = key.partition(".")
            state.setdefault(int(place), {})[name] = value
        optimizer = self.descent.optimizer
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})

    def _random_states(self) -> dict[str, Tensor]:
        """The states that dropout draws from: uint8, of the processor and of the network's own device."""
        device = self.total.device
        states = {"cpu": torch.get_rng_state()}
        return states | ({str(device): torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})
