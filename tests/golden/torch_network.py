"""A fully connected network and its losses in PyTorch, read and written as one flat vector.

The flat order is, for each layer, W (n_in, n_out) row by row, then b. PyTorch keeps W transposed.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional


class Sine(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        return torch.sin(z)


ACTIVATIONS = {
    "linear": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "gelu_tanh": partial(nn.GELU, approximate="tanh"),
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "mish": nn.Mish,
    "hard_tanh": nn.Hardtanh,
    "sine": Sine,
}

# For each output; PyTorch has no hinge loss of this kind and no log-cosh: both are written out.
LOSSES = {
    "squared_error": partial(functional.mse_loss, reduction="none"),
    "half_squared_error": lambda outputs, targets: functional.mse_loss(outputs, targets, reduction="none") / 2,
    "absolute_error": partial(functional.l1_loss, reduction="none"),
    "huber": partial(functional.huber_loss, reduction="none"),
    "log_cosh": lambda outputs, targets: torch.log(torch.cosh(outputs - targets)),
    "hinge": lambda outputs, targets: torch.relu(1 - targets * outputs),
    "binary_cross_entropy": partial(functional.binary_cross_entropy_with_logits, reduction="none"),
    "log_loss_of_sigmoids": lambda outputs, targets: -targets * functional.logsigmoid(outputs),
}


def build(sizes: Sequence[int], activations: Sequence[str]) -> nn.Sequential:
    """Return a network with one activation per layer and PyTorch's own random start."""
    steps: list[nn.Module] = []
    for n_in, n_out, name in zip(sizes[:-1], sizes[1:], activations, strict=True):
        steps += [nn.Linear(n_in, n_out), ACTIVATIONS[name]()]
    return nn.Sequential(*steps)


def flat_parameters(network: nn.Sequential) -> list[float]:
    return _flat([parameter.data for parameter in network.parameters()])


def flat_gradient(network: nn.Sequential) -> list[float]:
    return _flat([parameter.grad for parameter in network.parameters()])


def batch_loss(name: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Sum over the outputs of a sample, mean over the samples; cross entropies take logits."""
    if name == "cross_entropy_of_sigmoids":
        return functional.cross_entropy(functional.logsigmoid(outputs), targets)
    if name == "cross_entropy":
        return functional.cross_entropy(outputs, targets)
    return LOSSES[name](outputs, targets).sum(dim=1).mean()


def _flat(tensors: Sequence[Tensor]) -> list[float]:
    return torch.cat([tensor.t().reshape(-1) for tensor in tensors]).tolist()
