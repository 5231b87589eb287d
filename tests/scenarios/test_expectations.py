"""Expectations: every kind passes when it should and fails when it should, and says what came out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_scenarios import BOWL, CURVE, DOUBLE_WELL, HEAD, XOR, changed, ready, save, table, told

from nnsim.core.arrays import Vector
from nnsim.core.training import Run
from nnsim.scenarios import library, runner, statistics
from nnsim.scenarios.expectations import Checker
from nnsim.scenarios.experiment import build
from nnsim.scenarios.quantities import column, ending
from nnsim.scenarios.reader import ScenarioError, read
from nnsim.scenarios.text import number
from nnsim.scenarios.verdicts import Verdict

TOO_FAST = {"optimizer.learning_rate": 2.5, "run.updates": 300}
DATA = CURVE[CURVE.index("[data]") : CURVE.index("[optimizer]")]
NOISY_SINE = changed(CURVE, DATA, '[data]\nkind = "noisy_sine"\ntrain = 14\n\n')


def verdicts(folder: Path, text: str, *expects: dict[str, Any]) -> list[Verdict]:
    """The verdicts on some expectations of a scenario."""
    blocks = [table("expect", **{"title": f"Number {i}", **expect}) for i, expect in enumerate(expects)]
    return list(Checker(save(folder, text + "".join(blocks))).verify_all())


def expect(kind: str, quantity: str | None = "w1", **keys: Any) -> dict[str, Any]:
    return {"kind": kind, **({} if quantity is None else {"quantity": quantity}), **keys}


# w1 of the bowl is 0, 2, 3, 3.5, 3.75, 3.875; every epoch has one update.
CASES = [
    (expect("value", equals=2.0, tolerance=0.0, update=1), True, "w1 = 2.0 +- 0", "2.0"),
    (expect("value", equals=2.1, tolerance=0.05, update=1), False, "w1 = 2.1 +- 0.05", "2.0"),
    (expect("value", equals=2.1, tolerance=0.11, update=1), True, "w1 = 2.1 +- 0.11", "2.0"),
    (expect("value", equals=3.0, tolerance=0.0, epoch=2), True, "w1 = 3.0 +- 0", "3.0"),
    (expect("value", equals=2.0, tolerance=0.0, epoch=2), False, "w1 = 2.0 +- 0", "3.0"),
    (expect("value", equals=3.875, tolerance=0.0), True, "w1 = 3.875 +- 0", "3.875"),
    (expect("value", equals=3.0, tolerance=0.0), False, "w1 = 3.0 +- 0", "3.875"),
    (expect("value", equals=4.0, tolerance=9.0, update=6), False, "w1 = 4.0 +- 9", "a run of 5 updates"),
    (expect("value", "batch_loss", equals=0.0, tolerance=99.0, update=0), False, "batch_loss = 0.0 +- 99", "nothing"),
    (expect("value", "batch_loss", equals=12.5, tolerance=0.0, update=1), True, "batch_loss = 12.5 +- 0", "12.5"),
    (expect("value", "sharpness", equals=1.0, tolerance=1e-6, update=2), True, "sharpness = 1.0 +- 1e-06", None),
    (expect("sequence", equals=[0.0, 2.0, 3.0], tolerance=0.0), True, "w1 = 0, 2, 3 +- 0", "0, 2, 3"),
    (expect("sequence", equals=[0.0, 2.0, 3.1], tolerance=0.05), False, "w1 = 0, 2, 3.1 +- 0.05", "0, 2, 3"),
    (expect("sequence", equals=[2.0, 3.0], first=1, tolerance=0.0), True, "w1 = 2, 3 +- 0", "2, 3"),
    (expect("sequence", equals=[0.0, 2.0], first=1, tolerance=0.0), False, "w1 = 0, 2 +- 0", "2, 3"),
    (expect("sequence", equals=[3.8, 3.9], first=5, tolerance=9.0), False, "w1 = 3.8, 3.9 +- 9", "3.875"),
    (expect("sequence", equals=[4.0], first=6, tolerance=9.0), False, "w1 = 4 +- 9", "nothing"),
    (expect("between", low=3.8, high=3.9), True, "3.8 <= w1 <= 3.9", "3.875"),
    (expect("between", low=3.9), False, "3.9 <= w1", "3.875"),
    (expect("between", high=3.8), False, "w1 <= 3.8", "3.875"),
    (expect("between", low=3.875, high=3.875), True, "3.875 <= w1 <= 3.875", "3.875"),
    (expect("between", low=1.9, high=2.1, update=1), True, "1.9 <= w1 <= 2.1", "2"),
    (expect("between", low=1.9, high=2.1, epoch=2), False, "1.9 <= w1 <= 2.1", "3"),
    (expect("reaches", above=2.9, at_update=2), True, "w1 above 2.9 first at update 2", "first at update 2"),
    (expect("reaches", above=2.9, at_update=3), False, "w1 above 2.9 first at update 3", "first at update 2"),
    (expect("reaches", above=2.9, at_update=1), False, "w1 above 2.9 first at update 1", "first at update 2"),
    (expect("reaches", above=2.9, by_update=2), True, "w1 above 2.9 by update 2", "first at update 2"),
    (expect("reaches", above=2.9, by_update=1), False, "w1 above 2.9 by update 1", "first at update 2"),
    (expect("reaches", "loss", below=1.0, by_epoch=2), True, "loss below 1 by epoch 2", "first after 2 epochs"),
    (expect("reaches", "loss", below=1.0, by_epoch=1), False, "loss below 1 by epoch 1", "first after 2 epochs"),
    (expect("reaches", above=4.0, by_update=5), False, "w1 above 4 by update 5", "never"),
    (expect("never", above=4.0), True, "w1 above 4 never", "never"),
    (expect("never", above=2.9), False, "w1 above 2.9 never", "at update 2"),
    (expect("never", "loss", below=1.0), False, "loss below 1 never", "at update 2"),
    (expect("diverges", None, by_update=5), False, "diverges by update 5", "5 updates without divergence"),
    (expect("diverges", None, by_update=300, set=TOO_FAST), True, "diverges by update 300", None),
    (expect("diverges", None, by_update=9, set=TOO_FAST), False, "diverges by update 9", None),
    (expect("diverges", None, by_update=300, parameter="w1", set=TOO_FAST), True, None, None),
    (expect("diverges", None, by_update=300, parameter="w2", set=TOO_FAST), False, None, None),
]


def test_every_kind_of_expectation_passes_and_fails_when_it_should(tmp_path: Path) -> None:
    found = verdicts(tmp_path, BOWL, *(case[0] for case in CASES))
    assert len(found) == len(CASES)
    for verdict, (wanted, passed, expected, got) in zip(found, CASES, strict=True):
        assert verdict.passed == passed, (wanted, verdict)
        assert expected is None or verdict.expected == expected
        assert got is None or verdict.got == got
        assert verdict.scenario == "own"


def test_a_divergence_is_told_with_its_update_and_reason(tmp_path: Path) -> None:
    (verdict,) = verdicts(tmp_path, BOWL, expect("diverges", None, by_update=9, parameter="w1", set=TOO_FAST))
    assert verdict.expected == "diverges by update 9 in w1"
    assert verdict.got == "update 27: the loss ran away to 1.79e+10"


def test_what_is_no_number_is_never_within_bounds(tmp_path: Path) -> None:
    broken = {"optimizer.learning_rate": 1e308}
    assert not any(
        verdict.passed
        for verdict in verdicts(
            tmp_path,
            BOWL,
            expect("value", "loss", equals=0.0, tolerance=1e300, set=broken),
            expect("between", "loss", low=-1e300, set=broken),
            expect("never", "loss", above=13.0, set=broken),
            expect("never", "loss", below=-1.0, set=broken),
        )
    )


def test_a_loss_that_is_undefined_is_not_above_anything(tmp_path: Path) -> None:
    surface = {"kind": "formula", "text": "log(x) + x"}
    here = {"surface": surface, "start": [0.5], "optimizer.learning_rate": 1.0}
    (verdict,) = verdicts(tmp_path, BOWL, expect("never", "loss", above=5.0, set=here))
    lost = "the run became undefined at update 2: log(-2.5) is not a number"
    assert (verdict.passed, verdict.got) == (False, f"no number at update 1; {lost}")


@pytest.mark.parametrize("statistic", ["median", "greatest"])
@pytest.mark.parametrize(
    ("text", "start", "passed", "got"), [("log(x) + x", 0.5, False, "nan"), ("x^4", 3.0, True, "inf")]
)
def test_a_run_that_becomes_undefined_does_not_count_as_infinite(
    tmp_path: Path, statistic: str, text: str, start: float, passed: bool, got: str
) -> None:
    here = {"surface": {"kind": "formula", "text": text}, "start": [start], "optimizer.learning_rate": 1.0}
    asked = expect("statistics", "loss", seeds=3, statistic=statistic, low=1.0, set=here)
    (verdict,) = verdicts(tmp_path, BOWL, asked)
    assert (verdict.passed, verdict.got) == (passed, got)


def test_epochs_of_several_updates_count_as_epochs(tmp_path: Path) -> None:
    crossing = expect("reaches", "test_rmse", below=27.0)
    by_epoch, early, at_two, within = verdicts(
        tmp_path,
        CURVE,
        {**crossing, "by_epoch": 3},
        {**crossing, "by_epoch": 2},
        expect("value", "test_rmse", equals=0.0, tolerance=0.0, epoch=2),
        expect("value", "test_rmse", equals=0.0, tolerance=0.0, update=4),
    )
    assert (by_epoch.passed, early.passed) == (True, False)
    assert by_epoch.got == early.got == "first after 3 epochs"
    assert at_two.got == within.got


def test_a_value_within_an_epoch_is_measured_there(tmp_path: Path) -> None:
    wanted = [expect("value", "test_rmse", equals=0.0, tolerance=0.0, update=update) for update in (2, 3, 4)]
    assert len({verdict.got for verdict in verdicts(tmp_path, CURVE, *wanted)}) == 3


# --- statistics over seeds ---


def statistic(statistic: str, quantity: str = "w", **keys: Any) -> dict[str, Any]:
    return expect("statistics", quantity, statistic=statistic, seeds=7, **keys)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The seven runs that the statistics are about, made one by one: the path of w, 41 numbers each."""
    checker = Checker(save(tmp_path_factory.mktemp("runs"), DOUBLE_WELL))
    experiment = build(checker.scenario, "own", "own")
    paths = []
    for seed in range(7):
        timeline = experiment.timeline(seed)
        timeline.advance(40)
        assert timeline.path is not None
        paths.append(timeline.path[:, 0].copy())
    return paths


