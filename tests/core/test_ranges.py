"""The range of every activation, against what the network answers over a wide grid."""

import numpy as np
import pytest

from nnsim.core.activations import NAMES
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.ranges import RANGES


def test_every_activation_has_a_range() -> None:
    assert tuple(RANGES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_answers_come_up_to_the_ends_of_the_range_and_not_beyond(name: str) -> None:
    z = np.concatenate([np.linspace(-40.0, 40.0, 160_001), [-1e6, 1e6]])
    identity = of_network(Network((1, 1), (name,)), "squared_error", Samples(z[:, None], z[:, None]))
    answers = identity.outputs(np.array([1.0, 0.0]), z[:, None])[:, 0]
    for found, end in zip((answers.min(), answers.max()), RANGES[name], strict=True):
        if np.isinf(end):
            assert abs(found) >= 1e4
        else:
            assert found == pytest.approx(end, abs=1e-7)
    assert RANGES[name].low - 1e-15 <= answers.min()
    assert answers.max() <= RANGES[name].high + 1e-15
