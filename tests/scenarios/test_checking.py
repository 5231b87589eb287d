"""Checking: all that a person can come to is built, every solution is played, and a broken file costs no other."""

import os
from pathlib import Path
from typing import Any

import pytest
from own_scenarios import BOWL, CURVE, FORMULA, HEAD, changed, save, table, told

from nnsim.scenarios.checking import FileChecked, check
from nnsim.scenarios.expectations import Checker
from nnsim.scenarios.experiment import build
from nnsim.scenarios.reader import ScenarioError, read

RATE, SIZE = "optimizer.learning_rate", "batches.size"
EXPECT = table("expect", kind="value", title="w1 is halfway", quantity="w1", update=1, equals=2.0, tolerance=0.0)
TOO_LARGE = 'it takes up to 3, the number of samples, or "full".'


def variants(*sets: dict[str, Any]) -> str:
    return "".join(table("variants", title="V", set=each) for each in sets)


def challenge(*steps: dict[str, Any], **keys: Any) -> str:
    keys = {"kind": "reach", "quantity": "loss", "below": 1.0, "by_update": 3} | keys
    given = {key: value for key, value in keys.items() if value is not None}
    return table("challenges", title="C", solution=list(steps), **given)


def checked(folder: Path, text: str) -> FileChecked:
    (one,) = check([str(save(folder, text))])
    return one


# --- what is built ---

ONE_SAMPLE = {"data.inputs": [[1.0]], "data.targets": [[1.0]]}
WITH_RACE = changed(CURVE, HEAD, HEAD + 'race = [{ "batches.size" = 1 }, { "batches.size" = 3 }]\n')

