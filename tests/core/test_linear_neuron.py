"""A linear neuron with two weights and no bias is a bowl with its minimum at (4, 3), to the last figure."""

import numpy as np
import pytest
from measures import deviation, printed
from problems import bowl_at_4_3

from nnsim.core.arrays import Matrix
from nnsim.core.curvature import critical_rate, hessian, sharpness
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network
from nnsim.core.optimizers import SGD
from nnsim.core.training import Run, Settings

MINIMUM = np.array([4.0, 3.0])
LONG = [[1.0, 3.0], [1.0, -3.0], [-1.0, 3.0], [-1.0, -3.0]]
SQUARE = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]


def neuron(inputs: list[list[float]]) -> Objective:
    """It learns 4 x1 + 3 x2 of these inputs; the loss is half the mean squared error."""
    x = np.array(inputs)
    network = Network((2, 1), ("linear",), biased=False)
    return of_network(network, "half_squared_error", Samples(x, x @ MINIMUM[:, None]))


def points(objective: Objective, rate: float, batch: int, updates: int) -> Matrix:
    """(0, 0) and the weights after every update, the samples taken in their order."""
    run = Run(objective, Settings(SGD(rate), batch, "fixed"), np.zeros(2))
    return np.vstack([np.zeros(2), run.advance(updates).path])


def distances(objective: Objective, rate: float, updates: int) -> list[float]:
    """How far from the minimum it is at the start and after every update on a single sample."""
    found: list[float] = np.linalg.norm(points(objective, rate, 1, updates) - MINIMUM, axis=1).tolist()
    return found


def test_its_targets_are_the_known_ones() -> None:
    assert neuron(LONG).train.targets[:, 0].tolist() == [13.0, -5.0, 5.0, -13.0]


@pytest.mark.parametrize(("inputs", "curvatures"), [(LONG, (1, 9)), (SQUARE, (1, 1))])
def test_its_hessian_is_the_bowls(inputs: list[list[float]], curvatures: tuple[int, int]) -> None:
    found = hessian(neuron(inputs), np.array([-1.0, 2.0]))
    assert found == pytest.approx(np.diag(curvatures), abs=1e-9)


@pytest.mark.parametrize(("inputs", "curvatures"), [(LONG, (1, 9)), (SQUARE, (1, 1))])
@pytest.mark.parametrize("rate", [0.1, 0.2, 2 / 9, 0.25])
def test_on_all_samples_it_goes_the_bowls_way(
    inputs: list[list[float]], curvatures: tuple[int, int], rate: float
) -> None:
    run = Run(bowl_at_4_3(*curvatures), Settings(SGD(rate), 1), np.zeros(2))
    assert deviation(points(neuron(inputs), rate, 4, 30)[1:], run.advance(30).path) <= 1e-12


def test_a_step_of_1_over_x_squared_on_one_sample_makes_its_error_0() -> None:
    objective = neuron(LONG)
    found = points(objective, 0.1, 1, 4)
    assert found[1].tolist() == [printed("1.3"), printed("3.9")]
    assert found[2].tolist() == [printed("1.84"), printed("2.28")]
    for sample, here in enumerate(found[1:]):
        x, target = objective.train.inputs[sample], objective.train.targets[sample, 0]
        assert x @ here == pytest.approx(target, abs=1e-12)


def test_on_single_samples_the_limit_is_2_over_x_squared_below_that_of_all() -> None:
    objective = neuron(LONG)
    assert critical_rate(sharpness(objective, np.zeros(2)), SGD(0.2)) == pytest.approx(2 / 9, abs=1e-9)
    below, at, above = (distances(objective, rate, 8000) for rate in (0.199, 0.2, 0.21))
    assert below[-1] < 1e-3
    assert at == pytest.approx([5.0] * 8001, abs=1e-9)
    assert (np.diff(above) > 0).all()
    assert above[-1] > 1e5
    assert np.linalg.norm(points(objective, 0.21, 4, 2000)[-1] - MINIMUM) < 1e-9
