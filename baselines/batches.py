"""What a network is trained on: problems as tokens on the device, and the order in which batches are taken.

A data set is passed over again and again, each time in a fresh order. Fresh problems come table by table, without end,
and each is seen once. Either way a batch is two index operations: no DataLoader, no worker, no copy.

With a curriculum the harder levels are let in one after another (Bengio, Louradour, Collobert and Weston, "Curriculum
learning", 2009): a batch is drawn evenly from all problems of the levels that are in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tokenized:
    """Problems on the device: questions (n, columns) and answers (n, length) as tokens; their levels (n,) if known.

    Levels are counted from 0, the easiest, without gaps.
    """

    questions: Tensor
    answers: Tensor
    levels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.questions)

    def pick(self, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Those problems, as the integers that embeddings take."""
        return self.questions[rows].long(), self.answers[rows].long()

    def rows(self, chosen: Tensor | slice) -> "Tokenized":
        """Those problems as tokens still, without their levels."""
        return Tokenized(self.questions[chosen], self.answers[chosen])

    @property
    def hardest(self) -> int:
        """The number of the hardest level."""
        return 0 if self.levels is None or len(self) == 0 else int(self.levels.max())


def let_in(spent: float, curriculum: float, hardest: int) -> int:
    """The hardest level that is in when the share `spent` of the budget is used; the last comes in at `curriculum`.

    >>> [let_in(spent, 0.5, 2) for spent in (0.0, 0.2, 0.25, 0.49, 0.5, 1.0)]
    [0, 0, 1, 1, 2, 2]
    """
    return hardest if spent >= curriculum else int(spent / curriculum * hardest)


class Batches(Protocol):
    """Batches without end, and where the next one stands, so that another process can go on."""

    def next(self, hardest: int) -> tuple[Tensor, Tensor]:
        """Questions and answers of the next batch, none of a level above `hardest`."""
        ...

    def state(self) -> dict[str, Tensor]:
        """All that decides the further batches."""
        ...

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from there."""
        ...


class Passes:
    """Batches from a data set: each pass over it in a fresh order, from a generator of its own."""

    def __init__(self, data: Tokenized, size: int, seed: int) -> None:
        self.data, self.size = data, min(size, len(data))
        self.device = data.answers.device
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.before = self.generator.get_state()
        self.order: list[Tensor] = []
        self.taken = 0
        self.hardest = self.all = data.hardest

    def next(self, hardest: int) -> tuple[Tensor, Tensor]:
        """The next batch; a level that is let in begins another pass."""
        if not self.order or hardest != self.hardest:
            self.hardest = hardest
            self._begin()
        self.taken += 1
        return self.data.pick(self.order.pop())

    def _begin(self) -> None:
        self.before, self.taken = self.generator.get_state(), 0
        allowed = None
        if self.data.levels is not None and self.hardest < self.all:
            allowed = torch.nonzero(self.data.levels <= self.hardest)[:, 0]
        rows = len(self.data) if allowed is None else len(allowed)
        shuffled = torch.randperm(rows, generator=self.generator, device=self.device)
        shuffled = shuffled if allowed is None else allowed[shuffled]
        whole = max(rows // self.size, 1) * self.size  # what is left over of a pass waits for another order
        self.order = list(torch.split(shuffled[:whole], self.size))[::-1]

    def state(self) -> dict[str, Tensor]:
        """The generator as it stood before this pass, the batches taken of it, the hardest level in it."""
        return {"generator": self.before, "place": torch.tensor([self.taken, self.hardest])}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Shuffle the pass again, and leave out what was taken."""
        self.generator.set_state(state["generator"])
        taken, self.hardest = state["place"].tolist()
        self._begin()
        del self.order[len(self.order) - taken :]
        self.taken = taken


class Fresh:
    """Batches from tables without end, each problem once; `tables(number)` gives them from the one of that number on.

    What a batch leaves of a table goes before the next. Levels that are not in yet are left out of the tables that are
    opened meanwhile.
    """

    def __init__(self, tables: Callable[[int], Iterator[Tokenized]], size: int, device: torch.device) -> None:
        self.tables, self.size, self.device = tables, size, device
        self.opened = self.drawn = 0
        self.hardest = -1
        self.coming: Iterator[Tokenized] | None = None
        self.left: Tokenized | None = None

    def next(self, hardest: int) -> tuple[Tensor, Tensor]:
        """The next batch; when a level is let in, what is left of the easier ones is dropped."""
        if hardest != self.hardest:
            self.left, self.hardest = None, hardest
        while self.left is None or len(self.left) < self.size:
            self._open()
        batch, self.left = self.left.pick(slice(self.size)), self.left.rows(slice(self.size, None))
        return batch

    def _open(self) -> None:
        self.coming = self.coming or self.tables(self.opened)
        table = next(self.coming)
        self.opened, self.drawn = self.opened + 1, self.drawn + len(table)
        if table.levels is not None:
            table = table.rows(table.levels <= self.hardest)
        if self.left is None:
            self.left = table
        else:
            both = zip((self.left.questions, self.left.answers), (table.questions, table.answers), strict=True)
            self.left = Tokenized(*(torch.cat(parts) for parts in both))

    def state(self) -> dict[str, Tensor]:
        """The problems of opened tables that are not seen yet, and how many tables were opened."""
        state = {"place": torch.tensor([self.opened, self.drawn, self.hardest])}
        if self.left is not None:
            state |= {"questions": self.left.questions.clone(), "answers": self.left.answers.clone()}
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """Open the tables that follow when those problems are seen."""
        self.opened, self.drawn, self.hardest = state["place"].tolist()
        if "questions" in state:
            self.left = Tokenized(state["questions"].to(self.device), state["answers"].to(self.device))
