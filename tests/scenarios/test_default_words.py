"""What a file that says nothing itself is told: of its set-up at the start, and of what its run has come to."""

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from own_scenarios import BINARY_XOR, CURVE, FORMULA, LINE, XOR, changed, ready

from nnsim.core.timeline import Timeline
from nnsim.scenarios import library
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.moment import Moment
from nnsim.scenarios.narration import tell
from nnsim.scenarios.reader import read
from nnsim.scenarios.remark import Event, Remark
from nnsim.scenarios.run_words import default_words

FAULTS = Path(__file__).parent.parent / "faults"
LAST, LOGITS = "network.activations", "takes its answers for logits"
STARTS = {
    # The last neuron answers 0 to everything, so the loss is the mean square of the targets, 259 / 7.
    "line-all-relu": [0.5] * 18 + [-1.0, -1.0, 0.0],
    "fifty-sigmoid": [1.0, -1.0] * 4 + [0.0, 0.0, 0.3, -0.2, 0.0],
}
"""Where a draw at random could begin elsewhere than what is tested."""


def faulty(name: str, overrides: dict[str, Any] | None = None) -> Experiment:
    path = FAULTS / f"{name}.toml"
    start = {"start": STARTS[name]} if name in STARTS else {}
    return build(read(path, {**start, **(overrides or {})}), str(path), name)


def said(experiment: Experiment, updates: int = 0) -> str:
    """All that is told after some updates."""
    timeline = experiment.timeline()
    timeline.advance(updates)
    return " ".join(tell(experiment, timeline).lines)


def default(experiment: Experiment, updates: int = 0) -> list[str]:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return all_of(experiment, timeline)


def all_of(experiment: Experiment, timeline: Timeline) -> list[str]:
    """The default words of where a run stands."""
    first, last = default_words(Moment(experiment, timeline))
    return [*first, *last]


# Each row: a file, updates, and what must be said then.
FAULTY: list[tuple[str, int, list[str]]] = [
    (
        "double-sigmoid",
        0,
        ["The last activation is sigmoid", LOGITS, "between 50 % and 73.1 %, so every answer is yes"],
    ),
    ("double-sigmoid", 5000, ["The run is stuck: the loss stands at 0.50", "50 % of the answers", LOGITS]),
    ("dead-at-birth", 0, ["Dead: 1 of 1", "Both classes are equally likely for every sample", "0.6931 = ln 2"]),
    (
        "dead-at-birth",
        300,
        ["The run is stuck: the loss stands at 0.6931, that of a guess that knows nothing", "(ln 2)"],
    ),
    ("fifty-sigmoid", 1000, ["The run is stuck", "Every sample gets nearly the same answer"]),
    (
        "four-classes-noise",
        0,
        ["a guess that knows nothing of the inputs has the loss 1.386 = ln 4", "gets 25 % right"],
    ),
    ("four-classes-noise", 1, [", higher than 1.386 = ln 4, that of a guess that knows"]),
    ("four-classes-noise", 3000, ["1.386, that of a guess that knows nothing of the inputs (ln 4)"]),
    ("line-all-relu", 0, ["never answers below 0: 3 of the 7 targets lie beyond, such as -8", "loss 36; by RMSE"]),
    ("line-all-relu", 300, ["The run is stuck: the loss stands at 37, higher than 36", "never answers below 0"]),
    ("nine-of-ten", 0, ["has the loss 0.3251; always answering the largest class gets 90 % right"]),
    ("nine-of-ten", 1000, ["Accuracy 90 %: always answering the largest class gets 90 % too."]),
    ("sorted-labels", 0, ["sorted by class and come in fixed order: all 9 batches hold one class alone"]),
    ("three-way-tie", 0, ["All 3 classes are equally likely for every sample, 33.3 % each: no class is any likelier."]),
    (
        "xor-no-hidden",
        1000,
        ["stuck: the loss stands at 0.6931, that of a guess", "(ln 2)", "no class is any likelier"],
    ),
]


@pytest.mark.parametrize(("name", "updates", "words"), FAULTY, ids=[f"{name}-{updates}" for name, updates, _ in FAULTY])
def test_what_is_wrong_is_said_with_the_numbers_of_this_run(name: str, updates: int, words: list[str]) -> None:
    told = said(faulty(name), updates)
    for word in words:
        assert word in told


