"""The attack on Enigma: all windows against a crib or English, plugs by the bombe or by hill climbing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from enigmath.baselines.attacks.bombe import plugboards
from enigmath.baselines.attacks.characteristics import settings_of_messages
from enigmath.baselines.attacks.english import log_likelihood
from enigmath.baselines.attacks.plug_climbing import (
    NO_PLUGS,
    board_of,
    climb,
    coincidences,
    random_boards,
    with_plugs,
)
from enigmath.baselines.attacks.ring_settings import Scores, about, ringed_bombe, with_rings
from enigmath.bench.contracts import Budget, Examples, Fit, UserError
from enigmath.bench.primitives.enigma import (
    ENIGMA,
    ORDER,
    REFLECTORS,
    RINGS,
    WINDOW,
    encrypt,
    orders,
    read_key,
    scramblers,
    starts_twice,
)
from enigmath.bench.primitives.letter_cipher import KeyColumns, Letters, read, write

_BREAK: Final = re.compile(r"enigma\.break\(([A-Z]{1,1000})\)")
_LETTERS: Final = re.compile("[A-Z]+")
_KEY: Final = re.compile(
    r"enigma\.key\(([BC?]) ([IV-]{1,16}|\?) ([A-Z]{3}|\?) ([A-Z]{3}|\?) ([A-Z-]{1,38}|\?),"
    r"(?:([A-Z]{1,1000})=)?([A-Z]{1,1000})\)"
)
_OF_BREAK: Final = ("?", "?", "AAA", "?", "-")
"""What is taken for the key of a question that says nothing of it."""
_BLANKS: Final = {"reflector": "B", "order": "I-II-III", "rings": "AAA", "window": "AAA", "plugs": "-"}
"""The parts of a key, and what stands for those that are unknown."""
_ENGLISH: Final = -2.6
"""ln P a letter above which a text is taken for English: 99 of 100 stretches of 20 letters are above it."""
_FIRST: Final = 20
"""Letters by which the windows of one order and ring are compared first."""
_WITH_RINGS: Final = 60
"""Letters by which they are compared where rings are unknown: the right rotor takes the middle one along in each 26."""
_NEAR: Final = 50
"""How many of those are compared by all letters."""
_MESSAGES: Final = 1000
"""Messages under one setting that are read: some hundred show nearly every letter at each place."""
_LEAST: Final = 100
"""Letters below which a ciphertext alone is not asked for two of order, rings and plugs."""
_OF_CRIB: Final = 30
"""Letters of a crib by which the bombe finds the settings whose plugboards it then finds by all letters."""


@dataclass
class CribSearch:
    """Finds what is unknown of an Enigma setting, from crib and ciphertext or from ciphertext alone.

    It tries every window, with every order of rotors I to V or with every ring where these are unknown. With a crib it
    takes the setting that fits, by the bombe where plugs are unknown. Without one it takes the likeliest English.
    Plugs are climbed to one at a time, from none under each of the `kept` windows whose text without plugs has the
    most letters alike, then under the best one from `restarts` random plugboards (Gillogly, "Ciphertext-only
    cryptanalysis of Enigma", 1995; Williams, "Applying statistical language recognition techniques in the
    ciphertext-only cryptanalysis of Enigma", 2000; both Cryptologia). Rings that are unknown with plugs or order: with
    a crib by its pieces without a turnover, from ciphertext (of 100 letters and more) after all else, as Gillogly does.
    A setting that all training problems share is found from them by Rejewski's characteristics, whatever its plugs.

    Solved of 200 to 300 test problems, in seconds of one core: with a crib all, by window (0.005), order and window
    (0.12), rings and window (0.19), ten plugs (0.004), window and ten plugs (0.11); from ciphertext alone 599 of 600 by
    window (0.015), three plugs in 100 letters all (0.07), ten in 200 letters 95 % (0.15). Of fewer: order,
    window and ten plugs with a crib 20 of 20 (3), with rings 23 of 23 (4.4); from ciphertext alone order and window 50
    of 50 (0.9), rings and window 49 of 50 (0.9), window and five plugs in 200 letters 45 of 46 (1.7). Hidden settings
    after 500 training problems each (6 seconds for four): 999 of 1,000 (0.002 to 0.02). Out of reach are order, rings,
    window and ten plugs from 200 letters alone (none of 7, 10 seconds); with no plug 4 of 6, with three 2 of 6, with
    five 3 of 6.

    >>> CribSearch().predict(["enigma.key(B I-II-III AAA ? -,WETTERVORHERSAGE=RJKSWCLXZUSTKKRT)", "enigma.key()"])
    ['QEV', None]
    """

    kept: int = 100
    restarts: int = 10
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _learnt: list[KeyColumns] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises UserError where nothing is kept, and for a negative number of restarts."""
        if self.kept < 1 or self.restarts < 0:
            what = f"{self.restarts} restarts from {self.kept} windows"
            raise UserError(what, where="crib-search", mend="at least 1 window and no fewer than 0 restarts")

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """The hidden setting of each level among the training problems, from its messages and their plaintexts."""
        del validation, budget
        levels = train.table["level"].to_pylist() if "level" in train.table.column_names else [0] * len(train)
        messages: dict[tuple[int, int], list[tuple[str, str]]] = {}
        for level, question, answer in zip(levels, train.questions, train.answers, strict=True):
            found = _BREAK.fullmatch(question.strip())
            if found and len(answer) == len(found[1]) and _LETTERS.fullmatch(answer):
                messages.setdefault((level, len(answer)), []).append((answer, found[1]))
        sides = [zip(*some[:_MESSAGES], strict=True) for some in messages.values()]
        texts = [tuple(np.concatenate([read(text) for text in side]) for side in both) for both in sides]
        self._learnt = [keys for plain, hidden in texts if len(keys := settings_of_messages(plain, hidden))]
        return Fit(facts={"settings": len(self._learnt)})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The unknown parts for each `enigma.key(...)`, the plaintext for each `enigma.break(...)`."""
        return [self._answer(question.strip()) for question in questions]

    def _answer(self, question: str) -> str | None:
        if found := _BREAK.fullmatch(question):
            hidden = read(found[1])
            text = self._by_learnt_keys(hidden)
            if text is None and (key := self._key(_OF_BREAK, None, hidden)) is not None:
                text = encrypt(hidden, key)
            return None if text is None or not _is_english(text) else write(text)[0]
        found = _KEY.fullmatch(question)
        if found is None or (found[6] and len(found[6]) != len(found[7])):
            return None
        stated = found.groups()[:5]
        try:
            key = self._key(stated, read(found[6]) if found[6] else None, read(found[7]))
        except UserError:  # a rotor or a plug that stands twice
            return None
        if key is None:
            return None
        written = ENIGMA.write_keys(key)[0].split(" ")
        return " ".join(part for part, said in zip(written, stated, strict=True) if said == "?") or None

    def _key(self, stated: Sequence[str], crib: Letters | None, hidden: Letters) -> KeyColumns | None:
        """The key with its unknown parts found, shape (1, k); UserError for stated parts that are none."""
        known = read_key(" ".join(_BLANKS[name] if part == "?" else part for name, part in _parts(stated)))
        unknown = {name for name, part in _parts(stated) if part == "?"}
        if "plugs" in unknown and crib is not None:
            if {"rings", "window"} <= unknown:
                return ringed_bombe(crib[0], hidden[0], _settings(known, unknown - {"rings", "window"}))
            return _by_bombe(crib, hidden, _settings(known, unknown))
        if "plugs" in unknown:
            return self._climb(hidden, known, unknown)
        board = board_of(known)
        if crib is not None:
            setting = _fitting(board[crib], board[hidden], _settings(known, unknown))
        else:
            setting = _likeliest(board, hidden, known, unknown)
        return None if setting is None else np.concatenate([setting, known[:, 10:]], axis=1)

    def _by_learnt_keys(self, hidden: Letters) -> Letters | None:
        """The likeliest English that a key of `fit` gives, if it is English; shape (1, length)."""
        for keys in self._learnt:
            texts = encrypt(np.repeat(hidden, len(keys), axis=0), keys)
            text = texts[[log_likelihood(texts).argmax()]]
            if _is_english(text):
                return text
        return None

    def _climb(self, hidden: Letters, known: KeyColumns, unknown: set[str]) -> KeyColumns | None:
        """The likeliest plugboard that the climbs find, and its setting; shape (1, k)."""
        rng = np.random.default_rng(0)  # its own, so that a question always has the same answer
        if {"order", "rings"} & unknown and hidden.shape[1] < _LEAST:
            return None
        alike = partial(coincidences, hidden)
        settings = _best(self.kept, _settings(known, unknown - {"rings"}), alike)
        if "rings" in unknown:
            settings = with_rings(settings, alike)
        machines = scramblers(settings, hidden.shape[1])
        first = [climb(hidden[0], machines[:, number], NO_PLUGS) for number in range(len(settings))]
        best = int(np.argmax([score for score, _ in first]))
        again = [climb(hidden[0], machines[:, best], start) for start in random_boards(rng, self.restarts)]
        _, board = max([first[best], *again], key=lambda end: end[0])
        setting = settings[best][None]
        if "rings" in unknown:
            setting = with_rings(setting, partial(english_likelihood, board, hidden))
            _, board = climb(hidden[0], scramblers(setting, hidden.shape[1])[:, 0], board)
        return with_plugs(setting, board)


def _is_english(text: Letters) -> bool:
    return bool(log_likelihood(text)[0] > _ENGLISH * text.shape[1])


def _parts(stated: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(_BLANKS, stated, strict=True)


@cache
def _grid(letters: int) -> npt.NDArray[np.int64]:
    """All words of so many letters, shape (26 ** letters, letters)."""
    return np.stack(np.unravel_index(np.arange(26**letters), (26,) * letters), axis=1)


def _settings(known: KeyColumns, unknown: set[str], middle_rings: int = 26) -> Iterator[KeyColumns]:
    """All settings with the known parts, in blocks of shape (n, 10) with all windows for one of everything else."""
    windows = _grid(3) if "window" in unknown else known[:, WINDOW]
    block = np.repeat(known[:, :10], len(windows), axis=0)
    block[:, WINDOW] = windows
    for reflector in range(len(REFLECTORS)) if "reflector" in unknown else known[0, :1].tolist():
        for order in orders(5) if "order" in unknown else known[:, ORDER]:
            for rings in _grid(2)[: middle_rings * 26] if "rings" in unknown else known[:, RINGS][:, 1:]:
                block[:, 0], block[:, ORDER], block[:, RINGS][:, 1:] = reflector, order, rings
                yield block[~starts_twice(block)] if "window" in unknown else block.copy()


def _fitting(crib: Letters, hidden: Letters, blocks: Iterator[KeyColumns]) -> KeyColumns | None:
    """The first setting that brings the crib to the ciphertext, behind the plugboard; shape (1, 10)."""
    few = min(3, crib.shape[1])
    for block in blocks:
        tried = encrypt(np.broadcast_to(crib[:, :few], (len(block), few)), block)
        block = block[(tried == hidden[:, :few]).all(axis=1)]
        fits = (encrypt(np.repeat(crib, len(block), axis=0), block) == hidden).all(axis=1)
        if fits.any():
            return np.asarray(block[fits][:1])
    return None


def _by_bombe(crib: Letters, hidden: Letters, blocks: Iterator[KeyColumns]) -> KeyColumns | None:
    """The first setting that some plugboard brings from crib to ciphertext, with the fewest plugs; shape (1, k)."""
    for block in blocks:
        few = min(_OF_CRIB, crib.shape[1])
        numbers, _ = plugboards(crib[0, :few], hidden[0, :few], scramblers(block, few))
        block = block[np.unique(numbers)]
        numbers, boards = plugboards(crib[0], hidden[0], scramblers(block, crib.shape[1]))
        if len(numbers):
            best = int((boards != NO_PLUGS).sum(axis=1).argmin())
            return with_plugs(block[numbers[best]][None], boards[best])
    return None


def _best(count: int, blocks: Iterator[KeyColumns], score: Scores) -> KeyColumns:
    """So many settings with the highest scores of all blocks, the highest first; shape (at most count, 10)."""
    best, scores = np.empty((0, 10), np.int64), np.empty(0)
    for block in blocks:
        best, scores = np.concatenate([best, block]), np.concatenate([scores, score(block)])
        kept = np.argsort(-scores, kind="stable")[:count]
        best, scores = best[kept], scores[kept]
    return best


def _likeliest(board: Letters, hidden: Letters, known: KeyColumns, unknown: set[str]) -> KeyColumns | None:
    """The setting under which the ciphertext is the likeliest English, shape (1, 10)."""
    likely = partial(english_likelihood, board, hidden)
    if {"order", "rings"} <= unknown:
        if hidden.shape[1] < _LEAST:
            return None
        best = with_rings(_best(_NEAR, _settings(known, unknown - {"rings"}), likely), likely)
        return best[[likely(best).argmax()]]
    first = partial(english_likelihood, board, hidden[:, : _WITH_RINGS if "rings" in unknown else _FIRST])
    nearest = (_best(_NEAR, iter([block]), first) for block in _settings(known, unknown, middle_rings=1))
    best = _best(_NEAR, nearest, likely)
    if "rings" in unknown:
        # A text of some tens of letters seldom says the middle ring, so that it was A so far. Where it says it, a wrong
        # one has moved left and middle rotor too early or too late.
        best = about(best, wheel=1)
        return best[[likely(best).argmax()]]
    return best[:1]


def english_likelihood(board: Letters, hidden: Letters, settings: KeyColumns) -> npt.NDArray[np.float32]:
    """ln P of what each setting makes of the ciphertext."""
    return log_likelihood(board[encrypt(np.broadcast_to(board[hidden], (len(settings), hidden.shape[1])), settings)])
