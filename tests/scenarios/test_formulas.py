"""What a file says of its own formula is checked: a number at the start, minima that are minima; and an undefined loss
is no divergence."""

from pathlib import Path
from typing import Any

import pytest
from own_scenarios import FORMULA, changed, ready, save, table

from nnsim.scenarios.challenges import standings
from nnsim.scenarios.expectations import Checker
from nnsim.scenarios.narration import tell
from nnsim.scenarios.reader import ScenarioError


def of(text: str, start: list[float], *minima: list[float], **more: Any) -> dict[str, Any]:
    places = [{"label": chr(65 + place), "at": at} for place, at in enumerate(minima)]
    return {"surface": {"kind": "formula", "text": text, "minima": places}, "start": start, **more}


@pytest.mark.parametrize(
    ("text", "start", "problem"),
    [
        ("(x-1)^2 + y^2 + log(z-5)", [2.0, -1.0, 1.5], "log(-3.5) at the start, which is not a number"),
        ("1/x", [0.0], "1 / 0 at the start, which is infinite"),
        ("exp(x)", [800.0], "exp(800) at the start, which is infinite"),
    ],
)
def test_a_start_without_a_loss_is_refused_with_the_operation(
    tmp_path: Path, text: str, start: list[float], problem: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        ready(tmp_path, FORMULA, **of(text, start))
    assert str(caught.value).endswith(f": surface.text gives {problem}.")
    ready(tmp_path, FORMULA, **of("(x-1)^2 + log(y)", [2.0, 1e-300]))


HIMMELBLAU = "(x^2+y-11)^2 + (x+y^2-7)^2"
BUMPY = "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)"

# Each row: a formula, and places that are minima of it, up to rounding.
MINIMA = [
    (HIMMELBLAU, [[3.0, 2.0], [-2.805118, 3.131312], [-3.779, -3.283], [3.584, -1.848]]),
    (HIMMELBLAU, [[-2.81, 3.13], [3.58, -1.85]]),
    ("((x-500)/1000)^2", [[500.0]]),
    ("(1-x)^2 + 100*(y-x^2)^2", [[1.0, 1.0], [0.999, 0.998]]),
    (BUMPY, [[0.0, 0.0], [0.995, 0.0], [-1.99, 4.97]]),
    ("abs(x-1/3) + 2*abs(y)", [[0.3333, 0.0]]),
    ("sqrt(x^2+y^2)", [[0.0, 0.0]]),
    ("max(abs(x), abs(y))", [[0.0, 0.0]]),
    ("x^4 + y^2", [[0.0, 0.0]]),
    ("(x*y-1)^2", [[2.0, 0.5]]),
    ("x^2 + 0*y", [[0.0, 7.0]]),
    ("1e6*(x-1)^2 + (x-y)^2", [[1.0, 1.0]]),
    ("-exp(-x^2) + 1e6", [[0.0]]),
    ("cos(x) + z^2 + y^2", [[3.14159, 0.0, 0.0]]),
    ("x*log(x)", [[0.3679]]),
    ("min(x^2, (x-3)^2)", [[0.0], [3.0]]),
]


@pytest.mark.parametrize(("text", "places"), MINIMA, ids=[text for text, _ in MINIMA])
def test_minima_are_taken_also_rounded_at_kinks_and_in_level_valleys(
    tmp_path: Path, text: str, places: list[list[float]]
) -> None:
    start = [0.5] * len(places[0])
    assert len(ready(tmp_path, FORMULA, **of(text, start, *places)).scenario.start or []) == len(start)


# Each row: a formula, places of which the last is no minimum, and its slope as it is told.
NO_MINIMA = [
    (
        "(x-1)^2 + 4*(y+z)^2 + exp(z) - z - 1",
        [[5.0, 5.0, 5.0]],
        "at (5, 5, 5) the loss is 558.413 with the slope (8, 80",
    ),
    ("x^2 - y^2", [[0.0, 0.0]], "at (0, 0) the loss is 0 with the slope (0, 0)"),
    ("x*y", [[0.0, 0.0]], "at (0, 0) the loss is 0 with the slope (0, 0)"),
    ("100*x^2 - 1e-3*(x+y)^2", [[0.0, 0.0]], "at (0, 0) the loss is 0 with the slope (0, 0)"),
    ("-x^2", [[0.0]], "at 0 the loss is 0 with the slope 0"),
    ("x^3 - 3*x*y^2", [[0.0, 0.0]], "at (0, 0) the loss is 0 with the slope (0, 0)"),
    ("-abs(x)", [[0.0]], "at 0 the loss is 0 with the slope 0"),
    (HIMMELBLAU, [[3.0, 2.0], [-0.270845, -0.923039]], "at (-0.270845, -0.923039) the loss is 181.617 with the slope"),
    (HIMMELBLAU, [[3.6, -1.8]], "at (3.6, -1.8) the loss is 0.0512 with the slope"),
    ("(x-3)^2", [[3.1]], "at 3.1 the loss is 0.01 with the slope 0.2"),
    ("1e6 + 1e-3*x", [[0.0]], "at 0 the loss is 1e+06 with the slope 0.001"),
]


@pytest.mark.parametrize(("text", "places", "problem"), NO_MINIMA, ids=[text for text, *_ in NO_MINIMA])
def test_what_is_no_minimum_is_refused_with_its_slope(
    tmp_path: Path, text: str, places: list[list[float]], problem: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        ready(tmp_path, FORMULA, **of(text, [0.5] * len(places[0]), *places))
    which = f"surface.minima[{len(places)}], {chr(64 + len(places))}, is no minimum: "
    assert f": {which}{problem}" in str(caught.value)
    assert str(caught.value).endswith("it is lower.")


def test_a_minimum_without_a_loss_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ScenarioError, match=r"surface.minima\[1\], A, lies where the loss is no number: log\(-5\) is not a"
    ):
        ready(tmp_path, FORMULA, **of("(x-1)^2 + log(y-5)", [2.0, 6.0], [1.0, 0.0]))


# --- later in a run ---

LEAVES = changed(changed(FORMULA, "(1-x)^2 + 100*(y-x^2)^2", "log(x)"), "start = [-1.2, 1.0]", "start = [0.001]")


def test_an_undefined_loss_wins_no_challenge_to_diverge(tmp_path: Path) -> None:
    solution = [{"set": {"start": [1.0], "surface.text": "x^2", "optimizer.learning_rate": 9.0}}]
    text = LEAVES + table("challenges", kind="diverge", title="Let it.", by_update=50, solution=solution)
    for changes, won in ({}, False), ({"surface.text": "x^4", "start": [9.0], "optimizer.learning_rate": 3.0}, True):
        experiment = ready(tmp_path, text, **{key.replace(".", "__"): value for key, value in changes.items()})
        timeline = experiment.timeline()
        timeline.advance(50)
        assert timeline.stopped is not None
        (standing,) = standings(experiment, timeline)
        assert standing.counts
        assert (standing.won is not None) == won


def test_an_undefined_loss_is_no_divergence_that_was_expected(tmp_path: Path) -> None:
    expected = table("expect", kind="diverges", title="Away", by_update=9)
    value = table("expect", kind="value", title="There", quantity="x", equals=1.0, tolerance=0.1)
    away, there = Checker(save(tmp_path, LEAVES + expected + value)).verify_all()
    assert not away.passed
    assert away.got == "update 2: log(-0.999) is not a number"
    assert not there.passed
    assert there.got.endswith("; the run became undefined at update 2: log(-0.999) is not a number")


def test_the_story_says_undefined_and_takes_the_words_of_the_file_for_it(tmp_path: Path) -> None:
    words = "".join(table("narration", when=when, text=f"It is {when}.") for when in ("runaway", "undefined"))
    experiment = ready(tmp_path, LEAVES + words)
    timeline = experiment.timeline()
    timeline.advance(1)
    told = tell(experiment, timeline)
    assert (told.event, told.alarm) == ("undefined", "Undefined")
    assert told.lines[:2] == ("update 2 cannot be made, log(-0.999) is not a number.", "It is undefined.")
