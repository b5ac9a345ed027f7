"""A character model after Bengio et al. 2003, "A neural probabilistic language model": no recurrence, no attention.

The next character comes from a window of the characters before it: each is looked up as a small vector, the vectors
are laid side by side, and a multi-layer perceptron makes logits of them. The text is the question, START, the answer;
the window slides along it, so a given weight always sees the character at a given distance. With reversed, zero-padded
numbers the digits that are to be added lie at constant distances: that is why so plain a network can add.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.symbols import TokenVectors
from enigmath.baselines.tokens import PAD, START, Tokenizer
from enigmath.baselines.transformer import after_start, drop
from enigmath.bench.contracts import UserError


class WindowMLP(nn.Module):
    """The network: vectors of the characters in a window, hidden layers, logits of the character after it."""

    def __init__(
        self, tokenizer: Tokenizer, window: int, vector: int, width: int, layers: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.window = window or tokenizer.question_length + tokenizer.longest
        self.vector = TokenVectors(tokenizer, vector, padding=PAD)
        sizes = [self.window * vector] + [width] * layers
        layer_by_layer: list[nn.Module] = []
        for before, after in pairwise(sizes):
            # Bengio et al. have one tanh layer; GELU and a normalised sum learn several times faster.
            linear, normal = nn.Linear(before, after), nn.LayerNorm(after)
            layer_by_layer.append(nn.Sequential(linear, normal, nn.GELU(), drop(dropout)))
        self.layers = nn.Sequential(*layer_by_layer)
        self.logits = nn.Linear(sizes[-1], tokenizer.size)

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from the window before it."""
        before = self.read(questions)[0]
        tokens = torch.cat([before, after_start(answers)], dim=1)
        # windows: (n, length, vector, window), the window that ends at each token that stands before an answer's
        windows = self.vector(tokens).unfold(1, self.window, 1)[:, 1:]
        return self.logits(self.layers(windows.flatten(2)))  # type: ignore[no-any-return]

    def hidden(self, questions: Tensor) -> Tensor:
        """The units (n, layers, width) of each hidden layer at START: from there the answer's first token comes."""
        x = self.vector(functional.pad(self.read(questions)[0][:, 1:], (0, 1), value=START))
        x = x.transpose(1, 2).flatten(1)
        units = []
        for layer in self.layers:
            x = layer(x)
            units.append(x)
        return torch.stack(units, dim=1)

    def read(self, questions: Tensor) -> State:
        """The last `window` characters, with PAD before a shorter question."""
        missing = max(self.window - questions.shape[1], 0)
        return (functional.pad(questions, (missing, 0), value=PAD)[:, -self.window :],)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        (window,) = state
        window = torch.cat([window[:, 1:], tokens[:, None]], dim=1)
        return self.logits(self.layers(self.vector(window).transpose(1, 2).flatten(1))), (window,)


@dataclass
class CharacterMLP(NeuralModel):
    """A multi-layer perceptron on a window of characters, after Bengio et al. 2003.

    window: characters that it sees, 0 for the longest question and answer of training together. vector: numbers a
    character. width: units a hidden layer. dropout: of the units of hidden layers.
    """

    window: int = 0
    vector: int = 16
    width: int = 256
    layers: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.window < 0 or self.vector < 1 or self.width < 1 or self.layers < 1:
            raise UserError(
                f"window {self.window}, vector {self.vector}, width {self.width}, layers {self.layers}",
                where="CharacterMLP",
                mend="make them positive (the window may be 0)",
            )

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return WindowMLP(tokenizer, self.window, self.vector, self.width, self.layers, self.dropout)
