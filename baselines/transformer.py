"""A decoder-only transformer that reads a question and writes its answer, one character after the other.

The text is one row of tokens, the question right-aligned in its columns, then START, then the answer:

    columns   0 .. Q-1        Q        Q+1 ..
    tokens    question        START    answer ..

Each token looks at itself and at all before it (Vaswani et al. 2017, "Attention is all you need"), layers are
pre-norm (Xiong et al. 2020), and where a token stands is told by a learnt vector for its column, or, with
positions="place-value", by a learnt vector for its place within its number (McLeish et al. 2024, "Transformers can do
arithmetic with the right embeddings"). Only the columns from START on are asked for the next token, so the last layer
computes nothing else.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import State
from enigmath.baselines.neural import NeuralModel
from enigmath.baselines.tokens import START, Tokenizer
from enigmath.bench.contracts import UserError, unknown

POSITIONS = ("columns", "place-value", "both", "none")
"""What tells a token where it stands: its column, its place within its number, both, or the causal mask alone."""

PLACES = 64
"""Places of a number that are told apart; all beyond share the last."""

HIDDEN = 4
"""The hidden layer of the feed-forward net is this many times as wide as the stream, as in Vaswani et al."""

EMBEDDED = 0.1
"""Standard deviation of fresh embeddings."""


class Attention(nn.Module):
    """Multi-head attention from queries to a memory of keys and values, each (n, heads, length, width / heads)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def split(self, x: Tensor) -> Tensor:
        """From (n, length, width) to (n, heads, length, width / heads)."""
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def remember(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The keys and values of x."""
        keys, values = self.key_value(x).chunk(2, dim=2)
        return self.split(keys), self.split(values)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """What x (n, length, width) finds in the memory; `mask` (length, memory) is added to the scores."""
        queries = self.split(self.query(x))
        if x.is_cuda:
            found = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        else:  # at these lengths the backward pass of the fused kernel is many times slower on a CPU
            scores = queries @ keys.transpose(2, 3) * queries.shape[3] ** -0.5
            found = torch.softmax(scores if mask is None else scores + mask, dim=3) @ values
        return self.out(found.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class FeedForward(nn.Sequential):
    """Two linear maps with GELU between: at small width ReLU units die, and some seeds never learn."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(width, HIDDEN * width), nn.GELU(), nn.Linear(HIDDEN * width, width))


class Layer(nn.Module):
    """Attention, then a feed-forward net, each added to the stream and fed from its normalised copy."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.before_feed_forward = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width)

    def forward(self, x: Tensor, mask: Tensor | None, first: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """The stream (n, length - first, width) from column `first` on, and the keys and values of all columns."""
        normal = self.before_attention(x)
        keys, values = self.attention.remember(normal)
        asked = None if mask is None else mask[first:]
        x = x[:, first:] + self.attention(normal[:, first:], keys, values, asked)
        return x + self.feed_forward(self.before_feed_forward(x)), keys, values

    def next(self, x: Tensor, keys: Tensor, values: Tensor, column: int) -> Tensor:
        """The stream of one more token, x (n, 1, width) at `column`; its key and value are written to the memory."""
        normal = self.before_attention(x)
        keys[:, :, column : column + 1], values[:, :, column : column + 1] = self.attention.remember(normal)
        x = x + self.attention(normal, keys[:, :, : column + 1], values[:, :, : column + 1], None)
        return x + self.feed_forward(self.before_feed_forward(x))  # type: ignore[no-any-return]


class Embedding(nn.Module):
    """A token's vector plus the vector of where it stands; `columns` are told apart, those beyond share an end."""

    in_number: Tensor

    def __init__(self, tokenizer: Tokenizer, columns: int, width: int, positions: str) -> None:
        super().__init__()
        self.by_column, self.by_place = positions in ("columns", "both"), positions in ("place-value", "both")
        self.token = nn.Embedding(tokenizer.size, width)
        self.column = nn.Embedding(columns if self.by_column else 0, width)
        self.place = nn.Embedding(PLACES if self.by_place else 0, width)
        self.register_buffer("in_number", torch.tensor(tokenizer.number_tokens()), persistent=False)
        for table in (self.token, self.column, self.place):
            nn.init.normal_(table.weight, std=EMBEDDED)

    def forward(self, tokens: Tensor, first: int, places: Tensor) -> Tensor:
        """Stream (n, length, width) of tokens (n, length) whose first stands in column `first`, perhaps left of 0."""
        x = self.token(tokens)
        if self.by_column:
            columns = torch.arange(first, first + tokens.shape[1], device=tokens.device)
            x = x + self.column(columns.clamp_(0, self.column.num_embeddings - 1))
        if self.by_place:
            x = x + self.place(places.clamp(max=PLACES - 1))
        return x  # type: ignore[no-any-return]

    def places(self, tokens: Tensor) -> Tensor:
        """The place of each token within its number; see `places_in`."""
        return places_in(tokens, self.in_number)

    def next_places(self, tokens: Tensor, before: Tensor) -> Tensor:
        """The places (n,) of tokens (n,) that come after tokens at the places `before` (n,)."""
        return torch.where(self.in_number[tokens], before + 1, 0)


class DecoderOnly(nn.Module):
    """The network: embeddings, layers, and one linear map from the stream to the logits of the next token."""

    def __init__(self, tokenizer: Tokenizer, width: int, layers: int, heads: int, positions: str) -> None:
        super().__init__()
        self.columns, self.longest = tokenizer.question_length, tokenizer.longest
        self.embed = Embedding(tokenizer, self.columns + self.longest, width, positions)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.normal = nn.LayerNorm(width)
        self.logits = nn.Linear(width, tokenizer.size, bias=False)

    def forward(self, questions: Tensor, answers: Tensor) -> Tensor:
        """Logits (n, length, vocabulary) of each token of the answers (n, length), from all tokens before it."""
        tokens = torch.cat([questions, after_start(answers)], dim=1)
        x = self.embed(tokens, 0, self.embed.places(tokens))
        mask = causal_mask(tokens.shape[1], x)
        for layer in self.layers[:-1]:
            x, _, _ = layer(x, mask)
        x, _, _ = self.layers[-1](x, mask, first=questions.shape[1])
        return self.logits(self.normal(x))  # type: ignore[no-any-return]

    def read(self, questions: Tensor) -> State:
        """Keys and values of every layer, with room for the answer; the place of the last token within its number."""
        length = questions.shape[1]
        places = self.embed.places(questions)
        x = self.embed(questions, self.columns - length, places)
        mask = causal_mask(length, x)
        memory: list[Tensor] = []
        for layer in self.layers:
            x, keys, values = layer(x, mask)
            memory += [functional.pad(keys, (0, 0, 0, self.longest)), functional.pad(values, (0, 0, 0, self.longest))]
        return (places[:, -1], *memory)

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) after one more token (n,) of the answer; see decoding.Writer."""
        before, *memory = state
        places = self.embed.next_places(tokens, before)
        x = self.embed(tokens[:, None], self.columns + place, places[:, None])
        column = memory[0].shape[2] - self.longest + place
        for layer, keys, values in zip(self.layers, memory[::2], memory[1::2], strict=True):
            x = cast(Layer, layer).next(x, keys, values, column)
        return self.logits(self.normal(x))[:, 0], (places, *memory)


def after_start(answers: Tensor) -> Tensor:
    """What stands before each token of the answers: START, then the answer but for its last token."""
    return functional.pad(answers[:, :-1], (1, 0), value=START)


def causal_mask(length: int, like: Tensor) -> Tensor:
    """Shape (length, length): 0 where a column may look, minus infinity at the columns after it."""
    return torch.full((length, length), -torch.inf, dtype=like.dtype, device=like.device).triu_(1)


def places_in(tokens: Tensor, in_number: Tensor) -> Tensor:
    """The place of each token within its number, counted from 1 where the number starts; 0 outside numbers.

    >>> places_in(torch.tensor([[0, 3, 3, 1, 3]]), torch.tensor([False, False, False, True]))
    tensor([[0, 1, 2, 0, 1]])
    """
    column = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
    outside = torch.where(in_number[tokens], 0, column)
    return column - outside.cummax(dim=1).values


@dataclass
class Transformer(NeuralModel):
    """A decoder-only transformer with pre-norm layers.

    width: of the stream; a multiple of heads. positions: "columns", "place-value", "both" or "none".
    """

    width: int = 64
    layers: int = 1
    heads: int = 4
    positions: str = "columns"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sound(self.positions, self.width, self.layers, self.heads, where="Transformer")

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The network with fresh weights."""
        return DecoderOnly(tokenizer, self.width, self.layers, self.heads, self.positions)


def require_sound(positions: str, width: int, layers: int, heads: int, *, where: str) -> None:
    """UserError where a transformer cannot be built of these."""
    if positions not in POSITIONS:
        raise unknown("positions", positions, POSITIONS, where=where)
    if layers < 1 or heads < 1 or width < 1 or width % heads:
        raise UserError(
            f"width {width}, layers {layers}, heads {heads}",
            where=where,
            mend="make them positive, and the width a multiple of the heads",
        )
