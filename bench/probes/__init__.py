"""Probes: experiments on a fitted cell that ask whether its model computes or looks up.

A probe is a function from a Subject to a frame of findings, found by the entry points `enigmath.probes`.
"""

from enigmath.bench.probes.finding import BROKEN, COLUMNS, COMPUTES, LOOKS_UP, Row, findings, number, share, verdict
from enigmath.bench.probes.subject import Subject, mask, read_subject

__all__ = [
    "BROKEN",
    "COLUMNS",
    "COMPUTES",
    "LOOKS_UP",
    "Row",
    "Subject",
    "findings",
    "mask",
    "number",
    "read_subject",
    "share",
    "verdict",
]
