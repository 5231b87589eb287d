"""The plugin: every expectation of a `*.scenario.toml` file is one test."""

from typing import Any

import pytest
from own_scenarios import BOWL, save, table

from nnsim.scenarios import runner
from nnsim.scenarios.expectations import Checker

pytest_plugins = ["pytester"]

GOOD = table("expect", kind="value", title="w1 is halfway", quantity="w1", update=1, equals=2.0, tolerance=0.0)
BAD = table("expect", kind="value", title="w1 is there", quantity="w1", update=1, equals=4.0, tolerance=0.5)
UNKNOWN = table("expect", kind="never", title="w9 is low", quantity="w9", below=0.0)


@pytest.fixture(scope="module", autouse=True)
def _libraries(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load what a run needs: an inner session forgets what it imports, and Numba cannot be imported twice."""
    path = save(tmp_path_factory.mktemp("libraries"), BOWL + GOOD)
    assert all(verdict.passed for verdict in Checker(path).verify_all())


def check(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in the folder, without plugins that do not bear a session inside of another."""
    return pytester.runpytest("-p", "no:textual-snapshot", "-p", "no:asyncio", *options)


def test_each_expectation_is_one_test(pytester: pytest.Pytester) -> None:
    save(pytester.path, BOWL + GOOD + BAD)
    result = check(pytester, "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["own.scenario.toml::w1 is halfway PASSED*", "own.scenario.toml::w1 is there FAILED*"])


def test_a_failing_one_shows_what_was_expected_and_what_came_out(pytester: pytest.Pytester) -> None:
    save(pytester.path, BOWL + BAD)
    result = check(pytester)
    result.stdout.fnmatch_lines(["*own: w1 is there*", "expected w1 = 4.0 +- 0.5; got 2.0"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*.py:*")


def test_an_expectation_that_makes_no_sense_is_told_in_one_sentence(pytester: pytest.Pytester) -> None:
    path = save(pytester.path, BOWL + UNKNOWN + GOOD)
    result = check(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [f'{path}, line 21: expect "w9 is low": "w9" is not a quantity of this scenario: it can be *']
    )
    result.stdout.no_fnmatch_line("*.py:*")


def test_a_broken_file_is_one_clear_collection_error(pytester: pytest.Pytester) -> None:
    path = save(pytester.path, BOWL.replace("learning_rate", "lr") + GOOD)
    result = check(pytester)
    result.assert_outcomes(errors=1)
    sentence = (
        f'{path}, line 13: "optimizer.lr" is not a known key: optimizer takes kind, learning_rate, momentum, nesterov, '
    )
    assert sum(sentence in line for line in result.outlines) == 1
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*.py:*")


def test_tests_are_picked_by_word_and_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    save(pytester.path, BOWL + GOOD + BAD)
    save(pytester.path, "not = a scenario", "settings.toml")
    check(pytester, "-k", "halfway").assert_outcomes(passed=1, deselected=1)


def test_runs_are_shared_between_the_expectations_of_a_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    original = runner.run

    def counted(experiment: Any, **keywords: Any) -> Any:
        made.append(experiment.name)
        return original(experiment, **keywords)

    monkeypatch.setattr(runner, "run", counted)
    save(pytester.path, BOWL + GOOD + BAD)
    save(pytester.path, BOWL + GOOD + BAD, "other.scenario.toml")
    check(pytester).assert_outcomes(passed=2, failed=2)
    assert made == ["other", "own"]


def test_a_hostile_title_is_a_harmless_name(pytester: pytest.Pytester) -> None:
    title = "[/] \x1b[2J :: two\nlines"
    save(pytester.path, BOWL + table("expect", kind="never", title=title, quantity="w1", above=9.0))
    result = check(pytester, "-v")
    result.assert_outcomes(passed=1)
    assert "\x1b[2J" not in result.stdout.str()


def test_what_takes_long_is_left_out_until_it_is_asked_for(pytester: pytest.Pytester) -> None:
    save(pytester.path, BOWL + GOOD + BAD.rstrip() + "\nfull = true\n")
    result = check(pytester, "-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*takes long: --nnsim-full runs it*"])
    check(pytester, "--nnsim-full").assert_outcomes(passed=1, failed=1)
