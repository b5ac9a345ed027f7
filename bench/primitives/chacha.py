"""ChaCha's block function: Bernstein, "ChaCha, a variant of Salsa20", 2008; Nir and Langley, RFC 8439, 2018. Sixteen
words of 32 bits: four constants, eight key words, a counter and three nonce words. 20 rounds, columns and diagonals in
turn; reduced to r rounds, the first r of them, and the first state is added at the end as in the full function. The RFC
writes keys, nonces and keystream as bytes, the lowest of a word first; here they are words, as its states are written.
"""

from collections.abc import Sequence
from typing import Any, Final

from enigmath.bench.primitives.block_cipher import KeyedFunction
from enigmath.bench.primitives.words import Words, rotate_left, wrap

BITS: Final = 32
CONSTANTS: Final = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
"""The letters "expand 32-byte k"."""
COLUMNS: Final = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
DIAGONALS: Final = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def quarter_round(a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any, Any, Any]:
    """Four times: add, exclusive-or, rotate; by 16, 12, 8 and 7."""
    a = wrap(a + b, BITS)
    d = rotate_left(d ^ a, 16, BITS)
    c = wrap(c + d, BITS)
    b = rotate_left(b ^ c, 12, BITS)
    a = wrap(a + b, BITS)
    d = rotate_left(d ^ a, 8, BITS)
    c = wrap(c + d, BITS)
    b = rotate_left(b ^ c, 7, BITS)
    return a, b, c, d


def expand(key: Words, rounds: int) -> list[Words]:
    """The eight key words once a round: there is no key schedule, and the state holds them all."""
    return [key] * rounds


def block(counter_and_nonce: Words, round_keys: Sequence[Words]) -> list[Any]:
    """The keystream block of a counter and a nonce, four words: sixteen words."""
    counter, *nonce = counter_and_nonce
    start = [constant + counter * 0 for constant in CONSTANTS] + [*round_keys[0], counter, *nonce]
    state = list(start)
    for number in range(len(round_keys)):
        for a, b, c, d in DIAGONALS if number % 2 else COLUMNS:
            state[a], state[b], state[c], state[d] = quarter_round(state[a], state[b], state[c], state[d])
    return [wrap(word + first, BITS) for word, first in zip(state, start, strict=True)]


CHACHA: Final = KeyedFunction("chacha", 32, 4, 32, 8, 20, expand, block, output_words=16)
