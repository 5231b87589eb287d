"""The numbers of a run by name: each is held against what the objective itself says at the same parameters."""

from pathlib import Path

import numpy as np
import pytest
from own_scenarios import BINARY_XOR, BOWL, CROWD, CURVE, DOUBLE_WELL, LINE, XOR, changed, ready

from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import along, column, ending, known, known_along
from nnsim.scenarios.runner import run, run_along


def run_of(folder: Path, text: str, updates: int | None = None) -> tuple[Experiment, Timeline]:
    experiment = ready(folder, text)
    return experiment, run(experiment, updates)


TEXTS = {
    "bowl": BOWL,
    "well": DOUBLE_WELL,
    "line": LINE,
    "curve": CURVE,
    "xor": XOR,
    "binary": BINARY_XOR,
    "crowd": CROWD,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_known_quantity_has_one_number_per_update_that_it_names(tmp_path: Path, text: str) -> None:
    experiment, timeline = run_of(tmp_path, text, 3)
    for name in known(experiment):
        updates, values = column(experiment, timeline, name)
        assert updates.shape == values.shape
        assert updates[-1] == 3
        assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (BOWL, "loss batch_loss learning_rate sharpness critical_rate gradient_norm w1 w2 gradient.w1 gradient.w2"),
        (
            LINE,
            "loss batch_loss learning_rate rmse blind_guess_loss mean_predictor_rmse least_squares_rmse "
            "estimate.0 sharpness critical_rate gradient_norm weight_gradient.1 gradient_spread noise_scale W1[1,1] "
            "b1[1] gradient.W1[1,1] gradient.b1[1]",
        ),
        (
            CURVE,
            "loss batch_loss learning_rate rmse test_loss test_rmse blind_guess_loss mean_predictor_rmse "
            "least_squares_rmse estimate.0 sharpness critical_rate preconditioned_sharpness gradient_norm "
            "weight_gradient.1 weight_gradient.2 unit_range gradient_spread noise_scale noise_ratio gradient_cosine",
        ),
        (
            XOR,
            "loss batch_loss learning_rate accuracy batch_accuracy blind_guess_loss largest_class_accuracy sharpness "
            "critical_rate preconditioned_sharpness gradient_norm "
            "weight_gradient.1 weight_gradient.2 unit_range gradient_spread noise_scale",
        ),
    ],
)
def test_a_scenario_knows_the_quantities_that_it_has(tmp_path: Path, text: str, names: str) -> None:
    assert known(ready(tmp_path, text)) == names.split()


@pytest.mark.parametrize(("text", "name"), [(BOWL, "rmse"), (XOR, "b1[1]"), (LINE, "test_rmse"), (LINE, "[/]\x1b")])
def test_any_other_quantity_is_refused_with_those_that_there_are(tmp_path: Path, text: str, name: str) -> None:
    experiment, timeline = run_of(tmp_path, text, 0)
    with pytest.raises(ValueError, match="is not a quantity of this scenario: it can be loss, batch_loss"):
        column(experiment, timeline, name)


def test_a_path_gives_loss_gradient_and_parameters_update_by_update(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, BOWL)
    objective, path = experiment.objective, timeline.path
    assert path is not None
    assert column(experiment, timeline, "w2").values.tolist() == [0.0, 1.5, 2.25, 2.625, 2.8125, 2.90625]
    assert column(experiment, timeline, "loss").values.tolist() == objective.losses(path).tolist()
    slopes = [objective.loss_and_gradient(point)[1][1] for point in path]
    assert column(experiment, timeline, "gradient.w2").values.tolist() == slopes
    assert column(experiment, timeline, "gradient.w2").updates.tolist() == [0, 1, 2, 3, 4, 5]


def test_curvature_is_that_of_where_the_run_stands(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, DOUBLE_WELL, 0)
    assert column(experiment, timeline, "sharpness").values == pytest.approx([27.0], rel=1e-6)
    assert column(experiment, timeline, "critical_rate").values == pytest.approx([2 / 27], rel=1e-6)


def test_preconditioned_sharpness_divides_by_what_adam_divides_by(tmp_path: Path) -> None:
    text = changed(BOWL, 'kind = "sgd"', 'kind = "adam"')
    experiment, timeline = run_of(tmp_path, text, 0)
    assert np.isnan(column(experiment, timeline, "preconditioned_sharpness").values[-1])
    slope = timeline.objective.loss_and_gradient(timeline.run.parameters)[1]
    timeline.advance(1)
    # After one update m is 0.1 times the slope, v is 0.001 times its square, and 1 - b1 = 0.1.
    divisors = 0.1 * (np.abs(slope) + 1e-8)
    found = column(experiment, timeline, "preconditioned_sharpness").values
    assert found == pytest.approx([(1.0 / divisors).max()], rel=1e-6)


