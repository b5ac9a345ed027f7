"""Enigma: published messages, py-enigma on random settings, every answer anew from its question, the attack."""

import re
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from enigma.machine import EnigmaMachine
from question_reader import every_level, problems, texts

from enigmath.baselines.attacks.bombe import plugboards
from enigmath.baselines.attacks.plug_climbing import board_of
from enigmath.baselines.attacks.ring_settings import ringed_bombe, with_rings
from enigmath.baselines.attacks.rotors import CribSearch, english_likelihood
from enigmath.bench.contracts import Budget, Examples, Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.data import Part, take, together
from enigmath.bench.primitives.english import corpus
from enigmath.bench.primitives.enigma import (
    ENIGMA,
    ORDER,
    RINGS,
    WINDOW,
    draw_keys,
    keys_of_size,
    orders,
    read_key,
    scramblers,
    settings_of,
    starts_twice,
    write_keys,
)
from enigmath.bench.primitives.letter_cipher import read, write
from enigmath.generators import rotors
from enigmath.generators.text_directions import hidden_key

LEVELS = every_level(rotors)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]
MACHINES = [(3, 0, 0), (5, 2, 10), (8, 2, 6), (8, 2, 13), (8, 0, 3)]


def through(key: str, text: str) -> str:
    """The text through the machine, by py-enigma; what it refuses raises its own error."""
    reflector, order, rings, window, plugs = key.split(" ")
    if plugs.count("-") > 9:
        return through_more_plugs(key, text)
    machine = EnigmaMachine.from_key_sheet(
        rotors=order.replace("-", " "),
        reflector=reflector,
        ring_settings=" ".join(rings),
        plugboard_settings=None if plugs == "-" else plugs.replace("-", " "),
    )
    machine.set_display(window)
    return machine.process_text(text)


def through_more_plugs(key: str, text: str) -> str:
    """py-enigma takes ten plugs at most: the others stand before and after the machine without a plugboard."""
    front, _, plugs = key.rpartition(" ")
    pairs = plugs.replace("-", "")
    board = str.maketrans(pairs, "".join(pairs[place ^ 1] for place in range(len(pairs))))
    return through(f"{front} -", text.translate(board)).translate(board)


def encrypted(key: str, text: str) -> str:
    return write(ENIGMA.encrypt(read(text), read_key(key)))[0]


def test_published_texts() -> None:
    assert encrypted("B I-II-III AAA AAA -", "AAAAA") == "BDZGO"
    barbarossa = "EDPUDNRGYSZRCXNUYTPOMRMBOFKTBZREZKMLXLVEFGUEYSIOZVEQMIKUBPMMYLKLTTDEISMDICAGYKUACTCDOMOHWXMUUIAUBSTS"
    key = "B II-IV-V BUL BLA AV-BS-CG-DL-FU-HZ-IN-KM-OW-RX"  # 7 July 1941, model I
    assert encrypted(key, barbarossa).startswith("AUFKLXABTEILUNGXVONXKURTINOWAXKURTINOWAXNORDWESTLXSEBEZXSEBEZ")
    scharnhorst = "YKAENZAPMSCHZBFOCUVMRMDPYCOFHADZIZMEFXTHFLOLPZLFGGBOTGOXGRETDWTJIQHLMXVJWKZUASTR"
    key = "B III-VI-VIII AHM UZV AN-EZ-HK-IJ-LR-MQ-OT-PV-SW-UX"  # 26 December 1943, M3
    assert encrypted(key, scharnhorst) == (
        "STEUEREJTANAFJORDJANSTANDORTQUAAACCCVIERNEUNNEUNZWOFAHRTZWONULSMXXSCHARNHORSTHCO"
    )


def test_the_middle_rotor_steps_twice() -> None:
    key, shown = "B I-II-III AAA ADU -", []
    machine = EnigmaMachine.from_key_sheet(rotors="I II III", reflector="B", ring_settings="A A A")
    machine.set_display("ADU")
    for _ in range(4):
        machine.key_press("A")
        shown.append(machine.get_display())
    assert shown == ["ADV", "AEW", "BFX", "BFY"]  # Hamer, 1997
    assert encrypted(key, "A" * 60) == through(key, "A" * 60)


