"""Decoding, many answers at once: each network reads the questions once, then writes token by token.

Three ways to choose what is written: the likeliest token, one after the other (`greedy`); a token drawn at a
temperature (`sampled`); or the likeliest whole answer that a search of bounded width finds (`beam`).

What a network keeps between tokens (keys and values, hidden states) is its State: a tuple of tensors whose first
dimension counts the answers. So a row whose answer is over is dropped by one index operation, whatever the network.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from enigmath.baselines.symbols import values_of
from enigmath.baselines.tokens import END, PAD, START

State = tuple[Tensor, ...]


class Writer(Protocol):
    """A network that can write answers."""

    def read(self, questions: Tensor) -> State:
        """The state before the first token, for questions (n, columns)."""
        ...

    def write(self, tokens: Tensor, place: int, state: State) -> tuple[Tensor, State]:
        """Logits (n, vocabulary) of the token after `tokens` (n,), which stands at `place` (START at 0)."""
        ...


def greedy(network: Writer, questions: Tensor, longest: int) -> Tensor:
    """The likeliest token, one after the other: shape (n, longest), PAD after END."""
    return _written(network, questions, longest, lambda logits: logits.argmax(-1))


def sampled(network: Writer, questions: Tensor, longest: int, temperature: float, generator: torch.Generator) -> Tensor:
    """Tokens drawn from the softmax of logits / temperature, which is positive: shape (n, longest), PAD after END."""

    def draw(logits: Tensor) -> Tensor:
        logits = only_writable(logits.float())
        below = logits - logits.max(dim=-1, keepdim=True).values  # so that a temperature near 0 overflows nothing
        return torch.multinomial(torch.softmax(below / temperature, dim=-1), 1, generator=generator)[:, 0]

    return _written(network, questions, longest, draw)


@torch.no_grad()
def _written(network: Writer, questions: Tensor, longest: int, choose: Callable[[Tensor], Tensor]) -> Tensor:
    count, device = len(questions), questions.device
    written = torch.full((count, longest), PAD, device=device)
    rows = torch.arange(count, device=device)
    tokens = torch.full((count,), START, device=device)
    state, values = network.read(questions), values_of(network)
    for place in range(longest):
        logits, state = network.write(tokens, place, state)
        tokens = choose(logits) if values is None else values.written(logits, choose)
        written[rows, place] = tokens
        going = tokens != END
        if not bool(going.all()):
            rows, tokens, state = rows[going], tokens[going], tuple(part[going] for part in state)
            if len(rows) == 0:
                break
    return written


def only_writable(logits: Tensor) -> Tensor:
    """The logits with minus infinity for PAD and START, which no answer holds."""
    return logits.index_fill(-1, torch.tensor([PAD, START], device=logits.device), -torch.inf)


@torch.no_grad()
def beam(network: Writer, questions: Tensor, longest: int, width: int, length_penalty: float = 0.0) -> Tensor:
    """The best answer that a beam of `width` unfinished answers meets: shape (n, longest), PAD after END.

    At each place the `width` likeliest continuations of all in the beam are kept; those that end leave it and are
    judged by the sum of their log-probabilities, divided by length ** length_penalty (END counted). 0, no division,
    seeks the likeliest answer. The usual positive penalty (1 in most toolkits; Wu et al. 2016, "Google's neural
    machine translation system", raise (5 + length) / 6 instead) was made for translations, whose sums fall with every
    word; where answers differ in length because they differ in value, it prefers the longer number to the likelier.
    A search ends when nothing in the beam can overtake the best that has ended. Width 1 is `greedy`.
    """
    search = _Search(questions, longest, length_penalty)
    state = network.read(questions)
    tokens = torch.full((len(questions),), START, device=questions.device)
    for place in range(longest):
        logits, state = network.write(tokens, place, state)
        parents, tokens = search.extend(only_writable(logits.float().log_softmax(-1)), place, width)
        if len(tokens) == 0:
            break
        state = tuple(part[parents] for part in state)
    return search.best


class _Search:
    """The beams of all questions that are still searched, as rows × beams, and the best answer of every question."""

    def __init__(self, questions: Tensor, longest: int, length_penalty: float) -> None:
        count, device = len(questions), questions.device
        self.length_penalty, self.longest = length_penalty, longest
        self.best = torch.full((count, longest), PAD, device=device)
        self.best_score = torch.full((count,), -torch.inf, device=device)
        self.rows = torch.arange(count, device=device)
        self.written = self.best[:, None].clone()
        self.total = torch.zeros((count, 1), device=device)

    def extend(self, logs: Tensor, place: int, width: int) -> tuple[Tensor, Tensor]:
        """One token more, from its log-probabilities (rows × beams, vocabulary).

        Returns, for the beams that go on, which of the old ones each continues and the token that it adds.
        """
        beams, vocabulary = self.total.shape[1], logs.shape[1]
        sums = self.total[:, :, None] + logs.view(-1, beams, vocabulary)
        self.total, flat = sums.flatten(1).topk(min(width, beams * vocabulary))
        parents, tokens = flat // vocabulary, flat % vocabulary
        self.written = self.written.gather(1, parents[:, :, None].expand(-1, -1, self.longest))
        self.written[:, :, place] = tokens
        ended = tokens == END
        self._offer(torch.where(ended, self.total, -torch.inf) / (place + 1) ** self.length_penalty)
        self.total = torch.where(ended, -torch.inf, self.total)
        if place + 1 == self.longest:  # where none has ended, the likeliest stands, cut short, as in greedy
            cut = torch.isinf(self.best_score[self.rows])[:, None]
            self._offer(torch.where(cut, self.total, -torch.inf))
        # Sums only fall: nothing in a beam will score more than its sum now, divided by the greatest length.
        hope = self.total.max(dim=1).values / self.longest**self.length_penalty
        going = hope > self.best_score[self.rows]
        old = torch.arange(len(parents), device=parents.device)[:, None] * beams + parents
        self.rows, self.total, self.written = self.rows[going], self.total[going], self.written[going]
        return old[going].flatten(), tokens[going].flatten()

    def _offer(self, scores: Tensor) -> None:
        """Answers that have ended, with their scores (rows, beams), minus infinity for none."""
        score, beam = scores.max(dim=1)
        better = score > self.best_score[self.rows]
        rows = self.rows[better]
        self.best_score[rows] = score[better]
        self.best[rows] = self.written[better, beam[better]]
