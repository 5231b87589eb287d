"""What the course says about an update: the right event, with this update's own numbers, going back included."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_scenarios import BOWL, CURVE, FORMULA, LINE, changed, ready, table

from nnsim.core.timeline import Timeline
from nnsim.scenarios import library
from nnsim.scenarios.critical import critical_rate_here
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.narration import Story, tell
from nnsim.scenarios.reader import read
from nnsim.scenarios.text import number

RATE, MOMENTUM, BATCH = "optimizer.learning_rate", "optimizer.momentum", "batches.size"
DECAY, DAMPENING = "optimizer.weight_decay", "optimizer.dampening"
THOUSANDS = {
    "kind": "formula",
    "text": "((y-500)/1000)^2",
    "minima": [{"label": "minimum", "at": [500.0]}],
}
NESTEROV = {MOMENTUM: 0.5, "optimizer.nesterov": True}


def course(name: str, overrides: dict[str, Any]) -> Experiment:
    path = library.FOLDER / f"{name}.scenario.toml"
    return build(read(path, overrides), str(path), name)


def story(name: str, updates: int, overrides: dict[str, Any]) -> Story:
    """What is told after some updates of a scenario of the course."""
    experiment = course(name, overrides)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return tell(experiment, timeline)


# Each row: a scenario, updates, overrides; the event, and what must stand in the lines or the hint.
MOMENTS: list[tuple[str, int, dict[str, Any], str, list[str]]] = [
    ("squared-error", 0, {}, "start", ["guess is 350 people", "truth is 500", "22500", "slope here is -300"]),
    ("squared-error", 0, {"start": [600.0]}, "start", ["guess is 600 people", "10000", "slope here is 200"]),
    (
        "squared-error",
        1,
        {},
        "approaching",
        [
            "y went from 350 to 380: minus learning rate 0.1 times slope -300 is a step of 30.",
            "The loss fell from 22500 to 14400.",
        ],
    ),
    ("squared-error", 2, {}, "approaching", ["y went from 380 to 404", "slope -240 is a step of 24."]),
    ("squared-error", 1, {RATE: 0.75}, "overshot", ["from 350 to 575", "The loss fell from 22500 to 5625."]),
    ("squared-error", 1, {RATE: 1.0}, "overshot", ["from 350 to 650", "The loss stayed at 22500."]),
    ("squared-error", 2, {RATE: 1.0}, "bounced", ["back at 350", "The loss stayed at 22500."]),
    ("squared-error", 1, {RATE: 1.1}, "rose", ["at 680", "rose from 22500 to 32400.", "critical one, 1:"]),
    ("squared-error", 1, {RATE: 0.5}, "approaching", ["y went from 350 to 500", "The loss fell from 22500 to 0."]),
    ("squared-error", 2, {RATE: 0.5}, "arrived", ["right to four digits", "At 500 the slope is 0"]),
    (
        "squared-error",
        100,
        {RATE: 1.1},
        "runaway",
        ["update 58 cannot be made, the loss ran away to 2.39e+13.", "rate 1.1 is above the critical rate 1:"],
    ),
    ("squared-error", 2, {MOMENTUM: 0.5}, "approaching", ["y went from 380 to 419", "velocity -390", "slope -240"]),
    ("squared-error", 2, NESTEROV, "approaching", ["y went from 395 to 434", "velocity -360", "slope -210"]),
    (
        "squared-error",
        2,
        {DECAY: 0.01},
        "approaching",
        ["SGD weight decay 0.01 with learning rate 0.1 made a step of 23.6904 out of slope -240.7."],
    ),
    (
        "squared-error",
        2,
        {MOMENTUM: 0.5, DAMPENING: 0.25},
        "approaching",
        ["SGD momentum 0.5 dampening 0.25 with learning rate 0.1 made a step of 33 out of slope -240."],
    ),
    (
        "squared-error",
        1,
        {"optimizer.kind": "rmsprop"},
        "approaching",
        ["RMSprop with learning rate 0.1 made a step of 1 out of slope -300."],
    ),
    (
        "bowl",
        1,
        {},
        "approaching",
        ["w1 went from 0 to 0.4 and w2 went from 0 to 0.3: minus learning rate 0.1 times slope -4 and -3."],
    ),
    ("slope", 0, {"start": [392.0]}, "start", ["guess is 392 people", "slope is -216"]),
    ("slope", 1, {RATE: 0.75}, "overshot", ["Past 450 for the first time: at 575 the slope is 150."]),
    ("bowl", 0, {"start": [5.0, -1.0]}, "start", ["starts at w1 = 5 and w2 = -1"]),
    ("bowl", 5, {MOMENTUM: 0.9}, "flipped", ["momentum 0.9 carries the ball on"]),
    ("too-large-step", 9, {"optimizer": {"kind": "adam", "learning_rate": 0.5}}, "flipped", ["has changed its sign."]),
    ("momentum", 0, {MOMENTUM: 0.669}, "start", ["along w2 it is 100", "SGD momentum 0.669 at 0.002"]),
    ("learning-rate-ladder", 1, {"surface": THOUSANDS}, "flat", ["to 350.00003", "leaves 0.9999998 of its error"]),
    ("cat-or-dog", 0, {"data.targets": [[0.0, 1.0]]}, "start", ["the loss here is 1.38629"]),
    ("overfitting", 0, {"data.train": 200}, "start", ["200 points", "4353 weights"]),
    ("sine-neuron", 0, {"start": [3.4]}, "start", ["W1[1,1] = 3.4", "space to let it run"]),
    ("side-effects", 40, {}, "died", ["furthest of all"]),
    ("bowl", 1, {RATE: 0.0}, "approaching", ["Nothing moved", "The loss stayed at 12.5."]),
    ("bowl", 1, {RATE: 1.5}, "overshot", ["w1 jumped", "from 0 to 6"]),
    ("bowl", 2, {RATE: 2.0}, "bounced", ["two updates ago", "The loss stayed at 12.5.", "critical one, 2."]),
    ("bowl", 1, {RATE: 2.1}, "rose", ["The loss rose from 12.5 to 15.125.", "critical one, 2."]),
    ("bowl", 2, {RATE: 1.0}, "arrived", ["w1 = 4, w2 = 3", "The loss stayed at 0."]),
    ("too-large-step", 0, {}, "start", ["critical rate, 0.2222,"]),
    ("too-large-step", 3, {RATE: 2 / 9}, "bounced", ["w2 jumped from 0 to 6"]),
    ("too-large-step", 4, {RATE: 2 / 9}, "bounced", ["w2 jumped from 6 to 0"]),
    ("too-large-step", 1, {RATE: 0.2}, "overshot", ["w2 jumped", "from 0 to 5.4", "The loss fell from 48.5 to 31.04."]),
    (
        "too-large-step",
        2,
        {RATE: 0.25},
        "rose",
        ["w2 jumped from 6.75 to -1.6875", "1.25 times", "critical one, 0.2222."],
    ),
    (
        "too-large-step",
        99,
        {RATE: 0.25, "run.updates": 99},
        "runaway",
        ["update 48 cannot be made", "w2 ran away first"],
    ),
    ("two-minima", 0, {}, "start", ["The ball starts at 4, in the valley of B."]),
    ("two-minima", 0, {"start": [0.9]}, "start", ["The ball starts at 0.9, in the valley of A."]),
    ("two-minima", 99, {}, "stuck", ["local minimum B", "The loss stayed at 10.4167."]),
    ("two-minima", 200, {"start": [0.9]}, "arrived", ["global minimum A"]),
    (
        "two-minima",
        1,
        {BATCH: 4},
        "noisy",
        ["w went from 4 to 4.15834", "The last batch of 4 said -15.8337, all samples together say 18."],
    ),
    (
        "two-minima",
        34,
        {BATCH: 4},
        "escaped",
        ["from 1.34901 to 0.947714", "into the valley of A.", "The last batch of 4 said 40.1298"],
    ),
    ("two-minima", 3000, {BATCH: 4}, "crossed", ["first at update 34", "in the valley of A."]),
    ("crowd", 0, {}, "start", ["off by 655.6 people", "287.2", "87.48", "a batch of 32"]),
    ("crowd", 1, {}, "approaching", ["W3[9,1] went from -0.0245276 to -0.0235276", "batch of 32 was 0.43011."]),
    ("crowd", 63, {}, "epoch", ["After epoch 1", "off by 154.9 people", "166.7", "batch of 16 was 0.0416431."]),
    ("crowd", 63, {"run.epochs": 1}, "done", ["After epoch 1", "off by 154.9 people", "87.48", "166.7"]),
    ("crowd", 64, {}, "approaching", ["furthest of all: Adam", "batch of 32 was 0.01938."]),
]


@pytest.mark.parametrize(
    ("name", "updates", "overrides", "event", "words"),
    MOMENTS,
    ids=[f"{name}-{updates}-{event}" for name, updates, _, event, _ in MOMENTS],
)
def test_the_course_tells_what_happens_with_its_numbers(
    name: str, updates: int, overrides: dict[str, Any], event: str, words: list[str]
) -> None:
    told = story(name, updates, overrides)
    assert told.event == event
    assert told.alarm == ("Diverged" if event == "runaway" else "")
    for word in words:
        assert word in " ".join((*told.lines, told.hint))
    assert 1 <= len([line for line in told.lines if not line.startswith("Not won")]) <= 3
    assert not any(sign in line for line in (*told.lines, told.hint) for sign in ("{", "None", "nan"))
    assert told.hint


@pytest.mark.parametrize(
    ("name", "updates", "overrides"),
    [
        ("squared-error", 30, {RATE: 1.0}),
        ("too-large-step", 60, {RATE: 0.25}),
        ("two-minima", 150, {BATCH: 4}),
        ("crowd", 70, {"optimizer.kind": "adam"}),
    ],
)
def test_going_back_tells_the_same_story_again(name: str, updates: int, overrides: dict[str, Any]) -> None:
    experiment = course(name, overrides)
    timeline = experiment.timeline()
    told = [tell(experiment, timeline)]
    while timeline.update < updates and timeline.stopped is None:
        timeline.advance(1)
        told.append(tell(experiment, timeline))
    for update in [*range(updates // 2, updates // 2 + 3), *random.Random(0).sample(range(len(told)), 12), 0]:
        timeline.seek(min(update, timeline.latest))
        assert tell(experiment, timeline) == told[timeline.update]


def test_every_update_of_an_escape_names_the_valley_that_it_is_in() -> None:
    experiment = course("two-minima", {BATCH: 1})
    timeline = experiment.timeline()
    crossings = 0
    for _ in range(600):
        timeline.advance(1)
        told = tell(experiment, timeline)
        before, after = timeline.run.previous[0], timeline.run.parameters[0]
        crossed = (before > 1.0) != (after > 1.0)
        assert (told.event == "escaped") == crossed
        if crossed:
            crossings += 1
            assert f"from {number(before)} to {number(after)}" in told.lines[0]
            assert f"into the valley of {'B' if after > 1.0 else 'A'}." in told.lines[0]
    assert crossings > 2


def test_the_slope_of_a_batch_stands_beside_that_of_all_samples() -> None:
    experiment = course("two-minima", {BATCH: 4})
    timeline = experiment.timeline()
    timeline.advance(5)
    start = timeline.run.previous
    full = timeline.objective.loss_and_gradient(start)[1][0]
    said = f"The last batch of 4 said {number(timeline.run.gradient[0])}, all samples together say {number(full)}."
    assert tell(experiment, timeline).lines[1] == said


def test_a_live_change_of_the_learning_rate_is_told_with_the_next_update() -> None:
    experiment = course("squared-error", {})
    timeline = experiment.timeline()
    timeline.advance(1)
    settings = timeline.run.settings
    timeline.change(type(settings)(settings.optimizer.with_rate(0.25), settings.batch_size, settings.order))
    timeline.advance(1)
    assert tell(experiment, timeline).lines[0] == (
        "y went from 380 to 440: minus learning rate 0.25 times slope -240 is a step of 60."
    )


def test_a_limit_that_passes_unwon_is_told_at_that_update_alone_going_back_included() -> None:
    experiment = course("squared-error", {})
    _, second, third = (challenge.title for challenge in experiment.scenario.challenges)
    timeline = experiment.timeline()
    timeline.advance(35)
    for update in (35, 32, 31, 30, 29, 2, 1, 0, 1, 30):
        timeline.seek(update)
        said = [line for line in tell(experiment, timeline).lines if line.startswith("Not won")]
        title = {30: third, 31: second}.get(update)  # 9 of 40 updates are left then, and bouncing takes 10
        assert said == ([f"Not won in this run: {title}"] if title else [])


def test_what_is_won_is_not_told_as_missed() -> None:
    assert not [line for line in story("squared-error", 1, {RATE: 0.5}).lines if line.startswith("Not won")]


def test_a_divergence_that_wins_a_challenge_says_so() -> None:
    told, experiment = story("squared-error", 100, {RATE: 2.0}), course("squared-error", {})
    assert told.alarm
    _, _, third = (challenge.title for challenge in experiment.scenario.challenges)
    assert told.lines[-2:] == (f"Won at update 10: {third}", "With the run 1 challenge is lost.")


# --- a scenario that says nothing itself ---


def told_by(experiment: Experiment, updates: int) -> tuple[Story, Timeline]:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return tell(experiment, timeline), timeline


def test_a_weight_that_l1_holds_at_0_is_told_to_hop(tmp_path: Path) -> None:
    # Near 0 the slope without L1 is 2 w - 1/2, less than 1: w belongs at 0, and steps of 0.2 / 2 and more miss it.
    text = changed(LINE, 'loss = "squared_error"', 'loss = "squared_error"\nl1 = 1.0\nbiased = false')
    text = changed(changed(text, "[[1.0], [2.0], [3.0]]", "[[1.0]]"), "[[3.0], [5.0], [7.0]]", "[[0.25]]")
    experiment = ready(tmp_path, text, start=[0.05], optimizer__learning_rate=0.2)
    said = []
    for updates in range(8):
        told, timeline = told_by(experiment, updates)
        crossed = updates > 0 and timeline.run.previous[0] * timeline.run.parameters[0] < 0.0
        hops = [line for line in told.lines if line.startswith("W1[1,1] hops across 0, from ")]
        assert len(hops) == crossed
        said.append(crossed)
        assert all("less than l1 = 1, so it belongs at 0" in line for line in hops)
    assert sum(said) >= 3
    # Without L1, or where the data pull harder than L1, crossing 0 is nothing to tell.
    for l1 in (0.0, 1e-3):
        told, timeline = told_by(ready(tmp_path, text, start=[-0.05], optimizer__learning_rate=0.2, network__l1=l1), 1)
        assert timeline.run.parameters[0] > 0.0
        assert not any("hops" in line for line in told.lines)


def test_without_remarks_the_numbers_speak_for_themselves(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    start, _ = told_by(experiment, 0)
    assert (start.lines, start.hint) == (("The run starts here; the loss is 12.5.",), "")
    later, _ = told_by(experiment, 2)
    assert later.lines[1] == "The loss fell from 3.125 to 0.78125."
    assert later.hint == ""


def test_an_event_without_a_remark_of_its_own_gets_the_usual_hint(tmp_path: Path) -> None:
    text = BOWL + table("narration", when="approaching", hint="the usual hint at {learning_rate}.")
    overshot, _ = told_by(ready(tmp_path, text, optimizer__learning_rate=1.5), 1)
    assert (overshot.event, overshot.hint) == ("overshot", "the usual hint at 1.5.")
    for event_updates in (0, 300):
        told, _ = told_by(ready(tmp_path, text, optimizer__learning_rate=2.5), event_updates)
        assert told.event in ("start", "runaway")
        assert told.hint == ""


@pytest.mark.parametrize("name", ["growth", "minimum", "valley", "critical_rate", "test_rmse", "accuracy"])
def test_a_text_is_left_out_when_it_names_a_number_that_the_run_does_not_have(tmp_path: Path, name: str) -> None:
    text = changed(LINE, "sgd", "adam") + table("narration", when="start", text=f"It is {{{name}}}.", hint="go on.")
    told, _ = told_by(ready(tmp_path, text), 0)
    assert name not in " ".join(told.lines)
    assert told.lines[0] == "The run starts here; the loss is 27.6667."
    assert told.hint == "go on."


@pytest.mark.parametrize(
    ("kind", "momentum", "said"),
    [("sgd", 0.0, "none"), ("sgd", 0.5, "0.5"), ("rmsprop", 0.25, "0.25"), ("adam", None, "none")],
)
def test_of_several_remarks_the_first_speaks_that_has_all_its_numbers(
    tmp_path: Path, kind: str, momentum: float | None, said: str
) -> None:
    text = BOWL + "".join(table("narration", when="start", text=words) for words in ("{momentum}", "none", "never"))
    optimizer = {"kind": kind, "learning_rate": 0.5} | ({} if momentum is None else {"momentum": momentum})
    told, _ = told_by(ready(tmp_path, text, optimizer=optimizer), 0)
    assert told.lines[0] == said


def test_a_text_may_say_where_the_run_stands_and_how_the_loss_is_there(tmp_path: Path) -> None:
    words = "{where}; {name} slopes by {slope}, not {gradient}; curvature {curvature}; {samples} and {parameters}"
    bowl = ready(tmp_path, BOWL + table("narration", when="approaching", text=words))
    told, _ = told_by(bowl, 1)
    assert told.lines[0] == "w1 = 2 and w2 = 1.5; w1 slopes by -2, not -4; curvature 1; 1 and 2"
    line = ready(tmp_path, LINE + table("narration", when="epoch", text="{optimizer}, {samples} and {parameters}"))
    told, _ = told_by(line, 3)
    assert told.lines[0] == "SGD, 3 and 2"
    many = ready(tmp_path, CURVE + table("narration", when="start", text="{where}"))
    assert told_by(many, 0)[0].lines[0].startswith("The run starts here")


def test_the_rmse_in_a_text_is_that_of_now_and_in_the_unit_of_the_file(tmp_path: Path) -> None:
    line = ready(tmp_path, LINE + table("narration", when="epoch", text="off by {rmse}"))
    told, timeline = told_by(line, 3)
    rmse = line.objective.evaluate(timeline.run.parameters, line.objective.train).metric
    assert told.lines[0] == f"off by {rmse:.4g}"
    curve = ready(tmp_path, CURVE + table("narration", when="epoch", text="off by {test_rmse}"))
    told, timeline = told_by(curve, 4)
    assert curve.objective.test is not None
    rmse = curve.objective.evaluate(timeline.run.parameters, curve.objective.test).metric
    assert rmse is not None
    assert told.lines[0] == f"off by {100 * rmse:.4g}"


def test_the_critical_rate_follows_the_optimizer(tmp_path: Path) -> None:
    def rate(**overrides: Any) -> float | None:
        return critical_rate_here(ready(tmp_path, BOWL, **overrides).timeline())

    assert rate() == pytest.approx(2.0, rel=1e-9)
    assert rate(optimizer__momentum=0.5) == pytest.approx(3.0, rel=1e-9)
    assert rate(optimizer__weight_decay=1.0) == pytest.approx(1.0, rel=1e-9)
    assert rate(optimizer={"kind": "adam"}) is None
    assert critical_rate_here(ready(tmp_path, CURVE).timeline()) is None


# --- formulas: no known minimum, or several ---

HIMMELBLAU = {
    "kind": "formula",
    "text": "(x^2+y-11)^2 + (x+y^2-7)^2",
    "minima": [{"label": "A", "at": [3.0, 2.0]}, {"label": "B", "at": [-2.805118, 3.131312]}],
}
HOLLOWS = {
    "kind": "formula",
    "text": "(x^2-1)^2 + x/4",
    "minima": [{"label": "B", "at": [0.9671488]}, {"label": "A", "at": [-1.0298034]}],
}


# Each row: a surface, a start, a learning rate, updates; the event, and the line about the outcome.
FORMULAS: list[tuple[Any, list[float], float, int, str, str]] = [
    ({"kind": "formula", "text": "x^2"}, [1.0], 0.25, 1, "approaching", "The loss fell from 1 to 0.25."),
    ({"kind": "formula", "text": "x^2"}, [1.0], 1.5, 1, "rose", "The loss rose from 1 to 4."),
    ({"kind": "formula", "text": "x^2-9"}, [1.0], 1.0, 2, "bounced", "The loss stayed at -8."),
    ({"kind": "formula", "text": "-x"}, [1.0], 0.5, 1, "approaching", "The loss fell from -1 to -1.5."),
    ({"kind": "formula", "text": "x"}, [-1.0], 0.5, 9, "approaching", "The loss fell from -5 to -5.5."),
    (
        {"kind": "formula", "text": "log(x)"},
        [0.1],
        1.0,
        1,
        "undefined",
        "update 2 cannot be made, log(-9.9) is not a number.",
    ),
    (HIMMELBLAU, [4.0, 3.0], 0.01, 0, "start", ""),
    (HIMMELBLAU, [4.0, 3.0], 0.01, 300, "arrived", "The loss stayed at"),
    (HIMMELBLAU, [-3.0, 2.0], 0.01, 300, "arrived", "The loss stayed at"),
    (HIMMELBLAU, [-3.0, -2.0], 0.01, 300, "approaching", "The loss stayed at"),
    (HOLLOWS, [2.0], 0.01, 3000, "stuck", "The loss stayed at 0.245963."),
    (HOLLOWS, [-2.0], 0.01, 3000, "arrived", "The loss stayed at -0.253791."),
]


@pytest.mark.parametrize(
    ("surface", "start", "rate", "updates", "event", "outcome"),
    FORMULAS,
    ids=[f"{surface['text']}-{start}-{updates}" for surface, start, _, updates, _, _ in FORMULAS],
)
def test_a_formula_is_told_of_whether_its_minima_are_known_or_not(
    tmp_path: Path, surface: dict[str, Any], start: list[float], rate: float, updates: int, event: str, outcome: str
) -> None:
    experiment = ready(tmp_path, FORMULA, surface=surface, start=start, optimizer__learning_rate=rate)
    told, _ = told_by(experiment, updates)
    assert told.event == event
    assert any(line.startswith(outcome) for line in told.lines)


def test_the_valley_and_the_growth_are_those_of_the_nearest_minimum(tmp_path: Path) -> None:
    text = FORMULA + table("narration", when="start", text="by {valley} at {minimum}")
    for start, line in ([3.5, 2.5], "by A at 3"), ([-3.0, 4.0], "by B at -2.80512"):
        changes = {"surface": HIMMELBLAU | {"text": "(x^2+y-11)^2 + (x+y^2-7)^2/100"}, "start": start}
        assert told_by(ready(tmp_path, text, **changes), 0)[0].lines[0] == line
    unknown = told_by(ready(tmp_path, text), 0)[0]
    assert unknown.lines == ("The run starts here; the loss is 24.2.",)


@pytest.mark.parametrize("minima", [[], HOLLOWS["minima"]])
def test_a_noisy_formula_tells_what_its_batch_said(tmp_path: Path, minima: list[Any]) -> None:
    noise = {"tilts": {"count": 8, "deviation": 1.0}, "batches": {"size": 2}}
    experiment = ready(tmp_path, FORMULA, surface=HOLLOWS | {"minima": minima}, start=[1.2], **noise)
    told, _ = told_by(experiment, 3)
    assert told.event == "noisy"
    assert told.lines[1].startswith("The last batch of 2 said ")


def test_rounding_is_no_movement() -> None:
    """An update of some units in the last place is told as none, and a loss of rounding as 0."""
    path = Path(__file__).parents[1] / "faults" / "dead-at-birth.toml"
    experiment = build(read(path), str(path))
    timeline = experiment.timeline()
    timeline.advance(3)
    assert (timeline.run.parameters != timeline.run.previous).any()
    told = " ".join(tell(experiment, timeline).lines)
    assert "Nothing moved: the step was 0. The loss stayed at 0.693147." in told
    assert "went from" not in told


def test_errors_that_cancel_leave_only_rounding_also_of_parameters_that_are_0(tmp_path: Path) -> None:
    """With three classes of the same size the slopes of the biases, 20 (1/3 - 1) + 40 / 3, are some 1e-16."""
    network = {
        "sizes": [1, 2, 3],
        "activations": ["relu", "linear"],
        "loss": "cross_entropy",
        "weights": {"kind": "zeros"},
    }
    data = {"kind": "inline", "inputs": [[k / 30 - 1] for k in range(60)], "targets": [[k // 20] for k in range(60)]}
    experiment = ready(tmp_path, LINE, network=network, data=data, optimizer__learning_rate=0.1)
    for updates in (1, 300):
        timeline = experiment.timeline()
        timeline.advance(updates)
        here = timeline.run.parameters
        assert [timeline.moved(here, here + step).any() for step in (2e-17, 1e-14)] == [False, True]
        told = " ".join(tell(experiment, timeline).lines)
        assert "Nothing moved: the step was 0. The loss stayed at 1.09861." in told


def test_where_nothing_moves_no_loss_falls(tmp_path: Path) -> None:
    """Adam goes on at the bottom of x^2, from 1e-92 to half of that."""
    surface, adam = {"kind": "formula", "text": "x^2"}, {"kind": "adam", "learning_rate": 0.1}
    experiment = ready(tmp_path, FORMULA, start=[1.0], surface=surface, optimizer=adam)
    timeline = experiment.timeline()
    timeline.advance(4000)
    assert 0.0 < abs(timeline.run.parameters[0]) < abs(timeline.run.previous[0])
    first, second = tell(experiment, timeline).lines[:2]
    assert (first, second[:18]) == ("Nothing moved: the step was 0.", "The loss stayed at")


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.13])
def test_a_ball_that_only_rounding_moves_lies_still(tmp_path: Path, rate: float) -> None:
    """(x^2 - 1)^2 written out: its terms cancel at the minimum, where the ball hops by rounding or not at all."""
    surface = {"kind": "formula", "text": "x^4 - 2*x^2 + 1"}
    for start in (0.3, 0.7, 1.3):
        experiment = ready(tmp_path, FORMULA, start=[start], surface=surface, optimizer__learning_rate=rate)
        timeline = experiment.timeline()
        timeline.advance(3000)
        told = tell(experiment, timeline)
        assert told.lines[0] == "Nothing moved: the step was 0."
        assert told.lines[1] == "The loss stayed at 0."


@pytest.mark.parametrize("units", range(-3, 4))
def test_a_loss_of_rounding_is_told_as_0(tmp_path: Path, units: int) -> None:
    """(x - 0.1)^2 written out is worked out as -1.7e-18 at its minimum."""
    surface = {"kind": "formula", "text": "x^2 - 0.2*x + 0.01"}
    start = [float(0.1 + units * np.spacing(0.1))]
    experiment = ready(tmp_path, FORMULA, start=start, surface=surface)
    timeline = experiment.timeline()
    assert "the loss is 0." in tell(experiment, timeline).lines[0]
    timeline.advance(1)
    assert tell(experiment, timeline).lines[1] == "The loss stayed at 0."


def test_the_loss_at_the_global_minimum_is_told_as_0() -> None:
    """The mean of 256 tilted losses is -2.2e-15 at w = -2: the tilts cancel but for rounding."""
    told = story("two-minima", 600, {"start": [-1.0], RATE: 0.1})
    assert told.lines == (
        "The ball lies in the global minimum A, with loss 0.",
        "The loss stayed at 0.",
    )


def test_a_small_step_of_a_small_parameter_is_a_movement(tmp_path: Path) -> None:
    experiment = ready(tmp_path, FORMULA, start=[1e-9], surface={"kind": "formula", "text": "x^2"})
    timeline = experiment.timeline()
    timeline.advance(1)
    assert "x went from 1e-09 to" in tell(experiment, timeline).lines[0]
