"""Substitution ciphers: published texts, other implementations on random texts, every answer from its question."""

import re
from collections import Counter
from functools import cache

import numpy as np
import pycipher
import pytest
from question_reader import every_level, problems, texts
from sympy import Matrix
from sympy.crypto import crypto

from enigmath.baselines.attacks.hill_matrices import from_known_text
from enigmath.baselines.attacks.substitutions import HillClimbing
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task, models
from enigmath.bench.primitives import hill
from enigmath.bench.primitives.english import corpus
from enigmath.bench.primitives.hill import HILL
from enigmath.bench.primitives.letter_cipher import ALPHABET, read, write
from enigmath.bench.primitives.playfair import PLAYFAIR
from enigmath.bench.primitives.squares import ADFGVX, LETTERS_AND_DIGITS, POLYBIUS, read_adfgvx, without_j
from enigmath.bench.primitives.substitutions import HOMOPHONIC, SUBSTITUTION, homophones
from enigmath.generators import polygraphic_ciphers, substitution_ciphers
from enigmath.generators.text_directions import decrypt, encrypt, hidden_key, opens

CIPHERS = {cipher.name: cipher for cipher in (SUBSTITUTION, HOMOPHONIC, POLYBIUS, ADFGVX, PLAYFAIR, HILL)}
SIZES = [
    ("substitution", {}),
    ("homophonic", {"numbers": 26}),
    ("homophonic", {"numbers": 55}),
    ("homophonic", {"numbers": 100}),
    ("polybius", {}),
    ("adfgvx", {"columns": 2}),
    ("adfgvx", {"columns": 7}),
    ("adfgvx", {"columns": 10}),
    ("playfair", {}),
    ("hill", {"size": 2}),
    ("hill", {"size": 3}),
    ("hill", {"size": 4}),
]
LEVELS = every_level(substitution_ciphers) + every_level(polygraphic_ciphers)
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def plainly_homophonic(key: str, text: str) -> str:
    """A letter's numbers in rising order, one after another and around: one text at a time, from the description."""
    used: Counter[str] = Counter()
    numbers = []
    for letter in text:
        mine = [number for number, meant in enumerate(key) if meant == letter]
        numbers.append(f"{mine[used[letter] % len(mine)]:02d}")
        used[letter] += 1
    return "".join(numbers)


def hidden_by(name: str, key: str, text: str) -> str:
    """The ciphertext by pycipher, by sympy for Hill, by the plain reading above for homophones."""
    match name:
        case "substitution":
            return pycipher.SimpleSubstitution(key).encipher(text)
        case "homophonic":
            return plainly_homophonic(key, text)
        case "polybius":
            return pycipher.PolybiusSquare(key, 5, "12345").encipher(text)
        case "adfgvx":
            return pycipher.ADFGVX(*key.split(",")).encipher(text)
        case "playfair":
            return pycipher.Playfair(key).encipher(text)
        case "hill":
            return crypto.encipher_hill(text, matrix(key))
    raise AssertionError(name)


def opened_by(name: str, key: str, secret: str) -> str:
    """The plaintext by the same routes."""
    match name:
        case "substitution":
            return pycipher.SimpleSubstitution(key).decipher(secret)
        case "homophonic":
            return "".join(key[int(secret[place : place + 2])] for place in range(0, len(secret), 2))
        case "polybius":
            pairs = [secret[place : place + 2] for place in range(0, len(secret), 2)]
            return "".join(key[5 * (int(row) - 1) + int(column) - 1] for row, column in pairs)
        case "adfgvx":
            square, word = key.split(",")
            coordinates = pycipher.ColTrans(word).decipher(secret)
            return pycipher.PolybiusSquare(square, 6, "ADFGVX").decipher(coordinates)
        case "playfair":
            return pycipher.Playfair(key).decipher(secret)
        case "hill":
            return crypto.decipher_hill(secret, matrix(key))
    raise AssertionError(name)


def matrix(key: str) -> Matrix:
    size = round(len(key) ** 0.5)
    return Matrix(size, size, [ALPHABET.index(letter) for letter in key])


