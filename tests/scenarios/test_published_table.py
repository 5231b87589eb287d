"""The table that deeplizard's tutorial prints, 20 epochs of the side-effects network, against runs of its recipe."""

from dataclasses import replace

import numpy as np
import pytest

from nnsim.core.arrays import Matrix
from nnsim.core.ensemble import gather
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.many_runs import Plan
from nnsim.scenarios.published import of_timeline, printed
from nnsim.scenarios.reader import find, read

SEEDS, EPOCHS, BATCHES = 100, 20, 210


def experiment_with(loss: str) -> Experiment:
    return build(read(find("side-effects"), {"network.loss": loss}), "side-effects")


def tables(experiment: Experiment, seeds: int) -> Matrix:
    """What each run prints: its losses and its accuracies, shape (seeds, 2, epochs)."""
    outcomes = gather(Plan(experiment, experiment.settings).run, seeds)
    return np.array([outcome.printed for outcome in outcomes])


@pytest.fixture(scope="module")
def softmax() -> Experiment:
    return experiment_with("cross_entropy")


@pytest.fixture(scope="module")
def runs(softmax: Experiment) -> Matrix:
    return tables(softmax, SEEDS)


def test_the_published_accuracies_are_shares_of_2100_people(softmax: Experiment) -> None:
    assert softmax.scenario.published is not None
    for accuracy in softmax.scenario.published.accuracies:
        assert round(round(accuracy * 2100) / 2100, 4) == accuracy


@pytest.mark.parametrize(("people", "fitting"), [(2100, 20), (2000, 9), (1890, 5), (1680, 4)])
def test_they_are_shares_of_hardly_any_other_number(softmax: Experiment, people: int, fitting: int) -> None:
    """1890 and 1680 are what validation splits of a tenth and a fifth would leave: the table was made without one."""
    assert softmax.scenario.published is not None
    printed = softmax.scenario.published.accuracies
    assert sum(round(round(accuracy * people) / people, 4) == accuracy for accuracy in printed) == fitting


def test_the_least_possible_loss_and_the_most_right_answers(softmax: Experiment) -> None:
    """Of 21 people of a group 20 are alike: the best answer is right 20 times, and costs H(1/21)."""
    young, had = softmax.objective.train.inputs[:, 0] < (65 - 13) / 87, softmax.objective.train.targets[:, 1] > 0.5
    shares = np.array([had[young].mean(), had[~young].mean()])
    assert np.minimum(shares, 1 - shares) == pytest.approx([1 / 21, 1 / 21], abs=1e-15)
    assert np.maximum(shares, 1 - shares).mean() == pytest.approx(0.95238, abs=5e-6)
    entropy = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares))
    assert entropy.mean() == pytest.approx(0.191444, abs=5e-7)


