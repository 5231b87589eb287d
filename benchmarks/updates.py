"""Training 1-16-32-2 with Adam and batches of 10: nnsim's `Run` beside NumPy written by hand on one flat vector."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray

from nnsim.core.initializers import glorot_uniform, zeros
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.optimizers import Adam
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run, Settings

SIZES = (1, 16, 32, 2)
SAMPLES, BATCH, EPOCHS, ROUNDS = 2100, 10, 10, 7
UPDATES = SAMPLES // BATCH * EPOCHS


def report() -> list[str]:
    """The figures, a line each."""
    rng = np.random.default_rng(0)
    inputs = rng.uniform(size=(SAMPLES, 1))
    targets = np.eye(2)[(inputs[:, 0] > 0.6).astype(int)]
    network = Network(SIZES, ["relu", "relu", "linear"])
    objective = of_network(network, "cross_entropy", Samples(inputs, targets))
    start = network.initial(glorot_uniform, zeros, 0)
    settings = Settings(Adam(1e-3), BATCH)

    def run() -> tuple[float, NDArray[np.float64]]:
        training = Run(objective, settings, start)
        return timed(lambda: training.advance(UPDATES)), training.parameters

    def timeline() -> tuple[float, NDArray[np.float64]]:
        training = Timeline(objective, settings, start)
        return timed(lambda: training.advance(UPDATES)), training.run.parameters

    def by_hand() -> tuple[float, NDArray[np.float64]]:
        parameters, orders = start.copy(), Run(objective, settings, start)
        return timed(lambda: numpy_adam(network, parameters, inputs, targets, orders)), parameters

    engines = {
        "nnsim Run": run,
        "nnsim Timeline (history, keyframes, epoch losses)": timeline,
        "NumPy by hand": by_hand,
    }
    times: dict[str, list[float]] = {name: [] for name in engines}
    answers = {name: engine()[1] for name, engine in engines.items()}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            times[name].append(engine()[0] / UPDATES * 1e6)
    apart = max(float(np.abs(answer - answers["NumPy by hand"]).max()) for answer in answers.values())
    baseline = median(times["NumPy by hand"])
    lines = [
        f"{name:<50} {median(values):7.2f} us per update   {baseline / median(values):5.1f} x NumPy"
        for name, values in times.items()
    ]
    return [*lines, f"the engines end within {apart:.1e} of each other"]


def timed(work: Callable[[], object]) -> float:
    """The seconds that something takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def numpy_adam(
    network: Network,
    p: NDArray[np.float64],
    inputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    run: Run,
) -> None:
    """The same training as good NumPy code does it: views into one flat vector, in-place arithmetic where it pays."""
    gradient, m, v = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    weights = [network.weights(p, k) for k in range(3)]
    biases = [network.biases(p, k) for k in range(3)]
    weight_gradients = [network.weights(gradient, k) for k in range(3)]
    bias_gradients = [network.biases(gradient, k) for k in range(3)]
    step = 0
    for epoch in range(EPOCHS):
        order = run.batches.epoch_order(epoch)
        for begin in range(0, SAMPLES, BATCH):
            batch = order[begin : begin + BATCH]
            x, t = inputs[batch], targets[batch]
            a1 = np.maximum(x @ weights[0] + biases[0], 0.0)
            a2 = np.maximum(a1 @ weights[1] + biases[1], 0.0)
            z = a2 @ weights[2] + biases[2]
            e = np.exp(z - z.max(axis=1, keepdims=True))
            delta = (e / e.sum(axis=1, keepdims=True) - t) / len(batch)
            np.dot(a2.T, delta, out=weight_gradients[2])
            bias_gradients[2][:] = delta.sum(axis=0)
            delta = (delta @ weights[2].T) * (a2 > 0.0)
            np.dot(a1.T, delta, out=weight_gradients[1])
            bias_gradients[1][:] = delta.sum(axis=0)
            delta = (delta @ weights[1].T) * (a1 > 0.0)
            np.dot(x.T, delta, out=weight_gradients[0])
            bias_gradients[0][:] = delta.sum(axis=0)
            step += 1
            m += 0.1 * (gradient - m)
            v *= 0.999
            v += 0.001 * gradient * gradient
            p -= 1e-3 / (1 - 0.9**step) * m / (np.sqrt(v) / np.sqrt(1 - 0.999**step) + 1e-8)