@pytest.mark.parametrize(
    ("name", "key", "plain", "hidden"),
    [
        ("substitution", "ZEBRASCDFGHIJKLMNOPQTUVWXY", "FLEEATONCEWEAREDISCOVERED", "SIAAZQLKBAVAZOARFPBLUAOAR"),
        ("polybius", "ABCDEFGHIKLMNOPQRSTUVWXYZ", "BAT", "121144"),
        ("playfair", "PLAYFIREXMBCDGHKNOQSTUVWZ", "HIDETHEGOLDINTHETREXESTUMP", "BMODZBXDNABEKUDMUIXMMOUVIF"),
        ("hill", "GYBNQKURP", "ACT", "POH"),
        ("hill", "GYBNQKURP", "CAT", "FIN"),
        ("hill", "DDCF", "HELP", "HIAT"),
    ],
)
def test_published_texts(name, key, plain, hidden) -> None:
    cipher = CIPHERS[name]
    assert write(cipher.encrypt(read(plain), cipher.read_key(key)), cipher.symbols) == [hidden]
    assert write(cipher.decrypt(read(hidden, cipher.symbols), cipher.read_key(key))) == [plain]


def test_the_published_text_of_adfgvx_has_digits_too() -> None:
    privacy = np.array([[3, 4, 2, 5, 0, 1, 6]])
    square = read("NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ", LETTERS_AND_DIGITS).astype(np.int64)
    keys, plain = np.concatenate([square, privacy], axis=1), read("ATTACKAT1200AM", LETTERS_AND_DIGITS)
    hidden = ADFGVX.encrypt(plain, keys)
    assert write(hidden, "ADFGVX") == ["DGDDDAGDDGAFADDFDADVDVFAADVX"]
    assert (ADFGVX.decrypt(hidden, keys) == plain).all()


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_a_thousand_random_texts_agree_with_another_implementation_both_ways(name, size) -> None:
    rng, cipher = np.random.default_rng(3), CIPHERS[name]
    count = 334 if name in ("homophonic", "adfgvx", "hill") else 1_000  # three sizes of each of those
    for length, rows in ((12, count // 2), (24, count - count // 2 - 6), (96, 6)):
        plain = cipher.prepare(rng.integers(26, size=(rows, length)).astype(np.uint8))
        keys = cipher.draw_keys(rng, rows, **size)
        hidden = cipher.encrypt(plain, keys)
        assert (cipher.decrypt(hidden, keys) == plain).all()
        rows_of = zip(cipher.write_keys(keys), write(plain), write(hidden, cipher.symbols), strict=True)
        for row, (key, text, secret) in enumerate(rows_of):
            assert (cipher.read_key(key) == keys[row]).all()
            assert hidden_by(name, key, text) == secret
            assert opened_by(name, key, secret) == text


def test_determinants_and_inverses_are_those_of_sympy() -> None:
    rng = np.random.default_rng(8)
    for size in (2, 3, 4):
        keys = HILL.draw_keys(rng, 15, size=size)
        for key, value, undone in zip(
            keys, hill.determinant(hill.as_matrices(keys)), hill.inverse(hill.as_matrices(keys)), strict=True
        ):
            exact = Matrix(size, size, key.tolist())
            assert exact.det() == value
            assert exact.inv_mod(26) == Matrix(undone.tolist())


def test_hill_keys_are_all_the_matrices_that_can_be_undone() -> None:
    """Of 2 by 2 modulo 26, counted one by one: those whose determinant is a unit, less the identity."""
    every = np.stack(np.meshgrid(*[np.arange(26)] * 4), -1).reshape(-1, 4)
    units = np.gcd(every[:, 0] * every[:, 3] - every[:, 1] * every[:, 2], 26) == 1
    assert units.sum() - 1 == HILL.keys_of_size(size=2) == 157_247
    assert (hill.invertible(hill.as_matrices(every)) == units).all()


def test_homophones_are_shared_out_by_frequency_and_every_number_has_a_letter() -> None:
    for numbers in (26, 40, 100):
        count = homophones(numbers)
        assert count.sum() == numbers
        assert count.min() == 1
    assert [int(homophones(100)[ALPHABET.index(letter)]) for letter in "ETQ"] == [13, 9, 1]


def test_the_numbers_of_a_letter_take_turns() -> None:
    key = HOMOPHONIC.draw_keys(np.random.default_rng(0), 1, numbers=100)
    hidden = HOMOPHONIC.encrypt(read("E" * 26), key)
    numbers = (hidden[0, ::2] * 10 + hidden[0, 1::2]).tolist()
    assert numbers[:13] == numbers[13:] == sorted(set(numbers))


def test_playfair_texts_are_prepared_as_the_convention_says() -> None:
    prepared = PLAYFAIR.prepare(read("JAMEETXXALLYAA"))
    assert write(prepared) == ["IAMEETXQALLYAX"]
    assert write(without_j(read("JIJ"))) == ["III"]


def test_a_turned_playfair_square_and_no_other_key_is_right_too() -> None:
    rng = np.random.default_rng(2)
    task = find_task("cipher/playfair-key")
    batch = problems(task, 4, 20)
    for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        turned = np.roll(np.array(list(answer)).reshape(5, 5), (int(rng.integers(1, 5)), 2), axis=(0, 1))
        assert task.check(question, answer, "".join(turned.ravel()))
        assert not task.check(question, answer, "".join(rng.permutation(list(answer))))
        assert not task.check(question, answer, answer[:-1])
        assert not task.check(question, answer, answer[::-1][1:] + "J")


def test_letters_that_do_not_stand_in_a_text_are_open_in_its_key() -> None:
    check = opens(SUBSTITUTION)
    assert check("substitution.key(QZZQEA)", "QWERTYUIOPASDFGHJKLZXCVBNM", "QEWRTYUIOPASDFGHJKLZXCVBNM") is False
    assert check("substitution.key(QZZQEA)", "QWERTYUIOPASDFGHJKLZXCVBNM", "QWERTYUIOPASDFGHJKLZXCVBMN")


def solved(question: str, answer: str, task: Task, number: int) -> None:
    """The answer holds, by the other implementations, from the question and what the task says of itself."""
    name, way, inside = re.fullmatch(r"([a-z]+)\.([a-z]+)\((.*)\)", question).groups()
    if way in ("encrypt", "decrypt"):
        key, text = inside.rsplit(",", 1)
        assert (hidden_by if way == "encrypt" else opened_by)(name, key, text) == answer
    elif way == "break":
        size = {name: value for name, value in task.level(number).items() if name not in ("length", "hidden")}
        (key,) = CIPHERS[name].write_keys(hidden_key(CIPHERS[name], 1, **size))
        assert opened_by(name, key, inside) == answer
    elif "=" in inside:
        plain, hidden = inside.split("=")
        assert hidden_by(name, answer, plain) == hidden
    else:
        plain = opened_by(name, answer, inside)
        if name == "playfair":  # the convention changes letters, so its pairs stand beside those of the text
            assert not any(plain[place] == plain[place + 1] for place in range(0, len(plain), 2))
        else:
            assert plain in english(without="J" if name == "polybius" else "")


@cache
def english(without: str) -> str:
    whole = "".join(write(corpus()[None]))
    return whole.replace("J", "I") if without else whole


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), LEVELS)
def test_every_answer_holds_by_another_implementation(task: Task, number: int, draws: int) -> None:
    batch = problems(task, number, 200)
    assert task.answer.canonical(batch.answer).equals(batch.answer)
    assert max(map(len, texts(batch.answer))) <= 1_000
    few = draws // 5 if "hill" in task.name else draws  # sympy is slow
    for question, answer in list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[:few]:
        solved(question, answer, task, number)


