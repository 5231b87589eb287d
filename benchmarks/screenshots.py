"""`make screenshots`: the pictures in the README and in docs/views.md, made by the app itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.strip import Strip

from nnsim.scenarios.reader import find
from nnsim.tui.app import NnsimApp

FOLDER = Path(__file__).parent.parent / "docs"
SIZE, LARGE = (120, 36), (200, 60)
FONTS = "'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace"


async def until(pilot: Pilot[int], ready: Callable[[], bool]) -> None:
    """Let the app run until something is on the screen."""
    for _ in range(1200):
        if ready():
            await pilot.pause(0.3)
            return
        await pilot.pause(0.1)
    raise TimeoutError("the screen did not become ready")


async def shoot(
    name: str, scenario: str | None, keys: list[str], size: tuple[int, int] = SIZE, done: str | None = None
) -> None:
    """Open the gallery or a lab, press some keys, wait until `done` is on the screen, and save what is there."""
    app = NnsimApp([find(scenario)] if scenario else [])
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query("StageView" if scenario else "#look Canvas")))
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        await until(pilot, lambda: done is None or done in "\n".join(strip.text for strip in _strips(app)))
        await pilot.pause(0.5)
        picture = app.export_screenshot(title="nnsim")
    # The fonts that Textual would fetch from the web are left to the reader's machine.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = re.sub(r"font-family: Fira Code, monospace", f"font-family: {FONTS}", picture)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


def _strips(app: NnsimApp) -> list[Strip]:
    """The lines on the screen."""
    return app.screen._compositor.render_strips(app.size)


async def main() -> None:
    """Take every picture."""
    await _readme()
    await _views()


async def _readme() -> None:
    await shoot("gallery", None, ["down", "down"])
    await shoot("lab", "too-large-step", ["plus"] * 3 + ["right"] * 7)
    await shoot("network", "xor", ["e"] * 12 + ["full_stop"] * 5)
    await shoot("digits", "digits", ["e"] * 8 + ["1", "f", "down", "down"])
    await shoot("race", "bowl", ["G", "enter"] + ["right"] * 12 + ["9"])


async def _views() -> None:
    end = ["right_square_bracket"] * 12 + ["space"]
    await shoot("everything", "crowd", ["e"] * 4 + ["right"], LARGE)
    await shoot("curve", "slope", ["v", "v", "v"])
    await shoot("batches", "two-minima", ["right"] * 12 + ["6"])
    await shoot("slice", "xor", ["e"] * 20 + ["v"])
    await shoot("fit", "overfitting", end, done="planned end")
    await shoot("table", "crowd", ["e", "3", "m", "s", "s"])
    await shoot("receipt", "hot-dog", ["right", "x"])
    await shoot("phases", "hot-dog", ["full_stop"] * 4)
    await shoot("chart", "side-effects", ["e"] * 6 + ["2", "m", "u", *["less_than_sign"] * 30])
    await shoot("forks", "squared-error", ["right"] * 12 + ["left"] * 8 + ["plus"] * 2 + ["right"] * 5)
    await shoot("many-runs", "escape", ["M"], done="│ done ")
    await shoot("published", "side-effects", ["M"], done="95 % of 400")
    await shoot("readings", "edge-of-stability", [*end, "7", "m"], done="planned end")
    await shoot("predict", "two-minima", ["right", "p"])
    await shoot("goals", "squared-error", ["right", "i"])


if __name__ == "__main__":
    asyncio.run(main())
