"""The command line as a process: data on stdout, one line of complaint on stderr, and exit codes 0, 1, 2 and 130."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from own_scenarios import BOWL, FORMULA, changed, save, table

from nnsim.scenarios import library, runner
from nnsim.scenarios.experiment import build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import read
from nnsim.tui import cli

SCRIPT = (str(Path(sys.executable).with_name("nnsim")),)
MODULE = (sys.executable, "-m", "nnsim.tui")

GOOD = table("expect", kind="value", title="w1 is halfway", quantity="w1", update=1, equals=2.0, tolerance=0.0)
BAD = table("expect", kind="value", title="w1 is [/] \x1b[2J there", quantity="w1", update=1, equals=4.0, tolerance=0.5)


def nnsim(*arguments: str, program: tuple[str, ...] = SCRIPT) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal and return what it wrote and its exit code."""
    command = [*program, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def reported(name: str, overrides: dict[str, Any], **length: Any) -> dict[str, Any]:
    """The report of the same run, made in this process."""
    experiment = build(read(library.FOLDER / f"{name}.scenario.toml", overrides), name, name)
    return runner.report(experiment, runner.run(experiment, **length))


# --- list, version, help ---


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
def test_list_shows_the_course_in_order(program: tuple[str, ...]) -> None:
    done = nnsim("list", program=program)
    assert (done.returncode, done.stderr) == (0, "")
    blocks = [block.splitlines() for block in done.stdout.split("\n\n")]
    scenarios = {name_of(file): read(file) for file in library.files()}
    assert [chapter for chapter, *_ in blocks] == list(dict.fromkeys(each.chapter for each in scenarios.values()))
    lines = [(chapter, line) for chapter, *lines in blocks for line in lines]
    assert [line.split()[0] for _, line in lines[::2]] == list(scenarios)
    for scenario, (chapter, title), (_, question) in zip(scenarios.values(), lines[::2], lines[1::2], strict=True):
        assert chapter == scenario.chapter
        assert title.endswith(f"  {scenario.title}")
        assert question.strip() == scenario.question


def test_version_and_help() -> None:
    assert nnsim("--version").stdout == f"nnsim {version('nnsim')}\n"
    done = nnsim("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(word in done.stdout for word in ("Usage: nnsim", "check", "list", "run", "--version"))
    assert "--set KEY=VALUE" in nnsim("run", "-h").stdout


# --- run ---


def test_run_prints_what_came_out_as_text() -> None:
    done = nnsim("run", "bowl", "--set", "optimizer.learning_rate=0.5", "--updates", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "bowl: 2 updates, 2 epochs, seed 0",
        "train loss     0.78125",
        "w1             3.0",
        "w2             2.25",
    ]


def test_run_prints_each_epoch_beside_a_published_one(tmp_path: Path) -> None:
    file = tmp_path / "table.txt"
    assert nnsim("run", "side-effects", "--epochs", "2", "--out", str(file)).returncode == 0
    first, second, run, *_ = file.read_text().splitlines()
    assert re.fullmatch(r"Epoch  1/20  \d+\.\d{3} s  loss 0\.6\d+  accuracy 0\.\d{4}   published 0.6400 0.5576", first)
    assert second.startswith("Epoch  2/20")
    assert second.endswith("published 0.6061 0.6310")
    assert run == "side-effects: 420 updates, 2 epochs, seed 0"


def test_run_prints_the_whole_report_as_json() -> None:
    done = nnsim("run", "two-minima", "--set", "batches.size=4", "--epochs", "2", "--seed", "5", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == reported("two-minima", {"batches.size": 4}, epochs=2, seed=5)


def test_run_writes_its_history_as_csv_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "history.csv"
    done = nnsim("run", "two-minima", "--updates", "3", "--format", "csv", "--out", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [float(row["w"]) for row in rows] == reported("two-minima", {}, updates=3)["history"]["w"]
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_a_formula_on_the_command_line_is_run_and_checked(tmp_path: Path) -> None:
    reaches = table("expect", kind="reaches", title="It arrives", quantity="loss", below=1e-6, by_update=60)
    path = save(tmp_path, changed(FORMULA, "updates = 5", "updates = 60") + reaches)
    setting = ["--set", "surface.text=(x-2)^2 + (y+1)^2/2", "--set", "optimizer.learning_rate=0.5"]
    done = nnsim("run", str(path), *setting, "--updates", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == ["train loss     0.5", "x              2.0", "y              0.0"]
    assert nnsim("check", str(path)).returncode == 1
    easy = save(tmp_path, changed(path.read_text(), "(1-x)^2 + 100*(y-x^2)^2", "1000*(x^2 + y^2)/4"), "easy.toml")
    done = nnsim("check", str(easy))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_setting_is_read_as_toml_and_as_text_where_it_is_none() -> None:
    assert cli.parse_setting("optimizer.learning_rate=0.5") == ("optimizer.learning_rate", 0.5)
    assert cli.parse_setting("start=[1.0, 2.0]") == ("start", [1.0, 2.0])
    assert cli.parse_setting("optimizer.kind=adam") == ("optimizer.kind", "adam")
    assert cli.parse_setting("title=a = b\n[c]") == ("title", "a = b\n[c]")
    assert cli.parse_setting('title="x"\nother = 1') == ("title", '"x"\nother = 1')
    assert cli.parse_setting("batches.size=") == ("batches.size", "")


def test_a_divergence_nobody_asked_for_fails_after_the_data() -> None:
    done = nnsim("run", "bowl", "--set", "optimizer.learning_rate=3", "--updates", "100", "--format", "json")
    assert done.returncode == 1
    assert done.stderr == "nnsim: the run diverged at update 16: the loss ran away to 1.34e+10.\n"
    report = json.loads(done.stdout)
    assert report["stopped"] == {
        "kind": "diverged",
        "update": 16,
        "parameter": "w1",
        "reason": "the loss ran away to 1.34e+10",
    }


def test_a_loss_that_is_undefined_fails_even_where_a_divergence_is_expected(tmp_path: Path) -> None:
    text = changed(FORMULA, "(1-x)^2 + 100*(y-x^2)^2", "log(x)").replace("start = [-1.2, 1.0]", "start = [0.001]")
    path = save(tmp_path, text + table("expect", kind="diverges", title="It does", by_update=20))
    done = nnsim("run", str(path), "--set", "run.updates=1")
    assert done.returncode == 1
    assert done.stderr == "nnsim: the run became undefined at update 2: log(-0.999) is not a number.\n"
    checked = nnsim("check", str(path))
    assert checked.returncode == 1
    assert "got update 2: log(-0.999) is not a number" in checked.stdout
    refused = nnsim("run", str(path), "--set", "start=[-3.5]")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr == f"nnsim: {path}, line 8: surface.text gives log(-3.5) at the start, which is not a number.\n"
    )


def test_a_divergence_that_the_scenario_expects_is_a_success(tmp_path: Path) -> None:
    text = changed(BOWL, "learning_rate = 0.5", "learning_rate = 3.0").replace("updates = 5", "updates = 100")
    path = save(tmp_path, text + table("expect", kind="diverges", title="It does", by_update=20))
    done = nnsim("run", str(path))
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "diverged at update 16" in done.stderr


# --- check ---


def test_check_prints_verdicts_as_text_and_fails_when_one_does(tmp_path: Path) -> None:
    done = nnsim("check", str(save(tmp_path, BOWL + GOOD + BAD)))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "ok     own: w1 is halfway",
        "       expected w1 = 2.0 +- 0; got 2.0",
        "FAILED own: w1 is [/] ?[2J there",
        "       expected w1 = 4.0 +- 0.5; got 2.0",
        "1 of 2 expectations hold",
    ]


def test_check_prints_verdicts_as_json() -> None:
    done = nnsim("check", "squared-error", "too-large-step", "squared-error", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    named = [(verdict["scenario"], verdict["kind"]) for verdict in found["verdicts"]]
    total = 0
    for name in ("squared-error", "too-large-step"):
        expected, won = map(len, parts(library.FOLDER / f"{name}.scenario.toml"))
        assert (named.count((name, "expectation")), named.count((name, "solution"))) == (expected, won)
        total += expected + won
    assert (found["passed"], found["failed"], found["errors"], len(named)) == (total, 0, 0, total)
    assert set(found["verdicts"][0]) == {"scenario", "title", "passed", "expected", "got", "kind", "file"}
    assert [each["scenario"] for each in found["files"]] == ["squared-error", "too-large-step"]


def parts(file: Path) -> tuple[list[Any], list[Any]]:
    """What of a scenario gets a verdict."""
    scenario = read(file)
    return scenario.expect, scenario.challenges


def test_what_takes_long_is_left_out_and_counted_until_it_is_asked_for(tmp_path: Path) -> None:
    path = str(save(tmp_path, BOWL + GOOD + BAD.rstrip() + "\nfull = true\n"))
    quick = nnsim("check", path)
    assert (quick.returncode, quick.stderr) == (0, "")
    assert quick.stdout.splitlines()[-1] == "1 of 1 expectations hold; 1 left out, which --full checks"
    found = json.loads(nnsim("check", path, "--format", "json").stdout)
    assert found["left_out"] == [{"scenario": "own", "title": "w1 is [/] \x1b[2J there"}]
    root = ElementTree.fromstring(nnsim("check", path, "--format", "junit").stdout)
    counts = {"tests": "2", "failures": "0", "errors": "0", "skipped": "1"}
    for element in (root, root[0]):
        assert {name: element.get(name) for name in counts} == counts
    assert [case.find("skipped") is not None for case in root[0]] == [False, True]
    everything = nnsim("check", path, "--full")
    assert everything.returncode == 1
    assert everything.stdout.splitlines()[-1] == "1 of 2 expectations hold"


def test_verdicts_of_several_scenarios_stand_in_the_order_of_their_files(tmp_path: Path) -> None:
    slow = changed(BOWL, "updates = 5", "updates = 200000")
    paths = [str(save(tmp_path, (slow if k == 0 else BOWL) + GOOD, f"s{k}.toml")) for k in range(4)]
    lines = nnsim("check", *paths).stdout.splitlines()
    assert lines[:-1:2] == [f"ok     s{k}: w1 is halfway" for k in range(4)]


def test_check_writes_junit_xml_for_several_files(tmp_path: Path) -> None:
    paths = [str(save(tmp_path, BOWL + GOOD, "good.toml")), str(save(tmp_path, BOWL + GOOD + BAD, "a\x07<&>.toml"))]
    out = tmp_path / "junit.xml"
    done = nnsim("check", *paths, "--format", "junit", "--out", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    root = ElementTree.parse(out).getroot()
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("good", "1", "0"),
        ("a?<&>", "2", "1"),
    ]
    cases = list(root.iter("testcase"))
    assert [case.get("file") for case in cases] == [paths[0], *2 * [paths[1].replace("\x07", "?")]]
    assert all(float(each.get("time", "nan")) >= 0.0 for each in (root, *root, *cases))
    failures = [case for case in cases if case.find("failure") is not None]
    assert [case.get("name") for case in failures] == ["w1 is [/] ?[2J there"]
    message = failures[0].find("failure")
    assert message is not None
    assert message.get("message") == "expected w1 = 4.0 +- 0.5; got 2.0"


def test_check_all_checks_the_course(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    quick = [file for file in library.files() if file.name.startswith(("squared", "too"))]
    monkeypatch.setattr(library, "files", lambda: quick)
    assert exit_code(monkeypatch, "check", "--all", str(quick[0])) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[1] for line in lines[:-1:2]} == {"squared-error:", "too-large-step:"}
    expected, won = (sum(map(len, each)) for each in zip(*map(parts, quick), strict=True))
    assert lines[-1] == f"{expected} of {expected} expectations hold; {won} of {won} solutions win"


# Files of a folder, in their order: one that holds, one that cannot be read, one without expectations, and one with a
# solution that does not win.
LOST = table("challenges", kind="diverge", title="TITLE", by_update=5, solution=[{"set": {}}])
FILES = {
    "a": BOWL + GOOD,
    "b": BOWL.replace("learning_rate", "lr"),
    "c": BOWL,
    "d": BOWL + GOOD + changed(LOST, "TITLE", "Run <away> \\u0007é \N{GRINNING FACE}"),
}
NAME_OF_LOST = 'solution of challenge "Run <away> ?é \N{GRINNING FACE}"'


def folder(tmp_path: Path, names: str) -> str:
    for name in names:
        save(tmp_path, FILES[name], f"{name}.scenario.toml")
    return str(tmp_path)


def test_a_broken_file_costs_its_own_line(tmp_path: Path) -> None:
    done = nnsim("check", folder(tmp_path, "abcd"))
    assert (done.returncode, done.stderr) == (2, "")
    takes = (
        "optimizer takes kind, learning_rate, momentum, nesterov, dampening, weight_decay. Did you mean learning_rate?"
    )
    assert done.stdout.splitlines() == [
        "ok     a: w1 is halfway",
        "       expected w1 = 2.0 +- 0; got 2.0",
        f'ERROR  {tmp_path}/b.scenario.toml, line 13: "optimizer.lr" is not a known key: {takes}',
        "ok     c: builds, and has no expectations",
        "ok     d: w1 is halfway",
        "       expected w1 = 2.0 +- 0; got 2.0",
        f"FAILED d: {NAME_OF_LOST}",
        "       expected won by the solution, and not without it; got not won by update 5",
        "2 of 2 expectations hold; 0 of 1 solutions win; 1 file cannot be used",
    ]


def test_a_broken_file_is_an_error_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(monkeypatch, "check", folder(tmp_path, "abcd"), "--format", "json") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["failed"], found["errors"]) == (2, 1, 1)
    assert [verdict["scenario"] for verdict in found["verdicts"]] == ["a", "d", "d"]
    files = [(each["scenario"], each["expectations"], each["error"] is None) for each in found["files"]]
    assert files == [("a", 1, True), ("b", 0, False), ("c", 0, True), ("d", 1, True)]
    sentence = f'{tmp_path}/b.scenario.toml, line 13: "optimizer.lr" is not a known key: '
    assert found["files"][1]["error"].startswith(sentence)


def test_a_broken_file_is_an_error_in_junit_xml_which_any_encoding_can_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "junit.xml"
    assert exit_code(monkeypatch, "check", folder(tmp_path, "abcd"), "--format", "junit", "--out", str(out)) == 2
    root = ElementTree.fromstring(out.read_bytes().decode("ascii"))
    counts = {"tests": "5", "failures": "1", "errors": "1", "skipped": "0"}
    assert {name: root.get(name) for name in counts} == counts
    assert [suite.get("errors") for suite in root] == ["0", "1", "0", "0"]
    assert [(case.get("name"), [part.tag for part in case]) for case in root.iter("testcase")] == [
        ("w1 is halfway", []),
        ("builds", ["error"]),
        ("builds, and has no expectations", []),
        ("w1 is halfway", []),
        (NAME_OF_LOST, ["failure"]),
    ]
    assert all(case.get("file") and case.get("time") for case in root.iter("testcase"))


def test_files_of_the_same_name_are_told_apart_by_their_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        save(tmp_path / name, BOWL + GOOD)
    save(tmp_path, BOWL + GOOD, "other.scenario.toml")
    assert exit_code(monkeypatch, "check", str(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()[:-1:2]
    own = [f"ok     {tmp_path}/{name}/own.scenario.toml: w1 is halfway" for name in "ab"]
    assert lines == [*own, "ok     other: w1 is halfway"]
    assert exit_code(monkeypatch, "check", str(tmp_path), "--format", "junit") == 0
    suites = ElementTree.fromstring(capsys.readouterr().out)
    names = [f"{tmp_path}/{name}/own.scenario.toml" for name in "ab"]
    assert [suite.get("name") for suite in suites] == [*names, "other"]


@pytest.mark.parametrize(("names", "code"), [("ac", 0), ("ad", 1), ("ab", 2), ("abd", 2)])
def test_what_cannot_be_used_weighs_more_than_what_fails(
    tmp_path: Path, names: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exit_code(monkeypatch, "check", folder(tmp_path, names)) == code


def test_what_there_is_not_costs_its_own_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, empty = tmp_path / "missing.toml", tmp_path / "empty"
    empty.mkdir()
    path = save(tmp_path, BOWL + GOOD)
    assert exit_code(monkeypatch, "check", "bowel", str(missing), str(empty), str(path), str(path)) == 2
    bowel, *rest = capsys.readouterr().out.splitlines()
    assert bowel.startswith('ERROR  "bowel" is not a scenario: it can be neuron, ')
    assert rest == [
        f"ERROR  {missing} cannot be read: no such file or directory.",
        f"ERROR  {empty} has no file named *.scenario.toml, and neither has a folder below it.",
        "ok     own: w1 is halfway",
        "       expected w1 = 2.0 +- 0; got 2.0",
        "1 of 1 expectations hold; 3 files cannot be used",
    ]


# --- wrong use ---


def exit_code(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process."""
    monkeypatch.setattr(sys, "argv", ["nnsim", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


WRONG_USES = {
    "unknown scenario": (["run", "bowel"], '"bowel" is not a scenario: it can be neuron, squared-error,'),
    "misspelled scenario": (["run", "Bowel"], "or the path of a .toml file. Did you mean bowl?"),
    "unknown command": (["chekc"], '"chekc" is not a scenario: it can be'),
    "misspelled command": (["chekc"], "or the path of a .toml file. Did you mean check?"),
    "misspelled format": (["run", "bowl", "--format", "jsno"], "'csv'. Did you mean json?"),
    "misspelled option": (["run", "bowl", "--epoch", "1"], "No such option '--epoch'. Did you mean '--epochs'?"),
    "set of a misspelled key": (
        ["run", "bowl", "--set", "lr=1"],
        '--set lr: "lr" is not a known key: a scenario takes',
    ),
    "set of a key that stands in a table": (["run", "bowl", "--set", "epochs=1"], "Did you mean run.epochs?"),
    "unknown scenario to open": (["bowl", "bowel.toml"], "bowel.toml cannot be read: no such file or directory"),
    "a folder": (["run", "/"], "/ cannot be read: is a directory"),
    "a name of 5000 letters": (["run", "x" * 5000], '"xxxx'),
    "a name with a line break": (["run", "a\nb\x1b.toml"], "a b?.toml cannot be read: no such file or directory"),
    "no scenario": (["run"], "Missing argument 'SCENARIO'"),
    "two scenarios": (["run", "bowl", "crowd"], "Got unexpected extra argument"),
    "nothing to check": (["check"], "check: name a scenario, or --all for the whole course"),
    "nowhere to write verdicts": (["check", "slope", "--out", "/no/folder/x"], "--out /no/folder/x cannot be written"),
    "unknown option": (["run", "bowl", "--out-put", "x"], "No such option"),
    "unknown option of the app": (["--bogus"], "No such option"),
    "unknown format": (["run", "bowl", "--format", "xml"], "Invalid value for '--format'"),
    "negative updates": (["run", "bowl", "--updates", "-1"], "Invalid value for '--updates'"),
    "updates that are no number": (["run", "bowl", "--updates", "many"], "Invalid value for '--updates'"),
    "huge seed": (["run", "bowl", "--seed", str(2**63)], "Invalid value for '--seed'"),
    "updates and epochs": (["run", "bowl", "--updates", "1", "--epochs", "1"], "--epochs and --updates: a run takes"),
    "set without a value": (["run", "bowl", "--set", "start"], "--set 'start': it takes KEY=VALUE, such as"),
    "set without a key": (["run", "bowl", "--set", "=1"], "--set '=1': it takes KEY=VALUE, such as"),
    "set with an empty part": (["run", "bowl", "--set", "a..b=1"], "--set 'a..b=1': it takes KEY=VALUE, such as"),
    "set of an unknown key": (["run", "bowl", "--set", "optimizer.lr=1"], '"optimizer.lr" is not a known key'),
    "a formula that is none": (
        ["run", "bowl", "--set", 'surface={kind="formula",text="2x"}'],
        "text at position 2 has x",
    ),
    "set of text": (["run", "bowl", "--set", "optimizer.learning_rate=fast"], 'optimizer.learning_rate is "fast"'),
    "set below a number": (["run", "bowl", "--set", "optimizer.learning_rate.x=1"], "cannot be set: learning_rate is"),
    "set of nan": (["run", "bowl", "--set", "optimizer.learning_rate=nan"], "learning_rate is nan: it takes a finite"),
    "set of 5000 digits": (["run", "bowl", "--set", f"run.updates={'9' * 5000}"], "run.updates is "),
    "set of a deep key": (["run", "bowl", "--set", "a." * 20_000 + "b=1"], "nested too deeply"),
    "set of deep lists": (["run", "bowl", "--set", f"start={'[' * 5000}{']' * 5000}"], 'start is "[[['),
    "set that does not fit": (["run", "bowl", "--set", "start=[1.0]"], "start has 1 number: this surface takes 2"),
    "a folder to write to": (["run", "bowl", "--out", "/"], "Invalid value for '--out'"),
    "nowhere to write": (["run", "bowl", "--out", "/no/folder/x"], "--out /no/folder/x cannot be written: no such"),
    "no terminal": ([], "the app needs a terminal; without a screen, use `nnsim run SCENARIO`"),
    "no terminal for a lab": (["bowl"], "the app needs a terminal; without a screen, use `nnsim run SCENARIO`"),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_is_told_in_one_line(
    use: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, sentence = WRONG_USES[use]
    assert exit_code(monkeypatch, *arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("nnsim: ")
    assert err.endswith((".\n", "?\n"))
    assert not err.endswith("?.\n")
    assert err.count("\n") == 1
    assert sentence in err


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
def test_wrong_use_exits_with_2_as_a_process_too(program: tuple[str, ...]) -> None:
    done = nnsim("run", "bowl", "--set", "optimizer.lr=1", program=program)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    without_terminal = nnsim(program=program)
    assert (without_terminal.returncode, without_terminal.stdout, without_terminal.stderr.count("\n")) == (2, "", 1)


# --- streams, signals, imports ---


def test_a_reader_who_leaves_is_no_error() -> None:
    done = subprocess.Popen(
        [*SCRIPT, "run", "bowl", "--updates", "20000", "--format", "csv"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert done.stdout is not None
    assert done.stderr is not None
    assert done.stdout.readline() == b"update,epoch,train_loss,test_loss,w1,w2\n"
    done.stdout.close()
    with done.stderr as errors:
        assert errors.read() == b""
    assert done.wait(timeout=60) == 0


@pytest.mark.parametrize(("expectation", "code"), [(GOOD, 0), (BAD, 1)], ids=["good", "bad"])
def test_a_reader_who_left_before_does_not_change_the_verdict(tmp_path: Path, expectation: str, code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*SCRIPT, "check", str(save(tmp_path, BOWL + expectation))]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (code, b"")


def test_ctrl_c_ends_a_long_run_whose_progress_a_terminal_shows() -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*SCRIPT, "run", "crowd", "--epochs", "100000"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
        # Tests that run in a shell's background have been told to ignore Ctrl+C, and would pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    try:
        shown = b""
        while b"Running crowd" not in shown:
            shown += os.read(ours, 4096)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=30)
        shown += rest_of(ours)
    finally:
        running.kill()
        os.close(ours)
    assert running.returncode == 130
    assert out == b""
    assert b"nnsim: interrupted." in shown
    assert b"Traceback" not in shown


def rest_of(terminal: int) -> bytes:
    """What is left to read from a terminal whose other side is closed."""
    rest = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux: nobody is left on the other side
            return rest
        if not piece:
            return rest
        rest += piece


def test_headless_commands_load_no_textual_and_the_list_no_numpy(tmp_path: Path) -> None:
    path = save(tmp_path, BOWL + GOOD)
    code = f"""
import sys
from nnsim.tui import cli
path = {str(path)!r}
for arguments in (["list"], ["run", path], ["run", path, "--format", "csv"], ["check", path]):
    sys.argv = ["nnsim", *arguments]
    try:
        cli.main()
    except SystemExit as stop:
        assert not stop.code, stop
    print(arguments[0], *(name for name in ("numpy", "numba", "textual") if name in sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines() == ["list", "run numpy numba", "run numpy numba", "check numpy numba"]
