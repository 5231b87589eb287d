"""What all tests share."""

import gc
import os
import tempfile
from itertools import count
from pathlib import Path

import platformdirs
import pytest
from hypothesis import settings
from processors import running

from nnsim.scenarios.pytest_plugin import FULL, LEFT_OUT

# No deadline: the first example of a property may have to compile a kernel. The same examples at every run: what a
# change has not touched does not fail because of it. `--hypothesis-profile=default` looks further.
settings.register_profile("nnsim", deadline=None, derandomize=True)
settings.load_profile("nnsim")

# The tests, and the programs that they start, see the same terminal and language whoever runs them.
OF_A_SHELL = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "LANGUAGE", "TMUX", "PYTEST_ADDOPTS")
PREFIXES = ("TEXTUAL", "NNSIM_", "LC_", "CLICOLOR", "TERM_", "PYTHONIO", "PYTHONWARN", "PYTHONUTF8")
for name in [name for name in os.environ if name in OF_A_SHELL or name.startswith(PREFIXES)]:
    del os.environ[name]
os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")

# Without a folder to keep them in, kernels would be compiled anew by every program that a test starts.
CACHES = tempfile.TemporaryDirectory(prefix="nnsim-caches-")
try:
    tempfile.TemporaryFile(dir=platformdirs.user_cache_dir("nnsim", ensure_exists=True)).close()
except OSError:
    os.environ["XDG_CACHE_HOME"] = CACHES.name

# No test writes into the folder in which the person who runs it keeps progress, nor do the programs that it starts.
PROGRESS = tempfile.TemporaryDirectory(prefix="nnsim-progress-")
os.environ["NNSIM_DATA"] = PROGRESS.name
FOLDERS = count()


@pytest.fixture(autouse=True)
def progress_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which this test keeps progress; it is made by the first that keeps some."""
    folder = Path(PROGRESS.name) / str(next(FOLDERS))
    monkeypatch.setenv("NNSIM_DATA", str(folder))
    return folder


def pytest_report_header() -> str:
    return f"BLAS: the kernels for {running()}"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: takes long, and is run with the expectations that do")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items if not config.getoption(FULL) else ():
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


def pytest_collection_finish() -> None:
    """Leave what has been imported out of garbage collections, and have fewer of them: each full one goes through all
    that Numba has loaded, and together they take a sixth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
