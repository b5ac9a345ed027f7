"""Checkpoints: a fit that was killed goes on from the last one and ends with the same weights.

One safetensors file holds everything (nothing is ever unpickled): tensors as they are, plain values as JSON in its
metadata. It is written aside, flushed to the disk and renamed, so a kill leaves the one before it. A checkpoint belongs
to one fit: recipe, budget, seed, network and data are told in its metadata; one of another fit, or one that is
damaged, is told in a line and the fit begins anew.
"""

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.recipe import Recipe
from enigmath.baselines.underway import Underway
from enigmath.bench.contracts import Budget, UserError

FORMAT: Final = "enigmath-checkpoint-1"
"""Names the layout; another layout gets another name."""

SPARING: Final = 20
"""Between two checkpoints lie at least so many times the seconds that writing one takes."""

_log = logging.getLogger(__name__)


def _shape(network: nn.Module) -> str:
    """A hash of the network's modules and of their plain attributes: heads, loops or a window are told by no weight."""
    plain = [
        {name: value for name, value in vars(part).items() if type(value) in (int, float, str)}
        for part in network.modules()
    ]
    return hashlib.blake2b(f"{network!r} {plain}".encode(), digest_size=16).hexdigest()


class Checkpoints:
    """The checkpoints of one fit at one path; none where the budget names no path."""

    def __init__(
        self, budget: Budget, network: nn.Module, recipe: Recipe, seed: int, *data: Tokenized, fresh: bool
    ) -> None:
        self.path, self.every = budget.checkpoint, budget.checkpoint_seconds
        self.next = time.monotonic() + self.every
        self.fit: dict[str, Any] = {
            "format": FORMAT,
            "torch": torch.__version__,
            "device": str(data[0].answers.device),
            "network": _shape(network),
            "recipe": vars(recipe),
            "budget": [budget.steps, budget.examples, budget.seconds],
            "seed": seed,
            "data": "" if self.path is None else _digest(data),
            "fresh": fresh,
        }

    def resume(self, underway: Underway) -> bool:
        """Bring the fit to where the last checkpoint of it was written; whether there was one that it can use."""
        if self.path is None or not self.path.exists():
            return False
        try:
            tensors, values = _read(self.path, self.fit)
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0]
            _log.warning("enigmath: %s is no checkpoint to go on from: %s; the fit begins anew", self.path, reason)
            return False
        try:
            underway.restore(tensors, values)
        except (KeyError, ValueError, RuntimeError) as error:  # halfway: the network is not fresh any more
            reason = f"does not fit: {str(error).splitlines()[0]}"
            raise UserError(reason, where=str(self.path), mend="delete it, and the fit begins anew") from None
        underway.facts["resumed_at"] = underway.meter.steps
        return True

    def keep(self, underway: Underway) -> None:
        """Write a checkpoint if it is time; a disk that is full ends checkpoints, not the fit."""
        if self.path is None or time.monotonic() < self.next:
            return
        began = time.monotonic()
        try:
            _write(self.path, underway.tensors(), {**self.fit, "values": underway.values()})
        except (OSError, SafetensorError) as error:
            _log.warning("enigmath: %s cannot be written: %s; the fit goes on without", self.path, error)
            self.path = None
        took = time.monotonic() - began
        self.next = began + took + max(self.every, SPARING * took)


def _digest(data: Sequence[Tokenized]) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for tensor in (tensor for part in data for tensor in (part.questions, part.answers)):
        whole.update(str(tuple(tensor.shape)).encode() + tensor.cpu().contiguous().numpy().tobytes())
    return whole.hexdigest()


def _write(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".aside")
    flat = {name: value.detach().contiguous() for name, value in tensors.items()}
    save_file(flat, aside, metadata={"about": json.dumps(about)})
    _flush(aside)
    aside.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path, fit: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and values of a checkpoint; ValueError where it is of another fit."""
    with safe_open(path, framework="pt", device="cpu") as file:
        about = json.loads((file.metadata() or {})["about"])
        values = dict(about.pop("values"))
        other = next((name for name in fit if about.get(name) != json.loads(json.dumps(fit[name]))), None)
        if other is not None:
            raise ValueError(f"it is of a fit with another {other}")
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return tensors, values