@pytest.mark.parametrize(("rotors", "rings", "plugs"), MACHINES)
def test_two_hundred_random_settings_each_agree_with_py_enigma_both_ways(rotors, rings, plugs) -> None:
    rng = np.random.default_rng(3)
    keys = draw_keys(rng, 200, rotors, rings, plugs)
    keys[:, 4] = rng.integers(26, size=200)  # the left ring too, which the tasks leave at A
    plain = rng.integers(26, size=(200, 60)).astype(np.uint8)
    hidden = ENIGMA.encrypt(plain, keys)
    assert (ENIGMA.decrypt(hidden, keys) == plain).all()
    assert (plain != hidden).all(), "no letter stands for itself"
    for key, row, text, secret in zip(write_keys(keys), keys, write(plain), write(hidden), strict=True):
        assert (read_key(key) == row).all()
        assert through(key, text) == secret
        assert through(key, secret) == text


def test_scramblers_are_the_machine_without_its_plugboard() -> None:
    rng = np.random.default_rng(4)
    keys, plain = draw_keys(rng, 50, 8, 2, 0), rng.integers(26, size=(50, 30)).astype(np.uint8)
    made = scramblers(keys, 30)
    assert (np.take_along_axis(made, made.astype(np.int64), axis=2) == np.arange(26)).all(), "each is its own inverse"
    assert (ENIGMA.encrypt(plain, keys) == made[np.arange(30)[:, None], np.arange(50), plain.T].T).all()


@pytest.mark.parametrize("order", [(0, 1, 2), (3, 0, 5), (2, 6, 1), (0, 6, 7)])
def test_no_two_windows_that_are_drawn_do_the_same_and_those_left_out_have_a_twin(order) -> None:
    keys = np.zeros((17_576, 10), np.int64)
    keys[:, ORDER] = order
    keys[:, WINDOW] = np.indices((26, 26, 26)).reshape(3, -1).T
    shown = np.concatenate([scramblers(keys, 1)[0], ENIGMA.encrypt(np.zeros((len(keys), 40), np.uint8), keys)], axis=1)
    drawn = ~starts_twice(keys)
    assert drawn.sum() == settings_of(order[1], order[2], rings=0)
    assert len(np.unique(shown[drawn], axis=0)) == drawn.sum() == len(np.unique(shown, axis=0))


def test_rings_of_two_notches_are_drawn_from_half_and_do_the_same_half_a_turn_on() -> None:
    keys = draw_keys(np.random.default_rng(5), 3_000, 8, 2, 0)
    doubled = keys[:, 2] > 4
    assert keys[doubled, 5].max() == 12
    assert keys[~doubled, 5].max() == 25
    assert not keys[:, 4].any()
    turned = keys[doubled]
    turned[:, [5, 8]] = (turned[:, [5, 8]] + 13) % 26
    plain = np.zeros((len(turned), 700), np.uint8)
    assert (ENIGMA.encrypt(plain, turned) == ENIGMA.encrypt(plain, keys[doubled])).all()


def test_settings_are_counted_as_they_are_drawn() -> None:
    assert keys_of_size(3, 0, 0) == 2 * 6 * 16_926
    assert keys_of_size(5, 2, 10) == 2 * 60 * 16_926 * 676 * 150_738_274_937_250
    keys = draw_keys(np.random.default_rng(6), 60_000, 3, 0, 1)
    assert len(np.unique(keys[:, ORDER], axis=0)) == len(orders(3)) == 6
    pairs = keys[:, 10:]
    counts = np.unique(pairs[:, 0] * 26 + pairs[:, 1], return_counts=True)[1]
    assert len(counts) == 325
    assert 120 < counts.min() < counts.max() < 260  # 185 each, give or take 14


@pytest.fixture(scope="module")
def english() -> str:
    return "".join(write(corpus()[None]))


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_py_enigma(task: Task, number: int, draws: int, english: str) -> None:
    batch, level = problems(task, number, 1_000), task.level(number)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:draws]:
        way, inside = re.fullmatch(r"enigma\.([a-z]+)\((.*)\)", question).groups()
        *key, text = inside.split(",")
        assert len(text.rpartition("=")[2]) == level["length"]
        if way == "encrypt":
            assert through(key[0], text) == answer
            assert (key[0].count("-") - 2 + 1 if not key[0].endswith("-") else 0) == level["plugs"]
        elif way == "break":
            size = {name: level[name] for name in ("rotors", "rings", "plugs")}
            assert through(write_keys(hidden_key(ENIGMA, 1, **size))[0], text) == answer
        else:
            found = iter(answer.split(" "))
            whole = " ".join(next(found) if part == "?" else part for part in key[0].split(" "))
            assert next(found, None) is None
            plain = through(whole, text.rpartition("=")[2])
            assert plain == text.partition("=")[0] if "=" in text else plain in english


