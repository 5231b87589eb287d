"""The line at the bottom: the keys that work now, each whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

GAP = 2
WORDS = {"command_palette": "More"}  # in place of Textual's own


class Entry(NamedTuple):
    """Keys that belong together, as (key, how it is shown), and what they do; `kept` ones are the last to go."""

    keys: tuple[tuple[str, str], ...]
    word: str
    kept: bool

    @property
    def cells(self) -> int:
        return sum(cell_len(shown) for _, shown in self.keys) + 1 + cell_len(self.word)


class KeyLine(Widget):
    """The keys of the screen and of the widget with the focus that are marked to be shown, as many as have room.

    `kept` has the ids of bindings that stay when there is little room. A click on a key presses it.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        padding: 0 1;
    }
    """

    def __init__(self, kept: Collection[str] = ()) -> None:
        super().__init__()
        self._kept = frozenset(kept)
        self._entries: tuple[Entry, ...] = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            entries = self._entries_of(screen.active_bindings.values())
            if entries != self._entries:
                self._entries = entries
                self.refresh()

    def _entries_of(self, active: Collection[ActiveBinding]) -> tuple[Entry, ...]:
        shown = [each.binding for each in active if each.binding.show and each.enabled]
        shown += [each.binding for each in active if each.binding.key == self.app.COMMAND_PALETTE_BINDING]
        first = {binding.action: binding for binding in reversed(shown)}
        unique = [binding for binding in shown if first[binding.action] is binding]
        entries = []
        for _, together in groupby(unique, lambda binding: binding.group or binding):
            bindings = list(together)
            keys = tuple((binding.key, self.app.get_key_display(binding)) for binding in bindings)
            word = bindings[0].group.description if bindings[0].group and len(bindings) > 1 else bindings[0].description
            word = WORDS.get(bindings[0].action, word)
            entries.append(Entry(keys, word, any((binding.id or binding.action) in self._kept for binding in bindings)))
        return tuple(entries)

    def _fitting(self) -> list[Entry]:
        """The entries that have room, in their order."""
        room = self.size.width + GAP
        chosen: set[Entry] = set()
        for entry in sorted(self._entries, key=lambda entry: not entry.kept):
            room -= entry.cells + GAP
            if room < 0:
                break
            chosen.add(entry)
        return [entry for entry in self._entries if entry in chosen]

    def render(self) -> Content:
        parts: list[tuple[str, str] | str] = []
        for entry in self._fitting():
            keys = "".join(shown for _, shown in entry.keys)
            parts += [(keys, "bold"), (f" {entry.word}", "$foreground-muted"), " " * GAP]
        return Content.assemble(*parts[:-1])

    def on_click(self, event: Click) -> None:
        key = self._key_at(event.x - self.styles.padding.left)
        if key is not None:
            self.app.simulate_key(key)

    def _key_at(self, x: int) -> str | None:
        """The key at a column: of keys that share a word each its own sign, the first one also the word."""
        for entry in self._fitting():
            if 0 <= x < entry.cells:
                ends = [sum(cell_len(shown) for _, shown in entry.keys[: n + 1]) for n in range(len(entry.keys))]
                return next((key for (key, _), end in zip(entry.keys, ends, strict=True) if x < end), entry.keys[0][0])
            x -= entry.cells + GAP
        return None
