"""Hot dogs: small made-up pictures, half of them of a hot dog, the others of things that look a little like one.

A picture has 12 x 12 cells. A hot dog is a soft ellipse, the bun, with a brighter thin core, the sausage, lying within
half a radian of level. The others are, equally often: a disc with a hole, a bun and sausage that stand upright, a bun
whose core is dark, and three blobs anywhere. Every picture has its own brightness, and noise of deviation 0.08.

The pictures ship as a file, in 16 shades of grey and two pixels to a byte: rounding to a shade adds a deviation of
0.02 to the noise, and makes the file a sixteenth as large as with floating point.
Of the seeds 0, 2 and 3 for the pictures to train on the last
was kept, whose first 20 pictures are the most telling. `python -m nnsim.scenarios.data.hot_dog` writes the file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

SIDE = 12
TRAIN_COUNT, TRAIN_SEED = 6000, 3
TEST_COUNT, TEST_SEED = 2000, 1
NOISE = 0.08
LIGHTEST = 15
CLASSES = ("other", "hot dog")

FILE = Path(__file__).parent / "hot-dog.npz"
SHA256 = "4a657c4511cf89adf31b63f65e5b8378e388ce90a6cfc8895afc5fc4c3476476"

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_ROW, _COLUMN = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)


class Pictures(NamedTuple):
    """Pictures (samples, 144), row by row with brightness 0..1, and which are hot dogs, 1 or 0 (samples,)."""

    images: Floats
    labels: Floats


def generate(count: int, seed: int) -> Pictures:
    """Draw so many pictures."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count).astype(np.float64)
    images = np.array([_picture(rng, bool(label)) for label in labels])
    return Pictures(images.reshape(count, SIDE * SIDE), labels)


def load(file: Path = FILE) -> tuple[Pictures, Pictures]:
    """Read the bundled pictures: 6000 to train on and 2000 to test on.

    Raises ValueError when the file is not, byte for byte, the one that belongs to this module.
    """
    data = bundled.load(file, SHA256)
    train, test = (
        Pictures(_unpacked(data[f"{part}_shades"]), data[f"{part}_labels"].astype(np.float64))
        for part in ("train", "test")
    )
    return train, test


def write(file: Path = FILE) -> str:
    """Draw all pictures, write them to `file`, and return the sha256 of its bytes."""
    arrays: dict[str, NDArray[np.uint8]] = {}
    for part, count, seed in (("train", TRAIN_COUNT, TRAIN_SEED), ("test", TEST_COUNT, TEST_SEED)):
        images, labels = generate(count, seed)
        arrays |= {f"{part}_shades": _packed(images), f"{part}_labels": labels.astype(np.uint8)}
    return bundled.write(file, arrays)


def _packed(images: Floats) -> Bytes:
    """Pictures in 16 shades, two pixels to a byte."""
    shades = np.rint(images * LIGHTEST).astype(np.uint8)
    return np.bitwise_or(np.left_shift(shades[:, ::2], 4), shades[:, 1::2])


def _unpacked(packed: Bytes) -> Floats:
    shades = np.stack([packed >> 4, packed & LIGHTEST], axis=-1)
    return shades.reshape(len(packed), -1) / LIGHTEST


def _picture(rng: np.random.Generator, hot_dog: bool) -> Floats:
    """One picture (12, 12)."""
    light = _hot_dog(rng) if hot_dog else (_ring, _upright, _sandwich, _blobs)[rng.integers(4)](rng)
    brightness = rng.uniform(0.7, 1.1)
    noise = NOISE * rng.standard_normal((SIDE, SIDE))
    return np.clip(brightness * light + noise, 0.0, 1.0)


def _hot_dog(rng: np.random.Generator) -> Floats:
    return _bun(rng, rng.uniform(-0.5, 0.5), core=0.4)


def _upright(rng: np.random.Generator) -> Floats:
    return _bun(rng, np.pi / 2 + rng.uniform(-0.5, 0.5), core=0.4)


def _sandwich(rng: np.random.Generator) -> Floats:
    return _bun(rng, rng.uniform(-0.5, 0.5), core=-0.4)


def _bun(rng: np.random.Generator, angle: float, core: float) -> Floats:
    """A soft ellipse at an angle, with a thin core that is so much brighter."""
    x, y = _around(rng)
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    length, width = rng.uniform(3.5, 5.0), rng.uniform(1.8, 2.6)
    bun = 0.6 * _soft(np.hypot(along / length, across / width))
    return bun + core * _soft(np.hypot(along / length, across / (0.35 * width)))


def _ring(rng: np.random.Generator) -> Floats:
    """A disc with a hole."""
    distance, radius = np.hypot(*_around(rng)), rng.uniform(3.0, 4.5)
    return 0.8 * (_soft(distance / radius) - _soft(distance / (0.4 * radius)))


def _blobs(rng: np.random.Generator) -> Floats:
    """Three blobs anywhere."""
    light = np.zeros((SIDE, SIDE))
    for _ in range(3):
        x, y = rng.uniform(1, SIDE - 2, 2)
        size = rng.uniform(1.0, 2.0)
        light += 0.8 * np.exp(-((_COLUMN - x) ** 2 + (_ROW - y) ** 2) / (2 * size**2))
    return light


def _around(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The distance of each cell from a point near the middle, to the right and down."""
    middle = (SIDE - 1) / 2
    x, y = middle + rng.uniform(-1.5, 1.5, 2)
    return _COLUMN - x, _ROW - y


def _soft(distance: Floats) -> Floats:
    """1 inside, 0 outside, and soft at the edge, where the distance is 1."""
    soft: Floats = 1.0 / (1.0 + np.exp(8.0 * (distance - 1.0)))
    return soft


if __name__ == "__main__":
    print(f"{FILE.name}: sha256 {write()}")
