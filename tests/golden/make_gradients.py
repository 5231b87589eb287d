"""Makes gradients.json: losses and gradients of small networks by PyTorch's autograd and by mpmath.

Run it as `python tests/golden/make_gradients.py` where PyTorch and mpmath are installed (2.13.0 and 1.3.0 made the
file, in some minutes); the tests read only its output.

Every activation, standing in every layer, meets every loss in networks of 1 to 4 layers. PyTorch differentiates in
float64; mpmath takes differences of the loss with 50 digits (mpmath_network.py). Each network starts at the first
random parameters from which no case is blind: no sample lies near a kink of its activation or its loss, and no layer
has a gradient near 0. No pre-activation comes near 20, from where PyTorch's softplus is a straight line.
"""

from itertools import count
from pathlib import Path
from typing import Any

import mpmath_network
import torch
from json_file import write
from torch import Tensor
from torch_network import ACTIVATIONS, batch_loss, build, flat_gradient, flat_parameters

SIZES = ((2, 2), (2, 3, 2), (2, 2, 3, 2), (2, 3, 2, 2, 2))
OF_CLASSES = ("cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids")
LOSSES = tuple(dict.fromkeys((*mpmath_network.LOSSES, *OF_CLASSES)))
REACH = 1.5  # of the random parameters
LARGEST = 15.0  # pre-activation
NEAR = 1e-3  # a kink
LEAST = 1e-4  # largest gradient in a layer's weights or biases

# Where |z| has a kink, and where |y - t| or t y has one.
KINKS = {"relu": 0.0, "leaky_relu": 0.0, "elu": 0.0, "selu": 0.0, "hard_tanh": 1.0}
LOSS_KINKS = {"absolute_error": 0.0, "huber": 1.0, "hinge": 1.0}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    inputs, values = torch.randn(4, 2), torch.randn(4, 2)
    signs = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]])
    classes = torch.nn.functional.one_hot(torch.tensor([0, 1, 1, 0])).to(torch.float64)
    answers = {"hinge": signs, "binary_cross_entropy": (signs + 1) / 2, **dict.fromkeys(OF_CLASSES, classes)}
    targets = {loss: answers.get(loss, values) for loss in LOSSES}
    write(
        Path(__file__).with_name("gradients.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64, and mpmath, {mpmath_network.mp.dps} digits",
            "inputs": inputs.tolist(),
            "targets": {loss: t.tolist() for loss, t in targets.items()},
            "networks": [_cases(sizes, inputs, targets) for sizes in SIZES],
        },
    )


def _cases(sizes: tuple[int, ...], inputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Any]:
    start = _start(sizes, inputs, targets)
    parameters = flat_parameters(_network(sizes, "linear", start))
    cases = []
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            network = _network(sizes, activation, start)
            batch_loss(loss, network(inputs), targets[loss]).backward()
            given = (sizes, activation, loss, parameters, inputs.tolist(), targets[loss].tolist())
            case = {
                "activation": activation,
                "loss": loss,
                "value": float(mpmath_network.batch_loss(*given)),
                "pytorch": flat_gradient(network),
                "mpmath": mpmath_network.gradient(*given),
            }
            cases.append(case)
    return {"sizes": sizes, "parameters": parameters, "cases": cases}


def _network(sizes: tuple[int, ...], activation: str, start: dict[str, Tensor]) -> torch.nn.Sequential:
    network = build(sizes, (activation,) * (len(sizes) - 1))
    network.load_state_dict(start)
    return network


def _start(sizes: tuple[int, ...], inputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
    for seed in count():
        torch.manual_seed(seed)
        shapes = build(sizes, ("linear",) * (len(sizes) - 1)).state_dict()
        start = {name: REACH * (2 * torch.rand(shape.shape) - 1) for name, shape in shapes.items()}
        if all(_sees(sizes, activation, start, inputs, targets) for activation in ACTIVATIONS):
            return start
    raise AssertionError


def _sees(
    sizes: tuple[int, ...], activation: str, start: dict[str, Tensor], inputs: Tensor, targets: dict[str, Tensor]
) -> bool:
    """Whether every layer learns from every loss, with no kink near."""
    network = _network(sizes, activation, start)
    answers = inputs
    for step in network:
        if isinstance(step, torch.nn.Linear):
            sizes_of_z = step(answers).abs()
            if sizes_of_z.max() > LARGEST or _near(sizes_of_z, KINKS.get(activation)):
                return False
        answers = step(answers)
    for loss, t in targets.items():
        moving = answers.abs() < 1 if activation == "hard_tanh" else torch.ones_like(answers, dtype=torch.bool)
        distance = t * answers if loss == "hinge" else (answers - t).abs()
        if _near(distance[moving], LOSS_KINKS.get(loss)):
            return False
        network.zero_grad()
        batch_loss(loss, network(inputs), t).backward()
        if any(parameter.grad.abs().max() < LEAST for parameter in network.parameters()):
            return False
    return True


def _near(values: Tensor, kink: float | None) -> bool:
    return kink is not None and bool(((values - kink).abs() < NEAR).any())


if __name__ == "__main__":
    main()
