"""A noisy sine: t = sin(pi x) + noise, where x is even over -1..1 and the noise is normal with deviation 0.3.

No fit can have a mean squared error below the noise's own, 0.09, on samples that it has not seen. There are ten draws
of 200 samples to train on, all independent, and 2000 samples to test on.

`python -m nnsim.scenarios.data.noisy_sine` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

DRAWS, TRAIN_COUNT, TEST_COUNT = 10, 200, 2000
DEVIATION = 0.3
TEST_SEED = DRAWS

FILE = Path(__file__).parent / "noisy-sine.npz"
SHA256 = "882111c463fe421ad3f071fa9c35cfc2ae085a2e824ec9ba68d3b7801827f8e8"

Floats = NDArray[np.float64]


class NoisySine(NamedTuple):
    """Inputs and targets of the ten draws, shape (draws, samples), and of the test set, shape (samples,)."""

    inputs: Floats
    targets: Floats
    test_inputs: Floats
    test_targets: Floats


def draw(count: int, seed: int) -> tuple[Floats, Floats]:
    """So many inputs and their targets, each of shape (count,)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, count)
    return x, np.sin(np.pi * x) + DEVIATION * rng.standard_normal(count)


def generate() -> NoisySine:
    """Draw all samples: seeds 0 to 9 for those to train on, 10 for those to test on."""
    inputs, targets = zip(*(draw(TRAIN_COUNT, seed) for seed in range(DRAWS)), strict=True)
    return NoisySine(np.array(inputs), np.array(targets), *draw(TEST_COUNT, TEST_SEED))


def load(file: Path = FILE) -> NoisySine:
    """Read the bundled samples. Raises ValueError when the file is not the one that belongs to this module."""
    return NoisySine(**bundled.load(file, SHA256))


def write(file: Path = FILE) -> str:
    """Generate all samples, write them to `file`, and return the sha256 of its bytes."""
    return bundled.write(file, generate()._asdict())


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
