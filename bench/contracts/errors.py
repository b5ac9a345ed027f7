"""What a user did wrong, said in one line: what, where, and how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A mistake that its reader can mend. The command line prints it as one line and exits with 2.

    >>> str(UserError("no level 9", where="arithmetic/addition", mend="levels are 1 to 7"))
    'arithmetic/addition: no level 9; levels are 1 to 7'
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        line = (f"{where}: " if where else "") + what + (f"; {mend}" if mend else "")
        super().__init__(" ".join(line.split()))


def unknown(kind: str, word: str, known: Iterable[str], *, where: str = "") -> UserError:
    """The error for a word that names nothing, with the nearest right one.

    >>> str(unknown("model", "transfomer", ["lstm", "transformer"]))
    "no model 'transfomer'; did you mean 'transformer'?"
    >>> str(unknown("metric", "zzz", ["exact"]))
    "no metric 'zzz'; known: exact"
    """
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    mend = f"did you mean {close[0]!r}?" if close else "known: " + (", ".join(names) or "none")
    return UserError(f"no {kind} {word!r}", where=where, mend=mend)
