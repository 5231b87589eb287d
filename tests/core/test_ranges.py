"""The range of every activation, against what the network answers over a wide grid."""

import numpy as np
import pytest

from nnsim.core.activations import ACTIVATIONS, NAMES
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network


@pytest.mark.parametrize("name", NAMES)
def test_answers_come_up_to_the_ends_of_the_range_and_not_beyond(name: str) -> None:
    z = np.concatenate([np.linspace(-40.0, 40.0, 160_001), [-1e6, 1e6]])
    identity = of_network(Network((1, 1), (name,)), "squared_error", Samples(z[:, None], z[:, None]))
    answers = identity.outputs(np.array([1.0, 0.0]), z[:, None])[:, 0]
    for found, end in zip((answers.min(), answers.max()), ACTIVATIONS[name].range, strict=True):
        if np.isinf(end):
            assert abs(found) >= 1e4
        else:
            assert found == pytest.approx(end, abs=1e-7)
    assert ACTIVATIONS[name].range.low - 1e-15 <= answers.min()
    assert answers.max() <= ACTIVATIONS[name].range.high + 1e-15
