"""Small objectives to run on, and the bits of a run."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Matrix
from nnsim.core.losses import LOSSES, ONE_OF_MANY
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.surfaces import bowl
from nnsim.core.training import Run


def bowl_at_4_3(first: float = 1.0, second: float = 9.0) -> Objective:
    """The bowl with its minimum at (4, 3) and these curvatures along w1 and w2."""
    return of_surface(bowl(np.diag([first, second]), np.array([4.0, 3.0])))


def targets_for(loss: str, shape: tuple[int, int], rng: np.random.Generator) -> Matrix:
    """Random targets of a kind that fits the loss."""
    if loss == "binary_cross_entropy":
        return rng.integers(0, 2, shape).astype(np.float64)
    if loss == "hinge":
        return 2.0 * rng.integers(0, 2, shape) - 1.0
    if LOSSES.get(loss) in ONE_OF_MANY:
        return np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]
    return rng.standard_normal(shape)


def random_samples(sizes: tuple[int, ...], loss: str, count: int, seed: int = 0) -> Samples:
    """Random inputs and targets for a network of these sizes."""
    rng = np.random.default_rng(seed)
    return Samples(rng.standard_normal((count, sizes[0])), targets_for(loss, (count, sizes[-1]), rng))


def random_network(
    sizes: tuple[int, ...], activations: tuple[str, ...], loss: str, count: int, test: int = 0
) -> Objective:
    """A network that learns `count` random samples, beside `test` random ones to test it on."""
    held_out = random_samples(sizes, loss, test, seed=1) if test else None
    return of_network(Network(sizes, activations), loss, random_samples(sizes, loss, count), held_out)


def digest(array: NDArray[np.float64]) -> str:
    """A few letters that stand for every bit of an array, so that a failing test can print them."""
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]


def bits(run: Run) -> tuple[Any, ...]:
    """Everything a run consists of, the arrays by their digests: equal only where every bit is."""
    arrays = (run.parameters, run.state, run.previous, run.gradient)
    return (run.update, run.place, run.step, run.settings, run.last_loss, *map(digest, arrays))
