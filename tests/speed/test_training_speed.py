"""A training step on one core, against the same transformer of torch.nn fed by a DataLoader, in one run."""

import time

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from enigmath.baselines.encodings import from_arrow
from enigmath.baselines.neural import tokenized
from enigmath.baselines.tokens import Tokenizer, learn_tokens
from enigmath.baselines.training import Tokenized, answer_loss, train
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
