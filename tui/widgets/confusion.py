"""What a classifier takes for what: a row for each class, a column for each answer."""

from __future__ import annotations

from dataclasses import dataclass

from nnsim.tui.snapshot.stages import ConfusionStage
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.classes import TIE
from nnsim.tui.widgets.fitting import fullest

LEAST_NAME, MOST_NAME, LEAST_CELL, MOST_CELL = 5, 16, 3, 12
SHARE = 8
# Above the table: the heading, a blank row, the names; below it what the keys do.
ROWS_AROUND = 4
KEYS = ("rows: what it is · columns: what it is taken for · s {other} set", "row: is · column: says · s {other}", "")
# How much of a colour lies behind a whole row of right answers, or of wrong ones.
BEHIND_RIGHT, BEHIND_WRONG = 0.25, 0.7


class ConfusionView(Canvas[ConfusionStage]):
    """The stage of a network that tells classes apart, as a table."""

    def paint(self, grid: Grid, drawn: ConfusionStage) -> None:
        """Draw the heading, the names of the answers, and a row for each class."""
        table = _table(drawn, grid.width, grid.height)
        texts = drawn.leaf.keys(KEYS)
        if table.shown < len(drawn.classes):
            texts.insert(0, f"no room for {len(drawn.classes) - table.shown} of {len(drawn.classes)} classes")
        if grid.height > table.top + 1 + table.shown:
            grid.text(0, grid.height - 1, fullest(texts, grid.width), grid.palette.muted)
        _draw_heading(grid, drawn, table)
        for column in range(table.shown):
            name = drawn.classes[column][: table.cell - 1]
            grid.text(table.left + column * table.cell, table.top, name.rjust(table.cell), grid.palette.muted)
        if table.ties:
            grid.text(table.left + table.shown * table.cell, table.top, TIE.rjust(table.ties), grid.palette.muted)
        for row in range(table.shown):
            self._draw_row(grid, drawn, table, row)

    def _draw_row(self, grid: Grid, stage: ConfusionStage, table: Table, row: int) -> None:
        """Draw how often a class is taken for each, and which share of it is right."""
        palette, line = grid.palette, table.top + 1 + row
        total = int(stage.counts[row].sum())
        grid.text(0, line, stage.classes[row][: table.left - 1], palette.text, bold=True)
        for column in range(table.shown):
            count, right = int(stage.counts[row, column]), row == column
            colour = palette.text if right else palette.moves if count else palette.faint
            left = table.left + column * table.cell
            grid.text(left, line, (f"{count:,}" if count else "·").rjust(table.cell), colour, bold=bool(count))
            if self.coloured and count:
                part = (BEHIND_RIGHT if right else BEHIND_WRONG) * count / total
                behind = palette.blend(palette.ground, palette.text if right else palette.moves, part)
                grid.fill(left, line, table.cell, behind)
        left = table.left + table.shown * table.cell
        if table.ties:
            ties = int(stage.counts[row, -1])
            text = (f"{ties:,}" if ties else "·").rjust(table.ties)
            grid.text(left, line, text, palette.moves if ties else palette.faint, bold=bool(ties))
        if table.share and total:
            text = f"{100 * int(stage.counts[row, row]) / total:.0f} %"
            grid.text(left + table.ties, line, text.rjust(SHARE), palette.muted)


@dataclass(frozen=True)
class Table:
    """Where the table stands: its row of names, the column where the counts begin, the width of one, how many classes
    have room, the width of the column of ties, 0 where there are none, and whether the shares have room."""

    top: int
    left: int
    cell: int
    shown: int
    ties: int
    share: bool


def _table(stage: ConfusionStage, width: int, height: int) -> Table:
    classes, longest = len(stage.classes), max(len(name) for name in stage.classes)
    left = min(max(longest, LEAST_NAME), MOST_NAME) + 1
    digits = len(f"{stage.counts.max():,}")
    ties = max(len(f"{stage.counts[:, -1].max():,}"), len(TIE)) + 1 if stage.counts[:, -1].any() else 0
    room = width - left - ties
    cell = min(max(longest, digits) + 2, MOST_CELL)
    if classes * cell + SHARE > room:
        cell = max(min((room - SHARE) // classes, cell), LEAST_CELL, digits + 1)
    top = 2 if height >= classes + ROWS_AROUND else 0
    shown = min(classes, room // cell, height - top - 1)
    if shown < classes:
        shown = max(min(shown, height - top - 2), 0)  # a row is left to say so
    return Table(top, left, cell, shown, ties, left + shown * cell + ties + SHARE <= width)


def _draw_heading(grid: Grid, stage: ConfusionStage, table: Table) -> None:
    """Say how many are right; where rows are few, only the set and the share, in the row of the names."""
    right = int(stage.counts.trace())
    result = f"{100 * right / stage.samples:.1f} %"
    first = "" if stage.samples == stage.whole else f"first {stage.samples:,} of the "
    about = f"{first}{stage.leaf.set_name} set: {right:,} of {stage.samples:,} right"
    if not table.top:
        about = "train" if stage.leaf.training else "test"
    if table.top or table.share:
        grid.text(grid.width - len(result), 0, result, grid.palette.moves, bold=True)
    grid.text(0, 0, about[: max(grid.width - len(result) - 1, 0)], grid.palette.text)
