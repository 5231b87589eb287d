"""The loss over the updates: a chart by plotext that tells its values in words as well."""

from __future__ import annotations

import math
import time
from typing import ClassVar

import numpy as np
from rich.text import Text
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.timer import Timer
from textual_plotext import PlotextPlot

from nnsim.tui.numbers import fixed
from nnsim.tui.snapshot import Chart, Series
from nnsim.tui.widgets.loss_plot import LINES, SIGNS, Color, draw, drawable

REDRAWS_PER_SECOND = 5
LEAST_SIZE = (24, 6)
LEGEND_ORDER = ("train", "test", "batch", "rate")
BRANCHES = "left"
GAP = "   "


class LossChart(PlotextPlot, can_focus=True):
    """The loss of the batches, the training set and the test set, with the changes of settings and the present update,
    the futures that were left, and the learning rates of a schedule.

    `log_scale` switches the loss axis between linear and logarithmic.
    """

    BORDER_TITLE = "How does the loss change?"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "loss-chart--axes",
        "loss-chart--batch",
        "loss-chart--branch",
        "loss-chart--rate",
        "loss-chart--train",
        "loss-chart--test",
        "loss-chart--mark",
        "loss-chart--now",
    }
    DEFAULT_CSS = """
    LossChart {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        &:focus { border: round $border; }
        & > .loss-chart--axes { color: $foreground-muted; }
        & > .loss-chart--batch { color: $foreground-muted; }
        & > .loss-chart--branch { color: $foreground-muted; }
        & > .loss-chart--rate { color: $secondary; }
        & > .loss-chart--train { color: $primary; }
        & > .loss-chart--test { color: $accent; }
        & > .loss-chart--mark { color: $foreground-muted; }
        & > .loss-chart--now { color: $foreground; }
    }
    """

    log_scale: reactive[bool] = reactive(False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(PlotextPlot.theme, "clear")
        self._chart = Chart((), (), 0, 0)
        self._drawn_at = -math.inf
        self._pending: Timer | None = None

    def watch_log_scale(self, log_scale: bool) -> None:
        self.border_subtitle = "log scale" if log_scale else "linear scale"

    def show(self, chart: Chart, immediately: bool = False) -> None:
        """Draw the chart: at once, or together with what follows within a tenth of a second of the last drawing."""
        self._chart = chart
        if not self.is_attached:
            return
        wait = 1 / REDRAWS_PER_SECOND - (time.monotonic() - self._drawn_at)
        if immediately or wait <= 0:
            self._redraw()
        elif self._pending is None:
            self._pending = self.set_timer(wait, self._redraw)

    def _redraw(self) -> None:
        if self._pending is not None:
            self._pending.stop()
            self._pending = None
        self._drawn_at = time.monotonic()
        self.refresh()

    def render(self) -> Content:
        width, height = self.size
        legend = self._legend(width)
        if width < LEAST_SIZE[0] or height < LEAST_SIZE[1]:
            return legend
        if not any(len(drawable(series, self.log_scale).losses) for series in self._chart.series):
            return Content.assemble(legend, "\n\n", (self._nothing(), "$foreground-muted"))
        drawn = draw(self.plt, self._chart, (width, height - 1), self._colors(), self.log_scale)
        return Content.assemble(legend, "\n", Content.from_rich_text(Text.from_ansi(drawn)))

    def _legend(self, width: int) -> Content:
        """Return the sign and the name of each series with its loss at the present update, as many as have room."""
        shown = [*self._chart.series, *([] if self._chart.rates is None else [self._chart.rates])]
        by_role = {series.role: series for series in shown}
        entries = [self._entry(by_role[role]) for role in LEGEND_ORDER if role in by_role]
        if "branch" in by_role:
            entries.append(Content.assemble((SIGNS["dotted"], self._style("branch")), f" {BRANCHES}"))
        while len(entries) > 1 and Content(GAP).join(entries).cell_length > width:
            entries.pop()
        return Content(GAP).join(entries).truncate(width)

    def _entry(self, series: Series) -> Content:
        last = int(np.searchsorted(series.updates, self._chart.update, side="right")) - 1
        loss = float(series.losses[last]) if last >= 0 else None
        value = " " * 10 if loss is None else fixed(loss).replace(" +", "  ").removeprefix("+").rjust(10)
        color = self._style(series.role)
        alarm = loss is not None and not math.isfinite(loss)
        return Content.assemble(
            (SIGNS[LINES[series.role]], color), f" {series.role}", (value, "bold $error" if alarm else "")
        )

    def _style(self, role: str) -> Style:
        return self.get_visual_style(f"loss-chart--{role}", partial=True)

    def _nothing(self) -> str:
        if self.log_scale and any(np.isfinite(series.losses).any() for series in self._chart.series):
            return "No loss is above zero: the log scale has no place for it."
        return "No loss yet."

    def _colors(self) -> dict[str, Color]:
        """Return the colours of the present theme by name, as plotext takes them."""
        colors = {}
        for name in (*LINES, "axes", "mark", "now"):
            color = self.get_component_rich_style(f"loss-chart--{name}").color
            triplet = color.get_truecolor() if color is not None else (128, 128, 128)
            colors[name] = (triplet[0], triplet[1], triplet[2])
        return colors