@pytest.mark.parametrize("name", ["substitution-encrypt", "homophonic-decrypt", "playfair-decrypt", "hill-encrypt"])
def test_no_key_of_the_test_stands_in_training(name) -> None:
    batch = problems(find_task(f"cipher/{name}"), 1, 8_000)
    splits = split_of(batch.key)
    keys = np.array([question.partition("(")[2].rpartition(",")[0] for question in batch.question.to_pylist()])
    assert not set(keys[splits == 0]) & set(keys[splits != 0])
    assert 0.75 < np.mean(splits == 0) < 0.85


@pytest.mark.parametrize("name", ["polybius-break", "adfgvx-key", "playfair-break"])
def test_no_stretch_of_the_test_stands_in_training(name) -> None:
    batch = problems(find_task(f"cipher/{name}"), 2, 8_000)
    splits = split_of(batch.key)
    if name == "adfgvx-key":
        cipher = CIPHERS["adfgvx"]
        pairs = list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))[::4]
        splits, plain = splits[::4], [opened_by(cipher.name, answer, question[11:-1]) for question, answer in pairs]
    else:
        plain = texts(batch.answer)
    pieces = [{text[start : start + 30] for start in range(len(text) - 29)} for text in plain]
    trained = set().union(*(piece for piece, split in zip(pieces, splits, strict=True) if split == 0))
    tested = [piece for piece, split in zip(pieces, splits, strict=True) if split == 2]
    assert np.mean([len(piece & trained) / len(piece) for piece in tested]) < 0.05


