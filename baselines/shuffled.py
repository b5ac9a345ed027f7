"""Any model fitted on shuffled answers: a control that must fall to chance, and shows what a model can memorise.

The answers of the training problems are permuted, and so are those of validation, so that nothing joins a question to
its answer any more. A score above chance then means that the harness, or the task, leaks (Zhang, Bengio, Hardt, Recht
and Vinyals, "Understanding deep learning requires rethinking generalization", 2017).
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Budget, Examples, Fit, Learner, Selective, Task, UserError, unknown
from enigmath.bench.contracts.registry import find_model


@dataclass
class Shuffled:
    """The model `model`, made with the keywords `config`, on answers that belong to other questions."""

    model: str = "mlp"
    config: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    shortcut: ClassVar[bool] = False
    _made: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises UserError for a model that is not there, or that learns nothing."""
        made = find_model(self.model)
        if not hasattr(made, "fit"):
            raise UserError(f"{self.model} learns nothing", where="shuffled", mend="name a model that is fitted")
        takes = inspect.signature(made).parameters
        free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values())
        for keyword in self.config if not free else ():
            if keyword not in takes:
                raise unknown("keyword", keyword, takes, where=f"shuffled, config of {self.model}")
        given = {name: value for name, value in (("seed", self.seed), ("device", self.device)) if name in takes}
        self._made = made(**{**given, **self.config})

    def require(self, task: Task) -> None:
        """UserError for a task that the model inside cannot learn."""
        if isinstance(self._made, Selective):
            self._made.require(task)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit | None:
        """Permute the answers, then fit."""
        assert isinstance(self._made, Learner)
        rng = np.random.Generator(np.random.Philox(self.seed))
        fit: Fit | None = self._made.fit(_permuted(train, rng), _permuted(validation, rng), budget)
        return fit

    def predict(self, questions: Sequence[str]) -> Sequence[str | None]:
        """What the model says."""
        answers: Sequence[str | None] = self._made.predict(questions)
        return answers


def _permuted(examples: Examples, rng: np.random.Generator) -> Examples:
    table = examples.table
    answers = table["answer"].take(pa.array(rng.permutation(table.num_rows)))
    return Examples(table.set_column(table.column_names.index("answer"), "answer", answers))
