"""The task's own reference solver as a model: what a user would pick instead of a network, with its seconds beside it.

A task names its solver by `solve=`: a function of the question, or another model (a textbook attack). A fit learns
nothing but which tasks are asked, from the training problems; an attack that learns the language is fitted by them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from enigmath.bench.contracts import Budget, Examples, Fit, Learner, Task, UserError
from enigmath.bench.contracts.registry import find_model, find_task


@dataclass
class Solver:
    """Answers each question as the task's own solver does, None where that fails.

    In a mixture every task's solver is asked in turn, and the first answer counts.
    """

    seed: int = 0
    shortcut: ClassVar[bool] = False
    textbook: ClassVar[bool] = True
    _solvers: list[Any] = field(default_factory=list, init=False, repr=False)

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Find the solvers of the tasks in `train`; UserError where a task has none."""
        names = train.table["task"].unique().to_pylist() if "task" in train.table.column_names else []
        if not names:
            raise UserError("the problems do not say of which task they are", where="solve")
        self._solvers = []
        for name in names:
            self.require(find_task(name))
            solve = find_task(name).solve
            assert solve is not None
            self._solvers.append(
                _Function(solve) if callable(solve) else self._attack(solve, train, validation, budget)
            )
        return Fit(facts={"solvers": ", ".join(str(find_task(name).solve) for name in names)})

    def require(self, task: Task) -> None:
        """UserError for a task that names no solver."""
        if task.solve is None:
            mend = "leave the model solve out of this task: give it tasks = [...]"
            raise UserError("has no reference solver", where=task.name, mend=mend)

    def _attack(self, name: str, train: Examples, validation: Examples, budget: Budget) -> Any:
        model = find_model(name)()
        if isinstance(model, Learner):
            model.fit(train, validation, budget)
        return model

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """One answer a question."""
        if not self._solvers:
            raise UserError("not fitted yet", where="solve", mend="fit it first")
        answers: list[str | None] = [None] * len(questions)
        for solver in self._solvers:
            open_ = [place for place, answer in enumerate(answers) if answer is None]
            for place, answer in zip(open_, solver.predict([questions[place] for place in open_]), strict=True):
                answers[place] = answer
        return answers


@dataclass(frozen=True)
class _Function:
    """A solver that is a function of the question."""

    solve: Callable[[str], str]

    def predict(self, questions: Sequence[str]) -> list[str | None]:
        return [self._answer(question) for question in questions]

    def _answer(self, question: str) -> str | None:
        try:
            return self.solve(question)
        except (ValueError, ArithmeticError, UserError):
            return None
