"""Drawing a loss chart with plotext: the lines, the changes of settings, the present update and the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from textual_plotext import Plot

from nnsim.tui.plain import plain
from nnsim.tui.snapshot import Chart, Mark, Series
from nnsim.tui.widgets.decimation import column_of, decimated
from nnsim.tui.widgets.scale import Scale, linear_scale, logarithmic_scale, update_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

Color: TypeAlias = tuple[int, int, int]
Line: TypeAlias = Literal["rungs", "dotted", "points", "thin", "thick"]

LABEL_WIDTH = 6
LABEL_ROWS = 3
ROWS_A_TICK = 3
COLUMNS_A_TICK = 9
MARK = "┊"
NOW = "│"
DOTS_A_ROW = 4


# In the order of drawing: the later lie above the earlier. A reader without colours tells them by their lines.
LINES: Mapping[str, Line] = {
    "rate": "rungs",
    "branch": "dotted",
    "batch": "points",
    "test": "thin",
    "train": "thick",
}
SIGNS: Mapping[Line, str] = {"rungs": "╌╌", "dotted": "··", "points": "⠢⠔", "thin": "⠒⠒", "thick": "⠶⠶"}
COLUMNS_A_DOT = 2
RATE_TOP = 0.97  # of the height: the highest learning rate


@dataclass(frozen=True)
class Label:
    """A word in the plot: its first column from the left, its row from the top."""

    column: int
    row: int
    text: str


def drawable(series: Series, log_scale: bool) -> Series:
    """Return the series without the losses that have no place on the scale."""
    kept = np.isfinite(series.losses)
    if log_scale:
        kept &= series.losses > 0
    return Series(series.role, series.updates[kept], series.losses[kept])


def draw(plot: Plot, chart: Chart, size: tuple[int, int], colors: Mapping[str, Color], log_scale: bool) -> str:
    """Return the chart in `size` (columns, rows) as text with ANSI colours.

    At least one loss must be `drawable`. `colors` has one for each role and for "axes", "mark" and "now".
    """
    width, height = size
    rows = height - 2
    series = [drawable(one, log_scale) for one in chart.series]
    # A future that was left does not set the scale: it may have run away.
    present = [one.losses for one in series if one.role != "branch" and len(one.losses)]
    losses = _loss_scale(present or [one.losses for one in series], rows, log_scale)
    tick_labels = [label.rjust(LABEL_WIDTH) for label in losses.labels]
    columns = width - max(map(len, tick_labels)) - 1
    updates = update_scale(chart.latest, max(1, columns // COLUMNS_A_TICK))
    _prepare(plot, size, colors["axes"])
    plot.yticks(losses.fractions(np.array(losses.ticks)).tolist(), tick_labels)
    plot.xticks(updates.fractions(np.array(updates.ticks)).tolist(), _update_labels(updates))
    _draw_changes(plot, chart, updates, (columns, rows), colors)
    if chart.rates is not None:
        shares = RATE_TOP * chart.rates.losses / chart.rates.losses.max(initial=1e-300)
        _draw_signs(plot, updates.fractions(chart.rates.updates), shares, "rungs", columns, colors["rate"])
    for role, line in LINES.items():
        for one in series:
            x, y = updates.fractions(one.updates), np.clip(losses.fractions(one.losses), 0.0, 1.0)
            if one.role == role and line == "dotted":
                _draw_signs(plot, x, y, line, columns, colors[role])
            elif one.role == role:
                _draw_line(plot, *decimated(x, y, columns), line, 1 / (DOTS_A_ROW * rows), colors[role])
    return plot.build()


def _loss_scale(losses: Sequence[Floats], rows: int, log_scale: bool) -> Scale:
    """Return a scale on which every loss has its place."""
    low = min(float(some.min()) for some in losses if len(some))
    high = max(float(some.max()) for some in losses if len(some))
    intervals = max(1, rows // ROWS_A_TICK)
    return logarithmic_scale(low, high, intervals) if log_scale else linear_scale(low, high, intervals)


def _update_labels(scale: Scale) -> list[str]:
    """Return the numbers of the updates, the first one with the word."""
    first, *others = (f"{tick:,.0f}" for tick in scale.ticks)
    return [f"update {first}", *others]


def _prepare(plot: Plot, size: tuple[int, int], color: Color) -> None:
    """Empty the plot and set its size, its frame and its neutral colours; both axes run from 0 to 1."""
    plot.clear_data()
    plot.plotsize(*size)
    # plotsize() alone would not exceed the terminal's size at the start of the program.
    plot._set_size(*size)
    plot.theme("clear")
    plot.ticks_color(color)
    plot.xaxes(True, False)
    plot.yaxes(True, False)
    plot.xlim(0, 1)
    plot.ylim(0, 1)


def _draw_line(plot: Plot, x: Floats, y: Floats, line: Line, dot: float, color: Color) -> None:
    """Draw points or a line in braille dots of the height `dot`; a thick line runs back one dot above itself."""
    if line == "thick":
        x, y = np.concatenate((x, x[::-1])), np.concatenate((y, np.minimum(y[::-1] + dot, 1)))
    join = plot.scatter if line == "points" else plot.plot
    join(x.tolist(), y.tolist(), marker="braille", color=color)


def _draw_signs(plot: Plot, x: Floats, y: Floats, line: Line, columns: int, color: Color) -> None:
    """Draw a line as signs of a whole cell, in every other column that it crosses."""
    if len(x):
        at = np.arange(0, columns, COLUMNS_A_DOT) / max(columns - 1, 1)
        at = at[(at >= x[0]) & (at <= x[-1])]
        plot.scatter(at.tolist(), np.interp(at, x, y).tolist(), marker=SIGNS[line][0], color=color)


def _draw_changes(
    plot: Plot, chart: Chart, updates: Scale, canvas: tuple[int, int], colors: Mapping[str, Color]
) -> None:
    """Draw a vertical line and a word for every change of settings, and for the present update if others follow it."""
    changes = [(mark, MARK, colors["mark"]) for mark in chart.marks]
    if chart.update < chart.latest:
        changes.append((Mark(chart.update, f"update {chart.update:,}"), NOW, colors["now"]))
    columns, rows = canvas
    at = updates.fractions(np.array([mark.update for mark, _, _ in changes], dtype=np.float64))
    for x, (_, sign, color) in zip(at.tolist(), changes, strict=True):
        plot.plot([x, x], [0, 1], marker=sign, color=color)
    words = [plain(mark.label) for mark, _, _ in changes]
    for index, label in _placed(column_of(at, columns).tolist(), words, columns, min(LABEL_ROWS, rows // 2)):
        x, y = label.column / max(columns - 1, 1), 1 - label.row / max(rows - 1, 1)
        plot.text(label.text, x, y, color=changes[index][2], alignment="left")


def _placed(at: Sequence[int], words: Sequence[str], columns: int, rows: int) -> list[tuple[int, Label]]:
    """Return where each word goes, beside its column and clear of the others; the last words choose first.

    A word for which there is no room is left out.
    """
    taken: list[set[int]] = [set() for _ in range(rows)]
    placed = []
    for index in reversed(range(len(words))):
        length = len(words[index])
        for row, start in _places(at[index], length, rows, set(at)):
            cells = set(range(start - 1, start + length + 1))
            if 0 <= start <= columns - length and not cells & taken[row]:
                taken[row] |= cells
                placed.append((index, Label(start, row, words[index])))
                break
    return placed


def _places(column: int, length: int, rows: int, lines: set[int]) -> list[tuple[int, int]]:
    """Return the rows and first columns where a word beside a column may start, the best first: not across a line."""
    places = [(row, start) for row in range(rows) for start in (column + 1, column - length)]
    return sorted(places, key=lambda place: not lines.isdisjoint(range(place[1], place[1] + length)))
