"""A network's way forward and back as compiled programs: fewer passes over the memory, and on a GPU one launch each.

torch.compile (Ansel et al. 2024, "PyTorch 2") writes C++ for a CPU and Triton for a GPU, where each is kept as a CUDA
graph: a tiny network is otherwise as slow as its launches. Loss, clipping and AdamW stay as they are. Compiling takes
half a minute on a free core, the first time, and minutes on a busy one. On a CPU a batch of uneven answers is then not
cut by length any more, which may cost more than is won.
"""

import importlib.util
import os
import shutil
from typing import cast

import torch
from torch import nn

from enigmath.bench.contracts import UserError


def require_compiler(device: torch.device) -> None:
    """UserError where nothing can compile for the device."""
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        mend = "install it, name another in CXX, or leave compiled out"
        raise UserError(f"no C++ compiler {compiler!r}", where="compiled", mend=mend)
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        raise UserError("no triton to compile with", where="compiled", mend="install triton, or leave compiled out")


def compiled(network: nn.Module) -> nn.Module:
    """The same network, its weights shared, compiled when it is first asked; UserError where nothing can compile."""
    device = next(network.parameters()).device
    require_compiler(device)
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # else its processes, one a core, stay to the end
    mode = "reduce-overhead" if device.type == "cuda" else "default"
    return cast(nn.Module, torch.compile(network, dynamic=False, mode=mode))
