"""Loss surfaces: the loss is a formula of a few parameters w, and there is no network behind it.

To a run a surface looks like a network whose output is the loss itself. Its samples are tilts: sample i sees
L_i(w) = L(w) + a_i . w, so "each sample wants slightly different parameters", and a batch of samples gives a
noisy gradient. A surface without data has one sample with tilt 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.jit import Kernel, inline, kernel
from nnsim.core.network import PASS_BACKWARD, PASS_FORWARD


@dataclass(frozen=True)
class Surface:
    """A formula with its constants filled in.

    `minima` lists the known minima with their letters, for marking and for telling where a run ended.
    """

    name: str
    formula: str
    names: tuple[str, ...]
    constants: Vector
    forward: Kernel[..., None]
    backward: Kernel[..., None]
    minima: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self.names)


def squared_error(target: float) -> Surface:
    """L(y) = (y - target)^2: one guess y, one right answer."""
    return Surface(
        name="squared error",
        formula=f"L(y) = ({_minus('y', target)})^2",
        names=("y",),
        constants=np.array([target]),
        forward=squared_error_forward,
        backward=squared_error_backward,
        minima=(("minimum", (target,)),),
    )


def bowl(hessian: Matrix, minimum: Vector) -> Surface:
    """L(w) = 1/2 (w - m)^T H (w - m) with the Hessian H (n, n) and the minimum m (n,).

    Raises ValueError when H is not a symmetric n x n matrix.
    """
    n = minimum.size
    if hessian.shape != (n, n) or not np.array_equal(hessian, hessian.T):
        raise ValueError(f"the Hessian has the shape {hessian.shape}: it takes a symmetric {n} x {n} matrix")
    diagonal = np.diag(hessian)
    if np.array_equal(hessian, np.diag(diagonal)):
        terms = [f"{c:g} ({_minus(f'w{i}', m)})^2" for i, (c, m) in enumerate(zip(diagonal, minimum, strict=True), 1)]
        formula = f"L(w) = 1/2 [{' + '.join(terms)}]".replace("[1 ", "[").replace("+ 1 ", "+ ")
    else:
        formula = "L(w) = 1/2 (w - m)^T H (w - m)"
    return Surface(
        name="bowl",
        formula=formula,
        names=tuple(f"w{i + 1}" for i in range(n)),
        constants=np.concatenate([hessian.ravel(), minimum]),
        forward=bowl_forward,
        backward=bowl_backward,
        minima=(("minimum", tuple(float(m) for m in minimum)),),
    )


def double_well() -> Surface:
    """L(w) = w^4/4 - 2w^3/3 - 5w^2/2 + 6w + 38/3, so L'(w) = (w + 2)(w - 1)(w - 3).

    The global minimum A lies at w = -2 with L = 0, the local minimum B at w = 3 with L = 125/12, and the top
    between them at w = 1 with L = 63/4.
    """
    return Surface(
        name="double well",
        formula="L(w) = w^4/4 - 2w^3/3 - 5w^2/2 + 6w + 38/3",
        names=("w",),
        constants=np.zeros(0),
        forward=double_well_forward,
        backward=double_well_backward,
        minima=(("A", (-2.0,)), ("B", (3.0,))),
    )


def _minus(name: str, value: float) -> str:
    if value == 0.0:
        return name
    return f"{name} {'-' if value > 0.0 else '+'} {abs(value):g}"


@inline
def tilt(loss: float, parameters: Vector, tilts: Matrix, outputs: Matrix) -> None:
    """Every sample's own loss: L_i = L + a_i . w."""
    for i in range(tilts.shape[0]):
        outputs[i, 0] = loss
        for j in range(parameters.size):
            outputs[i, 0] += tilts[i, j] * parameters[j]


@inline
def tilt_gradient(tilts: Matrix, delta: Matrix, gradient: Vector) -> float:
    """Set the gradient to the batch's tilt, sum_i delta_i a_i; return sum_i delta_i, the weight of dL/dw."""
    total = 0.0
    for j in range(gradient.size):
        gradient[j] = 0.0
    for i in range(tilts.shape[0]):
        total += delta[i, 0]
        for j in range(gradient.size):
            gradient[j] += delta[i, 0] * tilts[i, j]
    return total


@kernel(PASS_FORWARD)
def squared_error_forward(
    parameters: Vector, table: Table, constants: Vector, tilts: Matrix, work: Vector, outputs: Matrix
) -> None:
    error = parameters[0] - constants[0]
    tilt(error * error, parameters, tilts, outputs)


@kernel(PASS_BACKWARD)
def squared_error_backward(
    parameters: Vector,
    table: Table,
    constants: Vector,
    tilts: Matrix,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    gradient: Vector,
) -> None:
    """dL/dy = 2 (y - target)."""
    total = tilt_gradient(tilts, delta, gradient)
    gradient[0] += total * 2.0 * (parameters[0] - constants[0])


@kernel(PASS_FORWARD)
def bowl_forward(
    parameters: Vector, table: Table, constants: Vector, tilts: Matrix, work: Vector, outputs: Matrix
) -> None:
    n = parameters.size
    loss = 0.0
    for i in range(n):
        slope = 0.0
        for j in range(n):
            slope += constants[i * n + j] * (parameters[j] - constants[n * n + j])
        loss += 0.5 * slope * (parameters[i] - constants[n * n + i])
    tilt(loss, parameters, tilts, outputs)


@kernel(PASS_BACKWARD)
def bowl_backward(
    parameters: Vector,
    table: Table,
    constants: Vector,
    tilts: Matrix,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    gradient: Vector,
) -> None:
    """dL/dw = H (w - m)."""
    n = parameters.size
    total = tilt_gradient(tilts, delta, gradient)
    for i in range(n):
        slope = 0.0
        for j in range(n):
            slope += constants[i * n + j] * (parameters[j] - constants[n * n + j])
        gradient[i] += total * slope


@kernel(PASS_FORWARD)
def double_well_forward(
    parameters: Vector, table: Table, constants: Vector, tilts: Matrix, work: Vector, outputs: Matrix
) -> None:
    w = parameters[0]
    loss = (((0.25 * w - 2.0 / 3.0) * w - 2.5) * w + 6.0) * w + 38.0 / 3.0
    tilt(loss, parameters, tilts, outputs)


@kernel(PASS_BACKWARD)
def double_well_backward(
    parameters: Vector,
    table: Table,
    constants: Vector,
    tilts: Matrix,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    gradient: Vector,
) -> None:
    """dL/dw = (w + 2)(w - 1)(w - 3)."""
    w = parameters[0]
    total = tilt_gradient(tilts, delta, gradient)
    gradient[0] += total * (w + 2.0) * (w - 1.0) * (w - 3.0)
