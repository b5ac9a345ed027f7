"""A recurrent sequence-to-sequence network with attention: a bidirectional encoder reads, a decoder writes.

Encoder and decoder after Sutskever et al. 2014 and Bahdanau et al. 2015; the attention is Luong's of 2015 (scaled dot
products, after the recurrence), with several heads, so that one digit of each operand can be looked at in one step.
The attended vector is not fed back into the next step: the whole answer then runs through the recurrence in one call,
several times faster to train. The recurrence is a long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al.
2000) or a gated recurrent unit (Cho et al. 2014).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.symbols import TokenVectors
from enigmath.baselines.tokens import START, Tokenizer
from enigmath.baselines.transformer import Attention, after_start, drop
from enigmath.bench.contracts import UserError, unknown

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}
"""The recurrences by name."""


class RecurrentPair(nn.Module):
    """The network: encoder, decoder, attention between them, and a hidden layer before the logits."""

    def __init__(
        self, tokenizer: Tokenizer, width: int, layers: int, heads: int, cell: str = "lstm", dropout: float = 0.0
    ) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0  # where torch drops units: between layers, never within a recurrence
        make = CELLS[cell]
        self.vector = TokenVectors(tokenizer, width)
        self.encoder = make(width, width // 2, layers, batch_first=True, bidirectional=True, dropout=between)
        self.decoder = make(width, width, layers, batch_first=True, dropout=between)
        self.attention = Attention(width, heads)
        self.between = nn.Sequential(nn.Linear(2 * width, width), nn.GELU())
        self.logits = nn.Linear(width, tokenizer.size)
        self.drop = drop(dropout)
        if cell == "lstm":
            open_forget_gates(self.encoder, self.decoder)

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        keys, values, *state = self.read(questions)
        written, _ = self.decoder(self.drop(self.vector(after_start(answers))), _layers_first(state))
        return self.answer(self.drop(written), keys, values)

    def read(self, questions: Tensor) -> State:
        """The question's keys and values; the decoder's hidden state and, of an LSTM, its cell, (n, layers, width)."""
        outputs, ends = self.encoder(self.drop(self.vector(questions)))
        state = ends if isinstance(ends, tuple) else (ends,)
        return (*self.attention.remember(outputs), *map(_both_ways, state))

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        keys, values, *before = state
        after = self.step(tokens, before)
        return self.answer(after[0][:, -1:], keys, values)[:, 0], (keys, values, *after)

    def hidden(self, questions: Tensor) -> Tensor:
        """The decoder's hidden states (n, layers, width) after START: from there the answer's first token comes."""
        _, _, *state = self.read(questions)
        return self.step(torch.full_like(questions[:, 0], START), state)[0]

    def step(self, tokens: Tensor, state: list[Tensor]) -> list[Tensor]:
        """One step of the decoder: its state, hidden and perhaps cell, each (n, layers, width), after tokens (n,).

        By hand, gate by gate, as torch defines them: its own recurrence is made for long sequences, and takes several
        times as long for a single step.
        """
        x = self.vector(tokens)
        after: list[list[Tensor]] = [[] for _ in state]
        for layer, weights in enumerate(self.decoder.all_weights):
            before = [part[:, layer] for part in state]
            now = lstm_step(x, *before, *weights) if len(state) == 2 else gru_step(x, *before, *weights)
            for parts, part in zip(after, now, strict=True):
                parts.append(part)
            x = now[0]
        return [torch.stack(parts, dim=1) for parts in after]

    def answer(self, written: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Logits from the decoder's outputs (n, length, width) and what they find in the question."""
        found = self.attention(written, (keys, values))
        return self.logits(self.drop(self.between(torch.cat([written, found], dim=2))))  # type: ignore[no-any-return]


def lstm_step(
    x: Tensor, hidden: Tensor, cell: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor
) -> tuple[Tensor, ...]:
    """Hidden state and cell (n, width) after the input x (n, width); the weights hold four gates, one below another."""
    gates = torch.addmm(functional.linear(x, w_x, b_x + b_h), hidden, w_h.t())
    write, forget, new, show = gates.chunk(4, dim=1)
    cell = forget.sigmoid() * cell + write.sigmoid() * new.tanh()
    return show.sigmoid() * cell.tanh(), cell


def gru_step(x: Tensor, hidden: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> tuple[Tensor, ...]:
    """The hidden state (n, width) after the input x (n, width); the weights hold reset, update and new state."""
    reset_x, keep_x, new_x = functional.linear(x, w_x, b_x).chunk(3, dim=1)
    reset_h, keep_h, new_h = functional.linear(hidden, w_h, b_h).chunk(3, dim=1)
    new = torch.tanh(new_x + torch.sigmoid(reset_x + reset_h) * new_h)
    return (torch.lerp(new, hidden, torch.sigmoid(keep_x + keep_h)),)


def open_forget_gates(*recurrences: nn.Module) -> None:
    """Let an LSTM remember from the start (Jozefowicz et al. 2015); of its four gates the second forgets."""
    for recurrence in recurrences:
        for name, weight in recurrence.named_parameters():
            if name.startswith("bias_ih"):
                quarter = weight.shape[0] // 4
                nn.init.ones_(weight.data[quarter : 2 * quarter])


def _layers_first(state: list[Tensor]) -> Tensor | tuple[Tensor, ...]:
    """The decoder's state as torch takes it, from parts (n, layers, width)."""
    parts = tuple(part.transpose(0, 1).contiguous() for part in state)
    return parts if len(parts) > 1 else parts[0]


def _both_ways(state: Tensor) -> Tensor:
    """From (layers × 2, n, width / 2), as the encoder ends, to (n, layers, width), as the decoder begins."""
    both, count, half = state.shape
    return state.view(both // 2, 2, count, half).permute(2, 0, 1, 3).reshape(count, both // 2, 2 * half)


@dataclass
class Seq2Seq(NeuralModel):
    """A bidirectional recurrent encoder-decoder with attention.

    width: of the decoder, and of the encoder's two directions together; even, and a multiple of heads.
    cell: "lstm" or "gru". dropout: of inputs and outputs, and between layers (Zaremba et al. 2014).
    """

    learning_rate: float = 4e-3
    width: int = 64
    layers: int = 1
    heads: int = 2
    cell: str = "lstm"

    def __post_init__(self) -> None:
        super().__post_init__()
        where = type(self).__name__
        if self.cell not in CELLS:
            raise unknown("cell", self.cell, CELLS, where=where)
        if self.layers < 1 or self.heads < 1 or self.width < 2 or self.width % 2 or self.width % self.heads:
            raise UserError(
                f"width {self.width}, layers {self.layers}, heads {self.heads}",
                where=where,
                mend="make them positive, and the width even and a multiple of the heads",
            )

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return RecurrentPair(tokenizer, self.width, self.layers, self.heads, self.cell, self.dropout)


@dataclass
class Seq2SeqGRU(Seq2Seq):
    """An encoder-decoder as `lstm`, of gated recurrent units: three quarters of the weights, and no cell."""

    cell: str = "gru"
