"""Reads questions on generators and judges answers anew, with nothing of ours."""

import random
import re
from itertools import pairwise

import numpy as np
import plain_generators as plain
import sympy
from Crypto.Cipher import ARC4


def call(question: str) -> tuple[str, list[str]]:
    found = re.fullmatch(r"([a-z0-9]+\.[a-z]+)\((.*)\)", question)
    assert found is not None, question
    return found[1], found[2].split(",")


def of_xorshift(state: int, steps: int) -> int:
    for _ in range(steps):
        state = plain.xorshift(state)
    return state


def tops(state: int, top: int, words: int) -> str:
    return "".join(f"{of_xorshift(state, step) >> (32 - top):0{top // 4}x}" for step in range(1, words + 1))


def words_of(digits: str) -> list[int]:
    return [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]


def untempered(output: int, lines: int) -> int:
    """By solving for the bits one by one: each word has one preimage, found as a sum of unit words' images."""
    images = [plain.temper(1 << place, lines) for place in range(32)]
    rows = [(image, 1 << place) for place, image in enumerate(images)]
    word = 0
    for place in range(31, -1, -1):
        pivot = next(row for row in rows if row[0] >> place & 1)
        rows = [(a ^ pivot[0], b ^ pivot[1]) if a >> place & 1 else (a, b) for a, b in rows if (a, b) != pivot]
        if output >> place & 1:
            output, word = output ^ pivot[0], word ^ pivot[1]
    return word


def next_output(parts: list[str]) -> str:
    lines = int(parts[0])
    three = [untempered(word, lines) for word in words_of(parts[1])[:3]]
    return f"{plain.temper(plain.twist(*three), lines):08x}"


def python_ahead(ahead: int, digits: str) -> str:
    theirs = random.Random()
    theirs.setstate((3, (*(untempered(word, 4) for word in words_of(digits)), 624), None))
    return f"{[theirs.getrandbits(32) for _ in range(ahead)][-1]:08x}"


def numpy_outputs(seed: int) -> str:
    theirs = np.random.MT19937()
    theirs._legacy_seeding(seed)
    return "".join(f"{int(word):08x}" for word in theirs.random_raw(2))


def fits(numbers: list[int], a: int, c: int, m: int) -> bool:
    return all((a * x + c) % m == y for x, y in pairwise(numbers))


def fitted(parts: list[str], bits: int) -> tuple[int, int, int]:
    """The only generator that fits, of all prime moduli that the question may have."""
    numbers = [int(part) for part in parts[1:]]
    moduli = (
        [int(parts[0])] if parts[0] != "?" else list(sympy.primerange(max(2 ** (bits - 1), 2**bits - 4096), 2**bits))
    )
    found = []
    for m in moduli:
        d = (numbers[1] - numbers[0]) % m
        if max(numbers) < m and d:
            a = (numbers[2] - numbers[1]) * pow(d, -1, m) % m
            c = (numbers[1] - a * numbers[0]) % m
            found += [(a, c, m)] if fits(numbers, a, c, m) else []
    assert len(found) == 1
    return found[0]


def is_right(question: str, answer: str, level: dict) -> bool:
    way, parts = call(question)
    if way == "lcg.next":
        a, c, m, x = map(int, parts)
        return int(answer) == (a * x + c) % m
    if way == "lcg.continue":
        a, c, m = fitted(parts, level["bits"])
        return int(answer) == (a * int(parts[-1]) + c) % m
    if way == "lcg.parameters":
        return answer == ",".join(map(str, fitted(parts, level["bits"])))
    if way == "lcg.top":
        return top_is_right([int(part) for part in parts], int(answer))
    if way == "lcg.distinguish":
        numbers = [int(part) for part in parts[2:]]
        alternates = len({(x + place) % 2 for place, x in enumerate(numbers)}) == 1
        return level["bits"] != level["top"] or answer == "random" or alternates
    if way == "xorshift.next":
        return int(answer, 16) == of_xorshift(int(parts[1], 16), int(parts[0]))
    if way == "xorshift.state":
        return int(parts[1], 16) == of_xorshift(int(answer, 16), int(parts[0]))
    if way == "xorshift.key":
        return parts[1] == tops(int(answer, 16), level["top"], level["words"])
    if way == "xorshift.distinguish":
        first_known = level["top"] != 32 or tops(int(parts[1][:8], 16), 32, 1) == parts[1][8:]
        return first_known if answer == "real" else level["top"] != 32 or not first_known
    if way == "mersenne.temper":
        return int(answer, 16) == plain.temper(int(parts[1], 16), int(parts[0]))
    if way == "mersenne.untemper":
        return int(parts[1], 16) == plain.temper(int(answer, 16), int(parts[0]))
    if way == "mersenne.next":
        return answer == next_output(parts)
    if way == "mersenne.distinguish":
        return (answer == "real") == (next_output(parts) == parts[1][-8:])
    if way == "mersenne.ahead":
        return answer == python_ahead(int(parts[0]), parts[1])
    if way == "mersenne.seed":
        return numpy_outputs(int(answer, 16)) == parts[1] and int(answer, 16) < 2 ** level["space"]
    if way == "lfsr.next":
        return plain.bits_of(*parts, len(parts[0]) + 1)[-1] == answer
    if way == "lfsr.continue":
        return plain.continued(parts[0], 8) == answer and len(parts[0]) == 2 * level["size"]
    if way == "lfsr.taps":
        size = level["size"]
        unique = plain.shortest_register([int(bit) for bit in parts[0]])[0] == len(answer) == size
        return unique and plain.bits_of(answer, parts[0][:size], 2 * size) == parts[0]
    if way == "lfsr.state":
        return plain.bits_of(parts[0], answer, int(parts[1]) + len(answer))[-len(answer) :] == parts[2]
    if way == "lfsr.distinguish":
        complexity = plain.shortest_register([int(bit) for bit in parts[1]])[0]
        return (answer == "real") == (complexity <= int(parts[0]))
    if way == "rc4.keystream":
        return plain.rc4(bytes.fromhex(parts[2]), 4, int(parts[1]), int(parts[0])).hex() == answer
    if way == "rc4.key":
        stream = ARC4.new(bytes.fromhex(answer), drop=int(parts[1])).encrypt(bytes(8))
        return len(answer) == 2 * int(parts[0]) and stream.hex() == parts[2]
    return False


def top_is_right(numbers: list[int], answer: int) -> bool:
    """All states that give the outputs give the answer, which are tried up to 16 bits of them."""
    bits, top, a, c, *outputs = numbers
    if bits - top > 16:
        return answer < 2**top
    following = set()
    for x in range(outputs[0] << (bits - top), outputs[0] + 1 << (bits - top)):
        for output in outputs[1:]:
            x = (a * x + c) % 2**bits
            if x >> (bits - top) != output:
                break
        else:
            following.add((a * x + c) % 2**bits >> (bits - top))
    return following == {answer}
