"""Primitives: vectors of the standards, both directions, and one round function for numpy and torch."""

from functools import partial

import numpy as np
import pytest
import torch

from enigmath.bench.contracts import UserError
from enigmath.bench.primitives.block_cipher import BlockCipher, labelled_pairs
from enigmath.bench.primitives.catalogue import BLOCK_CIPHERS
from enigmath.bench.primitives.speck import SPECK
from enigmath.bench.primitives.words import draw_words, from_hexadecimal, to_hexadecimal

CIPHERS = [cipher for cipher in BLOCK_CIPHERS.values() if isinstance(cipher, BlockCipher)]


def test_speck_gives_its_designers_vector() -> None:
    key, plain = from_hexadecimal("1918111009080100", 16), from_hexadecimal("6574694c", 16)
    assert to_hexadecimal(SPECK.encrypt(plain, SPECK.expand(key, 22)), 16) == ["a86842f2"]


def in_torch(words):
    return [torch.from_numpy(word.astype(np.int64 if word.itemsize > 2 else np.int32)) for word in words]


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: cipher.name)
def test_decryption_undoes_encryption_at_reduced_and_full_rounds_and_torch_agrees_with_numpy(cipher) -> None:
    rng = np.random.default_rng(7)
    key = draw_words(rng, 300, cipher.key_words, cipher.key_word_bits)
    plain = draw_words(rng, 300, cipher.block_words, cipher.word_bits)
    for rounds in sorted({*range(1, min(cipher.rounds, 64) + 1), cipher.rounds}):  # beyond 64 are KATAN's alone
        round_keys = cipher.expand(key, rounds)
        secret = cipher.encrypt(plain, round_keys)
        assert not all((a == b).all() for a, b in zip(plain, secret, strict=True))
        again = cipher.decrypt(secret, round_keys)
        assert all((a == b).all() for a, b in zip(plain, again, strict=True))
        on_torch = cipher.encrypt(in_torch(plain), cipher.expand(in_torch(key), rounds))
        assert all((a.astype(np.int64) == b.numpy()).all() for a, b in zip(secret, on_torch, strict=True))


@pytest.mark.parametrize("rounds", [0, 23])
def test_rounds_that_a_cipher_does_not_have_are_a_user_error(rounds) -> None:
    with pytest.raises(UserError, match=f"speck: {rounds} rounds; from 1 to 22"):
        SPECK.require_rounds(rounds)


@pytest.mark.parametrize("against", ["random", "masked"])
def test_real_pairs_keep_their_difference_through_no_round_at_all_and_the_others_do_not(against) -> None:
    """Undone with the right key, a real pair has the chosen difference; so has none of the others, but for chance."""
    rng = np.random.default_rng(1)
    drawn = []

    def draw(count, bits):
        drawn.append(draw_words(rng, 4_000, count, bits))
        return drawn[-1]

    difference = [0x0040, 0]
    label, (a, b, c, d) = labelled_pairs(SPECK, draw, 4, difference, against=against)
    round_keys = SPECK.expand(drawn[1], 4)
    first, second = SPECK.decrypt([a, b], round_keys), SPECK.decrypt([c, d], round_keys)
    kept = ((first[0] ^ second[0]) == difference[0]) & ((first[1] ^ second[1]) == difference[1])
    assert (kept[label == 1]).all()
    assert kept[label == 0].mean() < 0.05
    assert 0.45 < label.mean() < 0.55
    if against == "masked":  # the difference of the ciphertexts says nothing: it is as a real pair's
        assert len(np.unique(a ^ c)) < 60_000


def test_labelled_pairs_are_made_on_torch_as_well() -> None:
    generator = torch.Generator().manual_seed(3)

    def draw(count, bits):
        return [torch.randint(0, 1 << bits, (2_000,), generator=generator, dtype=torch.int32) for _ in range(count)]

    label, words = labelled_pairs(SPECK, draw, 3, [0x0040, 0])
    differences = torch.stack([words[0] ^ words[2], words[1] ^ words[3]], 1)
    real = len(torch.unique(differences[label == 1], dim=0)) / int(label.sum())
    other = len(torch.unique(differences[label == 0], dim=0)) / int((1 - label).sum())
    assert real < 0.6 < 0.99 < other


def test_numpy_draws_words_of_their_own_width() -> None:
    (word,) = partial(draw_words, np.random.default_rng(0), 100_000)(1, 4)
    assert word.dtype == np.uint8
    assert sorted(set(word.tolist())) == list(range(16))
