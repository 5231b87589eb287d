"""The command palette: what is worth trying, every action of the screen, every scenario, and Textual's own commands.

One provider lists them all, so that they always stand in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast, runtime_checkable

from rich.markup import escape
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from nnsim.scenarios.library import name_of

if TYPE_CHECKING:
    from nnsim.tui.app import NnsimApp


class Command(NamedTuple):
    """A line of the palette, and what choosing it does."""

    title: str
    note: str
    run: Callable[[], object]


@runtime_checkable
class HasCommands(Protocol):
    """A screen with commands of its own."""

    def commands(self) -> Iterable[Command]: ...


class Commands(Provider):
    """Everything that can be done now."""

    def _commands(self) -> Iterable[Command]:
        app = cast("NnsimApp", self.app)
        if isinstance(self.screen, HasCommands):
            yield from self.screen.commands()
        for file, title in app.gallery.titles.items():
            yield Command(f"Open: {title}", f"scenario {name_of(file)}", partial(app.open_lab, file))
        for title, note, run, _ in app.get_system_commands(self.screen):
            yield Command(title, note, run)

    async def discover(self) -> Hits:
        for title, note, run in self._commands():
            yield DiscoveryHit(Content(title), run, text=title, help=escape(note))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, note, run in self._commands():
            score = matcher.match(title)
            if score > 0:
                # A title of somebody's own may hold what would be taken for markup.
                shown = Content(title) if "[" in title else matcher.highlight(title)
                yield Hit(score, shown, run, text=title, help=escape(note))
