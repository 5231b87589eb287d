"""Loss surfaces: the loss is a formula of a few parameters w, and there is no network behind it.

To a run a surface looks like a network whose output is the loss itself. Its samples are tilts: sample i sees
L_i(w) = L(w) + a_i . w, so "each sample wants slightly different parameters", and a batch of samples gives a
noisy gradient. A surface without data has one sample with tilt 0.

A surface is written once, as a kernel that gives the losses and gradients of many points at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.jit import Kernel, inline, kernel, matrix, table, types, vector
from nnsim.core.network import PASS_BACKWARD, PASS_FORWARD

SURFACE = types.void(matrix, table, vector, vector, vector, matrix)
ROUNDING = 1e-12
NO_PROGRAM = np.zeros((1, 1), dtype=np.int64)


@dataclass(frozen=True)
class SurfaceKernels:
    """One surface, compiled for many points at a time, and for one point as the forward pass of a run.

    Either kernel is made when it is first asked for: there are many surfaces, and a program needs one or two.
    """

    function: Callable[..., None]

    @cached_property
    def at_points(self) -> Kernel[..., None]:
        return kernel(SURFACE)(self.function)

    @cached_property
    def forward(self) -> Kernel[..., None]:
        evaluate = inline(self.function)

        @kernel(PASS_FORWARD)
        def forward(
            parameters: Vector, program: Table, constants: Vector, tilts: Matrix, work: Vector, outputs: Matrix
        ) -> None:
            n = parameters.size
            loss, gradient, own = work[:1], work[1 : n + 1], work[n + 1 :]
            evaluate(parameters.reshape(n, 1), program, constants, own, loss, gradient.reshape(n, 1))
            tilt(loss[0], parameters, tilts, outputs)

        return forward


def surface(function: Callable[..., None]) -> SurfaceKernels:
    """Make kernels of `function(points, program, constants, work, losses, gradients)`: for points of the shape
    (parameters, points), it writes their losses (points,) and gradients (parameters, points)."""
    return SurfaceKernels(function)


@dataclass(frozen=True)
class Surface:
    """A formula with its constants filled in.

    `minima` lists the known minima with their letters, for marking and for telling where a run ended. `program` and
    `work_per_point` are what the kernels need besides the constants, for surfaces that are not compiled (formula.py).
    """

    name: str
    formula: str
    names: tuple[str, ...]
    kernels: SurfaceKernels
    minima: tuple[tuple[str, tuple[float, ...]], ...]
    constants: Vector = field(default_factory=lambda: np.zeros(0))
    program: Table = field(default_factory=lambda: NO_PROGRAM)
    work_per_point: int = 0

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self.names)

    @property
    def is_formula(self) -> bool:
        """Whether it is a program for the tape (formula.py), not a compiled formula."""
        return self.program is not NO_PROGRAM

    @property
    def work_size(self) -> int:
        """How many numbers the forward pass needs to remember: the loss, the gradient, and the surface's own."""
        return 1 + self.size + self.work_per_point


def squared_error(target: float) -> Surface:
    """L(y) = (y - target)^2: one guess y, one right answer."""
    return Surface(
        name="squared error",
        formula=f"L(y) = ({_minus('y', target)})^2",
        names=("y",),
        constants=np.array([target]),
        kernels=squared_error_kernels,
        minima=(("minimum", (target,)),),
    )


def bowl(hessian: Matrix, minimum: Vector) -> Surface:
    """L(w) = 1/2 (w - m)^T H (w - m) with the Hessian H (n, n) and the minimum m (n,), which is one unless H curves
    down somewhere: by more than rounding of its largest curvature.

    Raises ValueError when H is not a symmetric n x n matrix.
    """
    n = minimum.size
    if hessian.shape != (n, n) or not np.array_equal(hessian, hessian.T):
        raise ValueError(f"the Hessian has the shape {hessian.shape}: it takes a symmetric {n} x {n} matrix")
    curvatures = np.linalg.eigvalsh(hessian)
    is_minimum = curvatures[0] >= -ROUNDING * np.abs(curvatures).max()
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
        kernels=bowl_kernels,
        minima=(("minimum", tuple(float(m) for m in minimum)),) if is_minimum else (),
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
        kernels=double_well_kernels,
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


@kernel(PASS_BACKWARD)
def surface_backward(
    parameters: Vector,
    program: Table,
    constants: Vector,
    tilts: Matrix,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    gradient: Vector,
) -> None:
    """The gradient of a batch, sum_i delta_i (dL/dw + a_i), from the dL/dw that the forward pass left in `work`."""
    total = 0.0
    for j in range(gradient.size):
        gradient[j] = 0.0
    for i in range(tilts.shape[0]):
        total += delta[i, 0]
        for j in range(gradient.size):
            gradient[j] += delta[i, 0] * tilts[i, j]
    for j in range(gradient.size):
        gradient[j] += total * work[1 + j]


@surface
def squared_error_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dy = 2 (y - target)."""
    for i in range(points.shape[1]):
        error = points[0, i] - constants[0]
        losses[i] = error * error
        gradients[0, i] = 2.0 * error


@surface
def bowl_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dw = H (w - m)."""
    n = points.shape[0]
    for k in range(points.shape[1]):
        losses[k] = 0.0
        for i in range(n):
            slope = 0.0
            for j in range(n):
                slope += constants[i * n + j] * (points[j, k] - constants[n * n + j])
            gradients[i, k] = slope
            losses[k] += 0.5 * slope * (points[i, k] - constants[n * n + i])


@surface
def double_well_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dw = (w + 2)(w - 1)(w - 3); L = (w + 2)^2 (w^2/4 - 5w/3 + 19/6), which rounding cannot take below 0 at A."""
    for i in range(points.shape[1]):
        w = points[0, i]
        losses[i] = (w + 2.0) * (w + 2.0) * ((0.25 * w - 5.0 / 3.0) * w + 19.0 / 6.0)
        gradients[0, i] = (w + 2.0) * (w - 1.0) * (w - 3.0)
