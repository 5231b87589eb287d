"""Many runs: how many ended where, as a histogram, and between which losses they got there, as bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.tui.plain import shortened
from nnsim.tui.snapshot.stages import ManyRunsStage
from nnsim.tui.widgets.axes import Frame, draw_x_labels
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.dots import Floats, Integers, strokes
from nnsim.tui.widgets.scale import Scale, linear_scale, logarithmic_scale

LEAST_WIDTH, LEAST_HEIGHT = 24, 12
LEFT = 7  # columns of the numbers at the left of both pictures
EIGHTHS = " ▁▂▃▄▅▆▇█"
PROGRESS_CELLS = 10
ROWS_BELOW_BARS = 2  # where minima and the own run lie, and the numbers
ROWS_AROUND_BANDS = 2  # the legend and the numbers
BINS_PER_ROOT = 3.0
OUTER = 0.02  # of the ends at either side may lie outside of the histogram
PERCENT = (0.0, 100.0)
FARTHEST = 1e300
STEEP = 50.0  # the ratio of losses from which the bands have a logarithmic scale
WIDE_BAND, NARROW_BAND = 0.86, 0.7  # how far the bands are blended into the ground
SHADES = " ░▒"
MEDIAN, OWN, MEDIAN_GAP = "··", "⠒⠒", 3
LEAST_WIDTH_OF_LONG_NAMES = 50
NO_ROOM = "m gives this panel room for pictures"


class ManyRunsView(Canvas[ManyRunsStage]):
    """The stage of many runs: progress and counts, the histogram of their ends, and the bands of their losses."""

    def paint(self, grid: Grid, drawn: ManyRunsStage) -> None:
        """Draw all of it; where there is no room for pictures, only the counts."""
        top = _draw_words(grid, drawn)
        rows = grid.height - top
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            grid.text(0, top, NO_ROOM[: grid.width], grid.palette.muted)
            return
        if not drawn.done:
            return
        upper = rows // 2
        _draw_ends(grid, drawn, top, upper)
        self._draw_bands(grid, drawn, top + upper, rows - upper)

    def _draw_bands(self, grid: Grid, stage: ManyRunsStage, top: int, rows: int) -> None:
        height = rows - ROWS_AROUND_BANDS
        if height < 1:
            return
        scale = _loss_scale(stage, height)
        left = max(LEFT, 3 + max(map(len, scale.labels), default=0))
        frame = Frame(left, top + 1, grid.width - left, height, 0.0, float(stage.updates), 0.0, 1.0)
        _draw_legend(grid, top, scale.logarithmic)
        for tick, text in zip(scale.ticks, scale.labels, strict=True):
            row = frame.row(float(scale.fractions(np.array(tick))))
            if row is not None:
                grid.text(frame.left - 1 - len(text) - 1, row, f"{text} ┤", grid.palette.muted)
        bands = np.array([_heights(scale, band) for band in stage.bands])
        self._shade(grid, frame, stage, bands)
        _draw_line(grid, frame, stage.at, bands[2], grid.palette.text, MEDIAN_GAP)
        _draw_line(grid, frame, stage.at, _heights(scale, stage.own_losses), grid.palette.moves)
        draw_x_labels(grid, frame, frame.bottom, "update", grid.palette.muted)

    def _shade(self, grid: Grid, frame: Frame, stage: ManyRunsStage, bands: Floats) -> None:
        """Shade the middle half of the runs, and nine tenths of them less."""
        palette, pixels = grid.palette, 2 if self.coloured else 1
        columns = frame.x0 + (np.arange(frame.width) + 0.5) / frame.width * (frame.x1 - frame.x0)
        heights = 1.0 - (np.arange(frame.height * pixels) + 0.5) / (frame.height * pixels)
        low, lower, _, upper, high = (np.interp(columns, stage.at, band) for band in bands)
        half = 0.5 / (frame.height * pixels)  # a band that is thinner than a row still has one
        level = np.zeros((heights.size, columns.size), dtype=np.int64)
        for bottom, over in ((low, high), (lower, upper)):
            level += (heights[:, None] >= bottom - half) & (heights[:, None] <= over + half)
        if self.coloured:
            shaded = (palette.blend(palette.text, palette.ground, part) for part in (WIDE_BAND, NARROW_BAND))
            shades = [palette.ground, *shaded]
            grid.pixels(frame.left, frame.top, np.array(shades, dtype=np.int32)[level])
            return
        for row, line in enumerate(level.tolist()):
            grid.text(frame.left, frame.top + row, "".join(SHADES[shade] for shade in line), palette.muted)


def _draw_words(grid: Grid, stage: ManyRunsStage) -> int:
    """Write what the runs are, how many are done, and how many ended where; return the rows that took."""
    muted, text = grid.palette.muted, grid.palette.text
    done = f"done {stage.done:,} of {stage.count:,}" if stage.count else "the first run is under way"
    finished = stage.count and stage.done >= stage.count
    if not finished and grid.width >= len(done) + 2 + PROGRESS_CELLS:
        share = stage.done / stage.count if stage.count else 0.0
        full = int(share * PROGRESS_CELLS)
        grid.text(len(done) + 1, 0, "━" * full, grid.palette.moves)
        grid.text(len(done) + 1 + full, 0, "╌" * (PROGRESS_CELLS - full), muted)
    grid.text(0, 0, done, text, bold=True)
    room = grid.width - len(done) - 2 - (0 if finished else PROGRESS_CELLS + 1)
    if len(stage.settings) <= room:
        grid.text(grid.width - len(stage.settings), 0, stage.settings, muted)
    width = max((len(f"{count:,}") for _, count in stage.groups), default=0)
    for row, (words, count) in enumerate(stage.groups, 1):
        shown = f"{count:,}".rjust(width) + f" {words}"
        shown = shortened(shown, grid.width)
        grid.text(0, row, shown, text if count else muted)
    return 1 + len(stage.groups)


@dataclass(frozen=True)
class Histogram:
    """Counts of the ends in equal bins from `low` to `high`, and how many lie outside of that at either side."""

    low: float
    high: float
    counts: Integers
    below: int
    above: int


def histogram(ends: Floats, most_bins: int, span: tuple[float, float] | None = None) -> Histogram:
    """Return the ends that are numbers in at most so many bins over `span`, or, without one, over most of them; a few
    that lie far from all others then stay outside."""
    finite = np.clip(ends[np.isfinite(ends)], -FARTHEST, FARTHEST)
    if not finite.size:
        return Histogram(*(span or (0.0, 1.0)), np.zeros(1, dtype=np.int64), 0, 0)
    low, high = span or _span_of(finite)
    bins = int(min(max(BINS_PER_ROOT * math.sqrt(finite.size), 8), most_bins))
    counts, _ = np.histogram(finite, bins=max(bins, 1), range=(low, high))
    return Histogram(low, high, counts, int((finite < low).sum()), int((finite > high).sum()))


def _span_of(finite: Floats) -> tuple[float, float]:
    """Where most of some numbers lie, with room around them where they are all the same."""
    low, high = np.quantile(finite, [OUTER, 1.0 - OUTER]).tolist()
    slack = (high - low) / 2.0
    low, high = max(low - slack, float(finite.min())), min(high + slack, float(finite.max()))
    if high - low > 1e-9 * max(abs(low), abs(high), 1e-300):
        return low, high
    room = abs(low) / 10.0 or 1.0
    return low - room, high + room


def _draw_ends(grid: Grid, stage: ManyRunsStage, top: int, rows: int) -> None:
    """Draw a bar for every bin; below them the letters of the minima, and where the run on the screen is now."""
    height = rows - ROWS_BELOW_BARS
    room = grid.width - LEFT
    found = histogram(stage.ends, room, PERCENT if stage.unit == "%" else None)
    cells = room // len(found.counts)
    frame = Frame(LEFT, top, cells * len(found.counts), height, found.low, found.high, 0.0, 1.0)
    highest, bars = int(found.counts.max()), grid.palette.muted
    eighths = np.ceil(found.counts * height * 8 / max(highest, 1)).astype(np.int64)
    for row in range(height):
        filled = np.clip(eighths - 8 * (height - 1 - row), 0, 8)
        grid.text(frame.left, top + row, "".join(EIGHTHS[eighth] * cells for eighth in filled.tolist()), bars)
    counted = f"{highest:,}"
    grid.text(frame.left - 2 - len(counted), top, f"{counted} ┤", grid.palette.muted)
    if height > 1:
        grid.text(frame.left - 2 - 4, top + 1, "runs", grid.palette.muted)
    _draw_places(grid, frame, stage, found)
    name = stage.quantity + (f", {stage.unit}" if stage.unit else "")
    x1 = _end_of(frame, grid.width)
    wide = Frame(frame.left, frame.top, grid.width - frame.left, height, found.low, x1, 0.0, 1.0)
    draw_x_labels(grid, wide, frame.bottom + 1, name, grid.palette.muted)


def _end_of(frame: Frame, right: int) -> float:
    """Return what lies at a column right of the frame."""
    return frame.x0 + (frame.x1 - frame.x0) * (right - frame.left) / frame.width


def _draw_places(grid: Grid, frame: Frame, stage: ManyRunsStage, found: Histogram) -> None:
    """Draw the axis with the minima and the run on the screen on it, and what lies outside."""
    row, palette = frame.bottom, grid.palette
    grid.text(frame.left - 1, row, "└" + "─" * frame.width, palette.muted)
    for minimum in stage.minima:
        column = frame.column(minimum.position[0])
        if column is not None:
            grid.text(min(column, frame.right - len(minimum.label)), row, minimum.label, palette.text, bold=True)
    if found.below:
        grid.text(frame.left, frame.top, f"← {found.below:,}", palette.muted)
    if found.above:
        text = f"{found.above:,} →"
        grid.text(frame.right - len(text), frame.top, text, palette.muted)
    if not math.isnan(stage.own):
        sign = "●→" if stage.own > frame.x1 else "←●" if stage.own < frame.x0 else "●"
        column = frame.column(min(max(stage.own, frame.x0), frame.x1)) or frame.left
        grid.text(min(column, frame.right - len(sign)), row, sign, palette.moves, bold=True)


def _loss_scale(stage: ManyRunsStage, rows: int) -> Scale:
    """Return a scale for nine tenths of the losses, logarithmic where they are positive and differ much."""
    shown = np.concatenate([stage.bands.ravel(), stage.own_losses])
    shown = shown[np.isfinite(shown)]
    if not shown.size:
        return linear_scale(0.0, 1.0, 1)
    low, high = float(shown.min()), float(shown.max())
    intervals = max(1, rows // 3)
    steep = low > 0.0 and high / low >= STEEP
    return logarithmic_scale(low, high, intervals) if steep else linear_scale(low, high, intervals)


def _heights(scale: Scale, losses: Floats) -> Floats:
    """Return where losses lie on a scale from 0 to 1, infinite ones at the top."""
    heights: Floats = np.clip(scale.fractions(losses), 0.0, 1.0)
    return heights


def _draw_legend(grid: Grid, row: int, logarithmic: bool) -> None:
    """Say what the lines and the shades are, as much as there is room for."""
    palette = grid.palette
    name = "training loss" if grid.width >= LEAST_WIDTH_OF_LONG_NAMES else "loss"
    words = [
        (name + (" (log)" if logarithmic else ""), palette.muted),
        (f"{MEDIAN} median", palette.text),
        (f"{OWN} this run", palette.moves),
        ("shaded: half and nine tenths of the runs", palette.muted),
    ]
    column = 0
    for text, colour in words:
        if column + len(text) <= grid.width:
            grid.text(column, row, text, colour)
            column += len(text) + 2


def _draw_line(grid: Grid, frame: Frame, xs: Floats, heights: Floats, colour: int, gap: int = 1) -> None:
    """Draw a line through points, or every so many dots of it."""
    columns, rows = frame.dot_columns(xs), frame.dot_rows(heights)
    at, down, _ = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
    grid.plot(at[::gap], down[::gap], colour)
