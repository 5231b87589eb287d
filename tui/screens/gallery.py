"""The gallery: the course as a list, what has been won in it, and the scenario under the cursor at play."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nnsim.tui.preview import Frame, Preview
from nnsim.tui.screens.entries import Item, about, chapters, items
from nnsim.tui.screens.sized import SizedScreen
from nnsim.tui.widgets.choices import Choices
from nnsim.tui.widgets.fitting import FittingText
from nnsim.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from nnsim.tui.app import NnsimApp
    from nnsim.tui.widgets.stage import StageView

PREPARING = "Getting ready to compute. The first time on a machine this takes some seconds."
ROOMY = (100, 30)
"""Columns and rows from which on the questions stand in the list; below, only beside the picture."""
LEAST_PICTURE = 8
"""Rows that the words leave to the picture, and to the space before it."""


class GalleryScreen(SizedScreen[None]):
    """Pick a scenario. `course` and `own` are scenario files that have been read without errors."""

    # With priority, so that they are answered in the order in which they come, however fast: the keys behind an Enter
    # are for the lab.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "open", "Open", key_display="enter", id="open", tooltip="Open, where you left it", priority=True
        ),
        Binding("n", "anew", "Anew", id="anew", tooltip="Open and start anew", priority=True),
        Binding("w", "why", "Why", id="why", tooltip="Why: the formula and its source", priority=True),
        Binding("up,k", "move('cursor_up')", "Up", key_display="↑", id="up", priority=True),
        Binding("down,j", "move('cursor_down')", "Down", key_display="↓", id="down", priority=True),
        Binding("pageup", "move('page_up')", "Page up", id="page-up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Page down", id="page-down", show=False, priority=True),
        Binding("home", "move('first')", "First", id="first", show=False, priority=True),
        Binding("end", "move('last')", "Last", id="last", show=False, priority=True),
    ]
    # Some themes have a cursor on which quiet text cannot be read.
    DEFAULT_CSS = """
    GalleryScreen #scenarios > .option-list--option-highlighted { color: $foreground; background: $foreground 12%; }
    GalleryScreen:ansi #scenarios > .option-list--option-highlighted {
        color: $block-cursor-foreground; background: $block-cursor-background;
    }
    GalleryScreen #preview { border-subtitle-color: $foreground-muted; }
    """

    def __init__(self, course: list[Path], own: list[Path]) -> None:
        super().__init__()
        self._items = items(course, own)
        self._rows: list[Item | None] = []  # of the list; None for a heading
        self._starts: dict[Path, Frame] = {}
        self._preview: Preview | None = None
        self._view: StageView | None = None
        self._roomy = True

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("nnsim", "bold $primary"), "  a laboratory for gradient descent"), id="headline")
        with Horizontal():
            yield Choices(*self._options(), id="scenarios")
            with Vertical(id="preview"):
                yield FittingText(LEAST_PICTURE, id="about")
                yield Vertical(Static(PREPARING, id="preparing"), id="look")
        yield KeyLine(kept=("open", "help", "quit"))

    def _options(self) -> list[Option]:
        options: list[Option] = []
        self._rows.clear()
        for heading, item in chapters(self._items):
            if heading:
                self._rows.append(None)
                options.append(Option(self._heading(heading), disabled=True))
            self._rows.append(item)
            options.append(Option(self._line(item)))
        return options

    def _heading(self, heading: str) -> Content:
        space = "\n" if self._roomy and len(self._rows) > 1 else ""
        return Content.assemble(space, (heading, "bold $foreground-muted"))

    def _line(self, item: Item) -> Content:
        return item.line(self._app.journal.entry(item.file), with_question=self._roomy)

    @property
    def _app(self) -> NnsimApp:
        return cast("NnsimApp", self.app)

    @property
    def _in_front(self) -> bool:
        """Whether this is the screen that keys go to: `is_current` also holds behind a lab that has no styles yet."""
        return self.app.screen is self

    @property
    def _highlighted(self) -> Item | None:
        listing = self.query_one(OptionList)
        return None if listing.highlighted is None else self._rows[listing.highlighted]

    @property
    def titles(self) -> dict[Path, str]:
        """The title of every scenario here."""
        return {item.file: item.title for item in self._items}

    def on_mount(self) -> None:
        self._preview = Preview(self._app.worker, self._show)
        view = self.query_one("#preview")
        view.border_title = "What is it about?"
        listing = self.query_one(OptionList)
        listing.border_title = "Which scenario?"
        listing.focus()
        listing.action_first()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        roomy = event.size.width >= ROOMY[0] and event.size.height >= ROOMY[1]
        if roomy != self._roomy:
            self._roomy = roomy
            self._tell_again()

    def _ask_to_tell(self) -> None:
        """From the worker's thread, which has written something down."""
        self.call_later(self._tell_what_is_kept)

    def _tell_what_is_kept(self) -> None:
        with suppress(NoMatches):  # the app is closing
            self._tell_again()

    def _tell_again(self) -> None:
        """Write the list and the words anew: something has been won, or there is more or less room."""
        listing = self.query_one(OptionList)
        for place, option in enumerate(self._options()):
            listing.replace_option_prompt_at_index(place, option.prompt)
        listing.scroll_to_highlight()
        if self._highlighted is not None:
            self._tell(self._highlighted)

    def _tell(self, item: Item) -> None:
        self.query_one(FittingText).show(about(item, self._app.journal.entry(item.file)))

    def show_again(self, file: Path) -> None:
        """Put the cursor on a scenario, as when one comes back from its lab."""
        for place, item in enumerate(self._rows):
            if item is not None and item.file == file:
                self.query_one(OptionList).highlighted = place
        # What the lab has left to the worker to write down is told when that is done.
        self._app.worker.submit(self._ask_to_tell)

    def on_screen_resume(self) -> None:
        self._tell_again()
        if self._highlighted is not None:
            self._look_at(self._highlighted)

    def on_screen_suspend(self) -> None:
        if self._preview is not None:
            self._preview.stop()

    def action_move(self, where: str) -> None:
        """Move the cursor of the list, as the list itself would."""
        listing = self.query_one(Choices)
        getattr(listing, f"action_{where}")()
        if self._rows.index(self._highlighted) <= 1:
            listing.scroll_home(animate=False)  # shows the heading above the first scenario again

    def action_open(self) -> None:
        if self._in_front and self._highlighted is not None:  # and not a second Enter, when the lab is opening already
            self._app.open_lab(self._highlighted.file)

    def action_anew(self) -> None:
        """Forget where the scenario was left, and open it."""
        if self._in_front and self._highlighted is not None:
            file = self._highlighted.file
            self._app.worker.submit(lambda: self._app.journal.leave(file, None))  # behind what a lab may be writing
            self.action_open()

    def action_why(self) -> None:
        """Show the formula behind the scenario under the cursor, and its source."""
        if self._in_front and self._highlighted is not None:
            self._app.explain(self._highlighted.title, self._highlighted.said.get("why"))

    def on_option_list_option_selected(self) -> None:
        self.action_open()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        item = self._rows[event.option_index]
        if item is not None:
            self._tell(item)
            self._look_at(item)

    # --- the picture ---

    def _look_at(self, item: Item) -> None:
        """Show the scenario at its start, and let it play; behind a lab nobody needs it."""
        start = self._starts.get(item.file)
        if start is not None:
            self._draw(start)
        elif self._view is not None:
            self._view.display = False
        if self._in_front and self._preview is not None:
            self._preview.play(item.file)

    def _show(self, frame: Frame) -> None:
        if frame.update == 0:
            self._starts[frame.file] = frame
        with suppress(NoMatches, MountError):  # the app is closing, and its widgets go one by one
            if self.is_attached and self._highlighted is not None and self._highlighted.file == frame.file:
                self._draw(frame)

    def _draw(self, frame: Frame) -> None:
        if self._view is None:
            from nnsim.tui.widgets.stage import StageView  # brings NumPy along, which the first frame does not need

            self._view = StageView()
            self.query_one("#preparing").remove()
            self.query_one("#look").mount(self._view)
        self._view.display = True
        self._view.show(frame.stage)
        width = len(f"{frame.end:,}")
        self.query_one("#preview").border_subtitle = f"update {frame.update:>{width},} of {frame.end:,}"
