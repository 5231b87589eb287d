"""Where the neurons of a network stand on the ground: a column a layer, and what has no room is folded away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

Neuron: TypeAlias = tuple[int, int]

# Rows above the neurons: the sample, the titles of the layers; below them: a note. Low grounds do without some.
LEAST_WITH_NOTE, LEAST_WITH_SAMPLE = 8, 6
GLYPH = 1
ROWS_WITH_DELTA, ROWS_WITH_TARGET = 2, 4


class Form(NamedTuple):
    """What is written of a neuron: its index, numbers of some width (0 for none), the delta beside the value. It takes
    at least `gap` cells between two columns for the connections."""

    gap: int
    numbered: bool
    number: int
    beside: bool


FORMS = (
    Form(16, True, 7, True),
    Form(10, True, 7, False),
    Form(7, True, 6, False),
    Form(5, True, 5, False),
    Form(3, False, 5, False),
    Form(2, False, 0, False),
    Form(1, False, 0, False),
)


@dataclass(frozen=True)
class Column:
    """A layer: the cells [left, right) of its neurons, the neurons shown, and the row of each. `rows_each` is what one
    has; `hidden` neurons have none, as the row `fold_row` says."""

    left: int
    right: int
    index_width: int
    neurons: tuple[int, ...]
    rows: tuple[int, ...]
    rows_each: int
    hidden: int
    fold_row: int


@dataclass(frozen=True)
class Layout:
    """The columns of all layers, between the rows `top` and `bottom` (excluded); the rows of the sample, the titles and
    the note are None where there is no room for them."""

    columns: tuple[Column, ...]
    form: Form
    gap: float
    top: int
    bottom: int
    sample_row: int | None
    note_row: int | None

    @property
    def title_row(self) -> int:
        """The row of the titles, just above the neurons."""
        return self.top - 1

    def below(self, layer: int) -> bool:
        """Tell whether the deltas of a layer have a row of their own."""
        return not self.form.beside and self.columns[layer].rows_each >= ROWS_WITH_DELTA

    def neuron_at(self, x: int, y: int) -> Neuron | None:
        """Return the neuron on whose cells a point lies, or None."""
        for layer, column in enumerate(self.columns):
            if column.left <= x < column.right:
                rows = 2 if self.below(layer) else 1
                for neuron, row in zip(column.neurons, column.rows, strict=True):
                    if row <= y < row + rows:
                        return layer, neuron
        return None


@lru_cache(maxsize=64)
def layout(width: int, height: int, counts: tuple[int, ...], selected: Neuron | None) -> Layout | None:
    """Return where the neurons of layers of these sizes stand; None where not even their glyphs have room."""
    note_row = height - 1 if height >= LEAST_WITH_NOTE else None
    sample_row = 0 if height >= LEAST_WITH_SAMPLE else None
    top, bottom = (1 if sample_row is None else 2), (height if note_row is None else height - 1)
    gaps = max(len(counts) - 1, 1)
    for form in FORMS:
        widths = [_width(form, count, layer) for layer, count in enumerate(counts)]
        gap = (width - sum(widths)) / gaps
        if gap >= form.gap and bottom > top:
            lefts = [round(sum(widths[:layer]) + layer * gap) for layer in range(len(counts))]
            columns = [
                _column(left, left + across, _index_width(form, count), count, (top, bottom), _in(layer, selected))
                for layer, (left, across, count) in enumerate(zip(lefts, widths, counts, strict=True))
            ]
            return Layout(tuple(columns), form, gap, top, bottom, sample_row, note_row)
    return None


def _index_width(form: Form, count: int) -> int:
    return len(str(count)) if form.numbered and count > 1 else 0


def _width(form: Form, count: int, layer: int) -> int:
    """Return the cells that a neuron takes; the inputs have no delta."""
    index = _index_width(form, count)
    delta = form.number + 2 if form.beside and layer else 0
    return GLYPH + index + (form.number + 1 if index and form.number else form.number) + delta


def _in(layer: int, selected: Neuron | None) -> int | None:
    return selected[1] if selected is not None and selected[0] == layer else None


def _column(left: int, right: int, index_width: int, count: int, rows: tuple[int, int], selected: int | None) -> Column:
    """Spread the neurons over the rows; where there are too many, the last row tells how many are not shown."""
    top, bottom = rows
    room = bottom - top
    shown = count if count <= room else max(room - 1, 1)
    neurons = _choice(count, shown, selected)
    room = room if shown == count else shown
    rows_each = room // shown
    first = top + (room - rows_each * shown) // 2 + (rows_each - 1) // 2
    places = tuple(first + place * rows_each for place in range(shown))
    return Column(left, right, index_width, neurons, places, rows_each, count - shown, bottom - 1)


def _choice(count: int, shown: int, selected: int | None) -> tuple[int, ...]:
    """Return which neurons are shown: evenly spread, so that they stay the same while a run goes on. The selected one
    takes the place of the one next to it."""
    if shown == 1:
        return (selected or 0,)
    neurons = [place * (count - 1) // (shown - 1) for place in range(shown)]
    if selected is not None and selected not in neurons:
        nearest = min(range(shown), key=lambda place: abs(neurons[place] - selected))
        neurons[nearest] = selected
    return tuple(neurons)
