"""The loss chart: how the loss or the metric changes, with exact values at the present update and under a cursor."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from nnsim.tui.numbers import fixed, short
from nnsim.tui.snapshot.chart import Chart
from nnsim.tui.snapshot.race import Race
from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.bordered import Bordered
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.loss_lines import (
    AXES,
    Axis,
    Line,
    along,
    axes_of,
    in_legend_order,
    lines,
    told_apart,
    update_near,
    value_at,
)
from nnsim.tui.widgets.loss_plot import Picture, column_of, draw, layout
from nnsim.tui.widgets.palette import Palette, colour_number, colour_of
from nnsim.tui.widgets.racers import racer_colours

LEAST_SIZE = (24, 6)
VALUE_WIDTH = 10
GAP = 3
INKS = (
    *("axes", "batch", "train", "test", "rate", "mark", "now"),
    *("branch-1", "branch-2", "branch-3"),
)


class LossChart(Canvas[Chart], Bordered, can_focus=True):
    """The losses of the batches, the training set and the test set, or their metric, with the changes of settings, the
    futures that were left, the runs that race, and the learning rates of a schedule.

    `log_scale` switches between linear and logarithmic, `of_metric` from the loss to the metric, `axis` what the x axis
    counts. A cursor shows the values at one update in full.
    """

    BORDER_TITLE = "How does the loss change?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop_cursor", "Drop cursor", id="drop-cursor", show=False)
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"loss-chart--{name}" for name in INKS}
    DEFAULT_CSS = """
    LossChart {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        &:focus { border: round $border; }
        & > .loss-chart--axes { color: $foreground-muted; }
        & > .loss-chart--batch { color: $foreground-muted; }
        & > .loss-chart--train { color: $primary; }
        & > .loss-chart--test { color: $accent; }
        & > .loss-chart--rate { color: $secondary; }
        & > .loss-chart--mark { color: $foreground-muted; }
        & > .loss-chart--now { color: $foreground; }
        & > .loss-chart--branch-1 { color: $foreground; }
        & > .loss-chart--branch-2 { color: $success; }
        & > .loss-chart--branch-3 { color: $secondary; }
    }
    """

    log_scale: reactive[bool] = reactive(False)
    of_metric: reactive[bool] = reactive(False)
    axis: reactive[Axis] = reactive[Axis](AXES[0])

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._race: Race | None = None
        self._cursor: int | None = None
        self._pinned = False
        self._plot: tuple[Picture, Frame] | None = None
        self._coloured_for: tuple[Palette, str] | None = None
        self._colours: dict[str, int] = {}

    def show(self, drawn: Chart, race: Race | None = None) -> None:
        """Draw the chart from now on, and the runs of a race with it."""
        self._race = race
        if self.axis not in axes_of(drawn):
            self.axis = AXES[0]
        if not drawn.metric:
            self.of_metric = False
        super().show(drawn)
        self._say()

    # --- what is charted ---

    def switch_scale(self) -> None:
        """Switch between the linear and the logarithmic scale."""
        self.log_scale = not self.log_scale

    def next_axis(self) -> None:
        """Count something else along the x axis."""
        if self._drawn is not None:
            known = axes_of(self._drawn)
            self.axis = known[(known.index(self.axis) + 1) % len(known)]

    def switch_measure(self) -> bool:
        """Chart the metric in place of the loss, or the loss again; return False where there is no metric."""
        if self._drawn is None or not self._drawn.metric:
            return False
        self.of_metric = not self.of_metric
        return True

    def watch_log_scale(self) -> None:
        self._draw_anew()

    def watch_of_metric(self) -> None:
        self._draw_anew()

    def watch_axis(self) -> None:
        self._draw_anew()

    def _draw_anew(self) -> None:
        self.redraw()
        self._say()

    def _say(self) -> None:
        """Put into the border what is charted, and where the cursor stands."""
        chart = self._drawn
        of_metric = self.of_metric and chart is not None
        unit = f", in {chart.unit}" if of_metric and chart is not None and chart.unit else ""
        self.entitle(f"How does the {chart.metric if of_metric and chart else 'loss'} change{unit}?")
        if chart is not None and self._cursor is not None:
            self.note(_position(chart, min(self._cursor, chart.update)))
        else:
            by = "" if self.axis == "update" else f" · by {self.axis}"
            self.note(f"{'log' if self.log_scale else 'linear'} scale{by}")

    # --- the cursor ---

    @property
    def cursor(self) -> int | None:
        """The update under the cursor, if there is one."""
        return self._cursor

    def move_cursor(self, columns: int) -> None:
        """Move the cursor by columns, but at least by one update; it begins where the run stands."""
        if self._drawn is None or self._plot is None:
            return
        picture, frame = self._plot
        last = self._drawn.update
        begin = last if self._cursor is None else min(self._cursor, last)
        column = column_of(picture, frame, begin)
        update = self._update_at((frame.right - 1 if column is None else column) + columns)
        if update == begin and columns:
            update = min(max(begin + (1 if columns > 0 else -1), 0), last)
        self._pinned = True
        self._set_cursor(update)

    def drop_cursor(self) -> bool:
        """Take the cursor away; return whether there was one."""
        there = self._cursor is not None
        self._pinned = False
        self._set_cursor(None)
        return there

    def action_drop_cursor(self) -> None:
        self.drop_cursor()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._cursor is not None if action == "drop_cursor" else True

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if not self._pinned:
            self._point_at(event)

    def on_click(self, event: events.Click) -> None:
        """Keep the cursor where the mouse is."""
        self._pinned = self._point_at(event)

    def on_leave(self) -> None:
        if not self._pinned:
            self._set_cursor(None)

    def _point_at(self, event: events.MouseEvent) -> bool:
        offset = event.get_content_offset(self)
        inside = offset is not None and self._plot is not None and offset.x >= self._plot[1].left
        self._set_cursor(self._update_at(offset.x) if inside and offset is not None else None)
        return inside

    def _update_at(self, column: int) -> int:
        """Return the update of the run nearest to the middle of a column."""
        assert self._plot is not None
        assert self._drawn is not None
        picture, frame = self._plot
        place = (column - frame.left + 0.5) / frame.width * frame.x1
        return update_near(picture.axis, self._drawn.clock, place, self._drawn.update)

    def _set_cursor(self, update: int | None) -> None:
        if update != self._cursor:
            self._cursor = update
            self._draw_anew()

    # --- drawing ---

    def paint(self, grid: Grid, drawn: Chart) -> None:
        """Draw the legend and, where there is room, the plot below it."""
        inks = self._inks(grid.palette)
        cursor = None if self._cursor is None else min(self._cursor, drawn.update)
        found = lines(drawn, self._race, self.of_metric)
        picture = Picture(drawn, found, self.axis, self.log_scale, self.of_metric, cursor)
        self._plot = None
        _draw_legend(grid, picture, inks)
        if grid.width < LEAST_SIZE[0] or grid.height < LEAST_SIZE[1]:
            return
        plot = layout(grid, picture, 1)
        if plot is None:
            grid.text(0, 2, _nothing(picture), grid.palette.muted)
            return
        self._plot = (picture, plot[0])
        draw(grid, picture, *plot, inks)

    def _inks(self, palette: Palette) -> dict[str, int]:
        """Return the colours of the present theme by name."""
        look = (palette, self.app.theme)
        if look != self._coloured_for:
            self._coloured_for, self._colours = look, self._colours_on(palette)
        return self._colours

    def _colours_on(self, palette: Palette) -> dict[str, int]:
        ground = self.background_colors[1]
        colours = {name: self.get_component_styles(f"loss-chart--{name}").color for name in INKS}
        racers = enumerate(racer_colours(self)[1:], 1)
        colours.update((f"ghost-{place}", colour_of(number)) for place, number in racers)
        return {
            name: palette.text if colour.ansi is not None or ground.a == 0 else colour_number(ground + colour)
            for name, colour in colours.items()
        }


def _draw_legend(grid: Grid, picture: Picture, inks: dict[str, int]) -> None:
    """Write the sign and the name of each line with its value at the present update. Where all have no room, other runs
    go by what tells them apart, then without their values, and then all but the first without theirs; what still has no
    room is left out."""
    found = in_legend_order(picture.lines)
    values = [_value(line, picture) for line in found]
    bare = [(" " if line.role == "ghost" else text, alarm) for line, (text, alarm) in zip(found, values, strict=True)]
    names = values[:1] + [(" ", alarm) for _, alarm in values[1:]]
    forms = ((found, values), (told_apart(found), values), (told_apart(found), bare), (told_apart(found), names))
    shown, texts = next((form for form in forms if _legend_width(*form) <= grid.width), forms[-1])
    gap = GAP if _legend_width(shown, texts, GAP) <= grid.width else 1
    column = 0
    for line, (value, alarm) in zip(shown, texts, strict=True):
        width = _entry_width(line, value)
        if column + width > grid.width and column:
            return
        grid.text(column, 0, line.sign, inks[line.ink])
        grid.text(column + len(line.sign) + 1, 0, line.name, grid.palette.text)
        end = column + width - len(value)
        grid.text(end, 0, value, grid.palette.alarm if alarm else grid.palette.text, bold=alarm)
        column += width + gap


def _legend_width(found: list[Line], values: list[tuple[str, bool]], gap: int = 1) -> int:
    return sum(_entry_width(line, text) + gap for line, (text, _) in zip(found, values, strict=True)) - gap


def _entry_width(line: Line, value: str) -> int:
    return len(line.sign) + 1 + len(line.name) + len(value)


def _value(line: Line, picture: Picture) -> tuple[str, bool]:
    """Return the value of a line at the present update, at a constant width, and whether it is not finite. It says of
    which update it is where that is an older one, and not that of the training loss, which stands before it."""
    chart = picture.chart
    found = value_at(line.series, chart.update)
    if found is None:
        return " " * VALUE_WIDTH, False
    text = fixed(found[1]).replace(" +", "  ").removeprefix("+").rjust(VALUE_WIDTH)
    exact = any(other.role == "train" and other.series.known is not None for other in picture.lines)
    if line.role == "ghost" or (line.role == "train" and not exact) or (line.role == "test" and exact):
        age = f" at {found[0]:,}" if found[0] < chart.update else ""
        text += age if line.role == "ghost" else age.ljust(len(f" at {chart.latest:,}"))
    return text, not math.isfinite(found[1])


def _nothing(picture: Picture) -> str:
    finite = any(np.isfinite(line.series.losses).any() for line in picture.lines if line.role != "rate")
    if picture.log_scale and finite:
        return "No loss is above zero: the log scale has no place for it."
    return "No loss yet."


def _position(chart: Chart, update: int) -> str:
    """Return where an update lies on every axis."""
    parts = [f"update {update:,}"]
    for axis in axes_of(chart)[1:]:
        at = float(along(axis, chart.clock, np.array([float(update)]))[0])
        parts.append({"epoch": f"epoch {short(at)}", "samples": f"{at:,.0f} samples"}.get(axis, f"{short(at)} s"))
    return " · ".join(parts)
