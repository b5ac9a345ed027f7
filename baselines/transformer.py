"""A decoder-only transformer that reads a question and writes its answer, one character after the other.

The text is one row of tokens, the question right-aligned in its columns, then START, then the answer:

    columns   0 .. Q-1        Q        Q+1 ..
    tokens    question        START    answer ..

Each token looks at itself and at all before it (Vaswani et al. 2017, "Attention is all you need"), layers are
pre-norm (Xiong et al. 2020), and `positions` tells where a token stands. Only the columns from START on are asked for
the next token, so the last layer computes nothing else. With `loops`, the same layers run several times and the
embedded text is added before each (Dehghani et al. 2019, "Universal transformers"; Bansal et al. 2022, "End-to-end
algorithm synthesis with recurrent networks").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.positions import BY_PLACE, POSITIONS, Embedding, Turn, too_far, turned
from enigmath.baselines.tokens import START, Tokenizer
from enigmath.bench.contracts import UserError, unknown

HIDDEN = 4
"""The hidden layer of the feed-forward net is this many times as wide as the stream, as in Vaswani et al."""

ROOM = 16
"""Tokens by which a memory grows at a time. It is read as a whole, empty columns too: on one core a product with the
filled part of a larger memory takes half as long again."""

Memory = tuple[Tensor, Tensor]
"""Keys and values, each (n, heads, length, width / heads)."""


@dataclass
class Shaped(NeuralModel):
    """The keywords of both kinds of transformer, decoder-only and encoder-decoder.

    width: of the stream; a multiple of heads. layers: of a stack. loops: times that a stack runs.
    positions: see positions.py. offset: the furthest place that numbers start from in training, for positions by place.
    tied: the vectors of tokens also make the logits. dropout: of the embedded text, and of what each layer adds to it.
    """

    width: int = 64
    layers: int = 1
    heads: int = 4
    positions: str = "columns"
    offset: int = 0
    loops: int = 1
    tied: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        where = type(self).__name__
        if self.positions not in POSITIONS:
            raise unknown("positions", self.positions, POSITIONS, where=where)
        if self.layers < 1 or self.heads < 1 or self.width < 1 or self.width % self.heads:
            raise UserError(
                f"width {self.width}, layers {self.layers}, heads {self.heads}",
                where=where,
                mend="make them positive, and the width a multiple of the heads",
            )
        if self.positions in ("rotary", "sinusoidal") and self.width // self.heads % 2:
            mend = f"{self.positions} positions pair the units of a head: make width / heads even"
            raise UserError(f"width {self.width}, heads {self.heads}", where=where, mend=mend)
        if self.offset < 0 or (self.offset and self.positions not in BY_PLACE):
            mend = f"give 0 or more, and positions by place: one of {', '.join(BY_PLACE)}"
            raise UserError(f"offset {self.offset} with positions {self.positions!r}", where=where, mend=mend)
        if self.loops < 1:
            raise UserError(f"loops is {self.loops}", where=where, mend="let the layers run at least once")


class Attention(nn.Module):
    """Multi-head attention from queries to a memory."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def split(self, x: Tensor) -> Tensor:
        """From (n, length, width) to (n, heads, length, width / heads)."""
        return x.view(x.shape[0], x.shape[1], self.heads, x.shape[2] // self.heads).transpose(1, 2)

    def remember(self, x: Tensor, turn: Turn | None = None) -> Memory:
        """The keys and values of x (n, length, width)."""
        keys, values = self.key_value(x).chunk(2, dim=2)
        return turned(self.split(keys), turn), self.split(values)

    def forward(self, x: Tensor, memory: Memory, mask: Tensor | None = None, turn: Turn | None = None) -> Tensor:
        """What x (n, length, width) finds in the memory; `mask` (.., length, memory) is added to the scores."""
        keys, values = memory
        queries = turned(self.split(self.query(x)), turn)
        return self.out(attend(queries, keys, values, mask).transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def next(self, x: Tensor, memory: Memory, column: int, mask: Tensor, turn: Turn | None) -> Tensor:
        """What one more token x (n, 1, width) finds in the memory so far and in itself; it is written to its column."""
        keys, values = memory
        keys[:, :, column : column + 1], values[:, :, column : column + 1] = self.remember(x, turn)
        return self(x, memory, mask, turn)  # type: ignore[no-any-return]


def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention, each (n, heads, length, depth), by whichever way is fastest.

    Measured on one core, 256 × 32 columns of width 128: a training step in bfloat16 takes twice as long with the fused
    kernel, for its backward pass. The choice is fixed, not made anew in each run: another would give other weights.
    """
    if queries.is_cuda:
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    scale = queries.shape[3] ** -0.5
    scores = queries @ keys.transpose(2, 3) * scale
    return torch.softmax(scores if mask is None else scores + mask, dim=3) @ values


class FeedForward(nn.Sequential):
    """Two linear maps with GELU between: at small width ReLU units die, and some seeds never learn."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(width, HIDDEN * width), nn.GELU(), nn.Linear(HIDDEN * width, width))


class Layer(nn.Module):
    """Attention, then a feed-forward net, each added to the stream and fed from its normalised copy."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.before_feed_forward = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width)
        self.drop = drop(dropout)

    def forward(
        self, x: Tensor, mask: Tensor | None, turn: Turn | None, asked: int = 0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The stream (n, length - asked, width) of the tokens from `asked` on, and the keys and values of all."""
        normal = self.before_attention(x)
        keys, values = self.attention.remember(normal, turn)
        asked_mask = None if mask is None else mask[..., asked:, :]
        asked_turn = None if turn is None else (turn[0][asked:], turn[1][asked:])
        found = self.attention(normal[:, asked:], (keys, values), asked_mask, asked_turn)
        return self.finish(x[:, asked:] + self.drop(found)), keys, values

    def next(self, x: Tensor, memory: Memory, column: int, mask: Tensor, turn: Turn | None) -> Tensor:
        """The stream of one more token, x (n, 1, width), whose key and value are written to a column of the memory."""
        return self.finish(x + self.attention.next(self.before_attention(x), memory, column, mask, turn))

    def finish(self, x: Tensor) -> Tensor:
        """What follows the attention."""
        return x + self.drop(self.feed_forward(self.before_feed_forward(x)))  # type: ignore[no-any-return]


def embedding(tokenizer: Tokenizer, shape: Shaped) -> Embedding:
    """Vectors of tokens and of where they stand, for a whole text."""
    columns = tokenizer.question_length + tokenizer.longest
    depth = shape.width // shape.heads
    return Embedding(tokenizer, columns, shape.width, shape.positions, offset=shape.offset, depth=depth)


def drop(share: float) -> nn.Module:
    """Dropout of a share of the units in training; where nothing is dropped, no random number is drawn either."""
    return nn.Dropout(share) if share else nn.Identity()


class DecoderOnly(nn.Module):
    """The network: embeddings, layers, and one linear map from the stream to the logits of the next token."""

    def __init__(self, tokenizer: Tokenizer, shape: "Transformer") -> None:
        super().__init__()
        self.columns, self.longest, self.loops = tokenizer.question_length, tokenizer.longest, shape.loops
        self.window = shape.window
        self.embed = embedding(tokenizer, shape)
        self.drop = drop(shape.dropout)
        self.layers = nn.ModuleList(Layer(shape.width, shape.heads, shape.dropout) for _ in range(shape.layers))
        self.normal = nn.LayerNorm(shape.width)
        self.logits = Tied(self.embed.token) if shape.tied else nn.Linear(shape.width, tokenizer.size, bias=False)

    def through(
        self, tokens: Tensor, column: int, places: Tensor, asked: int = 0
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """The stream, keys and values after each layer of each loop, for tokens (n, length) that begin at `column`.

        The last layer gives the stream of the tokens from `asked` on alone: the others are asked for nothing.
        """
        x = embedded = self.drop(self.embed(tokens, column, places))
        mask, turn = causal_mask(tokens.shape[1], x), self.embed.turn(column, tokens.shape[1])
        if self.window:
            mask = torch.where(too_far(self.window, places, places), -torch.inf, mask)
        last = self.loops * len(self.layers) - 1
        for number in range(last + 1):
            if number and number % len(self.layers) == 0:
                x = x + embedded
            x, keys, values = self.layers[number % len(self.layers)](x, mask, turn, asked if number == last else 0)
            yield x, keys, values

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        tokens = torch.cat([questions, after_start(answers)], dim=1)
        places = self.embed.places(tokens, self.embed.start(tokens))
        length = questions.shape[1]
        *_, (x, _, _) = self.through(tokens, self.columns - length, places, asked=length)
        return self.logits(self.normal(x))  # type: ignore[no-any-return]

    def hidden(self, questions: Tensor) -> Tensor:
        """The stream (n, loops × layers, width) after each layer, at START, before the answer's first token."""
        tokens = functional.pad(questions, (0, 1), value=START)
        layers = self.through(tokens, self.columns - questions.shape[1], self.embed.places(tokens))
        return torch.stack([x[:, -1] for x, _, _ in layers], dim=1)

    def read(self, questions: Tensor) -> State:
        """The places of the tokens, (n, 1, length, 1) so that they grow as the memory does; its keys and values."""
        places = self.embed.places(questions)
        memory: list[Tensor] = []
        length = questions.shape[1]  # of the last layer, keys and values are all that is wanted
        for _, keys, values in self.through(questions, self.columns - length, places, asked=length):
            memory += [keys, values]
        return (places[:, None, :, None], *memory)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        (places, *memory), column = with_room(list(state), place)
        here = places[:, 0, column] = self.embed.next_places(tokens[:, None], places[:, 0, column - 1])
        x = embedded = self.embed(tokens[:, None], self.columns + place, here)
        mask, turn = filled_mask(column, memory[0]), self.embed.turn(self.columns + place, 1)
        if self.window:
            mask = torch.where(too_far(self.window, here, places[:, 0, :, 0]), -torch.inf, mask)
        for number, layer in enumerate(zip(memory[::2], memory[1::2], strict=True)):
            if number and number % len(self.layers) == 0:
                x = x + embedded
            x = cast(Layer, self.layers[number % len(self.layers)]).next(x, layer, column, mask, turn)
        return self.logits(self.normal(x))[:, 0], (places, *memory)


class Tied(nn.Module):
    """Logits by the token vectors themselves (Press and Wolf 2017), which stay the embedding's own."""

    def __init__(self, token: nn.Embedding) -> None:
        super().__init__()
        self._token = [token]  # a list hides it from the module, so that its weight is counted and kept once

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of the stream x (n, length, width)."""
        return functional.linear(x, self._token[0].weight)


def with_room(memory: list[Tensor], place: int) -> tuple[list[Tensor], int]:
    """The memory of all before `place` of the answer, which grows by ROOM where it is full, and that place's column."""
    if place % ROOM == 0:
        memory = [torch.cat([part, part.new_zeros((*part.shape[:2], ROOM, part.shape[3]))], dim=2) for part in memory]
    return memory, memory[0].shape[2] - ROOM + place % ROOM


def after_start(answers: Tensor) -> Tensor:
    """What stands before each token of the answers: START, then the answer but for its last token."""
    return functional.pad(answers[:, :-1], (1, 0), value=START)


def causal_mask(length: int, like: Tensor) -> Tensor:
    """Shape (length, length): 0 where a column may look, minus infinity at the columns after it."""
    return torch.full((length, length), -torch.inf, dtype=like.dtype, device=like.device).triu_(1)


def filled_mask(column: int, memory: Tensor) -> Tensor:
    """Shape (1, length): 0 for a memory's columns (n, heads, length, depth) up to this one, minus infinity after."""
    filled = torch.arange(memory.shape[2], device=memory.device) <= column
    return torch.where(filled, 0.0, -torch.inf).to(memory.dtype)[None]


@dataclass
class Transformer(Shaped):
    """A decoder-only transformer with pre-norm layers.

    window: a token looks only at tokens whose places are at most so far from its own; 0 for all. For coupled positions,
    where signs, START and padding stand at place 0: digits further up do not see them. Without a window, longer numbers
    than those of training compare places further apart than any there.
    """

    window: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.window < 0 or (self.window and self.positions != "coupled"):
            what = f"window {self.window} with positions {self.positions!r}"
            raise UserError(what, where=type(self).__name__, mend="give 0 or more, and coupled positions")

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return DecoderOnly(tokenizer, self)
