"""Tasks on Enigma; the machine itself is in `bench/primitives/enigma.py`."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Text, UserError, task
from enigmath.bench.primitives.enigma import ENIGMA, orders, plugboards_of, read_key, settings_of
from enigmath.bench.primitives.letter_cipher import read
from enigmath.generators import text_directions as directions

ATTACK: Final = "crib-search"
LETTERS: Final = Text("[A-Z]")
PARTS: Final = ("reflector", "order", "rings", "window", "plugs")
"""The parts of a key's text, as they stand."""


def _machine(length: int, rotors: int, rings: int, plugs: int) -> dict[str, int]:
    return {"length": length, "rotors": rotors, "rings": rings, "plugs": plugs}


MACHINES = [
    _machine(10, 3, 0, 0),
    _machine(20, 3, 0, 0),
    _machine(20, 5, 2, 0),
    _machine(50, 5, 2, 3),
    _machine(50, 5, 2, 6),
    _machine(50, 5, 2, 10),
    _machine(100, 8, 2, 10),
]
MACHINES_BEYOND = [_machine(200, 8, 2, 10), _machine(100, 8, 2, 13)]
HIDDEN = [
    {**machine, "hidden": 1}
    for machine in (_machine(50, 3, 0, 0), _machine(100, 5, 0, 0), _machine(50, 5, 2, 6), _machine(100, 8, 2, 10))
]
HIDDEN_BEYOND = [{**_machine(200, 8, 2, 10), "hidden": 1}]
SOUGHT = [
    {**_machine(50, 3, 0, 0), "unknown": "window"},
    {**_machine(50, 8, 2, 10), "unknown": "window"},
    {**_machine(100, 5, 0, 3), "unknown": "order+window"},
    {**_machine(100, 5, 2, 6), "unknown": "rings+window"},
    {**_machine(100, 5, 2, 3), "unknown": "plugs"},
    {**_machine(200, 5, 2, 10), "unknown": "plugs"},
    {**_machine(200, 5, 2, 5), "unknown": "window+plugs"},
]
SOUGHT_BEYOND = [
    {**_machine(100, 8, 2, 13), "unknown": "window"},
    {**_machine(200, 5, 2, 10), "unknown": "order+rings+window+plugs"},
]
SOUGHT_IN_PAIRS = [
    {**_machine(20, 3, 0, 0), "unknown": "window"},
    {**_machine(20, 8, 2, 10), "unknown": "window"},
    {**_machine(20, 5, 0, 3), "unknown": "order+window"},
    {**_machine(50, 5, 2, 6), "unknown": "rings+window"},
    {**_machine(50, 5, 2, 10), "unknown": "plugs"},
    {**_machine(50, 5, 2, 10), "unknown": "window+plugs"},
    {**_machine(50, 5, 2, 10), "unknown": "order+window+plugs"},
]
SOUGHT_IN_PAIRS_BEYOND = [
    {**_machine(100, 8, 2, 13), "unknown": "window"},
    {**_machine(100, 5, 2, 10), "unknown": "order+rings+window+plugs"},
]


def one_setting(length: int, rotors: int, rings: int, plugs: int, unknown: str) -> float:
    """What guessing the unknown parts scores where the text tells all keys apart; rings are sought with the window."""
    parts = unknown.split("+")
    sought = rings if "rings" in parts else 0
    shares = [1 / settings_of(middle, right, sought) for _, middle, right in orders(rotors).tolist()]
    setting = sum(shares) / len(shares) / (len(shares) if "order" in parts else 1) if "window" in parts else 1.0
    return setting / (plugboards_of(plugs) if "plugs" in parts else 1)


def _divide(unknown: str, keys: list[str]) -> tuple[list[str], list[str]]:
    """The keys with question marks for the unknown parts, and those parts alone."""
    hidden = [part in unknown.split("+") for part in PARTS]
    split = [key.split(" ") for key in keys]
    stated = [" ".join("?" if away else part for part, away in zip(key, hidden, strict=True)) for key in split]
    return stated, [" ".join(part for part, away in zip(key, hidden, strict=True) if away) for key in split]


def _find(rng: np.random.Generator, n: int, *, unknown: str, known: bool, **machine: Any) -> Batch:
    batch = directions.find_key(rng, n, ENIGMA, known=known, part=partial(_divide, unknown), **machine)
    return replace(batch, traits={**batch.traits, "unknown": np.full(n, unknown)})


