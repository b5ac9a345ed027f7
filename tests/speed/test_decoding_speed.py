"""Greedy decoding of whole answers on one core, against reading again for each token and against others, in one run.

Rates beside other libraries, and seconds, are counted in processor time of one thread, which the load of a machine
moves less than a clock on the wall. minGPT and nanoGPT are on no package index and keep no keys and values between
tokens: reading again stands for them.
"""

import copy
import time

import pytest
import torch

from enigmath.baselines.decoding import greedy
from enigmath.baselines.encoder_decoder import EncoderDecoder
from enigmath.baselines.encodings import Encoding
from enigmath.baselines.mlp import CharacterMLP
from enigmath.baselines.products import for_answers
from enigmath.baselines.recurrent import Seq2Seq
from enigmath.baselines.tokens import END, MARGIN, MARKS, PAD, Tokenizer
from enigmath.baselines.transformer import Transformer

pytestmark = [pytest.mark.speed, pytest.mark.slow]

PROBLEMS, QUESTION, ANSWER = 512, 16, 12
ANSWERS, SECONDS = 10_000, 5.0
"""A recurrent network writes so many answers of eight characters in so many seconds at most."""

OWED = {torch.float32: 1.6, torch.bfloat16: 3.0}
"""How many times the rate of Hugging Face's `generate` with its cache, in float32, decoding owes by its weights."""

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
    tokenizer = _tokenizer(ANSWER)
    model, floor = MODELS[name]
    network = model.build(tokenizer).eval()
    questions = torch.randint(MARKS, tokenizer.size, (PROBLEMS, QUESTION))
    written = benchmark.pedantic(lambda: greedy(for_answers(network), questions, ANSWER), rounds=5, warmup_rounds=1)
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


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("weights", OWED, ids=str)
def test_decoding_outruns_hugging_face(benchmark, weights) -> None:
    """The peer: GPT-2 of equal size, `generate` with its cache, float32; rounds in turn, so that both meet one load."""
    transformers = pytest.importorskip("transformers")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = _tokenizer(ANSWER)
    shape = {"n_embd": 128, "n_layer": 4, "n_head": 4, "n_positions": QUESTION + ANSWER}
    config = transformers.GPT2Config(vocab_size=tokenizer.size, bos_token_id=None, eos_token_id=None, **shape)
    peer = transformers.GPT2LMHeadModel(config).eval()
    network = Transformer(width=128, layers=4).build(tokenizer).eval()
    network.logits.weight.data[END] = 0.0  # neither ends an answer before its time
    network = copy.deepcopy(network).to(weights)
    questions = torch.randint(MARKS, tokenizer.size, (PROBLEMS, QUESTION))
    theirs: list[float] = []

    def generate() -> None:
        began = time.process_time()
        with torch.no_grad():
            peer.generate(questions, max_new_tokens=ANSWER, do_sample=False, use_cache=True, pad_token_id=PAD)
        theirs.append(time.process_time() - began)

    benchmark.pedantic(
        lambda: greedy(for_answers(network), questions, ANSWER), setup=generate, rounds=7, warmup_rounds=1
    )
    ratio = min(theirs) / benchmark.stats.stats.min
    benchmark.extra_info["problems a second"] = round(PROBLEMS / benchmark.stats.stats.min)
    benchmark.extra_info["times Hugging Face generate"] = ratio
    benchmark.extra_info["owed"] = OWED[weights]
    assert ratio > 0.8 * OWED[weights]  # a machine that others use as well moves the ratio by a fifth


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_recurrent_networks_write_ten_thousand_answers_in_five_seconds(benchmark, cell) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = _tokenizer(8)
    network = Seq2Seq(width=128, cell=cell).build(tokenizer).eval()
    network.logits.bias.data[END] = -100.0  # no answer ends before its time
    questions = torch.randint(MARKS, tokenizer.size, (ANSWERS, QUESTION))

    def run() -> None:
        for some in questions.split(PROBLEMS):
            greedy(for_answers(network), some, 8)

    benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    benchmark.extra_info["answers a second"] = round(ANSWERS / benchmark.stats.stats.min)
    assert benchmark.stats.stats.min < SECONDS


def _tokenizer(answer: int) -> Tokenizer:
    return Tokenizer(b"()*+-./0123456789", Encoding(), Encoding(), QUESTION, answer - MARGIN)
