"""Noisy samples of a sine of twice the input: t = sin(2 x) + noise, x even over -pi..pi, noise of deviation 0.2.

A neuron y = sin(w x) has its best fit to them at w = 2, and worse ones at which its loss has minima too.

`python -m nnsim.scenarios.data.doubled_sine` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

COUNT, SEED, FACTOR, DEVIATION = 256, 0, 2.0, 0.2

FILE = Path(__file__).parent / "doubled-sine.npz"
SHA256 = "7e50612d1676c5323b3bd0aa87e740227125f8ee7110d88d6db6e1cf30eae90b"

Floats = NDArray[np.float64]


class DoubledSine(NamedTuple):
    """Inputs and targets, shape (256,)."""

    inputs: Floats
    targets: Floats


def generate() -> DoubledSine:
    """Draw all inputs, then the noise of all targets."""
    rng = np.random.default_rng(SEED)
    x = rng.uniform(-np.pi, np.pi, COUNT)
    return DoubledSine(x, np.sin(FACTOR * x) + DEVIATION * rng.standard_normal(COUNT))


def load(file: Path = FILE) -> DoubledSine:
    """Read the bundled samples. Raises ValueError when the file is not the one that belongs to this module."""
    return DoubledSine(**bundled.load(file, SHA256))


def write(file: Path = FILE) -> str:
    """Generate all samples, write them to `file`, and return the sha256 of its bytes."""
    return bundled.write(file, generate()._asdict())


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