def test_statistics_are_those_of_the_single_runs(tmp_path: Path, runs: list[Any]) -> None:
    lowest = [path.min() for path in runs]
    bound = float(np.median(lowest))
    reaching = np.mean([(path < bound).any() for path in runs])
    ending = np.mean([path[-1] < 3.0 for path in runs])
    first = np.median([(path < 3.3).argmax() for path in runs])
    tail = np.mean([path[-8:].mean() for path in runs])
    assert 0.0 < reaching < 1.0
    assert all((path < 3.3).any() for path in runs)
    got = [
        verdict.got
        for verdict in verdicts(
            tmp_path,
            DOUBLE_WELL,
            statistic("share_reaching", below=bound, low=0.0),
            statistic("share_ending", below=3.0, low=0.0),
            statistic("median_update", below=3.3, low=0.0),
            statistic("mean", tail_epochs=2, low=0.0),
            statistic("median", tail_epochs=2, low=0.0),
            statistic("median_lowest", low=0.0),
            statistic("least", tail_epochs=2, low=0.0),
            statistic("greatest", tail_epochs=2, low=0.0),
            statistic("mean_highest", low=0.0),
            statistic("median_update_of_lowest", low=0.0),
            statistic("median_end_over_lowest", low=0.0),
            statistic("median_update_of_reaching", below=bound, low=0.0),
            statistic("mean", every=7, tail_epochs=2, low=0.0),
            statistic("mean", "sharpness", every=20, tail_epochs=99, low=0.0),
        )
    ]
    tails = [path[-8:].mean() for path in runs]
    assert got == [
        f"{number:.6g}"
        for number in (
            reaching,
            ending,
            first,
            tail,
            np.median(tails),
            bound,
            min(tails),
            max(tails),
            np.mean([path.max() for path in runs]),
            np.median([path.argmin() for path in runs]),
            np.median([path[-1] / path.min() for path in runs]),
            np.median([(path < bound).argmax() for path in runs if (path < bound).any()]),
            np.mean([path[[28, 35]].mean() for path in runs]),
            np.mean([np.abs(3 * path[::20] ** 2 - 4 * path[::20] - 5).mean() for path in runs]),
        )
    ]


