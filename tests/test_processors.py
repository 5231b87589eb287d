"""`make cpus`: what it runs, and what it says where it cannot."""

import os
import platform
import subprocess
import sys
from types import SimpleNamespace

import processors
import pytest

X86 = platform.machine().lower() in ("x86_64", "amd64")


@pytest.mark.skipif(not X86, reason="of x86 processors")
@pytest.mark.parametrize("asked", ["Prescott", "Haswell"])  # which every x86 processor of today can be
def test_openblas_runs_the_kernels_that_are_asked_for(asked: str) -> None:
    assert processors.why_not(asked) == ""


@pytest.mark.skipif(not X86, reason="of x86 processors")
def test_kernels_that_openblas_does_not_run_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(processors.PROCESSORS, "Haswell", ("Zen",))
    assert processors.why_not("Haswell") == "OpenBLAS runs the kernels of Haswell instead"


def test_another_kind_of_machine_says_that_it_cannot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert processors.main([]) == 1
    assert "which arm64 cannot" in capsys.readouterr().err


@pytest.mark.parametrize(("failing", "unable", "code"), [("", "", 0), ("Zen", "", 1), ("", "SkylakeX", 1)])
def test_each_is_told_and_one_that_fails_is_enough(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], failing: str, unable: str, code: int
) -> None:
    ran = []

    def run(command: list[str], env: dict[str, str], **_: object) -> SimpleNamespace:
        ran.append(env["OPENBLAS_CORETYPE"])
        assert command[-4:] == ["-x", *processors.TESTS]
        return SimpleNamespace(returncode=int(ran[-1] == failing))

    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(processors, "why_not", lambda asked: "cannot" if asked == unable else "")
    monkeypatch.setattr(subprocess, "run", run)
    assert processors.main(["-x"]) == code
    assert ran == [asked for asked in processors.PROCESSORS if asked != unable]
    told = capfd.readouterr().out
    assert told.count("passed") == 4 - code
    assert ("pytest ended with 1" in told) == bool(failing)


def test_the_tests_see_nothing_of_the_terminal_that_they_are_started_in() -> None:
    shell = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "20", "LINES": "5", "TEXTUAL_THEME": "nord", "LC_ALL": "C"}
    shell |= {"TEXTUAL_COLOR_SYSTEM": "standard", "HOME": "/proc/none", "XDG_DATA_HOME": "/proc/none"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/tui/test_status.py",
        "-k",
        "alarms_in_colour",
    ]
    done = subprocess.run(command, env={**os.environ, **shell}, cwd=processors.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
