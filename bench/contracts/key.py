"""Keys: what equivalent problems share, hashed to 64 bits, and the split that the hash decides.

A key is hashed from its canonical form, and the hash alone decides the split, whatever the task, the
level or the seed: equivalent problems can never meet across splits. The hash is a multilinear one
(a random 64-bit multiplier for each position, summed modulo 2**64; Lemire and Kaser, "Strongly
universal string hashing is fast", 2014) followed by the finaliser of SplitMix64 (Steele, Lea and
Flood, 2014). It is vectorised, needs no seed and is the same on every machine.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Keys = npt.NDArray[np.uint64]

SPLITS: Final = ("train", "validation", "test")
_BOUNDS: Final = np.array([0.8 * 2**64, 0.9 * 2**64]).astype(np.uint64)
_SPLIT_SALT: Final = np.uint64(0x9E3779B97F4A7C15)
_MASKS: Final = (
    (r"\b[A-Za-z]_?[0-9]+\b", "v"),
    (r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+", "#"),
    (r"\b[A-Za-z]\b", "v"),
)
"""What stands for numbers and for variables of one letter, in this order, so that `x1` is one variable."""
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_STIRS: Final = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
"""Shifts and factors of SplitMix64's finaliser."""
_BLOCK: Final = 1 << 16
"""Characters that are hashed at a time: what is worked out on the way stays in the cache, and takes no fresh memory."""
_OWN_BITS: Final = np.uint64(40)
"""Bits of a key within a family that are its own."""


def mix(values: Keys) -> Keys:
    """SplitMix64's finaliser: a bijection of 64-bit words in which every bit depends on every bit.

    >>> mix(np.array([1], dtype=np.uint64)).tolist()
    [10451216379200822465]
    """
    words = values + _GOLDEN
    return _stirred(words, np.empty_like(words))


def _stirred(words: Keys, spare: Keys) -> Keys:
    """The words themselves, stirred where they lie; `spare` is room of the same shape, made once for many words."""
    for shift, factor in _STIRS:
        words ^= np.right_shift(words, shift, out=spare)
        words *= factor
    words ^= np.right_shift(words, np.uint64(31), out=spare)
    return words


def unmix(words: Keys) -> Keys:
    """The inverse of `mix`.

    >>> unmix(mix(np.array([1, 2**63], dtype=np.uint64))).tolist()
    [1, 9223372036854775808]
    """
    words = words ^ (words >> np.uint64(31)) ^ (words >> np.uint64(62))
    words *= np.uint64(0x319642B2D24D8EC3)
    words ^= (words >> np.uint64(27)) ^ (words >> np.uint64(54))
    words *= np.uint64(0x96DE1B173F119089)
    words ^= (words >> np.uint64(30)) ^ (words >> np.uint64(60))
    return words - _GOLDEN


def _multipliers(count: int) -> Keys:
    return mix(np.arange(1, count + 1, dtype=np.uint64)) | np.uint64(1)


def hash_text(strings: pa.Array) -> Keys:
    """One 64-bit hash for each string of an Arrow array without nulls; shape (n,).

    >>> a, b, c = hash_text(pa.array(["12+34", "12+35", "12+34"]))
    >>> bool(a == c), bool(a == b)
    (True, False)
    """
    if isinstance(strings, pa.ChunkedArray):
        strings = strings.combine_chunks()
    strings = pc.cast(strings, pa.large_string())
    if len(strings) == 0:
        return np.empty(0, dtype=np.uint64)
    offsets = np.frombuffer(strings.buffers()[1], dtype=np.int64)[strings.offset :][: len(strings) + 1]
    lengths = np.diff(offsets)
    words = mix(lengths.astype(np.uint64))
    if offsets[-1] > offsets[0]:
        text = np.frombuffer(strings.buffers()[2], dtype=np.uint8)
        multipliers = _multipliers(int(lengths.max()))
        ends = np.searchsorted(offsets, np.arange(offsets[0], offsets[-1], _BLOCK) + _BLOCK).clip(max=len(words))
        for first, end in zip([0, *ends[:-1]], ends, strict=True):
            words[first:end] += _terms(text, offsets[first : end + 1], multipliers)
    return mix(words)