def test_what_is_printed_are_means_over_the_batches_of_an_epoch(softmax: Experiment) -> None:
    timeline, objective = softmax.timeline(), softmax.objective
    losses, accuracies = [], []
    for _ in range(3 * BATCHES):
        parameters, batch = timeline.run.parameters, timeline.run.next_batch()
        losses.append(objective.loss_and_gradient(parameters, batch)[0])
        accuracies.append(objective.on(batch).evaluate(parameters, objective.on(batch).train).metric)
        timeline.advance(1)
    table = of_timeline(timeline, EPOCHS)
    assert table.losses == pytest.approx(np.array(losses).reshape(3, BATCHES).mean(axis=1), rel=1e-12)
    assert table.accuracies == pytest.approx(np.array(accuracies).reshape(3, BATCHES).mean(axis=1), rel=1e-12)
    assert len(set(accuracies)) > 5
    timeline.advance(BATCHES // 2)
    assert len(of_timeline(timeline, EPOCHS).losses) == 3  # an epoch that has begun is not in it
    assert len(of_timeline(timeline, 2).losses) == 2


def test_epochs_may_differ_in_their_batches() -> None:
    accuracies = np.array([[0.5], [0.75], [1.0], [0.0]])
    table = printed(np.array([0, 2, 3]), np.array([3, 1, 4, 2]), np.array([1.0, 3.0, 5.0, 7.0]), accuracies)
    assert table.losses.tolist() == [1.5, 5.0]
    assert table.accuracies.tolist() == [0.5625, 1.0]


@pytest.mark.parametrize("size", [2000, 1999, 64, 2100])
def test_a_network_that_stays_prints_the_loss_and_the_accuracy_that_it_has(size: int) -> None:
    """Whatever the last batch of an epoch is left with."""
    experiment = build(read(find("side-effects"), {"batches.size": size, "optimizer.learning_rate": 0.0}), "still")
    timeline = experiment.timeline()
    timeline.advance(2 * experiment.updates_per_epoch)
    here = timeline.measure().train
    of_many = Plan(experiment, experiment.settings).run(timeline.run.seed, lambda: None).printed
    for table in (of_timeline(timeline, EPOCHS), of_many):
        assert table is not None
        assert table.losses[:2] == pytest.approx([here.loss] * 2, rel=1e-12)
        assert table.accuracies[:2] == pytest.approx([here.metric] * 2, rel=1e-12)


def test_a_batch_size_that_changes_amid_an_epoch_counts_from_there_on(softmax: Experiment) -> None:
    still = replace(softmax.settings, optimizer=softmax.settings.optimizer.with_rate(0.0), batch_size=900)
    timeline = replace(softmax, settings=still).timeline()
    timeline.advance(1)
    timeline.change(replace(still, batch_size=500))
    timeline.advance(3)
    assert timeline.run.place == (1, 0)  # 900, 500, 500, 200
    here = timeline.measure().train
    table = of_timeline(timeline, EPOCHS)
    assert table.losses == pytest.approx([here.loss], rel=1e-12)
    assert table.accuracies == pytest.approx([here.metric], rel=1e-12)


def test_many_runs_print_what_each_would_by_itself(softmax: Experiment, runs: Matrix) -> None:
    timeline = softmax.timeline(3)
    timeline.advance(EPOCHS * BATCHES)
    assert np.array_equal(np.array(of_timeline(timeline, EPOCHS)), runs[3])


def test_the_loss_falls_with_every_epoch_and_ends_above_the_least_possible(runs: Matrix) -> None:
    losses = runs[:, 0]
    assert (np.diff(losses, axis=1) < 0.0).all()
    assert losses.min() > 0.191444


def test_a_run_is_slower_the_more_neurons_are_dead_at_birth(softmax: Experiment, runs: Matrix) -> None:
    alive = [(softmax.start(seed)[:16] > 0.0).sum() for seed in range(SEEDS)]
    assert np.corrcoef(alive, runs[:, 0, 4])[0, 1] == pytest.approx(-0.468, abs=0.23)


def test_half_of_the_first_neurons_are_alive_at_birth_as_by_coins(softmax: Experiment) -> None:
    """An input of at least 0 never wakes a ReLU with a weight below 0 and no bias: Binomial(16, 1/2)."""
    alive = np.array([(softmax.start(seed)[:16] > 0.0).sum() for seed in range(1000)])
    assert (alive.mean(), alive.var()) == pytest.approx((8.0, 4.0), abs=0.6)
    assert np.mean(alive == 8) == pytest.approx(0.196, abs=0.04)


@pytest.mark.parametrize(("alive", "loss"), [(6, 0.3006), (8, 0.2859), (10, 0.2814)])
def test_the_last_loss_is_lower_the_more_neurons_are_alive(
    softmax: Experiment, runs: Matrix, alive: int, loss: float
) -> None:
    """The stated means are those of other people; those that are bundled have 0.012 less in the mean."""
    counts = np.array([(softmax.start(seed)[:16] > 0.0).sum() for seed in range(SEEDS)])
    last = runs[counts == alive, 0, -1]
    assert last.mean() == pytest.approx(loss - 0.012, abs=3 * last.std() / np.sqrt(len(last)) + 0.002)


def test_the_table_is_none_of_sigmoids_as_the_text_has_it(softmax: Experiment, runs: Matrix) -> None:
    """In standard deviations from the mean of its epoch: at worst -1.83 with softmax, -4.10 with sigmoids that are
    divided by their sum."""
    assert softmax.scenario.published is not None
    published = np.array(softmax.scenario.published.losses)
    of_sigmoids = tables(experiment_with("cross_entropy_of_sigmoids"), 60)[:, 0]
    for losses, worst, error in ((runs[:, 0], -1.83, 0.4), (of_sigmoids, -4.10, 1.0)):
        deviations = (published - losses.mean(axis=0)) / losses.std(axis=0)
        assert deviations.min() == pytest.approx(worst, abs=error)


def test_the_published_accuracies_are_among_those_of_some_runs(softmax: Experiment, runs: Matrix) -> None:
    assert softmax.scenario.published is not None
    published = np.array(softmax.scenario.published.accuracies)
    low, high = np.quantile(runs[:, 1], [0.01, 0.99], axis=0)
    assert ((low <= published) & (published <= high)).all()


def test_a_run_that_diverges_prints_no_table(softmax: Experiment) -> None:
    wild = replace(softmax.settings, optimizer=softmax.settings.optimizer.with_rate(1e300))
    outcome = Plan(softmax, wild).run(0, lambda: None)
    assert outcome.stopped
    assert outcome.printed is None
