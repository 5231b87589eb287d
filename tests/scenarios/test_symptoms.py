"""What is told of a network in training: the test loss that turns up, runs that are stuck, dead neurons, wins."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from own_scenarios import BOWL, FORMULA, LINE, changed, ready, table

from nnsim.core.objective import Evaluation
from nnsim.core.timeline import Record, Timeline
from nnsim.core.units import DeadUnits, dead_units
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.narration import Story, tell
from nnsim.scenarios.reader import find, read
from nnsim.scenarios.symptoms import has_turned

SEED, RATE = "run.seed", "optimizer.learning_rate"


def told(name: str, updates: int, overrides: dict[str, Any] | None = None) -> tuple[Story, Experiment, Timeline]:
    experiment = build(read(find(name), overrides), name, name)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return tell(experiment, timeline), experiment, timeline


def dead(timeline: Timeline) -> tuple[DeadUnits, ...]:
    return dead_units(timeline.objective, timeline.run.parameters)


def records(*losses: float) -> list[Record]:
    """Test losses, and training losses that halve from 1 on."""
    return [Record(k, k, Evaluation(0.5**k, None), Evaluation(loss, None)) for k, loss in enumerate(losses)]


def lowest(seen: list[Record]) -> Record:
    return min(seen, key=lambda record: math.inf if record.test is None else record.test.loss)


@pytest.mark.parametrize(
    ("epochs", "losses", "turned"),
    [
        ((0, 10, 20, 30), (3.0, 1.0, 1.1, 1.1), True),
        ((0, 10, 20, 29), (3.0, 1.0, 1.1, 1.1), False),  # the lowest is too recent
        ((0, 10, 20, 30), (3.0, 1.0, 1.1, 1.05), False),  # up by no more than 5 %
        ((0, 10, 20, 30), (3.0, 1.0, 0.9, 1.1), False),  # lower since
        ((0, 100, 110, 124), (3.0, 1.0, 1.1, 1.1), False),
        ((0, 100, 110, 125), (3.0, 1.0, 1.1, 1.1), True),
        ((0, 10, 20, 90), (4.0, 3.0, 2.0, 1.0), False),
    ],
)
def test_the_test_loss_has_turned_when_it_lies_above_its_lowest_for_a_while(
    epochs: tuple[int, ...], losses: tuple[float, ...], turned: bool
) -> None:
    seen = [replace(record, epoch=epoch) for record, epoch in zip(records(*losses), epochs, strict=True)]
    assert has_turned(lowest(seen), seen[-1]) == turned


def test_a_run_that_gets_worse_at_its_own_samples_does_not_overfit() -> None:
    seen = [replace(record, epoch=50 * record.epoch) for record in records(1.0, 3.0, 3.0)]
    assert has_turned(seen[0], seen[-1])
    assert not has_turned(seen[0], replace(seen[-1], train=Evaluation(1.5, None)))


def test_without_a_test_set_nothing_turns() -> None:
    first, now = (replace(record, epoch=50 * record.epoch) for record in records(1.0, 3.0))
    assert not has_turned(None, replace(now, test=None))
    assert not has_turned(first, replace(now, test=None))


def test_overfitting_is_told_with_the_best_epoch_of_this_run() -> None:
    story, _, timeline = told("overfitting", 1500)
    tested = [(record.test.loss, record.epoch) for record in timeline.records if record.test is not None]
    loss, epoch = min(tested)
    assert story.event == "turned"
    assert f"after epoch {epoch}, {loss:.4g}, and is {timeline.measure().test.loss:.4g} now" in story.lines[0]  # type: ignore[union-attr]
    assert told("overfitting", 150)[0].event == "epoch"


def test_between_two_measurements_the_numbers_are_those_of_now() -> None:
    story, _, timeline = told("overfitting", 301)
    assert timeline.records[-1].update == 300
    assert f"{timeline.measure().train.loss:.6g}" in story.lines[0]


@pytest.mark.parametrize(("seed", "words"), [(3, "the loss is 0.693147"), (0, "the loss is 0.4774")])
def test_a_network_that_is_stuck_is_told_so(seed: int, words: str) -> None:
    story, _, _ = told("xor", 4000, {SEED: seed})
    assert story.event == "stuck"
    assert words in story.lines[0]


def test_neither_a_solved_run_nor_one_that_stands_still_by_its_rate_is_stuck() -> None:
    assert told("xor", 4999, {SEED: 9})[0].event == "epoch"
    assert told("xor", 1000, {RATE: 0.0})[0].event == "epoch"


def test_dead_neurons_are_counted() -> None:
    story, experiment, timeline = told("side-effects", 0)
    alive = int((experiment.start(0)[:16] > 0.0).sum())
    assert dead(timeline)[0] == DeadUnits(1, 16 - alive, 16)
    assert f"Dead: {16 - alive} of 16" in story.lines[1]
    assert dead(told("edge-of-stability", 0)[2]) == ()
    stuck = told("xor", 100, {SEED: 3})[2]
    assert dead(stuck) == (DeadUnits(1, 2, 2),)


def test_a_loss_that_rises_under_the_full_batch_is_told() -> None:
    _, experiment, timeline = told("edge-of-stability", 2700)
    losses = timeline.losses
    for update in range(2600, 2610):
        timeline.seek(update)
        story = tell(experiment, timeline)
        rose = losses[update] > losses[update - 1]
        assert story.event == ("rose" if rose else "epoch")
        verb = "rose" if rose else "fell"
        assert f"The loss {verb} from {losses[update - 1]:.6g} to {losses[update]:.6g}." in story.lines


def test_a_challenge_is_told_at_the_update_that_wins_it() -> None:
    for update, wins in ((39, 0), (40, 1), (41, 0)):
        story, experiment, _ = told("too-large-step", update, {RATE: 0.2})
        line = f"Won at update 40: {experiment.scenario.challenges[0].title}"
        assert story.lines.count(line) == wins


def own(folder: Path, text: str, *remarks: str) -> tuple[Experiment, Timeline]:
    experiment = ready(folder, text + "".join(remarks))
    return experiment, experiment.timeline()


def test_a_threshold_is_told_once_where_it_is_first_reached_going_back_included(tmp_path: Path) -> None:
    words = ("below one at {update}: {loss}", "below a tenth at {update}", "beyond three")
    remarks = [
        table("narration", when="reached", quantity="loss", below=1.0, text=words[0], hint="go on"),
        table("narration", when="reached", quantity="loss", below=0.1, text=words[1]),
        table("narration", when="reached", quantity="w1", above=3.0, text=words[2]),
    ]
    experiment, timeline = own(tmp_path, BOWL, *remarks)  # rate 1/2: the loss is 12.5 / 4^k, w1 is 4 - 4 / 2^k
    timeline.advance(5)
    expected = {2: ["below one at 2: 0.78125"], 3: ["beyond three"], 4: ["below a tenth at 4"]}
    for update in (5, 4, 3, 2, 1, 0, 2):
        timeline.seek(update)
        story = tell(experiment, timeline)
        found = [line for line in story.lines if line.startswith(("below", "beyond"))]
        assert found == expected.get(update, [])
        assert (story.hint == "go on") == (update == 2)


def test_momentum_that_climbs_and_a_slope_that_changes_its_sign_are_told(tmp_path: Path) -> None:
    """One weight, curvature 1, rate 1/4, momentum 0.9: which way the loss and the slope go is worked out here."""
    bowl = changed(BOWL, "learning_rate = 0.5", "learning_rate = 0.25\nmomentum = 0.9")
    experiment, timeline = own(tmp_path, bowl)
    away, velocity, seen = -4.0, 0.0, []
    for update in range(1, 30):
        velocity = 0.9 * velocity + away
        before, away = away, away - 0.25 * velocity
        event = "flipped" if away * before < 0.0 else "climbed" if abs(away) > abs(before) else "approaching"
        timeline.advance(1)
        assert tell(experiment, timeline).event == event, update
        seen.append(event)
    assert set(seen) == {"climbed", "flipped", "approaching"}


@pytest.mark.parametrize(("start", "event"), [(1e-4, "flat"), (0.3, "approaching")])
def test_a_saddle_is_flat_where_the_loss_is_high_and_the_bottom_of_a_bowl_is_not(
    tmp_path: Path, start: float, event: str
) -> None:
    saddle = changed(FORMULA, "(1-x)^2 + 100*(y-x^2)^2", "(1 - x*y)^2/2").replace("[-1.2, 1.0]", f"[{start}, {start}]")
    saddle = saddle.replace("[optimizer]", 'minima = [{ label = "A", at = [1.0, 1.0] }]\n\n[optimizer]')
    experiment, timeline = own(tmp_path, saddle)
    timeline.advance(1)
    assert tell(experiment, timeline).event == event
    experiment, timeline = own(tmp_path, BOWL)
    timeline.advance(12)  # the slope is 0.001 long, and the minimum not yet reached
    assert tell(experiment, timeline).event == "approaching"


def test_a_neuron_that_dies_is_told_at_the_update_that_kills_it(tmp_path: Path) -> None:
    text = changed(LINE, "sizes = [1, 1]", "sizes = [1, 1, 1]").replace('["linear"]', '["relu", "linear"]')
    text = text.replace('weights = { kind = "zeros" }', "").replace("learning_rate = 0.1", "learning_rate = 1.0")
    text = changed(text, "\n[network]", "start = [1.0, 0.0, 1.0, 5.0]\n[network]")
    died = table("narration", when="died", text="{dead} are dead")
    experiment, timeline = own(tmp_path, text, died)
    assert tell(experiment, timeline).event == "start"
    timeline.advance(1)  # the error is 2 everywhere: dL/dw = 2 * 2 * mean(x) = 8, and the weight goes from 1 to -7
    story = tell(experiment, timeline)
    assert (story.event, story.lines[0]) == ("died", "1 of 1 are dead")
    timeline.advance(1)
    assert tell(experiment, timeline).event != "died"
