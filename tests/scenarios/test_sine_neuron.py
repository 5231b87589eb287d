"""The loss of a neuron y = sin(w x) that learns sin(2 x): its valleys on the bundled samples, and its closed form."""

import numpy as np
import pytest

from nnsim.core.objective import Objective
from nnsim.scenarios.experiment import build
from nnsim.scenarios.reader import find, read


@pytest.fixture(scope="module")
def objective() -> Objective:
    return build(read(find("sine-neuron")), "sine-neuron").objective


@pytest.mark.parametrize(
    ("near", "sign", "w", "loss"),
    [
        (2.0, 1.0, 2.005, 0.0409),
        (3.4, -1.0, 3.433, 1.1368),
        (4.3, 1.0, 4.321, 0.8791),
        (5.4, -1.0, 5.426, 1.110),
        (6.3, 1.0, 6.304, 0.937),
    ],
    ids=["A", "barrier of A and B", "B", "barrier of B", "third valley"],
)
def test_the_valleys_and_the_tops_between_them(
    objective: Objective, near: float, sign: float, w: float, loss: float
) -> None:
    grid = np.linspace(near - 0.3, near + 0.3, 6001)
    losses = sign * objective.losses(grid[:, None])
    place = int(losses.argmin())
    assert 0 < place < len(grid) - 1  # a minimum or a maximum, not an end of the grid
    assert grid[place] == pytest.approx(w, abs=5.1e-4)
    assert abs(losses[place]) == pytest.approx(loss, abs=5.1e-4 if loss in (1.110, 0.937) else 5.1e-5)


def test_over_all_inputs_the_loss_is_made_of_sinc_terms() -> None:
    """L(w) = E (sin w x - sin 2 x)^2 = 1 - S(2 w) / 2 - S(w - 2) + S(w + 2) for x even over -pi..pi and w other than
    whole numbers, with S(a) = sin(pi a) / (pi a), by cos a - cos b and integration."""
    x = np.linspace(-np.pi, np.pi, 4001)
    x = (x[1:] + x[:-1]) / 2.0
    rows = {
        "data.kind": "inline",
        "data.inputs": x[:, None].tolist(),
        "data.targets": np.sin(2.0 * x)[:, None].tolist(),
    }
    wide = build(read(find("sine-neuron"), {"data": {key.removeprefix("data."): rows[key] for key in rows}}), "wide")
    w = np.linspace(0.3, 8.0, 200)
    form = 1.0 - np.sinc(2.0 * w) / 2.0 - np.sinc(w - 2.0) + np.sinc(w + 2.0)
    assert wide.objective.losses(w[:, None]) == pytest.approx(form, abs=1e-5)


@pytest.mark.parametrize(("start", "valley"), [(0.7, 2.005), (3.4, 2.005), (3.45, 4.321), (5.4, 4.321), (5.5, 6.304)])
def test_the_full_batch_goes_down_into_the_valley_where_it_starts(start: float, valley: float) -> None:
    experiment = build(read(find("sine-neuron"), {"start": [start]}), "sine-neuron")
    timeline = experiment.timeline()
    timeline.advance(experiment.updates)
    assert timeline.run.parameters[0] == pytest.approx(valley, abs=1e-3)
