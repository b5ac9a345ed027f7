"""Generators of numbers and keystreams one bit, byte or number at a time, from their papers, and nothing of ours."""

from collections.abc import Iterator, Sequence
from itertools import islice


def register(taps: str, state: str) -> Iterator[int]:
    """Golomb, 1967: each new bit is the sum of those tapped; the oldest goes out."""
    bits = [int(bit) for bit in state]
    while True:
        yield bits[0]
        new = sum(bit for bit, tap in zip(bits, taps, strict=True) if tap == "1") % 2
        bits = [*bits[1:], new]


def bits_of(taps: str, state: str, count: int) -> str:
    return "".join(map(str, islice(register(taps, state), count)))


def shortest_register(bits: Sequence[int]) -> tuple[int, list[int]]:
    """Massey, 1969, algorithm over GF(2) with his names: length L and connection polynomial C, lowest degree first."""
    c, b, length, x = [1], [1], 0, 1
    for n, bit in enumerate(bits):
        d = (bit + sum(c[i] * bits[n - i] for i in range(1, min(length, len(c) - 1) + 1))) % 2
        if d == 0:
            x += 1
            continue
        t = list(c)
        c = c + [0] * (len(b) + x - len(c))
        for place, coefficient in enumerate(b):
            c[place + x] ^= coefficient
        if 2 * length > n:
            x += 1
        else:
            length, b, x = n + 1 - length, t, 1
    return length, (c + [0] * length)[: length + 1]


def continued(bits: str, count: int) -> str:
    """What the shortest register gives next."""
    found = [int(bit) for bit in bits]
    length, c = shortest_register(found)
    for _ in range(count):
        found.append(sum(c[i] * found[-i] for i in range(1, length + 1)) % 2)
    return "".join(map(str, found[len(bits) :]))


def xorshift(y: int) -> int:
    """Marsaglia, 2003, page 4."""
    y ^= y << 13 & 0xFFFFFFFF
    y ^= y >> 17
    return y ^ y << 5 & 0xFFFFFFFF


def temper(y: int, lines: int = 4) -> int:
    """Matsumoto and Nishimura, 1998, equations 2.2 to 2.5; past the fourth line, again from the first."""
    for line in range(lines):
        if line % 4 == 0:
            y ^= y >> 11
        elif line % 4 == 1:
            y ^= y << 7 & 0x9D2C5680
        elif line % 4 == 2:
            y ^= y << 15 & 0xEFC60000
        else:
            y ^= y >> 18
    return y


def twist(first: int, second: int, middle: int) -> int:
    """Their recurrence 2.1, for the upper bit of the first word and the lower 31 of the second."""
    x = first & 0x80000000 | second & 0x7FFFFFFF
    return middle ^ x >> 1 ^ (0x9908B0DF if x % 2 else 0)


def rc4(key: bytes, count: int, dropped: int = 0, steps: int = 256) -> bytes:
    """Schneier, 1996, section 17.1, the key schedule stopped after some steps."""
    s, j, out = list(range(256)), 0, []
    for i in range(steps):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for _ in range(dropped + count):
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(s[(s[i] + s[j]) % 256])
    return bytes(out[dropped:])
