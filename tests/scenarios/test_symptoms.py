"""What is told of a network in training: the test loss that turns up, runs that are stuck, dead neurons, wins."""

from dataclasses import replace
from typing import Any

import pytest

from nnsim.core.objective import Evaluation
from nnsim.core.timeline import Record, Timeline
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.narration import Story, tell
from nnsim.scenarios.reader import find, read
from nnsim.scenarios.symptoms import Best, best, dead_neurons, has_turned

SEED, RATE = "run.seed", "optimizer.learning_rate"


def told(name: str, updates: int, overrides: dict[str, Any] | None = None) -> tuple[Story, Experiment, Timeline]:
    experiment = build(read(find(name), overrides), name, name)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return tell(experiment, timeline), experiment, timeline


def records(*losses: float) -> list[Record]:
    return [Record(k, k, Evaluation(0.0, None), Evaluation(loss, None)) for k, loss in enumerate(losses)]


def test_the_best_epoch_is_the_first_of_the_lowest_test_losses() -> None:
    assert best(records(3.0, 1.0, 2.0, 1.0)) == Best(1.0, 1)
    assert best([replace(record, test=None) for record in records(1.0)]) is None


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
    assert has_turned(seen, seen[-1]) == turned


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
    assert dead_neurons(timeline)[0] == (16 - alive, 16)
    assert f"Dead: {16 - alive} of 16" in story.lines[1]
    assert dead_neurons(told("edge-of-stability", 0)[2]) == []
    stuck = told("xor", 100, {SEED: 3})[2]
    assert dead_neurons(stuck) == [(2, 2)]


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