def _terms(text: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], multipliers: Keys) -> Keys:
    """For each of the texts between these offsets, the sum of its bytes, each times the multiplier of its place."""
    lengths = np.diff(offsets)
    sums = np.zeros(len(lengths), dtype=np.uint64)
    filled = lengths > 0
    if filled.any():
        starts = offsets[:-1] - offsets[0]
        place = np.arange(offsets[-1] - offsets[0]) - np.repeat(starts, lengths)
        terms = (text[offsets[0] : offsets[-1]].astype(np.uint64) + np.uint64(1)) * multipliers[place]
        sums[filled] = np.add.reduceat(terms, starts[filled])
    return sums


def hash_integers(name: str, *columns: npt.ArrayLike) -> Keys:
    """One 64-bit hash for each row of integer columns, told apart from other families by `name`.

    Each column is an integer array of shape (n,) or (n, k), or a scalar that holds for every row. Cheaper than
    `hash_text` where the canonical form is a few integers, for instance an operator and its sorted operands.

    >>> hash_integers("sum", np.array([3, 4]), np.array([5, 5])).shape
    (2,)
    """
    words = hash_text(pa.array([name]))
    spare = np.empty_like(words)
    for column in columns:
        values = np.asarray(column)
        if values.dtype.kind not in "iub":
            raise TypeError(f"keys are hashed from integers, not {values.dtype}")
        for part in values.T if values.ndim == 2 else [values]:
            mixed = np.atleast_1d(part).astype(np.int64, copy=False).view(np.uint64) + _GOLDEN
            if len(spare) != len(mixed):
                spare = np.empty_like(mixed)
            mixed = _stirred(mixed, spare)
            words = np.bitwise_xor(mixed, words, out=mixed) if len(words) == len(mixed) else mixed ^ words
            if len(spare) != len(words):
                spare = np.empty_like(words)
            words += _GOLDEN
            words = _stirred(words, spare)
    return words


def skeleton_texts(questions: pa.Array) -> pa.Array:
    """The questions with every number masked as `#` and every single-letter variable, also `x1`, as `v`; shape (n,).

    >>> skeleton_texts(pa.array(["3*x^2+sin(0.5*y)", "12*a1^7+sin(3*x)", "gcd(12,18)"])).to_pylist()
    ['#*v^#+sin(#*v)', '#*v^#+sin(#*v)', 'gcd(#,#)']
    """
    if isinstance(questions, pa.ChunkedArray):
        questions = questions.combine_chunks()
    for pattern, mask in _MASKS:
        questions = pc.replace_substring_regex(questions, pattern, mask)
    return questions


def skeletons(questions: pa.Array) -> Keys:
    """One 64-bit hash for each question's structure, its numbers and variables masked; shape (n,).

    A suite with `split = "skeleton"` holds out structures by it.

    >>> a, b, c = skeletons(pa.array(["3*x+1", "5*y+2", "3*x-1"]))
    >>> bool(a == b), bool(a == c)
    (True, False)
    """
    return hash_text(skeleton_texts(questions))


def split_of(keys: Keys) -> npt.NDArray[np.uint8]:
    """The split of each key as an index into `SPLITS`: 80 % train, 10 % validation, 10 % test.

    >>> shares = np.bincount(split_of(mix(np.arange(100_000, dtype=np.uint64)))) / 100_000
    >>> shares.round(2).tolist()
    [0.8, 0.1, 0.1]
    """
    return np.searchsorted(_BOUNDS, mix(keys ^ _SPLIT_SALT), side="right").astype(np.uint8)


def within(families: Keys, keys: Keys) -> Keys:
    """Keys that fall into the split of their family, whatever they are themselves; shape (n,).

    For problems of which more than the problem must be new in the test: a cipher key, or a stretch of a text. All
    keys within one family share its split: `split_of(within(families, keys)) == split_of(families)`, always. 24 bits
    of the key are the family's and 40 its own.

    >>> family = hash_integers("cipher key", np.arange(1000))
    >>> keys = within(family, hash_integers("plaintext", np.arange(1000) % 7))
    >>> bool((split_of(keys) == split_of(family)).all()), len(np.unique(keys))
    (True, 1000)
    """
    words = mix(families ^ _SPLIT_SALT)
    high = words >> _OWN_BITS
    for bound in _BOUNDS:  # the one value in 2**24 that stands on both sides of a bound moves to the family's side
        on_it = high == bound >> _OWN_BITS
        high[on_it] += np.where(words[on_it] >= bound, 1, -1).astype(np.int64).view(np.uint64)
    own = mix(keys) >> np.uint64(64 - int(_OWN_BITS))
    return unmix(high << _OWN_BITS | own) ^ _SPLIT_SALT
