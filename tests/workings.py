"""Workings, which are Python expressions, computed again."""

import math
import re

import numpy as np

FUNCTIONS = {
    "sqrt": math.sqrt,
    "max": max,
    "min": min,
    "abs": abs,
    "sign": lambda x: float(np.sign(x)),
    "exp": math.exp,
    "tanh": math.tanh,
    "cos": math.cos,
    "cosh": math.cosh,
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z)) if z >= 0.0 else math.exp(z) / (1.0 + math.exp(z)),
}


def computed(working: str) -> float:
    """What the text of a step gives when Python computes it."""
    text = re.sub(r"(?<![\w.])(?<!e[-+])(\d+)(?![\w.])", r"\1.0", working)
    return float(eval(text, {"__builtins__": {}}, FUNCTIONS))
