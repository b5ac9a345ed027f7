"""Whether an answer is right, read anew from the question alone, for every task that declares perturbations.

Other people's programs where there are any: pycipher, sympy, zlib, crccheck, mmh3, numpy, and the plain readings beside
this file. Where a question does not say all that its answer depends on (a hidden key, a key to be found), what is read
is what two problems must share; see `SHARED`.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

import hash_reader
import numpy as np
import plain_block_ciphers
import plain_network_ciphers
import pycipher
import question_reader
from plain_letter_ciphers import myszkowski
from system_reader import derivatives
from test_checksums import REFERENCES as CHECKSUMS

from enigmath.bench.contracts import Task

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def inside(question: str) -> str:
    """What stands in the outermost brackets."""
    return question.partition("(")[2].rpartition(")")[0]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall("-?[0-9]+", text)]


def formula(question: str) -> str:
    """The value of a formula of whole numbers and decimals, as a decimal where it is one."""
    exact = re.sub(r"([0-9]+)\.([0-9]+)", lambda m: f"({int(m[1] + m[2])}/1{'0' * len(m[2])})", question)
    return decimal(question_reader.value(question_reader.parse(exact)))


def decimal(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    places = next(places for places in range(1, 60) if (value * 10**places).denominator == 1)
    units = abs(value.numerator * 10**places // value.denominator)
    return f"{'-' * (value < 0)}{units // 10**places}.{units % 10**places:0{places}d}"


def sign(first: Fraction, second: Fraction) -> str:
    return "<" if first < second else ">" if first > second else "="


def in_words(question: str) -> str:
    first, second = (int(number) for number in re.findall("[0-9]+", question))
    if "divisor" in question:
        return str(math.gcd(first, second))
    if "divided" in question:
        return question_reader.rounded(Fraction(first, second))
    return str(
        {"plus": first + second, "minus": first - second, "times": first * second}[
            question.split(str(first))[1].split()[0]
        ]
    )


def in_base(question: str) -> str:
    first, operator, second, base = re.fullmatch(r"\(([0-9a-f]+)([-+*])([0-9a-f]+)\)_([0-9]+)", question).groups()
    one, other = int(first, int(base)), int(second, int(base))
    return np.base_repr({"+": one + other, "-": one - other, "*": one * other}[operator], int(base)).lower()


def compared(question: str) -> str:
    """Fractions, or numbers of two bases."""
    sides = question.split("?")
    if "_" in question:
        sides = [
            str(int(*(part if place == 0 else int(part) for place, part in enumerate(side.split("_")))))
            for side in sides
        ]
    return sign(*map(Fraction, sides))


def ordered(question: str) -> str:
    name, _, listed = question.rstrip(")").partition("(")
    first, _, rest = listed.rpartition(";")
    items = numbers(rest)
    if name == "sort":
        return ",".join(map(str, sorted(items)))
    if name == "largest":
        return str(sorted(items, reverse=True)[int(first) - 1])
    return str(min(items, key=lambda item: abs(item - int(first))))


def chained(question: str) -> str:
    known: dict[str, str] = {}
    for statement in question.split(";"):
        name, _, asked = statement.rpartition("=")
        asked = re.sub(r"\b[a-c]\b", lambda found: known[found[0]], asked)
        pair = numbers(asked)
        known[name] = str(math.gcd(*pair)) if "gcd" in asked else formula(asked)
    return known[""]


def counted(question: str) -> str:
    """Letters in words, arrangements, draws without putting back, sums of dice."""
    name, parts = question.partition("(")[0], inside(question).split(",")
    if name == "count":
        return str(parts[1].count(parts[0]))
    if name == "arrangements":
        return str(math.factorial(len(parts[0])) // math.prod(map(math.factorial, Counter(parts[0]).values())))
    if name == "dicesum":
        *dice, total = numbers(question)
        ways = Counter([0])
        for sides in dice:
            ways = Counter(
                {value: sum(ways[value - side] for side in range(1, sides + 1)) for value in range(1, total + 1)}
            )
        return str(Fraction(ways[total], math.prod(dice)))
    bag, word = parts
    left, ways = Counter(bag), 1
    for letter in word:
        ways, left[letter] = ways * left[letter], left[letter] - 1
    orders = math.factorial(len(word)) // math.prod(map(math.factorial, Counter(word).values()))
    return str(Fraction(ways * (orders if name == "anyorder" else 1), math.perm(len(bag), len(word))))


def remainder(question: str) -> str:
    """The only number below the product of the moduli; found by steps of the first ones' product."""
    value, step = 0, 1
    found = numbers(question)
    for modulus, rest in zip(found[::2], found[1::2], strict=True):
        while value % modulus != rest:
            value += step
        step *= modulus
    return str(value)


def on_curve(question: str) -> str:
    (a, _, p), points = numbers(question.partition(":")[0]), question.partition(":")[2].split("+")
    if "O" in points:
        return next((point for point in points if point != "O"), "O")
    (x, y), (u, v) = map(numbers, points)
    if x == u and (y + v) % p == 0:
        return "O"
    slope = (3 * x * x + a) * pow(2 * y, -1, p) if (x, y) == (u, v) else (v - y) * pow(u - x, -1, p)
    third = (slope * slope - x - u) % p
    return f"{third},{(slope * (x - third) - y) % p}"