@pytest.mark.parametrize(("there", "back"), [({"below": 3.0}, 3.2), ({"above": 3.2}, 3.0), ({"below": 3.0}, 9.0)])
def test_returns_are_the_ways_there_and_back_again(
    tmp_path: Path, runs: list[Any], there: dict[str, float], back: float
) -> None:
    """Counted here by walking along each path."""
    sign = 1.0 if "below" in there else -1.0
    (bound,) = there.values()
    counts = []
    for path in runs:
        been_there, count = False, 0
        for w in path:
            if sign * w < sign * bound:
                been_there = True
            elif sign * w > sign * back and been_there:
                been_there, count = False, count + 1
        counts.append(count)
    assert (back == 9.0) == (max(counts) == 0)
    share, mean, tail = verdicts(
        tmp_path,
        DOUBLE_WELL,
        statistic("share_returning", **there, back=back, low=0.0),
        statistic("mean_returns", **there, back=back, low=0.0),
        statistic("share_of_tail", **there, tail_epochs=2, low=0.0),
    )
    assert share.got == f"{np.mean(np.array(counts) > 0):.6g}"
    assert share.expected.endswith(f" and back at {back:.6g} over 7 seeds")
    assert mean.got == f"{np.mean(counts):.6g}"
    assert tail.got == f"{np.mean([(sign * path[-8:] < sign * bound).mean() for path in runs]):.6g}"


def test_in_the_median_of_ends_a_run_that_diverges_is_infinite_from_then_on(tmp_path: Path) -> None:
    text = BOWL.replace("learning_rate = 0.5", "learning_rate = 500.0").replace("updates = 5", "updates = 30")
    ends, start = verdicts(
        tmp_path,
        text,
        expect("statistics", "loss", statistic="median", seeds=3, low=0.0),
        expect("statistics", "loss", statistic="median", seeds=3, epoch=0, low=0.0),
    )
    assert (ends.passed, ends.got) == (True, "inf")
    assert start.got == "12.5"


