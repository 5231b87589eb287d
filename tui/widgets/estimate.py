"""A regression network before its test: one sample with truth, estimate and error, and the whole set as a scatter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.tui.numbers import short
from nnsim.tui.snapshot.stages import EstimateStage
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.picture import draw_picture, size_of
from nnsim.tui.widgets.scatter import draw_scatter

LARGEST_SCALE = 3
GAP = 2
LEAST_SCATTER_WIDTH, LEAST_SCATTER_HEIGHT = 15, 10
# Truths as large as this are told in whole units.
WHOLE_FROM = 100


@dataclass(frozen=True)
class Layout:
    """Where things stand: the picture's scale (0 for none), where the words begin, and where the scatter does."""

    scale: int
    terse: bool
    words: tuple[int, int]
    scatter: tuple[int, int]


class EstimateView(Canvas[EstimateStage]):
    """The stage of a regression network."""

    def paint(self, grid: Grid, drawn: EstimateStage) -> None:
        """Draw the picture and what the network says of it, and the scatter beside or below."""
        layout = _layout(drawn, grid.width, grid.height)
        if drawn.picture is not None and layout.scale:
            draw_picture(grid, drawn.picture, layout.scale)
        column, row = layout.words
        for line, (text, colour) in enumerate(_sentences(drawn, layout.terse)):
            grid.text(column, row + line, text, getattr(grid.palette, colour), bold=colour != "muted")
        draw_scatter(grid, drawn, *layout.scatter)


def _layout(stage: EstimateStage, width: int, height: int) -> Layout:
    """Return the first arrangement that fits, from the most generous to the tightest."""
    words, rows = _size_of(_sentences(stage, terse=False))
    for scale in range(LARGEST_SCALE, 0, -1):
        across, down = size_of(stage.picture, scale)
        left = max(across, words)
        if width - left - GAP >= max(left, LEAST_SCATTER_WIDTH) and height >= down + 1 + rows:
            return Layout(scale, False, (0, down + 1 if down else 0), (left + GAP, 0))
    top = max(down, rows) + 1
    if width >= across + GAP + words and height >= top + LEAST_SCATTER_HEIGHT:
        return Layout(1, False, (across + GAP if across else 0, max(down - rows, 0) // 2), (0, top))
    words, rows = _size_of(_sentences(stage, terse=True))
    left = max(across, words)
    if width - left - GAP >= LEAST_SCATTER_WIDTH and height >= down + rows:
        return Layout(1, True, (0, down), (left + GAP, 0))
    return Layout(0, True, (0, 0), (0, rows))


def _size_of(sentences: list[tuple[str, str]]) -> tuple[int, int]:
    return max(len(text) for text, _ in sentences), len(sentences)


def _which(stage: EstimateStage) -> str:
    what = "sample" if stage.picture is None else "picture"
    return f"{stage.leaf.set_name} {what} {stage.leaf.sample}"


def _sentences(stage: EstimateStage, terse: bool) -> list[tuple[str, str]]:
    """Return what is there, what the network says and how far that is off, each with the name of its colour."""
    whole = float(np.abs(stage.truths).max(initial=abs(stage.truth))) >= WHOLE_FROM
    finite = math.isfinite(stage.estimate)
    truth, estimate = (round(v) if whole and math.isfinite(v) else v for v in (stage.truth, stage.estimate))
    error = estimate - truth
    counted = stage.unit == "people"
    side = ("few" if counted else "low") if error < 0 else ("many" if counted else "high")
    verdict = "exactly right" if error == 0 else f"{short(abs(error))} too {side}"
    last = (verdict, "muted") if finite else ("not a finite number", "alarm")
    if terse:
        return [(f"truth {short(truth)}", "text"), (f"says  {short(estimate)}", "moves"), last]
    there = f"{short(truth)} people are there" if counted else f"the truth is {short(truth)} {stage.unit}".rstrip()
    return [(_which(stage), "muted"), (there, "text"), (f"the network says {short(estimate)}", "moves"), last]
