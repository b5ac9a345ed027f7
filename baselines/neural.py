"""What all networks here share as models: keywords, fit, predict, save and load.

A model is a dataclass whose fields are its keywords. A family adds its own (width, layers, ...) and says how to build
its network from a Tokenizer; the rest is the same for all, so that families differ by their networks alone.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from enigmath.baselines.compiled import require_compiler
from enigmath.baselines.decoding import beam, greedy, sampled
from enigmath.baselines.encodings import from_arrow, require_encoding
from enigmath.baselines.fitted import AT_ONCE, Fitted
from enigmath.baselines.problems import fresh_problems, levels_of, tokenized, tokens_per_answer
from enigmath.baselines.scratchpad import answer_in, require_steps, worked_out
from enigmath.baselines.tokens import MARGIN, Tokenizer, learn_and_encode
from enigmath.baselines.training import PRECISIONS, SCHEDULES, SELECTIONS, Recipe, chosen_precision
from enigmath.baselines.training import train as train_network
from enigmath.bench.contracts import Budget, Examples, Fit, Task, UserError, unknown

FORMAT = "enigmath-neural-2"
"""Names the layout of a weights file; another layout gets another name."""

STEEPEST = 10.0
"""The greatest length penalty: a thousand symbols to a power much above it are no number any more."""

NOT_IN_WEIGHTS = ("seed", "device", "beam", "length_penalty", "compiled")
"""Keywords that may be others when weights are read back: no weight depends on them, once it is there."""


@dataclass
class NeuralModel:
    """The keywords that all networks share.

    encoding: how numbers are written for the network: "plain", "reversed", "zero-padded", "reversed-padded", "base-B"
        for any B, "prefix" (whole formulas in prefix order); or rounded, "p10", "p1000", "b1999", "fp15", "xval".
    learning_rate, batch, warmup (steps), decay (share of the budget), weight_decay, clip (norm of the gradient): AdamW.
    check: steps between two points of the learning curve. patience: points without progress before giving up, 0 never.
    precision: of the matrix products in training, "float32", "bfloat16" or "auto"; answers are written in float32.
    schedule: of the learning rate after its warm-up, "linear" (level, then down over the last `decay`), "cosine",
        "constant", or "rising", which is for finding a rate. average: decay of a moving average of the weights, which
        then is what validates and answers, as 0.99; 0 for none. curriculum: share of the budget over which the harder
        levels are let in, one after another. fresh: learn from problems drawn without end, each seen once; the training
        problems only teach the tokens then.
    select: what the weights are chosen by on validation, "exact" or, for answers that chance has a part in, "loss".
    compiled: whether training is compiled first, see compiled.py: for long fits of answers alike in length.
    margin: symbols by which an answer may be longer than any in training; more where numbers grow past those.
    dropout: share of the units that a training step leaves out, where the family says; 0 draws no random numbers.
    scratchpad: whether the steps that the task offers are learnt and written before the answer; see scratchpad.
    beam: answers that are followed at a time, 1 for greedy decoding. length_penalty: see decoding.beam; 0 is best here.
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
    schedule: str = "linear"
    average: float = 0.0
    curriculum: float = 0.0
    fresh: bool = False
    select: str = "exact"
    compiled: bool = False
    margin: int = MARGIN
    dropout: float = 0.0
    scratchpad: bool = False
    beam: int = 1
    length_penalty: float = 0.0
    seed: int = 0
    device: str = "cpu"
    _fitted: Fitted | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_encoding(self.encoding, where=type(self).__name__)
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS, where=type(self).__name__)
        for name in ("learning_rate", "batch", "check", "beam", "clip"):
            if not 0 < getattr(self, name) < math.inf:
                raise UserError(f"{name} is {getattr(self, name)}", where=type(self).__name__, mend="make it positive")
        for name in ("warmup", "weight_decay", "patience", "margin"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UserError(f"{name} is {getattr(self, name)}", where=type(self).__name__, mend="give 0 or more")
        if self.encoding == "xval" and self.beam > 1:
            mend = "take beam 1: numbers as values have no likelihood to compare"
            raise UserError(f"beam {self.beam} with the encoding 'xval'", where=type(self).__name__, mend=mend)
        if not 0.0 <= self.length_penalty <= STEEPEST:
            what = f"a length penalty of {self.length_penalty}"
            raise UserError(what, where=type(self).__name__, mend=f"give 0 for none, or a power up to {STEEPEST:g}")
        if self.schedule not in SCHEDULES:
            raise unknown("schedule", self.schedule, SCHEDULES, where=type(self).__name__)
        if self.select not in SELECTIONS:
            raise unknown("selection", self.select, SELECTIONS, where=type(self).__name__)
        for name in ("average", "curriculum"):
            if not 0.0 <= getattr(self, name) < 1.0:
                given = f"{name} is {getattr(self, name)}"
                raise UserError(given, where=type(self).__name__, mend="give a share, from 0 and under 1")
        if not 0.0 < self.decay <= 1.0:
            raise UserError(
                f"decay is {self.decay}", where=type(self).__name__, mend="give a share, over 0 and up to 1"
            )
        if not 0.0 <= self.dropout < 1.0:
            raise UserError(f"dropout is {self.dropout}", where=type(self).__name__, mend="give a share below 1")

    def build(self, tokenizer: Tokenizer) -> nn.Module:
        """The family's network with fresh weights."""
        raise NotImplementedError

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Learn the tokenizer and the weights."""
        if len(train) == 0:
            raise UserError(
                "nothing to learn from", where=type(self).__name__, mend="give at least one training problem"
            )
        if self.scratchpad:
            train, validation = (worked_out(examples, type(self).__name__) for examples in (train, validation))
        texts = from_arrow(train.table["question"]), from_arrow(train.table["answer"])
        tokenizer, *encoded = learn_and_encode(self.encoding, *texts, self.margin)
        device = torch.device(self.device)
        where = type(self).__name__
        levels = levels_of(train, where) if self.curriculum else None
        fresh = fresh_problems(tokenizer, train, device, levels=levels, where=where) if self.fresh else None
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self.seed)
            network = self.build(tokenizer).to(device)
            self._fitted = Fitted(network, tokenizer)
            fit = train_network(
                network,
                self.recipe(),
                tokenized(tokenizer, train, device, encoded=encoded, levels=levels),
                tokenized(tokenizer, validation, device),
                budget,
                self.seed,
                fresh,
            )
        facts = {
            **fit.facts,
            "vocabulary": tokenizer.size,
            "answer_encoding": tokenizer.answer_encoding.name,
            "question_columns": tokenizer.question_length,
            "answer_columns": tokenizer.answer_length,
            "tokens_per_answer": tokens_per_answer(tokenizer, validation if len(validation) else train),
            "precision": self.recipe().precision,
        }
        return Fit(fit.outcome, fit.curve, facts)

    def require(self, task: Task) -> None:
        """UserError for a task without steps, where they are to be written, or not bulk, where it draws without end; or
        where nothing can compile what is to be compiled.
        """
        if self.compiled:
            require_compiler(torch.device(self.device))
        if self.scratchpad:
            require_steps(task, type(self).__name__)
        if self.fresh and not task.bulk:
            mend = "leave fresh out, or take a task that is bulk"
            raise UserError(
                f"{task.name} draws its problems one by one: too slow to be fresh", where="fresh", mend=mend
            )

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One answer a question; None where a question has a character that training never had."""
        return self._answers(self.work(questions))

    def work(self, questions: Sequence[str]) -> list[str | None]:
        """All that is written for each question: with a scratchpad, the steps and the answer, divided by `;`."""
        if self.beam == 1:
            return self.fitted.write(questions, greedy)
        search = partial(beam, width=self.beam, length_penalty=self.length_penalty)
        return self.fitted.write(questions, search, max(1, AT_ONCE // self.beam))

    def sample(self, questions: Sequence[str], temperature: float = 1.0, *, seed: int = 0) -> list[str | None]:
        """Answers drawn from the model's distribution, its logits divided by the temperature; 0 is greedy.

        With a scratchpad the steps are drawn as well.
        """
        if not 0.0 <= temperature < math.inf:
            raise UserError(f"a temperature of {temperature}", where="sample", mend="give 0 for greedy, or more")
        if temperature == 0.0:
            return self._answers(self.fitted.write(questions, greedy))
        generator = torch.Generator(self.fitted.device).manual_seed(seed)
        draw = partial(sampled, temperature=temperature, generator=generator)
        return self._answers(self.fitted.write(questions, draw))

    def _answers(self, texts: list[str | None]) -> list[str | None]:
        return [answer_in(text) for text in texts] if self.scratchpad else texts

    def log_likelihood(self, questions: Sequence[str], answers: Sequence[str]) -> npt.NDArray[np.float64]:
        """Nats of each whole answer, shape (n,), with a scratchpad of `steps;answer`; see Fitted.log_likelihood."""
        return self.fitted.log_likelihood(questions, answers)

    def hidden_states(self, questions: Sequence[str], layer: int = -1) -> npt.NDArray[np.float32]:
        """The state of a layer, the last by default, after each question: shape (n, width)."""
        return self.fitted.hidden_states(questions, layer)

    def embedding(self) -> tuple[list[str], npt.NDArray[np.float32]]:
        """The symbols that the model knows, and the vector of each: shape (n, width)."""
        return self.fitted.embedding()

    @property
    def fitted(self) -> Fitted:
        """What the fit left; UserError before."""
        if self._fitted is None:
            raise UserError("not fitted yet", where=type(self).__name__, mend="fit it or load its weights first")
        return self._fitted

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
        about = {
            "format": FORMAT,
            "model": type(self).__name__,
            "config": self.config(),
            "tokenizer": self._fitted.tokenizer.to_json(),
        }
        weights = {name: value.contiguous() for name, value in self._fitted.network.state_dict().items()}
        # One entry alone: several would stand in another order each time, and equal weights in unequal files.
        save_file(weights, path, metadata={"about": json.dumps(about, sort_keys=True)})

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


def _tokenizer_in(metadata: dict[str, str], model: NeuralModel, path: Path) -> Tokenizer:
    """The tokenizer in a weights file, once the file is known to be of this family and these keywords."""
    try:
        about = json.loads(metadata.get("about", "{}"))
        if about.get("format") != FORMAT:
            raise UserError(f"not a weights file of format {FORMAT}", where=str(path), mend="fit the model again")
        name, config = str(about["model"]), dict(about["config"])
        tokenizer = Tokenizer.from_json(about["tokenizer"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"unreadable metadata: {error!r}", where=str(path), mend="fit the model again") from None
    if name != type(model).__name__:
        raise UserError(f"holds a {name}, not a {type(model).__name__}", where=str(path))
    default = {item.name: item.default for item in fields(model)}  # of keywords that are younger than the file
    for keyword, value in model.config().items():
        given = config.get(keyword, default[keyword])
        if keyword not in NOT_IN_WEIGHTS and given != value:
            raise UserError(
                f"was made with {keyword} = {given!r}, not {value!r}",
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