@pytest.mark.parametrize(
    ("quantity", "epoch"), [("test_rmse", 600), ("test_rmse", 301), ("loss", 301), ("loss", 7), ("test_rmse", 0)]
)
def test_what_is_measured_is_what_runs_that_end_there_measure(tmp_path: Path, quantity: str, epoch: int) -> None:
    """Also where not every epoch is measured, which is beyond 256."""
    experiment = ready(tmp_path, CURVE, run__epochs=max(epoch, 1))
    pasts = [column(experiment, runner.run(experiment, 2 * epoch, seed=seed), quantity) for seed in range(3)]
    bound = float(np.median([past.values[-1] for past in pasts]))
    reached = [[*past.updates[past.values < bound], np.inf][0] for past in pasts]
    tails = [past.values[past.updates > past.updates[-1] - 20] for past in pasts]
    expected = {
        "mean": np.mean([past.values[-1] for past in pasts]),
        "greatest": np.max([past.values[-1] for past in pasts]),
        "share_ending": np.mean([past.values[-1] < bound for past in pasts]),
        "share_reaching": np.mean([update < np.inf for update in reached]),
        "median_update": np.median(reached),
        "median_lowest": np.median([past.values.min() for past in pasts]),
        "median_update_of_lowest": np.median([past.updates[past.values.argmin()] for past in pasts]),
        "median_end_over_lowest": np.median([past.values[-1] / past.values.min() for past in pasts]),
        "mean_highest": np.mean([past.values.max() for past in pasts]),
    }
    bounds = {"below": bound}
    wanted = [
        expect("statistics", quantity, statistic=name, seeds=3, low=0.0, epoch=epoch)
        | (bounds if name.startswith("share") or name == "median_update" else {})
        for name in expected
    ]
    of_tail = expect("statistics", quantity, statistic="mean", seeds=3, low=0.0, epoch=epoch, tail_epochs=10)
    got = [
        verdict.got for verdict in verdicts(tmp_path, changed(CURVE, "epochs = 30", "epochs = 601"), *wanted, of_tail)
    ]
    assert got == [number(value) for value in [*expected.values(), np.mean([tail.mean() for tail in tails])]]


RUNAWAY = changed(
    CURVE, 'kind = "adam"\nlearning_rate = 0.02', 'kind = "sgd"\nlearning_rate = 1.0'
)  # of seeds 0 to 3, the third stays


def test_a_run_that_diverges_is_measured_along_the_tail_that_it_has(tmp_path: Path) -> None:
    past = runner.run(ready(tmp_path, RUNAWAY), seed=0)
    losses = column(ready(tmp_path, RUNAWAY), past, "loss")
    assert past.stopped is not None
    assert 6 < past.stopped.update < 40
    own = losses.values[losses.updates > past.update - 6]
    assert len(own) == 4
    wanted = {"quantity": "loss", "seeds": 1, "low": 0.0}
    got = verdicts(
        tmp_path,
        RUNAWAY,
        expect("statistics", statistic="mean", tail_epochs=3, **wanted),
        expect("statistics", statistic="least", **wanted),
        expect("statistics", statistic="share_of_tail", tail_epochs=3, above=1e6, **wanted),
        expect("statistics", statistic="share_ending", above=1e6, **wanted),
        expect("statistics", statistic="median", **wanted),
        expect("statistics", statistic="mean", epoch=2, **wanted),
    )
    expected = [own.mean(), own[-2:].mean(), (own > 1e6).mean(), 1.0, np.inf, losses.upto(4).values[-1]]
    assert [verdict.got for verdict in got] == [number(value) for value in expected]


@pytest.mark.parametrize(
    "text",
    [
        CURVE,
        RUNAWAY,
        XOR,
        DOUBLE_WELL,
        changed(BOWL, "learning_rate = 0.5", "learning_rate = 2.5").replace("updates = 5", "updates = 30"),
    ],
)
def test_in_company_each_expectation_gets_what_it_gets_alone(tmp_path: Path, text: str) -> None:
    keys: dict[str, Any] = {"seeds": 4, "low": 0.0}
    wanted = [
        expect("statistics", quantity, statistic=statistic, **keys, **limits, **crossing)
        for quantity in ("loss", "batch_loss", "gradient_norm")
        for statistic, crossing in (
            ("mean", {}),
            ("median", {}),
            ("median_update_of_lowest", {}),
            ("share_reaching", {"above": 1e8}),
            ("share_ending", {"below": 0.5}),
        )
        for limits in (
            {},
            {"every": 7},
            {"every": 20},
            {"epoch": 3},
            {"tail_epochs": 3},
            {"every": 7, "tail_epochs": 5},
        )
    ]
    alone = [verdicts(tmp_path, text, each)[0].got for each in wanted]
    assert [verdict.got for verdict in verdicts(tmp_path, text, *wanted)] == alone


