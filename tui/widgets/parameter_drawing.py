"""How the parameters are drawn: the rows in sight with their headings, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnsim.tui.numbers import fixed
from nnsim.tui.plain import plain
from nnsim.tui.snapshot.table import ParameterTable
from nnsim.tui.widgets.bordered import Bordered
from nnsim.tui.widgets.parameter_columns import Layout, layout
from nnsim.tui.widgets.parameter_rows import ORDERS, ParameterRows, lit
from nnsim.tui.widgets.parameter_text import (
    NAME,
    ParameterText,
    phase_in_words,
    title_of_layer,
    title_of_neuron,
)
from nnsim.tui.widgets.sparkline import sparklines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

CURSOR, MOVED, NEITHER = "›", "•", " "
HISTORY_HEADINGS = ("history", "past")
LARGEST_FIRST = "↓"
NOT_YET = "·"
BORDER_CELLS = 6
EMPTY = np.zeros(0)
NOTHING = ParameterTable((), EMPTY, EMPTY, EMPTY, (), (("", 0, 0),))


@dataclass(frozen=True, eq=False)
class Page:
    """The rows in sight: from row `first` on these parameters, with their histories if there is room for them. It was
    made for a panel of this size."""

    size: Size
    first: int
    parameters: list[int]
    histories: list[str]
    layout: Layout


class ParameterDrawing(ScrollView, Bordered, inherit_bindings=False):
    """The parameters of a layer, of all layers or of the neuron selected in the diagram, a row each; only the rows in
    sight are ever written.

    The row that moved most in the last update carries a dot and the accent. While the view has the focus, the numbers
    of the selected parameter stand at full precision in the border. In a phase of the next update, the layer that it
    passes through stands out, and gradients that are not yet known are left out.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "parameters--heading",
        "parameters--name",
        "parameters--history",
        "parameters--number",
        "parameters--moved",
        "parameters--cursor",
        "parameters--forward",
        "parameters--backward",
    }
    DEFAULT_CSS = """
    ParameterDrawing {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        &:focus { border: round $border; }
        & > .parameters--heading { color: $foreground-muted; }
        & > .parameters--name { color: $foreground-muted; }
        & > .parameters--history { color: $foreground-muted 60%; }
        & > .parameters--number { color: $foreground; }
        & > .parameters--moved { color: $primary; text-style: bold; }
        & > .parameters--cursor { background: $block-cursor-background; text-style: bold; }
        & > .parameters--forward { color: $primary; }
        & > .parameters--backward { color: $secondary; }
    }
    """

    shown_layer: reactive[int] = reactive(0, init=False)
    """The layer that is shown, from 0; one more than the last stands for all of them."""
    order: reactive[str] = reactive(ORDERS[0], init=False)
    full: reactive[bool] = reactive(False, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._table = NOTHING
        self._text = ParameterText(NOTHING)
        self._rows = ParameterRows(NOTHING, range(0))
        self._selected = 0
        self._left_neuron: tuple[int, int] | None = None
        self._own_layer: int | None = None  # the one to come back to after the phases, which show each its own
        self._moved_most: int | None = None
        self._name_width = 0
        self._name_width_of: tuple[tuple[str, ...], object] | None = None
        self._page: Page | None = None

    # --- what is shown ---

    @property
    def _neuron(self) -> tuple[int, int] | None:
        """The neuron whose parameters are shown, or None."""
        chosen = self._table.neuron
        return None if chosen is None or chosen.neuron == self._left_neuron else chosen.neuron

    @property
    def _parameters(self) -> range | Integers:
        table = self._table
        if self._neuron is not None and table.neuron is not None:
            return table.neuron.places
        if self.shown_layer == len(table.layers):
            return range(len(table.values))
        _, start, stop = table.layers[self.shown_layer]
        return range(start, stop)

    def _update(self) -> None:
        """Find the rows, and draw."""
        self.set_reactive(ParameterDrawing.shown_layer, self.validate_shown_layer(self.shown_layer))
        self._rows = ParameterRows(self._table, self._parameters, self.order)
        self._selected = min(self._selected, max(0, len(self._table.values) - 1))
        if len(self._rows) and self._selected not in self._rows and self._own_layer is None:
            self._selected = int(self._rows.between(0, 1)[0])
        self._moved_most = self._rows.moved_most
        self._measure_names()
        self.virtual_size = Size(0, self._heading_rows + len(self._rows))
        self._redraw()

    def _redraw(self) -> None:
        self._page = None
        self._say()
        self.refresh()

    def _measure_names(self) -> None:
        """Find the width of the longest name; the names of a large layer are measured only once."""
        names, shown = self._table.names, self._neuron or self.shown_layer
        known = self._name_width_of
        if known is None or known[0] is not names or known[1] != shown:
            longest = max((names[place] for place in self._rows.parameters), key=len, default="")
            self._name_width = max(cell_len(plain(longest)), cell_len(NAME))
            self._name_width_of = (names, shown)

    @property
    def _heading_rows(self) -> int:
        return 2 if len(self._table.layers) > 1 or self._neuron is not None else 1

    @property
    def _ground(self) -> Size:
        """The cells beside the scrollbar, if there is one."""
        return self.scrollable_content_region.size

    @property
    def _room(self) -> int:
        """The rows of parameters that are in sight."""
        return max(1, self._ground.height - self._heading_rows)

    def validate_shown_layer(self, layer: int) -> int:
        layers = len(self._table.layers)
        return max(0, min(layer, layers if layers > 1 else 0))

    def watch_full(self) -> None:
        self._redraw()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._page = None

    def on_mount(self) -> None:
        self._update()

    def on_resize(self) -> None:
        self._redraw()

    # --- the words around the rows ---

    def _say(self) -> None:
        """Tell the selected row at full precision, or which one moved most."""
        forms: list[str] = []
        if self.has_focus and len(self._rows):
            forms = self._text.sentences(self._selected)
        elif self._moved_most is not None:
            where = "" if len(self._rows) == len(self._table.values) else " in this layer"
            where = " of this neuron" if self._neuron is not None else where
            forms = [f"{MOVED} {self._text.name(self._moved_most)} moved most{where}"]
        room = self.outer_size.width - BORDER_CELLS
        self.note(next((form for form in forms if cell_len(form) <= room), ""))

    def _title_line(self, base: Style) -> list[Segment]:
        """Say which parameters are shown, and what else there is room for."""
        title, words = title_of_layer(self._table, self.shown_layer), phase_in_words(self._table)
        if self._neuron is not None:
            title = title_of_neuron(self._neuron, len(self._rows))
        keys = "esc leaves the neuron" if self._neuron is not None else "n next, N previous"
        muted = base + self._style("heading")
        if words:
            passing = base + self._style(self._table.phase)
            title_style = passing if self.shown_layer == self._table.phase_layer - 1 else muted
            words = f" · {words}" if cell_len(f"{title} · {words}") <= self._ground.width else ""
            return [Segment(title, title_style), Segment(words, passing)]
        longer = f"{title} · {keys}"
        return [Segment(longer if cell_len(longer) <= self._ground.width else title, muted)]

    def _heading_line(self, page: Page) -> str:
        """Return the headings; that of the column by which the rows are ordered has an arrow."""
        shown = page.layout
        name = set_cell_size(NAME, self._name_width)
        history = next((heading for heading in HISTORY_HEADINGS if len(heading) <= shown.history), "")
        headings = "".join(
            ((LARGEST_FIRST if self.order == column else "") + heading).rjust(shown.gap + width)
            for column, heading, width in zip(self._text.columns, shown.headings, shown.widths, strict=False)
        )
        past = f" {history.ljust(shown.history)}" if shown.history else ""
        return f"{NEITHER}{NEITHER} {name}{past}{headings}"

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        base = self.get_component_rich_style("parameters--number")
        page = self._page
        if page is None or page.size != self._ground:
            page = self._page = self._make_page()
        row = self.scroll_offset.y + y - self._heading_rows - page.first
        if y < self._heading_rows - 1:
            segments = self._title_line(base)
        elif y < self._heading_rows:
            segments = [Segment(self._heading_line(page), base + self._style("heading"))]
        elif 0 <= row < len(page.parameters):
            chosen = self.has_focus and page.parameters[row] == self._selected
            base += self._style("cursor") if chosen else Style.null()
            segments = self._row(page, row, base, chosen)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(page.size.width, base)

    def _make_page(self) -> Page:
        """Find what stands in the rows in sight."""
        table, columns = self._table, list(self._text.columns)
        room = self._ground.width - len(CURSOR + MOVED) - 1 - self._name_width
        shown = layout(columns, room, table.past is not None, self.full)
        first = self.scroll_offset.y
        parameters = self._rows.between(first, first + self._room)
        histories: list[str] = []
        if shown.history and table.past is not None and len(parameters):
            lows, highs = (
                np.array([moment[parameters] for moment in moments]) for moments in (table.past.lows, table.past.highs)
            )
            values = table.values[parameters]
            histories = sparklines(table.past.updates, lows, highs, values, table.update, shown.history)
        return Page(self._ground, first, parameters.tolist(), histories, shown)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"parameters--{name}", partial=True)

    def _row(self, page: Page, row: int, base: Style, chosen: bool) -> list[Segment]:
        parameter, shown = page.parameters[row], page.layout
        moved = parameter == self._moved_most
        name = set_cell_size(self._text.name(parameter), self._name_width)
        signs = (CURSOR if chosen else NEITHER) + (MOVED if moved else NEITHER)
        cells = (
            " " * shown.gap + self._cell(heading, parameter, width)
            for heading, width in zip(self._text.columns, shown.widths, strict=False)
        )
        front = base + self._style("moved" if moved else "name")
        if parameter in lit(self._table) and not moved:
            front = base + self._style(self._table.phase)
        segments = [Segment(f"{signs} {name}", front), Segment("".join(cells), front if moved else base)]
        if shown.history:
            segments.insert(1, Segment(f" {page.histories[row]}", base + self._style("history")))
        return segments

    def _cell(self, heading: str, parameter: int, width: int) -> str:
        """Return a number in its column; a dot for a gradient that is not yet known."""
        if not self._text.knows(heading, parameter):
            return NOT_YET.rjust(width)
        if self.full:
            return self._text.number(heading, parameter).rjust(width)
        return fixed(float(self._text.columns[heading][parameter]), width)
