"""Tasks from reasoning-gym (Stojanovski et al., "Reasoning Gym: reasoning environments for reinforcement learning with
verifiable rewards", 2025), where that package is installed: `reasoning-gym:gcd` names the task of its dataset `gcd`.

The steps of a dataset's curriculum are levels, the last one beyond; a dataset without a curriculum has one level, its
defaults. The key is the question's text, so that questions with swapped operands count as different.

What may be asked follows from reading one release, and no other is taken. A dataset is left out where several answers
are right and its judge needs more than the question and the answer, where its judge evaluates what a model writes or
its problems run programs, and where they change with the seed of Python's hashes. Predictions are judged by the
dataset's own `score_answer` (full marks are right, all else is wrong) where that accepts more than one way of writing
the answer and no wrong one; else by equality.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Answer, Batch, Integer, Real, Task, Text, UserError, hash_text, unknown
from enigmath.bench.contracts.answer import LONGEST

RELEASE: Final = "0.1.25"
"""The release that was read: what another asks, and how it judges, is not known here."""

MOST_LEVELS: Final = 8
DRAWS: Final = 64
"""Draws of a shard: some of the puzzles take a tenth of a second each, a few at their hardest two seconds."""


def _words(text: str) -> list[str]:
    return text.split()


WHOLE: Final = frozenset(
    _words(
        "aiw basic_arithmetic binary_alternation chain_sum circuit_logic count_bits count_primes gcd "
        "gsm_symbolic largest_island lcm leg_counting letter_counting maze number_sequence products rectangle_count "
        "rotten_oranges self_reference simple_equations simple_geometry"
    )
)
"""Datasets whose answers are whole numbers."""

DECIMAL: Final = frozenset({"decimal_arithmetic", "decimal_chain_sum", "power_function"})
"""Datasets whose answers are decimal numbers."""

_Known = Callable[[str], Mapping[str, Any]]
"""What a dataset's judge reads beside question and answer, made from the answer."""

JUDGED: Final[Mapping[str, _Known]] = {
    **dict.fromkeys(
        _words(
            "color_cube_rotation dice family_relationships knights_knaves manipulate_matrix needle_haystack path_star "
            "polynomial_equations power_function prime_factorization zebra_puzzles"
        ),
        lambda answer: {},
    ),
    "group_anagrams": lambda answer: {"solution": json.loads(answer)},
    "palindrome_generation": lambda answer: {"letters": answer},
    "palindrome_partitioning": lambda answer: {"solution": json.loads(answer)},
    "word_sorting": lambda answer: {"sorted_words": answer.split(", ")},
}
"""Datasets whose own judge is asked."""

_SEVERAL: Final = "several answers are right, and its judge needs more than the question and the answer"
_EVALUATES: Final = "its judge evaluates what a model writes"
_UNSTEADY: Final = "its problems change with the seed of Python's hashes"

LEFT_OUT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        _words(
            "boxnet cryptarithm graph_color jugs kakurasu n_queens propositional_logic quantum_lock rubiks_cube "
            "rush_hour shortest_path sokoban tower_of_hanoi"
        ),
        _SEVERAL,
    ),
    **dict.fromkeys(_words("countdown intermediate_integration puzzle24 simple_integration"), _EVALUATES),
    **dict.fromkeys(
        _words("isomorphic_strings knight_swap list_functions polynomial_multiplication ransom_note word_ladder"),
        _UNSTEADY,
    ),
    "codeio": "it runs the programs that it asks about",
    "composite": "it is made of other datasets",
}
"""Datasets that are no task, each with the reason."""


STEPS: Final = {"game_of_life": 1, "modulo_grid": 1}
"""How many steps of a curriculum are levels where all answers of the others are longer than any answer may be."""


def names() -> list[str]:
    """The datasets that can be asked, sorted. UserError where reasoning-gym is not installed."""
    return sorted(set(_registered("names")) - set(LEFT_OUT))


def from_name(path: Path) -> Task:
    """The task of the dataset that the path's last part names, `-` and `_` being one.

    Raises UserError where reasoning-gym is not installed, has no such dataset, or the dataset is no task.
    """
    return _made(path.name.replace("-", "_"))


@cache
def _made(name: str) -> Task:
    where = f"reasoning-gym:{name}"
    if name not in _registered(name):
        listing = "enigmath list tasks --from reasoning-gym"
        raise unknown("dataset", name, names(), where=where, listing=listing)
    if name in LEFT_OUT:
        mend = "`enigmath list tasks --from reasoning-gym` lists those that are tasks"
        raise UserError(f"is no task, because {LEFT_OUT[name]}", where=where, mend=mend)
    levels = [{**step, "release": RELEASE} for step in _steps(name)]
    trained = levels[:-1] if len(levels) > 1 else levels
    return Task(
        name=f"reasoning-gym/{name.replace('_', '-')}",
        function=_generator(name),
        answer=_kind(name),
        levels=tuple(trained),
        beyond=tuple(levels[len(trained) :]),
        bulk=True,
        draws=DRAWS,
        check=_judge(name) if name in JUDGED else None,
        found_by=where,
    )


