"""Columns of whole numbers of any length, as limbs: what the tasks compute with instead of Python's integers.

A column of n natural numbers is an int64 array of shape (k, n), `Limbs`: row i counts multiples of 10**(9 * i). The
base 10**9 keeps a product of two limbs below 2**63 and lets the decimal text be glued from pieces. Every function
works on whole columns, and all arithmetic is exact.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Column = npt.NDArray[np.int64]
Limbs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LIMB_DIGITS: Final = 9
LIMB: Final = 10**LIMB_DIGITS
POWERS: Final = 10 ** np.arange(LIMB_DIGITS + 1)
"""10**0 to 10**9."""
SMALL: Final = 100_000
"""Numbers below it are looked up in tables."""

_PADDED = np.arange(1000)
_DIGIT_SUMS: Final = (_PADDED // 100 + _PADDED // 10 % 10 + _PADDED % 10).astype(np.int64)
_NUMERALS: Final = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_WORD: Final = 10 ** (2 * LIMB_DIGITS)
_SIGNS: Final = ("", "-")
_HUNDREDTHS: Final = ("", *(f".{part:02d}".rstrip("0") for part in range(1, 100)))


def draw(rng: np.random.Generator, n: int, digits: int) -> Limbs:
    """Uniform over 0 .. 10**digits - 1; shape (ceil(digits / 9), n)."""
    count = -(-digits // LIMB_DIGITS)
    limbs = np.empty((count, n), dtype=np.int64)
    for limb in limbs[:-1]:
        limb[:] = rng.integers(LIMB, size=n)
    limbs[-1] = rng.integers(10 ** (digits - LIMB_DIGITS * (count - 1)), size=n)
    return limbs


def draw_below(rng: np.random.Generator, n: int, bound: int) -> Limbs:
    """Uniform over 0 .. bound - 1, for a bound of 64 bits or just below a power of ten.

    Past 64 bits, draws below the power of ten are brought below the bound by taking it off once.
    """
    if bound < 2**63:
        return from_integers(rng.integers(bound, size=n))
    drawn = draw(rng, n, len(str(bound)))
    below, rest = subtract(drawn, whole(bound))
    return np.where(below, drawn, resized(rest, len(drawn)))


def whole(number: int) -> Limbs:
    """One natural number as limbs that stand for every row; shape (k, 1).

    >>> whole(5_000_000_007).tolist()
    [[7], [5]]
    """
    places = range(0, max(len(str(number)), 1), LIMB_DIGITS)
    return np.array([[number // 10**place % LIMB] for place in places])


def resized(limbs: Limbs, count: int) -> Limbs:
    """The same numbers in so many limbs, which hold them."""
    return np.concatenate([limbs[:count], np.zeros((max(count - len(limbs), 0), limbs.shape[1]), dtype=np.int64)])


def to_wide(limbs: Limbs) -> npt.NDArray[Any]:
    """One column of whole numbers: int64 where they fit, else Python's integers."""
    low, *higher = words(limbs)
    wide: npt.NDArray[Any] = low
    for place, word in enumerate(higher, start=1):
        wide = wide + word.astype(object) * 10 ** (2 * LIMB_DIGITS * place)
    return wide


def from_wide(values: npt.NDArray[Any]) -> Limbs:
    """Back to limbs, from int64 or from Python's integers.

    >>> text(from_wide(np.array([10**25, 7], dtype=object))).to_pylist()
    ['10000000000000000000000000', '7']
    """
    if values.dtype != object:
        return from_integers(values)
    pieces, rest = [], values
    while rest.any():
        pieces.append(from_integers((rest % _WORD).astype(np.int64)))
        rest = rest // _WORD
    return np.concatenate([resized(piece, 2) for piece in pieces] or [np.zeros((1, len(values)), dtype=np.int64)])


def draw_divisor(rng: np.random.Generator, n: int, digits: int) -> Column:
    """Divisors of 1 to min(digits, 9) digits: each length is equally likely, then each number of that length.

    Uniform divisors would leave half of all quotients below one.
    """
    low = POWERS[rng.integers(min(digits, LIMB_DIGITS), size=n)]
    return rng.integers(low, 10 * low)


