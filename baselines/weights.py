"""Which weights a fit leaves: those that did best on validation, of the network or of its moving average."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Best:
    """The weights that did best on validation so far: more answers right, then a lower loss."""

    def __init__(self, network: nn.Module) -> None:
        self.score = (-1.0, -math.inf)
        self.step = 0
        self.waited = 0
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}

    def offer(self, network: nn.Module, step: int, exact: float, loss: float) -> None:
        """Keep the network's weights if they are better than any before."""
        self.waited += 1
        if (exact, -loss) > self.score:
            self.score, self.step, self.waited = (exact, -loss), step, 0
            for name, value in network.state_dict().items():
                self.weights[name].copy_(value)

    def restore(self, network: nn.Module) -> None:
        """Give the network the best weights."""
        network.load_state_dict(self.weights)


class Average:
    """An exponential moving average of the weights (Polyak and Juditsky 1992; Tarvainen and Valpola 2017).

    It forgets at the rate 1 - `decay`, faster in the first steps, where the weights say little yet; 0 follows the
    network and costs nothing.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: list[Tensor] = list(network.parameters())
        self.averaged = [weight.detach().clone() for weight in self.weights] if decay else []

    @torch.no_grad()
    def follow(self, steps: int) -> None:
        """Move towards the weights after so many steps."""
        if self.decay:
            kept = min(self.decay, (1 + steps) / (10 + steps))
            torch._foreach_lerp_(self.averaged, self.weights, 1.0 - kept)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average into the network for as long as it is looked at."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    def _exchange(self) -> None:
        for place, (weight, average) in enumerate(zip(self.weights, self.averaged, strict=bool(self.decay))):
            weight.data, self.averaged[place] = average, weight.data

    def state(self) -> dict[str, Tensor]:
        """The averages by number."""
        return {str(place): value for place, value in enumerate(self.averaged)}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from there."""
        for place, value in enumerate(self.averaged):
            value.copy_(state[str(place)])
