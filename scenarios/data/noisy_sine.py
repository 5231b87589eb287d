"""A noisy sine: t = sin(pi x) + noise, where x is even over -1..1 and the noise is normal with deviation 0.3.

No fit can have a mean squared error below the noise's own, 0.09, on samples that it has not seen. There are ten draws
of few samples and ten of many to train on, and 2000 samples to test on.

`python -m nnsim.scenarios.data.noisy_sine` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

DRAWS, FEW, MANY, TEST_COUNT = 10, 20, 200, 2000
DEVIATION = 0.3
FIRST_SEED, TEST_SEED = 1000, 9999

FILE = Path(__file__).parent / "noisy-sine.npz"
SHA256 = "a04cfcbb36f627d0d32fa7dc723a2b37f0b53ccd058e677723612fe48b2080d3"

Floats = NDArray[np.float64]


class NoisySine(NamedTuple):
    """Inputs and targets of the ten draws, shape (draws, samples), and of the test set, shape (samples,)."""

    few_inputs: Floats
    few_targets: Floats
    many_inputs: Floats
    many_targets: Floats
    test_inputs: Floats
    test_targets: Floats


def draw(count: int, seed: int) -> tuple[Floats, Floats]:
    """So many inputs and their targets, each of shape (count,)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, count)
    return x, np.sin(np.pi * x) + DEVIATION * rng.standard_normal(count)


def generate() -> NoisySine:
    """Draw all samples."""
    return NoisySine(*_draws(FEW), *_draws(MANY), *draw(TEST_COUNT, TEST_SEED))


def _draws(count: int) -> tuple[Floats, Floats]:
    inputs, targets = zip(*(draw(count, FIRST_SEED + place) for place in range(DRAWS)), strict=True)
    return np.array(inputs), np.array(targets)


def load(file: Path = FILE) -> NoisySine:
    """Read the bundled samples. Raises ValueError when the file is not the one that belongs to this module."""
    return NoisySine(**bundled.load(file, SHA256))


def write(file: Path = FILE) -> str:
    """Generate all samples, write them to `file`, and return the sha256 of its bytes."""
    return bundled.write(file, generate()._asdict())


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
