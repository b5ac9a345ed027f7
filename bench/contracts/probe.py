"""A probe is an experiment on a fitted cell that asks how it answers, not how well.

It is a function from a Subject (a cell with its data, its predictions and its model) to a tidy frame of findings; see
`enigmath.bench.probes` for both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Probe:
    """A named probe: `function(subject)` gives a pandas frame of findings, empty where it does not apply.

    `needs` are the protocols that the model must have, as Likelihood or Inspectable; the probe is left out of others.
    `fits` marks a probe that fits further models, and so costs several times what its cell did.
    """

    name: str
    function: Callable[[Any], Any]
    needs: tuple[type, ...] = ()
    fits: bool = False

    @property
    def doc(self) -> str:
        """What it asks, from the function's docstring, on one line."""
        return " ".join((self.function.__doc__ or "").split("\n\n")[0].split())


def probe(name: str, *, needs: tuple[type, ...] = (), fits: bool = False) -> Callable[[Callable[[Any], Any]], Probe]:
    """Make a function a probe; see Probe for the fields."""
    return lambda function: Probe(name, function, needs, fits)
