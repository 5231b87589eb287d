"""A fully connected network and its losses in PyTorch, read and written as one flat vector.

The flat order is, for each layer, W (n_in, n_out) row by row, then b. PyTorch keeps W transposed.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS = {
    "linear": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
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
    """Sum over the outputs of a sample, mean over the samples; both cross entropies take logits."""
    if name == "squared_error":
        return functional.mse_loss(outputs, targets, reduction="none").sum(dim=1).mean()
    if name == "half_squared_error":
        return batch_loss("squared_error", outputs, targets) / 2
    if name == "binary_cross_entropy":
        losses = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        return losses.sum(dim=1).mean()
    return functional.cross_entropy(outputs, targets)


def _flat(tensors: Sequence[Tensor]) -> list[float]:
    return torch.cat([tensor.t().reshape(-1) for tensor in tensors]).tolist()
