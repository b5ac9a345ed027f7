"""Texts that strangers wrote, made safe to show: visible in a terminal, bounded on a page, inert in a spreadsheet."""

import hashlib
import re
import unicodedata

LONGEST = 300
"""Characters of a question, answer or prediction that the page shows."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A cell of text that begins so is read as a formula, or as a command, by some spreadsheets."""

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of writing, invisible spaces, and halves of surrogate pairs."""


def visible(text: object) -> str:
    r"""The text on one line, with what cannot be seen, or what a terminal would obey, written out as `\x1b`.

    >>> visible("a\x1b[31mred\x00")
    'a\\x1b[31mred\\x00'
    >>> visible("cat\u202etxt.exe")
    'cat\\u202etxt.exe'
    """
    return _UNSEEN.sub(lambda found: _written_out(found[0]), str(text))


def _written_out(character: str) -> str:
    code = ord(character)
    return {9: "\\t", 10: "\\n", 13: "\\r"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def clipped(text: object, longest: int = LONGEST) -> str:
    """The text, visible and with a note where it goes on; only what is shown is looked at.

    >>> clipped("9" * 1000, 5)
    '99999 … (1,000 characters)'
    """
    whole = str(text)
    return visible(whole) if len(whole) <= longest else f"{visible(whole[:longest])} … ({len(whole):,} characters)"


def spreadsheet(text: object) -> str:
    r"""A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.

    >>> spreadsheet("=HYPERLINK(1)"), spreadsheet("transformer"), spreadsheet(" =1+1")
    ("'=HYPERLINK(1)", 'transformer', "' =1+1")
    """
    whole = str(text)
    # Some spreadsheets fold leading spaces and full-width forms before they look for a formula.
    first = unicodedata.normalize("NFKC", whole.lstrip(" \u00a0\u3000")[:1])
    risky = whole.startswith(FORMULA) or first.startswith(FORMULA)
    return ("'" if risky else "") + visible(whole)


def slug(name: str, longest: int = 48) -> str:
    """A file's name for a task or model: readable, bounded, safe on every system, and different for different names.

    >>> slug("arithmetic/addition"), slug("../../x"), slug("<b>"), len(slug("m" * 300))
    ('arithmetic-addition-78ff30dcb2', 'x-9cdf6a5010', 'b-507ca5a274', 59)
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub("[^a-z0-9]+", "-", letters).strip("-")[:longest].strip("-")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{words}-{digest}" if words else digest
