"""The block ciphers a second time, over Python's integers and one block at a time, written from their papers."""

from collections.abc import Callable
from dataclasses import dataclass


def left(x: int, places: int, bits: int) -> int:
    places %= bits
    return (x << places | x >> (bits - places)) & ((1 << bits) - 1)


def words(value: int, count: int, bits: int) -> list[int]:
    """Most significant first."""
    return [value >> bits * place & ((1 << bits) - 1) for place in reversed(range(count))]


def whole(parts: list[int], bits: int) -> int:
    value = 0
    for part in parts:
        value = value << bits | part
    return value


def speck(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    """Speck32/64: key words l2 l1 l0 k0."""
    *rest, k = words(key, 4, 16)
    held = rest[::-1]
    keys = [k]
    for i in range(rounds - 1):
        held.append((keys[i] + left(held[i], 9, 16)) % 2**16 ^ i)
        keys.append(left(keys[i], 2, 16) ^ held[i + 3])
    x, y = words(block, 2, 16)
    if decrypt:
        for k in reversed(keys):
            y = left(x ^ y, 14, 16)
            x = left(((x ^ k) - y) % 2**16, 7, 16)
    else:
        for k in keys:
            x = (left(x, 9, 16) + y) % 2**16 ^ k
            y = left(y, 2, 16) ^ x
    return whole([x, y], 16)


Z0 = 0b01100111000011010100100010111110110011100001101010010001011111
"""Simon's sequence z0, its first bit the lowest."""


def feistel(keys: list[int], block: int, turns: tuple[int, int, int], decrypt: bool) -> int:
    """Bit i of a round's function is the and of bits i - a and i - b, plus bit i - c."""

    def f(x: int) -> int:
        bit = [x >> i & 1 for i in range(16)]
        a, b, c = turns
        return sum((bit[i - a] & bit[i - b] ^ bit[i - c]) << i for i in range(16))

    x, y = words(block, 2, 16)
    if decrypt:
        x, y = y, x
    for k in keys[::-1] if decrypt else keys:
        x, y = y ^ f(x) ^ k, x
    return whole([y, x] if decrypt else [x, y], 16)


def simon(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    keys = words(key, 4, 16)[::-1]
    for i in range(4, rounds):
        fresh = left(keys[i - 1], 13, 16) ^ keys[i - 3]
        fresh ^= left(fresh, 15, 16)
        keys.append(~keys[i - 4] & 0xFFFF ^ fresh ^ (Z0 >> (i - 4) % 62 & 1) ^ 3)
    return feistel(keys[:rounds], block, (1, 8, 2), decrypt)


def simeck(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    t2, t1, t0, k = words(key, 4, 16)
    register, keys = 0b11111, []
    for _ in range(rounds):
        keys.append(k)
        bit = register & 1
        register = register >> 1 | ((register >> 2 ^ register) & 1) << 4
        fresh = k ^ (t0 & left(t0, 5, 16)) ^ left(t0, 1, 16) ^ (2**16 - 4) ^ bit
        t2, t1, t0, k = fresh, t2, t1, t0
    return feistel(keys, block, (0, 5, 1), decrypt)


DELTA = 0x9E3779B9


def tea(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    k = words(key, 4, 32)
    v = words(block, 2, 32)
    steps = [(i % 2, (i // 2 + 1) * DELTA % 2**32) for i in range(rounds)]
    for side, total in reversed(steps) if decrypt else steps:
        w, a, b = v[1 - side], k[2 * side], k[2 * side + 1]
        change = ((w << 4) + a ^ w + total ^ (w >> 5) + b) % 2**32
        v[side] = (v[side] - change if decrypt else v[side] + change) % 2**32
    return whole(v, 32)


def xtea(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    k = words(key, 4, 32)
    v = words(block, 2, 32)
    steps, total = [], 0
    for i in range(rounds):
        if i % 2:
            total = (total + DELTA) % 2**32
        steps.append((i % 2, total + k[total >> 11 & 3 if i % 2 else total & 3]))
    for side, sub in reversed(steps) if decrypt else steps:
        w = v[1 - side]
        change = ((w << 4 ^ w >> 5) + w) % 2**32 ^ sub % 2**32
        v[side] = (v[side] - change if decrypt else v[side] + change) % 2**32
    return whole(v, 32)


def lea(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    delta = (0xC3EFE9DB, 0x44626B02, 0x79E27C8A, 0x78DF30EC)
    t = words(key, 4, 32)
    keys = []
    for i in range(rounds):
        d = delta[i % 4]
        t[0] = left((t[0] + left(d, i, 32)) % 2**32, 1, 32)
        t[1] = left((t[1] + left(d, i + 1, 32)) % 2**32, 3, 32)
        t[2] = left((t[2] + left(d, i + 2, 32)) % 2**32, 6, 32)
        t[3] = left((t[3] + left(d, i + 3, 32)) % 2**32, 11, 32)
        keys.append(list(t))
    x = words(block, 4, 32)
    if decrypt:
        for a, b, c, d in reversed(keys):
            first = x[3]
            second = (left(x[0], 23, 32) - (first ^ a)) % 2**32 ^ b
            third = (left(x[1], 5, 32) - (second ^ c)) % 2**32 ^ b
            fourth = (left(x[2], 3, 32) - (third ^ d)) % 2**32 ^ b
            x = [first, second, third, fourth]
    else:
        for a, b, c, d in keys:
            x = [
                left(((x[0] ^ a) + (x[1] ^ b)) % 2**32, 9, 32),
                left(((x[1] ^ c) + (x[2] ^ b)) % 2**32, 27, 32),
                left(((x[2] ^ d) + (x[3] ^ b)) % 2**32, 29, 32),
                x[0],
            ]
    return whole(x, 32)


def hight(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    mk = words(key, 16, 8)[::-1]
    s = [0, 1, 0, 1, 1, 0, 1]
    while len(s) < 134:
        s.append(s[-4] ^ s[-7])
    delta = [sum(s[i + j] << j for j in range(7)) for i in range(128)]
    sk = [0] * 128
    for i in range(8):
        for j in range(8):
            sk[16 * i + j] = (mk[(j - i) % 8] + delta[16 * i + j]) % 256
            sk[16 * i + j + 8] = (mk[(j - i) % 8 + 8] + delta[16 * i + j + 8]) % 256

    def f0(x: int) -> int:
        return left(x, 1, 8) ^ left(x, 2, 8) ^ left(x, 7, 8)

    def f1(x: int) -> int:
        return left(x, 3, 8) ^ left(x, 4, 8) ^ left(x, 6, 8)

    sign = -1 if decrypt else 1
    x = words(block, 8, 8)[::-1]

    def whiten(a: int, b: int, c: int, d: int) -> None:
        x[0], x[2], x[4], x[6] = (x[0] + sign * a) % 256, x[2] ^ b, (x[4] + sign * c) % 256, x[6] ^ d

    outer = [mk[12:16], mk[0:4]]
    whiten(*outer[decrypt])
    for number, i in enumerate(range(rounds - 1, -1, -1) if decrypt else range(rounds)):
        if number:
            x = x[1:] + x[:1] if decrypt else x[-1:] + x[:-1]
        x[1] = (x[1] + sign * (f1(x[0]) ^ sk[4 * i])) % 256
        x[3] ^= (f0(x[2]) + sk[4 * i + 1]) % 256
        x[5] = (x[5] + sign * (f1(x[4]) ^ sk[4 * i + 2])) % 256
        x[7] ^= (f0(x[6]) + sk[4 * i + 3]) % 256
    whiten(*outer[not decrypt])
    return whole(x[::-1], 8)


def chacha(key: int, block: int, rounds: int) -> int:
    state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *words(key, 8, 32), *words(block, 4, 32)]
    x = list(state)
    for i in range(rounds):
        for a in range(4):
            b, c, d = ([4 + (a + 1) % 4, 8 + (a + 2) % 4, 12 + (a + 3) % 4], [4 + a, 8 + a, 12 + a])[i % 2 == 0]
            for plus, other, turned, places in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[plus] = (x[plus] + x[other]) % 2**32
                x[turned] = left(x[turned] ^ x[plus], places, 32)
    return whole([(one + other) % 2**32 for one, other in zip(x, state, strict=True)], 32)


@dataclass(frozen=True)
class Plain:
    run: Callable[..., int]
    key_bits: int
    block_bits: int
    rounds: int


PLAIN = {
    "speck": Plain(speck, 64, 32, 22),
    "simon": Plain(simon, 64, 32, 32),
    "simeck": Plain(simeck, 64, 32, 32),
    "tea": Plain(tea, 128, 64, 64),
    "xtea": Plain(xtea, 128, 64, 64),
    "lea": Plain(lea, 128, 128, 24),
    "hight": Plain(hight, 128, 64, 32),
    "chacha": Plain(chacha, 256, 128, 20),
}
