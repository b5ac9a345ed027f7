"""An encoder-decoder transformer (Vaswani et al. 2017): one stack reads the question, another writes the answer.

The encoder's tokens look at the whole question, both ways; the decoder's look at the answer so far, and then at what
the encoder made of the question. Beside the decoder-only model it spends its weights on reading and writing apart.
The parts and keywords are those of `transformer`, but for its window; rotary positions turn the attention to the
question as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from enigmath.baselines.decoding import State
from enigmath.baselines.positions import Turn
from enigmath.baselines.tokens import START, Tokenizer
from enigmath.baselines.transformer import (
    Attention,
    FeedForward,
    Layer,
    Memory,
    Shaped,
    Tied,
    after_start,
    causal_mask,
    drop,
    embedding,
    filled_mask,
    with_room,
)


class WritingLayer(nn.Module):
    """Attention to the answer so far, attention to the question, then a feed-forward net."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.before_question = nn.LayerNorm(width)
        self.to_question = Attention(width, heads)
        self.before_feed_forward = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width)
        self.drop = drop(dropout)

    def forward(self, x: Tensor, mask: Tensor, turn: Turn | None, question: Memory) -> Tensor:
        """The stream (n, length, width), given the question's keys and values."""
        normal = self.before_attention(x)
        found = self.attention(normal, self.attention.remember(normal, turn), mask, turn)
        return self.finish(x + self.drop(found), turn, question)

    def next(self, x: Tensor, memory: Memory, column: int, mask: Tensor, turn: Turn | None, question: Memory) -> Tensor:
        """The stream of one more token, x (n, 1, width), whose key and value are written to a column of the memory."""
        found = self.attention.next(self.before_attention(x), memory, column, mask, turn)
        return self.finish(x + found, turn, question)

    def finish(self, x: Tensor, turn: Turn | None, question: Memory) -> Tensor:
        """What follows the attention to the answer so far."""
        x = x + self.drop(self.to_question(self.before_question(x), question, None, turn))
        return x + self.drop(self.feed_forward(self.before_feed_forward(x)))  # type: ignore[no-any-return]


class ReadAndWrite(nn.Module):
    """The network: the question's stack, the answer's stack, and the logits of the next token."""

    def __init__(self, tokenizer: Tokenizer, shape: Shaped) -> None:
        super().__init__()
        self.columns, self.longest, self.loops = tokenizer.question_length, tokenizer.longest, shape.loops
        width, heads, dropout = shape.width, shape.heads, shape.dropout
        # One table for both stacks: the place of a digit has one vector, so like places find each other at once.
        self.embed = embedding(tokenizer, shape)
        self.drop = drop(dropout)
        self.reading = nn.ModuleList(Layer(width, heads, dropout) for _ in range(shape.layers))
        self.after_reading = nn.LayerNorm(width)
        self.writing = nn.ModuleList(WritingLayer(width, heads, dropout) for _ in range(shape.layers))
        self.normal = nn.LayerNorm(width)
        self.logits = Tied(self.embed.token) if shape.tied else nn.Linear(width, tokenizer.size, bias=False)

    def understand(self, questions: Tensor, start: Tensor | None = None) -> list[Memory]:
        """For each writing layer, the keys and values of the question (n, columns), whose places begin at `start`."""
        column, length = self.columns - questions.shape[1], questions.shape[1]
        embedded = self.drop(self.embed(questions, column, self.embed.places(questions, start)))
        turn = self.embed.turn(column, length)
        x = torch.zeros_like(embedded)
        for _ in range(self.loops):
            x = x + embedded
            for layer in self.reading:
                x, _, _ = layer(x, None, turn)
        x = self.after_reading(x)
        return [cast(WritingLayer, layer).to_question.remember(x, turn) for layer in self.writing]

    def through(self, answers: Tensor, start: Tensor | None, question: list[Memory]) -> Iterator[Tensor]:
        """The stream (n, length, width) after each layer of each loop, for what stands before each token of answers."""
        tokens = after_start(answers)
        embedded = self.drop(self.embed(tokens, self.columns, self.embed.places(tokens, start)))
        mask, turn = causal_mask(tokens.shape[1], embedded), self.embed.turn(self.columns, tokens.shape[1])
        x = torch.zeros_like(embedded)
        for _ in range(self.loops):
            x = x + embedded
            for layer, memory in zip(self.writing, question, strict=True):
                x = layer(x, mask, turn, memory)
                yield x

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        start = self.embed.start(questions)
        *_, x = self.through(answers, start, self.understand(questions, start))
        return self.logits(self.normal(x))  # type: ignore[no-any-return]

    def hidden(self, questions: Tensor) -> Tensor:
        """The stream (n, loops × layers, width) after each writing layer, at START, before the answer's first token."""
        start = questions.new_full((len(questions), 1), START)
        return torch.stack([x[:, 0] for x in self.through(start, None, self.understand(questions))], dim=1)

    def read(self, questions: Tensor) -> State:
        """The last place; each writing layer's keys and values of the question; room for the answer's, by loop."""
        memory = [part.contiguous() for layer in self.understand(questions) for part in layer]
        room = [part[:, :, :0] for part in memory] * self.loops
        return (torch.zeros(len(questions), dtype=torch.long, device=questions.device), *memory, *room)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        before, *memory = state
        layers = len(self.writing)
        question = memory[: 2 * layers]
        room, column = with_room(memory[2 * layers :], place)
        places = self.embed.next_places(tokens, before)
        x = embedded = self.embed(tokens[:, None], self.columns + place, places[:, None])
        mask, turn = filled_mask(column, room[0]), self.embed.turn(self.columns + place, 1)
        for number, so_far in enumerate(zip(room[::2], room[1::2], strict=True)):
            layer = number % layers
            if number and layer == 0:
                x = x + embedded
            asked = question[2 * layer], question[2 * layer + 1]
            x = cast(WritingLayer, self.writing[layer]).next(x, so_far, column, mask, turn, asked)
        return self.logits(self.normal(x))[:, 0], (places, *question, *room)


@dataclass
class EncoderDecoder(Shaped):
    """An encoder-decoder transformer with pre-norm layers: `layers` in each of its two stacks."""

    learning_rate: float = 4e-3
    positions: str = "both"

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return ReadAndWrite(tokenizer, self)
