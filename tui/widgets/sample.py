"""One sample of a classifier: what it looks like, how sure the network is of each class, and which one is true."""

from __future__ import annotations

import math

from nnsim.core.answers import NONE
from nnsim.tui.numbers import fixed
from nnsim.tui.snapshot.stages import SampleStage
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.classes import TIE
from nnsim.tui.widgets.fitting import fullest
from nnsim.tui.widgets.gauges import part
from nnsim.tui.widgets.picture import HALF, draw_picture, draw_small, size_of

SCALES = (3, 2, 1, HALF)
GAP = 3
RIGHT, WRONG, TRUE = "✓", "✗", "›"
NUMBER, VALUE, MOST_NAME, LEAST_BAR, LONGEST_BAR, WORDS = 7, 8, 16, 4, 30, 4
# Before a bar: the mark of the true class, and a blank on either side of the name.
AROUND_NAME = 3
# Beside the sample: the words, a blank row, and the classes; below everything what the keys do.
KEYS = ("↑ ↓ others · f wrong ones only · s {other} set", "↑ ↓ others · f wrong only · s {other}", "↑ ↓ · f · s")


class SampleView(Canvas[SampleStage]):
    """The stage of a network that tells classes apart, sample by sample."""

    def paint(self, grid: Grid, drawn: SampleStage) -> None:
        """Draw the sample, and beside or below it the words and the classes."""
        scale, left, top = _arrangement(drawn, grid.width, grid.height)
        if drawn.picture is not None and scale == HALF:
            draw_small(grid, drawn.picture, self.coloured and not grid.ascii_only)
        elif drawn.picture is not None and scale:
            draw_picture(grid, drawn.picture, int(scale))
        elif left:
            _draw_inputs(grid, drawn, left - GAP)
        row = top
        for text, colour in _words(drawn, grid.width - left):
            grid.text(left, row, text, getattr(grid.palette, colour), bold=colour != "muted")
            row += 1
        _draw_classes(grid, drawn, left, row + (1 if grid.height - row - len(drawn.classes) > 2 else 0))
        _draw_keys(grid, drawn)


def _arrangement(stage: SampleStage, width: int, height: int) -> tuple[float, int, int]:
    """Return the picture's scale, 0 for none, and the column and row where the words begin."""
    needed = AROUND_NAME + _name_width(stage) + LEAST_BAR + NUMBER
    if stage.picture is None:
        inputs = _input_width(stage)
        beside = width - inputs - GAP >= needed and height > 1
        return (0, inputs + GAP, 0) if beside else (0, 0, 0)
    for scale in SCALES:
        across, down = size_of(stage.picture, scale)
        if height - 1 >= down and width - across - GAP >= needed:
            return scale, across + GAP, 0
        if scale <= 1 and width >= max(across, needed) and height - 1 >= down + WORDS + len(stage.classes):
            return scale, 0, down
    return 0, 0, 0


def _words(stage: SampleStage, width: int) -> list[tuple[str, str]]:
    """Return which sample it is, what is true, and what the network says, each with the name of its colour."""
    what = "picture" if stage.picture is not None else "sample"
    where = f"{stage.leaf.set_name} {what} {stage.leaf.sample}"
    truth = stage.classes[stage.truth]
    mark = RIGHT if stage.truth == stage.answer else WRONG
    verdict = f"says  nothing: a {TIE}" if stage.answer == NONE else f"says  {stage.classes[stage.answer]} {mark}"
    finite = math.isfinite(stage.loss)
    wrong = stage.samples - stage.right - stage.ties
    first = "" if stage.samples == stage.whole else f"first {stage.samples:,}: "
    count = f"{first}{wrong:,} of {stage.samples:,} wrong" + (f", {stage.ties:,} {TIE}" if stage.ties else "")
    if stage.leaf.wrong_only and not (wrong or stage.ties):
        count = f"none of {stage.samples:,} wrong"
    return [
        (where if len(where) <= width else f"{stage.leaf.set_name} {stage.leaf.sample}", "muted"),
        (f"truth {truth}", "text"),
        (verdict if finite else "not a finite number", "moves" if finite else "alarm"),
        (count, "muted"),
    ]


def _name_width(stage: SampleStage) -> int:
    return min(max(len(name) for name in stage.classes), MOST_NAME)


def _input_width(stage: SampleStage) -> int:
    return min(max(len(name) for name in stage.names), MOST_NAME) + 1 + VALUE


def _draw_inputs(grid: Grid, stage: SampleStage, width: int) -> None:
    """Write the inputs of a sample that is no picture, as the network gets them."""
    rows = grid.height - 1
    for row, (name, value) in enumerate(zip(stage.names[:rows], stage.values[:rows].tolist(), strict=True)):
        if row == rows - 1 and len(stage.names) > rows:
            grid.text(0, row, f"and {len(stage.names) - row} more", grid.palette.muted)
            return
        grid.text(0, row, name[: width - VALUE - 1], grid.palette.muted)
        grid.text(width - VALUE, row, fixed(value, VALUE), grid.palette.text)


def _draw_classes(grid: Grid, stage: SampleStage, left: int, top: int) -> None:
    """Draw a bar for each class; where they have no room for all, the likeliest and the true one first."""
    rows = max(grid.height - 1 - top, 0)
    order = list(range(len(stage.classes)))
    if len(order) > rows:
        first = {stage.truth: 2.0, stage.answer: 3.0}
        order = sorted(order, key=lambda k: -first.get(k, _share(stage, k)))[:rows]
        order.sort()
    names = _name_width(stage)
    room = min(grid.width - left - names - AROUND_NAME - NUMBER, LONGEST_BAR)
    for row, k in enumerate(order, top):
        said, true = k == stage.answer, k == stage.truth
        colour = grid.palette.moves if said else grid.palette.text if true else grid.palette.muted
        grid.text(left, row, TRUE if true else " ", grid.palette.text, bold=True)
        grid.text(left + 2, row, stage.classes[k][:names], colour, bold=said or true)
        if room >= LEAST_BAR:
            share = _share(stage, k)
            grid.text(left + AROUND_NAME + names, row, part(share if share * room >= 0.5 else 0.0, 1.0, room), colour)
        grid.text(left + AROUND_NAME + names + max(room, 0), row, _number(stage, k), colour, bold=said)


def _share(stage: SampleStage, k: int) -> float:
    """How sure the network is of a class, 0 to 1."""
    share = (float(stage.scores[k]) - stage.low) / (stage.high - stage.low)
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0


def _number(stage: SampleStage, k: int) -> str:
    value = float(stage.scores[k])
    text = f"{100 * value:.1f} %" if stage.low == 0.0 and math.isfinite(value) else fixed(value, NUMBER)
    return text.rjust(NUMBER)


def _draw_keys(grid: Grid, stage: SampleStage) -> None:
    """Say in the last row what the keys do when the stage has the focus."""
    texts = stage.leaf.keys(KEYS)
    if stage.leaf.wrong_only:
        texts = [text.replace("f wrong ones only", "f all").replace("f wrong only", "f all") for text in texts]
    grid.text(0, grid.height - 1, fullest([*texts, ""], grid.width), grid.palette.muted)
