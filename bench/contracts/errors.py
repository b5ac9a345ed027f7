"""What a user did wrong, said in one line: what, where, and how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

MOST_NAMED: Final = 16
"""Names that fit into one line of an error."""


class UserError(Exception):
    """A mistake that its reader can mend. The command line prints it as one line and exits with 2.

    >>> str(UserError("no level 9", where="arithmetic/addition", mend="levels are 1 to 7"))
    'arithmetic/addition: no level 9; levels are 1 to 7'
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        line = (f"{where}: " if where else "") + what + (f"; {mend}" if mend else "")
        super().__init__(" ".join(line.split()))


def unknown(kind: str, word: str, known: Iterable[str], *, where: str = "", listing: str = "") -> UserError:
    """The error for a word that names nothing, with the nearest right one, be it near a name without its area.

    Of an area it says how many names begin so. Where none is near, it names those that there are, or, of more than
    MOST_NAMED, says how many and that the command `listing` lists them.

    >>> str(unknown("model", "transfomer", ["lstm", "transformer"]))
    "no model 'transfomer'; did you mean 'transformer'?"
    >>> str(unknown("task", "adition", ["arithmetic/addition", "algebra/expand"]))
    "no task 'adition'; did you mean 'arithmetic/addition'?"
    >>> str(unknown("task", "arithmetic/*", ["arithmetic/addition", "algebra/expand"]))
    "no task 'arithmetic/*'; 1 begin with 'arithmetic/', such as 'arithmetic/addition'"
    >>> str(unknown("metric", "zzz", ["exact"]))
    "no metric 'zzz'; known: exact"
    >>> str(unknown("task", "zzz", map(str, range(136)), listing="enigmath list tasks"))
    "no task 'zzz'; `enigmath list tasks` lists all 136"
    """
    names = sorted(known)
    full = {name.rpartition("/")[2]: name for name in reversed(names)}
    close = get_close_matches(word, [*names, *full], n=1)
    area = word.rstrip("/*") + "/"
    inside = [name for name in names if name.startswith(area)]
    if inside:
        mend = f"{len(inside)} begin with {area!r}, such as {inside[0]!r}"
    elif close:
        mend = f"did you mean {full.get(close[0], close[0])!r}?"
    elif len(names) <= MOST_NAMED:
        mend = "known: " + (", ".join(names) or "none")
    elif listing:
        mend = f"`{listing}` lists all {len(names)}"
    else:
        mend = f"{len(names)} are known, {', '.join(names[:3])} among them"
    return UserError(f"no {kind} {word!r}", where=where, mend=mend)
