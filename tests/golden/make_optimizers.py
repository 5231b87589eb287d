"""Makes optimizers.json: the paths of every optimizer on three surfaces, each following its own gradient.

Run it as `python tests/golden/make_optimizers.py` where PyTorch is installed (2.13.0 made the file); the tests read
only its output. Lion, which PyTorch lacks, is written out here from its paper (Chen et al. 2023, algorithm 2).

200 updates on each surface, 1000 on Himmelblau's, and 200 there with another learning rate after update 20. Every
tenth point is kept, and of the long path every hundredth.

With a short memory and a small epsilon, adaptive steps near a minimum become chaotic, and no two roundings agree on
the path. So every path is made a second time from a start 1e-13 away, and one that ends up elsewhere is refused.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from json_file import write
from torch import Tensor

UPDATES, KEEP_EVERY = 200, 10
LONG_UPDATES, LONG_KEEP_EVERY = 1000, 100
EDITED_AT, EDITED_BY = 20, 0.35
NUDGE, TOLERATED = 1e-13, 5e-12

OUR_NAMES = {
    "lr": "learning_rate",
    "eps": "epsilon",
    "betas": ("beta1", "beta2"),
    "etas": ("eta_minus", "eta_plus"),
    "step_sizes": ("step_minimum", "step_maximum"),
}


class Lion(torch.optim.Optimizer):
    """c = b1 m + (1 - b1) g; p <- p - lr (sign(c) + wd p); m <- b2 m + (1 - b2) g."""

    def __init__(
        self, parameters: list[Tensor], lr: float, betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0.0
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].get("m", torch.zeros_like(p))
                c = beta1 * m + (1 - beta1) * p.grad
                p.copy_(p - group["lr"] * (torch.sign(c) + group["weight_decay"] * p))
                self.state[p]["m"] = beta2 * m + (1 - beta2) * p.grad


def rosenbrock(w: Tensor) -> Tensor:
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def quadratic(w: Tensor) -> Tensor:
    """Curvatures 1 and 25 along axes turned by 30 degrees, minimum (4, 3)."""
    x, y = w[0] - 4, w[1] - 3
    cos, sin = math.sqrt(3) / 2, 0.5
    return (cos * x + sin * y) ** 2 / 2 + 25 * (cos * y - sin * x) ** 2 / 2


def himmelblau(w: Tensor) -> Tensor:
    return (w[0] ** 2 + w[1] - 11) ** 2 + (w[0] + w[1] ** 2 - 7) ** 2


Surface = Callable[[Tensor], Tensor]
SURFACES: dict[str, tuple[Surface, list[float]]] = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "quadratic": (quadratic, [0.3, -0.2]),
    "himmelblau": (himmelblau, [0.1, -0.3]),
}

# An optimizer, its options by PyTorch's names, and its learning rate on each surface.
CASES: list[tuple[Any, dict[str, Any], tuple[float, float, float]]] = [
    (torch.optim.SGD, {}, (1e-3, 0.05, 0.01)),
    (torch.optim.SGD, {"weight_decay": 0.1}, (1e-3, 0.05, 0.01)),
    (torch.optim.SGD, {"momentum": 0.9}, (2e-4, 0.02, 2e-3)),
    (torch.optim.SGD, {"momentum": 0.9, "dampening": 0.5}, (4e-4, 0.04, 4e-3)),
    (torch.optim.SGD, {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}, (4e-4, 0.03, 4e-3)),
    (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, (2e-4, 0.02, 2e-3)),
    (torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}, (2e-4, 0.02, 2e-3)),
    (torch.optim.Adagrad, {}, (0.1, 0.5, 0.5)),
    (torch.optim.Adagrad, {"lr_decay": 0.05}, (0.2, 0.5, 0.5)),
    (torch.optim.Adagrad, {"lr_decay": 0.01, "weight_decay": 0.1, "eps": 1e-3}, (0.2, 0.5, 0.5)),
    (torch.optim.RMSprop, {}, (5e-3, 0.02, 0.02)),
    (torch.optim.RMSprop, {"alpha": 0.9, "weight_decay": 0.1, "eps": 1.0}, (1e-3, 0.02, 0.02)),
    (torch.optim.RMSprop, {"centered": True}, (3e-3, 0.01, 0.01)),
    (torch.optim.RMSprop, {"momentum": 0.9}, (5e-4, 0.005, 0.005)),
    (torch.optim.RMSprop, {"centered": True, "momentum": 0.8, "weight_decay": 0.1}, (5e-4, 0.005, 0.005)),
    (torch.optim.Adadelta, {}, (1.0, 1.0, 1.0)),
    (torch.optim.Adadelta, {"rho": 0.95, "eps": 1e-4, "weight_decay": 0.1}, (0.1, 0.5, 0.5)),
    (torch.optim.Adam, {}, (0.02, 0.05, 0.05)),
    (torch.optim.Adam, {"weight_decay": 0.1}, (0.02, 0.05, 0.05)),
    (torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1.0}, (0.02, 0.05, 0.05)),
    (torch.optim.Adam, {"amsgrad": True, "betas": (0.9, 0.9)}, (0.02, 0.05, 0.05)),
    (torch.optim.Adam, {"amsgrad": True, "betas": (0.9, 0.9), "weight_decay": 0.1}, (0.02, 0.05, 0.05)),
    (torch.optim.AdamW, {}, (0.02, 0.05, 0.05)),
    (torch.optim.AdamW, {"weight_decay": 0.3, "eps": 1e-3}, (0.02, 0.05, 0.05)),
    (torch.optim.AdamW, {"amsgrad": True, "betas": (0.9, 0.9), "weight_decay": 0.3}, (0.02, 0.05, 0.05)),
    (torch.optim.Adamax, {}, (0.02, 0.05, 0.05)),
    (torch.optim.Adamax, {"betas": (0.8, 0.9), "eps": 1.0, "weight_decay": 0.1}, (0.02, 0.05, 0.05)),
    (torch.optim.NAdam, {}, (0.02, 0.05, 0.05)),
    (
        torch.optim.NAdam,
        {"betas": (0.8, 0.95), "eps": 1.0, "weight_decay": 0.1, "momentum_decay": 0.05},
        (0.02, 0.05, 0.05),
    ),
    (torch.optim.RAdam, {}, (0.001, 0.02, 0.02)),
    (torch.optim.RAdam, {"betas": (0.9, 0.9), "eps": 1.0, "weight_decay": 0.1}, (0.001, 0.02, 0.02)),
    (torch.optim.RAdam, {"betas": (0.9, 0.6)}, (0.0005, 0.02, 0.002)),
    (torch.optim.Rprop, {}, (0.01, 0.01, 0.01)),
    (torch.optim.Rprop, {"etas": (0.6, 1.3), "step_sizes": (1e-3, 0.1)}, (0.01, 0.2, 0.01)),
    (Lion, {}, (0.0037, 0.0137, 0.0137)),
    (Lion, {"betas": (0.8, 0.95), "weight_decay": 0.3}, (0.0037, 0.0137, 0.0137)),
]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    write(
        Path(__file__).with_name("optimizers.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64, foreach=False",
            "runs": [
                run
                for make, options, rates in CASES
                for surface, rate in zip(SURFACES, rates, strict=True)
                for run in _runs(make, {**options, "lr": rate}, surface)
            ],
        },
    )


def _runs(make: Any, options: dict[str, Any], surface: str) -> list[dict[str, Any]]:
    runs = [_run(make, options, surface, UPDATES, KEEP_EVERY)]
    if surface == "himmelblau":
        runs.append(_run(make, options, surface, LONG_UPDATES, LONG_KEEP_EVERY))
        runs.append(_run(make, options, surface, UPDATES, KEEP_EVERY, EDITED_BY * options["lr"]))
    return runs


def _run(
    make: Any, options: dict[str, Any], surface: str, updates: int, keep_every: int, edited: float | None = None
) -> dict[str, Any]:
    """One golden run. `edited` is the learning rate after update 20."""
    path, nudged = (_path(make, options, surface, nudge, updates, edited) for nudge in (0.0, NUDGE))
    apart = float((path - nudged).abs().max())
    if apart > TOLERATED:
        raise SystemExit(f"{make.__name__} with {options} is chaotic on {surface}: {NUDGE} became {apart:.1e}")
    return {
        "optimizer": {"kind": make.__name__.lower(), **_named(options)},
        "surface": surface,
        "keep_every": keep_every,
        "edits": {} if edited is None else {EDITED_AT: edited},
        "path": path[::keep_every].tolist(),
    }


def _path(make: Any, options: dict[str, Any], surface: str, nudge: float, updates: int, edited: float | None) -> Tensor:
    """Every point of a path, shape (updates + 1, 2)."""
    loss, (x, y) = SURFACES[surface]
    w = torch.tensor([x + nudge, y + nudge], requires_grad=True)
    optimizer = make([w], **options) if make is Lion else make([w], **options, foreach=False)
    path = [w.detach().clone()]
    for update in range(1, updates + 1):
        optimizer.zero_grad()
        loss(w).backward()
        optimizer.step()
        path.append(w.detach().clone())
        if update == EDITED_AT and edited is not None:
            optimizer.param_groups[0]["lr"] = edited
    return torch.stack(path)


def _named(options: dict[str, Any]) -> dict[str, Any]:
    """The options by our names."""
    named: dict[str, Any] = {}
    for name, value in options.items():
        ours = OUR_NAMES.get(name, name)
        named |= dict(zip(ours, value, strict=True)) if isinstance(ours, tuple) else {ours: value}
    return named


if __name__ == "__main__":
    main()
