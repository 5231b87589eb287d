"""The race as a table: who has reached which loss at which update, and who is ahead."""

from __future__ import annotations

import math

from nnsim.tui.numbers import fixed, short
from nnsim.tui.plain import shortened
from nnsim.tui.snapshot.race import Race, Racer
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.racers import RACER_SIGNS, SHORTER, racer_colours

NO_RACE = Race((), (), None, "")
HOW_TO_RACE = ("Nobody to race against yet.", "g keeps this run as a ghost;", "G starts a race.")
AHEAD, NOT_YET = "▸", "–"
SIGNS_WIDTH = 4  # the mark of the leader, the sign, and a space after each
LOSS_WIDTH, LEVEL_WIDTH = 10, 8
LEAST_LABEL = 18  # beside the columns; else each racer takes two rows


class RaceView(Canvas[Race], can_focus=True):
    """A row for each run, the run on the screen first; two rows where the panel is narrow, or fewer columns where it is
    low as well."""

    BORDER_TITLE = "Who gets there first?"
    DEFAULT_CSS = """
    RaceView {
        border: round $border-blurred;
        border-title-color: $foreground;
        &:focus { border: round $border; }
    }
    """

    def show(self, race: Race | None) -> None:
        """Draw the race, or how to begin one."""
        super().show(NO_RACE if race is None else race)

    def paint(self, grid: Grid, drawn: Race) -> None:
        """Draw the header, the runs, and what the numbers are."""
        if not drawn.racers:
            for row, line in enumerate(HOW_TO_RACE):
                grid.text(0, row, line, grid.palette.muted)
            return
        beside = (grid.width - SIGNS_WIDTH - LEAST_LABEL - LOSS_WIDTH) // LEVEL_WIDTH
        levels = len(drawn.thresholds)
        rows_each = 2 if levels > beside and 1 + 2 * len(drawn.racers) <= grid.height else 1
        if rows_each == 1:
            levels = min(levels, max(beside, 0))
        columns = LOSS_WIDTH + LEVEL_WIDTH * levels
        colours = racer_colours(self)
        _draw_header(grid, drawn, levels, grid.width - columns)
        for place, racer in enumerate(drawn.racers):
            top = 1 + place * rows_each
            ahead = place == drawn.leader
            room = grid.width - SIGNS_WIDTH - (columns if rows_each == 1 else 0)
            grid.text(0, top, AHEAD if ahead else " ", grid.palette.text, bold=True)
            grid.text(2, top, RACER_SIGNS[place], colours[place], bold=True)
            _draw_name(grid, racer, top, room, ahead)
            _draw_numbers(grid, racer, levels, top + rows_each - 1, grid.width - columns)
        _draw_notes(grid, drawn, 1 + rows_each * len(drawn.racers))


def _draw_header(grid: Grid, race: Race, levels: int, left: int) -> None:
    """Name the columns: the loss now, and the levels of which the update is told."""
    names = (short(level) for level in race.thresholds[:levels])
    headings = "".join(f"≤{'' if len(name) > LEVEL_WIDTH - 3 else ' '}{name}".rjust(LEVEL_WIDTH) for name in names)
    grid.text(max(left, 0), 0, "loss".rjust(LOSS_WIDTH) + headings, grid.palette.muted)
    now = f"at update {race.racers[0].update:,}"
    if left >= len(now):
        grid.text(0, 0, now, grid.palette.muted)


def _draw_name(grid: Grid, racer: Racer, row: int, room: int, ahead: bool) -> None:
    """Write what sets a run apart and, at the right, why it does not go on."""
    ended = f" {racer.ended}" if racer.ended else ""
    label, room_for_it = racer.label, room - len(ended)
    if len(label) > room_for_it:
        label = shortened(label.replace(*SHORTER), room_for_it)
    grid.text(SIGNS_WIDTH, row, label, grid.palette.text, bold=ahead)
    colour = grid.palette.alarm if racer.stopped else grid.palette.muted
    grid.text(SIGNS_WIDTH + len(label), row, ended, colour)


def _draw_numbers(grid: Grid, racer: Racer, levels: int, row: int, left: int) -> None:
    """Write the loss, and the update at which each level was reached."""
    alarm = bool(racer.stopped) or not math.isfinite(racer.loss)
    left = max(left, 0)
    grid.text(left, row, unsigned(racer.loss, LOSS_WIDTH), grid.palette.alarm if alarm else grid.palette.text)
    for column, update in enumerate(racer.reached[:levels]):
        text = NOT_YET if update is None else f"{update:,}"
        text = text if len(text) < LEVEL_WIDTH else text.replace(",", "")
        colour = grid.palette.muted if update is None else grid.palette.text
        grid.text(left + LOSS_WIDTH + column * LEVEL_WIDTH, row, text.rjust(LEVEL_WIDTH), colour)


def _draw_notes(grid: Grid, race: Race, row: int) -> None:
    """Say what is measured, and what the marks mean, at the foot where there is room."""
    notes = [f"training loss {race.measured}", "≤ first update there", f"{AHEAD} lowest now"]
    joined = " · ".join(notes)
    lines = [joined] if len(joined) <= grid.width else [notes[0], " · ".join(notes[1:])]
    for line, text in enumerate(lines[: max(grid.height - row, 0)]):
        grid.text(0, max(grid.height - len(lines), row) + line, text, grid.palette.muted)


def unsigned(value: float, width: int) -> str:
    """Return the number as `fixed` has it, without a plus."""
    text = fixed(value, width)
    return text.replace("+", " ", 1) if text.lstrip().startswith("+") else text
