"""Keys of `data` that make other samples of the same kind."""

import numpy as np

from nnsim.scenarios import data_sets
from nnsim.scenarios.samples import data_set


def test_another_draw_of_the_study_has_other_people_and_the_same_counts() -> None:
    bundled, other, again = (data_set(data_sets.SideEffects(draw=draw)).train for draw in (0, 1, 1))
    assert np.array_equal(other.inputs, again.inputs)
    assert not np.array_equal(bundled.inputs, other.inputs)
    for people in (bundled, other):
        old, had = people.inputs[:, 0] >= (65 - 13) / 87, people.targets[:, 1] > 0.5
        assert [int((old & had).sum()), int((old & ~had).sum()), int((~old & had).sum())] == [1000, 50, 50]
        assert (len(people), people.inputs.min(), people.inputs.max()) == (2100, 0.0, 1.0)


def test_the_doubled_sine_is_there_without_its_noise() -> None:
    noisy, pure = (data_set(data_sets.DoubledSine(noise=noise)).train for noise in (True, False))
    assert np.array_equal(noisy.inputs, pure.inputs)
    assert np.array_equal(pure.targets, np.sin(2.0 * pure.inputs))
    assert 0.18 < (noisy.targets - pure.targets).std() < 0.22
