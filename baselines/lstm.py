"""A sequence-to-sequence LSTM with attention: a bidirectional encoder reads the question, a decoder writes the answer.

Encoder and decoder after Sutskever et al. 2014 and Bahdanau et al. 2015; the attention is Luong's of 2015 (scaled dot
products, after the recurrence), with several heads, so that one digit of each operand can be looked at in one step.
The attended vector is not fed back into the next step: the whole answer then runs through the recurrence in one call,
several times faster to train.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.tokens import Tokenizer
from enigmath.baselines.transformer import Attention, after_start
from enigmath.bench.contracts import UserError


class RecurrentPair(nn.Module):
    """The network: encoder, decoder, attention between them, and a hidden layer before the logits."""

    def __init__(self, tokenizer: Tokenizer, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.vector = nn.Embedding(tokenizer.size, width)
        self.encoder = nn.LSTM(width, width // 2, layers, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTM(width, width, layers, batch_first=True)
        self.attention = Attention(width, heads)
        self.hidden = nn.Sequential(nn.Linear(2 * width, width), nn.GELU())
        self.logits = nn.Linear(width, tokenizer.size)
        for name, weight in [*self.encoder.named_parameters(), *self.decoder.named_parameters()]:
            if name.startswith("bias_ih"):  # open forget gates from the start (Jozefowicz et al. 2015)
                quarter = weight.shape[0] // 4
                nn.init.ones_(weight.data[quarter : 2 * quarter])

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        keys, values, hidden, cell = self.read(questions)
        written, _ = self.decoder(self.vector(after_start(answers)), (_layers_first(hidden), _layers_first(cell)))
        return self.answer(written, keys, values)

    def read(self, questions: Tensor) -> State:
        """The question's keys and values, and the decoder's hidden state and cell, each (n, layers, width)."""
        outputs, (hidden, cell) = self.encoder(self.vector(questions))
        keys, values = self.attention.remember(outputs)
        return keys, values, _both_ways(hidden), _both_ways(cell)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        keys, values, hidden, cell = state
        before = (_layers_first(hidden), _layers_first(cell))
        written, (hidden, cell) = self.decoder(self.vector(tokens[:, None]), before)
        logits = self.answer(written, keys, values)[:, 0]
        return logits, (keys, values, hidden.transpose(0, 1), cell.transpose(0, 1))

    def answer(self, written: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Logits from the decoder's outputs (n, length, width) and what they find in the question."""
        found = self.attention(written, keys, values, None)
        return self.logits(self.hidden(torch.cat([written, found], dim=2)))  # type: ignore[no-any-return]


def _layers_first(state: Tensor) -> Tensor:
    return state.transpose(0, 1).contiguous()


def _both_ways(state: Tensor) -> Tensor:
    """From (layers × 2, n, width / 2), as the encoder ends, to (n, layers, width), as the decoder begins."""
    both, count, half = state.shape
    return state.view(both // 2, 2, count, half).permute(2, 0, 1, 3).reshape(count, both // 2, 2 * half)


@dataclass
class Seq2SeqLSTM(NeuralModel):
    """A bidirectional LSTM encoder-decoder with attention.

    width: of the decoder, and of the encoder's two directions together; even, and a multiple of heads.
    """

    learning_rate: float = 4e-3
    width: int = 64
    layers: int = 1
    heads: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers < 1 or self.heads < 1 or self.width < 2 or self.width % 2 or self.width % self.heads:
            raise UserError(
                f"width {self.width}, layers {self.layers}, heads {self.heads}",
                where="Seq2SeqLSTM",
                mend="make them positive, and the width even and a multiple of the heads",
            )

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return RecurrentPair(tokenizer, self.width, self.layers, self.heads)
