"""A published table: what was printed for each epoch, what this run has, and where many runs lie."""

from __future__ import annotations

import numpy as np

from nnsim.tui.plain import plain
from nnsim.tui.snapshot.stages import PublishedStage
from nnsim.tui.widgets.canvas import Canvas, Grid

NAMES = ("loss", "accuracy")
EPOCH, OWN, PRINTED, SIGN, BAND = 4, 7, 8, 1, 13
COLUMN = OWN + PRINTED + SIGN + BAND
NOT_YET = "·"
ROWS_AROUND = 4  # the names of the columns, two rows of them, and below the table what it comes to


class PublishedView(Canvas[PublishedStage]):
    """The stage of a scenario with a published table."""

    def paint(self, grid: Grid, drawn: PublishedStage) -> None:
        """Draw the headings, the epochs that have room, and what it comes to."""
        shown = 2 if grid.width >= EPOCH + 2 * COLUMN else 1
        rows = max(1, grid.height - ROWS_AROUND)
        over = int(np.isfinite(drawn.own[0]).sum())
        first = max(0, min(over - rows // 2, drawn.published.shape[1] - rows))
        _draw_headings(grid, drawn, shown)
        for line, epoch in enumerate(range(first, min(first + rows, drawn.published.shape[1])), 2):
            now = epoch == over - 1
            colour = grid.palette.moves if now else grid.palette.muted
            grid.text(0, line, f"{epoch + 1:>3}", colour, bold=now)
            for measure in range(shown):
                _draw_epoch(grid, drawn, measure, epoch, line, now)
        below = min(grid.height - 2, ROWS_AROUND - 1 + drawn.published.shape[1])
        for line, (words, colour) in enumerate(
            zip(_verdict(drawn, grid.width), (grid.palette.text, grid.palette.muted), strict=True), below
        ):
            grid.text(0, line, words, colour)


def outside(drawn: PublishedStage, measure: int, epoch: int) -> int:
    """Whether a printed number lies above the band (1), below it (-1) or within; 0 where there is no band."""
    printed, low, high = (each[measure, epoch] for each in (drawn.published, drawn.low, drawn.high))
    return int(printed > high) - int(printed < low)


def _draw_headings(grid: Grid, drawn: PublishedStage, shown: int) -> None:
    for measure in range(shown):
        left = EPOCH + measure * COLUMN
        grid.text(left, 0, NAMES[measure].rjust(OWN), grid.palette.text, bold=True)
        grid.text(left, 1, "here".rjust(OWN), grid.palette.moves)
        grid.text(left + OWN, 1, "printed".rjust(PRINTED), grid.palette.text)
        grid.text(left + OWN + PRINTED + SIGN, 1, "middle 95 %".center(BAND), grid.palette.muted)
    grid.text(0, 1, "epoch", grid.palette.muted)


def _draw_epoch(grid: Grid, drawn: PublishedStage, measure: int, epoch: int, line: int, now: bool) -> None:
    """Draw a measure of an epoch: of this run, as printed, and the band, with a sign where it leaves that out."""
    palette, left = grid.palette, EPOCH + measure * COLUMN
    own, low, high = (float(each[measure, epoch]) for each in (drawn.own, drawn.low, drawn.high))
    grid.text(left, line, (f"{own:.4f}" if np.isfinite(own) else NOT_YET).rjust(OWN), palette.moves, bold=now)
    side = outside(drawn, measure, epoch)
    sign = ("", "▲", "▼")[side]
    colour = palette.coming if side else palette.text
    grid.text(left + OWN, line, f"{drawn.published[measure, epoch]:.4f}".rjust(PRINTED), colour, bold=bool(side))
    grid.text(left + OWN + PRINTED, line, sign, colour, bold=True)
    band = f"{low:.3f}–{high:.3f}" if np.isfinite(low) else NOT_YET
    grid.text(left + OWN + PRINTED + SIGN, line, band.center(BAND), palette.muted)


def _verdict(drawn: PublishedStage, width: int) -> tuple[str, str]:
    """How many of the printed numbers lie within the band, and who printed them; in words that have room."""
    count = drawn.published.size
    within = sum(not outside(drawn, *place) for place in np.ndindex(drawn.published.shape))
    runs = f"{drawn.done}" if drawn.done == drawn.count else f"{drawn.done} of {drawn.count}"
    short = f"{within} of {count} printed numbers lie within"
    forms = (f"{short} the middle 95 % of {runs} runs", f"{short} 95 % of {runs}", f"{within} of {count} within", "")
    if not drawn.done:
        forms = (f"M makes {drawn.count} such runs: would they print this?", f"M makes {drawn.count} runs", "M", "")
    source = f"printed by {plain(drawn.source)}"[:width]
    longer = f"{source} · runs of {drawn.settings}"
    return next(form for form in forms if len(form) <= width), longer if drawn.done and len(longer) <= width else source
