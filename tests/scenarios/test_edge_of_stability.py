"""The edge of stability: the loss falls at every update until the sharpness passes 2 / learning rate."""

import numpy as np
import pytest

from nnsim.core.curvature import sharpness
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import build, settings_of
from nnsim.scenarios.reader import find, read


def started(rate: float, seed: int) -> Timeline:
    experiment = build(read(find("edge-of-stability"), {"optimizer.learning_rate": rate}), "edge")
    return experiment.timeline(seed)


def sharpness_at(timeline: Timeline, update: int) -> float:
    timeline.seek(update)
    return sharpness(timeline.objective, timeline.run.parameters)


@pytest.mark.parametrize(("rate", "updates"), [(0.1, 6000), (0.2, 3000)])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_loss_first_rises_when_the_sharpness_has_passed_the_edge(rate: float, updates: int, seed: int) -> None:
    timeline = started(rate, seed)
    timeline.advance(updates)
    first_rise = int((np.diff(timeline.losses) > 0.0).argmax())
    assert first_rise > 100
    crossing = sharpness_at(timeline, first_rise)
    assert crossing > 2.0 / rate
    peaks = [sharpness_at(timeline, update) for update in range(0, updates, updates // 30)]
    assert max(peaks) * rate / 2.0 < 1.7


def test_a_small_rate_never_reaches_its_edge_and_never_raises_the_loss() -> None:
    timeline = started(0.02, 0)
    timeline.advance(5000)
    assert (np.diff(timeline.losses) < 0.0).all()
    assert sharpness(timeline.objective, timeline.run.parameters) < 20.0


# After 5000 updates at 0.1 a larger rate catapults the run to a flatter place, up to about 4 / sharpness.
@pytest.mark.parametrize(("rate", "survives"), [(0.15, True), (0.2, True), (0.3, False)])
def test_raising_the_rate_on_the_edge(rate: float, survives: bool) -> None:
    timeline = started(0.1, 0)
    timeline.advance(5000)
    changed = read(find("edge-of-stability"), {"optimizer.learning_rate": rate})
    timeline.change(settings_of(changed, timeline.objective))
    timeline.advance(3000)
    assert (timeline.stopped is None) == survives
    assert timeline.losses[5000:5100].max() > 5.0
    if survives:
        here = sharpness(timeline.objective, timeline.run.parameters)
        assert here == pytest.approx(2.0 / rate, rel=0.1)
