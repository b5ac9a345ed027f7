"""The ciphers of S-boxes and of KATAN's registers a second time, one block at a time and bit by bit, from their papers.

DES takes its tables from the module under test, where two libraries prove them at full rounds; its rounds are its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from enigmath.bench.primitives import des as tables

Bits = list[int]


def bits(value: int, count: int) -> Bits:
    """Most significant first."""
    return [value >> place & 1 for place in reversed(range(count))]


def whole(parts: list[int], width: int = 1) -> int:
    value = 0
    for part in parts:
        value = value << width | part
    return value


def nibbles(value: int, count: int) -> list[int]:
    return [value >> 4 * place & 15 for place in reversed(range(count))]


PRESENT_S = [int(digit, 16) for digit in "C56B90AD3EF84712"]


def present(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    register = bits(key, 80)
    keys = [whole(register[:64])]
    for counter in range(1, rounds + 1):
        register = register[61:] + register[:61]
        register[:4] = bits(PRESENT_S[whole(register[:4])], 4)
        register[60:65] = [bit ^ other for bit, other in zip(register[60:65], bits(counter, 5), strict=True)]
        keys.append(whole(register[:64]))

    def layer(state: int) -> int:
        state = whole([PRESENT_S[cell] for cell in nibbles(state, 16)], 4)
        moved = 0
        for i in range(64):
            moved |= (state >> i & 1) << (63 if i == 63 else i * 16 % 63)
        return moved

    def layer_back(state: int) -> int:
        moved = 0
        for i in range(64):
            moved |= (state >> (63 if i == 63 else i * 16 % 63) & 1) << i
        return whole([PRESENT_S.index(cell) for cell in nibbles(moved, 16)], 4)

    if decrypt:
        for round_key in keys[:0:-1]:
            block = layer_back(block ^ round_key)
        return block ^ keys[0]
    for round_key in keys[:-1]:
        block = layer(block ^ round_key)
    return block ^ keys[-1]


SKINNY_S = [int(digit, 16) for digit in "C6901A2B385D4E7F"]
SKINNY_CONSTANTS = (  # the paper's table
    "01 03 07 0F 1F 3E 3D 3B 37 2F 1E 3C 39 33 27 0E 1D 3A 35 2B 16 2C 18 30 21 02 05 0B 17 2E 1C 38"
)
SKINNY_MIX = ((1, 0, 1, 1), (1, 0, 0, 0), (0, 1, 1, 0), (1, 0, 1, 0))
SKINNY_UNMIX = ((0, 1, 0, 0), (0, 1, 1, 1), (0, 1, 0, 1), (1, 0, 0, 1))


def skinny(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    tweakey, added = nibbles(key, 16), []
    for number in SKINNY_CONSTANTS.split()[:rounds]:
        constant = int(number, 16)
        layer = [*tweakey[:8], *[0] * 8]
        for cell, value in ((0, constant % 16), (4, constant // 16), (8, 2)):
            layer[cell] ^= value
        added.append(layer)
        tweakey = [tweakey[cell] for cell in (9, 15, 8, 13, 10, 14, 12, 11, 0, 1, 2, 3, 4, 5, 6, 7)]

    def mixed(state: list[int], matrix: tuple[tuple[int, ...], ...]) -> list[int]:
        result = [0] * 16
        for cell in range(16):
            for row in range(4):
                result[cell] ^= matrix[cell // 4][row] * state[4 * row + cell % 4]
        return result

    state = nibbles(block, 16)
    if decrypt:
        for layer in reversed(added):
            state = mixed(state, SKINNY_UNMIX)
            state = [state[cell // 4 * 4 + (cell + cell // 4) % 4] for cell in range(16)]
            state = [SKINNY_S.index(cell ^ other) for cell, other in zip(state, layer, strict=True)]
    else:
        for layer in added:
            state = [SKINNY_S[cell] ^ other for cell, other in zip(state, layer, strict=True)]
            state = [state[cell // 4 * 4 + (cell - cell // 4) % 4] for cell in range(16)]
            state = mixed(state, SKINNY_MIX)
    return whole(state, 4)


KATAN_IRREGULAR = (  # the paper's table
    "1111111000 1101010101 1110110011 0010100100 0100011000 1111000010 0001010000 0111110011 1111010100"
    "0101010011 0000110011 1011111011 1010010101 1010011100 1101100010 1110110111 1001011011 0101110010"
    "0100110100 0111000100 1111010000 1110101100 0001011001 0000001101 1100000001 0010"
).replace(" ", "")


def katan(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    k = [key >> i & 1 for i in range(80)]
    while len(k) < 2 * rounds:
        k.append(k[-80] ^ k[-61] ^ k[-50] ^ k[-13])
    state = [block >> i & 1 for i in range(32)]
    l1, l2 = state[19:], state[:19]
    for i in reversed(range(rounds)) if decrypt else range(rounds):
        irregular = KATAN_IRREGULAR[i] == "1"
        if decrypt:
            fed2, fed1 = l2.pop(0), l1.pop(0)
            l1.append(fed2 ^ l1[7] ^ l1[8] & l1[5] ^ (l1[3] & irregular) ^ k[2 * i])
            l2.append(fed1 ^ l2[7] ^ l2[12] & l2[10] ^ l2[8] & l2[3] ^ k[2 * i + 1])
        else:
            a = l1[12] ^ l1[7] ^ l1[8] & l1[5] ^ (l1[3] & irregular) ^ k[2 * i]
            b = l2[18] ^ l2[7] ^ l2[12] & l2[10] ^ l2[8] & l2[3] ^ k[2 * i + 1]
            l1, l2 = [b, *l1[:-1]], [a, *l2[:-1]]
    return whole((l2 + l1)[::-1])


EXPANSION = [(4 * box + place) % 32 for box in range(8) for place in range(-1, 5)]


def des_keys(key: int, rounds: int) -> list[Bits]:
    held = [bits(key, 64)[place - 1] for place in tables.CHOICE_1]
    keys = []
    for turn in tables.TURNS[:rounds]:
        c, d = held[:28], held[28:]
        held = c[turn:] + c[:turn] + d[turn:] + d[:turn]
        keys.append([held[place - 1] for place in tables.CHOICE_2])
    return keys


def des(key: int, block: int, rounds: int, decrypt: bool = False) -> int:
    keys = des_keys(key, rounds)
    text = bits(block, 64)
    state = [text[place - 1] for place in tables.INITIAL]
    left, right = state[:32], state[32:]
    for round_key in reversed(keys) if decrypt else keys:
        six = [right[place] ^ bit for place, bit in zip(EXPANSION, round_key, strict=True)]
        out: Bits = []
        for box in range(8):
            a, *inner, f = six[6 * box : 6 * box + 6]
            out += bits(int(tables.S[box][16 * (2 * a + f) + whole(inner)], 16), 4)
        mixed = [out[place - 1] for place in tables.P]
        left, right = right, [bit ^ other for bit, other in zip(left, mixed, strict=True)]
    last = right + left
    return whole([last[place - 1] for place in tables.FINAL])


def times(a: int, b: int, field: int, size: int) -> int:
    """Shift and add, then the remainder by long division."""
    product = 0
    for place in range(size):
        product ^= (a << place) * (b >> place & 1)
    for place in reversed(range(size, 2 * size)):
        product ^= (field << place - size) * (product >> place & 1)
    return product


def s_box(field: int, size: int, rows: list[int], constant: int) -> list[int]:
    """The power 2**size - 2, which inverts, then a matrix of bits, its lowest row first."""
    box = []
    for value in range(1 << size):
        power = 1
        for _ in range(2**size - 2):
            power = times(power, value, field, size)
        box.append(sum((bin(power & row).count("1") % 2) << place for place, row in enumerate(rows)) ^ constant)
    return box


AES_ROWS = [0b11110001, 0b11100011, 0b11000111, 0b10001111, 0b00011111, 0b00111110, 0b01111100, 0b11111000]
AES_S = s_box(0x11B, 8, AES_ROWS, 0x63)
SMALL_S = [0x6, 0xB, 0x5, 0x4, 0x2, 0xE, 0x7, 0xA, 0x9, 0xD, 0xF, 0xC, 0x3, 0x1, 0x0, 0x8]  # the paper's table


@dataclass(frozen=True)
class Rijndael:
    """AES's shape with r rows and columns of e bits; states are lists of cells, column by column."""

    r: int
    e: int
    field: int
    box: list[int]
    mix: list[int]
    unmix: list[int]
    mixes_last: bool

    def cells(self, value: int) -> list[int]:
        return [value >> self.e * place & (1 << self.e) - 1 for place in reversed(range(self.r**2))]

    def keys(self, key: int, rounds: int) -> list[list[int]]:
        r, constant = self.r, 1
        columns = [self.cells(key)[r * c : r * c + r] for c in range(r)]
        for number in range(r, r * (rounds + 1)):
            fresh = list(columns[-1])
            if number % r == 0:
                fresh = [self.box[cell] for cell in fresh[1:] + fresh[:1]]
                fresh[0] ^= constant
                constant = times(constant, 2, self.field, self.e)
            columns.append([cell ^ old for cell, old in zip(fresh, columns[-r], strict=True)])
        return [[cell for column in columns[r * i : r * i + r] for cell in column] for i in range(rounds + 1)]

    def shifted(self, state: list[int], sign: int) -> list[int]:
        r = self.r
        return [state[r * ((c + sign * row) % r) + row] for c in range(r) for row in range(r)]

    def mixed(self, state: list[int], first: list[int]) -> list[int]:
        r, result = self.r, [0] * self.r**2
        for c in range(r):
            for row in range(r):
                for other in range(r):
                    result[r * c + row] ^= times(state[r * c + other], first[(row - other) % r], self.field, self.e)
        return result

    def run(self, key: int, block: int, rounds: int, decrypt: bool = False) -> int:
        keys, state = self.keys(key, rounds), self.cells(block)
        if decrypt:
            for number in range(rounds, 0, -1):
                state = added(state, keys[number])
                if number < rounds or self.mixes_last:
                    state = self.mixed(state, self.unmix)
                state = [self.box.index(cell) for cell in self.shifted(state, -1)]
            return whole(added(state, keys[0]), self.e)
        state = added(state, keys[0])
        for number in range(1, rounds + 1):
            state = self.shifted([self.box[cell] for cell in state], 1)
            if number < rounds or self.mixes_last:
                state = self.mixed(state, self.mix)
            state = added(state, keys[number])
        return whole(state, self.e)


