"""Imports run one way, tui -> scenarios -> core, and numbers need no screen."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nnsim.core

ROOT = Path(nnsim.core.__file__).parent.parent
PACKAGES = ("core", "scenarios", "tui")
SOURCES = sorted(
    path
    for folder in (*PACKAGES, "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)


def package_of(path: Path) -> str:
    """The package a source file's relative imports start from: core/jit.py is in nnsim.core."""
    return ".".join(("nnsim", *path.relative_to(ROOT).parent.parts))


def imported(path: Path) -> Iterator[str]:
    """Every module, or name in a module, that a source file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package_of(path).split(".")[: -node.level + 1 or None] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def loaded_by(program: str) -> set[str]:
    """The modules that are loaded once a fresh process has run a program."""
    process = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(process.stdout))


IMPORT_ALL = """
import importlib, pkgutil, {package} as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
SCREEN = {"textual", "click", "rich"}


@pytest.mark.parametrize(
    ("package", "above"), [("core", "nnsim.scenarios"), ("core", "nnsim.tui"), ("scenarios", "nnsim.tui")]
)
def test_no_room_imports_from_the_room_above_it(package: str, above: str) -> None:
    sources = [path for path in SOURCES if path.is_relative_to(ROOT / package)]
    assert sources
    assert [(path.name, name) for path in sources for name in imported(path) if below(name, above)] == []


def test_nobody_imports_a_second_copy_of_a_room() -> None:
    found = [(path, name) for path in SOURCES for name in imported(path) if name.split(".")[0] in PACKAGES]
    assert found == []


def test_imports_are_found_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    source = tmp_path / "core" / "module.py"
    source.parent.mkdir()
    source.write_text(
        "import nnsim.tui.app as app\n"
        "from nnsim import tui\n"
        "from ..scenarios import schema\n"
        "from . import jit\n"
        "def later():\n    from core.jit import kernel\n"
    )
    assert list(imported(source)) == [
        "nnsim.tui.app",
        "nnsim.tui",
        "nnsim.scenarios.schema",
        "nnsim.core.jit",
        "core.jit.kernel",
    ]


def test_the_core_loads_no_screen_and_no_scenario() -> None:
    modules = loaded_by(IMPORT_ALL.format(package="nnsim.core"))
    assert "nnsim.core.timeline" in modules
    assert modules & SCREEN == set()
    assert [name for name in modules if below(name, "nnsim.scenarios") or below(name, "nnsim.tui")] == []


def test_scenarios_load_no_screen() -> None:
    modules = loaded_by(IMPORT_ALL.format(package="nnsim.scenarios"))
    assert "nnsim.scenarios.data.crowd" in modules
    assert modules & (SCREEN - {"rich"}) == set()
    assert [name for name in modules if below(name, "nnsim.tui")] == []


def test_the_core_alone_does_not_load_numba() -> None:
    assert "numba" not in loaded_by("import nnsim.core")