def test_what_stands_beside_it_spoils_no_statistic(tmp_path: Path) -> None:
    """Neither a quantity that there is not, nor a start that does not fit, nor draws that there are not."""
    good = expect("statistics", statistic="mean", quantity="w1", seeds=11, low=0.0)
    bad = [{**good, "quantity": "w9"}, {**good, "set": {"start": [1.0]}}, {**good, "along": "run.updates"}]
    (alone,) = verdicts(tmp_path, BOWL, good)
    blocks = [table("expect", title=f"{place}", **each) for place, each in enumerate([*bad, good])]
    checker = Checker(save(tmp_path, BOWL + "".join(blocks)))
    *wrong, right = checker.scenario.expect
    assert checker.verify(right).got == alone.got
    for each, words in zip(wrong, ("w9", "start has 1 number", "updates is 0"), strict=True):
        with pytest.raises(ScenarioError, match=words):
            checker.verify(each)


def test_what_others_ask_is_run_with_it_only_where_that_costs_no_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long is run when it is asked for, and large networks not for the sake of small ones, nor twice."""
    sizes: list[int] = []
    original = runner.run_along

    def counted(experiment: Any, seed: int, check: Any) -> Any:
        sizes.append(experiment.objective.size)
        return original(experiment, seed, check)

    monkeypatch.setattr(runner, "run_along", counted)
    asked = expect("statistics", "batch_loss", statistic="mean", seeds=1, low=0.0)
    small = {**asked, "set": {"network.sizes": [1, 2, 1]}}
    smaller = {**asked, "set": {"network.sizes": [1, 1, 1]}}
    several = [asked, {**asked, "full": True}, small, smaller, {**smaller, "full": True}]
    blocks = [table("expect", title=f"{place}", **each) for place, each in enumerate(several)]
    for order, runs in ((range(5), [25, 25, 7, 4, 4]), ((2, 0, 1, 3, 4), [7, 4, 25, 25, 4])):
        sizes.clear()
        checker = Checker(save(tmp_path, CURVE + "".join(blocks)))
        for place in order:
            checker.verify(checker.scenario.expect[place])
        assert sorted(sizes) == sorted(runs)
    sizes.clear()
    checker = Checker(save(tmp_path, CURVE + "".join(blocks)))
    checker.verify(checker.scenario.expect[2])
    assert sorted(sizes) == [4, 7]


def test_who_asked_is_heard_during_long_runs(tmp_path: Path) -> None:
    text = changed(CURVE, "epochs = 30", "epochs = 60_000")
    for quantity in ("batch_loss", "test_rmse"):
        wanted = expect("statistics", quantity, statistic="mean", seeds=1, low=0.0)
        checker = Checker(save(tmp_path, text + table("expect", title="t", **wanted)))
        heard: list[None] = []
        checker.verify(checker.scenario.expect[0], lambda heard=heard: heard.append(None))
        assert len(heard) > 5


def test_statistics_are_called_off_by_whoever_asked_for_them(tmp_path: Path) -> None:
    class EnoughError(Exception):
        """The caller has seen enough."""

    def enough() -> None:
        raise EnoughError

    for quantity in ("batch_loss", "test_rmse"):
        text = CURVE + table("expect", title="t", **expect("statistics", quantity, statistic="mean", seeds=9, low=0.0))
        checker = Checker(save(tmp_path, text))
        with pytest.raises(EnoughError):
            checker.verify(checker.scenario.expect[0], enough)


def test_what_takes_long_is_measured_where_runs_end_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def counted(experiment: Any, run: Run, quantity: str) -> Any:
        measured.append(run.update)
        return ending(experiment, run, quantity)

    monkeypatch.setattr(statistics, "ending", counted)
    ends = [
        expect("statistics", "gradient_norm", statistic="median_lowest", seeds=2, low=0.0),
        expect("statistics", "test_rmse", statistic="mean", seeds=2, low=0.0, epoch=20),
        expect("statistics", "loss", statistic="share_ending", below=1.0, seeds=2, low=0.0),
    ]
    verdicts(tmp_path, CURVE, *ends)
    assert sorted(measured) == [40, 40, 60, 60, 60, 60]


def test_along_a_key_every_run_has_the_number_of_its_seed_there(tmp_path: Path) -> None:
    wanted = expect("statistics", statistic="mean", quantity="test_rmse", seeds=3, low=0.0, along="data.draw")
    along, alike = verdicts(tmp_path, NOISY_SINE, wanted, {key: wanted[key] for key in wanted if key != "along"})
    ends = [
        runner.run(build(read(tmp_path / "own.scenario.toml", {"data.draw": seed}), "own"), seed=seed).records[-1].test
        for seed in range(3)
    ]
    assert along.got == f"{np.mean([end.metric for end in ends if end and end.metric]):.6g}"
    assert along.got != alike.got


def test_draws_that_there_are_not_are_told(tmp_path: Path) -> None:
    wanted = expect("statistics", statistic="mean", quantity="loss", seeds=11, low=0.0, along="data.draw")
    with pytest.raises(
        ScenarioError, match=r"data.draw is 10: it takes a whole number of at least 0 and at most 9"
    ) as caught:
        verdicts(tmp_path, NOISY_SINE, wanted)
    path = tmp_path / "own.scenario.toml"
    assert path.read_text().splitlines()[(told(caught.value, path).line or 0) - 1] == 'along = "data.draw"'


def test_statistics_pass_inside_of_their_bounds_only(tmp_path: Path) -> None:
    inside, low, high, closed = verdicts(
        tmp_path,
        DOUBLE_WELL,
        statistic("mean", low=2.0, high=4.0),
        statistic("mean", low=4.0),
        statistic("mean", high=2.0),
        statistic("share_reaching", above=-9.0, low=1.0, high=1.0),
    )
    assert [verdict.passed for verdict in (inside, low, high, closed)] == [True, False, False, True]
    assert inside.expected == "2 <= mean of w <= 4 over 7 seeds"
    assert closed.expected == "1 <= share reaching of w above -9 <= 1 over 7 seeds"


def test_the_median_counts_runs_that_never_get_there(tmp_path: Path) -> None:
    high, low = verdicts(
        tmp_path,
        DOUBLE_WELL,
        statistic("median_update", below=-50.0, high=1e9),
        statistic("median_update", below=-50.0, low=0.0),
    )
    assert (high.passed, low.passed, high.got) == (False, True, "inf")


def test_a_tail_of_epochs_is_one_of_epochs_where_a_quantity_is_measured_by_epoch(tmp_path: Path) -> None:
    wanted = expect("statistics", "test_rmse", statistic="mean", seeds=2, tail_epochs=2, low=0.0)
    (verdict,) = verdicts(tmp_path, CURVE, wanted)
    checker = Checker(tmp_path / "own.scenario.toml")
    experiment = build(checker.scenario, "own", "own")
    means = []
    for seed in range(2):
        records = runner.run(experiment, seed=seed).records[-2:]
        means.append(np.mean([100.0 * record.test.metric for record in records if record.test and record.test.metric]))
    assert verdict.got == f"{np.mean(means):.6g}"


# --- the checker ---


def test_runs_with_the_same_set_up_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[float, int | None]] = []
    seeds: list[int] = []
    original, along, of_places = runner.run, runner.run_along, statistics.of_places

    def counted(experiment: Any, **keywords: Any) -> Any:
        made.append((experiment.settings.optimizer.learning_rate, keywords.get("seed")))
        return original(experiment, **keywords)

    def along_it(experiment: Any, seed: int, check: Any) -> Any:
        seeds.append(seed)
        return along(experiment, seed, check)

    def measured(wanted: Any, experiment: Any, seed: int, check: Any) -> Any:
        seeds.append(seed)
        return of_places(wanted, experiment, seed, check)

    monkeypatch.setattr(runner, "run_along", along_it)
    monkeypatch.setattr(runner, "run", counted)
    monkeypatch.setattr(statistics, "of_places", measured)
    slow = {"optimizer.learning_rate": 0.1, "run.updates": 3}
    last = expect("value", equals=4.0, tolerance=9.0)
    verdicts(
        tmp_path,
        BOWL,
        last,
        expect("never", above=9.0),
        {**last, "set": slow},
        {**last, "set": dict(reversed(slow.items()))},
        expect("statistics", statistic="mean", seeds=2, low=0.0, tail_epochs=2),
        expect("statistics", statistic="share_reaching", seeds=2, low=0.0, below=9.0),
        expect("statistics", statistic="mean", seeds=2, low=0.0),
        expect("statistics", "loss", statistic="share_ending", seeds=2, low=0.0, below=9.0),
        expect("statistics", statistic="share_ending", seeds=3, low=0.0, below=9.0),
        expect("statistics", "sharpness", statistic="mean", seeds=2, low=0.0),
        expect("statistics", "gradient_norm", statistic="share_ending", seeds=3, low=0.0, below=9.0),
    )
    assert made == [(0.5, None), (0.1, None)]
    of_each_kind = [0, 0, 1, 1, 2]
    assert sorted(seeds) == sorted(2 * of_each_kind)


def test_whatever_is_measured_on_the_same_runs_is_measured_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    class Counted(Run):
        def __init__(self, *arguments: Any) -> None:
            started.append(arguments[-1])
            super().__init__(*arguments)

    wanted = [
        statistic("mean", every=4, tail_epochs=2, low=0.0),
        statistic("mean", "sharpness", every=4, tail_epochs=99, low=0.0),
        statistic("greatest", "sharpness", every=4, epoch=5, low=0.0),
        statistic("share_reaching", every=4, below=3.0, epoch=0, low=0.0),
        statistic("mean", every=5, tail_epochs=2, low=0.0),
    ]
    alone = [verdict for each in wanted for verdict in verdicts(tmp_path, DOUBLE_WELL, each)]
    monkeypatch.setattr(statistics, "Run", Counted)
    together = verdicts(tmp_path, DOUBLE_WELL, *wanted)
    assert sorted(started) == [*range(7)]
    assert [verdict.got for verdict in together] == [verdict.got for verdict in alone]
    assert len({verdict.got for verdict in together}) == len(wanted)


@pytest.mark.parametrize("update", [None, 1])
def test_an_unknown_quantity_is_told_and_spoils_nothing(tmp_path: Path, update: int | None) -> None:
    at = {} if update is None else {"update": update}
    path = save(
        tmp_path,
        BOWL
        + table("expect", title="Bad", **expect("value", "w9", equals=1.0, tolerance=0.0, **at))
        + table("expect", title="Good", **expect("sequence", equals=[3.75, 3.875], tolerance=0.0, first=4)),
    )
    checker = Checker(path)
    bad, good = checker.scenario.expect
    known = "loss, batch_loss, learning_rate, sharpness, critical_rate, gradient_norm, w1, w2, gradient.w1, gradient.w2"
    with pytest.raises(ScenarioError) as caught:
        checker.verify(bad)
    sentence = f'"w9" is not a quantity of this scenario: it can be {known}.'
    assert str(caught.value) == f"{path}, line 21: expect[1].quantity: {sentence}"
    assert checker.verify(good).passed


def test_a_set_up_that_does_not_fit_together_is_told_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        verdicts(tmp_path, BOWL, expect("never", above=9.0, set={"start": [1.0]}))
    sentence = "expect[1].set: start has 1 number: this surface takes 2."
    assert str(caught.value) == f"{tmp_path}/own.scenario.toml, line 23: {sentence}"


def test_a_broken_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="title is missing"):
        Checker(save(tmp_path, ""))


def test_the_order_of_the_questions_does_not_matter() -> None:
    path = library.FOLDER / "too-large-step.scenario.toml"
    forwards, backwards = Checker(path), Checker(path)
    expected = [forwards.verify(wanted) for wanted in forwards.scenario.expect]
    assert [backwards.verify(wanted) for wanted in reversed(backwards.scenario.expect)] == expected[::-1]


def test_a_run_that_breaks_before_its_first_update_fails_its_statistics(tmp_path: Path) -> None:
    text = XOR.replace("[network]", '[network]\nl2 = 1e308\nweights = { kind = "constant", value = 10.0 }')
    text += table("expect", kind="statistics", title="t", seeds=2, statistic="mean", quantity="batch_loss", high=1.0)
    path = save(tmp_path, text)
    (verdict,) = Checker(path).verify_all()
    assert (verdict.passed, verdict.got) == (False, "nan")


# --- bands and epochs ---


def epoch_losses(losses: Vector) -> Vector:
    """The mean losses of the epochs of CURVE, whose three samples come in batches of two and of one."""
    means: Vector = np.average(losses.reshape(-1, 2), axis=1, weights=[2, 1])
    return means


def test_a_band_holds_values_between_the_quantiles_of_each_epoch(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    means = np.array([epoch_losses(runner.run(experiment, seed=seed).losses) for seed in range(20)])
    inside = np.median(means, axis=0)[:3].tolist()
    low, high = np.quantile(means, [0.1, 0.8], axis=0)[:, 2]
    assert not low <= means[:, 2].max() * 1.01 <= high
    band = {"kind": "band", "quantity": "batch_loss", "seeds": 20, "low": 0.1, "high": 0.8}
    text = CURVE + table("expect", title="inside", equals=inside, **band)
    outside = [*inside[:2], float(means[:, 2].max()) * 1.01]
    text += table("expect", title="outside", equals=outside, **band)
    first, second = Checker(save(tmp_path, text)).verify_all()
    assert (first.passed, second.passed) == (True, False)
    assert first.expected == "3 epochs of batch_loss within the quantiles 0.1 .. 0.8 of 20 seeds"
    assert second.got == f"{number(outside[2])} in epoch 3, not within {number(low)} .. {number(high)}"


def test_a_band_of_runs_that_do_not_move_holds_their_loss_but_for_rounding(tmp_path: Path) -> None:
    still = ready(tmp_path, CURVE.replace("0.02", "0.0"))
    loss = float(epoch_losses(runner.run(still, epochs=1, seed=0).losses)[0])
    text = CURVE.replace("0.02", "0.0")
    for title, share in (("rounding", 1e-14), ("more", 1e-9)):
        text += table("expect", title=title, kind="band", quantity="batch_loss", seeds=1, equals=[loss * (1.0 + share)])
    rounding, more = Checker(save(tmp_path, text)).verify_all()
    assert (rounding.passed, more.passed) == (True, False)


def test_epochs_are_held_to_their_mean_or_a_quantile_over_the_runs(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    means = np.array([epoch_losses(runner.run(experiment, seed=seed).losses) for seed in range(20)])
    keys = {"kind": "epochs", "quantity": "batch_loss", "seeds": 20}
    mean, upper = means.mean(axis=0)[:3], np.quantile(means, 0.9, axis=0)[:2]
    text = CURVE + table("expect", title="mean", equals=mean.tolist(), tolerance=1e-12, **keys)
    text += table("expect", title="upper", equals=upper.tolist(), tolerance=[1e-12, 1e-12], quantile=0.9, **keys)
    off = [mean[0], mean[1] * 1.001, mean[2] * 1.001]
    text += table("expect", title="off", equals=off, tolerance=[1e-12, 1.0, 1e-9], **keys)
    first, second, third = Checker(save(tmp_path, text)).verify_all()
    assert (first.passed, second.passed, third.passed) == (True, True, False)
    assert first.expected == "3 epochs of batch_loss, mean of 20 seeds"
    assert second.expected == "2 epochs of batch_loss, 0.9 quantile of 20 seeds"
    assert third.got.startswith(f"{number(mean[2])} in epoch 3, not within ")


LAST_OF_NINE = f"""{HEAD}start = [0.0]

