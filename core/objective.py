"""The one thing an optimizer sees: the loss and gradient of a parameter vector on a batch.

A network with data is an objective; a surface is another. Both are three kernels (forward, loss, backward), the
arrays that these need, and the samples they run on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from nnsim.core import network as net
from nnsim.core.accuracy import accuracy
from nnsim.core.arrays import Indices, Matrix, Table, Vector, aligned
from nnsim.core.jit import Kernel, kernel, matrix, table, types, vector
from nnsim.core.losses import LOSSES, ONE_OF_MANY, SIGNATURE, binary_cross_entropy, hinge, mean_output
from nnsim.core.network import Network
from nnsim.core.penalties import Penalty, add_penalty
from nnsim.core.surfaces import Surface, surface_backward

EVALUATION_ROWS = 512
NO_PENALTY = Penalty()

Metric: TypeAlias = Literal["rmse", "accuracy"]


@dataclass(frozen=True)
class Samples:
    """Samples of an objective: inputs (samples, n_in) and targets (samples, n_out), float64 and contiguous."""

    inputs: Matrix
    targets: Matrix

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.targets) or len(self.inputs) == 0:
            raise ValueError(f"{len(self.inputs)} inputs for {len(self.targets)} targets: one or more of each")
        for name in ("inputs", "targets"):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def all(self) -> Indices:
        """The index of every sample."""
        return np.arange(len(self))


class Evaluation(NamedTuple):
    """The loss on a set of samples, and the metric: RMSE in the targets' units, or the share of right answers."""

    loss: float
    metric: float | None


@dataclass
class Workspace:
    """The arrays in which up to `capacity` samples pass through the kernels. One thread at a time may use it."""

    capacity: int
    table: Table
    inputs: Matrix
    targets: Matrix
    outputs: Matrix
    delta: Matrix
    work: Vector


@dataclass(frozen=True, eq=False)
class Objective:
    """Loss and gradient of a parameter vector on batches of `train`; `test` is only ever looked at.

    `names` has the name of every parameter. Make one with `of_network` or `of_surface`.
    """

    names: tuple[str, ...]
    train: Samples
    test: Samples | None
    forward: Kernel[..., None]
    loss: Kernel[..., float]
    backward: Kernel[..., None]
    constants: Vector
    layout: Callable[[int], tuple[Table, int]] = field(repr=False)
    loss_settings: Vector = field(default_factory=lambda: np.zeros(0))
    penalty: Penalty = NO_PENALTY
    metric: Metric | None = None
    network: Network | None = None
    surface: Surface | None = None

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self.names)

    @property
    def one_of_many(self) -> bool:
        """Whether the largest output is the answer; otherwise every output is one."""
        return self.loss in ONE_OF_MANY

    @cached_property
    def weights(self) -> Vector:
        """1 for every parameter that a penalty counts, else 0; shape (size,)."""
        counted = np.zeros(self.size)
        for layer in self.network.layers if self.network else ():
            counted[layer.weights : layer.biases] = 1.0
        return counted

    def on(self, samples: Indices) -> Objective:
        """The same objective, with only these samples of its training set."""
        return replace(self, train=Samples(self.train.inputs[samples], self.train.targets[samples]))

    def workspace(self, capacity: int) -> Workspace:
        """Arrays for batches of up to `capacity` samples."""
        table, work_size = self.layout(capacity)
        n_in, n_out = self.train.inputs.shape[1], self.train.targets.shape[1]
        return Workspace(
            capacity,
            table,
            aligned(capacity, n_in),
            aligned(capacity, n_out),
            aligned(capacity, n_out),
            aligned(capacity, n_out),
            aligned(work_size),
        )

    def outputs(self, parameters: Vector, inputs: Matrix) -> Matrix:
        """What the network answers, shape (samples, n_out): logits where the loss takes logits."""
        capacity = min(len(inputs), EVALUATION_ROWS)
        table, work_size = self.layout(capacity)
        work, outputs = aligned(work_size), aligned(len(inputs), self.train.targets.shape[1])
        for start in range(0, len(inputs), capacity):
            rows = np.ascontiguousarray(inputs[start : start + capacity])
            self.forward(parameters, table, self.constants, rows, work, outputs[start : start + capacity])
        return outputs

    def evaluate(self, parameters: Vector, samples: Samples) -> Evaluation:
        """The mean loss over `samples`, without the penalty, and the metric where the objective has one."""
        outputs = self.outputs(parameters, samples.inputs)
        loss = self.loss(outputs, samples.targets, self.loss_settings, np.zeros_like(outputs))
        return Evaluation(loss, self._metric(outputs, samples.targets))

    def _metric(self, outputs: Matrix, targets: Matrix) -> float | None:
        if self.metric == "rmse":
            with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges has an infinite RMSE
                return float(np.sqrt(np.mean((outputs - targets) ** 2)))
        if self.metric == "accuracy":
            return accuracy(outputs, targets, self.one_of_many)
        return None

    def losses(self, points: Matrix) -> Vector:
        """The loss on the whole training set at each of the given parameter vectors, shape (points, size)."""
        samples = self._mean_samples
        space = self.workspace(len(samples))
        losses = np.zeros(len(points))
        losses_at(
            self.forward.compiled,
            self.loss.compiled,
            np.ascontiguousarray(points),
            space.table,
            self.constants,
            samples.inputs,
            samples.targets,
            self.loss_settings,
            space.work,
            space.outputs,
            space.delta,
            losses,
        )
        return losses

    @cached_property
    def _mean_samples(self) -> Samples:
        """The training set, or, for a surface, the one sample whose loss is the mean over all: the mean tilt."""
        if self.surface is None:
            return self.train
        return Samples(self.train.inputs.mean(axis=0, keepdims=True), self.train.targets[:1])

    def loss_and_gradient(self, parameters: Vector, batch: Indices | None = None) -> tuple[float, Vector]:
        """The loss with its penalty, and the gradient of both, shape (size,), on the training samples in `batch`, or
        on all of them."""
        indices = self.train.all if batch is None else batch
        space = self.workspace(len(indices))
        gradient = np.zeros(self.size)
        inputs, targets = self.train.inputs[indices], self.train.targets[indices]
        outputs, delta = space.outputs, space.delta
        self.forward(parameters, space.table, self.constants, inputs, space.work, outputs)
        loss = self.loss(outputs, targets, self.loss_settings, delta)
        self.backward(parameters, space.table, self.constants, inputs, space.work, outputs, delta, gradient)
        return loss + self.penalize(parameters, gradient), gradient

    def penalize(self, parameters: Vector, gradient: Vector) -> float:
        """Add the gradient of the penalty to `gradient`; return the penalty itself."""
        if not self.penalty:
            return 0.0
        return add_penalty(parameters, self.weights, self.penalty.vector, gradient)

    def penalty_at(self, parameters: Vector) -> tuple[float, Vector]:
        """The penalty alone, and its gradient, shape (size,)."""
        gradient = np.zeros(self.size)
        return self.penalize(parameters, gradient), gradient