@pytest.mark.parametrize(("name", "size"), [SIZES[place] for place in (0, 2, 4, 6, 8, 10)])
def test_a_problem_and_its_inverse_share_their_key(name, size) -> None:
    cipher = CIPHERS[name]
    one, other = (way(np.random.default_rng(5), 300, cipher, length=24, **size) for way in (encrypt, decrypt))
    assert (one.key == other.key).all()
    assert other.answer.to_pylist() == [question[:-1].rpartition(",")[2] for question in one.question.to_pylist()]
    assert len(np.unique(one.key)) == 300


@pytest.mark.parametrize(
    ("name", "text", "key", "line"),
    [
        ("substitution", "ABC", "ABC", "'ABC' as a key"),
        ("homophonic", "ABC", ALPHABET[:-1], "25 numbers for 26 letters"),
        ("homophonic", "ABC", ALPHABET[:-1] + "A", "as a key"),
        ("polybius", "ABC", ALPHABET, "as a square"),
        ("polybius", "JAR", ALPHABET.replace("J", ""), "a J, which the square does not have"),
        ("playfair", "ABC", ALPHABET.replace("J", ""), "a text of 3 letters"),
        ("playfair", "ABCC", ALPHABET.replace("J", ""), "a pair of two equal letters"),
        ("adfgvx", "ABC", LETTERS_AND_DIGITS, "as a key"),
        ("adfgvx", "ABC", LETTERS_AND_DIGITS + ",ABCDEFGH", "8 columns for 6 letters"),
        ("hill", "ABC", "AAAA", "which cannot be undone"),
        ("hill", "ABC", "DDC", "a key of 3 letters"),
        ("hill", "ABC", "", "as a key"),
        ("hill", "ABC", "DDCF", "a text of 3 letters"),
    ],
)
def test_bad_keys_and_texts_are_user_errors(name, text, key, line) -> None:
    with pytest.raises(UserError, match=line):
        CIPHERS[name].encrypt(read(text), CIPHERS[name].read_key(key))


@pytest.mark.parametrize(
    ("name", "level", "line"),
    [
        ("substitution-key", {"length": 0}, "a text of 0 letters"),
        ("homophonic-key", {"length": 10, "numbers": 101}, "101 numbers"),
        ("playfair-key", {"length": 11}, "a text of 11 letters"),
        ("adfgvx-key", {"length": 10, "columns": 1}, "1 columns"),
        ("hill-key", {"length": 10, "size": 5}, "a matrix of 5 by 5"),
        ("hill-key", {"length": 10, "size": 3}, "a text of 10 letters"),
    ],
)
def test_bad_levels_are_user_errors(name, level, line) -> None:
    with pytest.raises(UserError, match=line):
        find_task(f"cipher/{name}").function(np.random.default_rng(0), 5, **level)


