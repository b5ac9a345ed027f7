"""From the problems that a model is given to the tokens that its network is trained on."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from enigmath.baselines.batches import Tokenized
from enigmath.baselines.encodings import Texts, from_arrow
from enigmath.baselines.tokens import PAD, Tokenizer
from enigmath.bench.contracts import Examples, UserError

Levels = npt.NDArray[np.int64]
"""The numbers of the levels of the training problems, ascending."""


def tokenized(
    tokenizer: Tokenizer,
    examples: Examples,
    device: torch.device,
    *,
    encoded: Sequence[Texts] = (),
    levels: Levels | None = None,
    whole_answers: bool = False,
) -> Tokenized:
    """Examples as tokens on the device; those with a question that the tokenizer cannot hold are left out.

    With `whole_answers` so are those with an answer that it would cut. With `levels` each problem's is told. `encoded`
    are the questions and the answers as the tokenizer encodes them, where they are at hand.
    """
    table = examples.table
    questions, answers = encoded or (
        tokenizer.question_encoding.encode(from_arrow(table["question"])),
        tokenizer.answer_encoding.encode(from_arrow(table["answer"])),
    )
    matrix, lengths, known = tokenizer.question_matrix(questions)
    fits = known & (lengths <= tokenizer.question_length)
    if whole_answers:
        fits &= answers.lengths < tokenizer.answer_length
    chosen = slice(None) if fits.all() else np.flatnonzero(fits)  # a slice copies nothing
    ranks = None
    if levels is not None:
        ranks = torch.from_numpy(np.searchsorted(levels, table["level"].to_numpy()[chosen])).to(device)
    columns = np.ascontiguousarray(matrix[chosen, matrix.shape[1] - tokenizer.question_length :])
    written = tokenizer.answer_matrix(answers)[chosen]
    return Tokenized(torch.from_numpy(columns).to(device), torch.from_numpy(written).to(device), ranks)


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