def test_the_batch_loss_of_an_update_is_the_loss_of_its_batch_before_it(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, DOUBLE_WELL, 6)
    updates, values = column(experiment, timeline, "batch_loss")
    assert updates.tolist() == [1, 2, 3, 4, 5, 6]
    fresh = experiment.timeline()
    for update, value in zip(updates, values, strict=True):
        fresh.seek(0)
        fresh.advance(int(update) - 1)
        assert fresh.objective.loss_and_gradient(fresh.run.parameters, fresh.run.next_batch())[0] == value


def test_a_small_network_has_its_metric_after_every_update(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, LINE, 4)
    updates, values = column(experiment, timeline, "rmse")
    assert updates.tolist() == [0, 1, 2, 3, 4]
    assert timeline.path is not None
    errors = [point[0] * np.array([1, 2, 3]) + point[1] - np.array([3, 5, 7]) for point in timeline.path]
    assert values == pytest.approx([np.sqrt(np.mean(error**2)) for error in errors], rel=1e-12)


def test_a_large_network_is_measured_at_the_start_after_every_epoch_and_now(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, CURVE, 5)
    now = timeline.measure()
    assert (now.update, now.epoch) == (5, 2)
    assert now.test is not None
    assert now.test.metric is not None
    for name, last in (("loss", now.train.loss), ("test_loss", now.test.loss), ("test_rmse", 100 * now.test.metric)):
        updates, values = column(experiment, timeline, name)
        assert updates.tolist() == [0, 2, 4, 5]
        assert values[-1] == last
    timeline.seek(4)
    assert column(experiment, timeline, "loss").updates.tolist() == [0, 2, 4]
    assert column(experiment, timeline, "loss").values[-1] != now.train.loss


def test_rmse_and_estimate_are_in_the_unit_of_the_file(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, CURVE, 60)
    answers = 100 * experiment.objective.outputs(timeline.run.parameters, np.array([[-1.0], [0.0], [1.0]]))[:, 0]
    rmse = np.sqrt(np.mean((answers - np.array([100.0, 0.0, 100.0])) ** 2))
    assert column(experiment, timeline, "rmse").values[-1] == pytest.approx(rmse, rel=1e-12)
    assert column(experiment, timeline, "estimate.0").values == pytest.approx(answers[:1], rel=1e-12)


def test_the_estimate_is_that_of_the_sample_in_view_and_baselines_are_columns(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, CROWD, 20)
    picture = experiment.objective.train.inputs[149:150]
    people = 1000 * experiment.objective.outputs(timeline.run.parameters, picture)[0, 0]
    assert column(experiment, timeline, "estimate.149").values.tolist() == [people]
    assert column(experiment, timeline, "least_squares_rmse").values == pytest.approx([87.5], abs=0.05)
    assert column(experiment, timeline, "mean_predictor_rmse").values == pytest.approx([287.2], abs=0.05)


def test_the_learning_rate_is_that_of_each_update(tmp_path: Path) -> None:
    text = f'{BOWL}[schedule]\nkind = "exponential"\nfactor = 0.5\n'
    experiment, timeline = run_of(tmp_path, text, 4)
    rate = experiment.settings.optimizer.learning_rate
    updates, values = column(experiment, timeline, "learning_rate")
    assert updates.tolist() == [1, 2, 3, 4]
    assert values == pytest.approx([rate, rate / 2, rate / 4, rate / 8])


def test_the_penalty_is_a_quantity_where_there_is_one(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, XOR.replace("[network]", "[network]\nl2 = 0.5"), 2)
    weights = timeline.run.parameters[timeline.objective.weights > 0.0]
    assert column(experiment, timeline, "penalty").values == pytest.approx([0.5 * (weights**2).sum()])


def test_the_quantities_of_the_gradient_are_those_of_all_samples_and_of_batches(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, CURVE, 3)
    here, objective = timeline.run.parameters, timeline.objective
    each = np.array([objective.loss_and_gradient(here, np.array([k]))[1] for k in range(3)])
    whole, spread = each.mean(axis=0), each.var(axis=0).sum()
    got = {name: column(experiment, timeline, name).values[0] for name in known(experiment)}
    assert got["gradient_norm"] == pytest.approx(np.linalg.norm(whole))
    assert got["gradient_spread"] == pytest.approx(spread)
    assert got["noise_scale"] == pytest.approx(spread / (whole @ whole))
    pairs = [each[[0, 1]].mean(axis=0), each[[0, 2]].mean(axis=0), each[[1, 2]].mean(axis=0)]
    cosines = [pair @ whole / np.linalg.norm(pair) / np.linalg.norm(whole) for pair in pairs]
    assert got["gradient_cosine"] == pytest.approx(np.mean(cosines), abs=0.05)
    assert got["noise_ratio"] == pytest.approx(1.0, abs=0.1)