def test_odd_ciphertexts_and_keys_of_another_size_are_user_errors() -> None:
    one = np.zeros((1, 3), np.uint8)
    for cipher, size in ((HOMOPHONIC, {"numbers": 30}), (POLYBIUS, {}), (ADFGVX, {"columns": 3}), (PLAYFAIR, {})):
        with pytest.raises(UserError):
            cipher.decrypt(one, cipher.draw_keys(np.random.default_rng(0), 1, **size))
    with pytest.raises(UserError, match="the number 99"):
        HOMOPHONIC.decrypt(np.full((1, 2), 9, np.uint8), HOMOPHONIC.draw_keys(np.random.default_rng(0), 1, numbers=30))
    with pytest.raises(UserError, match="a key of 25 letters"):
        SUBSTITUTION.encrypt(one, np.zeros((1, 25), np.int64))
    with pytest.raises(UserError, match="a square of 26 cells"):
        PLAYFAIR.encrypt(np.array([[0, 1]], np.uint8), np.arange(26)[None])
    assert read_adfgvx(LETTERS_AND_DIGITS + ",BA").shape == (1, 38)


@pytest.mark.parametrize(
    ("name", "number", "asked", "least"),
    [
        ("substitution-key", 4, 3, 2),
        ("substitution-break", 4, 3, 2),
        ("homophonic-key", 3, 2, 1),
        ("polybius-break", 4, 2, 1),
        ("adfgvx-key", 1, 2, 1),
        ("playfair-break", 5, 2, 1),
        ("hill-key", 1, 8, 7),
        ("hill-break", 5, 8, 7),
        ("hill-key-from-pair", 3, 20, 19),
    ],
)
def test_the_attack_succeeds_where_the_ciphertext_says_enough(name, number, asked, least) -> None:
    task = find_task(f"cipher/{name}")
    assert task.solve == "hill-climbing"
    batch = problems(task, number, 400)
    tested = np.flatnonzero(split_of(batch.key) == 2)[:asked]
    questions = [batch.question[int(row)].as_py() for row in tested]
    found = models().plugins[task.solve](letters=10_000, sweeps=150).predict(questions)
    answers = np.array(texts(batch.answer))[tested]
    rows = zip(questions, answers, found, strict=True)
    right = [one == answer or bool(task.check and task.check(question, answer, one)) for question, answer, one in rows]
    assert sum(right) >= least


def test_known_blocks_that_do_not_span_still_give_a_key_that_fits() -> None:
    rng = np.random.default_rng(0)
    key = HILL.draw_keys(rng, 1, size=3)
    plain = np.tile(read("ABCCAB"), (1, 4))  # two different blocks, three unknowns a row
    hidden = HILL.encrypt(plain, key)
    found = from_known_text(plain, hidden)
    assert (HILL.encrypt(plain, found) == hidden).all()
    assert from_known_text(read("AAAA"), read("ABAB")) is None
    assert from_known_text(read("ABCD"), read("AB")) is None


def test_the_attack_gives_none_or_a_text_on_questions_that_are_not_its_own() -> None:
    junk = [
        "", "substitution.key()", "caesar.key(ABC)", "substitution.key(A=B)", "hill.break(AB=CD)", "hill.key(A=BC)",
        "polybius.key(19191919)", "polybius.break(ABCDEFGH)", "12+34", "playfair.key(ABACADAEA)",
        "playfair.key(AABBCCDD)", "homophonic.key(123456789)", "substitution.encrypt(LEMON,ABC)",
        "hill.key(" + "A" * 5_000 + ")", "adfgvx.key(ADFGVXADF)",
    ]  # fmt: skip
    model = HillClimbing(letters=500, chains=2, sweeps=5, steps=50)
    assert model.predict(junk) == [None] * len(junk)
    strange = [
        "substitution.break(" + "Z" * 1_000 + ")", "homophonic.break(" + "9" * 400 + ")", "hill.key(AAAAAAAAAAAA)",
        "adfgvx.break(" + "AX" * 40 + ")", "playfair.break(" + "QZ" * 40 + ")", "polybius.key(" + "1" * 80 + ")",
    ]  # fmt: skip
    assert all(one is None or isinstance(one, str) for one in model.predict(strange))
    with pytest.raises(UserError, match="steps=0"):
        HillClimbing(steps=0)
