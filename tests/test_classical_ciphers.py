"""The classical ciphers beyond the best known: published texts, plain implementations, and that all is undone."""

import inspect
import re

import numpy as np
import plain_letter_ciphers as plainly
import pytest
from question_reader import every_level, problems, texts

from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.primitives import (
    fractionation,
    mixed_alphabets,
    paired_letters,
    periodic_ciphers,
    routes,
    square_ciphers,
)
from enigmath.bench.primitives.letter_cipher import LetterCipher, read, write
from enigmath.generators import classical_ciphers
from enigmath.generators.text_directions import decrypt, encrypt

MODULES = (periodic_ciphers, paired_letters, mixed_alphabets, square_ciphers, fractionation, routes)
CIPHERS = {
    one.name: one
    for module in MODULES
    for one in vars(module).values()
    if isinstance(one, LetterCipher) and one.name in plainly.PLAIN
}
LEVELS = every_level(classical_ciphers)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]
SIZES = {
    "key_length": (2, 4, 12),
    "period": (2, 5, 10),
    "columns": (3, 6, 11),
    "digits": (1, 3, 6),
    "size": (2, 3, 6),
    "half": (1, 2, 3),
    "rails": (2, 4, 9),
}


def sizes_of(cipher: LetterCipher, length: int) -> list[dict[str, int]]:
    """Three sizes of keys, or none at all; those of running keys are the text's."""
    names = [name for name in list(inspect.signature(cipher.draw_keys).parameters)[2:] if name in SIZES]
    if cipher.name == "running_key":
        return [{"key_length": length}]
    return [dict(zip(names, sizes, strict=True)) for sizes in zip(*(SIZES[name] for name in names), strict=True)] or [
        {}
    ]


def key(*parts: str | int) -> np.ndarray:
    """Words by their letters, and numbers, side by side."""
    return np.concatenate(
        [[[part]] if isinstance(part, int) else read(part).astype(np.int64) for part in parts], axis=1
    )


@pytest.mark.parametrize(
    ("name", "keys", "plain", "hidden"),
    [
        # ADFGX, Myszkowski and bifid as Wikipedia has them; four squares by practicalcryptography.com
        ("adfgx", key("BTALPDHOZKQFVSNGICUXMREWY", 1, 0, 4, 2, 3), "ATTACKATONCE", "FAXDFADDDGDGFFFAFAXAFAFX"),
        ("myszkowski", key("TOMATO"), "WEAREDISCOVEREDFLEEATONCE", "ROFOACDTEDSEEEACWEIVRLENE"),
        ("bifid", key("BGWKZQPNDSIOAXEFCLUMTHYVR", 10), "FLEEATONCE", "UAEOLWRINS"),
        ("four_square", key("ZGPTFOIHMUWDRCNYKEQAXVSBL", "MFNBDCRHSAXYOGVITUEWLQZKP"), "ATTACKATDAWN", "TIYBFHTIZBSY"),
        # Rubin's example of 2010
        (
            "chaocipher",
            key("HXUCZVAMDSLKPEFJRIGTWOBNYQ", "PTLNBQDEOYSFAVZKGJRIHWXUMC"),
            "WELLDONEISBETTERTHANWELLSAID",
            "OAHQHCNYNXTSZJRRHJBYHQKSOUJY",
        ),
        # the American Cryptogram Association's sheets
        (
            "gromark",
            key("AJRXEBKSYGFPVIDOUMHQWNCLTZ", 2, 3, 4, 5, 2),
            "THEREAREUPTOTENSUBSTITUTESPERLETTER",
            "NFYCKBTIJCNWZYCACJNAYNLQPWWSTWPJQFL",
        ),
        ("nicodemus", key("TAG"), "THEEARLYBIRDGETSTHEWORM", "HAYREKXHJZMXEBZTWMNULXK"),
        # the guide of CryptoCrack (Amsco, Condi, Portax, Swagman) and of CryptoDen (quagmire III)
        (
            "amsco",
            np.array([[2, 0, 3, 4, 1]]),
            "APERSONWHOSMILESINTHEFACEOFADVERSITYPROBABLYHASASCAPEGOAT",
            "EOSNEOSBAAOANWEFAVPRHPEAPHSICEROASGRSMTHFITBSCTOILEADYLYA",
        ),
        (
            "condi",
            key("HAPINESBCDFGJKLMOQRTUVWXYZ", 7),
            "REALHAPPINESSISWHENYOUMARRYAGIRLFORLOVE",
            "ZYBOMPNESCFJKFFIXSFIMGFQUGQHKMWBZADBEJA",
        ),
        ("portax", key("P"), "EN", "MX"),
        ("quagmire_3", key("STRONGCIPHEABDFJKLMQUVWXYZ", "SEARCH"), "BENEATH", "THNTCZY"),
    ],
)  # fmt: skip
def test_published_texts(name, keys, plain, hidden) -> None:
    cipher = CIPHERS[name]
    assert write(cipher.encrypt(read(plain), keys), cipher.symbols) == [hidden]
    assert write(cipher.decrypt(read(hidden, cipher.symbols), keys)) == [plain]


