"""The attack on ciphers that replace letters, singly, in pairs or in blocks: a search for the likeliest English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from enigmath.baselines.attacks import adfgvx, hill_matrices, letter_tables, playfair
from enigmath.bench.contracts import UserError
from enigmath.bench.primitives.hill import HILL
from enigmath.bench.primitives.letter_cipher import ALPHABET, KeyColumns, LetterCipher, Letters, read
from enigmath.bench.primitives.playfair import PLAYFAIR
from enigmath.bench.primitives.squares import ADFGVX, LETTERS_25, LETTERS_AND_DIGITS, POLYBIUS
from enigmath.bench.primitives.substitutions import HOMOPHONIC, MOST_NUMBERS, SUBSTITUTION, homophones, inverse

_QUESTION: Final = re.compile(r"([a-z]{1,20})\.(break|key)\((?:([A-Z]{1,1000})=)?([A-Z]{1,2000}|[0-9]{1,2000})\)")
_CIPHERS: Final = {cipher.name: cipher for cipher in (SUBSTITUTION, HOMOPHONIC, POLYBIUS, ADFGVX, PLAYFAIR, HILL)}
_MOST_COLUMNS: Final = 10
_SHORTEST: Final = 8


@dataclass
class HillClimbing:
    """Breaks substitution, homophonic, Polybius, ADFGVX, Playfair and Hill ciphers from one ciphertext.

    Substitution and squares are climbed from about `letters` / length starts; homophonic tables are annealed in
    `chains` chains of `sweeps` sweeps, and Playfair squares in two chains of `steps` steps; ADFGVX columns, of which up
    to ten are tried, are found by coincidences; Hill matrices, of up to 4 by 4, row by row, and from a plaintext and
    its ciphertext by elimination. The numbers of columns and of homophones and the matrix's size are not told.

    Whole test texts right, and seconds of one busy core: substitution 190 of 246 of 100 letters (95 % with nine letters
    in ten right), 177 of 196 of 200 (0.5 s); Polybius 40 of 44 of 200 (0.4 s); homophonic with 60 numbers 55 of 61 of
    500 (1.1 s); ADFGVX 38 of 45 of 200 and 41 of 45 of 500 (0.7 and 1.2 s); Playfair 49 of 60 of 500 (2.5 s), 4 of 10
    of 200; Hill 100 % of 60 letters under 2 by 2, 64.5 % of 60 under 3 by 3, 54 % of 120 and
    99.5 % of 240 under 4 by 4, and 100 % from a pair, each of 200 (0.1 s).

    >>> HillClimbing().predict(["hill.key(ATTACKATDAWN=FRFMKCFRJGBF)", "polybius.key(1)", "caesar.key(ABC)"])
    ['DDCF', None, None]
    """

    letters: int = 40_000
    chains: int = 8
    sweeps: int = 200
    steps: int = 30_000
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raises UserError where there is nothing to try."""
        if min(self.letters, self.chains, self.sweeps, self.steps) < 1:
            what = f"letters={self.letters} chains={self.chains} sweeps={self.sweeps} steps={self.steps}"
            raise UserError(what, where="hill-climbing", mend="at least 1 each")

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """The key for each `cipher.key(...)`, the plaintext for each `cipher.break(...)`."""
        return [self._answer(_QUESTION.fullmatch(question.strip())) for question in questions]

    def _answer(self, found: re.Match[str] | None) -> str | None:
        if found is None or found[1] not in _CIPHERS:
            return None
        cipher = _CIPHERS[found[1]]
        if set(found[4]) - set(cipher.symbols) or (found[3] and (cipher is not HILL or found[2] == "break")):
            return None
        hidden = read(found[4], cipher.symbols)
        key = hill_matrices.from_known_text(read(found[3]), hidden) if found[3] else self._key(cipher, hidden)
        if key is None:
            return None
        if found[2] == "key":
            return cipher.write_keys(key)[0]
        # A digit in place of a letter stands for a cell that a wrong square has for one.
        return "".join(LETTERS_AND_DIGITS[letter] for letter in cipher.decrypt(hidden, key)[0])

    def _key(self, cipher: LetterCipher, hidden: Letters) -> KeyColumns | None:
        """The likeliest key found, shape (1, k); None for a ciphertext too short, or such as the cipher cannot make."""
        if hidden.shape[1] < _SHORTEST:
            return None
        rng = np.random.default_rng(0)  # its own, so that a question always has the same answer
        kicks = self.letters // hidden.shape[1]
        if cipher is HILL:
            return hill_matrices.from_ciphertext(hidden)
        if cipher is PLAYFAIR:
            return playfair.annealed(hidden, rng, 2, self.steps)
        if cipher is ADFGVX:
            return adfgvx.solved(hidden, _MOST_COLUMNS, kicks, rng)
        if cipher is SUBSTITUTION:
            table = letter_tables.climbed(hidden[0].astype(np.int64), read(ALPHABET)[0], rng, kicks)
            return inverse(table[None].astype(np.int64))
        if hidden.shape[1] % 2:
            return None
        if cipher is POLYBIUS:
            cells = (hidden[0, ::2] * 5 + hidden[0, 1::2]).astype(np.int64)
            return letter_tables.climbed(cells, read(LETTERS_25)[0], rng, 2 * kicks)[None].astype(np.int64)
        numbers = (hidden[0, ::2] * 10 + hidden[0, 1::2]).astype(np.int64)
        count = homophones(min(max(26, int(numbers.max()) + 1), MOST_NUMBERS))
        return letter_tables.annealed(numbers, count, rng, self.chains, self.sweeps)[None].astype(np.int64)
