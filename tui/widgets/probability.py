"""A classifier of one input as curves: how sure it is of each class, beside the shares of the classes in the data."""

from __future__ import annotations

import numpy as np

from nnsim.core.answers import NONE, sides
from nnsim.tui.numbers import short
from nnsim.tui.snapshot.stages import ProbabilityStage
from nnsim.tui.widgets.axes import Frame, draw_axes
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.classes import LETTERS, strong
from nnsim.tui.widgets.dots import ACROSS, DOWN, strokes
from nnsim.tui.widgets.legend import Entry, draw_header, draw_legend, percents

LEAST_WIDTH, LEAST_HEIGHT = 20, 8
ROWS_ABOVE, ROWS_BELOW = 1, 3
MARGIN = 0.06
MIDDLE_GAP = 3
QUARTERS = 5


class ProbabilityView(Canvas[ProbabilityStage]):
    """The stage of a classifier of one input."""

    def paint(self, grid: Grid, drawn: ProbabilityStage) -> None:
        """Draw the answers and the data; where there is no room for that, only how good it is."""
        draw_header(grid, _about(drawn), percents("accuracy", drawn.accuracy, drawn.test_accuracy))
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            return
        frame, labels = _frame(grid, drawn)
        draw_axes(grid, frame, labels, drawn.name, frame.bottom)
        _draw_middle(grid, frame, drawn)
        _draw_curves(grid, frame, drawn)
        _draw_shares(grid, frame, drawn)
        if len(drawn.curves) == 1:
            _draw_crossings(grid, frame, drawn)
        draw_legend(grid, frame.left, grid.height - 1, _legend(grid, drawn))


def _is_probability(stage: ProbabilityStage) -> bool:
    return stage.low == 0.0


def _about(stage: ProbabilityStage) -> str:
    what = "probability" if _is_probability(stage) else "score"
    return f"{what} of {stage.classes[1]}" if len(stage.curves) == 1 else f"{what} of each class"


def _frame(grid: Grid, stage: ProbabilityStage) -> tuple[Frame, list[tuple[float, str]]]:
    height = grid.height - ROWS_ABOVE - ROWS_BELOW
    margin = MARGIN * (stage.high - stage.low)
    ticks = np.linspace(stage.low, stage.high, QUARTERS)[:: 1 if height >= 3 * QUARTERS else 2].tolist()
    labels = [(tick, f"{100 * tick:.0f} %" if _is_probability(stage) else short(tick)) for tick in ticks]
    left = max(len(text) for _, text in labels) + 2
    x0, x1 = float(stage.xs[0]), float(stage.xs[-1])
    frame = Frame(left, ROWS_ABOVE, grid.width - left, height, x0, x1, stage.low - margin, stage.high + margin)
    return frame, labels


def _draw_middle(grid: Grid, frame: Frame, stage: ProbabilityStage) -> None:
    """Draw the line on which the network is undecided."""
    left, _, right, _ = frame.box
    row = int(frame.dot_rows(np.array((stage.low + stage.high) / 2.0)))
    columns = np.arange(left, right, MIDDLE_GAP)
    grid.plot(columns, np.full(columns.size, row), grid.palette.faint)


def _draw_curves(grid: Grid, frame: Frame, stage: ProbabilityStage) -> None:
    columns = frame.dot_columns(stage.xs)
    for curve, colour in zip(stage.curves, _colours(grid, stage), strict=True):
        rows = frame.dot_rows(curve)
        across, down, _ = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
        grid.plot(across, down, colour)


def _draw_shares(grid: Grid, frame: Frame, stage: ProbabilityStage) -> None:
    """Draw what the data say: a dot for two classes, the letter of each class for more."""
    for k, (shares, colour) in enumerate(zip(stage.shares, _colours(grid, stage), strict=True)):
        one = len(stage.curves) == 1
        for column, row in frame.latest(stage.centres, shares):
            grid.text(column, row, "•" if one else _letter(k), grid.palette.text if one else colour, bold=True)


def _draw_crossings(grid: Grid, frame: Frame, stage: ProbabilityStage) -> None:
    """Say at which inputs the answer changes."""
    middle = (stage.low + stage.high) / 2.0
    decided = np.flatnonzero(sides(stage.curves[0] - middle) != NONE)
    xs, off = stage.xs[decided], stage.curves[0, decided] - middle
    for k in np.flatnonzero((off[:-1] < 0.0) != (off[1:] < 0.0))[:3].tolist():
        part = off[k] / (off[k] - off[k + 1])
        x = float(xs[k] + part * (xs[k + 1] - xs[k]))
        column, row, text = frame.column(x), frame.row(middle), short(x)
        if column is not None and row is not None:
            grid.text(column, row, "┼", grid.palette.moves, bold=True)
            grid.text(*_place_beside(frame, stage, (column, row), len(text)), text, grid.palette.moves)


def _place_beside(frame: Frame, stage: ProbabilityStage, cell: tuple[int, int], length: int) -> tuple[int, int]:
    """The column and row of a text by a crossing: where it hides nothing of the curve, if there is such a place."""
    column, row = cell
    places = [(x, y) for y in (row, row + 1, row - 1) for x in (column + 2, column - 1 - length)]
    inside = [(x, y) for x, y in places if frame.left <= x <= frame.right - length] or [(frame.left, row)]
    columns = frame.dot_columns(stage.xs) // ACROSS
    rows = frame.dot_rows(stage.curves[0]) // DOWN
    hides = [bool(((columns >= x) & (columns < x + length) & (rows == y)).any()) for x, y in inside]
    return inside[hides.index(False) if False in hides else 0]


def _colours(grid: Grid, stage: ProbabilityStage) -> list[int]:
    """One curve is what moves; several are told apart by their colours and letters."""
    return [grid.palette.moves] if len(stage.curves) == 1 else strong(grid.palette, len(stage.classes)).tolist()


def _letter(k: int) -> str:
    return LETTERS[k % len(LETTERS)]


def _legend(grid: Grid, stage: ProbabilityStage) -> list[Entry]:
    palette = grid.palette
    if len(stage.curves) == 1:
        data = f"share of {stage.classes[1]} in" if _is_probability(stage) else "mean target of"
        return [Entry("── network", palette.moves), Entry(f"• {data} {stage.samples} samples", palette.text)]
    names = zip(stage.classes, _colours(grid, stage), strict=True)
    entries = [Entry(f"{_letter(k)} {name}", colour) for k, (name, colour) in enumerate(names)]
    return [*entries, Entry(f"lines: network, letters: {stage.samples} samples", palette.muted)]