[network]
sizes = [1, 1]
activations = ["linear"]
loss = "squared_error"
biased = false

[data]
kind = "inline"
inputs = [[1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0]]
targets = [[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [3.0]]

[optimizer]
kind = "sgd"
learning_rate = 0.0

[batches]
size = 8
order = "fixed"

[run]
epochs = 3
"""
"""Eight samples of loss 0 in one batch and one of loss 9 in the last: the mean over all is 1, that over batches 4.5."""


@pytest.mark.parametrize(
    "keys",
    [
        {"kind": "epochs", "seeds": 1, "equals": [1.0, 1.0, 1.0], "tolerance": 1e-12},
        {"kind": "band", "seeds": 2, "equals": [1.0, 1.0, 1.0]},
        {"kind": "statistics", "seeds": 1, "statistic": "mean", "low": 1.0, "high": 1.0},
        {"kind": "statistics", "seeds": 1, "statistic": "median", "tail_epochs": 2, "low": 1.0, "high": 1.0},
        {"kind": "statistics", "seeds": 1, "statistic": "least", "epoch": 2, "low": 1.0, "high": 1.0},
    ],
    ids=lambda keys: keys.get("statistic", keys["kind"]),
)
def test_a_short_last_batch_counts_by_its_samples(tmp_path: Path, keys: dict[str, Any]) -> None:
    text = LAST_OF_NINE + table("expect", title="t", quantity="batch_loss", **keys)
    (verdict,) = Checker(save(tmp_path, text)).verify_all()
    assert verdict.passed, verdict.got


def test_what_is_no_mean_over_a_batch_counts_once_an_update(tmp_path: Path) -> None:
    keys = {"kind": "epochs", "seeds": 1, "quantity": "learning_rate", "equals": [0.75, 0.1875], "tolerance": 1e-12}
    text = LAST_OF_NINE.replace("learning_rate = 0.0", "learning_rate = 1.0")
    text += table("schedule", kind="exponential", factor=0.5, unit="update").replace("[[schedule]]", "[schedule]")
    (verdict,) = Checker(save(tmp_path, text + table("expect", title="t", **keys))).verify_all()
    assert verdict.passed, verdict.got


def test_epochs_that_no_run_has_do_not_hold(tmp_path: Path) -> None:
    keys = {"kind": "epochs", "quantity": "batch_loss", "seeds": 2, "tolerance": 1e9}
    (verdict,) = Checker(save(tmp_path, CURVE + table("expect", title="t", equals=[0.0] * 31, **keys))).verify_all()
    assert (verdict.passed, "nan in epoch 31" in verdict.got) == (False, True)


@pytest.mark.parametrize("kind", ["band", "epochs"])
def test_epochs_of_what_is_not_known_at_every_update_are_told(tmp_path: Path, kind: str) -> None:
    keys = {"kind": kind, "quantity": "test_rmse", "seeds": 2} | ({"tolerance": 1.0} if kind == "epochs" else {})
    with pytest.raises(
        ScenarioError, match=r'expect\[1\].quantity: "test_rmse" is not known of every update: it takes .* batch_loss,'
    ):
        list(Checker(save(tmp_path, CURVE + table("expect", title="t", equals=[0.0], **keys))).verify_all())


def test_statistics_up_to_an_epoch_are_those_of_shorter_runs(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE, run__epochs=7)
    ends = [epoch_losses(runner.run(experiment, seed=seed).losses)[-1] for seed in range(4)]
    mean = float(np.mean(ends))
    keys = {"kind": "statistics", "seeds": 4, "statistic": "mean", "quantity": "batch_loss", "epoch": 7}
    text = CURVE + table("expect", title="at epoch 7", low=mean * 0.999999, high=mean * 1.000001, **keys)
    assert next(Checker(save(tmp_path, text)).verify_all()).passed


def test_seeds_are_counted_from_0_however_many_there_are(tmp_path: Path) -> None:
    text = "".join(
        table("expect", kind="statistics", title=f"{seeds}", seeds=seeds, statistic="mean", quantity="loss", low=0.0)
        for seeds in (3, 5, 2)
    )
    checker = Checker(save(tmp_path, CURVE + text))
    experiment = ready(tmp_path, CURVE)
    last = [runner.run(experiment, seed=seed).records[-1].train.loss for seed in range(5)]
    got = [float(verdict.got) for verdict in checker.verify_all()]
    assert got == pytest.approx([np.mean(last[:seeds]) for seeds in (3, 5, 2)], rel=1e-5)
