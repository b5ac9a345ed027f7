"""Tasks asked in plain English: one combinator over any task, with families of templates held out for tests.

`in_words` turns `12+5` into "What is 12 plus 5?". Keys and answers are the task's own, so a problem falls into one
split however it is asked. The templates of the trained levels and those of the levels *beyond* have no wording in
common: what a model scores there tells whether it reads, or knows the frame by heart. Source of the idea: the
templates of Saxton et al., "Analysing mathematical reasoning abilities of neural models", 2019.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Task, UserError, task
from enigmath.generators import arithmetic
from enigmath.generators.digits import join, pick

TEMPLATES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "seen": (
        ("What is ", "?"),
        ("Calculate ", "."),
        ("Work out ", "."),
        ("Find ", "."),
        ("What do you get for ", "?"),
        ("Give the value of ", "."),
    ),
    "held-out": (
        ("Tell me ", ", please."),
        ("I am looking for ", ". How much is it?"),
        ("Nobody here knows ", ". Do you?"),
    ),
}
"""What stands before and after the phrase. The families share no word of their frames."""


def in_words(given: Task, pattern: str, phrase: str, *, module: str) -> Task:
    r"""The task `words/…-in-words` that asks a bulk task's problems in English; `module` is the caller's `__name__`.

    `pattern` is a regular expression of the questions and `phrase` what stands for one, with `\1` for its groups:
    `in_words(addition, r"(\d+)\+(\d+)", r"\1 plus \2", module=__name__)`. Levels are the task's own, asked with the
    templates "seen"; beyond them stand the same levels asked with those "held-out", then its own beyond levels.
    Raises UserError for a task that is not bulk, and for a question that the pattern does not fit.
    """
    name = f"words/{given.name.partition('/')[2]}-in-words"
    if not given.bulk:
        raise UserError("only bulk tasks can be asked in words", where=name, mend=f"make {given.name} bulk")

    def ask(rng: np.random.Generator, n: int, family: str, **level: Any) -> Batch:
        batch = given(rng, n, **level)
        fits = pc.match_substring_regex(batch.question, f"^{pattern}$")
        if not pc.all(fits).as_py():
            odd = batch.question.filter(pc.invert(fits))[0].as_py()
            raise UserError(f"the question {odd!r} does not fit {pattern!r}", where=name)
        said = pc.replace_substring_regex(batch.question, f"^{pattern}$", phrase)
        before, after = zip(*TEMPLATES[family], strict=True)
        which = rng.integers(len(before), size=len(said))
        question = join(pick(before, which), said, pick(after, which))
        traits = {**batch.traits, "template": which, "family": pa.repeat(family, len(said))}
        return Batch(question, batch.answer, batch.key, traits, batch.rejected)

    ask.__module__ = module
    example = re.sub(f"`{pattern}`", rf"`What is {phrase}?`", given.doc)
    ask.__doc__ = (
        f"In English: {example[0].lower()}{example[1:]}\n\n"
        f"The problems of {given.name} in one of six frames such as `What is ...?`, each as likely. Levels grow\n"
        "as there; beyond stand frames that no trained one resembles, then longer numbers in trained frames. Guessing\n"
        "scores what it scores there. Source: the templates of Saxton et al., 2019."
    )
    levels = given.levels[:6]
    return task(
        name,
        answer=given.answer,
        levels=[{**level, "family": "seen"} for level in levels],
        beyond=[{**level, "family": "held-out"} for level in levels]
        + [{**level, "family": "seen"} for level in given.beyond[:1]],
        bulk=True,
        chance=None if not callable(given.chance) else _without_family(given.chance),
        check=given.check,
        perturbations=[known for known in given.perturbations if known.in_form],
    )(ask)


def _without_family(chance: Any) -> Any:
    return lambda family, **level: chance(**level)


addition = in_words(arithmetic.addition, r"(\d+)\+(\d+)", r"\1 plus \2", module=__name__)
subtraction = in_words(arithmetic.subtraction, r"(\d+)-(\d+)", r"\1 minus \2", module=__name__)
multiplication = in_words(arithmetic.multiplication, r"(\d+)\*(\d+)", r"\1 times \2", module=__name__)
division_decimal = in_words(
    arithmetic.division_decimal, r"(\d+)/(\d+)", r"\1 divided by \2 to two decimals", module=__name__
)
gcd = in_words(arithmetic.gcd, r"gcd\((\d+),(\d+)\)", r"the greatest common divisor of \1 and \2", module=__name__)
base_conversion = in_words(
    arithmetic.base_conversion,
    r"base\(([0-9a-f]+),(\d+),(\d+)\)",
    r"the number \1 of base \2 in base \3",
    module=__name__,
)
