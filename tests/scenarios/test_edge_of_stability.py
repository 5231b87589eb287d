"""The edge of stability: the loss falls at every update until the sharpness passes 2 / learning rate."""

import numpy as np
import pytest
from measures import printed

from nnsim.core.curvature import sharpness
from nnsim.core.ensemble import Check, gather
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run
from nnsim.scenarios.experiment import Experiment, build, settings_of
from nnsim.scenarios.reader import find, read


def at_rate(rate: float) -> Experiment:
    return build(read(find("edge-of-stability"), {"optimizer.learning_rate": rate}), "edge")


def started(rate: float, seed: int) -> Timeline:
    return at_rate(rate).timeline(seed)


def here(run: Run) -> float:
    return sharpness(run.objective, run.parameters)


# What rounding does to the share after the edge was measured with starts nudged by 1e-13: these are three deviations of
# it for the run here and that elsewhere, and half of the last digit.
@pytest.mark.full
@pytest.mark.parametrize(
    ("rate", "updates", "every", "share_before", "share_after"),
    [
        (0.1, 20_000, 200, printed("0.0000"), pytest.approx(0.31, abs=0.011)),
        (0.2, 10_000, 100, printed("0.0004"), pytest.approx(0.27, abs=0.027)),
        (0.4, 6_000, 60, printed("0.0000"), pytest.approx(0.45, abs=0.012)),
    ],
)
def test_from_twenty_starts_the_loss_first_rises_when_the_sharpness_has_passed_the_edge(
    rate: float, updates: int, every: int, share_before: object, share_after: object
) -> None:
    experiment = at_rate(rate)

    def of_start(seed: int, check: Check) -> tuple[float, float, float]:
        """The sharpness at the first rise, and the share of rises before and after the sharpness, looked at now and
        then, is first seen beyond the edge."""
        run = experiment.timeline(seed).run
        crossing, losses = None, []
        while run.update < updates:
            check()
            if crossing is None and here(run) > 2.0 / rate:
                crossing = run.update
            losses.append(run.advance(every).losses)
        rises = np.diff(np.concatenate(losses)) > 0.0
        again = experiment.timeline(seed).run
        again.advance(int(rises.argmax()))
        assert crossing is not None
        return here(again), float(rises[:crossing].mean()) if crossing else 0.0, float(rises[crossing:].mean())

    at_first_rise, before, after = np.array(gather(of_start, 20)).T
    assert at_first_rise.min() > 2.0 / rate
    assert before.mean() == share_before
    assert after.mean() == share_after


def test_the_first_start_raises_its_loss_7646_times_from_update_2527_on() -> None:
    """So it was elsewhere. The oscillation grows out of rounding: of 48 starts nudged by 1e-9 to 1e-15, with the
    kernels of three processors, it is 2520 to 2540, and 7563 to 7692 times; of nine the medians scatter a third as far.
    """
    experiment = at_rate(0.1)

    def rises(nudge: int, check: Check) -> tuple[int, int]:
        start = experiment.start(0)
        start *= 1.0 + 1e-13 * np.random.default_rng(nudge).standard_normal(start.size)
        run = Run(experiment.objective, experiment.settings, start)
        found = np.flatnonzero(np.diff(run.advance(20_000).losses) > 0.0) + 1
        return int(found[0]), len(found)

    first, count = np.median(gather(rises, 9), axis=0)
    assert first == pytest.approx(2527, abs=7)
    assert count == pytest.approx(7646, abs=45)


# Rounding takes the peak of a single start at 0.4 from 1.41 to 1.75, but moves the median of eight by 0.02 at most. Of
# different eights it is 1.11 to 1.13, 1.27 to 1.34 and 1.30 to 1.45.
@pytest.mark.parametrize(
    ("rate", "first", "last", "highest"), [(0.1, 2300, 4000, 1.25), (0.2, 800, 2000, 1.5), (0.4, 200, 1400, 1.7)]
)
def test_the_sharpness_peaks_beyond_the_edge_but_not_far(rate: float, first: int, last: int, highest: float) -> None:
    experiment = at_rate(rate)

    def peak(seed: int, check: Check) -> float:
        run, peak = experiment.timeline(seed).run, 0.0
        run.advance(first)
        while run.update < last:
            check()
            run.advance(20)
            peak = max(peak, here(run) * rate / 2.0)
        return peak

    assert 1.05 < np.median(gather(peak, 8)) < highest


def test_a_small_rate_never_reaches_its_edge_and_never_raises_the_loss() -> None:
    timeline = started(0.02, 0)
    timeline.advance(100_000)
    assert (np.diff(timeline.losses) < 0.0).all()
    assert timeline.losses[-1] == printed("0.000006")
    assert here(timeline.run) < 43.0


# After 5000 updates at 0.1 a larger rate catapults the run to a flatter place, up to about 4 / sharpness.
# The spike comes 10 updates later at 0.15 and 7 at 0.2, or, by what rounding does, up to three more or fewer.
@pytest.mark.parametrize(
    ("rate", "spike", "scatter", "survives"), [(0.15, 10, 3, True), (0.2, 7, 2, True), (0.3, None, 0, False)]
)
def test_raising_the_rate_on_the_edge(rate: float, spike: int | None, scatter: int, survives: bool) -> None:
    timeline = started(0.1, 0)
    timeline.advance(5000)
    changed = read(find("edge-of-stability"), {"optimizer.learning_rate": rate})
    timeline.change(settings_of(changed, timeline.objective))
    timeline.advance(3000)
    assert (timeline.stopped is None) == survives
    assert 0.002 < timeline.losses[5000] < 0.012
    assert timeline.losses[5000:5100].max() > 5.0
    if spike is not None:
        assert abs(int(timeline.losses[5000:].argmax()) - spike) <= scatter
        assert here(timeline.run) == pytest.approx(2.0 / rate, rel=0.1)
