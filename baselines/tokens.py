"""From texts to token matrices and back. A token is a byte that occurs in training, or one of three marks.

Questions are right-aligned, so the character next to the answer always stands in the same column; answers begin in
the first column and end with END. Bytes rather than characters: any Unicode text works, and Arrow holds bytes.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from enigmath.baselines.encodings import Encoding, Flags, Integers, Texts, learn, to_strings

PAD, START, END = 0, 1, 2
"""Nothing stands here; the answer begins; the answer is over."""

MARKS = 3
"""How many tokens are no bytes: the first byte of the vocabulary is token 3."""

MARGIN = 2
"""Characters by which an answer may be longer than any in training."""

Tokens = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Tokenizer:
    """What is learnt from the training texts before any weight: alphabet, number widths, lengths.

    `characters` holds the bytes seen, in order; `question_length` and `answer_length` are the longest encoded
    texts, END included.
    """

    characters: bytes
    question_encoding: Encoding
    answer_encoding: Encoding
    question_length: int
    answer_length: int

    @property
    def size(self) -> int:
        """Tokens in the vocabulary, marks included."""
        return MARKS + len(self.characters)

    @property
    def longest(self) -> int:
        """Tokens that an answer is given at most."""
        return self.answer_length + MARGIN

    def number_tokens(self) -> list[bool]:
        """For each token, whether it can stand in a number (a digit or the point)."""
        return [False] * MARKS + [byte in b"0123456789." for byte in self.characters]

    def questions(self, texts: Texts) -> tuple[Tokens, Integers, Flags]:
        """Right-aligned tokens, shape (n, columns); each row's length; whether all its characters are known.

        There are `question_length` columns, or more where a text is longer.
        """
        encoded = self.question_encoding.encode(texts)
        tokens = self._lookup()[encoded.flat]
        columns = max(self.question_length, int(encoded.lengths.max(initial=0)))
        matrix = np.full((len(encoded.lengths), columns), PAD, np.uint8)
        matrix[np.arange(columns) >= columns - encoded.lengths[:, None]] = tokens
        unknown = np.bincount(encoded.row[tokens == PAD], minlength=len(encoded.lengths))
        return matrix, encoded.lengths, unknown == 0

    def answers(self, texts: Texts) -> Tokens:
        """Tokens ended by END, shape (n, answer_length); longer answers are cut, unknown characters are PAD."""
        encoded = self.answer_encoding.encode(texts)
        lengths = np.minimum(encoded.lengths, self.answer_length - 1)
        within = np.arange(len(encoded.flat)) - np.repeat(np.cumsum(encoded.lengths) - encoded.lengths, encoded.lengths)
        matrix = np.full((len(lengths), self.answer_length), PAD, np.uint8)
        matrix[np.arange(self.answer_length) < lengths[:, None]] = self._lookup()[
            encoded.flat[within < self.answer_length - 1]
        ]
        matrix[np.arange(len(lengths)), lengths] = END
        return matrix

    def strings(self, tokens: npt.NDArray[Any]) -> list[str | None]:
        """Plain texts up to the first END (or PAD), None where the bytes are no UTF-8."""
        written = np.logical_and.accumulate(tokens >= MARKS, axis=1)
        alphabet = np.frombuffer(bytes(MARKS) + self.characters, np.uint8)
        return to_strings(self.answer_encoding.decode(Texts(alphabet[tokens[written]], written.sum(axis=1))))

    def _lookup(self) -> Tokens:
        table = np.full(256, PAD, np.uint8)
        table[np.frombuffer(self.characters, np.uint8)] = np.arange(MARKS, self.size)
        return table

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the metadata of a weights file."""
        return {**asdict(self), "characters": list(self.characters)}

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Tokenizer":
        """The inverse of `to_json`; ValueError, TypeError or KeyError for anything else."""
        return Tokenizer(
            bytes(values["characters"]),
            Encoding(**values["question_encoding"]),
            Encoding(**values["answer_encoding"]),
            int(values["question_length"]),
            int(values["answer_length"]),
        )


def learn_tokens(encoding: str, questions: Texts, answers: Texts) -> Tokenizer:
    """The tokenizer of a training set, for a number encoding by name."""
    for_questions, for_answers = learn(encoding, questions), learn(encoding, answers, decodable=True)
    encoded_questions, encoded_answers = for_questions.encode(questions), for_answers.encode(answers)
    return Tokenizer(
        bytes(np.flatnonzero(_seen(encoded_questions) | _seen(encoded_answers)).tolist()),
        for_questions,
        for_answers,
        int(encoded_questions.lengths.max(initial=1)),
        int(encoded_answers.lengths.max(initial=0)) + 1,
    )


def _seen(texts: Texts) -> Flags:
    return np.bincount(texts.flat, minlength=256) > 0
