"""Numbers backwards: carries run from the least significant digit, and a network that writes it first adds best.

Every number, that is every run of digits and points, is written backwards as a whole, `-12.5` as `-5.21`. Not each run
of digits by itself: a carry crosses the decimal point, so the least significant digit of all comes first. The sign
stays in front. Source: Lee et al., "Teaching arithmetic to small transformers", 2023.

Loss: none. Reversing is its own inverse on every text.
"""

import numpy as np

from enigmath.baselines.encodings.texts import Texts, is_number, runs


def reverse(texts: Texts) -> Texts:
    """Each number backwards; its own inverse.

    >>> from enigmath.baselines.encodings.texts import from_bytes, to_strings
    >>> to_strings(reverse(from_bytes([b"120+7", b"-12.5", b"3r10"])))
    ['021+7', '-5.21', '3r01']
    """
    inside = is_number(texts.flat)
    starts, ends = runs(inside, texts.first)
    places = np.flatnonzero(inside)
    flat = texts.flat.copy()
    flat[places] = texts.flat[np.repeat(starts + ends - 1, ends - starts) - places]
    return Texts(flat, texts.lengths)
