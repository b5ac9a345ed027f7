"""English for plaintexts: no text of one split stands in another, though the Bible repeats itself."""

import numpy as np
import pytest

from enigmath.bench.contracts import UserError, split_of
from enigmath.bench.primitives.english import STRETCH, corpus, spans, split_numbers, training_letters


@pytest.mark.parametrize("length", [10, 20, 100])
def test_no_text_of_one_split_stands_in_another_wherever_it_comes_from(length) -> None:
    rng = np.random.default_rng(0)
    splits = split_numbers(rng, 60_000)
    texts, families = spans(rng, splits, length)
    assert texts.shape == (60_000, length)
    assert (split_of(families) == splits).all()
    train, validation, test = ({bytes(text) for text in texts[splits == split]} for split in range(3))
    assert not train & validation
    assert not train & test
    assert not validation & test
    whole = training_letters().tobytes()
    stretches = [whole[start : start + STRETCH] for start in range(0, len(whole), STRETCH)]
    for text in list(test)[:20]:
        assert not any(text in stretch for stretch in stretches), "not one of training's own texts, drawn or not"


def test_texts_too_short_to_be_new_are_given_all_the_same() -> None:
    rng = np.random.default_rng(0)
    texts, _ = spans(rng, split_numbers(rng, 5_000), 1)
    assert len(np.unique(texts)) > 20


@pytest.mark.parametrize("length", [0, -1, STRETCH + 1])
def test_a_length_that_no_stretch_has_is_a_user_error(length) -> None:
    with pytest.raises(UserError, match=f"a text of {length} letters"):
        spans(np.random.default_rng(0), np.zeros(3, np.uint8), length)


def test_texts_are_pieces_of_the_corpus() -> None:
    rng = np.random.default_rng(1)
    texts, _ = spans(rng, split_numbers(rng, 20), 40)
    whole = corpus().tobytes()
    assert all(bytes(text) in whole for text in texts)
