"""What all networks here share as models: keywords, fit, predict, save and load.

A model is a dataclass whose fields are its keywords. A family adds its own (width, layers, ...) and says how to build
its network from a Tokenizer; the rest is the same for all, so that families differ by their networks alone.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from enigmath.baselines.decoding import Writer, greedy
from enigmath.baselines.encodings import ENCODINGS, from_arrow
from enigmath.baselines.tokens import Tokenizer, learn_tokens
from enigmath.baselines.training import PRECISIONS, Recipe, Tokenized, chosen_precision
from enigmath.baselines.training import train as train_network
from enigmath.bench.contracts import Budget, Examples, Fit, UserError, unknown

FORMAT = "enigmath-neural-1"
"""Names the layout of a weights file; another layout gets another name."""

DECODED_AT_ONCE = 2048
"""Answers written in one batch: enough to fill the machine, few enough to fit into its memory."""


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves: the network and the tokenizer that it was trained with."""

    network: nn.Module
    tokenizer: Tokenizer


@dataclass
class NeuralModel:
    """The keywords that all networks share.

    encoding: how numbers are written for the network, one of "plain", "reversed", "zero-padded", "reversed-padded", or
        "prefix", which writes whole formulas in prefix order.
    learning_rate, batch, warmup (steps), decay (share of the budget), weight_decay, clip (norm of the gradient): AdamW.
    check: steps between two points of the learning curve. patience: points without progress before giving up, 0 never.
    precision: of the matrix products in training, "float32", "bfloat16" or "auto"; answers are written in float32.
    """

    encoding: str = "reversed-padded"
    learning_rate: float = 3e-3
    batch: int = 128
    warmup: int = 100
    decay: float = 0.3
    weight_decay: float = 0.01
    clip: float = 1.0
    check: int = 50
    patience: int = 0
    precision: str = "auto"
    seed: int = 0
    device: str = "cpu"
    _fitted: Fitted | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise unknown("encoding", self.encoding, ENCODINGS, where=type(self).__name__)
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS, where=type(self).__name__)
        for name in ("learning_rate", "batch", "check"):
            if not getattr(self, name) > 0:
                raise UserError(f"{name} is {getattr(self, name)}", where=type(self).__name__, mend="make it positive")
        if not 0.0 < self.decay <= 1.0:
            raise UserError(
                f"decay is {self.decay}", where=type(self).__name__, mend="give a share, over 0 and up to 1"
            )

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The family's network with fresh weights."""
        raise NotImplementedError

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Learn the tokenizer and the weights."""
        if len(train) == 0:
            raise UserError(
                "nothing to learn from", where=type(self).__name__, mend="give at least one training problem"
            )
        tokenizer = learn_tokens(self.encoding, from_arrow(train.table["question"]), from_arrow(train.table["answer"]))
        device = torch.device(self.device)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self.seed)
            network = self.build(tokenizer).to(device)
            self._fitted = Fitted(network, tokenizer)
            fit = train_network(
                network,
                self.recipe(),
                tokenized(tokenizer, train, device),
                tokenized(tokenizer, validation, device),
                budget,
                self.seed,
            )
        facts = {
            **fit.facts,
            "vocabulary": tokenizer.size,
            "answer_encoding": tokenizer.answer_encoding.name,
            "question_columns": tokenizer.question_length,
            "answer_columns": tokenizer.answer_length,
            "precision": self.recipe().precision,
        }
        return Fit(fit.outcome, fit.curve, facts)

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One answer a question, decoded greedily; None where a question has a character that training never had."""
        if self._fitted is None:
            raise UserError("not fitted yet", where=type(self).__name__, mend="fit it or load its weights first")
        network, tokenizer = self._fitted.network, self._fitted.tokenizer
        matrix, lengths, known = tokenizer.questions(from_arrow(pa.array(questions, pa.large_string())))
        written = np.zeros((len(questions), tokenizer.longest), np.uint8)
        # Rows longer than any in training go by themselves: they must not widen the others' columns.
        columns = np.maximum(lengths, tokenizer.question_length)
        for width in np.unique(columns[known]):
            rows = np.flatnonzero(known & (columns == width))
            for some in np.array_split(rows, math.ceil(len(rows) / DECODED_AT_ONCE)):
                tokens = torch.from_numpy(matrix[some, matrix.shape[1] - width :]).to(self.device).long()
                answers = greedy(cast(Writer, network), tokens, tokenizer.longest)
                written[some] = answers.cpu().numpy()
        texts = tokenizer.strings(written)
        return [text if sure else None for text, sure in zip(texts, known.tolist(), strict=True)]

    def recipe(self) -> Recipe:
        """The keywords that the training loop takes."""
        keywords = {item.name: getattr(self, item.name) for item in fields(Recipe)}
        keywords["precision"] = chosen_precision(self.precision, torch.device(self.device))
        return Recipe(**keywords)

    def config(self) -> dict[str, Any]:
        """The keywords, as plain values."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    def save(self, path: Path) -> None:
        """Weights as tensors, keywords and tokenizer as JSON, in one safetensors file."""
        if self._fitted is None:
            raise UserError("nothing to save", where=type(self).__name__, mend="fit it first")
        about = {"model": type(self).__name__, "config": self.config(), "tokenizer": self._fitted.tokenizer.to_json()}
        weights = {name: value.contiguous() for name, value in self._fitted.network.state_dict().items()}
        save_file(weights, path, metadata={"format": FORMAT, "about": json.dumps(about, sort_keys=True)})

    def load(self, path: Path) -> None:
        """Read what `save` wrote; UserError for a damaged file or one that other keywords made."""
        try:
            with safe_open(path, framework="pt", device="cpu") as file:
                metadata = file.metadata() or {}
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise UserError(f"no weights to read: {error}", where=str(path), mend="fit the model again") from None
        tokenizer = _tokenizer_in(metadata, self, path)
        with torch.device("meta"):  # shapes alone: a hostile file must not make us fill the memory
            _require_same_shapes(self.build(tokenizer), weights, path)
        with torch.random.fork_rng(devices=[]):
            network = self.build(tokenizer)
        network.load_state_dict(weights)
        self._fitted = Fitted(network.to(self.device).eval(), tokenizer)


def tokenized(tokenizer: Tokenizer, examples: Examples, device: torch.device) -> Tokenized:
    """Examples as tokens on the device; those with a question that the tokenizer cannot hold are left out."""
    matrix, lengths, known = tokenizer.questions(from_arrow(examples.table["question"]))
    answers = tokenizer.answers(from_arrow(examples.table["answer"]))
    fits = known & (lengths <= tokenizer.question_length)
    columns = slice(matrix.shape[1] - tokenizer.question_length, None)
    return Tokenized(torch.from_numpy(matrix[fits, columns]).to(device), torch.from_numpy(answers[fits]).to(device))


def _tokenizer_in(metadata: dict[str, str], model: NeuralModel, path: Path) -> Tokenizer:
    """The tokenizer in a weights file, once the file is known to be of this family and these keywords."""
    if metadata.get("format") != FORMAT:
        raise UserError(f"not a weights file of format {FORMAT}", where=str(path), mend="fit the model again")
    try:
        about = json.loads(metadata["about"])
        name, config = str(about["model"]), dict(about["config"])
        tokenizer = Tokenizer.from_json(about["tokenizer"])
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"unreadable metadata: {error!r}", where=str(path), mend="fit the model again") from None
    if name != type(model).__name__:
        raise UserError(f"holds a {name}, not a {type(model).__name__}", where=str(path))
    for keyword, value in model.config().items():
        if keyword not in ("seed", "device") and config.get(keyword) != value:
            raise UserError(
                f"was made with {keyword} = {config.get(keyword)!r}, not {value!r}",
                where=str(path),
                mend="load it into a model with the same keywords",
            )
    return tokenizer


def _require_same_shapes(network: nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    wanted = {name: (tuple(value.shape), value.dtype) for name, value in network.state_dict().items()}
    given = {name: (tuple(value.shape), value.dtype) for name, value in weights.items()}
    for name in sorted(wanted.keys() | given.keys()):
        if wanted.get(name) != given.get(name):
            raise UserError(
                f"tensor {name!r} is {given.get(name, 'missing')}, where {wanted.get(name, 'none')} is needed",
                where=str(path),
                mend="fit the model again",
            )
