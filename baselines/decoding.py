"""Greedy decoding, many answers at once: each network reads the questions once, then writes token by token.

What a network keeps between tokens (keys and values, hidden states) is its State: a tuple of tensors whose first
dimension counts the answers. So a row whose answer is over is dropped by one index operation, whatever the network.
"""

from typing import Protocol

import torch
from torch import Tensor

from enigmath.baselines.tokens import END, PAD, START

State = tuple[Tensor, ...]


class Writer(Protocol):
    """A network that can write answers."""

    def read(self, questions: Tensor) -> State:
        """The state before the first token, for questions (n, columns)."""
        ...

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) of the token after `tokens` (n,), which stands at `place` (START at 0)."""
        ...


@torch.no_grad()
def greedy(network: Writer, questions: Tensor, longest: int) -> Tensor:
    """The likeliest token, one after the other: shape (n, longest), PAD after END."""
    count, device = len(questions), questions.device
    written = torch.full((count, longest), PAD, dtype=torch.uint8, device=device)
    rows = torch.arange(count, device=device)
    tokens = torch.full((count,), START, device=device)
    state = network.read(questions)
    for place in range(longest):
        logits, state = network.write(tokens, place, state)
        tokens = logits.argmax(-1)
        written[rows, place] = tokens.to(torch.uint8)
        going = tokens != END
        if not bool(going.all()):
            rows, tokens, state = rows[going], tokens[going], tuple(part[going] for part in state)
            if len(rows) == 0:
                break
    return written
