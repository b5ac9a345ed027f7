"""What a GPU can multiply at most, and which share of that a fit took: model FLOP utilisation.

Peaks are dense products in bfloat16 with sums in float32, as NVIDIA's datasheets give them (with sparsity they print
twice as much). Utilisation after Chowdhery et al. 2022, "PaLM", appendix B: the operations that a model needs, forward
and backward, over what the device could have done in the time of training; no recomputation is counted.
"""

from typing import Final

import numpy as np
import pandas as pd

PEAKS: Final = {
    "NVIDIA A10": 125e12,
    "NVIDIA A100": 312e12,
    "NVIDIA B200": 2250e12,
    "NVIDIA GeForce RTX 3090": 71e12,
    "NVIDIA GeForce RTX 4090": 165.2e12,
    "NVIDIA H100": 989.4e12,
    "NVIDIA H100 NVL": 835e12,
    "NVIDIA H100 PCIe": 756e12,
    "NVIDIA H200": 989.4e12,
    "NVIDIA L4": 121e12,
    "NVIDIA L40S": 362e12,
}
"""Operations a second in bfloat16 by how the device's name begins; the longest beginning counts."""


def peak(device: str) -> float:
    """Operations a second that a device can do in bfloat16; NaN where we do not know.

    >>> peak("NVIDIA H100 80GB HBM3") / 1e12, peak("NVIDIA H100 PCIe") / 1e12, peak("cpu")
    (989.4, 756.0, nan)
    """
    begun = [name for name in PEAKS if f"{device} ".startswith((f"{name} ", f"{name}-"))]
    return PEAKS[max(begun, key=len)] if begun else float("nan")


def utilisation(operations_per_second: pd.Series, device: pd.Series, precision: pd.Series) -> pd.Series:
    """The share of each device's peak; NaN but for bfloat16 on a device that we know."""
    peaks = device.map(lambda name: peak(name) if isinstance(name, str) else np.nan).astype(float)
    return (operations_per_second / peaks).where(precision.eq("bfloat16"))
