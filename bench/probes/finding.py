"""What a probe finds: a tidy frame, one row a figure, each with its interval and its n, and what it speaks for.

| column | meaning |
|---|---|
| measure | what was measured, in words: `accuracy`, `agreement with the neighbour` |
| by, group | what the problems were divided by, and this row's part: `distance`, `3 of 10`; empty for all of them |
| value, low, high | the figure with its 95 % interval; NaN where it has none |
| n | the problems behind it |
| says | `computes` or `looks up` where the figure speaks for one by its interval; `broken` where it cannot be; or "" |

A probe may add columns of its own, as the coordinates of a map. pandas is imported when a frame is made.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.intervals import interval

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("measure", "by", "group", "value", "low", "high", "n", "says")
COMPUTES: Final = "computes"
LOOKS_UP: Final = "looks up"
BROKEN: Final = "broken"
"""What no honest run can find, as a test above chance after shuffled labels."""
VERDICTS: Final = (BROKEN, COMPUTES, LOOKS_UP)

Row = Mapping[str, Any]


def number(
    measure: str, value: float, *, by: str = "", group: str = "", low: float = np.nan, high: float = np.nan,
    n: int = 0, says: str = "", **more: Any,
) -> Row:  # fmt: skip
    """One row of a single figure."""
    told = {"value": float(value), "low": float(low), "high": float(high), "n": int(n)}
    return {"measure": measure, "by": by, "group": group, **told, "says": says, **more}


def share(measure: str, right: npt.ArrayLike, *, by: str = "", group: str = "", says: str = "", **more: Any) -> Row:
    """One row of the share of a mask, shape (n,), with Wilson's interval.

    >>> row = share("accuracy", [True, True, False, True])
    >>> round(row["value"], 2), round(row["low"], 2), row["n"]
    (0.75, 0.3, 4)
    """
    found = interval(np.asarray(right, dtype=np.float64), "share")
    return number(measure, found[0], by=by, group=group, low=found[1], high=found[2], n=found[3], says=says, **more)


def findings(rows: Iterable[Row]) -> "pd.DataFrame":
    """The frame of these rows, the columns of every probe first."""
    import pandas as pd

    made = pd.DataFrame(list(rows))
    missing = [name for name in COLUMNS if name not in made]
    made[missing] = None
    texts = ["measure", "by", "group", "says"]
    made = made.astype({**dict.fromkeys(texts, "str"), **dict.fromkeys(("value", "low", "high"), "float64")})
    made["n"] = made["n"].astype("int64")
    return made[[*COLUMNS, *(name for name in made if name not in COLUMNS)]]


def verdict(found: "pd.DataFrame") -> str:
    """What a probe's findings say together: `computes`, `looks up`, `mixed`, `broken`, or nothing.

    >>> verdict(findings([number("a", 1, says="computes"), number("b", 0)]))
    'computes'
    """
    said = sorted({word for word in found["says"] if word})
    if BROKEN in said:
        return BROKEN
    return said[0] if len(said) == 1 else "mixed" if said else ""
