"""Two moons: points on two half circles that reach into each other, with normal noise of deviation 0.1.

The first class lies on (cos a, sin a), the second on (1 - cos a, 1/2 - sin a), both for a evenly from 0 to pi.
There are 256 points to train on and 256 to test on, half of them of each class.

`python -m nnsim.scenarios.data.moons` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.core.randomness import Purpose, generator
from nnsim.scenarios.data import bundled

COUNT = 256
DEVIATION = 0.1

FILE = Path(__file__).parent / "moons.npz"
SHA256 = "3408d488285c89693b8131e582e9d018a4a5c10fda9e665c3c6b00ed89930109"

Floats = NDArray[np.float64]


class Moons(NamedTuple):
    """The points, shape (256, 2), to train on and to test on; the first half of either is of the first class."""

    points: Floats
    test_points: Floats


def draw(which: int) -> Floats:
    """The points of one set."""
    angles = np.linspace(0.0, np.pi, COUNT // 2)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    lower = np.stack([1.0 - np.cos(angles), 0.5 - np.sin(angles)], axis=1)
    noise: Floats = DEVIATION * generator(Purpose.MOONS, which).standard_normal((COUNT, 2))
    return np.concatenate([upper, lower]) + noise


def generate() -> Moons:
    """Draw all points: those to train on first, then those to test on."""
    return Moons(draw(0), draw(1))


def load(file: Path = FILE) -> Moons:
    """Read the bundled points. Raises ValueError when the file is not the one that belongs to this module."""
    return Moons(**bundled.load(file, SHA256))


def write(file: Path = FILE) -> str:
    """Generate all points, write them to `file`, and return the sha256 of its bytes."""
    return bundled.write(file, generate()._asdict())


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
