"""Memory that a step has freed stays with the process, for the next step to take.

On Linux the C library hands blocks over some hundred kilobytes back to the system as soon as they are free, and each
is cleared page by page when it is asked for again. A training step frees and asks for the same tensors over and over:
a small convolutional net spent a third of its time on two thousand page faults a step.
"""

import ctypes
import sys
from functools import cache
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Parameters of mallopt(3) in glibc."""

_LARGE: Final = 1 << 30


@cache
def keep_freed_memory() -> bool:
    """Let the C library keep up to a gigabyte that is free; whether it could be told so. Once a process is enough."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE)) and bool(mallopt(_TRIM_THRESHOLD, _LARGE))
