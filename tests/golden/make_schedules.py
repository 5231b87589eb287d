"""Makes schedules.json: the learning rates of PyTorch's schedulers in float64, steps 0 to 200.

Run it as `python tests/golden/make_schedules.py` where PyTorch is installed (2.13.0 made the file);
the tests read only its output.

Each scheduler drives a dummy SGD, and the rate is read before each of its steps. CosineAnnealingLR climbs again after
T_max and OneCycleLR ends at its last step, so these two are followed for as long as they last.
"""

import math
from pathlib import Path
from typing import Any

import torch
from json_file import write
from torch.optim import lr_scheduler as schedulers

STEPS = 200

# The kind, its fields, and the base rate.
PLANNED: list[tuple[str, dict[str, Any], float]] = [
    ("step", {"every": 30, "factor": 0.1}, 0.1),
    ("step", {"every": 1, "factor": 0.97}, 0.3),
    ("step", {"every": 7, "factor": 0.5}, 1e-3),
    ("multi_step", {"milestones": [60, 120, 160], "factor": 0.2}, 0.1),
    ("multi_step", {"milestones": [1, 2, 199, 500], "factor": 0.1}, 2.0),
    ("exponential", {"factor": 0.95}, 0.1),
    ("exponential", {"factor": 0.7}, 0.3),
    ("cosine", {"length": 200, "minimum": 0.0}, 0.1),
    ("cosine", {"length": 150, "minimum": 0.01}, 0.3),
    ("cosine", {"length": 1, "minimum": 1e-4}, 0.3),
    ("cosine_restarts", {"length": 10, "multiplier": 1, "minimum": 0.0}, 0.1),
    ("cosine_restarts", {"length": 10, "multiplier": 2, "minimum": 1e-3}, 0.1),
    ("cosine_restarts", {"length": 1, "multiplier": 3, "minimum": 0.0}, 0.7),
    ("warmup", {"length": 5, "start_factor": 1 / 3}, 0.1),
    ("warmup", {"length": 150, "start_factor": 1e-3}, 0.3),
    ("warmup", {"length": 20, "start_factor": 1.0}, 0.3),
    ("one_cycle", {"length": 201, "warmup": 0.3, "initial": 25.0, "final": 1e4}, 0.1),
    ("one_cycle", {"length": 97, "warmup": 0.45, "initial": 10.0, "final": 100.0}, 1.0),
    ("one_cycle", {"length": 3, "warmup": 0.5, "initial": 2.0, "final": 1.0}, 1.0),
    ("one_cycle", {"length": 3, "warmup": 0.3, "initial": 25.0, "final": 1e4}, 0.1),
    ("one_cycle", {"length": 2, "warmup": 0.3, "initial": 25.0, "final": 1e4}, 0.1),
    ("one_cycle", {"length": 2, "warmup": 0.9, "initial": 10.0, "final": 100.0}, 1.0),
    ("one_cycle", {"length": 1, "warmup": 0.3, "initial": 25.0, "final": 1e4}, 0.1),
    ("one_cycle", {"length": 20, "warmup": 0.01, "initial": 25.0, "final": 1e4}, 0.3),
]

PLATEAUS: list[tuple[dict[str, Any], float]] = [
    ({"factor": 0.1, "patience": 10, "threshold": 1e-4, "cooldown": 0, "minimum": 0.0}, 0.1),
    ({"factor": 0.5, "patience": 2, "threshold": 1e-2, "cooldown": 5, "minimum": 1e-3}, 0.1),
    ({"factor": 0.7, "patience": 0, "threshold": 0.0, "cooldown": 1, "minimum": 0.02}, 1.0),
    ({"factor": 0.5, "patience": 3, "threshold": 0.1, "cooldown": 2, "minimum": 0.3}, 0.1),
]


def main() -> None:
    losses = _losses()
    write(
        Path(__file__).with_name("schedules.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64",
            "planned": [
                {"kind": kind, "fields": fields, "base": base, "rates": _rates(kind, fields, base)}
                for kind, fields, base in PLANNED
            ],
            "losses": losses,
            "plateaus": [
                {"fields": fields, "base": base, "rates": _plateau_rates(fields, base, losses)}
                for fields, base in PLATEAUS
            ],
        },
    )


def _scheduler(kind: str, fields: dict[str, Any], optimizer: Any) -> Any:
    """PyTorch's scheduler with these settings."""
    match kind:
        case "step":
            return schedulers.StepLR(optimizer, fields["every"], fields["factor"])
        case "multi_step":
            return schedulers.MultiStepLR(optimizer, fields["milestones"], fields["factor"])
        case "exponential":
            return schedulers.ExponentialLR(optimizer, fields["factor"])
        case "cosine":
            return schedulers.CosineAnnealingLR(optimizer, fields["length"], fields["minimum"])
        case "cosine_restarts":
            return schedulers.CosineAnnealingWarmRestarts(
                optimizer, fields["length"], fields["multiplier"], fields["minimum"]
            )
        case "warmup":
            return schedulers.LinearLR(optimizer, fields["start_factor"], total_iters=fields["length"])
        case _:
            return schedulers.OneCycleLR(
                optimizer,
                max_lr=optimizer.param_groups[0]["lr"],
                total_steps=fields["length"],
                pct_start=fields["warmup"],
                div_factor=fields["initial"],
                final_div_factor=fields["final"],
                cycle_momentum=False,
            )


def _sgd(base: float) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=base)


def _rates(kind: str, fields: dict[str, Any], base: float) -> list[float]:
    lasts = {"cosine": fields.get("length"), "one_cycle": fields.get("length", 0) - 1}
    optimizer = _sgd(base)
    scheduler = _scheduler(kind, fields, optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(lasts.get(kind, STEPS)):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def _losses() -> list[float]:
    """A loss that falls ever more slowly, with two flat stretches, a rise, and a late fall."""
    losses = []
    for step in range(STEPS):
        loss = 0.2 + 2.0 * math.exp(-step / 40.0) + 0.05 * math.sin(step)
        if 40 <= step < 70 or 110 <= step < 125:
            loss = losses[-1]
        if 125 <= step < 140:
            loss += 0.3
        if step >= 170:
            loss = 0.05 + 0.05 / (step - 169)
        losses.append(loss)
    return losses


def _plateau_rates(fields: dict[str, Any], base: float, losses: list[float]) -> list[float]:
    optimizer = _sgd(base)
    scheduler = schedulers.ReduceLROnPlateau(
        optimizer,
        factor=fields["factor"],
        patience=fields["patience"],
        threshold=fields["threshold"],
        cooldown=fields["cooldown"],
        min_lr=fields["minimum"],
        eps=0.0,
    )
    rates = [optimizer.param_groups[0]["lr"]]
    for loss in losses:
        scheduler.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


if __name__ == "__main__":
    main()
