"""The key of small-scale AES by trying all 65,536 of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Final

import numpy as np

from enigmath.bench.contracts import Budget, Examples, Fit
from enigmath.bench.primitives.small_aes import SMALL_AES
from enigmath.bench.primitives.words import Words

Text = tuple[int, int]
"""Plaintext and ciphertext."""

_KEYS: Final = 2**16
_KNOWN: Final = re.compile(r"small-aes\.key\(([1-9]|10)((?:,[0-9a-f]{4}:[0-9a-f]{4}){1,16})\)")
_HIDDEN: Final = re.compile(r"small-aes\.encrypt\(([1-9]|10),([0-9a-f]{4})\)")
_ANSWER: Final = re.compile(r"[0-9a-f]{4}")


@dataclass
class KeySearch:
    """Tries every key of small-scale AES on known texts, at any number of rounds.

    Asked for the last round's key, it takes the texts of the question. Where the key is hidden, a fit finds it from the
    first `examples` problems of the training, and every question is answered with it; without a fit there is no answer.

    Right on 1,000 of 1,000 questions of `small-aes-key` at one, two, three and ten rounds, in .1 to .9 milliseconds
    each, and at each level on 1,000 of 1,000 questions under the hidden key.

    >>> KeySearch().predict(["small-aes.key(1,1a0f:a7c6,78cf:70b8,02df:95f6)", "small-aes.encrypt(2,1a0f)"])
    ['314f', None]
    """

    examples: int = 16
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _key: int | None = field(default=None, init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Find the one key that the first training problems agree with, where there is one."""
        texts: dict[int, list[Text]] = {}
        for question, answer in zip(train.questions[: self.examples], train.answers, strict=False):
            found = _HIDDEN.fullmatch(question.strip())
            if found is not None and _ANSWER.fullmatch(answer):
                texts.setdefault(int(found[1]), []).append((int(found[2], 16), int(answer, 16)))
        fitting = set(range(_KEYS)) if texts else set()
        for rounds, known in texts.items():
            fitting &= set(np.flatnonzero(fits(rounds, known)).tolist())
        self._key = fitting.pop() if len(fitting) == 1 else None
        return Fit(facts={"key": "none" if self._key is None else f"{self._key:04x}"})

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """Four digits for each `small-aes.key(rounds,plaintext:ciphertext,...)`, or, once fitted, each
        `small-aes.encrypt(rounds,plaintext)`.
        """
        return [self._answer(question.strip()) for question in questions]

    def _answer(self, question: str) -> str | None:
        if found := _KNOWN.fullmatch(question):
            pairs = [pair.split(":") for pair in found[2][1:].split(",")]
            rounds = int(found[1])
            keys = np.flatnonzero(fits(rounds, [(int(plain, 16), int(secret, 16)) for plain, secret in pairs]))
            return f"{int(round_keys(rounds)[-1][0][keys[0]]):04x}" if len(keys) else None
        if (found := _HIDDEN.fullmatch(question)) and self._key is not None:
            own = [[word[self._key :][:1] for word in words] for words in round_keys(int(found[1]))]
            (secret,) = SMALL_AES.encrypt([np.array([int(found[2], 16)], np.uint16)], own)
            return f"{int(secret[0]):04x}"
        return None


@cache
def round_keys(rounds: int) -> Sequence[Words]:
    """The round keys of every key, each word of shape (65536,)."""
    return SMALL_AES.expand([np.arange(_KEYS, dtype=np.uint16)], rounds)


def fits(rounds: int, texts: Sequence[Text]) -> Any:
    """Which keys turn every plaintext into its ciphertext; shape (65536,).

    >>> np.flatnonzero(fits(10, [(0x1A0F, 0x422A), (0x0000, 0x0000)])).tolist()
    []
    """
    fitting = np.ones(_KEYS, bool)
    left = round_keys(rounds)
    for plain, secret in texts:
        (found,) = SMALL_AES.encrypt([np.array([plain], np.uint16)], left)
        fitting[fitting] = found == secret
        left = [[word[found == secret] for word in words] for words in left]
    return fitting
