"""A perturbation changes the text of a question in a way whose effect on the answer is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Changed = tuple[list[str | None], list[str | None]]
"""New questions and their true answers, shape (n,) each, None where the perturbation does not apply."""


@dataclass(frozen=True)
class Perturbation:
    """A named change of n questions: `function(questions, answers, rng)` gives the new ones and their true answers.

    With `same`, each answer stays what it was: what is asked for is consistency. Without, each is another than before:
    what is asked for is sensitivity. `in_form` says that the new question has the form of those that are trained on;
    one of another form may be failed by a model that computes, because it has never read such a text.

    A pure function of the texts: a task that offers it yields the same bytes as before, and keeps its version.
    """

    name: str
    function: Callable[[Sequence[str], Sequence[str], np.random.Generator], Changed]
    same: bool
    in_form: bool = True
