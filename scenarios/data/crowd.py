"""Crowd-8: small pictures of crowds, each with the number of people in it.

A picture has 8 x 8 cells. People stand in one to four loose groups; a cell grows brighter with its
people, but those in front hide those behind, and people lower in the picture look larger.

The pictures ship as two files. The first has the 2000 to train on and the 500 to test on, to the last bit. The second
has 3000 more to train on, as bytes: rounding to 1/255 is next to nothing beside their noise, and an eighth as large.
`python -m nnsim.scenarios.data.crowd` writes both again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

SIDE = 8
MOST_PEOPLE = 1000
TRAIN_COUNT, TRAIN_SEED = 2000, 0
TEST_COUNT, TEST_SEED = 500, 1
MORE_COUNT, MORE_SEED = 3000, 2
LIGHTEST = 255

FILE = Path(__file__).parent / "crowd-8.npz"
SHA256 = "2c922a96e838ac60c609f775ef92be5d2aa959add5cf1ece1ec03eff5b484554"
MORE_FILE = FILE.with_name("crowd-8-more.npz")
MORE_SHA256 = "585de7c8c32ce2d641b3cf4ecf4ad9824727430d0f1652ee2078d150feccb9e7"

Floats = NDArray[np.float64]

_ROW, _COLUMN = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
_SIZE = np.linspace(0.6, 1.4, SIDE)[:, np.newaxis]


class Pictures(NamedTuple):
    """Pictures (samples, 64), row by row with brightness 0..1, and the people in each (samples,), 0..1000."""

    images: Floats
    counts: Floats


@dataclass(frozen=True, eq=False)
class CrowdData:
    """Pictures (samples, 64), row by row with brightness 0..1, and the people in each (samples,), 0..1000."""

    train_images: Floats
    train_counts: Floats
    test_images: Floats
    test_counts: Floats


def generate(count: int, seed: int) -> Pictures:
    """Return `count` new pictures (count, 64) and the number of people in each (count,)."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, MOST_PEOPLE + 1, count)
    images = np.array([_picture(rng, people) for people in counts])
    return Pictures(images.reshape(count, SIDE * SIDE), counts.astype(np.float64))


def load(file: Path = FILE) -> CrowdData:
    """Read the bundled pictures: 2000 to train on and 500 to test on.

    Raises ValueError when the file is not, byte for byte, the one that belongs to this module.
    """
    return CrowdData(**bundled.load(file, SHA256))


def load_more(file: Path = MORE_FILE) -> Pictures:
    """Read the 3000 further pictures to train on. Raises ValueError when the file is not the one of this module."""
    data = bundled.load(file, MORE_SHA256)
    return Pictures(data["images"] / LIGHTEST, data["counts"].astype(np.float64))


def write(file: Path = FILE) -> str:
    """Generate the first 2500 pictures, write them to `file`, and return the sha256 of its bytes."""
    train_images, train_counts = generate(TRAIN_COUNT, TRAIN_SEED)
    test_images, test_counts = generate(TEST_COUNT, TEST_SEED)
    return bundled.write(
        file,
        {
            "train_images": train_images,
            "train_counts": train_counts,
            "test_images": test_images,
            "test_counts": test_counts,
        },
    )


def write_more(file: Path = MORE_FILE) -> str:
    """Generate the further pictures, write them to `file`, and return the sha256 of its bytes."""
    images, counts = generate(MORE_COUNT, MORE_SEED)
    shades = np.rint(images * LIGHTEST).astype(np.uint8)
    return bundled.write(file, {"images": shades, "counts": counts.astype(np.uint16)})


def _picture(rng: np.random.Generator, people: int) -> Floats:
    """One picture (8, 8) of `people` people."""
    density = _density(rng)
    standing = rng.multinomial(people, density.ravel()).reshape(SIDE, SIDE)
    brightness = 1 - np.exp(-standing * _SIZE / 6)
    # The recipe draws a change of light here, of strength 0; without the draw all later pictures differ.
    rng.standard_normal()
    noise = 0.02 * rng.standard_normal((SIDE, SIDE))
    return np.clip(brightness + noise, 0, 1)


def _density(rng: np.random.Generator) -> Floats:
    """The chance (8, 8) of each cell to hold a given person: an even ground and one to four groups."""
    density = np.full((SIDE, SIDE), 0.15)
    for _ in range(rng.integers(1, 5)):
        x, y = rng.uniform(0, SIDE - 1, 2)
        width = rng.uniform(1, 4)
        density += np.exp(-((_COLUMN - x) ** 2 + (_ROW - y) ** 2) / (2 * width**2))
    normalised: Floats = density / density.sum()
    return normalised


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
    print(f"{MORE_FILE.name}: sha256 {write_more()}")
