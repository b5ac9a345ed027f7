"""Classical ciphers over Python strings, one text at a time, written from their descriptions on paper.

They share nothing with the columns of `bench/primitives`: grids are lists, slides are strings that are turned. Each
takes a key as the questions write it, and a plaintext of letters that the cipher can carry.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pycipher

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WITHOUT_J = ALPHABET.replace("J", "")


def turned(row: str, by: int) -> str:
    return row[by % len(row) :] + row[: by % len(row)]


def shifted(letter: str, by: int) -> str:
    return ALPHABET[(ALPHABET.index(letter) + by) % 26]


def progressive_key(key: str, text: str) -> str:
    word, index = key.split(",")
    return "".join(
        shifted(letter, ALPHABET.index(word[place % len(word)]) + int(index) * (place // len(word)))
        for place, letter in enumerate(text)
    )


def interrupted_key(key: str, text: str) -> str:
    word, interrupting = key.split(",")
    hidden, at = "", 0
    for letter in text:
        hidden += shifted(letter, ALPHABET.index(word[at % len(word)]))
        at = 0 if letter == interrupting else at + 1
    return hidden


def ciphertext_autokey(word: str, text: str) -> str:
    stream = word
    for place, letter in enumerate(text):
        stream += shifted(letter, ALPHABET.index(stream[place]))
    return stream[len(word) :]


def slidefair(word: str, text: str) -> str:
    hidden = ""
    for number in range(len(text) // 2):
        slide = turned(ALPHABET, ALPHABET.index(word[number % len(word)]))
        above, below = ALPHABET.index(text[2 * number]), slide.index(text[2 * number + 1])
        if above == below:
            hidden += ALPHABET[(above + 1) % 26] + slide[(below + 1) % 26]
        else:
            hidden += ALPHABET[below] + slide[above]
    return hidden


def two_rows(text: str, period: int) -> Iterator[tuple[str, str]]:
    """Groups of two rows, the last one shorter."""
    for start in range(0, len(text), 2 * period):
        group = text[start : start + 2 * period]
        yield group[: len(group) // 2], group[len(group) // 2 :]


def portax(word: str, text: str) -> str:
    hidden = ""
    for upper, lower in two_rows(text, len(word)):
        pairs = []
        for key, first, second in zip(word, upper, lower, strict=False):
            by = ALPHABET.index(key) // 2
            high = (ALPHABET[:13], turned(ALPHABET[13:], by))
            low = (turned(ALPHABET[::2], by), turned(ALPHABET[1::2], by))
            ((row, here),) = [(row, one.index(first)) for row, one in enumerate(high) if first in one]
            ((other, there),) = [(row, one.index(second)) for row, one in enumerate(low) if second in one]
            if here == there:
                pairs.append(high[1 - row][here] + low[1 - other][here])
            else:
                pairs.append(high[row][there] + low[other][here])
        hidden += "".join(pair[0] for pair in pairs) + "".join(pair[1] for pair in pairs)
    return hidden


def nicodemus(word: str, text: str) -> str:
    size, hidden = len(word), ""
    enciphered = pycipher.Vigenere(word).encipher(text)
    for start in range(0, len(text), 5 * size):
        block = enciphered[start : start + 5 * size]
        for column in sorted(range(size), key=lambda column: (word[column], column)):
            hidden += block[column::size]
    return hidden


def quagmire(plain: str, cipher: str, word: str, text: str) -> str:
    hidden = ""
    for place, letter in enumerate(text):
        slide = turned(cipher, cipher.index(word[place % len(word)]) - plain.index("A"))  # its letter stands under A
        hidden += slide[plain.index(letter)]
    return hidden


def chained(digits: list[int], length: int) -> list[int]:
    digits, size = list(digits), len(digits)
    while len(digits) < length:
        digits.append((digits[-size] + digits[1 - size]) % 10)
    return digits


def gromark(key: str, text: str) -> str:
    alphabet, primer = key.split(",")
    running = chained([int(digit) for digit in primer], len(text))
    return "".join(
        turned(alphabet, digit)[ALPHABET.index(letter)] for letter, digit in zip(text, running, strict=False)
    )


def periodic_gromark(key: str, text: str) -> str:
    alphabet, word = key.split(",")
    ranked = sorted((letter, place) for place, letter in enumerate(word))
    running = chained([(ranked.index((letter, place)) + 1) % 10 for place, letter in enumerate(word)], len(text))
    hidden = ""
    for place, letter in enumerate(text):
        slide = turned(alphabet, alphabet.index(word[place // len(word) % len(word)]))
        hidden += slide[(ALPHABET.index(letter) + running[place]) % 26]
    return hidden


def condi(key: str, text: str) -> str:
    alphabet, start = key.split(",")
    hidden, further = "", int(start)
    for letter in text:
        hidden += turned(alphabet, further)[alphabet.index(letter)]
        further = alphabet.index(letter) + 1
    return hidden


def wheatstone(alphabet: str, text: str) -> str:
    outer, long_hand, short_hand, hidden = " " + ALPHABET, 0, 0, ""
    for letter in text:
        while outer[long_hand] != letter:
            long_hand, short_hand = (long_hand + 1) % 27, (short_hand + 1) % 26
        hidden += alphabet[short_hand]
    return hidden


def chaocipher(key: str, text: str) -> str:
    left, right = key.split(",")
    hidden = ""
    for letter in text:
        place = right.index(letter)
        hidden += left[place]
        left, right = turned(left, place), turned(right, place + 1)
        left = left[0] + left[2:14] + left[1] + left[14:]
        right = right[:2] + right[3:14] + right[2] + right[14:]
    return hidden


def cell(square: str, letter: str) -> tuple[int, int]:
    return divmod(square.index(letter), 5)


def four_square(key: str, text: str) -> str:
    one, other = key.split(",")
    hidden = ""
    for first, second in zip(text[::2], text[1::2], strict=True):
        (row, column), (below, along) = cell(WITHOUT_J, first), cell(WITHOUT_J, second)
        hidden += one[5 * row + along] + other[5 * below + column]
    return hidden


def two_square(key: str, text: str) -> str:
    left, right = key.split(",")
    hidden = ""
    for first, second in zip(text[::2], text[1::2], strict=True):
        (row, column), (below, along) = cell(left, first), cell(right, second)
        hidden += second + first if row == below else right[5 * row + along] + left[5 * below + column]
    return hidden


def seriated_playfair(key: str, text: str, period: int) -> str:
    playfair, hidden = pycipher.Playfair(key), ""
    for upper, lower in two_rows(text, period):
        pairs = [playfair.encipher(first + second) for first, second in zip(upper, lower, strict=True)]
        hidden += "".join(pair[0] for pair in pairs) + "".join(pair[1] for pair in pairs)
    return hidden


def moved_down(rows: list[str]) -> list[list[str]]:
    """The first row exchanged with each below it in turn, then the new first row, eight states in all."""
    states, rows = [list(rows)], list(rows)
    for place in (0, 1, 2, 3, 0, 1, 2):
        rows[place], rows[place + 1] = rows[place + 1], rows[place]
        states.append(list(rows))
    return states


def phillips(key: str, text: str, columns_too: bool = False) -> str:
    squares = moved_down([key[start : start + 5] for start in range(0, 25, 5)])
    orders = moved_down(list("01234")) if columns_too else [list("01234")] * 8
    steps = []
    for square, order in zip(squares, orders, strict=True):
        cells = "".join(row[int(column)] for row in square for column in order)
        steps.append(
            {letter: cells[(place // 5 + 1) % 5 * 5 + (place % 5 + 1) % 5] for place, letter in enumerate(cells)}
        )
    return "".join(steps[place // 5 % 8][letter] for place, letter in enumerate(text))


def bazeries(key: str, text: str) -> str:
    square, digits = key.split(",")
    written = {WITHOUT_J[5 * column + row]: 5 * row + column for row in range(5) for column in range(5)}
    hidden, start, turn = "", 0, 0
    while start < len(text):
        size = int(digits[turn % len(digits)])
        hidden += "".join(square[written[letter]] for letter in reversed(text[start : start + size]))
        start, turn = start + size, turn + 1
    return hidden


def cm_bifid(key: str, text: str) -> str:
    sought, found, period = key.split(",")
    hidden = ""
    for start in range(0, len(text), int(period)):
        cells = [cell(sought, letter) for letter in text[start : start + int(period)]]
        line = [row for row, _ in cells] + [column for _, column in cells]
        hidden += "".join(found[5 * line[place] + line[place + 1]] for place in range(0, len(line), 2))
    return hidden


def bifid(key: str, text: str) -> str:
    square, period = key.split(",")
    return pycipher.Bifid(square, int(period)).encipher(text)


def checkerboard(key: str, text: str) -> str:
    square, rows, columns = key.split(",")
    cells = [cell(square, letter) for letter in text]
    return "".join(rows[row] + columns[column] for row, column in cells)


def order_of(word: str) -> list[int]:
    return sorted(range(len(word)), key=lambda column: word[column])


def myszkowski(word: str, text: str) -> str:
    rows = [text[start : start + len(word)] for start in range(0, len(text), len(word))]
    return "".join(
        row[column]
        for letter in sorted(set(word))
        for row in rows
        for column in range(len(row))
        if word[column] == letter
    )


def redefence(word: str, text: str) -> str:
    rails, at, step = [""] * len(word), 0, 1
    for letter in text:
        rails[at] += letter
        step = 1 if at == 0 else -1 if at == len(word) - 1 else step
        at += step
    return "".join(rails[rail] for rail in order_of(word))


def amsco(word: str, text: str) -> str:
    columns, start, row = [""] * len(word), 0, 0
    while start < len(text):
        size = 2 - row % 2
        for column in range(len(word)):
            columns[column] += text[start : start + size]
            start, size = start + size, 3 - size
        row += 1
    return "".join(columns[column] for column in order_of(word))


def swagman(key: str, text: str) -> str:
    size = round(len(key) ** 0.5)
    square = [key[start : start + size] for start in range(0, len(key), size)]
    width = -(-len(text) // size)
    rows = [text[start : start + width] for start in range(0, len(text), width)]
    return "".join(
        letter
        for column in range(width)
        for _, letter in sorted(
            (square[row][column % size], rows[row][column : column + 1]) for row in range(len(rows))
        )
    )


def grille(key: str, text: str) -> str:
    half = round(len(key) ** 0.5)
    holes = np.zeros((2 * half, 2 * half), bool)
    for place, digit in enumerate(key):
        one = np.zeros_like(holes)
        one[divmod(place, half)] = True
        holes |= np.rot90(one, -int(digit))  # a quarter to the right each
    cells = [int(at) for quarter in range(4) for at in np.flatnonzero(np.rot90(holes, -quarter))]
    hidden = ""
    for start in range(0, len(text), len(cells)):
        sheet = dict(zip(cells, text[start : start + len(cells)], strict=False))
        hidden += "".join(sheet.get(at, "") for at in range(len(cells)))
    return hidden


def nihilist_transposition(word: str, text: str) -> str:
    size, order = len(word), order_of(word)
    hidden = ""
    for start in range(0, len(text), size * size):
        block = text[start : start + size * size].ljust(size * size)
        rows = [block[place : place + size] for place in range(0, size * size, size)]
        hidden += "".join(rows[row][column] for column in order for row in order)
    return hidden.replace(" ", "")


def route(key: str, text: str) -> str:
    size, way, corner = key.split(",")
    width = int(size)
    sheet = np.array(list(text.ljust(-(-len(text) // width) * width))).reshape(-1, width)
    sheet = (sheet, sheet[:, ::-1], sheet[::-1], sheet[::-1, ::-1])[int(corner)]
    return "".join(along(way, sheet)).replace(" ", "")


def along(way: str, sheet: np.ndarray) -> Iterator[str]:
    """The letters of a sheet on a way from its upper left corner."""
    height, width = sheet.shape
    if way == "snake":
        for column in range(width):
            yield from sheet[:: -1 if column % 2 else 1, column]
    elif way == "rows":
        for row in range(height):
            yield from sheet[row, :: -1 if row % 2 else 1]
    elif way == "spiral":
        while sheet.size:
            yield from sheet[0]
            sheet = np.rot90(sheet[1:])
    else:
        for total in range(height + width - 1):
            cells = [(row, total - row) for row in range(height) if 0 <= total - row < width]
            yield from (sheet[at] for at in (cells[::-1] if way == "slopes" and not total % 2 else cells))


def by_pycipher(name: str, key: str, text: str) -> str:
    match name:
        case "gronsfeld":
            return pycipher.Gronsfeld([int(digit) for digit in key]).encipher(text)
        case "porta":
            return pycipher.Porta(key).encipher(text)
        case "running_key":
            return pycipher.Vigenere(key).encipher(text)
        case "adfgx":
            return pycipher.ADFGX(*key.split(",")).encipher(text)
        case "scytale":
            return pycipher.ColTrans(ALPHABET[: int(key)]).encipher(text)
    raise AssertionError(name)


PLAIN: dict[str, Callable[[str, str], str]] = {
    **{name: lambda key, text, name=name: by_pycipher(name, key, text)
       for name in ("gronsfeld", "porta", "running_key", "adfgx", "scytale")},
    "quagmire_1": lambda key, text: quagmire(key[:26], ALPHABET, key[27:], text),
    "quagmire_2": lambda key, text: quagmire(ALPHABET, key[:26], key[27:], text),
    "quagmire_3": lambda key, text: quagmire(key[:26], key[:26], key[27:], text),
    "quagmire_4": lambda key, text: quagmire(key[:26], key[27:53], key[54:], text),
    "phillips_rc": lambda key, text: phillips(key, text, columns_too=True),
    **{one.__name__: one for one in (
        progressive_key, interrupted_key, ciphertext_autokey, slidefair, portax, nicodemus, gromark, periodic_gromark,
        condi, wheatstone, chaocipher, four_square, two_square, phillips, bazeries, cm_bifid, bifid, checkerboard,
        myszkowski, redefence, amsco, swagman, grille, nihilist_transposition, route,
    )},
}  # fmt: skip
"""By name; seriated Playfair, whose period the key does not say, is `seriated_playfair`."""
