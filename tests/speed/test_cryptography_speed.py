"""Primitives alone, without questions: Speck's pairs, and digests beside hashlib's one at a time in the same run."""

import hashlib
import time
from functools import partial

import numpy as np
import pytest

from enigmath.bench.primitives.block_cipher import labelled_pairs
from enigmath.bench.primitives.hash_function import HashFunction
from enigmath.bench.primitives.md5 import MD5
from enigmath.bench.primitives.sha256 import SHA256
from enigmath.bench.primitives.speck import SPECK
from enigmath.bench.primitives.words import draw_words

pytestmark = [pytest.mark.speed, pytest.mark.slow, pytest.mark.benchmark(timer=time.process_time)]

ROWS = 2**14


def test_labelled_pairs_of_speck_at_five_rounds(benchmark) -> None:
    """Owed 12 million a second; Gohr's published code makes 9.4."""
    draw = partial(draw_words, np.random.default_rng(0), ROWS)
    benchmark.pedantic(labelled_pairs, (SPECK, draw, 5, [0x0040, 0]), rounds=50, warmup_rounds=2)
    rate = ROWS / benchmark.stats.stats.min
    benchmark.extra_info |= {"pairs a second": round(rate), "owed": 12_000_000, "times deep_speck": rate / 9.4e6}


@pytest.mark.parametrize(("function", "peer"), [(MD5, hashlib.md5), (SHA256, hashlib.sha256)], ids=["md5", "sha256"])
def test_digests_at_full_rounds_beside_hashlib(benchmark, function: HashFunction, peer) -> None:
    """Owed 2 million a second."""
    messages = np.random.default_rng(1).integers(256, size=(ROWS, 4), dtype=np.uint8)
    digests = benchmark.pedantic(function.digest, (messages, function.steps), rounds=20, warmup_rounds=2)
    began = time.process_time()
    theirs = [peer(message).hexdigest() for message in map(bytes, messages)]
    one_by_one = ROWS / (time.process_time() - began)
    rate = ROWS / benchmark.stats.stats.min
    benchmark.extra_info |= {"digests a second": round(rate), "owed": 2_000_000, "times hashlib": rate / one_by_one}
    assert theirs == [bytes(row).hex() for row in digests]
