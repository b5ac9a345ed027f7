"""What every block cipher and keyed function here offers, and labelled pairs for distinguishers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from enigmath.bench.contracts.errors import UserError
from enigmath.bench.primitives.words import Word, Words, wrap

Draw = Callable[[int, int], list[Any]]
"""Draws so many uniform words of so many bits, each of shape (n,): numpy's or a device's."""

Against = Literal["random", "masked"]
"""What real pairs are told from: pairs of random plaintexts, or real pairs hidden under one random mask."""


@dataclass(frozen=True)
class KeyedFunction:
    """A function of a block under a key, over columns, in any number of rounds from 1 to `rounds`, the full one's.

    `expand(key, rounds)` gives the round keys, each a list of words; `encrypt(block, round_keys)` runs as many rounds
    as those are for; the last of them is the last round's. What a reduced cipher leaves out or keeps (final whitening,
    the last linear layer) its module says. Words are of `word_bits` in blocks and `key_word_bits` in keys.
    """

    name: str
    word_bits: int
    block_words: int
    key_word_bits: int
    key_words: int
    rounds: int
    expand: Callable[[Words, int], Sequence[Words]]
    encrypt: Callable[[Words, Sequence[Words]], list[Any]]
    output_words: int = field(default=0, kw_only=True)
    """Words of what comes out; 0 where it is a block as well."""

    @property
    def block_bits(self) -> int:
        """Bits of a block."""
        return self.word_bits * self.block_words

    @property
    def ciphertext_words(self) -> int:
        """Words of what comes out."""
        return self.output_words or self.block_words

    def require_rounds(self, rounds: int) -> None:
        """UserError for fewer than one round or more than the cipher has."""
        if not 1 <= rounds <= self.rounds:
            raise UserError(f"{rounds} rounds", where=self.name, mend=f"from 1 to {self.rounds}")


@dataclass(frozen=True)
class BlockCipher(KeyedFunction):
    """A block cipher: a keyed function that `decrypt(block, round_keys)` undoes."""

    decrypt: Callable[[Words, Sequence[Words]], list[Any]]
    round_key_word_bits: int = 0
    """Bits of a word of a round key; 0 where they are `word_bits`."""


def labelled_pairs(
    cipher: KeyedFunction,
    draw: Draw,
    rounds: int,
    difference: Sequence[int],
    pairs: int = 1,
    against: Against = "random",
) -> tuple[Word, list[Any]]:
    """Labels (1 real, 0 not), and ciphertexts: for each pair the words of the first, then those of the second.

    Real pairs encrypt plaintexts that differ by `difference`; all pairs of a row are under one fresh key. Against
    "random", the second plaintext of the others is random. Against "masked", the others are real pairs too, both of
    whose ciphertexts are exclusive-ored with one random block: the difference stays, the values go (the real
    difference experiment of Gohr, "Improving attacks on round-reduced Speck32/64 using deep learning", 2019).
    """
    cipher.require_rounds(rounds)
    if pairs < 1:
        raise UserError(f"{pairs} pairs", where=cipher.name, mend="at least one")
    if against not in ("random", "masked"):
        raise UserError(f"against {against!r}", where=cipher.name, mend='against "random" or "masked"')
    bits = cipher.word_bits
    (label,) = draw(1, 1)
    round_keys = cipher.expand(draw(cipher.key_words, cipher.key_word_bits), rounds)
    ciphertexts: list[Any] = []
    for _ in range(pairs):
        first = draw(cipher.block_words, bits)
        second = [word ^ part for word, part in zip(first, difference, strict=True)]
        other = draw(cipher.block_words if against == "random" else cipher.ciphertext_words, bits)
        if against == "random":
            second = [_choose(label, *both, bits) for both in zip(second, other, strict=True)]
        pair = [cipher.encrypt(block, round_keys) for block in (first, second)]
        if against == "masked":
            pair = [
                [_choose(label, word, word ^ mask, bits) for word, mask in zip(block, other, strict=True)]
                for block in pair
            ]
        ciphertexts += [word for block in pair for word in block]
    return label, ciphertexts


def _choose(label: Word, real: Word, other: Word, bits: int) -> Word:
    """`real` where the label is 1, `other` where it is 0."""
    ones = wrap(-(label | (real & 0)), bits)  # all bits set where the label is 1, in the words' own type
    return other ^ ((real ^ other) & ones)