def of_network(
    network: Network,
    loss: str,
    train: Samples,
    test: Samples | None = None,
    penalty: Penalty = NO_PENALTY,
    huber_delta: float = 1.0,
) -> Objective:
    """A network that learns `train` under the loss of that name and a penalty on its weights; `huber_delta` is the
    threshold of the Huber loss.

    Raises ValueError when the loss is unknown, the threshold is not a finite number above 0, or the samples do not
    fit the network's inputs and outputs.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss {loss!r}: it can be {', '.join(LOSSES)}")
    if not 0.0 < huber_delta < math.inf:
        raise ValueError(f"huber_delta is {huber_delta}: it takes a finite number above 0")
    for samples in (train, test):
        if samples is None:
            continue
        widths = samples.inputs.shape[1], samples.targets.shape[1]
        if widths != (network.sizes[0], network.sizes[-1]):
            raise ValueError(
                f"the network takes {network.sizes[0]} inputs and gives {network.sizes[-1]} outputs, "
                f"but the samples have {widths[0]} and {widths[1]}"
            )
    return Objective(
        names=network.names,
        train=train,
        test=test,
        forward=net.forward,
        loss=LOSSES[loss],
        backward=net.backward,
        constants=np.zeros(0),
        layout=lambda capacity: (network.table(capacity), network.work_size(capacity)),
        loss_settings=np.array([huber_delta] if loss == "huber" else []),
        metric="accuracy" if LOSSES[loss] in (*ONE_OF_MANY, binary_cross_entropy, hinge) else "rmse",
        network=network,
        penalty=penalty,
    )


def of_surface(surface: Surface, tilts: Matrix | None = None) -> Objective:
    """A surface, seen through samples that tilt it: `tilts` has the shape (samples, parameters)."""
    inputs = np.zeros((1, surface.size)) if tilts is None else tilts
    return Objective(
        names=surface.names,
        train=Samples(inputs, np.zeros((len(inputs), 1))),
        test=None,
        forward=surface.kernels.forward,
        loss=mean_output,
        backward=surface_backward,
        constants=surface.constants,
        layout=lambda capacity: (surface.program, surface.work_size),
        surface=surface,
    )


@kernel(
    types.void(
        types.FunctionType(net.PASS_FORWARD),
        types.FunctionType(SIGNATURE),
        matrix,
        table,
        vector,
        matrix,
        matrix,
        vector,
        vector,
        matrix,
        matrix,
        vector,
    )
)
def losses_at(  # type: ignore[no-untyped-def]
    forward,
    loss,
    points: Matrix,
    table: Table,
    constants: Vector,
    inputs: Matrix,
    targets: Matrix,
    loss_settings: Vector,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    result: Vector,
) -> None:
    """The loss on the same samples at many points: what a loss surface is drawn from."""
    for k in range(points.shape[0]):
        forward(points[k], table, constants, inputs, work, outputs)
        result[k] = loss(outputs, targets, loss_settings, delta)
