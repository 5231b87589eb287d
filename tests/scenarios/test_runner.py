"""Runs without a screen and what they report; numbers come back from JSON and CSV bit for bit."""

import csv
import io
import json
from pathlib import Path

import pytest
from own_scenarios import BOWL, CURVE, DOUBLE_WELL, LINE, XOR, ready

from nnsim.scenarios.runner import as_csv, as_json, report, run

KEYS = ["scenario", "seed", "updates", "epochs", "loss", "metrics", "baselines", "parameters", "stopped", "history"]


def test_a_run_has_the_length_of_the_file_or_that_of_the_caller(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    assert run(experiment).update == 60
    assert run(experiment, updates=7).update == 7
    assert run(experiment, epochs=7).update == 14
    assert run(experiment, updates=0).update == run(experiment, epochs=0).update == 0
    assert run(ready(tmp_path, BOWL)).update == 5


def test_a_run_has_the_seed_of_the_file_or_that_of_the_caller(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    own, same, other = (run(experiment, seed=seed).run for seed in (None, 2, 3))
    assert (own.seed, other.seed) == (2, 3)
    assert own.parameters.tobytes() == same.parameters.tobytes()
    assert own.parameters.tobytes() != other.parameters.tobytes()


def test_progress_is_told_up_to_the_end_and_changes_nothing(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    told: list[tuple[int, int]] = []
    watched = run(experiment, updates=30_000, progress=lambda done, of: told.append((done, of)))
    assert len(told) > 1
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert {of for _, of in told} == {30_000}
    assert told[-1] == (30_000, 30_000)
    assert watched.run.parameters.tobytes() == run(experiment, updates=30_000).run.parameters.tobytes()


def test_the_report_of_a_surface(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    found = report(experiment, run(experiment, 2))
    assert list(found) == KEYS
    assert found == {
        "scenario": "own",
        "seed": 0,
        "updates": 2,
        "epochs": 2,
        "loss": {"train": 0.78125, "test": None},
        "metrics": {},
        "baselines": {},
        "parameters": {"w1": 3.0, "w2": 2.25},
        "stopped": None,
        "history": {
            "update": [0, 1, 2],
            "epoch": [0, 1, 2],
            "train_loss": [12.5, 3.125, 0.78125],
            "test_loss": [None, None, None],
            "w1": [0.0, 2.0, 3.0],
            "w2": [0.0, 1.5, 2.25],
        },
    }


def test_the_report_of_a_small_network_has_the_metric_of_its_end(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE)
    timeline = run(experiment)
    found = report(experiment, timeline)
    assert found["metrics"] == {"rmse": timeline.measure().train.metric}
    assert found["metrics"]["rmse"] < 0.05 < found["history"]["rmse"][0]
    assert list(found["history"]) == ["update", "epoch", "train_loss", "test_loss", "rmse", "W1[1,1]", "b1[1]"]


def test_the_report_of_a_large_network_is_that_of_its_end_also_within_an_epoch(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = run(experiment, updates=5)
    found, now = report(experiment, timeline), timeline.measure()
    assert now.test is not None
    assert found["loss"] == {"train": now.train.loss, "test": now.test.loss}
    assert now.train.metric is not None
    assert now.test.metric is not None
    assert found["metrics"] == {"rmse": 100 * now.train.metric, "test_rmse": 100 * now.test.metric}
    assert list(found["history"]) == ["update", "epoch", "train_loss", "test_loss", "rmse", "test_rmse"]
    assert (found["history"]["update"], found["history"]["epoch"]) == ([0, 2, 4, 5], [0, 1, 2, 2])
    assert len(found["parameters"]) == 25


def test_a_classifier_reports_its_accuracy(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR)
    assert report(experiment, run(experiment))["metrics"] == {"accuracy": 1.0}


@pytest.mark.parametrize("text", [BOWL, DOUBLE_WELL, LINE, CURVE], ids=["bowl", "well", "line", "curve"])
def test_numbers_come_back_from_json_and_csv_bit_for_bit(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, text)
    found = report(experiment, run(experiment, 5))
    assert json.loads(as_json(found)) == found
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert rows[0] == list(found["history"])
    columns = [[None if cell == "" else float(cell) for cell in cells] for cells in zip(*rows[1:], strict=True)]
    assert columns == list(found["history"].values())


def test_a_diverged_run_says_where_it_stopped_and_why(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=1e200)
    found = report(experiment, run(experiment, 100))
    assert found["stopped"] == {
        "kind": "diverged",
        "update": 2,
        "parameter": "w1",
        "reason": "the loss became inf",
    }
    assert found["updates"] == 1
    assert found["parameters"]["w1"] == 4e200


def test_what_is_not_finite_is_null_in_json(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=1e308)
    text = as_json(report(experiment, run(experiment, 100)))
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert found["parameters"] == {"w1": None, "w2": None}
    assert found["history"]["w1"] == [0.0, None]
    assert found["stopped"]["reason"] == "w1 became inf"


def test_a_loss_that_is_nothing_but_rounding_is_reported_as_0(tmp_path: Path) -> None:
    """9 x^2 - 6 x + 1 is (3 x - 1)^2, but as it is written here some units in the last place of 1 are left of it."""
    before, after = BOWL.split("[surface]")[0], BOWL[BOWL.index("[optimizer]") :]
    formula = '[surface]\nkind = "formula"\ntext = "9*x^2 - 6*x + 1"\n\n'
    text = before.replace("[0.0, 0.0]", "[1.0]") + formula + after.replace("0.5", "0.03")
    experiment = ready(tmp_path, text)
    found = report(experiment, run(experiment, 1000))
    assert 0.0 < abs(found["history"]["train_loss"][-1]) < 1e-15
    assert found["loss"]["train"] == 0.0
    early = report(experiment, run(experiment, 5))
    assert early["loss"]["train"] == early["history"]["train_loss"][-1] > 0.001