def test_a_test_loss_that_turns_up_is_told_with_what_becomes_of_the_answers() -> None:
    experiment = faulty("overconfident")
    timeline = experiment.timeline()
    timeline.advance(500)
    best, now = timeline.history.best_until(500), timeline.measure()
    assert best is not None
    assert best.test is not None
    assert now.test is not None
    assert best.test.metric is not None
    assert now.test.metric is not None
    sentence = all_of(experiment, timeline)[0]
    assert tell(experiment, timeline).lines[0] == sentence
    assert f"lowest after epoch {best.epoch}, {best.test.loss:.4g}, and is {now.test.loss:.4g}" in sentence
    shares = (100.0 * metric for metric in (best.test.metric, now.test.metric))
    assert "Test accuracy was {:.3g} % then and is {:.3g} % now".format(*shares) in sentence
    timeline.seek(30)
    assert not any("turned up" in line for line in all_of(experiment, timeline))


# --- the set-up ---

LOGIT_RANGES = [
    ("binary_cross_entropy", "sigmoid", "between 50 % and 73.1 %, so every answer is yes"),
    ("binary_cross_entropy", "tanh", "between 26.9 % and 73.1 %."),
    ("binary_cross_entropy", "relu", "above 50 %, so every answer is yes"),
    ("binary_cross_entropy", "elu", "above 26.9 %."),
    ("cross_entropy", "sigmoid", "between 26.9 % and 73.1 %."),
    ("cross_entropy", "tanh", "between 11.9 % and 88.1 %."),
    ("cross_entropy", "relu", "one that answers 0 to a sample learns nothing from it"),
    ("cross_entropy_of_sigmoids", "sigmoid", "between 40.6 % and 59.4 %."),
    ("cross_entropy_of_sigmoids", "relu", "between 33.3 % and 66.7 %."),
    ("log_loss_of_sigmoids", "relu", "above 50 %."),
]


@pytest.mark.parametrize(("loss", "last", "words"), LOGIT_RANGES)
def test_a_last_layer_that_bounds_the_probabilities_is_told(tmp_path: Path, loss: str, last: str, words: str) -> None:
    text = BINARY_XOR if loss == "binary_cross_entropy" else XOR
    told = said(ready(tmp_path, text, network__loss=loss, network__activations=["tanh", last]))
    assert f"The last activation is {last}, and the loss {LOGITS}" in told
    assert words in told


@pytest.mark.parametrize("last", ["linear", "leaky_relu"])
@pytest.mark.parametrize("text", [BINARY_XOR, XOR], ids=["one output", "two outputs"])
def test_a_last_layer_that_may_answer_anything_is_not(tmp_path: Path, text: str, last: str) -> None:
    assert LOGITS not in said(ready(tmp_path, text, network__activations=["tanh", last]))


def test_probabilities_stay_where_the_words_say(tmp_path: Path) -> None:
    """Three classes under logits of -1 to 1: e / (e + 2 / e) = 78.7 % and 1 / (1 + 2 e^2) = 6.34 %."""
    three = {"network__sizes": [2, 8, 3], "network__activations": ["tanh", "hard_tanh"]}
    targets = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert "between 6.34 % and 78.7 %" in said(ready(tmp_path, XOR, **three, data__targets=targets))


@pytest.mark.parametrize(
    ("last", "targets", "words"),
    [
        ("relu", [-3.0, 1.0, 2.0], "below 0: 1 of the 3 targets lie beyond, such as -3"),
        ("softplus", [-3.0, -1.0, 2.0], "below 0: 2 of the 3 targets lie beyond, such as -3"),
        ("sigmoid", [0.0, 1.0, 2.0], "below 0 or above 1: 1 of the 3 targets lie beyond, such as 2"),
        ("tanh", [-4.0, 0.0, 1.0], "below -1 or above 1: 1 of the 3 targets lie beyond, such as -4"),
        ("hard_tanh", [-1.0, 0.0, 1.0], ""),
        ("sigmoid", [0.0, 0.5, 1.0], ""),
        ("relu", [0.0, 0.5, 1.0], ""),
        ("leaky_relu", [-5.0, 0.5, 1.0], ""),
        ("linear", [-5.0, 0.5, 1.0], ""),
    ],
)
def test_targets_out_of_reach_are_counted(tmp_path: Path, last: str, targets: list[float], words: str) -> None:
    told = said(ready(tmp_path, LINE, network__activations=[last], data__targets=[[target] for target in targets]))
    assert words in told
    assert ("lie beyond" in told) == bool(words)


def test_targets_are_in_reach_once_they_are_divided_and_told_in_their_unit(tmp_path: Path) -> None:
    sigmoid = {"network__activations": ["tanh", "sigmoid"]}
    assert "lie beyond" not in said(ready(tmp_path, CURVE, **sigmoid))
    told = said(ready(tmp_path, CURVE, **sigmoid, data__target_scale=50.0))
    assert "never answers below 0 or above 50: 2 of the 3 targets lie beyond, such as 100" in told


