"""The floating-point operations of training, counted as the network runs and not estimated from its size."""

import copy

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def operations_per_example(network: nn.Module, questions: Tensor, answers: Tensor) -> int:
    """Operations of one training step on (questions, answers), forward and backward, for each problem.

    Counted are products of matrices, convolutions and attention, two operations a multiplication with its addition, as
    is the custom; not the element-wise rest, nor the optimizer. Nothing is computed: a copy runs on shapes alone.

    >>> class Product(nn.Linear):
    ...     def forward(self, questions, answers):
    ...         return super().forward(questions)
    >>> operations_per_example(Product(10, 7, bias=False), torch.ones(4, 10), torch.ones(4))  # 2 * 70, forth and back
    280
    """
    shape = copy.deepcopy(network).to("meta")
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), FlopCounterMode(display=False) as counter:
        logits: Tensor = shape(questions.to("meta"), answers.to("meta"))
        torch.autograd.grad(logits.float().sum(), list(shape.parameters()), allow_unused=True)
    return int(counter.get_total_flops()) // len(questions)
