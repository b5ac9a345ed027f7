"""From the problems that a model is given to the tokens that its network is trained on."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import torch

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.encodings import from_arrow
from enigmath.baselines.tokens import PAD, Tokenizer
from enigmath.bench.contracts import Examples, UserError

Levels = npt.NDArray[np.int64]
"""The numbers of the levels of the training problems, ascending."""


def tokenized(
    tokenizer: Tokenizer,
    examples: Examples,
    device: torch.device,
    *,
    levels: Levels | None = None,
    whole_answers: bool = False,
) -> Tokenized:
    """Examples as tokens on the device; those with a question that the tokenizer cannot hold are left out.

    With `whole_answers` so are those with an answer that it would cut. With `levels` each problem's is told.
    """
    matrix, lengths, known = tokenizer.questions(from_arrow(examples.table["question"]))
    texts = from_arrow(examples.table["answer"])
    fits = known & (lengths <= tokenizer.question_length)
    if whole_answers:
        fits &= tokenizer.answer_encoding.encode(texts).lengths < tokenizer.answer_length
    answers = tokenizer.answers(texts)
    columns = slice(matrix.shape[1] - tokenizer.question_length, None)
    ranks = None
    if levels is not None:
        numbers = examples.table["level"].to_numpy()[fits]
        ranks = torch.from_numpy(np.searchsorted(levels, numbers)).to(device)
    questions = torch.from_numpy(matrix[fits, columns]).to(device)
    return Tokenized(questions, torch.from_numpy(answers[fits]).to(device), ranks)


def fresh_problems(
    tokenizer: Tokenizer, examples: Examples, device: torch.device, *, levels: Levels | None, where: str
) -> Callable[[int], Iterator[Tokenized]]:
    """The fresh tables of the examples as tokens, from the one of a given number on; UserError where there are none."""
    fresh = examples.fresh
    if fresh is None:
        mend = "leave fresh out, or take tasks that are bulk"
        raise UserError("nothing draws fresh problems here", where=where, mend=mend)

    def tables(first: int) -> Iterator[Tokenized]:
        for table in fresh(first):
            yield tokenized(tokenizer, Examples(table), device, levels=levels, whole_answers=True)

    return tables


def levels_of(examples: Examples, where: str) -> Levels:
    """The numbers of their levels; UserError where the problems do not tell them."""
    if "level" not in examples.table.column_names:
        mend = "give them a column `level`, as datasets have it"
        raise UserError("a curriculum needs to know the levels of the problems", where=where, mend=mend)
    return np.unique(examples.table["level"].to_numpy()).astype(np.int64)


def tokens_per_answer(tokenizer: Tokenizer, examples: Examples) -> float:
    """The mean number of tokens in what is to be written for a problem, END included: what an answer costs."""
    answers = tokenizer.answers(from_arrow(examples.table["answer"]))
    return round(float((answers != PAD).sum() / max(len(answers), 1)), 2)
