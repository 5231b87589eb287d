"""The loss over two parameters from above: a heat map with contour lines, and the run's path on it."""

from __future__ import annotations

import math

import numpy as np

from nnsim.tui.numbers import short
from nnsim.tui.snapshot.stages import SurfaceStage
from nnsim.tui.widgets.axes import Frame, draw_map_axes, header
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import ACROSS, DOWN, Integers, Mask, stroke, strokes
from nnsim.tui.widgets.fitting import fullest
from nnsim.tui.widgets.palette import LEVELS, Colours, ages, fading_on_heat, heat
from nnsim.tui.widgets.racers import draw_racer, racer_colours
from nnsim.tui.widgets.relief import contour, heights, levels
from nnsim.tui.widgets.start import StartCanvas, middle_of_column, middle_of_row, start_text

LEAST_WIDTH, LEAST_HEIGHT = 20, 7
# Below the map: the numbers of the axis, and the line about the next step.
ROWS_BELOW = 2
LONGEST_PATH = 400
ARROW_HEADS = "→↗↑↖←↙↓↘"
DOWNHILL_DOTS, DOWNHILL_GAP = 24, 3
STANDS = "next step 0"
DOWNHILL_LEGEND = "   ··· downhill"
SCALE_CELLS = 8
RIVAL_GAP = 3  # dots of a rival's path are as far apart
# The cosine above which two directions look the same.
SAME_DIRECTION = 0.97


class SurfaceView(StartCanvas[SurfaceStage]):
    """The stage of a run with two parameters."""

    # The levels and contour lines of the last stage, and that stage, so that the ids in the key stay its own.
    _relief: tuple[tuple[int, ...], SurfaceStage, Integers, Mask] | None = None

    def paint(self, grid: Grid, drawn: SurfaceStage) -> None:
        """Draw the surface with everything on it; where there is no room for that, only the numbers."""
        top = header(grid, drawn.formula, _ball_text(drawn, grid.width))
        self.frame = None
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            return
        frame = self.frame = _draw_axes(grid, drawn, top)
        behind = self._draw_ground(grid, frame, drawn)
        _draw_ways_of_rivals(grid, frame, drawn, racer_colours(self))
        _draw_path(grid, frame, drawn, behind, self._fades(grid, grid.palette.text))
        _draw_updates(grid, frame, drawn, behind, self._fades(grid, grid.palette.moves))
        _draw_rivals(grid, frame, drawn, racer_colours(self))
        _draw_title(grid, frame, drawn)
        legend = _draw_next(grid, frame, drawn)
        _draw_names_of_minima(grid, frame, drawn, heat(grid.palette)[0, behind] if self.coloured else None)
        if self.coloured:
            _draw_scale(grid, frame, frame.left + legend)
        _draw_minima_and_ball(grid, frame, drawn)
        _draw_start(grid, frame, drawn, self.draw_crosshair(grid, frame))

    def begins(self, drawn: SurfaceStage) -> tuple[float, float] | None:
        """The point, unless this is a slice."""
        return drawn.point if drawn.whole else None

    def place(self, frame: Frame, column: int, row: int) -> tuple[float, ...]:
        """Both parameters in the middle of a cell."""
        return middle_of_column(frame, column), middle_of_row(frame, row)

    def _draw_ground(self, grid: Grid, frame: Frame, stage: SurfaceStage) -> Integers:
        """Draw the heat map, or dotted contour lines where there are no colours; return the level behind each cell."""
        across, down = (1, 2) if self.coloured else (ACROSS, DOWN)
        level, lines = self._relief_for(stage, frame.width * across, frame.height * down)
        if self.coloured:
            grid.pixels(frame.left, frame.top, heat(grid.palette)[lines.astype(np.int64), level])
            return level[1::2]
        rows, columns = np.nonzero(lines & (np.indices(lines.shape).sum(axis=0) % 2 == 0))
        grid.plot(columns + frame.left * ACROSS, rows + frame.top * DOWN, grid.palette.muted)
        return np.zeros((frame.height, frame.width), dtype=np.int64)

    def _relief_for(self, stage: SurfaceStage, columns: int, rows: int) -> tuple[Integers, Mask]:
        key = (id(stage.losses), id(stage.xs), id(stage.ys), columns, rows)
        if self._relief is None or self._relief[0] != key:
            height = heights(stage.losses, stage.xs, stage.ys, columns, rows)
            self._relief = (key, stage, levels(height, LEVELS), contour(height))
        return self._relief[2:]

    def _fades(self, grid: Grid, colour: int) -> Colours:
        """Return the colour by age and level behind it."""
        palette = grid.palette
        if self.coloured:
            return fading_on_heat(palette, colour)
        return palette.fading(colour, palette.ground)[:, np.newaxis]


def _ball_text(stage: SurfaceStage, width: int) -> str:
    (first, second), (x, y) = stage.names, stage.point
    full = f"● {first} = {short(x):<9} {second} = {short(y):<9} L = {short(stage.loss):<9}"
    loss = f"L = {short(stage.loss)}"
    return fullest((full, f"● {short(x)}, {short(y)}  {loss}", f"● {loss}"), width)


