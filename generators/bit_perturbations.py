"""Changes of hexadecimal texts whose effect is known or worked out anew: one bit is flipped, pairs change places, a
ciphertext meets one more exclusive or.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Perturbation
from enigmath.bench.primitives.block_cipher import KeyedFunction
from enigmath.bench.primitives.words import from_hexadecimal
from enigmath.generators.fixed_width import hexadecimal, lines
from enigmath.generators.perturbations import perturbation, swapped

Values = Callable[..., pa.Array]
"""The answers to messages, shape (n, bytes); after them come the steps, as text, where a question says them."""

NAME: Final = "flip one bit"
_LAST: Final = re.compile(r"(.*[(,=])([0-9a-f]+)\)")
"""All that stands before the last hexadecimal text of a question, and this."""


def flipped(text: str, rng: np.random.Generator) -> str:
    """Hexadecimal digits with one bit flipped.

    >>> flipped("00", np.random.default_rng(0))
    '40'
    """
    bit = 1 << int(rng.integers(4 * len(text)))
    return f"{int(text, 16) ^ bit:0{len(text)}x}"


def bit_of_message(values: Values) -> Perturbation:
    """One bit of the message, the last text of the question, is flipped; the answer is `values` of the new message.

    Where only a part of a value is asked for, or a value is short, it may stay as it was: there it does not apply.
    """

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        found = _LAST.fullmatch(question)
        if found is None:
            return None
        message = flipped(found[2], rng)
        steps = re.findall("[(]([0-9]+),", found[1])
        (answer,) = values(np.frombuffer(bytes.fromhex(message), np.uint8)[None], *steps).to_pylist()
        return f"{found[1]}{message})", answer

    return perturbation(NAME, change, same=False)


def bit_of_block(cipher: KeyedFunction) -> Perturbation:
    """One bit of the block that is encrypted under a stated key is flipped; the answer is worked out anew."""

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        start, rounds, key, plain = _parts(question)
        plain = flipped(plain, rng)
        return f"{start}({rounds},{key},{plain})", _encrypted(cipher, int(rounds), key, plain)

    return perturbation(NAME, change, same=False)


def bit_of_plaintext(cipher: KeyedFunction) -> Perturbation:
    """One bit of the plaintext that is sought is flipped; the ciphertext that is given is worked out anew."""

    def change(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
        start, rounds, key, _ = _parts(question)
        plain = flipped(told, rng)
        return f"{start}({rounds},{key},{_encrypted(cipher, int(rounds), key, plain)})", plain

    return perturbation("flip one bit of the plaintext", change, same=False)


def _parts(question: str) -> tuple[str, str, str, str]:
    start, _, inside = question.rstrip(")").partition("(")
    rounds, key, block = inside.split(",")
    return start, rounds, key, block


def _encrypted(cipher: KeyedFunction, rounds: int, key: str, plain: str) -> str:
    round_keys = cipher.expand(from_hexadecimal(key, cipher.key_word_bits), rounds)
    secret = cipher.encrypt(from_hexadecimal(plain, cipher.word_bits), round_keys)
    text: str = lines(hexadecimal(secret, cipher.word_bits))[0].as_py()
    return text


def _masked(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """One more byte by exclusive or on the ciphertext's every byte, and so on the key's."""
    found = _LAST.fullmatch(question)
    mask = int(rng.integers(1, 256))
    if found is None or told == f"{mask:02x}":
        return None
    secret, key = (bytes(byte ^ mask for byte in bytes.fromhex(text)).hex() for text in (found[2], told))
    return f"{found[1]}{secret})", key


def _copied(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    found = _LAST.fullmatch(question)
    if found is None:
        return None
    text = flipped(found[2], rng)
    return f"{found[1]}{text})", text


EXCLUSIVE_OR_KEY: Final = (perturbation("exclusive or with one byte", _masked, same=False),)
COPY: Final = (perturbation(NAME, _copied, same=False),)
SWAP_PAIRS: Final = (swapped("[0-9a-f]+:[0-9a-f]+", name="swap pairs"),)
"""Known plaintexts with their ciphertexts stand in another order: the key is the same."""
SWAP_SAMPLES: Final = (swapped("(?<=,)[0-9a-f]{4,}", name="swap pairs"),)
"""Several pairs of ciphertexts stand in another order: what they are is the same."""
