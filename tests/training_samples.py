"""The smallest network that can learn something, and something for it to learn."""

import numpy as np
import torch
from torch import nn

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.recipe import Recipe

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


class Table(nn.Module):
    """The logits of every answer token from the last character of the question: enough to copy it."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Embedding(VOCABULARY, 2 * VOCABULARY)

    def forward(self, questions, answers):
        return self.logits(questions[:, -1]).unflatten(1, (2, VOCABULARY))


def copying(count: int, seed: int = 0) -> Tokenized:
    """Questions of three characters whose answer is the last one, then END."""
    questions = torch.from_numpy(np.random.default_rng(seed).integers(3, VOCABULARY, (count, 3), dtype=np.uint8))
    answers = torch.stack([questions[:, 2], torch.full((count,), 2, dtype=torch.uint8)], dim=1)
    return Tokenized(questions, answers)


def recipe(**changes: object) -> Recipe:
    """The recipe with some keywords changed."""
    return Recipe(**{**RECIPE.__dict__, **changes})