def test_the_published_swagman_begins_so() -> None:
    rows = ["ROMEDIDNTCREATEAG", "REATEMPIREBYHAVIN", "GMEETINGSTHEYDIDI", "TBYKILLINGALLTHOS", "EWHOOPPOSEDTHEMXX"]
    square = np.array([[int(digit) - 1 for digit in "4153252143253143425113425"]])
    assert write(routes.SWAGMAN.encrypt(read("".join(rows)), square))[0].startswith("EGTRROEWBM")


def test_wheatstones_hands_pass_as_many_places() -> None:
    """Kahn: the outer ring is one longer, so on each round the inner hand gains a place."""
    straight = key("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert write(mixed_alphabets.WHEATSTONE.encrypt(read("CACAC"), straight)) == ["DCEDF"]


@pytest.mark.parametrize("name", sorted(plainly.PLAIN))
def test_a_thousand_random_texts_agree_with_a_plain_implementation_and_are_undone(name) -> None:
    cipher, rng = CIPHERS[name], np.random.default_rng(3)
    lengths = (50,) if name == "running_key" else (26, 36, 50)
    cases = [(length, size) for length in lengths for size in sizes_of(cipher, length)]
    rows = 1_000 // len(cases) + 1
    for length, size in cases:
        plain = cipher.prepare(rng.integers(26, size=(rows, length)).astype(np.uint8))
        keys = cipher.draw_keys(rng, rows, **size)
        hidden = cipher.encrypt(plain, keys)
        assert (cipher.decrypt(hidden, keys) == plain).all()
        texts = zip(cipher.write_keys(keys), write(plain), write(hidden, cipher.symbols), strict=True)
        for one, text, secret in texts:
            assert plainly.PLAIN[name](one, text) == secret


@pytest.mark.parametrize("period", [4, 7, 10])
def test_seriated_playfair_agrees_with_pycipher_pair_by_pair(period) -> None:
    cipher, rng = square_ciphers.seriated_playfair(period), np.random.default_rng(4)
    for length in (26, 40):
        plain = cipher.prepare(rng.integers(26, size=(170, length)).astype(np.uint8))
        keys = cipher.draw_keys(rng, 170)
        hidden = cipher.encrypt(plain, keys)
        assert (cipher.decrypt(hidden, keys) == plain).all()
        for one, text, secret in zip(cipher.write_keys(keys), write(plain), write(hidden), strict=True):
            assert plainly.seriated_playfair(one, text, period) == secret


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("gronsfeld", {"key_length": 2}),
        ("porta", {"key_length": 2}),
        ("scytale", {"columns": 5}),
        ("myszkowski", {"columns": 4}),
        ("redefence", {"rails": 4}),
        ("amsco", {"columns": 4}),
        ("swagman", {"size": 3}),
        ("grille", {"half": 2}),
        ("nihilist_transposition", {"size": 4}),
        ("route", {"columns": 5}),
    ],
)
def test_there_are_as_many_keys_as_said_and_none_does_the_same_as_another(name, size) -> None:
    cipher = CIPHERS[name]
    keys = np.unique(cipher.draw_keys(np.random.default_rng(0), 5_000, **size), axis=0)
    assert len(keys) == cipher.keys_of_size(**size)
    assert len(set(cipher.write_keys(keys))) == len(keys)
    places = np.repeat(np.arange(26, dtype=np.uint8)[None], len(keys), axis=0)
    hidden = np.unique(cipher.encrypt(places, keys), axis=0)
    assert len(hidden) == len(keys)


