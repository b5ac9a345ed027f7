"""An encoder-decoder transformer (Vaswani et al. 2017): one stack reads the question, another writes the answer.

The encoder's tokens look at the whole question, both ways; the decoder's look at the answer so far, and then at what
the encoder made of the question. Beside the decoder-only model it spends its weights on reading and writing apart.
The parts are those of `transformer`: pre-norm layers, GELU, learnt positions by column or by place value.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.tokens import Tokenizer
from enigmath.baselines.transformer import (
    Attention,
    Embedding,
    FeedForward,
    Layer,
    after_start,
    causal_mask,
    require_sound,
)


class WritingLayer(nn.Module):
    """Attention to the answer so far, attention to the question, then a feed-forward net."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.before_question = nn.LayerNorm(width)
        self.to_question = Attention(width, heads)
        self.before_feed_forward = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width)

    def forward(self, x: Tensor, mask: Tensor, question: tuple[Tensor, Tensor]) -> Tensor:
        """The stream (n, length, width), given the question's keys and values."""
        normal = self.before_attention(x)
        return self.finish(x + self.attention(normal, *self.attention.remember(normal), mask), question)

    def next(self, x: Tensor, keys: Tensor, values: Tensor, place: int, question: tuple[Tensor, Tensor]) -> Tensor:
        """The stream of one more token, x (n, 1, width); its key and value are written to the memory."""
        normal = self.before_attention(x)
        keys[:, :, place : place + 1], values[:, :, place : place + 1] = self.attention.remember(normal)
        found = self.attention(normal, keys[:, :, : place + 1], values[:, :, : place + 1], None)
        return self.finish(x + found, question)

    def finish(self, x: Tensor, question: tuple[Tensor, Tensor]) -> Tensor:
        """What follows the attention to the answer so far."""
        x = x + self.to_question(self.before_question(x), *question, None)
        return x + self.feed_forward(self.before_feed_forward(x))  # type: ignore[no-any-return]


class ReadAndWrite(nn.Module):
    """The network: the question's stack, the answer's stack, and the logits of the next token."""

    def __init__(self, tokenizer: Tokenizer, width: int, layers: int, heads: int, positions: str) -> None:
        super().__init__()
        self.columns, self.longest = tokenizer.question_length, tokenizer.longest
        # One table for both stacks: the place of a digit has one vector, so like places find each other at once.
        self.embed = Embedding(tokenizer, self.columns + self.longest, width, positions)
        self.reading = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.after_reading = nn.LayerNorm(width)
        self.writing = nn.ModuleList(WritingLayer(width, heads) for _ in range(layers))
        self.normal = nn.LayerNorm(width)
        self.logits = nn.Linear(width, tokenizer.size, bias=False)

    def understand(self, questions: Tensor) -> list[tuple[Tensor, Tensor]]:
        """For each writing layer, the keys and values of the question (n, columns)."""
        places = self.embed.places(questions)
        x = self.embed(questions, self.columns - questions.shape[1], places)
        for layer in self.reading:
            x, _, _ = layer(x, None)
        x = self.after_reading(x)
        return [cast(WritingLayer, layer).to_question.remember(x) for layer in self.writing]

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        tokens = after_start(answers)
        x = self.embed(tokens, self.columns, self.embed.places(tokens))
        mask = causal_mask(tokens.shape[1], x)
        for layer, question in zip(self.writing, self.understand(questions), strict=True):
            x = layer(x, mask, question)
        return self.logits(self.normal(x))  # type: ignore[no-any-return]

    def read(self, questions: Tensor) -> State:
        """The last place, and for each layer the question's keys and values and room for the answer's."""
        memory: list[Tensor] = []
        for keys, values in self.understand(questions):
            room = keys.new_empty((*keys.shape[:2], self.longest, keys.shape[3]))
            memory += [keys, values, room, room.clone()]
        return (torch.zeros(len(questions), dtype=torch.long, device=questions.device), *memory)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        before, *memory = state
        places = self.embed.next_places(tokens, before)
        x = self.embed(tokens[:, None], self.columns + place, places[:, None])
        for number, layer in enumerate(self.writing):
            asked_keys, asked_values, keys, values = memory[4 * number : 4 * number + 4]
            x = cast(WritingLayer, layer).next(x, keys, values, place, (asked_keys, asked_values))
        return self.logits(self.normal(x))[:, 0], (places, *memory)


@dataclass
class EncoderDecoder(NeuralModel):
    """An encoder-decoder transformer with pre-norm layers.

    width: of the streams; a multiple of heads. layers: of each stack. positions: "columns", "place-value", "both" or
    "none".
    """

    learning_rate: float = 4e-3
    width: int = 64
    layers: int = 1
    heads: int = 4
    positions: str = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sound(self.positions, self.width, self.layers, self.heads, where="EncoderDecoder")

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return ReadAndWrite(tokenizer, self.width, self.layers, self.heads, self.positions)
