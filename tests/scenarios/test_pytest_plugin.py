"""The plugin: every expectation of a `*.scenario.toml` file is one test, and so is every solution."""

from typing import Any

import pytest
from own_scenarios import BOWL, save, table

from nnsim.scenarios import runner
from nnsim.scenarios.expectations import Checker

pytest_plugins = ["pytester"]

GOOD = table("expect", kind="value", title="w1 is halfway", quantity="w1", update=1, equals=2.0, tolerance=0.0)
BAD = table("expect", kind="value", title="w1 is there", quantity="w1", update=1, equals=4.0, tolerance=0.5)
LOST = table("challenges", kind="reach", title="Be quick", quantity="loss", below=1.0, by_update=1)
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


def test_the_solution_of_a_challenge_is_a_test_of_its_own(pytester: pytest.Pytester) -> None:
    text = BOWL + LOST + "solution = [{ set = { 'optimizer.learning_rate' = 0.9 } }]\n"
    save(pytester.path, text + LOST.replace("quick", "slow") + "solution = [{ set = { 'batches.size' = 1 } }]\n")
    result = check(pytester, "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "own.scenario.toml::builds, and has no expectations PASSED*",
            'own.scenario.toml::solution of challenge "Be quick" PASSED*',
            'own.scenario.toml::solution of challenge "Be slow" FAILED*',
            "expected won by the solution, and not without it; got not won by update 1",
        ]
    )


# Each row: what is wrong with a file, and its line with the beginning of the sentence.
BROKEN = {
    "an unknown quantity": (
        BOWL + UNKNOWN,
        'line 21: expect[1].quantity: "w9" is not a quantity of this scenario: it can be ',
    ),
    "an unknown key": (
        BOWL.replace("learning_rate", "lr"),
        'line 13: "optimizer.lr" is not a known key: optimizer takes kind, ',
    ),
    "a variant": (
        BOWL + table("variants", title="V", set={"start": [1.0]}),
        "line 20: variants[1].set: start has 1 number: ",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_one_test_that_says_why_and_the_others_are_tested(
    pytester: pytest.Pytester, fault: str
) -> None:
    text, sentence = BROKEN[fault]
    path = save(pytester.path, text + GOOD)
    save(pytester.path, BOWL + GOOD, "whole.scenario.toml")
    result = check(pytester, "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["own.scenario.toml::builds FAILED*"])
    assert sum(line.startswith(f"{path}, {sentence}") for line in result.outlines) == 1
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
