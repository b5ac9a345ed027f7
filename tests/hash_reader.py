"""Hash functions of any number of steps, for tests alone: one message, Python's integers, from the standards' texts."""

import math

WORD = 2**32


def left(word: int, places: int, bits: int = 32) -> int:
    return (word << places | word >> bits - places) % 2**bits


def right(word: int, places: int) -> int:
    return left(word, 32 - places)


def padded(message: bytes, order: str) -> list[list[int]]:
    whole = message + b"\x80"
    while len(whole) % 64 != 56:
        whole += b"\0"
    whole += (8 * len(message)).to_bytes(8, order)
    words = [int.from_bytes(whole[start : start + 4], order) for start in range(0, len(whole), 4)]
    return [words[start : start + 16] for start in range(0, len(words), 16)]


def md5(message: bytes, steps: int = 64) -> bytes:
    """RFC 1321, section 3: the operations [abcd k s i] one after another."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    order = [*range(16)]
    order += [(5 * k + 1) % 16 for k in range(16)] + [(3 * k + 5) % 16 for k in range(16)]
    order += [7 * k % 16 for k in range(16)]
    for block in padded(message, "little"):
        registers = list(state)
        for i in range(steps):
            a, b, c, d = ((place - i) % 4 for place in range(4))
            x, y, z = registers[b], registers[c], registers[d]
            mixed = [x & y | ~x & z, x & z | y & ~z, x ^ y ^ z, y ^ (x | ~z % WORD)][i // 16]
            total = registers[a] + mixed + block[order[i]] + math.floor(abs(math.sin(i + 1)) * WORD)
            registers[a] = (x + left(total % WORD, shifts[i // 16][i % 4])) % WORD
        # Between whole rounds of four the registers are named again: A is whatever the next operation would change.
        named = [registers[(place - steps) % 4] for place in range(4)]
        state = [(old + new) % WORD for old, new in zip(state, named, strict=True)]
    return b"".join(word.to_bytes(4, "little") for word in state)


def sha1(message: bytes, steps: int = 80) -> bytes:
    """RFC 3174, section 6.1."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    for block in padded(message, "big"):
        w = list(block)
        for t in range(16, 80):
            w.append(left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
        a, b, c, d, e = state
        for t in range(steps):
            if t < 20:
                f, k = b & c | ~b & d, 0x5A827999
            elif t < 40:
                f, k = b ^ c ^ d, 0x6ED9EBA1
            elif t < 60:
                f, k = b & c | b & d | c & d, 0x8F1BBCDC
            else:
                f, k = b ^ c ^ d, 0xCA62C1D6
            a, b, c, d, e = (left(a, 5) + f + e + w[t] + k) % WORD, a, left(b, 30), c, d
        state = [(old + new) % WORD for old, new in zip(state, (a, b, c, d, e), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


K256 = bytes.fromhex(
    "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc372be5d7480deb1fe"
    "9bdc06a7c19bf174e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da983e5152a831c66db00327c8bf597fc7"
    "c6e00bf3d5a7914706ca63511429296727b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664b"
    "c24b8b70c76c51a3d192e819d6990624f40e3585106aa07019a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3"
    "748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2"
)
H256 = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)


def sha256(message: bytes, steps: int = 64) -> bytes:
    """FIPS 180-4, section 6.2, with the constants as printed there."""
    state = list(H256)
    for block in padded(message, "big"):
        w = list(block)
        for t in range(16, 64):
            s0 = right(w[t - 15], 7) ^ right(w[t - 15], 18) ^ w[t - 15] >> 3
            s1 = right(w[t - 2], 17) ^ right(w[t - 2], 19) ^ w[t - 2] >> 10
            w.append((s1 + w[t - 7] + s0 + w[t - 16]) % WORD)
        a, b, c, d, e, f, g, h = state
        for t in range(steps):
            k = int.from_bytes(K256[4 * t : 4 * t + 4], "big")
            big1 = right(e, 6) ^ right(e, 11) ^ right(e, 25)
            big0 = right(a, 2) ^ right(a, 13) ^ right(a, 22)
            t1 = h + big1 + ((e & f) ^ (~e & g)) + k + w[t]
            t2 = big0 + ((a & b) ^ (a & c) ^ (b & c))
            a, b, c, d, e, f, g, h = (t1 + t2) % WORD, a, b, c, (d + t1) % WORD, e, f, g
        state = [(old + new) % WORD for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def rc(t: int) -> int:
    """FIPS 202, algorithm 5, a bit at a time."""
    register = [1, 0, 0, 0, 0, 0, 0, 0]
    for _ in range(t % 255):
        register = [0, *register]
        for place in (0, 4, 5, 6):
            register[place] ^= register[8]
        register = register[:8]
    return register[0]


def sha3(message: bytes, rounds: int = 24) -> bytes:
    """FIPS 202, sections 3.2 and 4, on single bits: A[x][y][z]."""
    whole = bytearray(message + b"\x06")
    whole += bytes(-len(whole) % 136)
    whole[-1] |= 0x80
    a = [[[0] * 64 for _ in range(5)] for _ in range(5)]
    for start in range(0, len(whole), 136):
        for place, octet in enumerate(whole[start : start + 136]):
            for bit in range(8):
                lane, z = divmod(8 * place + bit, 64)
                a[lane % 5][lane // 5][z] ^= octet >> bit & 1
        for number in range(rounds):
            a = keccak_round(a, number)
    bits = [a[lane % 5][lane // 5][z] for lane in range(4) for z in range(64)]
    return bytes(sum(bits[8 * place + bit] << bit for bit in range(8)) for place in range(32))


def keccak_round(a: list[list[list[int]]], number: int) -> list[list[list[int]]]:
    five, width = range(5), range(64)
    c = [[a[x][0][z] ^ a[x][1][z] ^ a[x][2][z] ^ a[x][3][z] ^ a[x][4][z] for z in width] for x in five]
    d = [[c[(x - 1) % 5][z] ^ c[(x + 1) % 5][(z - 1) % 64] for z in width] for x in five]
    a = [[[a[x][y][z] ^ d[x][z] for z in width] for y in five] for x in five]
    turned = [[list(a[x][y]) for y in five] for x in five]
    x, y = 1, 0
    for t in range(24):
        turned[x][y] = [a[x][y][(z - (t + 1) * (t + 2) // 2) % 64] for z in width]
        x, y = y, (2 * x + 3 * y) % 5
    a = [[turned[(x + 3 * y) % 5][x] for y in five] for x in five]
    a = [[[a[x][y][z] ^ (1 - a[(x + 1) % 5][y][z]) & a[(x + 2) % 5][y][z] for z in width] for y in five] for x in five]
    for j in range(7):
        a[0][0][2**j - 1] ^= rc(j + 7 * number)
    return a


SIGMA = """
0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3
11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4
7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8
9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13
2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9
12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11
13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10
6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5
10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0
"""


def blake2s(message: bytes, rounds: int = 10) -> bytes:
    """RFC 7693, section 3: 32 bytes, no key."""
    h = list(H256)
    h[0] ^= 0x01010020
    blocks = [message[start : start + 64] for start in range(0, len(message), 64)] or [b""]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        m = [int.from_bytes(block.ljust(64, b"\0")[start : start + 4], "little") for start in range(0, 64, 4)]
        count = len(message) if last else 64 * (number + 1)
        v = h + list(H256)
        v[12] ^= count % WORD
        v[13] ^= count >> 32
        v[14] ^= WORD - 1 if last else 0

        def g(a: int, b: int, c: int, d: int, x: int, y: int, v: list[int] = v) -> None:
            for first, second, word in ((16, 12, x), (8, 7, y)):
                v[a] = (v[a] + v[b] + word) % WORD
                v[d] = right(v[d] ^ v[a], first)
                v[c] = (v[c] + v[d]) % WORD
                v[b] = right(v[b] ^ v[c], second)

        for line in SIGMA.split("\n")[1 : rounds + 1]:
            s = [int(word) for word in line.split()]
            for i in range(4):
                g(i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]])
            for i in range(4):
                g(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[s[8 + 2 * i]], m[s[9 + 2 * i]])
        h = [old ^ v[i] ^ v[i + 8] for i, old in enumerate(h)]
    return b"".join(word.to_bytes(4, "little") for word in h)


FUNCTIONS = {"md5": md5, "sha1": sha1, "sha256": sha256, "sha3": sha3, "blake2s": blake2s}