def draw_multiple(rng: np.random.Generator, divisor: Column, digits: int) -> Limbs:
    """Multiples of `divisor` below 10**digits; shape as of `draw`.

    Up to nine digits the quotient is uniform over 1 .. (10**digits - 1) // divisor. From ten digits on the multiple is
    a uniform number rounded down, which is 0 for one in a hundred at most.
    """
    if digits <= LIMB_DIGITS:
        quotient = rng.integers(1, (10**digits - 1) // divisor + 1)
        return np.stack([divisor * quotient])
    number = draw(rng, len(divisor), digits)
    _, remainder = divide(number, divisor)
    return _summed(subtract(number, remainder[None])[1], np.zeros_like(number))


def from_integers(values: Column) -> Limbs:
    """Natural numbers of one int64 column as limbs.

    >>> from_integers(np.array([5_000_000_007])).tolist()
    [[7], [5]]
    """
    high = values // LIMB
    return _trimmed(np.stack([values - high * LIMB, high % LIMB, high // LIMB]))


def to_integers(limbs: Limbs) -> Column:
    """Back to int64; ValueError for columns that are not known to lie below 10**18."""
    limbs = _trimmed(limbs)
    if len(limbs) > 2:
        raise ValueError("numbers of 10**18 and more do not fit an int64 column")
    values: Column = limbs[0] if len(limbs) == 1 else limbs[0] + LIMB * limbs[1]
    return values


def words(limbs: Limbs) -> list[Column]:
    """The digits of base 10**18, least significant first, without leading columns that are all zero."""
    limbs = _trimmed(limbs)
    return [to_integers(limbs[start : start + 2]) for start in range(0, len(limbs), 2)]


def add(first: Limbs, second: Limbs) -> Limbs:
    """The sums."""
    return _carried(_summed(first, second))


def subtract(first: Limbs, second: Limbs) -> tuple[Mask, Limbs]:
    """The differences as (negative, magnitude)."""
    return signed(_summed(first, -second))


def signed(limbs: Limbs) -> tuple[Mask, Limbs]:
    """Limbs of any sign and size, say a sum of terms with signs, as (negative, magnitude).

    >>> negative, magnitude = signed(np.array([[1], [-2]]))
    >>> bool(negative[0]), text(magnitude).to_pylist()
    (True, ['1999999999'])
    """
    carried = _carried(limbs)
    negative = carried[-1] < 0
    return negative, _carried(np.where(negative, -carried, carried)) if negative.any() else carried


def multiply(first: Limbs, second: Limbs) -> Limbs:
    """The products. ValueError where both factors have more than nine limbs: the columns of sums would overflow."""
    if min(len(first), len(second)) > 9:
        raise ValueError("one of the factors must have at most 81 digits")
    product = np.zeros((len(first) + len(second), first.shape[1]), dtype=np.int64)
    for place, limb in enumerate(second):
        product[place : place + len(first)] += first * limb
    return _carried(product)


def divide(dividend: Limbs, divisor: Column) -> tuple[Limbs, Column]:
    """Quotients and remainders by divisors below 2**33: long division in base 10**9.

    >>> quotient, remainder = divide(np.array([[17]]), np.array([5]))
    >>> quotient.tolist(), remainder.tolist()
    ([[3]], [2])
    """
    quotient, remainder = np.empty_like(dividend), np.zeros_like(divisor)
    for place in reversed(range(len(dividend))):
        quotient[place], remainder = np.divmod(remainder * LIMB + dividend[place], divisor)
    return quotient, remainder


def multiply_modulo(first: Limbs, second: Limbs, modulus: int) -> Limbs:
    """`first * second % modulus` for residues of a modulus of at most 10**18, or just below a power of ten.

    By Horner's rule over octal digits; past 10**18 the digits above that power are folded down three times, after
    which one modulus at most is too much.

    >>> almost = whole(10**18 - 2)
    >>> text(multiply_modulo(almost, almost, 10**18 - 1)).to_pylist()
    ['1']
    """
    if modulus > 10**18:
        product = multiply(first, second)
        for _ in range(3):
            product = _folded(product, modulus)
        below, rest = subtract(product, whole(modulus))
        count = len(whole(modulus))
        return np.where(below, resized(product, count), resized(rest, count))
    factor, other, divisor = to_integers(first).astype(np.uint64), to_integers(second), np.uint64(modulus)
    residue = np.zeros(len(factor), dtype=np.uint64)
    for shift in reversed(range(0, modulus.bit_length(), 3)):
        digit = ((other >> shift) & 7).astype(np.uint64)
        residue = (residue * np.uint64(8) + factor * digit) % divisor
    return from_integers(residue.astype(np.int64))


def _folded(limbs: Limbs, modulus: int) -> Limbs:
    """Congruent numbers: what stands above 10**d counts 10**d - modulus instead, d being the modulus's digits."""
    digits = len(str(modulus))
    place, shift = divmod(digits, LIMB_DIGITS)
    if len(limbs) <= place:
        return limbs
    high, rest = divide(limbs[place:], POWERS[shift : shift + 1])
    return add(np.concatenate([limbs[:place], rest[None]]), multiply(high, whole(10**digits - modulus)))


def digit_sum(limbs: Limbs) -> Column:
    """The sum of the decimal digits of each number.

    >>> digit_sum(np.array([[907]])).tolist()
    [16]
    """
    groups = [group for limb in limbs for group in (limb // 10**6, limb // 10**3 % 10**3, limb % 10**3)]
    total: Column = sum(_DIGIT_SUMS[group] for group in groups)
    return total


def carries(first: Limbs, second: Limbs, total: Limbs) -> Column:
    """How many carries the sums take, each of which takes nine off the digit sum (Kummer, 1852).

    They are also the borrows of `total - first`.
    """
    return (digit_sum(first) + digit_sum(second) - digit_sum(total)) // 9


def text(limbs: Limbs) -> pa.Array:
    """Decimal digits without leading zeros.

    >>> text(np.array([[0, 7, 5], [0, 0, 2]])).to_pylist()
    ['0', '7', '2000000005']
    """
    columns = words(limbs)
    if len(columns) == 1 and is_small(columns[0]):
        return small_texts().take(pa.array(columns[0]))
    pieces = word_texts(columns)
    joined = join(*pieces) if len(pieces) > 1 else pieces[0]
    return joined if columns[-1].all() or len(pieces) == 1 else _without_leading_zeros(joined)


def word_texts(columns: list[Column]) -> list[pa.Array]:
    """The texts of the `words` of numbers, most significant first, to be joined; all but the first have 18 digits.

    Where the first may be 0 what they join to has leading zeros.
    """
    *low, top = columns
    return [pa.array(top).cast(pa.string()), *map(_padded_texts, reversed(low))]


def _padded_texts(word: Column) -> pa.Array:
    """All 18 digits, four at a time: in half the time of a cast and its padding."""
    table, start = _numerals()
    fours, pieces = table[start[10] :], np.empty((len(word), 5), dtype=np.uint32)
    for place in reversed(range(5)):
        word, rest = word // 10**4, word
        pieces[:, place] = fours[rest - word * 10**4]
    return _fixed_texts(np.ascontiguousarray(pieces.view(np.uint8)[:, 20 - 2 * LIMB_DIGITS :]))


def _fixed_texts(characters: npt.NDArray[np.uint8]) -> pa.Array:
    rows, width = characters.shape
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(characters)])
    return fixed.cast(pa.string())


def is_small(values: Column) -> bool:
    """Whether all are natural numbers below SMALL, so that a table answers faster than a computation."""
    return len(values) > 0 and int(values.min()) >= 0 and int(values.max()) < SMALL


@cache
def small_texts() -> pa.Array:
    """The texts of 0 to SMALL - 1."""
    return pa.array(np.arange(SMALL)).cast(pa.string())


def count_digits(limbs: Limbs) -> Column:
    """How many decimal digits each number has; 1 for the number 0.

    >>> count_digits(np.array([[0, 10, 0], [0, 0, 12]])).tolist()
    [1, 2, 11]
    """
    count = np.ones(limbs.shape[1], dtype=np.int64)
    for place, limb in enumerate(limbs):
        count = np.where(limb > 0, LIMB_DIGITS * place + np.searchsorted(POWERS, limb, side="right"), count)
    return count


def signed_text(negative: Mask, magnitude: Limbs) -> pa.Array:
    """Decimal digits with a minus sign where `negative`; zero must not be negative."""
    return pc.binary_join_element_wise(pick(_SIGNS, negative), text(magnitude), "")


def ratio_text(negative: Mask, whole: Limbs, remainder: Column, divisor: Column) -> pa.Array:
    """`whole + remainder / divisor`, rounded exactly to two decimals half away from zero, without needless zeros.

    Needs 0 <= remainder < divisor <= 2**63 / 201.

    >>> one = np.array([1])
    >>> ratio_text(one > 0, from_integers(2 * one), one, 8 * one).to_pylist()
    ['-2.13']
    """
    hundredths = (200 * remainder + divisor) // (2 * divisor)
    whole = add(whole, (hundredths // 100)[None])
    hundredths %= 100
    minus = negative & (whole.any(axis=0) | (hundredths > 0))
    return join(signed_text(minus, whole), pick(_HUNDREDTHS, hundredths))


def radix_text(limbs: Limbs, base: Column) -> pa.Array:
    """Natural numbers in the base of their row, 2 to 16, in lower case.

    >>> radix_text(np.array([[255, 0, 5]]), np.array([16, 2, 2])).to_pylist()
    ['ff', '0', '101']
    """
    table, start = _numerals()
    offset, four, eight = start[base], base**4, base**8
    groups: list[npt.NDArray[np.uint32]] = []
    rest = limbs
    while rest.any() or not groups:
        rest, eight_numerals = divide(rest, eight)
        rest, higher = _trimmed(rest), eight_numerals // four
        groups += [table[offset + eight_numerals - higher * four], table[offset + higher]]
    return _without_leading_zeros(_fixed_texts(np.stack(groups[::-1], axis=1).view(np.uint8)))


@cache
def _numerals() -> tuple[npt.NDArray[np.uint32], Column]:
    """Four numerals as four bytes for each number below base**4, and where each base's numbers begin."""
    starts = np.zeros(17, dtype=np.int64)
    tables: list[npt.NDArray[np.uint32]] = []
    for base in range(2, 17):
        starts[base] = sum(len(table) for table in tables)
        places = np.arange(base**4)[:, None] // base ** np.arange(4)[::-1] % base
        tables.append(np.ascontiguousarray(_NUMERALS[places]).view(np.uint32)[:, 0])
    return np.concatenate(tables), starts


def join(*pieces: pa.Array | str) -> pa.Array:
    """Strings side by side; a plain string stands in every row."""
    return pc.binary_join_element_wise(*pieces, "")


def pick(options: tuple[str, ...], index: npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> pa.Array:
    """The option that each row's index names."""
    return _column(options).take(pa.array(index.astype(np.int64, copy=False)))


@cache
def _column(options: tuple[str, ...]) -> pa.Array:
    """Made at first use, not at import: the first call of pa.array imports pandas where it is installed."""
    return pa.array(options)


def _without_leading_zeros(digits: pa.Array) -> pa.Array:
    shortest = pc.ascii_ltrim(digits, "0")
    return pc.if_else(pc.equal(pc.binary_length(shortest), 0), "0", shortest)


def _summed(first: Limbs, second: Limbs) -> Limbs:
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


def _carried(limbs: Limbs) -> Limbs:
    """Every limb brought into 0 .. 10**9 - 1 with one limb more on top, which alone keeps a negative sign."""
    result = np.empty((len(limbs) + 1, limbs.shape[1]), dtype=np.int64)
    carry: Column = np.zeros(limbs.shape[1], dtype=np.int64)
    for place, limb in enumerate(limbs):
        moved = limb + carry
        carry = moved // LIMB
        result[place] = moved - carry * LIMB
    result[-1] = carry
    return _trimmed(result)


def _trimmed(limbs: Limbs) -> Limbs:
    """Without the top rows that are zero in every column: the same numbers."""
    count = len(limbs)
    while count > 1 and not limbs[count - 1].any():
        count -= 1
    return limbs[:count]
