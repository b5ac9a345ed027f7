"""Greedy decoding of whole answers on one core, against reading the whole text again for each token, in one run."""

import time

import pytest
import torch

from enigmath.baselines.decoding import greedy
from enigmath.baselines.encoder_decoder import EncoderDecoder
from enigmath.baselines.encodings import Encoding
from enigmath.baselines.mlp import CharacterMLP
from enigmath.baselines.recurrent import Seq2Seq
from enigmath.baselines.tokens import MARGIN, MARKS, PAD, Tokenizer
from enigmath.baselines.transformer import Transformer

pytestmark = [pytest.mark.speed, pytest.mark.slow]

PROBLEMS, QUESTION, ANSWER = 512, 16, 12
MODELS = {
    "transformer": (Transformer(width=128, layers=4), 2.0),
    "encoder-decoder": (EncoderDecoder(width=128, layers=4), 2.0),
    "lstm": (Seq2Seq(width=128), 1.5),
    "mlp": (CharacterMLP(), 1.5),
}


@pytest.mark.parametrize("name", MODELS)
def test_keeping_what_was_read_outruns_reading_again(benchmark, name) -> None:
    """The peer runs the training pass over question and answer so far for each token, as minGPT generates."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    characters = b"()*+-./0123456789"
    tokenizer = Tokenizer(characters, Encoding(), Encoding(), QUESTION, ANSWER - MARGIN)
    model, floor = MODELS[name]
    network = model.build(tokenizer).eval()
    questions = torch.randint(MARKS, tokenizer.size, (PROBLEMS, QUESTION))
    written = benchmark.pedantic(lambda: greedy(network, questions, ANSWER), rounds=5, warmup_rounds=1)
    began = time.perf_counter()
    again = _reading_again(network, questions)
    seconds = time.perf_counter() - began
    until_end = written != PAD
    assert (written[until_end] == again[until_end]).float().mean() > 0.99  # fresh weights: a few ties fall otherwise
    benchmark.extra_info["problems a second"] = round(PROBLEMS / benchmark.stats.stats.min)
    benchmark.extra_info["times reading again"] = seconds / benchmark.stats.stats.min
    assert seconds / benchmark.stats.stats.min > floor


@torch.no_grad()
def _reading_again(network, questions: torch.Tensor) -> torch.Tensor:
    written = torch.full((PROBLEMS, ANSWER), PAD)
    for place in range(ANSWER):
        logits = network(questions, written[:, : place + 1])
        written[:, place] = logits[:, place].argmax(dim=-1)
    return written.to(torch.uint8)
