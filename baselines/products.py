"""Float32 matrix products on CPUs by oneDNN, where torch by itself takes MKL.

MKL leaves an AMD core half of its speed: measured on one, 512 × 128 × 512 at 98 against 188 billion operations a
second. Torch has no switch for it, but it multiplies with oneDNN whatever lies in oneDNN's own layout.
"""

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from enigmath.baselines.decoding import Writer

WORTH = 2**22
"""Multiplications from which on a product repays moving its input and output between layouts."""


class Product(nn.Module):
    """A linear map that can no more be trained; its weight is the linear map's own and a copy in oneDNN's layout."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = linear.weight.detach(), None if linear.bias is None else linear.bias.detach()
        self.laid_out = self.weight.to_mkldnn(), None if self.bias is None else self.bias.to_mkldnn()

    def forward(self, x: Tensor) -> Tensor:
        """As nn.Linear's."""
        if x.numel() * len(self.weight) < WORTH:
            return functional.linear(x, self.weight, self.bias)
        return functional.linear(x.to_mkldnn(), *self.laid_out).to_dense()


def for_answers(network: Writer) -> Writer:
    """The network with its linear maps as Products where that helps: float32 on a CPU; it shares all other weights."""
    if not isinstance(network, nn.Module) or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return network
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    quick = copy.deepcopy(network, shared)
    for module in list(quick.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Linear and child.weight.device.type == "cpu" and child.weight.dtype == torch.float32:
                setattr(module, name, Product(child))
    return cast(Writer, quick)