def decrypts_alike(question: str, answer: str, prediction: str) -> bool:
    """Whether the predicted parts decrypt as the answer's do: a text seldom tells where the middle ring stands."""
    stated, _, given = question.partition("(")[2].rstrip(")").rpartition(",")
    hidden = read(given.rpartition("=")[2])
    try:
        right, found = (read_key(_whole(stated, parts)) for parts in (answer, prediction))
    except UserError:
        return False
    pieces = hidden[:, :5], hidden  # few wrong keys are tried on the whole text
    return all((ENIGMA.decrypt(piece, right) == ENIGMA.decrypt(piece, found)).all() for piece in pieces)


def _whole(stated: str, parts: str) -> str:
    """The key with its unknown parts filled in."""
    filled = iter(parts.split(" "))
    return " ".join([next(filled, "") if part == "?" else part for part in stated.split(" ")] + list(filled))


_OF_PARTS: Final[dict[str, Any]] = {
    "answer": Text("[A-Z -]"),
    "bulk": True,
    "chance": one_setting,
    "check": decrypts_alike,
    "solve": ATTACK,
}


@task("cipher/enigma-encrypt", answer=LETTERS, levels=MACHINES, beyond=MACHINES_BEYOND, bulk=True)
def enigma_encrypt(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """English through Enigma, as in `enigma.encrypt(B I-II-III AAA AAA -,AAAAA)` with the answer `BDZGO`.

    The key says reflector, rotors from left to right, rings, window and plugs (`AQ-ER`, or `-` for none). The same
    setting decrypts, so that there is no task of decrypting. Levels grow by the length of the text, the rotors to
    choose three from (I to V of model I, I to VIII of the M3), the rings that are set and the pairs plugged, ten as in
    the war and beyond that thirteen. No cipher key is in two splits, and no stretch of English. A text without its key
    says only that no letter stands for itself. Greydanus, "Learning the Enigma with recurrent neural networks", 2017,
    has a network do it with fixed rotors and a key of three letters.
    """
    return directions.encrypt(rng, n, ENIGMA, **level)


@task("cipher/enigma-break", answer=LETTERS, levels=HIDDEN, beyond=HIDDEN_BEYOND, bulk=True, solve=ATTACK)
def enigma_break(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """The plaintext under one hidden setting, as in `enigma.break(BDZGO)` with the answer `AAAAA`.

    The setting is the same in every dataset of a level, so that each place of the text has one alphabet of its own,
    which a network can learn from examples; the attack finds the setting from some hundred of them, or, where no ring
    is set and nothing plugged, from each ciphertext alone. Levels grow as those of `enigma-encrypt`; beyond, the text
    is longer under the same setting, and the alphabets of its second half were never seen.
    """
    return directions.break_hidden(rng, n, ENIGMA, **level)


@task("cipher/enigma-key", levels=SOUGHT, beyond=SOUGHT_BEYOND, **_OF_PARTS)
def enigma_key(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Unknown parts of a setting, from ciphertext alone: `enigma.key(B I-II-III AAA ? -,RJKSWCLXZUSTKKRT)` gives `QEV`.

    What stands as `?` is sought, and several parts are answered in the order of the key, with spaces between. Levels
    grow by what is unknown: the window, the rotors' order with it, the rings with it, the plugs (three, then ten),
    window and plugs, and beyond all of it but the reflector. Parts that decrypt the text in the same way are right too.
    Guessing scores 1 in 16,926 for the window of rotors with one notch, and far less for the rest.
    """
    return _find(rng, n, known=False, **level)


@task("cipher/enigma-key-from-pair", levels=SOUGHT_IN_PAIRS, beyond=SOUGHT_IN_PAIRS_BEYOND, **_OF_PARTS)
def enigma_key_from_pair(rng: np.random.Generator, n: int, **level: Any) -> Batch:
    """Unknown parts, from a crib and its ciphertext: `enigma.key(B I-II-III AAA ? -,AAAAA=BDZGO)` gives `AAA`.

    What stands as `?` is sought, and several parts are answered in the order of the key, with spaces between. Levels
    grow by what is unknown: the window, the order with it, the rings with it, the plugs, window and plugs, and the
    order with them, which was the bombes' work; beyond, the rings as well. Parts that decrypt the text in the same way
    are right too. Guessing scores 1 in 16,926 for the window of rotors with one notch, and far less for the rest.
    """
    return _find(rng, n, known=True, **level)
