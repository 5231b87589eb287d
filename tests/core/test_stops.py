"""Where a run stops and why, and how one gets away from there."""

from math import inf, nan

import numpy as np
import pytest
from histories import seen
from problems import bits, bowl_at_4_3, random_network

from nnsim.core.activations import NAMES
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.optimizers import SGD
from nnsim.core.surfaces import bowl, double_well
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run, Settings, Stop


def well_run(rate: float, start: float) -> Run:
    return Run(of_surface(double_well()), Settings(SGD(rate), 1), np.array([start]))


# A run.


def test_a_loss_that_is_not_finite_stops_the_run_before_its_update() -> None:
    run = Run(of_surface(bowl(np.eye(1), np.zeros(1))), Settings(SGD(1e160), 1), np.array([4.0]))
    assert run.advance(10).losses.tolist() == [8.0]
    assert run.stopped == Stop(2, "w1", "the loss became inf")
    assert run.update == 1
    assert run.parameters.tolist() == [-4e160]
    assert run.previous.tolist() == [4.0]


def test_a_gradient_that_is_not_finite_stops_the_run_before_its_update() -> None:
    run = well_run(1e200, 4.0)
    run.advance(10)
    assert run.stopped is not None
    assert (run.stopped.update, run.stopped.parameter) == (2, "w")
    assert run.stopped.reason.startswith("the gradient of w became -inf")
    assert run.update == 1
    assert run.parameters.tolist() == [-1.8e201]


def test_a_parameter_that_is_not_finite_stops_the_run_after_its_update_by_name() -> None:
    samples = Samples(np.array([[0.0, 5.0]]), np.array([[1.0]]))
    objective = of_network(Network((2, 1), ("linear",)), "squared_error", samples)
    run = Run(objective, Settings(SGD(1e308), 1), np.zeros(3))
    progress = run.advance(10)
    assert run.stopped == Stop(1, "W1[2,1]", "W1[2,1] became inf")
    assert run.update == len(progress.losses) == len(progress.path) == 1
    assert run.previous.tolist() == [0.0, 0.0, 0.0]


def test_a_parameter_that_is_not_finite_stops_the_run_even_where_the_loss_does_not_show_it() -> None:
    # sigmoid(inf) is 1, which is the target: loss and gradient would be 0 from here on.
    samples = Samples(np.array([[10.0]]), np.array([[1.0]]))
    run = Run(of_network(Network((1, 1), ("sigmoid",)), "squared_error", samples), Settings(SGD(1e308), 1), np.zeros(2))
    run.advance(10)
    assert run.stopped == Stop(1, "W1[1,1]", "W1[1,1] became inf")
    assert run.update == 1


def test_after_a_stop_the_gradient_is_still_that_of_the_last_update() -> None:
    run = Run(bowl_at_4_3(1, 9), Settings(SGD(0.25), 1), np.zeros(2))
    run.advance(10_000)
    assert run.stopped is not None
    assert run.parameters == pytest.approx(run.previous - 0.25 * run.gradient, rel=1e-12)


def test_a_loss_that_runs_away_stops_the_run_while_it_is_still_finite() -> None:
    run = Run(bowl_at_4_3(1, 9), Settings(SGD(0.25), 1), np.zeros(2))
    losses = run.advance(10_000).losses
    # The loss grows by 1.25^2 at every update, and stops the run when it exceeds 1e9 times the first, 48.5.
    following = run.objective.losses(run.parameters[None])[0]
    assert losses.max() <= 48.5e9 < following < 1.6 * 48.5e9
    assert run.stopped == Stop(run.update + 1, "w2", f"the loss ran away to {following:.3g}")
    assert run.update == len(losses)


def test_a_small_first_loss_does_not_make_a_run_stop_early() -> None:
    # The first loss is 5e-9; only 1e9 is too much.
    run = Run(of_surface(bowl(np.eye(1), np.zeros(1))), Settings(SGD(3.0), 1), np.array([1e-4]))
    losses = run.advance(1000).losses
    assert 1e8 < losses[-1] <= 1e9


@pytest.mark.parametrize("start", [1e155, 1e200])
def test_a_loss_that_is_infinite_at_the_start_stops_the_run_too(start: float) -> None:
    run = Run(of_surface(bowl(np.eye(1), np.zeros(1))), Settings(SGD(0.1), 1), np.array([start]))
    run.advance(1)
    assert run.stopped == Stop(1, "w1", "the loss became inf")
    assert run.update == 0


def test_a_loss_that_overflows_stops_the_run_even_where_a_billion_times_the_first_overflows_too() -> None:
    run = Run(of_surface(bowl(np.eye(1), np.zeros(1))), Settings(SGD(1e10), 1), np.array([1e150]))
    run.advance(10)
    assert run.stopped == Stop(2, "w1", "the loss became inf")
    assert run.parameters == pytest.approx([-1e160])