def test_no_setting_of_the_test_stands_in_training() -> None:
    batch = problems(find_task("cipher/enigma-encrypt"), 2, 20_000)
    splits = split_of(batch.key)
    keys = np.array([question.partition(",")[0] for question in batch.question.to_pylist()])
    assert not set(keys[splits == 0]) & set(keys[splits != 0])


def test_other_writings_of_a_key_are_right_and_other_keys_wrong() -> None:
    rng = np.random.default_rng(7)
    for task in (rotors.enigma_key, rotors.enigma_key_from_pair):
        batch = task(rng, 10, **task.level(4))
        for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
            rings, window = answer.split(" ")
            both = [chr(65 + (ord(letter) - 65 + 1) % 26) for letter in (rings[0], window[0])]
            assert task.check(question, answer, answer)
            assert task.check(question, answer, f"{both[0]}{rings[1:]} {both[1]}{window[1:]}")
            assert not task.check(question, answer, f"{rings} {both[1]}{window[1:]}")
            for junk in ("", "AAA", "- -", f"{answer} AAA", "I-II-III AAA", "\u00e9"):
                assert not task.check(question, answer, junk)


@pytest.mark.parametrize(
    ("level", "line"),
    [
        ({"length": 0, "rotors": 3, "rings": 0, "plugs": 0}, "a text of 0 letters"),
        ({"length": 10, "rotors": 2, "rings": 0, "plugs": 0}, "2 rotors to choose from"),
        ({"length": 10, "rotors": 9, "rings": 0, "plugs": 0}, "9 rotors to choose from"),
        ({"length": 10, "rotors": 3, "rings": 1, "plugs": 0}, "1 rings and 0 plugs"),
        ({"length": 10, "rotors": 3, "rings": 0, "plugs": 14}, "0 rings and 14 plugs"),
    ],
)
def test_bad_levels_are_user_errors(level, line) -> None:
    with pytest.raises(UserError, match=line):
        rotors.enigma_encrypt(np.random.default_rng(0), 5, **level)


@pytest.mark.parametrize(
    "key",
    ["", "B I-II-III AAA AAA", "A I-II-III AAA AAA -", "B I-II-IX AAA AAA -", "B I-II-II AAA AAA -",
     "B I-II-III AAA AAA AQ-QR", "B I-II-III AAA AAA AA", "B I-II-III AAA AAA A", "b I-II-III AAA AAA -"],
)  # fmt: skip
def test_what_is_no_key_is_a_user_error(key) -> None:
    with pytest.raises(UserError, match="enigma"):
        read_key(key)


def test_the_bombe_finds_window_and_plugs_and_nothing_else() -> None:
    rng = np.random.default_rng(8)
    key = draw_keys(rng, 1, 5, 2, 10)
    windows = np.repeat(key[:, :10], 500, axis=0)
    windows[:, WINDOW] = rng.integers(26, size=(500, 3))
    windows[123] = key[0, :10]
    crib = corpus()[None, 1000:1050]
    hidden = ENIGMA.encrypt(crib, key)
    numbers, boards = plugboards(crib[0], hidden[0], scramblers(windows, 50))
    assert numbers.tolist() == [123]
    assert (boards[0, boards[0]] == np.arange(26)).all()
    named = np.unique(np.concatenate([crib, hidden]))
    pairs = dict(zip(np.concatenate([key[0, 10::2], key[0, 11::2]]).tolist(),
                     np.concatenate([key[0, 11::2], key[0, 10::2]]).tolist(), strict=True))  # fmt: skip
    assert all(boards[0, letter] == pairs.get(letter, letter) for letter in named.tolist())


def test_rings_and_plugs_are_found_from_a_crib_and_rings_and_order_from_ciphertext() -> None:
    """The order is one of two, so that the tests stay quick: the search over all orders is the same."""
    rng = np.random.default_rng(4)
    texts_, keys = corpus()[None, 9000:9200], draw_keys(rng, 2, 5, 2, 6)
    for key in keys[:, None]:
        hidden = ENIGMA.encrypt(texts_, key)
        blocks = [other[:, :10] for other in (draw_keys(rng, 1, 5, 2, 6), key)]
        found = ringed_bombe(texts_[0, :100], hidden[0, :100], iter(blocks))
        assert found is not None
        assert (ENIGMA.decrypt(hidden[:, :100], found) == texts_[:, :100]).all()
        turned = key[:, :10].copy()  # the same offsets under the rings AAA
        turned[:, WINDOW] = (turned[:, WINDOW] - turned[:, RINGS]) % 26
        turned[:, RINGS] = 0
        likelihood = partial(english_likelihood, board_of(key), hidden)
        assert (
            ENIGMA.decrypt(hidden, np.concatenate([with_rings(turned, likelihood), key[:, 10:]], axis=1)) == texts_
        ).all()
    assert ringed_bombe(texts_[0, :13], texts_[0, 13:26], iter([keys[:1, :10]])) is None