def test_porta_and_portax_undo_themselves() -> None:
    rng = np.random.default_rng(5)
    plain = rng.integers(26, size=(50, 40)).astype(np.uint8)
    for cipher in (periodic_ciphers.PORTA, paired_letters.PORTAX):
        keys = cipher.draw_keys(rng, 50, key_length=5)
        assert (cipher.encrypt(cipher.encrypt(plain, keys), keys) == plain).all()


@pytest.mark.parametrize("name", ["slidefair", "portax", "four_square", "two_square"])
def test_an_odd_letter_is_a_user_error(name) -> None:
    cipher = CIPHERS[name]
    plain = cipher.prepare(np.ones((3, 27), np.uint8))
    (size, *_) = sizes_of(cipher, 27)
    with pytest.raises(UserError, match="a text of 27 letters"):
        cipher.encrypt(plain, cipher.draw_keys(np.random.default_rng(0), 3, **size))


def test_what_a_square_cannot_carry_is_a_user_error() -> None:
    rng, jay = np.random.default_rng(0), np.full((2, 26), 9, np.uint8)
    for cipher in (square_ciphers.FOUR_SQUARE, square_ciphers.TWO_SQUARE, square_ciphers.PHILLIPS):
        with pytest.raises(UserError, match="a J"):
            cipher.encrypt(jay, cipher.draw_keys(rng, 2))
    playfair = square_ciphers.seriated_playfair(5)
    with pytest.raises(UserError, match="two equal letters"):
        playfair.encrypt(np.ones((2, 26), np.uint8), playfair.draw_keys(rng, 2))
    with pytest.raises(UserError, match="2 columns"):
        routes.MYSZKOWSKI.draw_keys(rng, 2, columns=2)
    with pytest.raises(UserError, match="1 columns"):
        routes.REDEFENCE.draw_keys(rng, 2, rails=1)
    with pytest.raises(UserError, match="a key of 0 letters"):
        periodic_ciphers.PORTA.draw_keys(rng, 2, key_length=0)
    with pytest.raises(UserError, match="a key of 1 letters"):
        mixed_alphabets.PERIODIC_GROMARK.draw_keys(rng, 2, key_length=1)


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_the_plain_implementation(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, 200)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:draws]:
        name, way, one, text = re.fullmatch(r"([a-z_]+)\.([a-z]+)\((.+),([A-Z]+)\)", question).groups()
        plain, hidden = (text, answer) if way == "encrypt" else (answer, text)
        assert plainly.PLAIN[name](one, plain) == hidden


@pytest.mark.parametrize(
    ("name", "number"), [("gronsfeld-encrypt", 2), ("porta-encrypt", 2), ("myszkowski-decrypt", 3)]
)
def test_no_key_of_the_test_stands_in_training_where_there_are_enough(name, number) -> None:
    batch = problems(find_task(f"cipher/{name}"), number, 20_000)
    splits = split_of(batch.key)
    keys = np.array([question.partition("(")[2].partition(",")[0] for question in batch.question.to_pylist()])
    assert not set(keys[splits == 0]) & set(keys[splits != 0])


@pytest.mark.parametrize(
    ("cipher", "size"),
    [
        (periodic_ciphers.GRONSFELD, {"key_length": 5}),
        (fractionation.BIFID, {"period": 5}),
        (square_ciphers.FOUR_SQUARE, {}),
        (routes.MYSZKOWSKI, {"columns": 5}),
    ],
)
def test_a_problem_and_its_inverse_share_their_key(cipher, size) -> None:
    one, other = (way(np.random.default_rng(5), 300, cipher, length=30, **size) for way in (encrypt, decrypt))
    assert (one.key == other.key).all()
    assert other.answer.to_pylist() == [question[:-1].rpartition(",")[2] for question in one.question.to_pylist()]
