"""The data of a scenario: the training set, a test set where there is one, and what their numbers mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.objective import Samples
from nnsim.scenarios import data_sets
from nnsim.scenarios.data import crowd, doubled_sine, hot_dog, moons, noisy_sine, scikit_learn, side_effects
from nnsim.scenarios.text import counted


@dataclass(frozen=True, eq=False)
class Pictures:
    """How samples (pixels,) become pictures again: their rows and columns, and the mean that was subtracted."""

    shape: tuple[int, int]
    mean: Vector | float = 0.0

    def of(self, sample: Vector) -> Matrix:
        """The picture of a sample, of brightness 0..1."""
        return (sample + self.mean).reshape(self.shape)


@dataclass(frozen=True, eq=False)
class DataSet:
    """Samples, and what they are. Targets times `scale` are in `unit`; `inputs` and `classes` are names, empty where
    there are none."""

    train: Samples
    test: Samples | None = None
    unit: str = ""
    scale: float = 1.0
    pictures: Pictures | None = None
    inputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def data_set(spec: data_sets.Data) -> DataSet:
    """What a file's data stand for. Raises ValueError when rows that a file holds have different lengths."""
    match spec:
        case data_sets.CrowdPictures():
            return _crowd(spec)
        case data_sets.HotDogPictures():
            return _hot_dogs(spec)
        case data_sets.Iris():
            return _iris()
        case data_sets.Digits():
            return _digits()
        case data_sets.SideEffects():
            return DataSet(_side_effects(spec))
        case data_sets.NoisySine():
            return _noisy_sine(spec)
        case data_sets.Sine():
            inputs = np.linspace(-1.0, 1.0, spec.points)
            return DataSet(Samples(inputs[:, None], np.sin(np.pi * inputs)[:, None]))
        case data_sets.DoubledSine():
            data = doubled_sine.load()
            targets = data.targets if spec.noise else np.sin(doubled_sine.FACTOR * data.inputs)
            return DataSet(Samples(data.inputs[:, None], targets[:, None]))
        case data_sets.Moons():
            return _moons()
        case data_sets.Chebyshev():
            return DataSet(_chebyshev(spec))
        case _:
            return _inline(spec)


def matrix(rows: list[list[float]], key: str) -> Matrix:
    """Rows of a file as a matrix. Raises ValueError, naming the key and the row, when their lengths differ."""
    lengths = [len(row) for row in rows]
    ((usual, _),) = Counter(lengths).most_common(1)
    odd = [row for row, length in enumerate(lengths) if length != usual]
    if odd:
        others = "the others have" if len(odd) == 1 < len(rows) - 1 else f"row {lengths.index(usual) + 1} has"
        count = counted(lengths[odd[0]], "number")
        raise ValueError(f"{key} row {odd[0] + 1} has {count}: {others} {usual}")
    return np.array(rows, dtype=np.float64)


def _crowd(spec: data_sets.CrowdPictures) -> DataSet:
    data = crowd.load()
    images, counts = data.train_images, data.train_counts
    if spec.train > len(images):
        more = crowd.load_more()
        images, counts = np.concatenate([images, more.images]), np.concatenate([counts, more.counts])
    images, counts = images[: spec.train], counts[: spec.train]
    mean = images.mean(axis=0) if spec.centred else np.zeros(images.shape[1])
    return DataSet(
        Samples(images - mean, counts[:, None] / spec.target_scale),
        Samples(data.test_images - mean, data.test_counts[:, None] / spec.target_scale),
        unit="people",
        scale=spec.target_scale,
        pictures=Pictures((crowd.SIDE, crowd.SIDE), mean),
    )


def _hot_dogs(spec: data_sets.HotDogPictures) -> DataSet:
    train, test = hot_dog.load()
    return DataSet(
        Samples(train.images[: spec.train], train.labels[: spec.train, None]),
        Samples(test.images, test.labels[:, None]),
        pictures=Pictures((hot_dog.SIDE, hot_dog.SIDE)),
        classes=hot_dog.CLASSES,
    )


def _iris() -> DataSet:
    data = scikit_learn.load_iris()
    mean, deviation = data.train_inputs.mean(axis=0), data.train_inputs.std(axis=0)
    train, test = _labelled(data, lambda inputs: (inputs - mean) / deviation, len(scikit_learn.IRIS_CLASSES))
    return DataSet(train, test, inputs=scikit_learn.IRIS_INPUTS, classes=scikit_learn.IRIS_CLASSES)


def _digits() -> DataSet:
    data, side = scikit_learn.load_digits(), scikit_learn.DIGITS_SIDE
    classes = scikit_learn.DIGITS_CLASSES
    train, test = _labelled(data, lambda inputs: inputs / scikit_learn.DIGITS_DARKEST, len(classes))
    return DataSet(train, test, pictures=Pictures((side, side)), classes=classes)


def _labelled(
    data: scikit_learn.Labelled, scaled: Callable[[NDArray[np.uint8]], Matrix], classes: int
) -> tuple[Samples, Samples]:
    """The training and the test set, with the classes as targets of one output each."""
    one_hot = np.eye(classes)
    return (
        Samples(scaled(data.train_inputs), one_hot[data.train_labels]),
        Samples(scaled(data.test_inputs), one_hot[data.test_labels]),
    )


def _side_effects(spec: data_sets.SideEffects) -> Samples:
    people = side_effects.generate(spec.draw) if spec.draw else side_effects.load()
    return Samples(side_effects.scaled(people.ages)[:, None], np.eye(2)[people.had_side_effects])


def _noisy_sine(spec: data_sets.NoisySine) -> DataSet:
    data = noisy_sine.load()
    few = spec.train <= noisy_sine.FEW
    inputs, targets = (data.few_inputs, data.few_targets) if few else (data.many_inputs, data.many_targets)
    inputs, targets = inputs[spec.draw, : spec.train], targets[spec.draw, : spec.train]
    test_inputs, test_targets = data.test_inputs[: spec.test], data.test_targets[: spec.test]
    return DataSet(Samples(inputs[:, None], targets[:, None]), Samples(test_inputs[:, None], test_targets[:, None]))


def _moons() -> DataSet:
    data = moons.load()
    labels = np.repeat([[0.0], [1.0]], moons.COUNT // 2, axis=0)
    return DataSet(Samples(data.points, labels), Samples(data.test_points, labels))


def _chebyshev(spec: data_sets.Chebyshev) -> Samples:
    inputs = np.linspace(-1.0, 1.0, spec.points)
    coefficients = np.zeros(spec.degree + 1)
    coefficients[-1] = 1.0
    targets = np.asarray(chebyshev.chebval(inputs, coefficients), dtype=np.float64)
    return Samples(inputs[:, None], targets[:, None])


def _inline(spec: data_sets.InlineData) -> DataSet:
    scale = spec.target_scale
    train = Samples(matrix(spec.inputs, "data.inputs"), matrix(spec.targets, "data.targets") / scale)
    test = None
    if spec.test_inputs is not None and spec.test_targets is not None:
        test_targets = matrix(spec.test_targets, "data.test_targets") / scale
        test = Samples(matrix(spec.test_inputs, "data.test_inputs"), test_targets)
    return DataSet(train, test, unit=spec.unit, scale=scale)