def residue(question: str) -> str:
    modulus, first, second = numbers(question)
    return str((first + second if ".sum" in question else first * second) % modulus)


def modular_quotient(question: str) -> str:
    first, second, modulus = numbers(question)
    return str(first * pow(second, -1, modulus) % modulus)


def encrypted(question: str) -> str:
    """The text of a letter cipher, by pycipher; `decrypt` is undone the same way."""
    name, way = re.match(r"([a-z_]+)\.([a-z]+)\(", question).groups()
    *key, text = inside(question).split(",")
    return by_pycipher(name, ",".join(key), text, {"encrypt": "encipher", "decrypt": "decipher"}[way])


def by_pycipher(name: str, key: str, text: str, way: str) -> str:
    if name == "myszkowski":
        return myszkowski(key, text)
    if name == "double_columnar":
        words = key.split(",")
        for word in words if way == "encipher" else words[::-1]:
            text = getattr(pycipher.ColTrans(word), way)(text)
        return text
    made = {
        "caesar": lambda: pycipher.Caesar(ALPHABET.index(key)),
        "affine": lambda: pycipher.Affine(*map(int, key.split(","))),
        "atbash": pycipher.Atbash,
        "vigenere": lambda: pycipher.Vigenere(key),
        "beaufort": lambda: pycipher.Beaufort(key),
        "autokey": lambda: pycipher.Autokey(key),
        "gronsfeld": lambda: pycipher.Gronsfeld([int(digit) for digit in key]),
        "substitution": lambda: pycipher.SimpleSubstitution(key),
        "columnar": lambda: pycipher.ColTrans(key),
        "rail_fence": lambda: pycipher.Railfence(int(key)),
    }[name]()
    return str(getattr(made, way)(text))


def block(question: str) -> str:
    """The block that comes of rounds, key and block, by the plain readings."""
    name, way = re.match(r"([a-z-]+)\.([a-z]+)\(", question).groups()
    rounds, key, text = inside(question).split(",")
    plain = {**plain_block_ciphers.PLAIN, **plain_network_ciphers.PLAIN}[name]
    again = {"decrypt": True} if way == "decrypt" else {}
    digits = 128 if name == "chacha" else len(text)
    return f"{plain.run(int(key, 16), int(text, 16), int(rounds), **again):0{digits}x}"


def hashed(question: str) -> str:
    name, (steps, bits, message) = question.partition(".")[0], inside(question).split(",")
    return str(getattr(hash_reader, name)(bytes.fromhex(message), int(steps)).hex()[: int(bits) // 4])


def checksum(question: str) -> str:
    name, shown = re.match(r"([a-z0-9-]+)\.([a-z]+)", question).groups()
    digits = {"byte-sum": 2, "crc8": 2, "pearson": 2, "crc16": 4}.get(name, 8)
    value = f"{CHECKSUMS[name](bytes.fromhex(inside(question))):0{digits}x}"
    return {"hash": value, "low": value[-2:], "high": value[:2]}[shown]


def matrices(question: str) -> list[np.ndarray]:
    return [
        np.array([[float(entry) for entry in row.split(",")] for row in found.split(";")])
        for found in re.findall(r"\[([^]]*)\]", question)
    ]


def close(value: Callable[[str], np.ndarray], near: float = 2e-3) -> Callable[[str, str], bool]:
    """A judge of numbers that were rounded."""

    def right(question: str, answer: str) -> bool:
        given = np.array([[float(entry) for entry in row.split(",")] for row in answer.split(";")])
        expected = value(question)
        return bool(np.abs(given - expected).max() <= near * max(1, np.abs(expected).max()))

    return right


def plaintext(question: str, answer: str) -> Hashable:
    """What a key that was found opens: the same text, whatever was shifted."""
    name, given = question.partition(".")[0], inside(question).rpartition("=")[2]
    if name in ("xor", "one_time_pad"):
        key = bytes.fromhex(answer)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(bytes.fromhex(given)))
    return by_pycipher(name, answer, given, "decipher")


def renamed(question: str, answer: str) -> Hashable:
    """Both with their variables numbered in the order in which they stand."""
    names: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"#{len(names)}")

    return re.sub(r"(?<![a-z])[a-z](?![a-z(])", numbered, f"{question} {answer}")


def same_system(before: str, after: str) -> bool:
    """Whether the slopes of two systems are those of one, with its states in another order."""
    sides = []
    for question in (before, after):
        slopes = derivatives(question)
        states, controls = slopes[:, : len(slopes)], slopes[:, len(slopes) :]
        sizes = [np.linalg.svd(np.nan_to_num(part), compute_uv=False) for part in (states, controls) if part.size]
        sides.append(np.concatenate([*sizes, [np.nan_to_num(np.trace(states))]]))
    return bool(np.allclose(*sides, rtol=1e-6, atol=1e-6 * np.abs(sides[0]).max()))


