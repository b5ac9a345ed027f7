"""A network's training step as one compiled program: fewer passes over the memory, and on a GPU one launch a step.

torch.compile (Ansel et al. 2024, "PyTorch 2") writes C++ for a CPU and Triton for a GPU, where the whole step is kept
as a CUDA graph: a tiny network is otherwise as slow as its launches. Compiling takes half a minute, the first time.
"""

import importlib.util
import os
import shutil
from typing import cast

import torch
from torch import nn

from enigmath.bench.contracts import UserError


def compiled(network: nn.Module) -> nn.Module:
    """The same network, its weights shared, compiled when it is first asked; UserError where nothing can compile."""
    on_gpu = next(network.parameters()).is_cuda
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        mend = "install it, name another in CXX, or leave compiled out"
        raise UserError(f"no C++ compiler {compiler!r}", where="compiled", mend=mend)
    if on_gpu and importlib.util.find_spec("triton") is None:
        raise UserError("no triton to compile with", where="compiled", mend="install triton, or leave compiled out")
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # else its processes, one a core, stay to the end
    mode = "reduce-overhead" if on_gpu else "default"
    return cast(nn.Module, torch.compile(network, dynamic=False, mode=mode))
