"""Side effects: the made-up study of a drug on 2100 people that deeplizard's Keras tutorials train on.

Of 1050 people under 65 years 50 had side effects, of 1050 aged 65 or more 1000 had. So no answer from the age alone is
right more often than in 20 of 21 cases, and no loss is below H(1/21) = 0.191444 but by luck.

`python -m nnsim.scenarios.data.side_effects` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.core.randomness import Purpose, generator
from nnsim.scenarios.data import bundled

YOUNGEST, OLD, OLDEST = 13, 65, 100
RARE, USUAL = 50, 1000
BUNDLED = 0

FILE = Path(__file__).parent / "side-effects.npz"
SHA256 = "622d20317b9b8a49b26461307b6dbd1e8859563ba327e1a97f5303c6c2165af7"

Bytes = NDArray[np.uint8]


class People(NamedTuple):
    """Ages in years, shape (people,), and whether each had side effects, 0 or 1."""

    ages: Bytes
    had_side_effects: Bytes


def generate(draw: int = BUNDLED) -> People:
    """Draw 2100 people in the tutorial's order: the rare cases first, young and old by turns."""
    rng = generator(Purpose.DRAW, draw)
    ages, labels = [], []
    for count, young_label in ((RARE, 1), (USUAL, 0)):
        for _ in range(count):
            ages += [rng.integers(YOUNGEST, OLD), rng.integers(OLD, OLDEST + 1)]
            labels += [young_label, 1 - young_label]
    return People(np.array(ages, dtype=np.uint8), np.array(labels, dtype=np.uint8))


def load(file: Path = FILE) -> People:
    """Read the bundled people. Raises ValueError when the file is not the one that belongs to this module."""
    return People(**bundled.load(file, SHA256))


def write(file: Path = FILE) -> str:
    """Generate the people, write them to `file`, and return the sha256 of its bytes."""
    return bundled.write(file, generate()._asdict())


def scaled(ages: Bytes) -> NDArray[np.float64]:
    """Ages from 0 (13 years) to 1 (100 years), as the tutorial's MinMaxScaler gives them."""
    return (ages - float(YOUNGEST)) / (OLDEST - YOUNGEST)


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
