"""The estimates for a whole set against the truth, one dot each: on the diagonal the network is right."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnsim.tui.numbers import short
from nnsim.tui.snapshot.stages import EstimateStage
from nnsim.tui.widgets.axes import Frame, draw_axes, y_labels
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import Integers, stroke

# Over the scatter: its title; below: the axis and its numbers.
ROWS_ABOVE, ROWS_BELOW = 1, 2
LEAST_WIDTH, LEAST_HEIGHT = 15, 7
LEAST_WIDTH_WITH_NOTES = 24
MOST_LINES_ABOUT_RMSE = 3
# The scatter shows the range of the truths and this part of it more at either end.
MARGIN = 0.06
DIAGONAL_GAP = 2


def draw_scatter(grid: Grid, stage: EstimateStage, left: int, top: int) -> None:
    """Draw the scatter, and the RMSE below it, from a cell to the lower right corner of the ground."""
    width = grid.width - left
    lines = _rmse_lines(stage, width, 1 if grid.height - top < 2 * LEAST_HEIGHT else MOST_LINES_ABOUT_RMSE)
    frame_height = grid.height - top - ROWS_ABOVE - ROWS_BELOW - len(lines)
    if width < LEAST_WIDTH or frame_height < 3 or stage.truths.size == 0:
        return
    low, high = _range(stage)
    labels = y_labels(low, high, frame_height)
    label_width = max((len(text) for _, text in labels), default=0) + 2
    frame = Frame(left + label_width, top + ROWS_ABOVE, width - label_width, frame_height, low, high, low, high)
    draw_axes(grid, frame, labels, "truth", frame.bottom)
    grid.text(left, top, _title(stage, width), grid.palette.muted)
    _draw_dots(grid, frame, stage)
    _draw_diagonal(grid, frame)
    if frame.width >= LEAST_WIDTH_WITH_NOTES:
        _draw_notes(grid, frame, stage)
    _draw_sample(grid, frame, stage)
    for row, line in enumerate(lines, grid.height - len(lines)):
        grid.text(left, row, line, grid.palette.text, bold=row == grid.height - len(lines))


def _title(stage: EstimateStage, width: int) -> str:
    """Return what the dots and the diagonal are, as far as there is room to say it."""
    short_title = f"estimate ({stage.set_name})"
    titles = (f"{short_title}  ··· estimate = truth", short_title)
    return next((title for title in titles if len(title) <= width), "estimate")


def _range(stage: EstimateStage) -> tuple[float, float]:
    low, high = float(stage.truths.min()), float(stage.truths.max())
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _draw_diagonal(grid: Grid, frame: Frame) -> None:
    grid.plot(*_diagonal(frame.box), grid.palette.text)


@lru_cache(maxsize=4)
def _diagonal(box: tuple[int, int, int, int]) -> tuple[Integers, Integers]:
    """Return the columns and rows of dots from the lower left to the upper right corner; every frame has the same."""
    left, top, right, bottom = box
    columns, rows = stroke(left, bottom, right, top, box)
    return columns[::DIAGONAL_GAP], rows[::DIAGONAL_GAP]


def _draw_dots(grid: Grid, frame: Frame, stage: EstimateStage) -> None:
    """Draw one dot a sample, those above or below the frame at its edge."""
    finite = np.isfinite(stage.estimates)
    truths, estimates = stage.truths[finite], stage.estimates[finite]
    shown = np.clip(estimates, frame.y0, frame.y1)
    left, top, right, bottom = frame.box
    columns = np.clip(frame.dot_columns(truths).astype(np.int64), left, right - 1)
    rows = np.clip(frame.dot_rows(shown).astype(np.int64), top, bottom - 1)
    grid.plot(columns, rows, grid.palette.muted)


def _draw_notes(grid: Grid, frame: Frame, stage: EstimateStage) -> None:
    """Count the estimates that the frame cannot show, near where their dots would be."""
    above = int(np.count_nonzero(np.isfinite(stage.estimates) & (stage.estimates > frame.y1)))
    below = int(np.count_nonzero(np.isfinite(stage.estimates) & (stage.estimates < frame.y0)))
    lost = int(np.count_nonzero(~np.isfinite(stage.estimates)))
    if above:
        grid.text(frame.left + 1, frame.top, f"{above} above ↑", grid.palette.text)
    for count, what, row in ((below, "below ↓", frame.bottom - 2), (lost, "not finite", frame.bottom - 3)):
        if count:
            text = f"{count} {what}"
            grid.text(frame.right - len(text) - 1, row, text, grid.palette.text)


def _draw_sample(grid: Grid, frame: Frame, stage: EstimateStage) -> None:
    cell = frame.cell(stage.truth, stage.estimate)
    if cell is not None:
        grid.text(*cell, "●", grid.palette.moves, bold=True)


def _rmse_lines(stage: EstimateStage, width: int, most: int) -> list[str]:
    """Return the RMSE and those of the simpler predictors, in lines that fit; what has no room is left out."""
    parts = [f"RMSE {short(stage.rmse)}", *(f"{name} {short(rmse)}" for name, rmse in stage.baselines)]
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]} · {part}"
        if len(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most and len(part) <= width:
            lines.append(part)
    return lines