def test_a_margin_out_of_reach_is_told(tmp_path: Path) -> None:
    hinge = {"network__loss": "hinge", "data__targets": [[-1.0], [1.0], [1.0], [-1.0]]}
    assert "2 of the 4 targets lie beyond" in said(
        ready(tmp_path, BINARY_XOR, **hinge, network__activations=["tanh", "sigmoid"])
    )
    assert "lie beyond" not in said(ready(tmp_path, BINARY_XOR, **hinge, network__activations=["tanh", "tanh"]))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"batches.size": 1}, "all 72 batches"),
        ({"batches.size": 24}, "all 3 batches"),
        ({"batches.size": 5}, "13 of 15 batches"),
        ({"batches.size": 40}, ""),
        ({"batches.size": "full"}, ""),
        ({"batches.order": "shuffled"}, ""),
        ({"batches.order": "with_replacement"}, ""),
    ],
)
def test_sorted_classes_matter_where_batches_do_not_mix_them(overrides: dict[str, Any], words: str) -> None:
    told = said(faulty("sorted-labels", overrides))
    assert words in told
    assert ("sorted by class" in told) == bool(words)


def test_two_sorted_classes_of_one_output_are_told_and_classes_in_turn_are_not(tmp_path: Path) -> None:
    inputs = [[float(i), 0.0] for i in range(12)]
    batches = {"order": "fixed", "size": 3}
    for targets, words in (([[0.0]] * 6 + [[1.0]] * 6, "all 4 batches"), ([[0.0], [1.0]] * 6, "")):
        data = {"kind": "inline", "inputs": inputs, "targets": targets}
        told = said(ready(tmp_path, BINARY_XOR, data=data, batches=batches))
        assert words in told
        assert ("sorted by class" in told) == bool(words)


INPUTS = [
    ([[1.0, 1000.0], [2.0, 3000.0], [3.0, 2000.0]], "x[2] spans 2000, x[1] only 2"),
    ([[0.01, 1.0], [0.02, 3.0], [0.03, 2.0]], "x[2] spans 2, x[1] only 0.02"),
    ([[1.0, 2001.0], [2.0, 2003.0], [3.0, 2002.0]], "far from 0: x[2] is 2000 on average and spans only 2"),
    ([[100.0, -300.0], [-200.0, 300.0], [300.0, 200.0]], "The inputs are large, x[2] up to 300"),
    ([[1.0, 4.0], [2.0, -3.0], [-3.0, 2.0]], ""),
    ([[1.0, 1.0], [2.0, 1.0], [-3.0, 1.0]], ""),
]


@pytest.mark.parametrize(("inputs", "words"), INPUTS)
def test_inputs_of_unlike_scale_are_told(tmp_path: Path, inputs: list[list[float]], words: str) -> None:
    told = said(ready(tmp_path, LINE, network__sizes=[2, 1], data__inputs=inputs))
    assert words in told
    assert ("Scaled to mean 0" in told) == bool(words)


def test_no_more_than_two_findings_are_told_about_a_set_up() -> None:
    told = default(faulty("sorted-labels", {LAST: ["relu", "sigmoid"]}))
    assert len(told) == 3  # two findings, and what there is to beat
    assert [LOGITS in told[0], "sorted by class" in told[1], told[2].startswith("To beat")] == [True, True, True]


# --- the run ---


@pytest.mark.parametrize(("lead", "tie"), [(1e-8, False), (1e-10, True)])
def test_classes_are_equally_likely_where_no_answer_counts_and_nowhere_else(lead: float, tie: bool) -> None:
    experiment = faulty("three-way-tie")
    timeline = experiment.timeline()
    timeline.run.parameters[-1] = lead
    assert ("equally likely" in " ".join(tell(experiment, timeline).lines)) == tie
    assert (timeline.measure().train.metric == 0.0) == tie


def test_a_run_in_batches_is_stuck_too() -> None:
    for updates in (500, 501):
        assert "The run is stuck: the loss stands at 37" in said(faulty("line-all-relu", {"batches.size": 3}), updates)


