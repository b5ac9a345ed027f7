"""From texts to token matrices and back. A token is a symbol that training may need, or one of three marks.

Symbols are bytes, or pieces of numbers (see `encodings`). Questions are right-aligned, so the symbol next to the answer
always stands in the same column; answers begin in the first column and end with END. Bytes rather than characters: any
Unicode text works, and Arrow holds bytes.

A matrix has the narrowest type that holds the vocabulary: uint8, int16 or int32. Where numbers carry values (xval) it
is int64, the token in the lower half and the bits of a float32 in the upper.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from enigmath.baselines.encodings import Encoding, Flags, Integers, Symbols, Texts, learn, to_strings
from enigmath.baselines.encodings.texts import BYTES, POINT, VALUE, ZERO, symbols_of, with_values_of

PAD, START, END = 0, 1, 2
"""Nothing stands here; the answer begins; the answer is over."""

MARKS = 3
"""How many tokens are no symbols: the first symbol of the vocabulary is token 3."""

MARGIN = 2
"""Symbols by which an answer may be longer than any in training, unless told otherwise."""

MOST_SYMBOLS = 2_000_000
"""Of a vocabulary, so that a damaged file cannot fill the memory."""

Tokens = npt.NDArray[np.signedinteger[Any] | np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Tokenizer:
    """What is learnt from the training texts before any weight: vocabulary, number widths, lengths.

    `symbols` holds the vocabulary without marks, in order; `question_length` and `answer_length` are the longest
    encoded texts, END included; `margin` is by how much an answer may be longer.
    """

    symbols: tuple[int, ...]
    question_encoding: Encoding
    answer_encoding: Encoding
    question_length: int
    answer_length: int
    margin: int = MARGIN

    def __post_init__(self) -> None:
        """The symbols may be given as bytes; ValueError for those that are none, or not in order."""
        object.__setattr__(self, "symbols", tuple(self.symbols))
        whole = all(type(symbol) is int for symbol in self.symbols)
        if not whole or len(self.symbols) > MOST_SYMBOLS or list(self.symbols) != sorted(set(self.symbols)):
            raise ValueError("the symbols of the vocabulary are no ascending whole numbers")
        if self.symbols and not 0 <= self.symbols[0] <= self.symbols[-1] < 2**31:
            raise ValueError(f"no symbol {self.symbols[0]} or {self.symbols[-1]}")

    @property
    def size(self) -> int:
        """Tokens in the vocabulary, marks included."""
        return MARKS + len(self.symbols)

    @property
    def longest(self) -> int:
        """Tokens that an answer is given at most."""
        return self.answer_length + self.margin

    @property
    def valued(self) -> bool:
        """Whether a token may carry a value."""
        return self.question_encoding.valued or self.answer_encoding.valued

    @property
    def value_token(self) -> int | None:
        """The token that carries a number's value; None where none does."""
        return MARKS + self.symbols.index(VALUE) if VALUE in self.symbols else None

    @property
    def value_tolerance(self) -> float:
        """How far an answer's value may be off, in units of the scale, for its decimals still to round to the same."""
        return 0.5 * 10.0**-self.answer_encoding.fraction / self.answer_encoding.scale

    @property
    def dtype(self) -> type[np.integer[Any]]:
        """Of token matrices."""
        if self.valued:
            return np.int64
        return np.uint8 if self.size <= 2**8 else np.int16 if self.size <= 2**15 else np.int32

    def number_tokens(self) -> list[bool]:
        """For each token, whether it can stand in a number: a digit, the point, or a piece of one."""
        number = {POINT, *range(ZERO, ZERO + 10)}
        return [False] * MARKS + [symbol in number or symbol >= BYTES for symbol in self.symbols]

    def names(self) -> list[str]:
        """What a person calls each token: a mark by its name, a byte of a longer character as `\\xNN`."""
        return ["PAD", "START", "END", *self.question_encoding.names(self.symbols)]

    def questions(self, texts: Texts) -> tuple[Tokens, Integers, Flags]:
        """Right-aligned tokens, shape (n, columns); each row's length; whether all its symbols are known.

        There are `question_length` columns, or more where a text is longer.
        """
        return self.question_matrix(self.question_encoding.encode(texts))

    def question_matrix(self, encoded: Texts) -> tuple[Tokens, Integers, Flags]:
        """As `questions`, of texts that are encoded already."""
        tokens = self._tokens(encoded.flat)
        columns = max(self.question_length, int(encoded.lengths.max(initial=0)))
        matrix = np.full((len(encoded.lengths), columns), PAD, self.dtype)
        matrix[np.arange(columns) >= columns - encoded.lengths[:, None]] = tokens
        unknown = np.bincount(encoded.row[symbols_of(tokens) == PAD], minlength=len(encoded.lengths))
        return matrix, encoded.lengths, unknown == 0

    def answers(self, texts: Texts) -> Tokens:
        """Tokens ended by END, shape (n, answer_length); longer answers are cut, unknown symbols are PAD."""
        return self.answer_matrix(self.answer_encoding.encode(texts))

    def answer_matrix(self, encoded: Texts) -> Tokens:
        """As `answers`, of texts that are encoded already."""
        lengths = np.minimum(encoded.lengths, self.answer_length - 1)
        within = np.arange(len(encoded.flat)) - np.repeat(np.cumsum(encoded.lengths) - encoded.lengths, encoded.lengths)
        matrix = np.full((len(lengths), self.answer_length), PAD, self.dtype)
        matrix[np.arange(self.answer_length) < lengths[:, None]] = self._tokens(
            encoded.flat[within < self.answer_length - 1]
        )
        matrix[np.arange(len(lengths)), lengths] = END
        return matrix

    def strings(self, tokens: Tokens) -> list[str | None]:
        """Plain texts up to the first END (or PAD), None where the bytes are no UTF-8."""
        kinds = symbols_of(tokens)
        written = np.logical_and.accumulate(kinds >= MARKS, axis=1)
        alphabet: Symbols = np.array([0] * MARKS + list(self.symbols), np.int32)
        if self.size == MARKS or self.symbols[-1] < BYTES:
            alphabet = alphabet.astype(np.uint8)
        flat: Symbols = alphabet[kinds[written]]
        if self.answer_encoding.valued:
            flat = with_values_of(tokens[written], flat)
        return to_strings(self.answer_encoding.decode(Texts(flat, written.sum(axis=1))))

    def _tokens(self, flat: Symbols) -> Tokens:
        """The token of each symbol, PAD for an unknown one, with its value where it has one."""
        unknown = max(BYTES, *(symbol + 1 for symbol in self.symbols[-1:]), 0)
        table = np.full(unknown + 1, PAD, self.dtype)
        table[np.array(self.symbols, np.int64)] = np.arange(MARKS, self.size)
        if flat.dtype == np.uint8:
            return table[flat]
        tokens = table[np.minimum(symbols_of(flat), unknown)]
        return with_values_of(np.where(tokens == PAD, 0, flat), tokens) if flat.dtype == np.int64 else tokens

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the metadata of a weights file."""
        return {**asdict(self), "symbols": list(self.symbols)}

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Tokenizer":
        """The inverse of `to_json`; ValueError, TypeError, KeyError or UserError for anything else."""
        return Tokenizer(
            tuple(values["symbols"]),
            Encoding(**values["question_encoding"]),
            Encoding(**values["answer_encoding"]),
            int(values["question_length"]),
            int(values["answer_length"]),
            int(values["margin"]),
        )


def learn_tokens(encoding: str, questions: Texts, answers: Texts, margin: int = MARGIN) -> Tokenizer:
    """The tokenizer of a training set, for a number encoding by name."""
    return learn_and_encode(encoding, questions, answers, margin)[0]


def learn_and_encode(
    encoding: str, questions: Texts, answers: Texts, margin: int = MARGIN
) -> tuple[Tokenizer, Texts, Texts]:
    """The tokenizer, and the questions and answers as it encodes them."""
    for_questions, for_answers = learn(encoding, questions), learn(encoding, answers, decodable=True)
    encoded_questions, encoded_answers = for_questions.encode(questions), for_answers.encode(answers)
    seen = np.union1d(_seen(encoded_questions), _seen(encoded_answers))
    tokenizer = Tokenizer(
        tuple(np.union1d(for_questions.vocabulary(seen), for_answers.vocabulary(seen)).tolist()),
        for_questions,
        for_answers,
        int(encoded_questions.lengths.max(initial=1)),
        int(encoded_answers.lengths.max(initial=0)) + 1,
        margin,
    )
    return tokenizer, encoded_questions, encoded_answers


def _seen(texts: Texts) -> Integers:
    """The symbols that stand in the texts, ascending."""
    seen = [np.unique(symbols_of(block.flat)) for block in texts.blocks()]
    return np.unique(np.concatenate(seen)).astype(np.int64)