@pytest.mark.parametrize("activation", NAMES)
def test_a_nan_among_the_inputs_stops_the_run_at_the_update_that_meets_it(activation: str) -> None:
    clean = random_network((2, 3, 1), (activation, "linear"), "squared_error", 6).train
    inputs = clean.inputs.copy()
    inputs[3, 1] = nan
    objective = of_network(Network((2, 3, 1), (activation, "linear")), "squared_error", Samples(inputs, clean.targets))
    start = np.linspace(-1, 1, objective.size)
    run = Run(objective, Settings(SGD(0.1), 1, "fixed"), start)
    run.advance(100)
    assert run.stopped is not None
    assert run.stopped.update == 4
    assert run.update == 3

    healthy = Run(of_network(Network((2, 3, 1), (activation, "linear")), "squared_error", clean), run.settings, start)
    healthy.advance(3)
    assert run.parameters.tobytes() == healthy.parameters.tobytes()


def test_a_run_that_has_stopped_stays_where_it_is() -> None:
    run = well_run(1e200, 4.0)
    run.advance(10)
    before = bits(run)
    assert run.advance(10).losses.size == 0
    assert bits(run) == before


def test_a_stop_in_pieces_is_the_stop_at_once() -> None:
    together, single = (Run(bowl_at_4_3(1, 9), Settings(SGD(0.25), 1), np.zeros(2)) for _ in range(2))
    together.advance(10_000)
    while single.stopped is None:
        single.advance(1)
    assert bits(together) == bits(single)
    assert together.stopped == single.stopped


def test_restoring_a_checkpoint_lets_a_stopped_run_go_on() -> None:
    run = well_run(1e200, 4.0)
    checkpoint = run.checkpoint()
    run.advance(10)
    run.restore(checkpoint)
    run.change(Settings(SGD(0.01), 1))
    assert run.stopped is None
    run.advance(126)
    assert run.parameters[0] == pytest.approx(3.0, abs=1e-6)


@pytest.mark.parametrize("value", [nan, inf])
def test_a_start_that_is_not_finite_stops_at_once(value: float) -> None:
    objective: Objective = bowl_at_4_3()
    run = Run(objective, Settings(SGD(0.1), 1), np.array([0.0, value]))
    run.advance(5)
    assert run.update == 0
    assert run.stopped is not None
    assert run.stopped.parameter == "w2"


# A timeline.


def divergent(rate: float, objective: Objective, start: float) -> Timeline:
    return Timeline(objective, Settings(SGD(rate), 1), np.full(objective.size, start))


STOPS = {
    "runaway": lambda: divergent(0.25, bowl_at_4_3(), 0.0),
    "loss": lambda: divergent(1e160, bowl_at_4_3(), 0.0),
    "gradient": lambda: divergent(1e200, of_surface(double_well()), 4.0),
    "parameter": lambda: divergent(1e308, of_surface(double_well()), 4.0),
}


@pytest.mark.parametrize("kind", STOPS)
def test_a_stop_is_told_at_the_end_alone_and_again_whenever_one_comes_back_to_it(kind: str) -> None:
    timeline = STOPS[kind]()
    made = timeline.advance(1000)
    why = timeline.stopped
    assert timeline.update == timeline.latest == made < 1000
    assert why is not None
    assert timeline.advance(1) == 0
    timeline.seek(0)
    assert timeline.stopped is None
    timeline.seek(made)
    assert timeline.stopped == why
    timeline.seek(0)
    assert timeline.advance(1000) == made
    assert timeline.stopped == why


@pytest.mark.parametrize("kind", STOPS)
def test_where_a_run_stopped_it_is_as_it_was_after_going_back_and_forward(kind: str) -> None:
    timeline = STOPS[kind]()
    made = timeline.advance(1000)
    end = seen(timeline)
    timeline.seek(0)
    timeline.seek(made)
    assert seen(timeline) == end


@pytest.mark.parametrize("kind", STOPS)
def test_a_change_before_the_stop_lets_the_run_go_on(kind: str) -> None:
    timeline = STOPS[kind]()
    timeline.advance(1000)
    timeline.seek(0)
    timeline.change(Settings(SGD(0.01), 1))
    assert timeline.advance(1000) == 1000
    assert timeline.stopped is None
    assert np.isfinite(timeline.losses).all()


def test_a_runaway_goes_on_from_where_it_stopped_once_its_loss_falls() -> None:
    timeline = STOPS["runaway"]()
    made = timeline.advance(1000)
    timeline.change(Settings(SGD(0.001), 1))
    assert timeline.stopped is None
    assert timeline.advance(20) == 20
    losses = timeline.losses[made:]
    assert losses[0] > losses[1] > losses[2] > 48.5e9
    assert (np.diff(losses) < 0).all()
    end = seen(timeline)
    timeline.seek(made + 1)
    timeline.seek(made + 20)
    assert seen(timeline) == end


def test_a_rate_that_is_still_too_large_lets_a_runaway_run_on_for_one_update() -> None:
    timeline = STOPS["runaway"]()
    timeline.advance(1000)
    timeline.change(Settings(SGD(0.24), 1))
    assert timeline.advance(1000) == 1
    assert timeline.stopped is not None
    assert "ran away" in timeline.stopped.reason


def test_a_step_back_from_a_runaway_and_a_smaller_rate_bring_the_run_home() -> None:
    timeline = STOPS["runaway"]()
    made = timeline.advance(1000)
    timeline.seek(made - 1)
    timeline.change(Settings(SGD(0.1), 1))
    assert timeline.advance(400) == 400
    assert timeline.stopped is None
    assert timeline.run.parameters == pytest.approx([4.0, 3.0], abs=1e-6)
