"""Keys: equal forms meet, others do not, and the hash alone decides the split."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enigmath.bench.contracts import hash_integers, hash_text, mix, split_of

texts = st.lists(st.text(max_size=30), max_size=40)


@given(texts)
def test_equal_texts_have_equal_hashes_and_different_texts_different_ones(strings: list[str]) -> None:
    hashes = hash_text(pa.array(strings, pa.string())).tolist()
    assert len(set(hashes)) == len(set(strings))
    assert dict(zip(strings, hashes, strict=True)) == {
        text: int(hash_text(pa.array([text]))[0]) for text in set(strings)
    }


@given(texts, st.integers(0, 5))
def test_slices_and_chunks_hash_as_their_strings(strings: list[str], start: int) -> None:
    whole = pa.array(strings, pa.string())
    expected = hash_text(whole).tolist()
    assert hash_text(whole.slice(start)).tolist() == expected[start:]
    assert hash_text(pa.chunked_array([whole.slice(0, start), whole.slice(start)])).tolist() == expected


def test_texts_hash_alike_however_many_are_hashed_with_them() -> None:
    """Some longer than is hashed at a time, some empty, some that end where a block does."""
    strings = ["7" * length for length in (65_536, 0, 3, 65_533, 200_000, 0, 1, 40_000, 40_000, 0)]
    alone = [int(hash_text(pa.array([text]))[0]) for text in strings]
    assert hash_text(pa.array(strings)).tolist() == alone
    assert hash_text(pa.array(strings).slice(3, 5)).tolist() == alone[3:8]


def test_a_million_short_texts_do_not_collide() -> None:
    texts = pa.array(np.arange(1_000_000)).cast(pa.string())
    assert len(np.unique(hash_text(texts))) == 1_000_000


def test_texts_that_swap_characters_or_differ_in_length_do_not_collide() -> None:
    words = ["ab", "ba", "a", "b", "", "aa", "\x00", "\x00\x00", "a\x00", "\x00a"]
    assert len(set(hash_text(pa.array(words)).tolist())) == len(words)


def test_integer_keys_depend_on_name_order_and_every_column() -> None:
    one = np.array([1, 2, 3])
    two = np.array([4, 5, 6])
    keys = [hash_integers("a", one, two), hash_integers("b", one, two), hash_integers("a", two, one)]
    keys.append(hash_integers("a", np.stack([one, two, one], axis=1)))
    assert len({int(key) for column in keys for key in column}) == 12
    assert (hash_integers("a", np.stack([one, two], axis=1)) == keys[0]).all()
    assert (hash_integers("a", one, 7) == hash_integers("a", one, np.full(3, 7))).all()


def test_integer_keys_refuse_floats() -> None:
    with pytest.raises(TypeError, match="hashed from integers"):
        hash_integers("a", np.array([1.5]))


def splitmix(word: int) -> int:
    """SplitMix64's finaliser in Python's own integers."""
    word = (word + 0x9E3779B97F4A7C15) % 2**64
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ word >> 27) * 0x94D049BB133111EB % 2**64
    return word ^ word >> 31


def test_hashes_are_the_same_on_every_machine_and_by_the_definition() -> None:
    text = "12+34"
    terms = [(byte + 1) * (splitmix(place + 1) | 1) for place, byte in enumerate(text.encode())]
    assert hash_text(pa.array([text])).tolist() == [splitmix((splitmix(len(text)) + sum(terms)) % 2**64)]
    assert hash_text(pa.array([text, ""])).tolist() == [2258966172382251453, 12035550249420947055]
    assert hash_integers("sum", np.array([-1, 2**62])).tolist() == [14487278697687354183, 1609704086799981251]


def test_splits_are_eighty_ten_ten_and_nothing_but_the_key_decides() -> None:
    keys = mix(np.arange(1_000_000, dtype=np.uint64))
    shares = np.bincount(split_of(keys), minlength=3) / len(keys)
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.002)
    assert (split_of(keys[::-1]) == split_of(keys)[::-1]).all()


def test_mix_is_a_bijection_in_practice_and_leaves_its_input_alone() -> None:
    words = np.arange(100_000, dtype=np.uint64)
    before = words.copy()
    assert len(np.unique(mix(words))) == len(words)
    assert (words == before).all()
