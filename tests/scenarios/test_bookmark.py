"""Bookmarks: a run that was left comes back bit for bit, and a file that has changed or is damaged is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_scenarios import CROWD, CURVE, DOUBLE_WELL, FORMULA, XOR, ready
from problems import bits

from nnsim.core.clipping import Clipping
from nnsim.core.optimizers import OPTIMIZERS, SGD, Optimizer
from nnsim.core.schedules import SCHEDULES, Cosine, MultiStep, Plateau, Schedule
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.bookmark import NUMBERS, Bookmark, bookmark, fingerprint, misfit
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.race import Rivals
from nnsim.scenarios.way_back import resume, resume_beside

RATES = st.floats(1e-6, 0.02)
OWN: dict[str, Any] = {"lion": {"beta1": 0.85}, "sgd": {"momentum": 0.1 + 0.2, "nesterov": True}}
SCHEDULED: list[Schedule | None] = [
    None,
    Cosine(7, unit="update"),
    MultiStep((2, 3), 1.0 / 3.0),
    Plateau(factor=0.7, patience=0, threshold=0.0),
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 30)),
        st.tuples(st.just("seek"), st.integers(0, 100)),
        st.tuples(
            st.just("change"),
            st.builds(
                lambda kind, rate, schedule, norm, size: (kind, rate, schedule, norm, size),
                st.sampled_from([*OPTIMIZERS]),
                RATES,
                st.sampled_from(SCHEDULED),
                st.one_of(st.none(), st.floats(0.1, 10.0)),
                st.integers(1, 3),
            ),
        ),
    ),
    max_size=8,
)


def changed(kind: str, rate: float, schedule: Schedule | None, norm: float | None, size: int) -> Settings:
    optimizer: Optimizer = OPTIMIZERS[kind](learning_rate=rate, **OWN.get(kind, {}))
    return Settings(optimizer, size, "shuffled", schedule, Clipping(norm=norm))


def through_a_file(mark: Bookmark | None) -> Bookmark:
    """The bookmark as it comes back out of a file."""
    assert mark is not None
    return msgspec.json.decode(msgspec.json.encode(mark), type=Bookmark)


def agree(one: Timeline, other: Timeline) -> bool:
    """Whether two runs stand at the same place, with the same past and the same future, bit for bit."""
    assert bits(one.run) == bits(other.run)
    assert one.losses.tobytes() == other.losses.tobytes()
    assert (one.latest, one.changes, one.ended) == (other.latest, other.changes, other.ended)
    assert one.rates.tobytes() == other.rates.tobytes()
    return True


@pytest.fixture(scope="module", params=[DOUBLE_WELL, CURVE, FORMULA], ids=["double well", "curve", "formula"])
def experiment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return ready(tmp_path_factory.mktemp("scenario"), request.param)


@given(steps=STEPS, seed=st.integers(0, 2**63 - 1), after=st.integers(0, 40))
@settings(max_examples=40)
def test_a_run_that_was_left_comes_back_bit_for_bit(
    experiment: Experiment, steps: list[tuple[str, Any]], seed: int, after: int
) -> None:
    timeline = experiment.timeline(seed)
    samples = len(experiment.objective.train)
    for kind, what in steps:
        if kind == "advance":
            timeline.advance(what)
        elif kind == "seek":
            timeline.seek(timeline.latest * what // 100)
        else:
            *rest, size = what
            timeline.change(changed(*rest, min(size, samples)))
    mark = bookmark(experiment, timeline, "text")
    if mark is None:
        assert timeline.latest == 0
        return
    again = resume(experiment, through_a_file(mark))
    assert agree(again, timeline)
    for run in (again, timeline):
        run.seek(run.latest)
        run.advance(after)
    assert agree(again, timeline)


def test_a_run_that_has_not_begun_leaves_no_bookmark(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    assert bookmark(experiment, timeline, "text") is None
    assert bookmark(experiment, timeline, "text", {"run.seed": 3}) is not None
    assert bookmark(experiment, experiment.timeline(7), "text") is not None
    timeline.advance(3)
    timeline.seek(0)
    mark = bookmark(experiment, timeline, "text")
    assert mark is not None
    assert (mark.latest, mark.update) == (3, 0)
    timeline = experiment.timeline()
    timeline.change(changed("adam", 0.5, None, None, 1))
    assert bookmark(experiment, timeline, "text") is not None


def test_a_start_of_ones_own_and_other_keys_come_back(tmp_path: Path) -> None:
    experiment = ready(tmp_path, FORMULA)
    timeline = Timeline(experiment.objective, experiment.settings, np.array([0.1 + 0.2, -1.0 / 3.0]), 5)
    timeline.advance(4)
    mark = through_a_file(bookmark(experiment, timeline, "text", {"optimizer.learning_rate": 0.5}))
    assert mark.start == [0.1 + 0.2, -1.0 / 3.0]
    assert mark.set == {"optimizer.learning_rate": 0.5}
    assert agree(resume(experiment, mark), timeline)


@pytest.mark.parametrize("back", [0, 1])
def test_a_run_that_has_diverged_comes_back_diverged(tmp_path: Path, back: int) -> None:
    experiment = ready(tmp_path, FORMULA, optimizer__learning_rate=0.9)
    timeline = experiment.timeline()
    timeline.advance(100)
    assert timeline.stopped is not None
    timeline.seek(timeline.latest - back)
    again = resume(experiment, through_a_file(bookmark(experiment, timeline, "text")))
    assert agree(again, timeline)
    assert again.ended is not None


def test_futures_ghosts_and_rivals_come_back_too(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR)
    timeline, rivals = experiment.timeline(), Rivals()
    timeline.advance(30)
    rivals.keep(timeline)
    timeline.seek(10)
    timeline.change(changed("adam", 0.01, None, None, 4))
    timeline.advance(8)
    rivals.enter(timeline, [changed("sgd", 0.2, None, None, 4)])
    mark = through_a_file(bookmark(experiment, timeline, "text", rivals=rivals))
    again, beside = resume(experiment, mark), [*resume_beside(experiment, mark)]
    (left,), (was,) = again.branches, timeline.branches
    assert (again.fork(left), left.latest, left.changes) == (10, 30, was.changes)
    again.switch(left)
    again.seek(30)
    timeline.switch(was)
    timeline.seek(30)
    assert bits(again.run) == bits(timeline.run)
    assert [(each.live is None, each.history.latest, each.history.changes) for each in beside] == [
        (each.live is None, each.history.latest, each.history.changes) for each in rivals
    ]
    ghost, live = beside
    kept = next(iter(rivals)).history.past
    assert ghost.history.past.losses.tobytes() == kept.losses.tobytes()
    assert live.live is not None
    assert live.live.advance(5) == 5
    assert bookmark(experiment, experiment.timeline(), "text") is None
    assert bookmark(experiment, experiment.timeline(), "text", rivals=rivals) is not None


def test_it_tells_how_far_it_has_come_and_stops_when_asked_to(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CROWD)
    timeline = experiment.timeline()
    timeline.advance(9000)
    mark = bookmark(experiment, timeline, "text")
    assert mark is not None
    told: list[tuple[int, int]] = []

    def go_on(done: int, wanted: int) -> bool:
        told.append((done, wanted))
        return done < 5000

    stopped = resume(experiment, mark, go_on)
    assert told[0] == (0, 9000)
    assert told == sorted(told)
    assert 5000 <= stopped.update == told[-1][0] < 9000


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_is_kept(tmp_path: Path, kind: str) -> None:
    experiment = ready(tmp_path, XOR)
    timeline = experiment.timeline()
    timeline.change(Settings(OPTIMIZERS[kind](learning_rate=0.1 + 0.2), 4))
    timeline.advance(2)
    assert agree(resume(experiment, through_a_file(bookmark(experiment, timeline, "text"))), timeline)


def test_every_schedule_is_kept(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR)
    needed: dict[str, dict[str, Any]] = {
        "step": {"every": 2},
        "multi_step": {"milestones": (1, 4)},
        "exponential": {"factor": 0.1 + 0.2},
        "cosine": {"length": 5},
        "cosine_restarts": {"length": 2, "multiplier": 2},
        "warmup": {"length": 3},
        "one_cycle": {"length": 20},
        "plateau": {"patience": 0},
    }
    for name, schedule in SCHEDULES.items():
        timeline = experiment.timeline()
        timeline.change(Settings(SGD(0.1), 4, schedule=schedule(**needed[name], unit="update")))
        timeline.advance(8)
        assert agree(resume(experiment, through_a_file(bookmark(experiment, timeline, "text"))), timeline)


def test_a_file_that_has_changed_no_longer_fits(tmp_path: Path) -> None:
    experiment, file = ready(tmp_path, CURVE), tmp_path / "own.scenario.toml"
    timeline = experiment.timeline()
    timeline.advance(1)
    mark = bookmark(experiment, timeline, fingerprint(file))
    assert mark is not None
    assert misfit(mark, file) is None
    file.write_text(CURVE + "\n# another line\n")
    assert misfit(mark, file) == "The scenario has changed since you left it at update 1"
    file.unlink()
    assert misfit(mark, file) == "The scenario has changed since you left it at update 1"


@pytest.mark.parametrize(("numbers", "age"), [(None, "An older"), (NUMBERS - 1, "An older"), (NUMBERS + 1, "A newer")])
def test_a_run_with_other_numbers_is_not_made_again(tmp_path: Path, numbers: int | None, age: str) -> None:
    experiment, file = ready(tmp_path, CURVE), tmp_path / "own.scenario.toml"
    timeline = experiment.timeline()
    timeline.advance(1)
    words = msgspec.to_builtins(bookmark(experiment, timeline, fingerprint(file)))
    assert words.pop("numbers") == NUMBERS
    mark = msgspec.convert(words if numbers is None else {**words, "numbers": numbers}, Bookmark)
    said = misfit(mark, file)
    assert said == f"{age} nnsim, with other random numbers, made the run that you left at update 1"


GOOD: dict[str, Any] = {
    "optimizer": {"kind": "sgd", "learning_rate": 0.1},
    "batch_size": 2,
    "order": "shuffled",
    "clipping": {},
}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"optimizer": {"kind": "magic"}}, "the bookmark is damaged: Invalid value 'magic'"),
        ({"optimizer": {"kind": "sgd", "learning_rate": -1.0}}, "the bookmark is damaged: Expected `float` >= 0.0"),
        ({"optimizer": None}, "the bookmark is damaged: Expected `object`, got `null`"),
        ({"batch_size": 4}, "batch_size is 4: it takes a whole number from 1 to 3"),
        ({"batch_size": "two"}, "the bookmark is damaged: "),
        ({"order": "backwards"}, "the bookmark is damaged: Invalid enum value 'backwards'"),
        ({"clipping": {"norm": 0.0}}, "the bookmark is damaged: Expected `float` > 0.0"),
        ({"schedule": {"kind": "cosine"}}, "the bookmark is damaged: Object missing required field `length`"),
    ],
)
def test_a_damaged_bookmark_is_told_in_a_sentence(tmp_path: Path, words: dict[str, Any], sentence: str) -> None:
    experiment = ready(tmp_path, CURVE)
    mark = {"scenario": "", "seed": 0, "latest": 2, "update": 1, "changes": [{"update": 0, "settings": GOOD | words}]}
    with pytest.raises(ValueError, match=sentence):
        resume(experiment, msgspec.convert(mark, Bookmark))


@pytest.mark.parametrize(
    ("places", "latest", "update"),
    [((), 2, 1), ((1,), 2, 1), ((0, 5), 2, 1), ((0, 0), 2, 1), ((0,), 2, 3), ((0,), 2, -1)],
)
def test_updates_that_do_not_follow_each_other_are_told(
    tmp_path: Path, places: tuple[int, ...], latest: int, update: int
) -> None:
    changes = [{"update": place, "settings": GOOD} for place in places]
    mark = msgspec.convert(
        {"scenario": "", "seed": 0, "latest": latest, "update": update, "changes": changes}, Bookmark
    )
    with pytest.raises(ValueError, match="its updates do not follow each other"):
        resume(ready(tmp_path, CURVE), mark)


def test_a_start_of_another_size_is_told(tmp_path: Path) -> None:
    changes = [{"update": 0, "settings": GOOD}]
    words = {"scenario": "", "seed": 0, "latest": 2, "update": 1, "changes": changes, "start": [1.0]}
    with pytest.raises(ValueError, match="start has the shape"):
        resume(ready(tmp_path, CURVE), msgspec.convert(words, Bookmark))
