"""Iris and digits: measured data out of scikit-learn's package. README.md, beside this file, says where they come
from.

Each is split into three quarters to train on and one to test on, with the same share of every class in both. The files
hold the split, so that neither the program nor its figures need scikit-learn; where that is installed,
`python -m nnsim.scenarios.data.scikit_learn` writes them again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.scenarios.data import bundled

TEST_SHARE, SPLIT_SEED = 0.25, 0

IRIS_FILE = Path(__file__).parent / "iris.npz"
IRIS_SHA256 = "aa122541eecb5cd2609db9e20041b8e7d023c2f64e393f29d540b223c8771bd7"
IRIS_INPUTS = ("sepal length", "sepal width", "petal length", "petal width")
IRIS_CLASSES = ("setosa", "versicolor", "virginica")
MILLIMETRES = 10.0

DIGITS_FILE = IRIS_FILE.with_name("digits.npz")
DIGITS_SHA256 = "cfcf432aff1c232b2907957ff8127e353c9f0de73f61ed2134ecc32e8e646442"
DIGITS_SIDE, DIGITS_DARKEST = 8, 16.0
DIGITS_CLASSES = tuple("0123456789")

Bytes = NDArray[np.uint8]


class Labelled(NamedTuple):
    """Inputs (samples, n_in) as they were measured, and the class of each (samples,), counted from 0."""

    train_inputs: Bytes
    train_labels: Bytes
    test_inputs: Bytes
    test_labels: Bytes


def load_iris(file: Path = IRIS_FILE) -> Labelled:
    """150 flowers of three species: length and width of sepals and petals, in millimetres.

    Raises ValueError when the file is not, byte for byte, the one that belongs to this module.
    """
    return Labelled(**bundled.load(file, IRIS_SHA256))


def load_digits(file: Path = DIGITS_FILE) -> Labelled:
    """1797 handwritten digits in 8 x 8 pixels of 0 to 16, row by row. Raises ValueError as `load_iris` does."""
    return Labelled(**bundled.load(file, DIGITS_SHA256))


def write() -> dict[str, str]:
    """Write both files out of an installed scikit-learn; return the sha256 of each by its name."""
    from sklearn import datasets

    iris, digits = datasets.load_iris(), datasets.load_digits()
    return {
        IRIS_FILE.name: bundled.write(IRIS_FILE, _split(iris.data * MILLIMETRES, iris.target)._asdict()),
        DIGITS_FILE.name: bundled.write(DIGITS_FILE, _split(digits.data, digits.target)._asdict()),
    }


def _split(inputs: NDArray[np.float64], labels: NDArray[np.int64]) -> Labelled:
    from sklearn.model_selection import train_test_split

    whole = np.rint(inputs).astype(np.uint8), labels.astype(np.uint8)
    train_inputs, test_inputs, train_labels, test_labels = train_test_split(
        *whole, test_size=TEST_SHARE, random_state=SPLIT_SEED, stratify=labels
    )
    return Labelled(train_inputs, train_labels, test_inputs, test_labels)


if __name__ == "__main__":
    for name, sha256 in write().items():
        print(f"{name}: sha256 {sha256}")
