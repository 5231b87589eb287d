"""JAX: one compiled function for all updates, `lax.scan` over the batches. Compiling is not timed."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from benchmarks.works import BETA1, BETA2, EPSILON, Array, Descent, Training, flat

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


class Scan:
    def __init__(self, work: Training) -> None:
        self.work = work
        self.parameters: Any = jax.tree.map(jnp.asarray, work.start)
        zeros = jax.tree.map(jnp.zeros_like, self.parameters)
        self.state = (self.parameters, zeros, zeros, jnp.zeros(()))
        # (batches, batch, columns)
        self.inputs, self.targets = (
            jnp.asarray(samples.reshape(-1, work.batch, samples.shape[1])) for samples in (work.inputs, work.targets)
        )
        self.run()  # compiles

    def run(self) -> None:
        self.parameters = jax.block_until_ready(train(self.work, self.state, self.inputs, self.targets))

    def result(self) -> Array:
        return flat(jax.tree.map(np.asarray, self.parameters))


@partial(jax.jit, static_argnums=0)
def train(work: Training, state: Any, inputs: Any, targets: Any) -> Any:
    """The parameters after all epochs."""
    gradient = jax.grad(partial(loss, work))

    def update(state: Any, batch: Any) -> tuple[Any, None]:
        return adam(work.learning_rate, EPSILON, state, gradient(state[0], *batch)), None

    def epoch(_: Any, state: Any) -> Any:
        return lax.scan(update, state, (inputs, targets))[0]

    return lax.fori_loop(0, work.epochs, epoch, state)[0]


def loss(work: Training, parameters: Any, x: Any, t: Any) -> Any:
    for weights, biases in parameters[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = parameters[-1]
    y = x @ weights + biases
    if work.loss == "cross_entropy":
        return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(y), axis=1))
    return jnp.mean((y - t) ** 2)


def adam(learning_rate: float, epsilon: float, state: Any, gradient: Any) -> Any:
    """One update of every array in a tree."""
    parameters, m, v, t = state
    t = t + 1.0
    step = learning_rate / (1.0 - BETA1**t)
    root = jnp.sqrt(1.0 - BETA2**t)
    m = jax.tree.map(lambda m, g: BETA1 * m + (1.0 - BETA1) * g, m, gradient)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1.0 - BETA2) * g * g, v, gradient)
    parameters = jax.tree.map(lambda p, m, v: p - step * m / (jnp.sqrt(v) / root + epsilon), parameters, m, v)
    return parameters, m, v, t


class Points:
    """All points at once, x and y in an array each, so that an update is one fused loop over them."""

    def __init__(self, work: Descent) -> None:
        self.work = work
        self.starts: Any = tuple(jnp.asarray(np.ascontiguousarray(work.starts[:, i])) for i in range(2))
        self.run()  # compiles

    def run(self) -> None:
        self.points = jax.block_until_ready(descend(self.work, self.starts))

    def result(self) -> Array:
        return np.stack(self.points, axis=1)


@partial(jax.jit, static_argnums=0)
def descend(work: Descent, starts: Any) -> Any:
    """Where the points are after all updates."""

    def sgd_update(_: Any, points: Any) -> Any:
        return jax.tree.map(lambda p, g: p - work.learning_rate * g, points, slope(points))

    def adam_update(_: Any, state: Any) -> Any:
        return adam(work.learning_rate, 1e-8, state, slope(state[0]))

    if work.optimizer == "SGD":
        return lax.fori_loop(0, work.updates, sgd_update, starts)
    zeros = jax.tree.map(jnp.zeros_like, starts)
    return lax.fori_loop(0, work.updates, adam_update, (starts, zeros, zeros, jnp.zeros(())))[0]


def slope(points: Any) -> Any:
    """dL/dx = 4 x a + 2 b and dL/dy = 2 a + 4 y b, with a = x^2 + y - 11 and b = x + y^2 - 7."""
    x, y = points
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b


TRAININGS = {"JAX, jit and scan": Scan}
DESCENTS = {"JAX, jit and fori_loop": Points}
