"""A classifier of two inputs from above: its answer everywhere, where it changes, and the samples."""

from __future__ import annotations

import numpy as np

from nnsim.core.answers import NONE, largest, sides
from nnsim.tui.snapshot.stages import RegionStage
from nnsim.tui.widgets.axes import Frame, draw_map_axes
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.classes import HATCH, LEVELS, TEXTURES, TIE, UNDECIDED, WRONG, glyph, grounds
from nnsim.tui.widgets.dots import ACROSS, DOWN, Integers
from nnsim.tui.widgets.legend import Entry, draw_header, draw_legend, percents
from nnsim.tui.widgets.relief import resampled

LEAST_WIDTH, LEAST_HEIGHT = 20, 7
# Below the map: the numbers of the axis, and the legend.
ROWS_BELOW = 2
MOST_SCORE = 1e100  # what lies between two of them is still a number


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
        said = _answers(drawn, frame.width * ACROSS, frame.height * DOWN)
        rows, columns = np.nonzero((said == NONE).reshape(frame.height, DOWN, frame.width, ACROSS).all(axis=(1, 3)))
        grid.put(columns + frame.left, rows + frame.top, HATCH, grid.palette.muted)
        _draw_border(grid, frame, said)
        _draw_points(grid, frame, drawn)
        draw_legend(grid, frame.left, grid.height - 1, self._legend(grid, drawn, rows.size > 0))

    def _draw_ground(self, grid: Grid, frame: Frame, stage: RegionStage) -> None:
        """Draw the answers in colours, or in textures where there are none; a tie has neither."""
        down = 2 if self.coloured else 1
        said = _answers(stage, frame.width, frame.height * down)
        if self.coloured:
            colours = grounds(grid.palette, len(stage.classes))[_levels(stage, said, LEVELS)]
            grid.pixels(frame.left, frame.top, np.where(said == NONE, grid.palette.ground, colours))
        else:
            textures = np.array(list(TEXTURES))[_levels(stage, said, len(TEXTURES)) % len(TEXTURES)]
            textures[said == NONE] = " "
            for row, texture in enumerate(textures):
                grid.text(frame.left, frame.top + row, "".join(texture), grid.palette.faint)

    def _legend(self, grid: Grid, stage: RegionStage, ties: bool) -> list[Entry]:
        """Name the classes, each on its ground, and count the samples on the wrong side and those in a tie."""
        palette, count = grid.palette, len(stage.classes)
        colours = grounds(palette, count)
        behind = [int(colours[k]) for k in ((0, -1) if count == 2 else range(count))]
        entries = []
        for k, name in enumerate(stage.classes):
            texture = "" if self.coloured else f" {TEXTURES[(k * 3 if count == 2 else k) % len(TEXTURES)]}"
            entries.append(Entry(f" {glyph(k, count, True)}{texture} {name} ", palette.text, behind[k]))
        if ties or stage.ties:
            entries.insert(0, Entry(f"{HATCH}{UNDECIDED} {stage.ties:>3} {TIE}", palette.moves))
        mark = WRONG if count == 2 else "capital:"
        return [*entries, Entry(f"{mark} {stage.wrong:>3} wrong", palette.moves)]


def _about(stage: RegionStage) -> str:
    if stage.sureness is None:
        return "the likeliest class"
    return f"{'probability' if stage.low == 0.0 else 'score'} of {stage.classes[1]}"


def _answers(stage: RegionStage, columns: int, rows: int) -> Integers:
    """Return the class (rows, columns) in the middle of every pixel, NONE for a tie, the largest y in the first row."""
    clipped = np.clip(np.nan_to_num(stage.scores), -MOST_SCORE, MOST_SCORE)
    scores = np.array([resampled(each, stage.xs, stage.ys, columns, rows) for each in clipped])
    return largest(scores) if len(scores) > 1 else sides(scores[0])


def _levels(stage: RegionStage, said: Integers, count: int) -> Integers:
    """Return for two classes the level, 0 to count - 1, between a sure first and a sure second; else the class."""
    if stage.sureness is None:
        return said
    sureness = resampled(np.nan_to_num(stage.sureness), stage.xs, stage.ys, said.shape[1], said.shape[0])
    shares = (sureness - stage.low) / (stage.high - stage.low)
    levels: Integers = np.clip(shares * count, 0, count - 1).astype(np.int64)
    return levels


def _draw_border(grid: Grid, frame: Frame, said: Integers) -> None:
    """Draw the line on which the answer to the dots of the frame changes, so that it is told without colours."""
    line = np.zeros(said.shape, dtype=np.bool_)
    line[:, :-1] |= said[:, :-1] != said[:, 1:]
    line[:-1] |= said[:-1] != said[1:]
    rows, columns = np.nonzero(line)
    grid.plot(columns + frame.left * ACROSS, rows + frame.top * DOWN, grid.palette.text)


def _draw_points(grid: Grid, frame: Frame, stage: RegionStage) -> None:
    """Draw the samples; of those that share a cell the last, and rather one that the network does not get right."""
    right, tie = stage.labels == stage.answers, stage.answers == NONE
    for some, colour in ((right, grid.palette.text), (tie, grid.palette.moves), (~right & ~tie, grid.palette.moves)):
        places, labels = stage.points[some], stage.labels[some].tolist()
        for (column, row), index in frame.latest(places[:, 0], places[:, 1]).items():
            text = UNDECIDED if some is tie else glyph(labels[index], len(stage.classes), some is right)
            grid.text(column, row, text, colour, bold=True)
