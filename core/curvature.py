"""Curvature of the loss, and the learning rate above which steps along the sharpest direction grow."""

from __future__ import annotations

import numpy as np

from nnsim.core.activations import ACTIVATIONS
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.losses import KINKS
from nnsim.core.network import Network
from nnsim.core.objective import Objective
from nnsim.core.optimizers import Optimizer
from nnsim.core.randomness import Purpose, generator
from nnsim.core.trace import trace

STEP = 1e-5
DENSE = 64
RESIDUAL = 1e-7
DIRECTION_RESIDUAL = 1e-5
MOST_PRODUCTS = 64
ALIKE = 1e-6


def hessian_vector_product(objective: Objective, parameters: Vector, vector: Vector) -> Vector:
    """H v, the Hessian of the loss on the training set times a vector, shape (size,), without the Hessian.

    It is a central difference of the exact gradient along the unit vector u = v / |v|:
    H v = |v| (g(w + h u) - g(w - h u)) / 2h. The step is h = 1e-5 times the size of the parameters that u moves,
    sum_i u_i^2 max(1, |w_i|). For a quadratic the result is exact up to rounding, which is why h grows with w; for
    other losses it is off by h^2 / 6 times the third derivative of the gradient along u, and by rounding of some 1e-11
    of the gradient, together about 1e-10 of H v for a network. Within h of the kink of a relu it is the mean slope of
    the gradient across the kink. Where the gradient is not finite, neither is H v.
    """
    with np.errstate(all="ignore"):  # far out, a run that diverges has no finite Hessian
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            return np.zeros(objective.size)
        unit = vector / length
        step = STEP * float(unit**2 @ np.maximum(1.0, np.abs(parameters)))
        _, ahead = objective.loss_and_gradient(parameters + step * unit)
        _, behind = objective.loss_and_gradient(parameters - step * unit)
        return (ahead - behind) * (length / (2.0 * step))


def hessian(objective: Objective, parameters: Vector) -> Matrix:
    """The Hessian of the loss on the training set, shape (size, size): its product with every unit vector."""
    columns = [hessian_vector_product(objective, parameters, unit) for unit in np.eye(objective.size)]
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2.0


def sharpness(
    objective: Objective, parameters: Vector, preconditioner: Vector | None = None, weight_decay: float = 0.0
) -> float:
    """The largest eigenvalue of the Hessian H, NaN where there is none: where it is not finite, or the gradient jumps
    right here (a unit stands on a kink of its activation for some sample, an output on one of its loss, or a weight
    with an L1 penalty is 0). Where only the curvature jumps, as of elu at 0 or of Huber's loss at its threshold, the
    Hessian has the mean of the curvatures on both sides. It comes from the Hessian itself for up to 64 parameters, and
    from Lanczos for more.

    With a preconditioner P, whose numbers are above 0, shape (size,), it is that of P^-1/2 H P^-1/2: what the loss
    curves like for an optimizer that divides every step by P (Cohen et al. 2022, arXiv:2207.14484). Weight decay adds
    itself to H."""
    if _on_a_kink(objective, parameters):
        return float("nan")
    scale = np.ones(objective.size) if preconditioner is None else preconditioner**-0.5
    if objective.size > DENSE:
        return largest_eigenvalue(objective, parameters, scale, weight_decay)
    matrix = scale[:, None] * (hessian(objective, parameters) + weight_decay * np.eye(objective.size)) * scale
    if not np.isfinite(matrix).all():
        return float("nan")
    return float(np.linalg.eigvalsh(matrix)[-1])


def is_bowl(objective: Objective, start: Vector) -> bool:
    """Whether the loss is a quadratic that curves down nowhere, so that what its curvature says of a learning rate
    holds wherever a run goes: the Hessian at a start is found again at two places far from it, and from each other."""
    here = hessian(objective, start)
    scale = float(np.abs(here).max())
    if _on_a_kink(objective, start) or not 0.0 < scale < np.inf or np.linalg.eigvalsh(here)[0] < -ALIKE * scale:
        return False
    way = _compass(objective.size) * max(1.0, float(np.abs(start).max()))
    return all(np.abs(hessian(objective, start + each) - here).max() <= ALIKE * scale for each in (way, -2.0 * way))


def _on_a_kink(objective: Objective, parameters: Vector) -> bool:
    """Whether the gradient jumps right here. Differences across a kink would give the height of the jump divided by
    their step, which is no curvature."""
    if objective.network is None:
        return False
    if objective.penalty.l1 and (parameters[objective.weights > 0.0] == 0.0).any():
        return True
    kinks = [ACTIVATIONS[layer.activation].kinks for layer in objective.network.layers]
    if not any(kinks) and objective.loss not in KINKS:
        return False
    seen = trace(objective, parameters, objective.train.all)
    if objective.loss in KINKS and KINKS[objective.loss](seen.outputs, seen.targets).any():
        return True
    return any(np.isin(layer.z, places).any() for places, layer in zip(kinks, seen.layers, strict=True))


def largest_eigenvalue(
    objective: Objective, parameters: Vector, scale: Vector | float = 1.0, weight_decay: float = 0.0
) -> float:
    """The largest eigenvalue of the Hessian with weight decay, its rows and columns times `scale`, by Lanczos (ARPACK,
    Lehoucq, Sorensen and Yang 1998), from products with vectors alone; NaN where such a product is not finite. It takes
    two parameters or more.

    It is right to 1e-7 of itself when other eigenvalues lie that close to it, and otherwise as right as the products.
    The start vector is always the same, and so is the result.
    """
    from scipy.sparse.linalg import LinearOperator, eigsh  # loads slowly, and most runs never need it

    def product(vector: Vector) -> Vector:
        scaled = scale * vector
        found = scale * (hessian_vector_product(objective, parameters, scaled) + weight_decay * scaled)
        if not np.isfinite(found).all():
            raise FloatingPointError
        return found

    size = objective.size
    start = _compass(size)
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    try:
        if not product(start).any():
            return 0.0  # a loss that is flat in every direction: ARPACK refuses a zero matrix
        return float(eigsh(operator, k=1, which="LA", v0=start, tol=RESIDUAL, return_eigenvectors=False)[0])
    except FloatingPointError:
        return float("nan")


