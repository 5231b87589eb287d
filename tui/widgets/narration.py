"""What is happening, in words, and what to try next."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Static

from nnsim.tui.plain import plain
from nnsim.tui.snapshot.status import Narration
from nnsim.tui.widgets.bordered import Bordered

HINT = "Try: "


class NarrationView(ScrollableContainer, Bordered, inherit_bindings=False):
    """The lines about the present update, then the hint. It scrolls where there is too little room.

    Where the run cannot go on the first line stands in the error colour and says so.
    """

    BORDER_TITLE = "What is happening?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "scroll up", show=False),
        Binding("down", "scroll_down", "scroll down", show=False),
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
    ]
    DEFAULT_CSS = """
    NarrationView {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $primary;
        &:focus { border: round $border; }
        & > Static { padding: 0 1; min-height: 100%; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = Static()
        self._height = 0

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, narration: Narration) -> None:
        """Draw the narration."""
        paragraphs = [Content("\n").join(_lines(narration))]
        if narration.hint:
            hint = narration.hint if narration.phase else HINT + narration.hint
            paragraphs.append(Content.styled(plain(hint), "$foreground-muted"))
        self.note(narration.phase)
        content = Content("\n\n").join(paragraphs)
        height = max(self.size.height, content.get_height({}, max(1, self._text.size.width)))
        # A new layout draws the whole screen, and is needed only when the text outgrows the panel.
        self._text.update(content, layout=height != self._height)
        self._height = height


def _lines(narration: Narration) -> list[Content]:
    lines = [Content(plain(line)) for line in narration.lines]
    if not narration.alarm:
        return lines
    first = lines[0].plain if lines else ""
    if narration.alarm.casefold()[:7] not in first.casefold():
        first = f"{narration.alarm}: {first}" if first else narration.alarm
    return [Content.styled(first, "bold $error"), *lines[1:]]