def _draw_axes(grid: Grid, stage: SurfaceStage, top: int) -> Frame:
    """Write the numbers and names of both axes; return the frame between them."""
    names, ends = stage.names, (stage.xs[0], stage.xs[-1], stage.ys[0], stage.ys[-1])
    if stage.titles is not None and len(stage.titles[0]) <= grid.width // 2:
        names = (stage.titles[0], names[1])
    x0, x1, y0, y1 = (float(end) for end in ends)
    return draw_map_axes(grid, top, ROWS_BELOW, names, (x0, x1, y0, y1))


def _draw_title(grid: Grid, frame: Frame, stage: SurfaceStage) -> None:
    """Say at the top of the map, behind the name of the upward direction, what that is."""
    if stage.titles is not None and len(stage.titles[1]) < frame.width:
        title = f"{stage.titles[1].removeprefix(stage.names[1]).strip()} "
        grid.text(frame.left, frame.top, title, grid.palette.muted)
        grid.fill(frame.left, frame.top, len(title), grid.palette.ground)


def _draw_path(grid: Grid, frame: Frame, stage: SurfaceStage, behind: Integers, fades: Colours) -> None:
    """Draw the way the run has come, the older the fainter."""
    points = stage.trail[-LONGEST_PATH:]
    columns, rows = frame.dot_columns(points[:, 0]), frame.dot_rows(points[:, 1])
    at, down, line = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
    level = behind[down // DOWN - frame.top, at // ACROSS - frame.left]
    grid.plot(at, down, fades[ages(len(points) - 1)[line], level])


def _draw_updates(grid: Grid, frame: Frame, stage: SurfaceStage, behind: Integers, fades: Colours) -> None:
    """Put a dot at each point the run has been at; where many share a cell, the youngest counts."""
    points = stage.trail[-LONGEST_PATH:-1]
    age = ages(len(points))
    for (column, row), index in frame.latest(points[:, 0], points[:, 1]).items():
        grid.text(column, row, "•", int(fades[age[index], behind[row - frame.top, column - frame.left]]))


def _draw_ways_of_rivals(grid: Grid, frame: Frame, stage: SurfaceStage, colours: tuple[int, ...]) -> None:
    """Draw the way that each rival has come as a dotted line."""
    for rival in stage.rivals:
        columns, rows = frame.dot_columns(rival.path[:, 0]), frame.dot_rows(rival.path[:, 1])
        at, down, _ = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
        grid.plot(at[::RIVAL_GAP], down[::RIVAL_GAP], colours[rival.place])


def _draw_rivals(grid: Grid, frame: Frame, stage: SurfaceStage, colours: tuple[int, ...]) -> None:
    """Draw the sign of each rival where it is."""
    for rival in stage.rivals:
        x, y = rival.path[-1].tolist()
        draw_racer(grid, frame, x, y, rival.place, colours)


def _draw_next(grid: Grid, frame: Frame, stage: SurfaceStage) -> int:
    """Draw the proposed step, and straight downhill where that differs; return the length of what is said of it."""
    if stage.next_point is None:
        return 0
    colour = grid.palette.coming
    if stage.next_point == stage.point:
        grid.text(frame.left, frame.bottom + 1, STANDS, colour)
        return len(STANDS)
    (x, y), (next_x, next_y) = _dots(frame, stage.point), _dots(frame, stage.next_point)
    down_x, down_y = _downhill(frame, stage)
    legend = _next_text(stage, frame.width, stage.next_point)
    if _cosine(next_x - x, next_y - y, down_x, down_y) < SAME_DIRECTION:
        columns, rows = stroke(x, y, x + down_x, y + down_y, frame.box)
        grid.plot(columns[::DOWNHILL_GAP], rows[::DOWNHILL_GAP], colour)
        legend += DOWNHILL_LEGEND if len(legend + DOWNHILL_LEGEND) <= frame.width else ""
    _draw_arrow(grid, *stroke(x, y, next_x, next_y, frame.box), math.atan2(y - next_y, next_x - x))
    grid.text(frame.left, frame.bottom + 1, legend, colour)
    return len(legend)


def _next_text(stage: SurfaceStage, width: int, point: tuple[float, float]) -> str:
    (first, second), (x, y) = stage.names, point
    full = f"→ next step to {first} = {short(x)}, {second} = {short(y)}"
    return fullest((full, f"→ next {short(x)}, {short(y)}", "→ next step"), width)


def _draw_start(grid: Grid, frame: Frame, stage: SurfaceStage, start: tuple[float, ...] | None) -> None:
    """Say in place of the next step where the run would start."""
    if start is None:
        return
    first, second = (start_text(name, at) for name, at in zip(stage.names, start, strict=True))
    text = fullest(
        (f"┼ start at {first}, {second}", f"┼ {first}, {second}", f"┼ {start[0]:g}, {start[1]:g}"), frame.width
    )
    grid.text(frame.left, frame.bottom + 1, text.ljust(frame.width), grid.palette.coming)
    grid.fill(frame.left, frame.bottom + 1, frame.width, grid.palette.ground)


def _draw_arrow(grid: Grid, columns: Integers, rows: Integers, angle: float) -> None:
    """Draw a line of dots with a head, unless it ends in the cell where it begins."""
    grid.plot(columns, rows, grid.palette.coming)
    across, down = columns // ACROSS, rows // DOWN
    if across.size and (across[0], down[0]) != (across[-1], down[-1]):
        head = ARROW_HEADS[round(angle / (math.pi / 4)) % len(ARROW_HEADS)]
        grid.text(int(across[-1]), int(down[-1]), head, grid.palette.coming, bold=True)


def _draw_scale(grid: Grid, frame: Frame, free_from: int) -> None:
    """Show at the bottom right which colours stand for low and for high losses, if there is room."""
    colours = heat(grid.palette)[0, :: LEVELS // SCALE_CELLS].tolist()
    low, high = "loss: low ", " high"
    start = frame.right - len(low) - SCALE_CELLS - len(high)
    if start < free_from + 2:
        return
    row = frame.bottom + 1
    grid.text(start, row, low + " " * SCALE_CELLS + high, grid.palette.muted)
    for cell, colour in enumerate(colours):
        grid.fill(start + len(low) + cell, row, 1, colour)


def _downhill(frame: Frame, stage: SurfaceStage) -> tuple[float, float]:
    """Return the direction of the negative gradient, in dots, at the length at which it is drawn."""
    x = -stage.gradient[0] / (frame.x1 - frame.x0) * frame.width * ACROSS
    y = stage.gradient[1] / (frame.y1 - frame.y0) * frame.height * DOWN
    length = math.hypot(x, y)
    return (x / length * DOWNHILL_DOTS, y / length * DOWNHILL_DOTS) if 0 < length < math.inf else (0.0, 0.0)


def _cosine(x: float, y: float, other_x: float, other_y: float) -> float:
    """Return the cosine of the angle between two directions, 1 where one of them has no direction."""
    lengths = math.hypot(x, y) * math.hypot(other_x, other_y)
    return (x * other_x + y * other_y) / lengths if 0 < lengths < math.inf else 1.0


def _draw_names_of_minima(grid: Grid, frame: Frame, stage: SurfaceStage, ground: Colours | None) -> None:
    """Write the name of each minimum beside it, where the path leaves it room; on the plain colours `ground` of the
    map, for a contour line behind the letters makes them hard to read."""
    for minimum in stage.minima:
        cell, width = frame.cell(*minimum.position), len(minimum.label)
        if cell is None:
            continue
        column, row = cell
        beside = [(column + 2, row), (column - 1 - width, row)]
        over = [(column - width // 2, row - 1), (column - width // 2, row + 1)]
        for x, y in beside + over:
            inside = frame.left <= x <= frame.right - width and frame.top <= y < frame.bottom
            if inside and grid.is_free(x, y, width):
                grid.text(x, y, minimum.label, grid.palette.text)
                if ground is not None:
                    for place, colour in enumerate(ground[y - frame.top, x - frame.left :][:width].tolist(), x):
                        grid.fill(place, y, 1, colour)
                break


def _draw_minima_and_ball(grid: Grid, frame: Frame, stage: SurfaceStage) -> None:
    for minimum in stage.minima:
        cell = frame.cell(*minimum.position)
        if cell is not None:
            grid.text(*cell, "×", grid.palette.text, bold=True)
    cell = frame.cell(*stage.point)
    if cell is None:
        _draw_outside(grid, frame, stage)
    else:
        grid.text(*cell, "●", grid.palette.moves, bold=True)


def _draw_outside(grid: Grid, frame: Frame, stage: SurfaceStage) -> None:
    """Say at the edge where a ball is that the window does not show."""
    x, y = stage.point
    finite = math.isfinite(x) and math.isfinite(y) and math.isfinite(stage.loss)
    arrow = "→" if x > frame.x1 else "←" if x < frame.x0 else "↑" if y > frame.y1 else "↓" if y < frame.y0 else ""
    label = f" {stage.names[0]} = {short(x)}, {stage.names[1]} = {short(y)} {arrow} "
    at = 0.5 if math.isnan(x) else (min(max(x, frame.x0), frame.x1) - frame.x0) / (frame.x1 - frame.x0)
    up = 0.5 if math.isnan(y) else (min(max(y, frame.y0), frame.y1) - frame.y0) / (frame.y1 - frame.y0)
    row = frame.top + round((1 - up) * (frame.height - 1))
    start = min(frame.left + round(at * frame.width), frame.right - len(label))
    start = max(start, frame.left)
    grid.text(start, row, label, grid.palette.moves if finite else grid.palette.alarm, bold=True)
    grid.fill(start, row, len(label), grid.palette.ground)


def _dots(frame: Frame, point: tuple[float, float]) -> tuple[float, float]:
    return float(frame.dot_columns(np.array(point[0]))), float(frame.dot_rows(np.array(point[1])))