def added(state: list[int], key: list[int]) -> list[int]:
    return [cell ^ other for cell, other in zip(state, key, strict=True)]


AES = Rijndael(4, 8, 0x11B, AES_S, [2, 1, 1, 3], [14, 9, 13, 11], False)
SMALL_AES = Rijndael(2, 4, 0b10011, SMALL_S, [3, 2], [3, 2], True)
"""x + 1 and x, whose matrix is its own inverse: (x + 1)**2 + x**2 = 1."""


@dataclass(frozen=True)
class Plain:
    run: Callable[..., int]
    last_key: Callable[[int, int], int]
    """The last round's key of a key and so many rounds."""
    rounds: int


def skinny_last(key: int, rounds: int) -> int:
    cells = nibbles(key, 16)
    for _ in range(rounds - 1):
        cells = [cells[cell] for cell in (9, 15, 8, 13, 10, 14, 12, 11, 0, 1, 2, 3, 4, 5, 6, 7)]
    return whole(cells[:8], 4)


def present_last(key: int, rounds: int) -> int:
    value = key
    for counter in range(1, rounds + 1):
        value = (value << 61 | value >> 19) & (1 << 80) - 1
        value = PRESENT_S[value >> 76] << 76 | value & (1 << 76) - 1
        value ^= counter << 15
    return value >> 16


PLAIN = {
    "present": Plain(present, present_last, 31),
    "skinny": Plain(skinny, skinny_last, 32),
    "katan": Plain(katan, lambda key, rounds: 0, 254),
    "des": Plain(des, lambda key, rounds: whole(des_keys(key, rounds)[-1]), 16),
    "aes": Plain(AES.run, lambda key, rounds: whole(AES.keys(key, rounds)[-1], 8), 10),
    "small-aes": Plain(SMALL_AES.run, lambda key, rounds: whole(SMALL_AES.keys(key, rounds)[-1], 4), 10),
}