def test_the_gradient_of_a_layer_is_that_of_its_weights_alone(tmp_path: Path) -> None:
    experiment, timeline = run_of(tmp_path, CURVE, 4)
    slope = timeline.objective.loss_and_gradient(timeline.run.parameters)[1]
    norms = [column(experiment, timeline, f"weight_gradient.{layer}").values for layer in (1, 2)]
    # 1-8-1: eight weights and eight biases, then eight weights and a bias.
    assert norms == [pytest.approx([np.linalg.norm(slope[:8])]), pytest.approx([np.linalg.norm(slope[16:24])])]


def test_units_that_are_copies_of_each_other_differ_by_nothing(tmp_path: Path) -> None:
    same = CURVE.replace(
        "[data]", 'weights = { kind = "constant", value = 0.5 }\nbiases = { kind = "zeros" }\n\n[data]'
    )
    experiment, timeline = run_of(tmp_path, same, 4)
    assert column(experiment, timeline, "unit_range").values.tolist() == [0.0]
    experiment, timeline = run_of(tmp_path, CURVE, 4)
    incoming = timeline.run.parameters[:16].reshape(2, 8)
    widest = (incoming.max(axis=1) - incoming.min(axis=1)).max()
    assert column(experiment, timeline, "unit_range").values.tolist() == [widest]


def test_the_share_of_dead_units_is_of_those_that_answer_0_to_every_sample(tmp_path: Path) -> None:
    relu = CURVE.replace('"tanh"', '"relu"').replace("sizes = [1, 8, 1]", "sizes = [1, 4, 1]")
    # Units of slope 1 and biases 0.5, -0.5, -1 and -2, at inputs -1, 0 and 1: the last two are never above 0.
    start = [1.0, 1.0, 1.0, 1.0, 0.5, -0.5, -1.0, -2.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    experiment = ready(tmp_path, relu, start=start)
    assert column(experiment, experiment.timeline(), "dead_share").values.tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        (BOWL, ["loss", "batch_loss", "learning_rate", "w1", "gradient.w1", "sharpness"]),
        (CURVE, ["loss", "rmse", "test_loss", "test_rmse", "unit_range", "gradient_cosine"]),
    ],
    ids=["bowl", "curve"],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_an_end_is_that_of_a_run_with_its_past(tmp_path: Path, text: str, quantities: list[str], seed: int) -> None:
    experiment = ready(tmp_path, text)
    past, (end, _) = run(experiment, seed=seed), run_along(experiment, seed, lambda: None)
    for quantity in quantities:
        assert ending(experiment, end, quantity) == column(experiment, past, quantity).values[-1]


def test_the_accuracy_of_a_batch_is_that_before_its_update(tmp_path: Path) -> None:
    for text in (XOR, BINARY_XOR):
        small = text.replace("[run]", "[batches]\nsize = 2\n\n[run]")
        experiment = ready(tmp_path, small)
        timeline, said = experiment.timeline(3), []
        for _ in range(60):
            own = timeline.objective.on(timeline.run.next_batch())
            said.append(own.evaluate(timeline.run.parameters, own.train).metric)
            timeline.advance(1)
            assert ending(experiment, timeline.run, "batch_accuracy") == said[-1]
        assert {0.5, 1.0} <= set(said)
        timeline.seek(20)
        assert ending(experiment, timeline.run, "batch_accuracy") == said[19]
        assert column(experiment, timeline, "batch_accuracy").values.tolist() == said[:20]


@pytest.mark.parametrize(
    "text",
    [
        BOWL,
        DOUBLE_WELL,
        CURVE,
        XOR,
        BOWL.replace("learning_rate = 0.5", "learning_rate = 5e3"),
        CURVE.replace("[run]", '[schedule]\nkind = "step"\nevery = 7\n\n[run]'),
    ],
)
def test_a_course_is_that_of_a_run_with_its_past(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, text)
    past, (end, course) = run(experiment, seed=1), run_along(experiment, 1, lambda: None)
    assert end.stopped == past.stopped
    named = [quantity for quantity in known(experiment) if known_along(experiment, quantity)]
    assert ("loss" in named, "batch_loss" in named) == (text in (BOWL, DOUBLE_WELL) or "5e3" in text, True)
    for quantity in named:
        whole, tail = (column(experiment, past, quantity), along(experiment, course.tail(3), quantity))
        assert np.array_equal(along(experiment, course, quantity), whole, equal_nan=True)
        since = whole.updates > end.update - 3
        assert np.array_equal(tail.values[-since.sum() :], whole.values[since], equal_nan=True)
