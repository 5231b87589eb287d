"""The course: in order, complete, and ready to run in every variant. What must come out is checked by `library`."""

import re
from itertools import groupby

import numpy as np
import pytest

from nnsim.scenarios import library
from nnsim.scenarios.experiment import build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.narration import tell
from nnsim.scenarios.race import of_scenario
from nnsim.scenarios.reader import find, read
from nnsim.scenarios.schema import Scenario

SCENARIOS = {name_of(file): read(file) for file in library.files()}


def test_the_course_is_in_order_and_nothing_else_lies_in_its_folder() -> None:
    assert tuple(SCENARIOS) == library.COURSE
    assert {file.name for file in library.FOLDER.glob("*.toml")} == {f"{name}.scenario.toml" for name in SCENARIOS}


def test_chapters_stand_together_and_no_scenario_has_none() -> None:
    chapters = [scenario.chapter for scenario in SCENARIOS.values()]
    assert [chapter for chapter, _ in groupby(chapters)] == list(dict.fromkeys(chapters))
    assert "Your own" not in chapters


@pytest.mark.parametrize("name", library.COURSE)
def test_the_outline_has_the_chapter_and_the_titles_of_all_challenges(name: str) -> None:
    outline, scenario = library.outline(library.FOLDER / f"{name}.scenario.toml"), SCENARIOS[name]
    assert outline["chapter"] == scenario.chapter
    assert [each["title"] for each in outline["challenges"]] == [each.title for each in scenario.challenges]
    assert 1 <= len(scenario.challenges) <= 3


def test_every_title_and_question_is_its_own_and_fits_into_a_line() -> None:
    titles = [scenario.title for scenario in SCENARIOS.values()]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 40 for title in titles)
    for scenario in SCENARIOS.values():
        assert scenario.question.endswith("?")
        assert scenario.goal.endswith(".")
        assert scenario.title.isprintable()
        assert scenario.question.isprintable()


@pytest.mark.parametrize("name", library.COURSE)
def test_every_scenario_has_expectations_with_titles_of_their_own(name: str) -> None:
    expectations = SCENARIOS[name].expect
    assert expectations
    assert len({expectation.title for expectation in expectations}) == len(expectations)


@pytest.mark.parametrize("name", library.COURSE)
def test_every_scenario_speaks_at_its_start_at_a_divergence_and_once_about_each_event(name: str) -> None:
    remarks = SCENARIOS[name].narration
    # A second remark on an event is for the runs that lack a number of the first.
    events = [
        (each.when, each.quantity, each.below, each.above, *sorted(re.findall(r"{(\w+)}", f"{each.text} {each.hint}")))
        for each in remarks
    ]
    assert {"start", "approaching", "runaway"} <= {remark.when for remark in remarks}
    assert len(set(events)) == len(events)


@pytest.mark.parametrize("name", library.COURSE)
def test_every_scenario_is_complete(name: str) -> None:
    scenario = SCENARIOS[name]
    assert scenario.why
    assert scenario.title
    assert scenario.question
    assert scenario.goal
    assert 1 <= len(scenario.challenges) <= 3
    assert all(challenge.solution for challenge in scenario.challenges)
    assert sum(remark.text is not None for remark in scenario.narration) >= 2
    assert sum(remark.hint is not None for remark in scenario.narration) >= 1
    assert not all(expectation.full for expectation in scenario.expect)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_that_says_why_names_its_source(name: str) -> None:
    why = SCENARIOS[name].why or ""
    assert re.search(r"^Sources?: .{10}", why, re.MULTILINE)
    assert len(why.splitlines()) >= 5


@pytest.mark.parametrize("name", library.COURSE)
def test_every_variant_builds_runs_and_is_told(name: str) -> None:
    scenario = SCENARIOS[name]
    for variant in scenario.variants:
        varied: Scenario = read(library.FOLDER / f"{name}.scenario.toml", variant.set)
        assert varied != scenario or variant.set
        experiment = build(varied, name, name)
        assert len(of_scenario(experiment)) == len(scenario.race)
        timeline = experiment.timeline()
        for _ in range(4):
            told = tell(experiment, timeline)
            assert told.lines
            assert not re.search(r"[{}]", " ".join((*told.lines, told.hint)))
            timeline.advance(1)


# With the scenario's last bias of 0.05, a hot dog is told right; with others, none.
@pytest.mark.parametrize(
    ("bias", "says", "times"),
    [(0.05, 0.603324381, 1.52095), (-0.85, 0.382095374612, 0.61837), (-4.0, 0.025814538205, 0.02650)],
)
def test_the_label_alone_decides_the_sign_and_without_a_hot_dog_the_gradient_is_p_over_1_minus_p_times_as_large(
    bias: float, says: float, times: float
) -> None:
    start, slopes = [*read(find("hot-dog")).start[:-1], bias], []
    for target in (1.0, 0.0):
        experiment = build(read(find("hot-dog"), {"data.targets": [[target]], "start": start}), "hot-dog")
        timeline, names = experiment.timeline(), experiment.objective.names
        _, gradient = experiment.objective.loss_and_gradient(timeline.run.parameters)
        slopes.append(gradient[[names.index("W2[1,1]"), names.index("W2[2,1]")]])
    hot_dog, none = np.abs(slopes[0]), np.abs(slopes[1])
    assert none / hot_dog == pytest.approx([says / (1.0 - says)] * 2, rel=1e-8)
    assert none / hot_dog == pytest.approx([times] * 2, abs=5e-6)
    assert (np.sign(slopes) == [[-1, -1], [1, 1]]).all()


def test_on_the_edge_of_stability_the_loss_begins_to_rise_and_falls_all_the_same() -> None:
    experiment = build(read(find("edge-of-stability")), "edge-of-stability")
    timeline = experiment.timeline()
    timeline.advance(20_000)
    rises = np.flatnonzero(np.diff(timeline.losses) > 0.0) + 1
    # 2527 elsewhere: the oscillation grows out of rounding errors, which differ between processors.
    assert rises[0] == pytest.approx(2527, abs=40)
    assert len(rises) / 20_000 == pytest.approx(7646 / 20_000, abs=0.02)
    assert timeline.losses[-1] < 1e-3
