"""The command palette: what is worth trying, every action of the screen, every scenario, and Textual's own commands.

One provider lists them all, so that they always stand in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast, runtime_checkable

from rich.markup import escape
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from nnsim.scenarios.library import name_of

if TYPE_CHECKING:
    from nnsim.tui.app import NnsimApp


OWN_KEYS = ("Keys", "Maximize", "Minimize")
"""Textual's commands for what `?` and `m` do."""


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
            if title not in OWN_KEYS:
                yield Command(title, note, run)

    async def discover(self) -> Hits:
        for title, note, run in self._commands():
            yield DiscoveryHit(Content(title), run, text=title, help=escape(note))

    async def search(self, query: str) -> Hits:
        matcher, commands = self.matcher(query), list(self._commands())
        scores = [_score(query, command) for command in commands]
        if not any(scores):  # then letters in the right order will do
            scores = [matcher.match(command.title) for command in commands]
        for score, (title, note, run) in zip(scores, commands, strict=True):
            if score > 0:
                # A title of somebody's own may hold what would be taken for markup.
                shown = Content(title) if "[" in title else matcher.highlight(title)
                yield Hit(score, shown, run, text=title, help=escape(note))


def _score(query: str, command: Command) -> float:
    """How well the words of a query go with a command whose title and note have all of them; 0 if they have not. A
    word of the title counts more than a part of one, and that more than a word of the note."""
    title, note = command.title.casefold(), command.note.casefold()
    score = 0.0
    for word in query.casefold().split():
        if word not in title and word not in note:
            return 0.0
        begins = re.search(rf"\b{re.escape(word)}", title) is not None
        whole = re.search(rf"\b{re.escape(word)}\b", title) is not None
        score += 1.0 + (word in title) + begins + whole
    return score
