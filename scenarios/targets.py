"""Data that fit a network: as many numbers as it takes and gives, and targets that its loss can be taken of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.objective import Samples
from nnsim.scenarios.data_sets import Data, InlineData
from nnsim.scenarios.networks import Loss, Network
from nnsim.scenarios.samples import DataSet
from nnsim.scenarios.text import counted

OF_CLASSES: tuple[Loss, ...] = ("cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids")
"""The losses of networks with one output for each class."""


def fitting(known: DataSet, network: Network, spec: Data) -> DataSet:
    """Data for a network. Targets that are class numbers, 0 to k - 1 for k outputs, become one-hot: 1 for the output of
    the class, 0 for the others; classes without names then go by these numbers. Raises ValueError, which begins with
    the key at fault, for what does not fit."""
    train = _one_hot(known.train, network, spec, "")
    if train is not known.train:
        names = known.classes or tuple(f"class {k}" for k in range(network.sizes[-1]))
        known = replace(known, train=train, classes=names)
    if known.test is not None:
        known = replace(known, test=_one_hot(known.test, network, spec, "test_"))
    for which, part in _parts(known):
        _check_widths(network, spec, which, part)
        _check_outputs(network, part.targets)
        fits, allowed = _fitting(network.loss, part.targets)
        if not fits.all():
            raise ValueError(_wrong(network, spec, which, part.targets, ~fits, allowed))
    return known


def _parts(known: DataSet) -> Iterator[tuple[str, Samples]]:
    """The training set and the test set, with what a file has before the names of their keys."""
    yield "", known.train
    if known.test is not None:
        yield "test_", known.test


def _one_hot(part: Samples, network: Network, spec: Data, which: str) -> Samples:
    """Samples whose targets are class numbers, with a target for each output; any others as they are."""
    outputs, targets = network.sizes[-1], part.targets
    if network.loss not in OF_CLASSES or targets.shape[1] > 1 or outputs == 1:
        return part
    if isinstance(spec, InlineData) and spec.target_scale != 1.0:
        raise ValueError(f"data.target_scale is {spec.target_scale:g} with class numbers as targets: it takes 1")
    numbers = targets[:, 0]
    wrong = (numbers < 0.0) | (numbers >= outputs) | (numbers != np.floor(numbers))
    if wrong.any():
        allowed = f"a class number, whole and from 0 to {outputs - 1}, or a number for each of the {outputs} outputs"
        raise ValueError(_wrong(network, spec, which, targets, wrong, allowed))
    return Samples(part.inputs, np.eye(outputs)[numbers.astype(np.int64)])


def _check_widths(network: Network, spec: Data, which: str, part: Samples) -> None:
    sides = (
        ("inputs", "begins", "takes", network.sizes[0], part.inputs.shape[1]),
        ("targets", "ends", "gives", network.sizes[-1], part.targets.shape[1]),
    )
    for key, place, does, wanted, width in sides:
        if width != wanted and which:
            raise ValueError(f"data.{which}{key} has rows of {counted(width, 'number')}: the network {does} {wanted}")
        if width != wanted:
            rows = f"the rows of data.{key}" if isinstance(spec, InlineData) else f"the {key} of these data"
            raise ValueError(f"network.sizes {place} with {wanted}: {rows} have {counted(width, 'number')}")


def _check_outputs(network: Network, targets: Matrix) -> None:
    """Raise ValueError when a single output shall tell classes apart where each has an output of its own."""
    if network.loss in OF_CLASSES and network.sizes[-1] == 1 and (targets != 1.0).any():
        reason = "" if network.loss == "log_loss_of_sigmoids" else ", for the share of a single one is always 1"
        raise ValueError(f'network.sizes ends with 1: the loss "{network.loss}" takes an output for each class{reason}')


def _fitting(loss: Loss, targets: Matrix) -> tuple[NDArray[np.bool_], str]:
    """Which rows of targets a loss can be taken of, and what it takes in words."""
    match loss:
        case "hinge":
            fits, allowed = np.abs(targets) == 1.0, "-1 or 1"
        case "binary_cross_entropy":
            fits, allowed = (targets >= 0.0) & (targets <= 1.0), "numbers from 0 to 1"
        case "cross_entropy" | "cross_entropy_of_sigmoids" | "log_loss_of_sigmoids":
            sums_to_1 = np.isclose(targets.sum(axis=1, keepdims=True), 1.0)
            fits, allowed = (targets >= 0.0) & sums_to_1, "numbers from 0 to 1 whose sum is 1"
        case _:
            fits, allowed = np.ones_like(targets, dtype=bool), ""
    return fits.all(axis=1), allowed


def _wrong(network: Network, spec: Data, which: str, targets: Matrix, wrong: NDArray[np.bool_], allowed: str) -> str:
    """What to say of the first row that is wrong."""
    row = int(np.flatnonzero(wrong)[0])
    target = _text(targets[row])
    if not isinstance(spec, InlineData):
        name = "test" if which else "training"
        return f'network.loss is "{network.loss}" and a target of the {name} set is {target}: it takes {allowed}'
    scale = spec.target_scale
    scaled = "" if scale == 1.0 else f", {target} when divided by target_scale"
    place = f"data.{which}targets row {row + 1} is {_text(targets[row] * scale)}{scaled}"
    return f'{place}: the loss "{network.loss}" takes {allowed}'


def _text(row: Vector) -> str:
    return np.array2string(row, threshold=8, separator=", ", formatter={"float_kind": "{:g}".format})