def _registered(name: str) -> Mapping[str, Any]:
    """The registered datasets by name. The package takes more than a second to import."""
    where, mend = f"reasoning-gym:{name}", "pip install 'enigmath[reasoning-gym]'"
    if find_spec("reasoning_gym") is None:
        raise UserError("reasoning-gym is not installed", where=where, mend=mend)
    if (release := version("reasoning-gym")) != RELEASE:
        raise UserError(f"reasoning-gym {release} is installed, and {RELEASE} is needed", where=where, mend=mend)
    from reasoning_gym.factory import DATASETS

    return DATASETS  # type: ignore[no-any-return]


def _steps(name: str) -> list[dict[str, Any]]:
    """The configurations of the curriculum's steps, from the easiest to the hardest, at most MOST_LEVELS of them.

    Left out are steps that the dataset refuses and those that are like the one before.
    """
    from reasoning_gym.coaching import RangeAttributeDefinition
    from reasoning_gym.factory import CURRICULA, create_curriculum

    if name not in CURRICULA:
        return [{}]
    curriculum = create_curriculum(name)
    fields = [
        field
        for attribute in curriculum.attributes.values()
        for field in (
            (attribute.lower_field_name, attribute.upper_field_name)
            if isinstance(attribute, RangeAttributeDefinition)
            else (attribute.field_name,)
        )
    ]
    steps: list[dict[str, Any]] = []
    for number in range(max(len(attribute.levels) for attribute in curriculum.attributes.values())):
        curriculum.set_global_level(number)
        try:
            made = curriculum.generate_configuration({"seed": 0, "size": 1})
            getattr(made, "validate", bool)()  # not every configuration has one
        except (AssertionError, ValueError):
            continue
        step = {field: getattr(made, field) for field in fields}
        if step not in steps:
            steps.append(step)
    steps = steps[: STEPS.get(name)]
    chosen = np.unique(np.linspace(0, len(steps) - 1, MOST_LEVELS).round().astype(int))
    return [steps[number] for number in chosen] or [{}]


def _kind(name: str) -> Answer:
    if name in WHOLE:
        return Integer()
    return Real() if name in DECIMAL else Text()


def _generator(name: str) -> Callable[..., Batch]:
    def draw(rng: np.random.Generator, n: int, release: str, **step: Any) -> Batch:
        from reasoning_gym.factory import create_dataset

        # The i-th entry is drawn from random.Random(seed + i), or from numpy's, which takes 32 bits.
        seed = int(rng.integers(2**32 - n))
        rejected: Counter[str] = Counter()
        rows = []
        with redirect_stdout(io.StringIO()):  # some of its datasets print
            dataset = create_dataset(name, seed=seed, size=n, **step)
            for number in range(n):
                try:
                    entry = dataset[number]
                except Exception as error:  # a few give up on hard draws, each with an error of its own
                    rejected[f"{type(error).__name__}: {error}"[:80]] += 1
                    continue
                question, answer = entry["question"], str(entry["answer"]).strip()
                if 0 < len(answer) <= LONGEST:
                    rows.append((question, answer))
                else:
                    rejected[f"answer above {LONGEST:,} characters" if answer else "empty answer"] += 1
        questions = pa.array([question for question, _ in rows], pa.string())
        return Batch(
            question=questions,
            answer=pa.array([answer for _, answer in rows], pa.string()),
            key=hash_text(questions),
            traits={"characters": pc.utf8_length(questions)},
            rejected=rejected,
        )

    area = _registered(name)[name][0].__module__.split(".")[1]
    draw.__doc__ = f"The dataset {name} of reasoning-gym, from its area {area}."
    return draw


def _judge(name: str) -> Callable[[str, str, str], bool]:
    def check(question: str, answer: str, prediction: str) -> bool:
        """Whether the dataset's own judge gives full marks; it works in a process that can be killed."""
        entry = {"question": question, "answer": answer, "metadata": JUDGED[name](answer)}
        return bool(_dataset(name).score_answer(prediction, entry) >= 1)

    return check


@cache
def _dataset(name: str) -> Any:
    """A dataset to judge with; how it judges does not depend on the level."""
    from reasoning_gym.factory import create_dataset

    return create_dataset(name, seed=0, size=1)