def test_a_setting_that_all_messages_share_is_found_from_them_whatever_its_rings_and_plugs() -> None:
    task = find_task("cipher/enigma-break")
    drawn = {number: take(Part(task, number, 0), {"train": 400, "test": 50}) for number in (1, 3)}
    attack, train = CribSearch(), Examples(together([both["train"] for both in drawn.values()]))
    assert attack.fit(train, train, Budget()).facts == {"settings": 2}
    for both in drawn.values():
        assert attack.predict(both["test"]["question"].to_pylist()) == both["test"]["answer"].to_pylist()
    few = drawn[3]["train"].slice(0, 20)  # so few that no place shows its whole alphabet
    junk = few.set_column(few.column_names.index("answer"), "answer", pa.array(["é"] * 10 + ["1 A"] * 10))
    for nothing in (few, junk):
        assert CribSearch().fit(Examples(nothing), Examples(nothing), Budget()).facts == {"settings": 0}


@pytest.mark.parametrize(
    ("name", "number", "count", "least"),
    [
        ("enigma-key", 1, 10, 10),
        ("enigma-key", 2, 10, 10),
        ("enigma-key", 5, 10, 9),
        ("enigma-key", 6, 5, 4),
        ("enigma-key-from-pair", 1, 20, 20),
        ("enigma-key-from-pair", 3, 5, 5),
        ("enigma-key-from-pair", 4, 4, 4),
        ("enigma-key-from-pair", 5, 20, 20),
        ("enigma-key-from-pair", 6, 5, 5),
        pytest.param("enigma-key-from-pair", 9, 4, 4, marks=pytest.mark.slow),
        pytest.param("enigma-break", 2, 5, 5, marks=pytest.mark.slow),
        pytest.param("enigma-key", 3, 10, 10, marks=pytest.mark.slow),
        pytest.param("enigma-key", 4, 10, 9, marks=pytest.mark.slow),
        pytest.param("enigma-key", 7, 10, 8, marks=pytest.mark.slow),
        pytest.param("enigma-key-from-pair", 7, 5, 5, marks=pytest.mark.slow),
    ],
)
def test_the_attack_succeeds_where_the_texts_say_enough(name, number, count, least) -> None:
    task = find_task(f"cipher/{name}")
    assert task.solve == "crib-search"
    batch = problems(task, number, 400)
    tested = np.flatnonzero(split_of(batch.key) == 2)[:count]
    questions, answers = np.array(batch.question.to_pylist())[tested].tolist(), np.array(texts(batch.answer))[tested]
    attack = models().plugins[task.solve]()
    found = attack.predict(questions)
    check = task.check or (lambda question, answer, prediction: answer == prediction)
    right = [
        one is not None and check(question, other, one)
        for question, one, other in zip(questions, found, answers, strict=True)
    ]
    assert sum(right) >= least
    assert attack.predict(questions[3:4]) == found[3:4], "the answer depends on the question alone"


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    attack = CribSearch(kept=1, restarts=0)
    nothing = [
        "", "enigma.key()", "enigma.key(ABC)", "enigma.break(A=B)", "12+34", "enigma.key(B I-I-I AAA ? -,ABC)",
        "enigma.key(B I-II-IX AAA ? -,ABC)", "enigma.key(B I-II-III AAA AAA -,ABC)", "enigma.key(B ? ? ? ?,ABC)",
        "enigma.key(B I-II-III AAA ? -,ABC=ABCD)", "enigma.key(B I-II-III AAA ? -,ABC=ABC)",
        "enigma.key(B ? AAA ? ?,ABC)", "enigma.key(B I-II-III AAA ? ?,AAAAAAAA=AAAAAAAA)",
        "enigma.key(B I-II-III AAA ? AQ-QR,ABC)", "enigma.encrypt(B I-II-III AAA AAA -,ABC)",
    ]  # fmt: skip
    assert attack.predict(nothing) == [None] * len(nothing)
    something = ["enigma.key(B I-II-III AAA ? -,A)", "enigma.key(? I-II-III AAA AAA ?,QQQQ)"]
    assert all(isinstance(one, str | None) for one in attack.predict(something))
    for bad in ({"kept": 0}, {"restarts": -1}):
        with pytest.raises(UserError, match="crib-search"):
            CribSearch(**bad)