def sharpest_directions(objective: Objective, parameters: Vector) -> tuple[Vector, Matrix]:
    """The two largest eigenvalues of the Hessian, shape (2,), the larger first, and their eigenvectors as rows of
    length 1, shape (2, size); NaN and the first two axes where the Hessian is not finite. It takes two parameters or
    more.

    For up to 64 parameters they come from the Hessian itself, for more from Lanczos's method with every new vector made
    orthogonal to all before it (Golub and Van Loan, Matrix Computations, 10.1-10.3). It ends when both residuals
    |H v - c v| are below 1e-5 of the larger c, which leaves an error of 1e-10 in eigenvalues that lie apart, or after
    64 products, with the best directions that these tell of; it finds one direction of those that share an eigenvalue.
    An eigenvector has two signs: the one taken points the same way as a fixed vector, so that it turns as slowly as
    the Hessian does.
    """
    size = objective.size
    if size <= DENSE:
        matrix = hessian(objective, parameters)
        found = np.linalg.eigh(matrix) if np.isfinite(matrix).all() else None
        values, rows = (None, None) if found is None else (found[0][:-3:-1], found[1].T[:-3:-1])
    else:
        values, rows = _lanczos(objective, parameters)
    if values is None or rows is None:
        return np.full(2, np.nan), np.eye(2, size)
    return values, np.ascontiguousarray(rows * np.where(rows @ _compass(size) < 0.0, -1.0, 1.0)[:, None])


def _lanczos(objective: Objective, parameters: Vector) -> tuple[Vector, Matrix] | tuple[None, None]:
    """The two largest eigenvalues and their eigenvectors as rows, or None where a product is not finite."""
    basis = np.zeros((MOST_PRODUCTS + 1, objective.size))
    projected = np.zeros((MOST_PRODUCTS, MOST_PRODUCTS))
    start = _compass(objective.size)
    basis[0] = start / np.linalg.norm(start)
    for k in range(MOST_PRODUCTS):
        product = hessian_vector_product(objective, parameters, basis[k])
        if not np.isfinite(product).all():
            return None, None
        known = basis[: k + 1]
        projected[: k + 1, k] = projected[k, : k + 1] = known @ product
        size = float(np.linalg.norm(product))
        for _ in range(2):  # once leaves some of what it takes away
            product = product - (known @ product) @ known
        rest = float(np.linalg.norm(product))
        values, vectors = np.linalg.eigh(projected[: k + 1, : k + 1])
        residuals = rest * np.abs(vectors[-1, -2:])
        if k > 0 and (residuals <= DIRECTION_RESIDUAL * abs(values[-1])).all():
            break
        if rest <= RESIDUAL * size:  # nothing new lies that way: go on in another direction
            product = np.eye(1, objective.size, k)[0]
            product = product - (known @ product) @ known
            rest = float(np.linalg.norm(product))
        basis[k + 1] = product / rest
    return values[:-3:-1], vectors.T[:-3:-1] @ basis[: len(values)]


def _compass(size: int) -> Vector:
    """A vector that is always the same, and at right angles to nothing."""
    return generator(Purpose.DIRECTION, 0).standard_normal(size)


def gradient_norms(network: Network, gradient: Vector) -> Vector:
    """The Euclidean norm of each layer's part of a gradient, weights and biases together; shape (layers,)."""
    ends = [layer.end for layer in network.layers]
    return np.array([np.linalg.norm(part) for part in np.split(gradient, ends[:-1])])


def critical_rate(sharpness: float, optimizer: Optimizer) -> float | None:
    """The learning rate above which steps of `optimizer` along the sharpest direction grow on a quadratic of that
    sharpness, `felt_sharpness`: its `reach` divided by it, 2 / s for gradient descent. None where no such rate is known
    or nothing curves up. A loss that curves differently further on has another one there."""
    curvature = sharpness + optimizer.stiffness
    return optimizer.reach / curvature if optimizer.reach is not None and curvature > 0.0 else None


def critical_sharpness(learning_rate: float, optimizer: Optimizer) -> float | None:
    """The sharpness above which such steps grow at that learning rate: `critical_rate` the other way round, 2 / eta
    for gradient descent. None where none is known, or where no sharpness is too large."""
    if optimizer.reach is None or learning_rate <= 0.0:
        return None
    return optimizer.reach / learning_rate - optimizer.stiffness


def felt_sharpness(objective: Objective, parameters: Vector, optimizer: Optimizer, state: Matrix, t: int) -> float:
    """The sharpness that a learning rate has to go by: that of the loss, or, for an optimizer that divides every step
    by a P, the largest eigenvalue of P^-1/2 (H + wd) P^-1/2 after t updates, where wd is the weight decay that is
    divided with the gradient (Cohen et al. 2022, arXiv:2207.14484). NaN before its first update, when there is no P."""
    if not optimizer.divides:
        return sharpness(objective, parameters)
    if not t:
        return float("nan")
    divided = 0.0 if optimizer.stiffness else float(vars(optimizer).get("weight_decay", 0.0))
    return sharpness(objective, parameters, optimizer.preconditioner(state, t), divided)
