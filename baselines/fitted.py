"""A fitted network with its tokenizer: what can be asked of it, whatever the family.

It writes answers, says how likely an answer is, and shows what it holds inside: the state after a question, and the
vectors of its symbols. Questions are taken a block at a time, in float32.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import Writer
from enigmath.baselines.encodings import from_arrow
from enigmath.baselines.products import for_answers
from enigmath.baselines.tokens import END, PAD, START, Tokenizer
from enigmath.bench.contracts import UserError

AT_ONCE = 2048
"""Answers in one batch: enough to fill the machine, few enough to fit into its memory."""

Rows = npt.NDArray[np.int64]
Known = npt.NDArray[np.bool_]


class Thinker(Protocol):
    """A network whose inner states can be looked at."""

    def hidden(self, questions: Tensor) -> Tensor:
        """The state (n, layers, width) from which the first token after questions (n, columns) is written."""
        ...


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: the network, and the tokenizer that it was trained with."""

    network: nn.Module
    tokenizer: Tokenizer

    @property
    def device(self) -> torch.device:
        """Where the network's weights lie."""
        return next(self.network.parameters()).device

    def blocks(self, questions: Sequence[str], at_once: int = AT_ONCE) -> tuple[Known, Iterator[tuple[Rows, Tensor]]]:
        """Which questions hold known characters alone, shape (n,); and those, as rows with their tokens, in blocks."""
        matrix, lengths, known = self.tokenizer.questions(from_arrow(pa.array(questions, pa.large_string())))
        # Rows longer than any in training go by themselves: they must not widen the others' columns.
        columns = np.maximum(lengths, self.tokenizer.question_length)

        def made() -> Iterator[tuple[Rows, Tensor]]:
            for width in np.unique(columns[known]):
                rows = np.flatnonzero(known & (columns == width))
                for some in np.array_split(rows, math.ceil(len(rows) / at_once)):
                    yield some, torch.from_numpy(matrix[some, matrix.shape[1] - width :]).to(self.device).long()

        return known, made()

    def write(
        self, questions: Sequence[str], decode: Callable[[Writer, Tensor, int], Tensor], at_once: int = AT_ONCE
    ) -> list[str | None]:
        """An answer a question, by a way of decoding; None where a question has a character that training never had."""
        written = np.zeros((len(questions), self.tokenizer.longest), self.tokenizer.dtype)
        known, blocks = self.blocks(questions, at_once)
        network = for_answers(cast(Writer, self.network))
        for rows, tokens in blocks:
            written[rows] = decode(network, tokens, self.tokenizer.longest).cpu().numpy()
        texts = self.tokenizer.strings(written)
        return [text if sure else None for text, sure in zip(texts, known.tolist(), strict=True)]

    @torch.no_grad()
    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> npt.NDArray[np.float64]:
        """Nats of each whole answer as the encoding writes it, END included, shape (n,).

        Minus infinity for an answer, or after a question, with a character that training never had.
        """
        if self.tokenizer.answer_encoding.valued:
            mend = "take another encoding: xval writes a number's value, and gives it no likelihood"
            raise UserError("no likelihood of numbers as values", where="log_likelihood", mend=mend)
        if len(questions) != len(answers):
            raise UserError(f"{len(answers)} answers to {len(questions)} questions", where="log_likelihood")
        texts = from_arrow(pa.array(answers, pa.large_string()))
        longest = int(self.tokenizer.answer_encoding.encode(texts).lengths.max(initial=0)) + 1
        wanted = replace(self.tokenizer, answer_length=longest).answers(texts)
        lengths = (wanted == END).argmax(axis=1) + 1
        writable = (wanted != PAD).sum(axis=1) == lengths
        nats = np.full(len(questions), -np.inf)
        for rows, tokens in self.blocks(questions)[1]:
            columns = lengths[rows].max()
            target = torch.from_numpy(wanted[rows, :columns]).to(self.device).long()
            logits = self.network(tokens, target)
            loss = functional.cross_entropy(
                logits.flatten(0, 1).float(), target.flatten(), ignore_index=PAD, reduction="none"
            )
            nats[rows] = -loss.view_as(target).double().sum(dim=1).cpu().numpy()
        nats[~writable] = -np.inf
        return nats

    @torch.no_grad()
    def hidden_states(self, questions: Sequence[str], layer: int = -1) -> npt.NDArray[np.float32]:
        """The state of one layer after each question, shape (n, width); NaN where a question cannot be read."""
        network = cast(Thinker, self.network)
        layers, width = network.hidden(torch.full((1, 1), START, device=self.device)).shape[1:]
        if not -layers <= layer < layers:
            mend = f"take one from 0 to {layers - 1}, or -1 for the last"
            raise UserError(f"no layer {layer}", where="hidden_states", mend=mend)
        states = np.full((len(questions), width), np.nan, np.float32)
        for rows, tokens in self.blocks(questions)[1]:
            states[rows] = network.hidden(tokens)[:, layer].float().cpu().numpy()
        return states

    def embedding(self) -> tuple[list[str], npt.NDArray[np.float32]]:
        """The symbols, marks first, and their vectors, shape (n, width)."""
        size = self.tokenizer.size
        tables = [module for module in self.network.modules() if isinstance(module, nn.Embedding)]
        table = next((table for table in tables if table.num_embeddings == size), None)
        if table is None:
            raise UserError("looks up no symbols as vectors", where=type(self.network).__name__)
        return self.tokenizer.names(), cast(Any, table.weight.detach().float().cpu().numpy())
