"""`make screenshots`: the pictures in the README, made by the app itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from nnsim.scenarios.reader import find
from nnsim.tui.app import NnsimApp

FOLDER = Path(__file__).parent.parent / "docs"
SIZE = (120, 36)
FONTS = "'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace"


async def until(pilot: Pilot[int], ready: Callable[[], bool]) -> None:
    """Let the app run until something is on the screen."""
    for _ in range(600):
        if ready():
            await pilot.pause(0.3)
            return
        await pilot.pause(0.1)
    raise TimeoutError("the screen did not become ready")


async def shoot(name: str, scenario: str | None, keys: list[str]) -> None:
    """Open the gallery or a lab, press some keys, and save what is on the screen."""
    app = NnsimApp([find(scenario)] if scenario else [])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.screen.query("StageView" if scenario else "#look Canvas")))
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        picture = app.export_screenshot(title="nnsim")
    # The fonts that Textual would fetch from the web are left to the reader's machine.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = re.sub(r"font-family: Fira Code, monospace", f"font-family: {FONTS}", picture)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


async def main() -> None:
    await shoot("gallery", None, ["down", "down"])
    await shoot("lab", "too-large-step", ["plus"] * 3 + ["right"] * 7)
    await shoot("network", "xor", ["e"] * 12 + ["full_stop"] * 5)
    await shoot("digits", "digits", ["e"] * 8 + ["1", "f", "down", "down"])
    await shoot("race", "bowl", ["G", "enter"] + ["right"] * 12 + ["9"])


if __name__ == "__main__":
    asyncio.run(main())
