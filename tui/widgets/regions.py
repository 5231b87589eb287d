"""A classifier of two inputs from above: its answer everywhere, where it changes, and the samples."""

from __future__ import annotations

import numpy as np

from nnsim.tui.snapshot.stages import RegionStage
from nnsim.tui.widgets.axes import Frame, draw_map_axes
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.classes import LEVELS, TEXTURES, WRONG, glyph, grounds
from nnsim.tui.widgets.dots import ACROSS, DOWN, Floats, Integers
from nnsim.tui.widgets.legend import Entry, draw_header, draw_legend, percents
from nnsim.tui.widgets.relief import resampled

LEAST_WIDTH, LEAST_HEIGHT = 20, 7
# Below the map: the numbers of the axis, and the legend.
ROWS_BELOW = 2
ROUNDING = 1e-9  # an answer so near to one half is none


class RegionView(Canvas[RegionStage]):
    """The stage of a classifier of two inputs."""

    def paint(self, grid: Grid, drawn: RegionStage) -> None:
        """Draw the regions and the samples; where there is no room for that, only how good it is."""
        draw_header(grid, _about(drawn), percents("accuracy", drawn.accuracy, drawn.test_accuracy))
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            return
        ends = (float(drawn.xs[0]), float(drawn.xs[-1]), float(drawn.ys[0]), float(drawn.ys[-1]))
        frame = draw_map_axes(grid, 1, ROWS_BELOW, drawn.names, ends)
        self._draw_ground(grid, frame, drawn)
        _draw_border(grid, frame, drawn)
        _draw_points(grid, frame, drawn)
        draw_legend(grid, frame.left, grid.height - 1, self._legend(grid, drawn))

    def _draw_ground(self, grid: Grid, frame: Frame, stage: RegionStage) -> None:
        """Draw the answers in colours, or in textures where there are none."""
        down = 2 if self.coloured else 1
        answers = _sampled(stage, frame.width, frame.height * down)
        if self.coloured:
            levels = _levels(stage, answers, LEVELS)
            grid.pixels(frame.left, frame.top, grounds(grid.palette, len(stage.classes))[levels])
            return
        textures = np.array(list(TEXTURES))[_levels(stage, answers, len(TEXTURES)) % len(TEXTURES)]
        for row, texture in enumerate(textures):
            grid.text(frame.left, frame.top + row, "".join(texture), grid.palette.faint)

    def _legend(self, grid: Grid, stage: RegionStage) -> list[Entry]:
        """Name the classes, each on its ground, and count the samples on the wrong side."""
        palette, count = grid.palette, len(stage.classes)
        colours = grounds(palette, count)
        behind = [int(colours[k]) for k in ((0, -1) if count == 2 else range(count))]
        entries = []
        for k, name in enumerate(stage.classes):
            texture = "" if self.coloured else f" {TEXTURES[(k * 3 if count == 2 else k) % len(TEXTURES)]}"
            entries.append(Entry(f" {glyph(k, count, True)}{texture} {name} ", palette.text, behind[k]))
        mark = WRONG if count == 2 else "capital:"
        return [*entries, Entry(f"{mark} {stage.wrong:>3} wrong", palette.moves)]


def _about(stage: RegionStage) -> str:
    if len(stage.outputs) > 1:
        return "the likeliest class"
    return f"{'probability' if stage.low == 0.0 else 'score'} of {stage.classes[1]}"


def _sampled(stage: RegionStage, columns: int, rows: int) -> Floats:
    """Return the answers (k, rows, columns) in the middle of every pixel, the largest y in the first row."""
    return np.array([resampled(each, stage.xs, stage.ys, columns, rows) for each in np.nan_to_num(stage.outputs)])


def _levels(stage: RegionStage, answers: Floats, count: int) -> Integers:
    """Return for two classes the level, 0 to count - 1, between a sure first and a sure second; else the likeliest."""
    if len(answers) > 1:
        return np.asarray(answers.argmax(axis=0))
    shares = (answers[0] - stage.low) / (stage.high - stage.low)
    levels: Integers = np.clip(shares * count, 0, count - 1).astype(np.int64)
    return levels


def _draw_border(grid: Grid, frame: Frame, stage: RegionStage) -> None:
    """Draw the line on which the answer changes, so that it is told without colours."""
    answers = _sampled(stage, frame.width * ACROSS, frame.height * DOWN)
    if len(answers) > 1:
        side = answers.argmax(axis=0)
    else:
        side = (answers[0] > (stage.low + stage.high) / 2.0 + ROUNDING).astype(np.int64)
    line = np.zeros(side.shape, dtype=np.bool_)
    line[:, :-1] |= side[:, :-1] != side[:, 1:]
    line[:-1] |= side[:-1] != side[1:]
    rows, columns = np.nonzero(line)
    grid.plot(columns + frame.left * ACROSS, rows + frame.top * DOWN, grid.palette.text)


def _draw_points(grid: Grid, frame: Frame, stage: RegionStage) -> None:
    """Draw the samples; of those that share a cell the last, and rather one on the wrong side."""
    right = stage.labels == stage.answers
    for some, colour in ((right, grid.palette.text), (~right, grid.palette.moves)):
        places, labels = stage.points[some], stage.labels[some].tolist()
        for (column, row), index in frame.latest(places[:, 0], places[:, 1]).items():
            text = glyph(labels[index], len(stage.classes), some is right)
            grid.text(column, row, text, colour, bold=True)
