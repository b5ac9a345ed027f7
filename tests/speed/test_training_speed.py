"""A training step on one core, against the same transformer of torch.nn fed by a DataLoader and of others, in one run.

nanoGPT and minGPT are on no package index and are left out.
"""

import shutil
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from enigmath.baselines.descent import Descent
from enigmath.baselines.encodings import Encoding, from_arrow
from enigmath.baselines.neural import tokenized
from enigmath.baselines.tokens import MARKS, Tokenizer, learn_tokens
from enigmath.baselines.training import Tokenized, answer_loss, chosen_precision, train
from enigmath.baselines.transformer import Transformer, after_start, causal_mask
from enigmath.bench.contracts import Budget, Examples

pytestmark = [pytest.mark.speed, pytest.mark.slow]

WIDTH, LAYERS, HEADS, BATCH, STEPS = 64, 2, 4, 128, 60


@pytest.fixture(scope="module")
def problems() -> tuple[Tokenizer, Tokenized]:
    """50,000 additions of five digits: 11 columns of question, 7 of answer."""
    torch.set_num_threads(1)
    first, second = np.random.default_rng(0).integers(0, 10**5, (2, 50_000))
    questions = [f"{left}+{right}" for left, right in zip(first, second, strict=True)]
    table = pa.table({"question": questions, "answer": [str(value) for value in first + second]})
    tokenizer = learn_tokens("reversed-padded", from_arrow(table["question"]), from_arrow(table["answer"]))
    return tokenizer, tokenized(tokenizer, Examples(table), torch.device("cpu"))


@pytest.mark.parametrize("precision", ["float32", "auto"])
def test_our_loop_outruns_the_one_of_the_textbook(benchmark, problems, precision) -> None:
    """The peer: nn.TransformerEncoder, DataLoader, AdamW, the loss read after each step; float32, same size."""
    tokenizer, data = problems
    model = Transformer(width=WIDTH, layers=LAYERS, heads=HEADS, batch=BATCH, check=STEPS, precision=precision)
    network = model.build(tokenizer)
    nothing = Tokenized(data.questions[:0], data.answers[:0])

    def run() -> None:
        train(network, model.recipe(), data, nothing, Budget(steps=STEPS), 0)

    benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    ours, peer = benchmark.stats.stats.min, min(_textbook(tokenizer, data) for _ in range(2))
    benchmark.extra_info["examples a second"] = round(STEPS * BATCH / ours)
    benchmark.extra_info["times torch.nn with a DataLoader"] = peer / ours
    assert peer / ours > 1.2


def _textbook(tokenizer: Tokenizer, data: Tokenized) -> float:
    """Seconds that the peer takes for as many steps."""
    length = data.questions.shape[1] + data.answers.shape[1]
    token, column = nn.Embedding(tokenizer.size, WIDTH), nn.Embedding(length, WIDTH)
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
    stack = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
    logits = nn.Linear(WIDTH, tokenizer.size)
    parts = nn.ModuleList([token, column, stack, logits])
    optimizer = torch.optim.AdamW(parts.parameters(), lr=1e-3)
    mask = causal_mask(length, column.weight)
    loader = DataLoader(TensorDataset(data.questions, data.answers), BATCH, shuffle=True)
    began = time.perf_counter()
    for step, (questions, answers) in enumerate(loader, start=1):
        questions, answers = questions.long(), answers.long()
        tokens = torch.cat([questions, after_start(answers)], dim=1)
        stream = stack(token(tokens) + column.weight, mask=mask, is_causal=True)
        loss = answer_loss(logits(stream)[:, questions.shape[1] :], answers)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
        optimizer.step()
        loss.item()
        if step == STEPS:
            break
    return time.perf_counter() - began


QUESTION, ANSWER, SEQUENCES = 20, 12, 256
"""The peers' step: 256 texts of 32 columns, width 128, 4 layers, 4 heads."""

OWED = {"Hugging Face GPT-2, float32": 3.5, "x-transformers, bfloat16": 1.0}
"""How many times the peer's rate a step in bfloat16 owes."""


