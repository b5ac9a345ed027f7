"""Character n-grams: each character of an answer from the few characters before it, by counting alone.

The text is the question, a start mark, the answer, an end mark; the question's last characters stand before the first
of the answer, so a long n-gram sees a little of what was asked and nothing of what it means. Two ways to give what was
never counted a share of the probability:

- "add-one": (count + 1) / (counts after the context + symbols), Laplace's rule. Of order 2 it is the bigram model that
  the first of Karpathy's makemore lectures counts.
- "kneser-ney": interpolated Kneser-Ney (Kneser and Ney 1995; as in Chen and Goodman 1999, "An empirical study of
  smoothing techniques for language modeling", section 2.7). A constant D is taken from every count and handed to the
  model of one character less, in which a character counts once for each different character that it was seen after;
  D is n1 / (n1 + 2 n2) at each order, n1 and n2 being how many n-grams have count 1 and 2. Below the shortest lies the
  uniform distribution.

A context is a number: its place in the sorted list of pairs (context of the nearer characters, one character further
back). So its parent in that list is the context to back off to, and counting and asking are sorts and binary searches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.places import code_points
from enigmath.bench.contracts import Budget, Examples, Fit, UserError, unknown

SMOOTHINGS: Final = ("kneser-ney", "add-one")
START: Final = 0x110000
"""A code point past Unicode's last: the answer begins; the next two are the answer's end and what precedes a text."""
END: Final = START + 1
BEFORE: Final = START + 2
MARGIN: Final = 2
"""Characters by which an answer may be longer than any in training."""
AT_ONCE: Final = 1 << 20
"""Shares that are worked out at a time."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Choose = Callable[[Floats], Integers]


@dataclass(frozen=True)
class Order:
    """The n-grams of one length: sorted pairs (context, symbol), shape (g,), and their counts.

    `contexts` are sorted pairs (parent, symbol), shape (c,); `total` and `kinds` say how much was counted after each,
    and how many different symbols; `discount` is D.
    """

    contexts: Integers
    grams: Integers
    counts: Integers
    total: Integers
    kinds: Integers
    discount: float