def mirrored_samples(question: str, answer: str) -> Hashable:
    """Sizes without signs, and whether the answer's first sign is that of the first sample."""
    (samples,), told = matrices(question), [float(part) for part in answer.split(",")]
    turn = np.sign(samples.ravel()[0])
    return tuple((turn * samples).ravel()), tuple(turn * np.array(told))


def parts(question: str, answer: str) -> Hashable:
    """What is given, in no order, and what is told of it."""
    start, *listed = re.split("[,;]" if ";" not in question else ";", inside(question))
    return start, tuple(sorted(listed)), answer


def operands(question: str, answer: str) -> Hashable:
    """The numbers of a question in no order, for an operation that commutes."""
    return tuple(sorted(numbers(question))), answer


WORKED_OUT: dict[str, Callable[[str], str]] = {
    r"arithmetic/(division-.*|gcd|gcd-log-uniform|comparison)|expressions/(mixed|nested|nested-to-twenty)": None,
    r"arithmetic/(addition|multiplication)(-log-uniform)?|arithmetic/(subtraction|chain)": formula,
    r"arithmetic/decimal-.*|expressions/.*-whole": formula,
    r"arithmetic/modular-(addition|multiplication)": lambda q: str(question_reader.value(question_reader.parse(q))),
    r"arithmetic/modular-division": modular_quotient,
    r"arithmetic/(fraction|base)-comparison": compared,
    r"arithmetic/fraction-.*": lambda q: str(question_reader.value(question_reader.parse(inside(q)))),
    r"arithmetic/base-.*": in_base,
    r"arithmetic/(sort|kth-largest|closest)": ordered,
    r"arithmetic/digit-sum": lambda q: str(sum(map(int, inside(q)))),
    r"arithmetic/digit-reverse": lambda q: inside(q)[::-1],
    r"numbers/lcm": lambda q: str(math.lcm(*numbers(q))),
    r"numbers/chinese-remainder": remainder,
    r"numbers/curve-addition": on_curve,
    r"chains/.*": chained,
    r"words/.*": in_words,
    r"counting/.*|probability/.*": counted,
    r"modular/residue-(sum|product)": residue,
    r"cipher/.*-(encrypt|decrypt)": encrypted,
    r"block/.*-(encrypt|decrypt|forward)": block,
    r"hash/.*": hashed,
    r"checksum/.*": checksum,
    r"control/identity": inside,
}
"""By a pattern of tasks' names, the first that fits; None for question_reader.answer."""

CLOSE: dict[str, Callable[[str, str], bool]] = {
    "linear-algebra/determinant": close(lambda q: np.array([[round(np.linalg.det(matrices(q)[0]))]])),
    "linear-algebra/rank": close(lambda q: np.array([[np.linalg.matrix_rank(matrices(q)[0])]])),
    "linear-algebra/matrix-sum": close(lambda q: sum(matrices(q))),
    "linear-algebra/eigenvalues": close(lambda q: np.sort(np.linalg.eigvals(matrices(q)[0]).real)[None, ::-1]),
    "linear-algebra/singular-values": close(lambda q: np.linalg.svd(matrices(q)[0])[1][None]),
}

SHARED: dict[str, Callable[[str, str], Hashable]] = {
    r"algebra/linear-system": lambda q, a: (tuple(sorted(inside(q).split(","))), a),
    r"algebra/expand": lambda q, a: renamed("".join(sorted(re.findall(r"\([^()]*\)(?:\^[0-9]+)?", inside(q)))), a),
    r"algebra/.*": renamed,
    r"cipher/.*-key.*|stream/.*-key.*": plaintext,
    r"block/.*-(key|pairs)|modular/lwe-.*": parts,
    r"modular/residue-.*-hidden": operands,
    r"calculus/(definite-integral|taylor-coefficient)": lambda q, a: (q.replace("+0,", ","), a),
    r"signals/.*": mirrored_samples,
}
"""What a problem and its perturbed form have in common, where a question alone does not say what is right."""


def first_fitting(table: dict[str, Any], name: str) -> Any:
    return next((value for pattern, value in table.items() if re.fullmatch(pattern, name)), table)


def holds(task: Task, before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether the answer after is right, given that the one before is; AssertionError for a task that nothing reads."""
    if task.check is not None and task.area == "calculus":
        return task.check(after[0], after[1], after[1]) is True
    if task.name in CLOSE:
        return CLOSE[task.name](*after)
    if task.area == "systems":
        return same_system(before[0], after[0])
    if task.name == "cipher/myszkowski-decrypt":
        key, text = inside(after[0]).split(",")
        return myszkowski(key, after[1]) == text
    worked_out = first_fitting(WORKED_OUT, task.name)
    if worked_out is not WORKED_OUT:
        return (
            question_reader.answer(task.name.removesuffix("-log-uniform"), after[0])
            if worked_out is None
            else worked_out(after[0])
        ) == after[1]
    shared = first_fitting(SHARED, task.name)
    assert shared is not SHARED, f"nothing reads {task.name}"
    return bool(shared(*before) == shared(*after))
