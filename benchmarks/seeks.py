"""Going to random updates of a run of 20,000: 1-16-32-2, Adam, batches of 10."""

from __future__ import annotations

import time

import numpy as np

from nnsim.core.initializers import glorot_uniform, zeros
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.optimizers import Adam
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings

UPDATES, SEEKS = 20_000, 200


def report() -> list[str]:
    """The figures in a line."""
    rng = np.random.default_rng(0)
    inputs = rng.uniform(size=(2100, 1))
    targets = np.eye(2)[(inputs[:, 0] > 0.6).astype(int)]
    network = Network((1, 16, 32, 2), ["relu", "relu", "linear"])
    objective = of_network(network, "cross_entropy", Samples(inputs, targets))
    timeline = Timeline(objective, Settings(Adam(1e-3), 10), network.initial(glorot_uniform, zeros, 0))
    timeline.advance(UPDATES)
    times = []
    for update in rng.integers(0, UPDATES, SEEKS):
        begin = time.perf_counter()
        timeline.seek(int(update))
        times.append((time.perf_counter() - begin) * 1000)
    return [f"a seek in a run of {UPDATES} updates: median {np.median(times):.2f} ms, longest {max(times):.2f} ms"]
