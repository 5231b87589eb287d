"""Between which numbers the answers of each activation lie: what a last layer can and cannot say."""

from __future__ import annotations

import math
from typing import NamedTuple


class Range(NamedTuple):
    """The greatest lower and the least upper bound of an activation; it need not reach them."""

    low: float = -math.inf
    high: float = math.inf


# The lowest points of gelu, silu and mish are where their derivatives are 0, which has no closed form.
RANGES: dict[str, Range] = {
    "linear": Range(),
    "relu": Range(low=0.0),
    "leaky_relu": Range(),
    "tanh": Range(-1.0, 1.0),
    "sigmoid": Range(0.0, 1.0),
    "elu": Range(low=-1.0),
    "selu": Range(low=-1.7580993408473766),
    "gelu": Range(low=-0.16997120747990366),
    "gelu_tanh": Range(low=-0.17004075057125406),
    "silu": Range(low=-0.2784645427610738),
    "softplus": Range(low=0.0),
    "mish": Range(low=-0.30884341301725043),
    "hard_tanh": Range(-1.0, 1.0),
    "sine": Range(-1.0, 1.0),
}