@pytest.mark.benchmark(timer=time.process_time)  # which the load of a machine moves less than a clock on the wall
@pytest.mark.skipif(chosen_precision("auto", torch.device("cpu")) != "bfloat16", reason="no bfloat16 in this processor")
@pytest.mark.parametrize("name", OWED)
def test_a_step_in_bfloat16_outruns_others(benchmark, name) -> None:
    """Loss on the answer alone, AdamW and clipped gradients for all; rounds in turn, so that both meet one load."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = Tokenizer(b"()*+-./0123456789", Encoding(), Encoding(), QUESTION, ANSWER)
    tokens = torch.randint(MARKS, tokenizer.size, (SEQUENCES, QUESTION + ANSWER))
    model = Transformer(width=128, layers=4, batch=SEQUENCES, precision="bfloat16")
    ours = _stepper(model.build(tokenizer), lambda net: answer_loss(net(*_parted(tokens)), _parted(tokens)[1]), True)
    step = _hugging_face(tokens, tokenizer.size) if "GPT-2" in name else _x_transformers(tokens, tokenizer.size)
    theirs: list[float] = []

    def peer() -> None:
        began = time.process_time()
        step()
        theirs.append(time.process_time() - began)

    benchmark.pedantic(ours, setup=peer, rounds=10, warmup_rounds=2)
    ratio = min(theirs) / benchmark.stats.stats.min
    benchmark.extra_info["thousand tokens a second"] = tokens.numel() / benchmark.stats.stats.min / 1000
    benchmark.extra_info[f"times {name}"] = ratio
    benchmark.extra_info["owed"] = OWED[name]
    assert ratio > 0.8 * OWED[name]  # a machine that others use as well moves the ratio by a fifth


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler (g++) to compile with")
@pytest.mark.parametrize("precision", ["float32", "auto"])
def test_a_compiled_step_outruns_the_plain_one(benchmark, precision) -> None:
    """The same descent with and without, rounds in turn; compiling itself is told beside."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = Tokenizer(b"()*+-./0123456789", Encoding(), Encoding(), QUESTION, ANSWER)
    tokens = torch.randint(MARKS, tokenizer.size, (SEQUENCES, QUESTION + ANSWER))
    recipes = [Transformer(precision=precision, compiled=choice).recipe() for choice in (False, True)]
    model = Transformer(width=128, layers=4)
    plain, compiled = (Descent(model.build(tokenizer), recipe) for recipe in recipes)
    began = time.perf_counter()
    compiled.step(1e-3, *_parted(tokens))
    benchmark.extra_info["seconds of compiling"] = round(time.perf_counter() - began, 1)
    theirs: list[float] = []

    def peer() -> None:
        began = time.perf_counter()
        plain.step(1e-3, *_parted(tokens))
        theirs.append(time.perf_counter() - began)

    benchmark.pedantic(lambda: compiled.step(1e-3, *_parted(tokens)), setup=peer, rounds=10, warmup_rounds=2)
    ratio = min(theirs) / benchmark.stats.stats.min
    benchmark.extra_info["times the plain step"] = round(ratio, 2)
    assert ratio > 1.0


def _parted(tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return tokens[:, :QUESTION], tokens[:, QUESTION:]


def _stepper(network: nn.Module, loss_of: Callable[[nn.Module], torch.Tensor], bfloat16: bool) -> Callable[[], None]:
    """One step of descent, the same for all."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = loss_of(network)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    return step


def _hugging_face(tokens: torch.Tensor, vocabulary: int) -> Callable[[], None]:
    transformers = pytest.importorskip("transformers")
    shape = {"n_embd": 128, "n_layer": 4, "n_head": 4, "n_positions": tokens.shape[1]}
    no_dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    config = transformers.GPT2Config(vocab_size=vocabulary, bos_token_id=None, eos_token_id=None, **shape, **no_dropout)
    labels = tokens.clone()
    labels[:, :QUESTION] = -100  # what Hugging Face leaves out of the loss
    return _stepper(transformers.GPT2LMHeadModel(config), lambda net: net(tokens, labels=labels).loss, False)


def _x_transformers(tokens: torch.Tensor, vocabulary: int) -> Callable[[], None]:
    x_transformers = pytest.importorskip("x_transformers")
    layers = x_transformers.Decoder(dim=128, depth=4, heads=4, attn_dim_head=32)
    network = x_transformers.TransformerWrapper(num_tokens=vocabulary, max_seq_len=64, attn_layers=layers)
    return _stepper(network, lambda net: answer_loss(net(tokens[:, :-1])[:, QUESTION - 1 :], _parted(tokens)[1]), True)
