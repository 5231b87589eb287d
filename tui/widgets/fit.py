"""A network of one input and one output as a curve through its data."""

from __future__ import annotations

import numpy as np

from nnsim.tui.numbers import short
from nnsim.tui.snapshot.stages import FitStage
from nnsim.tui.widgets.axes import Frame, draw_axes, y_labels
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.dots import Floats, strokes
from nnsim.tui.widgets.legend import Entry, draw_header, draw_legend

LEAST_WIDTH, LEAST_HEIGHT = 20, 8
ROWS_ABOVE, ROWS_BELOW = 1, 3
MARGIN = 0.12
NUMBER_WIDTH = 8
# More samples than this become dots of braille, so that the curve stays visible among them.
MOST_GLYPHS = 120


class FitView(Canvas[FitStage]):
    """The stage of a regression of one input."""

    def paint(self, grid: Grid, drawn: FitStage) -> None:
        """Draw the samples and the curve; where there is no room for that, only how good it is."""
        draw_header(grid, f"output in {drawn.unit}" if drawn.unit else "output", _results(drawn))
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            return
        frame, labels = _frame(grid, drawn)
        draw_axes(grid, frame, labels, drawn.name, frame.bottom)
        muted, text = grid.palette.muted, grid.palette.text
        if drawn.test is not None:
            _draw_samples(grid, frame, drawn.test, "○", muted)
        behind = drawn.train[0].size > MOST_GLYPHS
        if behind:
            _draw_samples(grid, frame, drawn.train, "•", text)
        _draw_curve(grid, frame, drawn)
        if not behind:
            _draw_samples(grid, frame, drawn.train, "•", text)
        _draw_samples(grid, frame, drawn.batch, "◆", grid.palette.coming)
        _draw_strays(grid, frame, drawn)
        draw_legend(grid, frame.left, grid.height - 1, _legend(grid, drawn))


def _frame(grid: Grid, stage: FitStage) -> tuple[Frame, list[tuple[float, str]]]:
    """Return the frame, which holds all targets and does not change, and the labels of its left axis."""
    height = grid.height - ROWS_ABOVE - ROWS_BELOW
    margin = MARGIN * (stage.high - stage.low) or 1.0
    low, high = stage.low - margin, stage.high + margin
    labels = y_labels(low, high, height)
    left = max((len(text) for _, text in labels), default=0) + 2
    x0, x1 = float(stage.xs[0]), float(stage.xs[-1])
    return Frame(left, ROWS_ABOVE, grid.width - left, height, x0, x1, low, high), labels


def _draw_curve(grid: Grid, frame: Frame, stage: FitStage) -> None:
    columns, rows = frame.dot_columns(stage.xs), frame.dot_rows(stage.outputs)
    across, down, _ = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
    grid.plot(across, down, grid.palette.moves)


def _draw_samples(grid: Grid, frame: Frame, samples: tuple[Floats, Floats], glyph: str, colour: int) -> None:
    """Draw a glyph for each sample, or a dot where there are very many."""
    inputs, targets = samples
    if inputs.size <= MOST_GLYPHS:
        for column, row in frame.latest(inputs, targets):
            grid.text(column, row, glyph, colour, bold=True)
        return
    columns, rows = (places.astype(np.int64) for places in (frame.dot_columns(inputs), frame.dot_rows(targets)))
    left, top, right, bottom = frame.box
    grid.plot(np.clip(columns, left, right - 1), np.clip(rows, top, bottom - 1), colour)


def _draw_strays(grid: Grid, frame: Frame, stage: FitStage) -> None:
    """Say at an edge that the curve goes on where the frame shows none of it."""
    above, below = (stage.outputs > frame.y1).all(), (stage.outputs < frame.y0).all()
    if above or below:
        text = "↑ the curve is above" if above else "↓ the curve is below"
        grid.text(frame.left + 1, frame.top if above else frame.bottom - 1, text, grid.palette.moves, bold=True)
    elif np.isnan(stage.outputs).any():
        grid.text(frame.left + 1, frame.top, "the outputs are not finite", grid.palette.alarm, bold=True)


def _legend(grid: Grid, stage: FitStage) -> list[Entry]:
    palette = grid.palette
    train, test = stage.counts
    entries = [Entry("── network", palette.moves), Entry(f"{_mark(stage.train, '•')} {train} training", palette.text)]
    if stage.batch[0].size:
        entries.append(Entry("◆ next batch", palette.coming))
    if stage.test is not None:
        shown = stage.test[0].size
        count = f"{test} test" if shown == test else f"{shown} of {test} test"
        entries.append(Entry(f"{_mark(stage.test, '○')} {count}", palette.muted))
    return entries


def _mark(samples: tuple[Floats, Floats], glyph: str) -> str:
    return glyph if samples[0].size <= MOST_GLYPHS else "·"


def _results(stage: FitStage) -> list[str]:
    """The RMSE of both sets, with the unit behind the last, and that of the training set alone."""
    unit = f" {stage.unit}" if stage.unit else ""
    own = f"RMSE {short(stage.rmse):>{NUMBER_WIDTH}}"
    if stage.test_rmse is None:
        return [own + unit]
    return [f"{own} · test {short(stage.test_rmse):>{NUMBER_WIDTH}}{unit}", own + unit]