def test_a_dead_neuron_whose_path_is_known_is_stuck_in_batches_too(tmp_path: Path) -> None:
    """It answers 0 to 3, 5 and 7: the loss is 83 / 3, the mean is off by 8 / 3, and the line is exact."""
    dead = {"network__activations": ["relu"], "start": [-1.0, 0.0], "batches": {"size": 1}}
    text = changed(LINE, 'weights = { kind = "zeros" }', "")
    told = said(ready(tmp_path, text, **dead), 201)
    assert "The run is stuck: the loss stands at 27.67, higher than 2.667" in told


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "log_cosh"])
def test_a_line_at_its_best_is_not_stuck_whatever_the_loss(tmp_path: Path, loss: str) -> None:
    noisy = [[3.0], [5.5], [6.0]]
    told = default(ready(tmp_path, LINE, network__loss=loss, data__targets=noisy), 3000)
    assert [line.split()[0] for line in told] == ["RMSE"]


def test_a_learning_rate_of_0_is_not_called_stuck(tmp_path: Path) -> None:
    assert "stuck" not in said(ready(tmp_path, LINE, optimizer__learning_rate=0.0), 400)


def test_the_metric_stands_beside_that_of_simple_predictors_on_the_test_set_where_there_is_one(tmp_path: Path) -> None:
    line = default(ready(tmp_path, LINE), 200)[-1]
    assert line.startswith("RMSE 0.0")
    assert line.endswith(" metres; mean predictor 1.633, least squares 0.")
    curve = ready(tmp_path, CURVE)
    timeline = curve.timeline()
    timeline.advance(60)
    test = timeline.measure().test
    assert test is not None
    assert test.metric is not None
    assert default(curve, 60)[-1] == (
        f"RMSE on the test set {100.0 * test.metric:.4g} metres; mean predictor 41.67, least squares 41.67."
    )


def test_a_file_that_speaks_itself_is_not_spoken_over() -> None:
    experiment = faulty("xor-no-hidden")
    events: tuple[Event, ...] = ("start", "epoch", "stuck", "done")
    remarks = [Remark(when, "My words.") for when in events]
    spoken = msgspec.structs.replace(experiment.scenario, narration=remarks)
    own = build(spoken, "own", "own")
    for updates in (0, 1, 500, 1000):
        assert default(own, updates) == []
        assert said(own, updates).startswith("My words.")


def test_a_local_minimum_and_a_plateau_are_told_on_a_surface(tmp_path: Path) -> None:
    minima = [{"label": "B", "at": [0.9671488]}, {"label": "A", "at": [-1.0298034]}]
    surface = {"kind": "formula", "text": "(x^2-1)^2 + x/4", "minima": minima}
    wells = ready(tmp_path, FORMULA, surface=surface, start=[2.0], optimizer__learning_rate=0.01)
    assert default(wells, 3000) == ["The run lies still at B, which is not the lowest minimum."]
    assert default(wells, 5) == default(wells, 0) == []


def test_what_there_is_to_beat_on_the_test_set_is_said_to_be_of_it(tmp_path: Path) -> None:
    told = default(ready(tmp_path, LINE, data__test_inputs=[[4.0], [5.0]], data__test_targets=[[9.0], [11.0]]), 0)
    assert told[-1].endswith("by RMSE on the test set, mean predictor 5.099 and least squares 0.")


def test_an_answer_of_rounding_is_told_as_0(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE, data__targets=[[-1.0], [0.0], [1.0]], start=[0.0, 1e-17])
    assert default(experiment, 0)[0] == "Every sample gets the same answer, 0 metres, whatever its inputs."


def test_an_rmse_of_rounding_is_told_as_0(tmp_path: Path) -> None:
    """An answer that is off by a unit in the last place."""
    start = [0.0, math.nextafter(2 / 3, 1.0)]
    experiment = ready(tmp_path, LINE, data__targets=[[2 / 3]] * 3, start=start, optimizer__learning_rate=0.0)
    timeline = experiment.timeline()
    timeline.advance(1)
    assert "RMSE 0 metres; " in " ".join(all_of(experiment, timeline))


# --- the course ---

HEALTHY = ("iris", "digits", "crowd", "edge-of-stability", "batch-size", "hot-dog")


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_wrong_with_a_healthy_run_even_where_its_file_says_nothing(name: str) -> None:
    path = library.FOLDER / f"{name}.scenario.toml"
    experiment = build(msgspec.structs.replace(read(path), narration=[]), str(path), name)
    timeline = experiment.timeline()
    starts = all_of(experiment, timeline)
    assert [line.split(":")[0] for line in starts] == ["To beat"]
    timeline.advance(min(experiment.updates, 3 * max(experiment.updates_per_epoch, 100)))
    told = all_of(experiment, timeline)
    assert all(line.startswith(("RMSE", "Accuracy")) for line in told)


@pytest.mark.parametrize("path", library.files(), ids=lambda path: path.name.split(".")[0])
def test_the_course_speaks_for_itself_at_the_start(path: Path) -> None:
    assert default(build(read(path), str(path))) == []
