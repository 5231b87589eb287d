"""Makes trajectories.json: the paths of PyTorch's optimizers in float64, each following its own gradient.

Run it as `python tests/golden/make_trajectories.py` where PyTorch is installed (2.13.0 made the file);
the tests read only its output.

Two surfaces, 200 updates each, with every point kept; and a 3-5-4-2 network under two losses, 100 updates
over 16 samples in four fixed batches, the last of a single sample, with every tenth point kept.
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from json_file import write
from torch import Tensor
from torch_network import batch_loss, build, flat_parameters

SURFACE_UPDATES = 200
NETWORK_UPDATES = 100
KEEP_EVERY = 10
SIZES = (3, 5, 4, 2)
NETWORK_ACTIVATIONS = ("tanh", "relu", "linear")
BATCHES = [list(range(start, min(start + 5, 16))) for start in range(0, 16, 5)]

PLAIN = {"rule": "sgd", "momentum": 0.0, "nesterov": False}
MOMENTUM = {"rule": "sgd", "momentum": 0.9, "nesterov": False}
NESTEROV = {"rule": "sgd", "momentum": 0.9, "nesterov": True}
ADAM = {"rule": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
OTHER_ADAM = {"rule": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}

# Optimizer and its learning rate on the bowl, on the double well, and on the network.
RUNS = [
    (PLAIN, 0.05, 0.002, 0.1),
    (MOMENTUM, 0.02, 0.002, 0.05),
    (NESTEROV, 0.02, 0.002, 0.05),
    (ADAM, 0.001, 0.001, 0.001),
    (OTHER_ADAM, 0.05, 0.05, 0.02),
]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    hessian, minimum = _rotated_bowl()

    def bowl(w: Tensor) -> Tensor:
        return (w - minimum) @ hessian @ (w - minimum) / 2

    write(
        Path(__file__).with_name("trajectories.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64, foreach=False",
            "bowl": {
                "hessian": hessian.tolist(),
                "minimum": minimum.tolist(),
                "runs": [_surface_run(bowl, [0.0, 0.0], rule, rate) for rule, rate, _, _ in RUNS],
            },
            "double_well": {
                "runs": [_surface_run(_double_well, [4.0], rule, rate) for rule, _, rate, _ in RUNS],
            },
            "network": _network_runs(),
        },
    )


def _rotated_bowl() -> tuple[Tensor, Tensor]:
    """A quadratic with curvatures 1 and 25, its axes turned by 30 degrees."""
    cos, sin = math.cos(math.pi / 6), math.sin(math.pi / 6)
    rotation = torch.tensor([[cos, -sin], [sin, cos]])
    hessian = rotation @ torch.diag(torch.tensor([1.0, 25.0])) @ rotation.T
    hessian[1, 0] = hessian[0, 1]
    return hessian, torch.tensor([4.0, 3.0])


def _double_well(w: Tensor) -> Tensor:
    return (w**4 / 4 - 2 * w**3 / 3 - 5 * w**2 / 2 + 6 * w + 38 / 3).sum()


def _optimizer(parameters: Iterable[Tensor], rule: dict[str, Any], rate: float) -> torch.optim.Optimizer:
    if rule["rule"] == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=rule["momentum"], nesterov=rule["nesterov"], foreach=False)
    betas = (rule["beta1"], rule["beta2"])
    return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=rule["epsilon"], foreach=False)


def _surface_run(
    surface: Callable[[Tensor], Tensor], start: list[float], rule: dict[str, Any], rate: float
) -> dict[str, Any]:
    w = torch.tensor(start, requires_grad=True)
    optimizer = _optimizer([w], rule, rate)
    path = [w.tolist()]
    for _ in range(SURFACE_UPDATES):
        optimizer.zero_grad()
        surface(w).backward()
        optimizer.step()
        path.append(w.tolist())
    return {"optimizer": {**rule, "learning_rate": rate}, "path": path}


def _network_runs() -> dict[str, Any]:
    torch.manual_seed(3)  # a start from which no relu dies, so that every parameter moves to the end
    samples = sum(len(batch) for batch in BATCHES)
    inputs = torch.randn(samples, SIZES[0])
    classes = torch.randint(0, SIZES[-1], (samples,))
    targets = {
        "squared_error": torch.randn(samples, SIZES[-1]),
        "cross_entropy": torch.nn.functional.one_hot(classes).to(torch.float64),
    }
    start = build(SIZES, NETWORK_ACTIVATIONS).state_dict()
    return {
        "sizes": SIZES,
        "activations": NETWORK_ACTIVATIONS,
        "inputs": inputs.tolist(),
        "targets": {loss: t.tolist() for loss, t in targets.items()},
        "batches": BATCHES,
        "keep_every": KEEP_EVERY,
        "runs": [
            _network_run(start, loss, inputs, t, rule, rate) for loss, t in targets.items() for rule, _, _, rate in RUNS
        ],
    }


def _network_run(
    start: dict[str, Tensor], loss: str, inputs: Tensor, targets: Tensor, rule: dict[str, Any], rate: float
) -> dict[str, Any]:
    network = build(SIZES, NETWORK_ACTIVATIONS)
    network.load_state_dict(start)
    optimizer = _optimizer(network.parameters(), rule, rate)
    kept = [flat_parameters(network)]
    for update in range(1, NETWORK_UPDATES + 1):
        batch = BATCHES[(update - 1) % len(BATCHES)]
        optimizer.zero_grad()
        batch_loss(loss, network(inputs[batch]), targets[batch]).backward()
        optimizer.step()
        if update % KEEP_EVERY == 0:
            kept.append(flat_parameters(network))
    return {"loss": loss, "optimizer": {**rule, "learning_rate": rate}, "parameters": kept}


if __name__ == "__main__":
    main()
