"""From which of a thousand starts a small network learns XOR, and where the others are stuck, to the last start."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nnsim.core.ensemble import gather
from nnsim.core.training import Run
from nnsim.scenarios.experiment import build
from nnsim.scenarios.reader import find, read

STARTS, UPDATES = 1000, 5000
ONE_APART, ALL_ALIKE, TWO_APART = 0.75 * (np.log(3) - 2 / 3 * np.log(2)), np.log(2), np.log(2) / 2


def starts(hidden: int) -> np.ndarray:
    """Glorot uniform weights and biases 0, all weights of the first layer drawn before those of the second."""
    rng = np.random.default_rng(0)
    first = rng.uniform(-1, 1, (STARTS, 2 * hidden)) * np.sqrt(6 / (2 + hidden))
    second = rng.uniform(-1, 1, (STARTS, hidden)) * np.sqrt(6 / (hidden + 1))
    return np.hstack([first, np.zeros((STARTS, hidden)), second, np.zeros((STARTS, 1))])


# Counted elsewhere, in NumPy, with the same starts.
@pytest.mark.parametrize(
    ("hidden", "solved", "stuck"), [(2, 168, (475, 237, 120)), pytest.param(3, 397, None, marks=pytest.mark.full)]
)
def test_so_many_starts_learn_xor(hidden: int, solved: int, stuck: tuple[int, int, int] | None) -> None:
    experiment = build(read(find("xor"), {"network.sizes": [2, hidden, 1]}), "xor")
    objective, drawn = experiment.objective, starts(hidden)

    def ends(place: int, _: Callable[[], None]) -> tuple[float, float | None]:
        run = Run(objective, experiment.settings, drawn[place])
        run.advance(UPDATES)
        found = objective.evaluate(run.parameters, objective.train)
        return found.loss, found.metric

    losses, accuracies = np.array(gather(ends, STARTS)).T
    assert np.count_nonzero(accuracies == 1.0) == solved
    if stuck is not None:
        levels = (ONE_APART, ALL_ALIKE, TWO_APART)
        assert tuple(np.count_nonzero(np.abs(losses - level) < 0.004) for level in levels) == stuck


def test_a_unit_dead_on_all_inputs_is_dead_for_ever_and_leaves_a_network_with_one_unit_less() -> None:
    """Its gradient is exactly 0, so its weights keep every bit, and the other unit goes the way that it goes alone."""
    two, one = (build(read(find("xor"), {"network.sizes": [2, hidden, 1]}), "xor") for hidden in (2, 1))
    objective = two.objective
    dead = [objective.names.index(name) for name in ("W1[1,2]", "W1[2,2]", "b1[2]", "W2[2,1]")]
    alive = [place for place in range(objective.size) if place not in dead]
    moved, lowest = 0, np.inf
    for start in starts(2)[:40]:
        start[dead] = [-0.5, -0.7, 0.0, start[dead[-1]]]
        run, alone = Run(objective, two.settings, start), Run(one.objective, one.settings, start[alive])
        for _ in range(10):
            assert (objective.loss_and_gradient(run.parameters)[1][dead] == 0.0).all()
            run.advance(500)
            alone.advance(500)
            assert (run.parameters[dead] == start[dead]).all()
            assert run.parameters[alive] == pytest.approx(alone.parameters, rel=1e-12, abs=1e-12)
        moved += bool((run.parameters[alive] != start[alive]).any())
        loss = objective.evaluate(run.parameters, objective.train).loss
        lowest = min(lowest, loss)
    assert moved > 30
    assert ONE_APART < lowest < ONE_APART + 1e-3
