"""PyTorch as one writes it: modules, autograd, `torch.optim.Adam` on one tensor after the other and fused."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from benchmarks.works import BETA1, BETA2, EPSILON, Array, Training, flat

torch.set_num_threads(1)


class Module:
    def __init__(self, work: Training, **kind: bool) -> None:
        self.epochs = work.epochs
        layers: list[nn.Module] = []
        for weights, biases in work.start:
            layer = nn.Linear(*weights.shape, dtype=torch.float64)
            with torch.no_grad():
                layer.weight[:] = torch.from_numpy(weights.T)
                layer.bias[:] = torch.from_numpy(biases)
            layers += [layer, nn.ReLU()]
        self.model = nn.Sequential(*layers[:-1])
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=work.learning_rate, betas=(BETA1, BETA2), eps=EPSILON, **kind
        )
        targets = torch.from_numpy(work.targets)
        if work.loss == "cross_entropy":
            self.loss, targets = nn.functional.cross_entropy, targets.argmax(dim=1)
        else:
            self.loss = nn.functional.mse_loss
        inputs = torch.from_numpy(work.inputs)
        self.batches = list(zip(inputs.split(work.batch), targets.split(work.batch), strict=True))

    def run(self) -> None:
        for _ in range(self.epochs):
            for inputs, targets in self.batches:
                self.optimizer.zero_grad()
                self.loss(self.model(inputs), targets).backward()
                self.optimizer.step()

    def result(self) -> Array:
        layers = [layer for layer in self.model if isinstance(layer, nn.Linear)]
        return flat([(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in layers])


TRAININGS = {"PyTorch, fused Adam": partial(Module, fused=True), "PyTorch": partial(Module, foreach=False)}
DESCENTS: dict[str, type] = {}