# Each row: a file without expectations, or with one that is not at fault, and the sentence after its name.
FAULTS: dict[str, tuple[str, str]] = {
    "batches": (changed(CURVE, "size = 2", "size = 4"), f"batches.size is 4: {TOO_LARGE}"),
    "batches that an expectation sees first": (
        changed(BOWL, "[run]", "[batches]\nsize = 2\n[run]") + EXPECT,
        'batches.size is 2: it takes up to 1, the number of samples, or "full".',
    ),
    "a start": (changed(BOWL, "[0.0, 0.0]", "[0.0]").replace("minimum = [0.0]", "") + EXPECT, "start has 1 number:"),
    "layers": (changed(CURVE, '["tanh", "linear"]', '["linear"]'), ""),
    "a sample": (CURVE + "\n[view]\nsample = 3\n", "view.sample is 3: it takes 0 to 2, "),
    "a formula in a variant": (FORMULA + variants({"surface.text": "x +"}), "variants[1].set: surface.text "),
    "the second variant": (
        CURVE + variants({SIZE: 1}, {SIZE: 400}),
        f"variants[2].set: batches.size is 400: {TOO_LARGE}",
    ),
    "the view of a variant": (
        CURVE + "\n[view]\nsample = 1\n" + variants(ONE_SAMPLE | {SIZE: 1}),
        "variants[1].set: view.sample is 1: it takes 0, ",
    ),
    "a key of a variant": (CURVE + variants({"optimizer.momentum": 0.9}), 'variants[1].set: "optimizer.momentum" is '),
    "the second of a race": (changed(WITH_RACE, "= 3 }", "= 300 }"), f"race[2]: batches.size is 300: {TOO_LARGE}"),
    "a key of a race": (
        changed(WITH_RACE, '"batches.size" = 3', '"optimizer.lr" = 1'),
        'race[2]: "optimizer.lr" is not',
    ),
    "a race beside a variant": (
        WITH_RACE + variants({SIZE: 1}, ONE_SAMPLE | {SIZE: 1}),
        'race[2] with variants[2].set: batches.size is 3: it takes up to 1, the number of samples, or "full".',
    ),
    "a race that a variant's optimizer does not know": (
        changed(WITH_RACE, '"batches.size" = 3', '"optimizer.beta1" = 0.8')
        + variants({"optimizer": {"kind": "sgd", "learning_rate": 0.1}}),
        'race[2] with variants[1].set: "optimizer.beta1" is not a known key: optimizer takes ',
    ),
    "a solution": (
        CURVE + challenge({"set": {RATE: 0.1}}) + challenge({"set": {SIZE: 9}}),
        f"challenges[2].solution[1].set: batches.size is 9: {TOO_LARGE}",
    ),
    "a solution under way": (
        CURVE + challenge({"set": {RATE: 0.1}}, {"set": {SIZE: 9}, "update": 2}),
        f"challenges[1].solution[2].set: batches.size is 9: {TOO_LARGE}",
    ),
    "a set-up of an expectation": (
        BOWL + EXPECT + EXPECT + 'set = { "start" = [1.0] }\n',
        "expect[2].set: start has 1 number: this surface takes 2.",
    ),
    "a quantity that would be left out": (
        BOWL + changed(EXPECT, '"w1"', '"w9"') + "full = true\n",
        'expect[1].quantity: "w9" is not a quantity of this scenario: it can be loss, batch_loss, ',
    ),
    "a quantity": (
        BOWL + EXPECT + changed(EXPECT, '"w1"', '"w9"'),
        'expect[2].quantity: "w9" is not a quantity of this',
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_built_is_told_in_a_sentence_with_its_key(tmp_path: Path, fault: str) -> None:
    text, sentence = FAULTS[fault]
    found = checked(tmp_path, text)
    assert found.error is not None
    line, words = told(ScenarioError(found.error), tmp_path / "own.scenario.toml")
    assert words.startswith(sentence)
    assert words.endswith((".", "?"))
    assert line is not None
    assert not found.verdicts


# Each row: a fault of these, and what stands on the line that is told.
LINES = {
    "batches": "size = 4",
    "the second variant": 'set = { "batches.size" = 400 }',
    "the view of a variant": "set = {",
    "the second of a race": "race = [",
    "a race beside a variant": "race = [",
    "a solution under way": "solution = [",
    "a set-up of an expectation": 'set = { "start" = [1.0] }',
    "a quantity": 'quantity = "w9"',
}


@pytest.mark.parametrize("fault", LINES)
def test_the_line_is_that_of_the_key_at_fault(tmp_path: Path, fault: str) -> None:
    text, _ = FAULTS[fault]
    found = checked(tmp_path, text)
    line, _ = told(ScenarioError(found.error or ""), tmp_path / "own.scenario.toml")
    assert text.splitlines()[(line or 0) - 1].startswith(LINES[fault])


def test_of_several_steps_of_a_solution_the_last_one_is_at_fault(tmp_path: Path) -> None:
    steps = '    { set = { "batches.size" = 1 } },\n    { update = 2, set = { "batches.size" = 9 } },\n'
    rest = f'title = "C"\nquantity = "loss"\nbelow = 1.0\nby_update = 3\nsolution = [\n{steps}]\n'
    text = f'{CURVE}[[challenges]]\nkind = "reach"\n{rest}'
    line = text[: text.index("    { update = 2")].count("\n") + 1
    place = f"{tmp_path}/own.scenario.toml, line {line}: challenges[1].solution[2].set"
    assert checked(tmp_path, text).error == f"{place}: batches.size is 9: {TOO_LARGE}"


@pytest.mark.parametrize("fault", list(FAULTS)[:5])
def test_a_run_is_refused_in_the_same_words(tmp_path: Path, fault: str) -> None:
    path = save(tmp_path, FAULTS[fault][0])
    with pytest.raises(ScenarioError) as caught:
        build(read(path), str(path))
    (found,) = check([str(path)])
    assert found.error == str(caught.value)


def test_a_file_without_expectations_is_built_and_says_so(tmp_path: Path) -> None:
    runs_away = variants({RATE: 1e9})
    found = checked(tmp_path, BOWL + runs_away)
    assert (found.error, found.expects_nothing, found.verdicts) == (None, True, ())
    assert not checked(tmp_path, BOWL + EXPECT).expects_nothing
    assert not checked(tmp_path, changed(BOWL, "[0.0, 0.0]\n\n", "[0.0]\n\n")).expects_nothing


# --- solutions ---

# From (0, 0) the loss is 12.5 (1 - rate)^(2k). At rate 0.5 it is below 1 at update 2, at rate 1 it is 0 at update 1,
# and at rate 0.2 it is below 0.001 at update 22, long after the end of the run at update 5.
SOLUTIONS: dict[str, tuple[str, bool, str]] = {
    "wins": (challenge({"set": {RATE: 1.0}}, by_update=1), True, "won at update 1"),
    "wins at the last update of a run": (
        challenge({"set": {RATE: 0.2}}, kind="stay", quantity="w1", by_update=None, below=3.0, updates=6),
        True,
        "won at update 5",
    ),
    "wins under way": (challenge({"set": {RATE: 1.0}, "update": 2}, below=1e-9), True, "won at update 3"),
    "comes too late": (challenge({"set": {RATE: 0.1}}, by_update=1), False, "not won by update 1"),
    "wins after the end": (challenge({"set": {RATE: 0.2}}, below=1e-3, by_update=22), True, "won at update 22"),
    "comes too late after the end": (
        challenge({"set": {RATE: 0.2}}, below=1e-3, by_update=21),
        False,
        "not won by update 21",
    ),
    "wins after the end, in epochs": (
        challenge({"set": {RATE: 0.2}}, below=1e-3, by_update=None, by_epoch=22),
        True,
        "won at update 22",
    ),
    "never ends": (
        challenge({"set": {RATE: 0.1}}, kind="bounce", quantity=None, below=None, by_update=None, updates=2),
        False,
        "not won in 5 updates",
    ),
    "is not needed": (challenge({"set": {RATE: 1.0}}), False, "won at update 2 without it"),
    "is too fast": (
        challenge({"set": {RATE: 1.0}}, by_update=1, largest_rate=0.9),
        False,
        "a learning rate of 1, at which nothing is won",
    ),
    "diverges": (
        challenge({"set": {RATE: 1e9}}, below=1e-9, by_update=9),
        False,
        "the loss ran away to 1.25e+19 at update 2",
    ),
    "would change a run that has stopped": (
        challenge({"set": {RATE: 1e9}}, {"set": {RATE: 0.5}, "update": 4}, below=1e-9, by_update=9),
        False,
        "the loss ran away to 1.25e+19 at update 2",
    ),
}


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_solution_is_played_and_judged(tmp_path: Path, solution: str) -> None:
    text, passed, got = SOLUTIONS[solution]
    found = checked(tmp_path, BOWL + text)
    assert found.error is None
    ((verdict, seconds),) = found.verdicts
    assert (verdict.passed, verdict.got) == (passed, got)
    assert (verdict.title, verdict.kind) == ('solution of challenge "C"', "solution")
    assert seconds > 0.0
    assert found.failed == (not passed)


def test_who_asked_is_heard_while_a_solution_is_played(tmp_path: Path) -> None:
    text = changed(BOWL, "updates = 5", "updates = 1_000_000") + challenge({"set": {RATE: 0.1}}, by_update=1)
    checker, heard = Checker(save(tmp_path, text)), [0]

    def hear() -> None:
        heard[0] += 1

    (case,) = checker.cases
    assert not checker.judge(case, hear).passed
    once, heard[0] = heard[0], 0
    assert not checker.judge(case, hear).passed  # the run without the solution is kept
    assert once > heard[0] > 5


def test_solutions_follow_the_expectations(tmp_path: Path) -> None:
    found = checked(tmp_path, BOWL + challenge({"set": {RATE: 1.0}}, by_update=1) + EXPECT)
    assert [each.verdict.kind for each in found.verdicts] == ["expectation", "solution"]


# --- several files ---


def test_a_broken_file_costs_the_others_nothing(tmp_path: Path) -> None:
    files = [
        save(tmp_path, BOWL + EXPECT, "a.scenario.toml"),
        save(tmp_path, BOWL.replace("learning_rate", "lr"), "b.scenario.toml"),
        save(tmp_path, "", "c.scenario.toml"),
        tmp_path / "d.scenario.toml",
        tmp_path / "e.scenario.toml",
        tmp_path / "f.scenario.toml",
    ]
    files[3].write_bytes((BOWL + "# \xe9\n").encode("latin-1"))
    files[4].write_bytes((BOWL + EXPECT).replace("\n", "\r\n").encode())
    found = check([*map(str, files), "bowel"])
    assert [each.file for each in found] == [*map(str, files), "bowel"]
    assert [[verdict.passed for verdict, _ in each.verdicts] for each in found] == [[True], [], [], [], [True], [], []]
    words = [
        None,
        "is not a known key",
        "title is missing",
        "is not UTF-8 text",
        None,
        "no such file",
        "not a scenario",
    ]
    for each, sentence in zip(found, words, strict=True):
        assert (each.error is None) == (sentence is None)
        assert sentence is None or sentence in str(each.error)


def test_a_folder_stands_for_the_scenarios_below_it(tmp_path: Path) -> None:
    inner = tmp_path / "b" / "c"
    inner.mkdir(parents=True)
    for folder, name in ((inner, "z"), (tmp_path, "y"), (tmp_path, "a"), (tmp_path / "b", "x")):
        save(folder, BOWL, f"{name}.scenario.toml")
    save(tmp_path, "no = 1", "settings.toml")
    (tmp_path / "gone.scenario.toml").symlink_to("nowhere")
    found = check([str(tmp_path)])
    assert [each.name for each in found] == ["a", "z", "x", "gone", "y"]
    assert [each.error is None for each in found] == [True, True, True, False, True]


def test_a_folder_without_scenarios_is_told(tmp_path: Path) -> None:
    save(tmp_path, BOWL, "bowl.toml")
    (found,) = check([str(tmp_path)])
    assert found.error == f"{tmp_path} has no file named *.scenario.toml, and neither has a folder below it."


def test_a_file_that_is_named_twice_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path, BOWL)
    (tmp_path / "again").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    sources = [path.name, str(path), f"{os.curdir}/again/{path.name}", str(tmp_path), "bowel", "bowel"]
    assert [each.file for each in check(sources)] == [path.name, "bowel"]


def test_progress_goes_from_file_to_file_up_to_all(tmp_path: Path) -> None:
    full = changed(EXPECT, "equals", "full = true\nequals")
    text = BOWL + EXPECT + full + challenge({"set": {RATE: 1.0}}, by_update=1)
    told: list[tuple[int, int]] = []
    check([str(save(tmp_path, text)), "bowel"], progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]
