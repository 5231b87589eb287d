"""Update rules, one for every kernel, and a walk with one of them along gradients that it is given."""

from typing import Any

import numpy as np

from nnsim.core.arrays import aligned
from nnsim.core.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)

# One rule for every kernel, with every hyperparameter at work.
RULES: list[Optimizer] = [
    SGD(0.05, weight_decay=0.1),
    SGD(0.02, momentum=0.9, dampening=0.5, weight_decay=0.1),
    SGD(0.02, momentum=0.9, nesterov=True, weight_decay=0.1),
    Adagrad(0.1, lr_decay=0.01, weight_decay=0.1),
    RMSprop(0.01, weight_decay=0.1),
    RMSprop(0.01, momentum=0.9, weight_decay=0.1),
    RMSprop(0.01, weight_decay=0.1, centered=True),
    RMSprop(0.01, momentum=0.9, weight_decay=0.1, centered=True),
    Adadelta(weight_decay=0.1),
    Adam(0.01, weight_decay=0.1),
    Adam(0.01, weight_decay=0.1, amsgrad=True),
    AdamW(0.01, weight_decay=0.1),
    AdamW(0.01, weight_decay=0.1, amsgrad=True),
    Adamax(0.01, weight_decay=0.1),
    NAdam(0.01, weight_decay=0.1),
    RAdam(0.01, beta2=0.9, weight_decay=0.1),
    Rprop(0.01),
    Lion(0.01, weight_decay=0.1),
]


class Walk:
    """A rule on its way over a surface, or along gradients that it is given."""

    def __init__(self, rule: Optimizer, start: Any) -> None:
        self.rule = rule
        self.parameters = aligned(len(start))
        self.parameters[:] = start
        self.state = aligned(len(rule.slots), len(start))
        self.updates = 0

    def step(self, gradient: Any) -> None:
        """Make an update with this gradient, which must not change."""
        gradient = np.array(gradient, dtype=np.float64)
        before = gradient.copy()
        self.updates += 1
        self.rule.kernel(self.parameters, gradient, self.state, self.rule.vector, float(self.updates))
        assert gradient.tobytes() == before.tobytes()

    def stopped_and_resumed(self) -> "Walk":
        """The same walk from a copy of what it remembers."""
        resumed = Walk(self.rule, self.parameters.tolist())
        resumed.state[:] = self.state.copy()
        resumed.updates = self.updates
        return resumed
