"""Tasks on exclusive or with a hidden, a repeating and a never repeating key, in hexadecimal.

Plaintexts are English in capital ASCII letters, whose top three bits are 010: so every ciphertext gives away the top
three bits of each key byte, and the low five are what is sought. Splits go by the plaintext's stretch of English, and
by the key as well where it has two bytes or more and is not the dataset's own.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Keys, Text, hash_integers, hash_text, split_of, task, within
from enigmath.bench.primitives.english import spans, split_numbers
from enigmath.bench.primitives.exclusive_or import Octets, as_octets, exclusive_or
from enigmath.bench.primitives.letter_cipher import KeyColumns, count_words, draw_words
from enigmath.generators import bit_perturbations as perturbed
from enigmath.generators.fixed_width import lines, octets
from enigmath.generators.text_directions import KEYS_APART

ATTACK: Final = "exclusive-or-attack"
HEXADECIMAL: Final = Text("[0-9a-f]")
LABELS: Final = ("random", "real")
HIDDEN = [
    {"length": 16, "key_bytes": 1, "hidden": 1},
    {"length": 32, "key_bytes": 4, "hidden": 1},
    {"length": 64, "key_bytes": 8, "hidden": 1},
    {"length": 96, "key_bytes": 16, "hidden": 1},
]
HIDDEN_BEYOND = [{"length": 192, "key_bytes": 16, "hidden": 1}]
SOUGHT = [
    {"length": 16, "key_bytes": 1},
    {"length": 32, "key_bytes": 2},
    {"length": 48, "key_bytes": 4},
    {"length": 64, "key_bytes": 8},
    {"length": 96, "key_bytes": 16},
]
SOUGHT_BEYOND = [{"length": 192, "key_bytes": 16}, {"length": 192, "key_bytes": 32}]
PAIRS = [
    {"length": 8, "key_bytes": 1},
    {"length": 16, "key_bytes": 4},
    {"length": 32, "key_bytes": 8},
    {"length": 64, "key_bytes": 16},
]
PAIRS_BEYOND = [{"length": 96, "key_bytes": 32}]
TOLD = [
    {"length": 16, "key_bytes": 1},
    {"length": 16, "key_bytes": 4},
    {"length": 32, "key_bytes": 8},
    {"length": 64, "key_bytes": 16},
]
TOLD_BEYOND = [{"length": 64, "key_bytes": 24}, {"length": 96, "key_bytes": 32}]
PADS = [{"length": 8}, {"length": 16}, {"length": 32}]
PADS_BEYOND = [{"length": 64}]


def one_key(length: int, key_bytes: int) -> float:
    """What guessing the key scores: one in how many there are."""
    return 1 / count_words(key_bytes, 256)


@task("stream/xor-break", answer=HEXADECIMAL, levels=HIDDEN, beyond=HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def xor_break(rng: np.random.Generator, n: int, *, length: int, key_bytes: int, hidden: int) -> Batch:
    """English under one hidden key, `xor.break(6ae3)`, answered by the plaintext's bytes, `4154`, under the key `2bb7`.

    The key is the same in every dataset of a level: a network can learn it from examples, while the attack works from
    each ciphertext alone. Levels grow by the bytes of text and key; beyond, the text is longer under the same key.
    """
    letters, families = spans(rng, split_numbers(rng, n), length)
    plain, keys = as_octets(letters), np.repeat(hidden_key(hidden, key_bytes), n, axis=0)
    question = lines("xor.break(", octets(exclusive_or(plain, keys)), ")")
    key = within(families, _problem_keys(plain, keys))
    return Batch(question, lines(octets(plain)), key, _traits(n, length=length, key_bytes=key_bytes))


@task(
    "stream/xor-key",
    answer=HEXADECIMAL,
    levels=SOUGHT,
    beyond=SOUGHT_BEYOND,
    bulk=True,
    chance=one_key,
    solve=ATTACK,
    perturbations=perturbed.EXCLUSIVE_OR_KEY,
)
def xor_key(rng: np.random.Generator, n: int, *, length: int, key_bytes: int) -> Batch:
    """The repeating key from a ciphertext of English alone, as in `xor.key(6ae37ff668fc)` with the answer `2bb7`.

    Levels grow by the bytes of text and key, whose number the question does not say; no key is a shorter one repeated.
    Guessing scores one in the number of keys. Of one byte, all 255 keys stand in training.
    """
    plain, keys, key = _drawn(rng, n, length, key_bytes)
    question = lines("xor.key(", octets(exclusive_or(plain, keys)), ")")
    return Batch(question, _written(keys), key, _traits(n, length=length, key_bytes=key_bytes))


@task(
    "stream/xor-key-from-pair",
    answer=HEXADECIMAL,
    levels=PAIRS,
    beyond=PAIRS_BEYOND,
    bulk=True,
    chance=one_key,
    solve=ATTACK,
    perturbations=perturbed.EXCLUSIVE_OR_KEY,
)
def xor_key_from_pair(rng: np.random.Generator, n: int, *, length: int, key_bytes: int) -> Batch:
    """The repeating key from a plaintext and its ciphertext, as in `xor.key(41545441=6ae37ff6)` with the answer `2bb7`.

    Levels grow by the bytes of text and key, whose number the question does not say. Guessing scores one in the number
    of keys; the exclusive or of the two texts, cut to its period, is the key.
    """
    plain, keys, key = _drawn(rng, n, length, key_bytes)
    question = lines("xor.key(", octets(plain), "=", octets(exclusive_or(plain, keys)), ")")
    return Batch(question, _written(keys), key, _traits(n, length=length, key_bytes=key_bytes))


@task(
    "stream/xor-distinguish",
    answer=Choice(LABELS),
    levels=TOLD,
    beyond=TOLD_BEYOND,
    bulk=True,
    chance=0.5,
    solve=ATTACK,
)
def xor_distinguish(rng: np.random.Generator, n: int, *, length: int, key_bytes: int) -> Batch:
    """English under a repeating key, or uniform bytes? `xor.distinguish(6ae37ff668fc)` has the answer `real`.

    Both answers are as likely. Levels grow by the bytes of text and key. Letters under one key byte agree in their top
    three bits, which uniform bytes hardly ever do.
    """
    plain, keys, key = _drawn(rng, n, length, key_bytes)
    return _told_apart(rng, "xor", exclusive_or(plain, keys), key, _traits(n, length=length, key_bytes=key_bytes))


@task("stream/one-time-pad-break", answer=HEXADECIMAL, levels=PADS, beyond=PADS_BEYOND, bulk=True)
def one_time_pad_break(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """English under a key as long and used once, `one_time_pad.break(6ae3)`, answered by the plaintext's bytes, `4154`.

    A control: the ciphertext tells nothing of the text (Shannon, 1949), so nothing can beat the commonest text, or
    digit by digit the commonest digit. Levels grow by length.
    """
    plain, pads, key = _drawn(rng, n, length)
    question = lines("one_time_pad.break(", octets(exclusive_or(plain, pads)), ")")
    return Batch(question, lines(octets(plain)), key, _traits(n, length=length))


@task(
    "stream/one-time-pad-key",
    answer=HEXADECIMAL,
    levels=PADS,
    beyond=PADS_BEYOND,
    bulk=True,
    perturbations=perturbed.EXCLUSIVE_OR_KEY,
)
def one_time_pad_key(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """The pad from a ciphertext of English alone, as in `one_time_pad.key(6ae3)` with the answer `2bb7`.

    A control: nothing but the plaintext's own statistics can be had. The top three bits of each byte follow from those
    of capital letters, and the low five are as uncertain as English. Levels grow by length.
    """
    plain, pads, key = _drawn(rng, n, length)
    question = lines("one_time_pad.key(", octets(exclusive_or(plain, pads)), ")")
    return Batch(question, _written(pads), key, _traits(n, length=length))


@task("stream/one-time-pad-distinguish", answer=Choice(LABELS), levels=PADS, beyond=PADS_BEYOND, bulk=True, chance=0.5)
def one_time_pad_distinguish(rng: np.random.Generator, n: int, *, length: int) -> Batch:
    """English under a one-time pad, or uniform bytes? `one_time_pad.distinguish(6ae3)` is `real` half the time.

    A control: both have the same distribution, exactly (Shannon, 1949), so every score above one half is chance or a
    leak. Levels grow by length.
    """
    plain, pads, key = _drawn(rng, n, length)
    return _told_apart(rng, "one_time_pad", exclusive_or(plain, pads), key, _traits(n, length=length))


def hidden_key(hidden: int, key_bytes: int) -> KeyColumns:
    """The key that `xor-break` hides, shape (1, key_bytes): the same in every dataset of a level."""
    (seed,) = hash_text(pa.array([f"xor {key_bytes} {hidden}"]))
    return draw_words(np.random.Generator(np.random.Philox(int(seed))), 1, key_bytes, 256)


def _drawn(rng: np.random.Generator, n: int, length: int, key_bytes: int = 0) -> tuple[Octets, KeyColumns, Keys]:
    """Plaintexts, keys of so many bytes (0: pads, uniform and as long as the text), and the problems' own keys."""
    keys = draw_words(rng, n, key_bytes, 256) if key_bytes else rng.integers(256, size=(n, length))
    families = hash_text(_written(keys))
    apart = 256 ** keys.shape[1] >= KEYS_APART
    letters, stretches = spans(rng, split_of(families) if apart else split_numbers(rng, n), length)
    plain = as_octets(letters)
    return plain, keys, within(families if apart else stretches, _problem_keys(plain, keys))


def _problem_keys(plain: Octets, keys: KeyColumns) -> Keys:
    return hash_integers("xor", hash_text(lines(plain)).view(np.int64), hash_text(_written(keys)).view(np.int64))


def _written(keys: KeyColumns) -> pa.Array:
    return lines(octets(keys.astype(np.uint8)))


def _told_apart(rng: np.random.Generator, name: str, hidden: Octets, key: Keys, traits: dict[str, Any]) -> Batch:
    """Half of the ciphertexts, drawn at random, give way to uniform bytes."""
    real = rng.integers(2, size=len(hidden))
    shown = np.where(real[:, None] == 1, hidden, rng.integers(256, size=hidden.shape, dtype=np.uint8))
    return Batch(lines(f"{name}.distinguish(", octets(shown), ")"), pa.array(LABELS).take(pa.array(real)), key, traits)


def _traits(n: int, **level: int) -> dict[str, Any]:
    return {name: np.full(n, value) for name, value in level.items()}
