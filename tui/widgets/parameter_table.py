"""The parameters in digits: value, gradient, last update and the optimizer's state, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnsim.tui.numbers import fixed
from nnsim.tui.plain import plain
from nnsim.tui.snapshot import ParameterTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

NUMBER_WIDTH = 10
GAP = "  "
CURSOR, MOVED, NEITHER = "›", "•", " "
NAME_HEADING = "name"
BORDER_CELLS = 6
EMPTY = np.zeros(0)
NOTHING = ParameterTable((), EMPTY, EMPTY, EMPTY, (), (("", 0, 0),))


@dataclass(frozen=True, eq=False)
class Column:
    """A column of numbers under its heading."""

    heading: str
    numbers: Floats

    @property
    def width(self) -> int:
        return max(NUMBER_WIDTH, cell_len(self.heading))


class ParameterView(ScrollView, inherit_bindings=False):
    """All parameters of one layer, a row each; only the rows in sight are ever written.

    The row that moved most in the last update carries a dot and the accent. While the view has the focus, one row is
    selected, and its numbers stand at full precision in the border. `n` and `p` go to the next and the previous layer.
    """

    BORDER_TITLE = "Which parameters move, and how far?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "previous row", show=False),
        Binding("down", "move(1)", "next row", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("n", "change_layer(1)", "next layer", show=False),
        Binding("p", "change_layer(-1)", "previous layer", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "parameters--heading",
        "parameters--name",
        "parameters--number",
        "parameters--moved",
        "parameters--cursor",
    }
    DEFAULT_CSS = """
    ParameterView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        &:focus { border: round $border; }
        & > .parameters--heading { color: $foreground-muted; }
        & > .parameters--name { color: $foreground-muted; }
        & > .parameters--number { color: $foreground; }
        & > .parameters--moved { color: $primary; text-style: bold; }
        & > .parameters--cursor { background: $block-cursor-background; text-style: bold; }
    }
    """

    shown_layer: reactive[int] = reactive(0, init=False)
    cursor: reactive[int] = reactive(0, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._table = NOTHING
        self._columns: tuple[Column, ...] = ()
        self._moved_most: int | None = None
        self._name_width = 0
        self._subtitle = ""
        self._name_width_of: tuple[tuple[str, ...], int] | None = None

    def on_mount(self) -> None:
        self._update()

    def on_resize(self) -> None:
        self._update_subtitle()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.y >= self._heading_rows:
            self.cursor = self.scroll_offset.y + offset.y - self._heading_rows

    def show(self, table: ParameterTable) -> None:
        """Draw the parameters; the layer and the selected row stay where they are."""
        layers_change = len(table.layers) != len(self._table.layers)
        self._table = table
        if self.is_attached:
            self._update()
            if layers_change:
                self.refresh_bindings()

    def _update(self) -> None:
        """Take the columns of the layer from the table, and draw."""
        self.set_reactive(ParameterView.shown_layer, self.validate_shown_layer(self.shown_layer))
        self.set_reactive(ParameterView.cursor, self.validate_cursor(self.cursor))
        table, rows = self._table, slice(self._start, self._stop)
        numbers = (
            ("value", table.values),
            ("gradient", table.gradients),
            ("last update", table.steps),
            *table.state,
        )
        self._columns = tuple(Column(plain(heading), array[rows]) for heading, array in numbers)
        self._moved_most = _largest(table.steps[rows])
        self._measure_names()
        self.virtual_size = Size(0, self._heading_rows + self._stop - self._start)
        self._update_subtitle()
        self.refresh()

    def _measure_names(self) -> None:
        """Find the width of the longest name; the names of a large layer are measured only once."""
        names = self._table.names
        known = self._name_width_of
        if known is None or known[0] is not names or known[1] != self.shown_layer:
            longest = max(names[self._start : self._stop], key=len, default="")
            self._name_width = max(cell_len(plain(longest)), cell_len(NAME_HEADING))
            self._name_width_of = (names, self.shown_layer)

    @property
    def _start(self) -> int:
        return self._table.layers[self.shown_layer][1]

    @property
    def _stop(self) -> int:
        return self._table.layers[self.shown_layer][2]

    @property
    def _heading_rows(self) -> int:
        return 2 if len(self._table.layers) > 1 else 1

    def validate_shown_layer(self, layer: int) -> int:
        return max(0, min(layer, len(self._table.layers) - 1))

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self._stop - self._start - 1))

    def watch_shown_layer(self) -> None:
        self.set_reactive(ParameterView.cursor, 0)
        self._update()
        self.scroll_to(y=0, animate=False)

    def watch_cursor(self) -> None:
        room = max(1, self.size.height - self._heading_rows)
        top = min(self.scroll_offset.y, self.cursor)
        self.scroll_to(y=max(top, self.cursor - room + 1), animate=False)
        self._update_subtitle()
        self.refresh()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._update_subtitle()
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "change_layer" or len(self._table.layers) > 1

    def action_move(self, rows: int) -> None:
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self.size.height - self._heading_rows - 1)

    def action_change_layer(self, layers: int) -> None:
        self.shown_layer += layers

    def _update_subtitle(self) -> None:
        """Tell the selected row at full precision, or which one moved most."""
        forms: list[str] = []
        if self.has_focus and self._stop > self._start:
            forms = self._in_full(self._start + self.cursor)
        elif self._moved_most is not None:
            where = " in this layer" if len(self._table.layers) > 1 else ""
            forms = [f"{MOVED} {plain(self._table.names[self._start + self._moved_most])} moved most{where}"]
        room = self.outer_size.width - BORDER_CELLS
        subtitle = next((form for form in forms if cell_len(form) <= room), "")
        if subtitle != self._subtitle:
            self._subtitle = subtitle
            self.border_subtitle = Content(subtitle) if subtitle else None

    def _in_full(self, index: int) -> list[str]:
        """Return the numbers of a parameter at full precision, the fullest text first."""
        name, value = plain(self._table.names[index]), repr(float(self._table.values[index]))
        gradient = repr(float(self._table.gradients[index]))
        shown = f"{name} = {value}"
        return [f"{shown} · gradient {gradient}", f"{shown} · ∇ {gradient}", shown, value]

    def render_line(self, y: int) -> Strip:
        base = self.get_component_rich_style("parameters--number")
        row = self.scroll_offset.y + y - self._heading_rows
        if y < self._heading_rows:
            text = self._headings() if y == self._heading_rows - 1 else self._layer_heading()
            segments = [Segment(text, base + self._style("heading"))]
        elif row < self._stop - self._start:
            base += self._style("cursor") if self._selected(row) else Style.null()
            segments = self._row(row, base)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _selected(self, row: int) -> bool:
        return self.has_focus and row == self.cursor

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"parameters--{name}", partial=True)

    def _columns_in_sight(self) -> list[Column]:
        """Return the columns for which there is room, from the left."""
        end = len(CURSOR + MOVED) + 1 + self._name_width
        shown = []
        for column in self._columns:
            end += len(GAP) + column.width
            if end > self.size.width:
                break
            shown.append(column)
        return shown

    def _layer_heading(self) -> str:
        title, start, stop = self._table.layers[self.shown_layer]
        heading = (
            f"layer {self.shown_layer + 1} of {len(self._table.layers)}: {plain(title)} ({stop - start:,} parameters)"
        )
        keys = f"{heading} · n next, p previous"
        return keys if cell_len(keys) <= self.size.width else heading

    def _headings(self) -> str:
        name = set_cell_size(NAME_HEADING, self._name_width)
        headings = (GAP + column.heading.rjust(column.width) for column in self._columns_in_sight())
        return f"{NEITHER}{NEITHER} {name}{''.join(headings)}"

    def _row(self, row: int, base: Style) -> list[Segment]:
        moved = row == self._moved_most
        name = set_cell_size(plain(self._table.names[self._start + row]), self._name_width)
        signs = (CURSOR if self._selected(row) else NEITHER) + (MOVED if moved else NEITHER)
        cells = (GAP + fixed(float(column.numbers[row]), column.width) for column in self._columns_in_sight())
        front = base + self._style("moved" if moved else "name")
        return [Segment(f"{signs} {name}", front), Segment("".join(cells), front if moved else base)]


def _largest(steps: Floats) -> int | None:
    """Return the index of the largest step, or of one that is not a number; None if there is no step."""
    sizes = np.abs(steps)
    if not len(sizes) or sizes.max() == 0:
        return None
    return int(sizes.argmax())
