"""Changes of matrices, samples and systems whose effect is known: rows and states change places, signs turn."""

import re
from typing import Final

import numpy as np

from enigmath.generators.perturbations import negated, perturbation, swapped

_ROW: Final = r"-?[0-9.]+(?:,-?[0-9.]+)*(?=[];])"
_MATRIX: Final = re.compile(r"\[([^]]*)\]")
_STATES: Final = re.compile(r"([a-z]+\()(.*)(\) at .*)")
_STATE: Final = re.compile(r"(?<![a-z])x([0-9]+)")


def _both_turned(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """Rows and columns in the opposite order: what is similar has the same eigenvalues."""
    found = _MATRIX.search(question)
    if found is None:
        return None
    rows = [row.split(",")[::-1] for row in found[1].split(";")][::-1]
    turned = ";".join(",".join(row) for row in rows)
    return f"{question[: found.start(1)]}{turned}{question[found.end(1) :]}", told


def _samples_negated(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """A linear recurrence holds for its terms with the other sign as well."""
    found = _MATRIX.search(question)
    if found is None:
        return None
    return f"{question[: found.start(1)]}{negated(found[1])}{question[found.end(1) :]}", negated(told)


def _states_swapped(question: str, told: str, rng: np.random.Generator) -> tuple[str, str] | None:
    """Two states change their numbers, and their equations the places: the same system in other words."""
    found = _STATES.fullmatch(question)
    equations = found[2].split(";") if found else []
    if found is None or len(equations) < 2:
        return None
    first, second = (int(place) for place in rng.choice(len(equations), 2, replace=False))
    equations[first], equations[second] = equations[second], equations[first]
    names = {str(first + 1): str(second + 1), str(second + 1): str(first + 1)}
    turned = _STATE.sub(lambda state: "x" + names.get(state[1], state[1]), ";".join(equations))
    return f"{found[1]}{turned}{found[3]}", told


SWAP_MATRICES: Final = (swapped(r"\[[^]]*\]"),)
SWAP_ROWS: Final = (swapped(_ROW, name="swap rows"),)
SWAP_ROWS_NEGATED: Final = (swapped(_ROW, negated, name="swap rows"),)
TURN_BOTH: Final = (perturbation("turn rows and columns round", _both_turned, same=True),)
NEGATE_SAMPLES: Final = (perturbation("negate the samples", _samples_negated, same=False),)
SWAP_STATES: Final = (perturbation("swap states", _states_swapped, same=True),)
