"""Tokens as vectors; and numbers as values, which xval carries beside their token: see `encodings.xval`.

A token with a value is 64 bits: the token in the lower half, the bits of a float32 in the upper. Where there is no
value the upper half is 0, so PAD, START and END are the same with values and without, and so is all that moves tokens
about.

What a network writes has a value too: it stands in the channel of START in the logits, for START is the one token that
no answer holds. So a network reads and writes values as soon as it looks its tokens up in `TokenVectors`.
"""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.tokens import PAD, START, Tokenizer

_LOWER: Final = 2**32 - 1


def kinds(tokens: Tensor) -> Tensor:
    """The tokens without values beside them."""
    return tokens & _LOWER


def values(tokens: Tensor) -> Tensor:
    """The values beside tokens, float32; 0.0 beside those that have none."""
    return (tokens >> 32).int().view(torch.float32)


def packed(tokens: Tensor, numbers: Tensor) -> Tensor:
    """Tokens with values beside them.

    >>> both = packed(torch.tensor([5, 7]), torch.tensor([-0.25, 0.0]))
    >>> kinds(both).tolist(), values(both).tolist()
    ([5, 7], [-0.25, 0.0])
    """
    return numbers.float().view(torch.int32).long() << 32 | tokens


class TokenVectors(nn.Embedding):
    """A learnt vector for each token; that of a number with a value is multiplied by the value."""

    def __init__(self, tokenizer: Tokenizer, width: int, *, padding: int | None = None) -> None:
        super().__init__(tokenizer.size, width, padding_idx=padding)
        self.value_token, self.tolerance = tokenizer.value_token, tokenizer.value_tolerance

    def forward(self, tokens: Tensor) -> Tensor:
        """The vectors (.., width) of tokens (..)."""
        if self.value_token is None:
            return super().forward(tokens)
        tokens, numbers = kinds(tokens), values(tokens)
        scale = torch.where(tokens == self.value_token, numbers, 1.0)
        return super().forward(tokens) * scale[..., None]


class Values:
    """What a network makes of values: the loss of those that it writes, and which it would write."""

    def __init__(self, token: int, tolerance: float) -> None:
        self.token, self.tolerance = token, tolerance

    def loss(self, logits: Tensor, answers: Tensor, reduction: str) -> Tensor:
        """Cross-entropy over tokens as without values, plus the squared error of each number's value, both a token.

        Values are in units of the largest number of training, so an error of a hundredth of it costs 10^-4.
        """
        tokens, targets, written = kinds(answers), values(answers), logits[..., START].float()
        entropy = functional.cross_entropy(
            _without_values(logits).flatten(0, 1).float(), tokens.flatten(), ignore_index=PAD, reduction="sum"
        )
        error = torch.where(tokens == self.token, (written - targets) ** 2, 0.0).sum()
        total = entropy + error
        return total / (tokens != PAD).sum() if reduction == "mean" else total

    def right(self, logits: Tensor, answers: Tensor) -> Tensor:
        """Whether each token would be written as in the answers, and each value up to rounding, shape (n, length)."""
        tokens = kinds(answers)
        near = (logits[..., START] - values(answers)).abs() <= self.tolerance
        likeliest: Tensor = _without_values(logits).argmax(-1)
        return (likeliest == tokens) & (near | (tokens != self.token))

    def written(self, logits: Tensor, choose: Callable[[Tensor], Tensor]) -> Tensor:
        """The tokens (n,) that are chosen from logits (n, vocabulary), with the value of each number."""
        tokens = choose(_without_values(logits))
        return packed(tokens, torch.where(tokens == self.token, logits[..., START].float(), 0.0))


def _without_values(logits: Tensor) -> Tensor:
    return logits.index_fill(-1, torch.tensor(START, device=logits.device), -torch.inf)


def values_of(network: Any) -> Values | None:
    """What a network needs for values; None where its tokens carry none."""
    for module in network.modules() if isinstance(network, nn.Module) else ():
        if isinstance(module, TokenVectors) and module.value_token is not None:
            return Values(module.value_token, module.tolerance)
    return None
