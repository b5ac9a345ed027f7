"""What tells a network where a token stands: vectors added to the token's own, or turns of the queries and keys.

- columns: a learnt vector for the token's column (Vaswani et al. 2017, "Attention is all you need").
- sinusoidal: sines and cosines of its column; nothing is learnt (the same).
- rotary: queries and keys turn with their columns, so that a score depends on the distance alone (Su et al. 2021,
  "RoFormer").
- place-value: a learnt vector for its place within its number (McLeish et al. 2024, "Transformers can do arithmetic
  with the right embeddings").
- coupled: the same, and what stands outside of numbers counts as their place 0 (Cho et al. 2024, "Position coupling").
- both: columns and place-value.
- none: nothing, the causal mask alone tells first from last (Kazemnejad et al. 2023, "The impact of positional encoding
  on length generalization in transformers").

Places are counted from where a number starts. With numbers written in reverse a place is a power of ten: digits of one
significance share it, in every operand and in the answer. `offset` makes the places of one whole problem start at a
random number in training, so that places are learnt which no number of training reaches by itself; answers are written
without. The two kinds differ by what the offset moves: "place-value" moves digits alone, "coupled" moves the signs and
START as well, so that the answer's first digit stands one after START wherever the problem starts.
"""

import math

import torch
from torch import Tensor, nn

from enigmath.baselines.symbols import TokenVectors, kinds
from enigmath.baselines.tokens import PAD, Tokenizer

POSITIONS = ("columns", "sinusoidal", "rotary", "place-value", "coupled", "both", "none")
"""The names that a transformer's `positions` takes."""

BY_PLACE = ("place-value", "coupled", "both")
"""Those of them that `offset` moves."""

PLACES = 64
"""Places of a number that are told apart, beside the offset; all beyond share the last."""

EMBEDDED = 0.1
"""Standard deviation of fresh embeddings."""

SLOWEST = 10_000.0
"""The slowest sinusoid turns by 1 / SLOWEST a column, the fastest by 1: Vaswani et al. and Su et al. alike."""

Turn = tuple[Tensor, Tensor]
"""Cosines and sines, each (length, depth / 2), by which the halves of a query or key (.., length, depth) are turned."""


class Embedding(nn.Module):
    """A token's vector plus the vector of where it stands; `columns` are told apart, those beyond share an end.

    depth: of one attention head, which "rotary" turns.
    """

    in_number: Tensor

    def __init__(
        self, tokenizer: Tokenizer, columns: int, width: int, positions: str, *, offset: int = 0, depth: int = 0
    ) -> None:
        super().__init__()
        self.positions, self.offset, self.depth = positions, offset, depth
        self.by_column, self.by_place = positions in ("columns", "both"), positions in BY_PLACE
        self.token = TokenVectors(tokenizer, width)
        self.column = nn.Embedding(columns if self.by_column else 0, width)
        self.place = nn.Embedding(PLACES + offset if self.by_place else 0, width)
        self.register_buffer("in_number", torch.tensor(tokenizer.number_tokens()), persistent=False)
        for table in (self.token, self.column, self.place):
            nn.init.normal_(table.weight, std=EMBEDDED)

    def forward(self, tokens: Tensor, column: int, places: Tensor) -> Tensor:
        """Stream (n, length, width) of tokens (n, length) that begin at `column`, perhaps left of 0."""
        x = self.token(tokens)
        columns = torch.arange(column, column + tokens.shape[1], device=tokens.device)
        if self.by_column:
            x = x + self.column(columns.clamp(0, self.column.num_embeddings - 1))
        if self.by_place:
            x = x + self.place(places.clamp(max=self.place.num_embeddings - 1))
        if self.positions == "sinusoidal":
            cosines, sines = turn_of(columns, x.shape[2])
            # A sinusoid's mean square is 1/2: this makes the sum as large as a fresh token vector.
            x = x + EMBEDDED * math.sqrt(2) * torch.cat([cosines, sines], dim=1).to(x.dtype)
        return x  # type: ignore[no-any-return]

    def places(self, tokens: Tensor, start: Tensor | None = None) -> Tensor:
        """The place (n, length) of each token within its number, see `places_in`, moved by `start` (n, 1)."""
        places = places_in(tokens, self.in_number)
        if start is None:
            return places
        moved = tokens != PAD if self.positions == "coupled" else places > 0
        return torch.where(moved, places + start, places)

    def next_places(self, tokens: Tensor, before: Tensor) -> Tensor:
        """The places of tokens that come after tokens at the places `before`, both (n,) or both (n, 1)."""
        return torch.where(self.in_number[kinds(tokens)], before + 1, 0)

    def start(self, tokens: Tensor) -> Tensor | None:
        """In training, for each problem of tokens (n, length), where its places start: (n, 1), 0 to `offset`."""
        if not (self.training and self.offset and self.by_place):
            return None
        return torch.randint(0, self.offset + 1, (len(tokens), 1), device=tokens.device)

    def turn(self, column: int, length: int) -> Turn | None:
        """How queries and keys of `length` columns from `column` on are turned; None where they are not."""
        if self.positions != "rotary":
            return None
        return turn_of(torch.arange(column, column + length, device=self.token.weight.device), self.depth)


def turn_of(columns: Tensor, depth: int) -> Turn:
    """Cosines and sines, each (columns, depth / 2), of the columns' angles: 1 to nearly 1 / SLOWEST a column."""
    speed = SLOWEST ** -(torch.arange(0, depth, 2, device=columns.device) / depth)
    angles = columns[:, None] * speed
    return angles.cos(), angles.sin()


def turned(x: Tensor, by: Turn | None) -> Tensor:
    """x (.., length, depth), the pairs of its first and second half turned by their columns' angles.

    >>> quarter = torch.tensor([[0.0]]), torch.tensor([[1.0]])
    >>> turned(torch.tensor([[3.0, 4.0]]), quarter)
    tensor([[-4.,  3.]])
    """
    if by is None:
        return x
    cosines, sines = by[0].to(x.dtype), by[1].to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


def too_far(window: int, asking: Tensor, asked: Tensor) -> Tensor:
    """Whether places (n, asking) lie more than `window` from places (n, asked): (n, 1, asking, asked), for all heads.

    >>> too_far(1, torch.tensor([[2]]), torch.tensor([[0, 1, 2, 3]]))
    tensor([[[[ True, False, False, False]]]])
    """
    return ((asking[:, :, None] - asked[:, None]).abs() > window)[:, None]


def places_in(tokens: Tensor, in_number: Tensor) -> Tensor:
    """The place of each token within its number, counted from 1 where the number starts; 0 outside numbers.

    >>> places_in(torch.tensor([[0, 3, 3, 1, 3]]), torch.tensor([False, False, False, True]))
    tensor([[0, 1, 2, 0, 1]])
    """
    column = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
    outside = torch.where(in_number[kinds(tokens)], 0, column)
    return column - outside.cummax(dim=1).values