@dataclass
class Ngrams:
    """Answers character by character from the characters before, by smoothed counts.

    order: characters of an n-gram, the predicted one included. smoothing: "kneser-ney" or "add-one".
    """

    order: int = 4
    smoothing: str = "kneser-ney"
    shortcut: ClassVar[bool] = True
    alphabet: Integers = field(default_factory=lambda: np.empty(0, np.int64), init=False, repr=False)
    """All symbols that were seen, sorted: code points, and the marks above them."""
    symbols: Integers = field(default_factory=lambda: np.empty(0, np.int64), init=False, repr=False)
    """Those that an answer can hold, END included, as places in the alphabet."""
    orders: list[Order] = field(default_factory=list, init=False, repr=False)
    longest: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.order < 1:
            raise UserError(f"n-grams of {self.order} characters", where="ngrams", mend="give an order of 1 or more")
        if self.smoothing not in SMOOTHINGS:
            raise unknown("smoothing", self.smoothing, SMOOTHINGS, where="ngrams")

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Count. Neither `validation` nor the budget matters."""
        if len(train) == 0:
            raise UserError("nothing to learn from", where="ngrams", mend="give at least one training problem")
        text, wanted = _laid_out(self._before(train.questions), train.answers)
        self.alphabet, codes = np.unique(np.append(text, (START, END, BEFORE)), return_inverse=True)
        self.symbols = np.unique(codes[: len(text)][wanted])
        self.longest = max(map(len, train.answers)) + 1 + MARGIN
        self.orders = self._counted(codes, np.flatnonzero(wanted))
        grams = {f"{length}-grams": len(order.grams) for length, order in enumerate(self.orders, 1)}
        return Fit(facts={"symbols": len(self.symbols), **grams})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The likeliest character, one after the other."""
        return self._write(questions, lambda shares: shares.argmax(axis=1))

    def sample(self, questions: Sequence[str], temperature: float = 1.0, *, seed: int = 0) -> list[str | None]:
        """Answers drawn from the model's distribution, raised to 1 / temperature; 0 takes the likeliest characters."""
        if not 0.0 <= temperature < float("inf"):
            raise UserError(f"a temperature of {temperature}", where="sample", mend="give 0 for greedy, or more")
        if temperature == 0.0:
            return self.predict(questions)
        rng = np.random.default_rng(seed)

        def draw(shares: Floats) -> Integers:
            weights = np.exp((np.log(shares) - np.log(shares.max(axis=1, keepdims=True))) / temperature)
            rising = weights.cumsum(axis=1)
            found: Integers = (rising <= rng.random((len(shares), 1)) * rising[:, -1:]).sum(axis=1)
            return found

        return self._write(questions, draw)

    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> Floats:
        """Nats of each whole answer, END included, shape (n,); minus infinity for a character of no training answer."""
        if len(questions) != len(answers):
            raise UserError(f"{len(answers)} answers to {len(questions)} questions", where="log_likelihood")
        text, wanted = _laid_out(self._before(questions), answers)
        codes, places = _find(self.alphabet, text), np.flatnonzero(wanted)
        nats = np.empty(len(places))
        for some in _blocks(len(places), self.order):
            history = codes[places[some, None] - np.arange(1, self.order)]
            asked = codes[places[some], None]
            shares = np.where(np.isin(asked, self.symbols), self._shares(history, asked), 0.0)[:, 0]
            with np.errstate(divide="ignore"):
                nats[some] = np.log(shares)
        ends = np.cumsum([len(answer) + 1 for answer in answers]).astype(np.int64)
        return np.add.reduceat(nats, np.append(0, ends[:-1])) if len(ends) else nats

    def _before(self, questions: Sequence[str]) -> Integers:
        """What stands before the first character of each answer, shape (n, order - 1): a question's end, then START."""
        width = self.order - 1
        before = np.full((len(questions), width), BEFORE, np.int64)
        if width:
            tails, lengths = code_points([question[max(0, len(question) - width + 1) :] for question in questions])
            before[:, -1] = START
            columns = np.arange(width)
            before[(columns >= width - 1 - lengths[:, None]) & (columns < width - 1)] = tails
        return before

    def _counted(self, codes: Integers, places: Integers) -> list[Order]:
        """All orders, from 1 up, of the symbols at those places of a text."""
        base = len(self.alphabet)
        contexts, context = np.zeros(1, np.int64), np.zeros(len(places), np.int64)
        found = []
        for length in range(1, self.order + 1):
            if length > 1:
                contexts, context = np.unique(context * base + codes[places - length + 1], return_inverse=True)
            found.append((contexts, *np.unique(context * base + codes[places], return_counts=True)))
        if self.smoothing == "kneser-ney":  # but for the longest, a count is one of different symbols before
            for shorter, (contexts, grams, _) in enumerate(found[1:]):
                parents = contexts[grams // base] // base * base + grams % base
                counts = np.bincount(np.searchsorted(found[shorter][1], parents))
                found[shorter] = (*found[shorter][:2], counts)
        return [_order(base, *one) for one in found]

    def _shares(self, history: Integers, asked: Integers) -> Floats:
        """The probability of symbols `asked` (n, k) or (1, k) after histories (n, order - 1), the nearest first."""
        base, uniform = len(self.alphabet), 1.0 / len(self.symbols)
        shares = np.full((len(history), asked.shape[1]), uniform)
        context = np.zeros(len(history), np.int64)
        for length, order in enumerate(self.orders, 1):
            if length > 1:
                further = history[:, length - 2]
                known = (context >= 0) & (further >= 0)
                context = np.where(known, _find(order.contexts, context * base + further), -1)
            if self.smoothing == "add-one" and length < self.order:
                continue
            rows = context >= 0
            place = _find(order.grams, context[:, None] * base + asked)
            count = np.where(rows[:, None] & (place >= 0), order.counts[place], 0)
            total = np.where(rows, order.total[context], 0)[:, None]
            if self.smoothing == "kneser-ney":
                handed_on = (order.discount * order.kinds[context])[:, None] * shares
                kept = np.maximum(count - order.discount, 0.0)
                shares = np.where(total > 0, (kept + handed_on) / np.maximum(total, 1), shares)
            else:
                shares = (count + 1) / (total + len(self.symbols))
        return shares

    def _write(self, questions: Sequence[str], choose: Choose) -> list[str | None]:
        """An answer a question; a choice is a column of the shares."""
        history = _find(self.alphabet, self._before(questions))[:, ::-1]
        written = np.full((len(questions), self.longest), END, np.int64)
        going = np.arange(len(questions))
        for column in range(self.longest):
            chosen = [choose(self._shares(history[some], self.symbols[None])) for some in self._asked(len(going))]
            tokens = self.symbols[np.concatenate([np.empty(0, np.int64), *chosen])]
            written[going, column] = self.alphabet[tokens]
            more = written[going, column] != END
            going = going[more]
            history = np.concatenate([tokens[more, None], history[more]], axis=1)[:, : self.order - 1]
        lengths = np.where(written == END, np.arange(self.longest), self.longest).min(axis=1).tolist()
        return ["".join(map(chr, row[:length])) for row, length in zip(written.tolist(), lengths, strict=True)]

    def _asked(self, rows: int) -> list[slice]:
        return _blocks(rows, len(self.symbols))


def _order(base: int, contexts: Integers, grams: Integers, counts: Integers) -> Order:
    context = grams // base
    ones, twos = (int((counts == count).sum()) for count in (1, 2))
    return Order(
        contexts,
        grams,
        counts,
        np.bincount(context, counts, len(contexts)).astype(np.int64),
        np.bincount(context, minlength=len(contexts)),
        ones / (ones + 2 * twos) if ones else 0.5,
    )


def _laid_out(before: Integers, answers: Sequence[str]) -> tuple[Integers, Mask]:
    """One text after the other: what stands before (n, k), the answer, END; and which symbols are to be predicted."""
    codes, lengths = code_points(answers)
    width = before.shape[1]
    ends = np.cumsum(lengths + width + 1)
    place = np.arange(int(ends[-1]) if len(ends) else 0)
    within = place - np.repeat(ends - lengths - width - 1, lengths + width + 1)
    wanted = within >= width
    text = np.full(len(place), END, np.int64)
    text[~wanted] = before.ravel()
    inside = wanted.copy()
    inside[ends - 1] = False
    text[inside] = codes
    return text, wanted


def _find(known: Integers, values: Integers) -> Integers:
    """The place of each value in a sorted array, -1 where it is not there."""
    place = np.searchsorted(known, values).clip(max=len(known) - 1)
    return np.where(known[place] == values, place, -1)


def _blocks(rows: int, columns: int) -> list[slice]:
    step = max(1, AT_ONCE // columns)
    return [slice(start, start + step) for start in range(0, rows, step)]
