"""Help: what the focused panel shows, its keys, every other key, and the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from nnsim.scenarios.schema import Scenario
from nnsim.tui.plain import plain
from nnsim.tui.screens.entries import OPEN, WON
from nnsim.tui.screens.guide import OVERVIEW, PANELS, WORDS, Panel
from nnsim.tui.screens.leaving import LeftOnce

# By key, in the order in which they are told; what is not named here comes last.
GROUPS = {
    "Move through time": "space right left e E full_stop comma home end left_square_bracket right_square_bracket "
    "left_curly_bracket right_curly_bracket t",
    "Change the training": "plus minus l o O b r R",
    "Look closer": "x w i v k a u y less_than_sign greater_than_sign c C",
    "Compare and predict": "g G M p",
    "Panels": "tab shift+tab 1 2 3 4 5 6 7 8 9 m h",
}
OTHERS = "And"
PALETTE = ("ctrl+p", "Command palette: every action, every scenario, and what to try")
LONGEST_NAME = 14
GAP = "  "
LEAST_WIDTH = 12
WIDEST, AROUND = 76, 9  # cells of the dialog, and those beside its text


class HelpScreen(ModalScreen[None], LeftOnce[None]):
    """Explains the panel that has the focus on `screen`, or the screen when none has."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1", "dismiss(None)", "Close", key_display="esc", id="close")
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._explained = panel_of(screen.focused)
        app: App[Any] = screen.app
        self._scenario = getattr(screen, "scenario", None)
        self._won: frozenset[str] = frozenset(getattr(screen, "won", ()))
        own = [] if self._explained is None else _told(app, _own_bindings(self._explained))
        self._own_keys = [(key, text) for _, key, text in own]
        self._groups = list(_grouped(_told(app, [*screen.BINDINGS, *app.BINDINGS])))
        self._text = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog help") as box:
            box.border_title = self._panel.title
            box.border_subtitle = "esc closes"
            yield self._text

    def on_resize(self, event: events.Resize) -> None:
        width = min(WIDEST, event.size.width) - AROUND
        self._text.update(Content("\n\n").join(self._sections(width)))

    @property
    def _panel(self) -> Panel:
        return OVERVIEW if self._explained is None else PANELS[self._explained.id or ""]

    def _sections(self, width: int) -> Iterator[Content]:
        """Everything that is told, with the tables on so many cells."""
        yield Content(self._panel.about)
        if isinstance(self._scenario, Scenario):
            yield self._challenges(self._scenario)
        tables = [
            ("", self._panel.signs, "bold"),
            ("Here", self._own_keys, "bold $primary"),
            *((heading, keys, "bold $primary") for heading, keys in self._groups),
            ("Words", list(WORDS.items()), "bold"),
        ]
        yield from (_table(heading, rows, style, width) for heading, rows, style in tables if rows)

    def _challenges(self, scenario: Scenario) -> Content:
        """What the scenario asks, and what there is to be won in it."""
        signs = (WON if challenge.title in self._won else OPEN for challenge in scenario.challenges)
        goals = (f"{sign} {challenge.title}" for sign, challenge in zip(signs, scenario.challenges, strict=True))
        texts = (plain(text) for text in (f"{scenario.question} {scenario.goal}", *goals))
        return Content("\n").join([Content.styled(plain(scenario.title), "bold"), *map(Content, texts)])


def panel_of(focused: Widget | None) -> Widget | None:
    """The panel that can be explained in which a widget lies."""
    if focused is None:
        return None
    around = (each for each in focused.ancestors_with_self if isinstance(each, Widget))
    return next((widget for widget in around if widget.id in PANELS), None)


def _own_bindings(panel: Widget) -> list[BindingType]:
    """The keys of a panel, and not those that Textual gives to whatever scrolls."""
    ours = (each for each in type(panel).__mro__ if not each.__module__.startswith("textual."))
    return [binding for each in ours for binding in vars(each).get("BINDINGS", ())]


def _told(app: App[Any], bindings: Iterable[BindingType]) -> list[tuple[str, str, str]]:
    """For every key its name, how it is written, and what it does; the first of two with the same key is heard."""
    told: dict[str, tuple[str, str, str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding) and (binding.tooltip or binding.description):
            text = binding.tooltip or binding.description
            names = binding.key.split(",")
            shown = binding.key_display or app.get_key_display(binding)
            if binding.id == "help":
                shown = "? F1"
            told.setdefault(shown, (names[0], shown, text[:1].upper() + text[1:]))
    return list(told.values())


def _grouped(keys: list[tuple[str, str, str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The keys under their headings."""
    left = {name: (shown, text) for name, shown, text in keys}
    for heading, names in GROUPS.items():
        found = [left.pop(name) for name in names.split() if name in left]
        if found:
            yield heading, found
    yield OTHERS, [*left.values(), PALETTE]


def _table(heading: str, rows: Sequence[tuple[str, str]], style: str, width: int) -> Content:
    """Rows of a short name and what it means, below each other, under a heading."""
    indent = min(max(len(name) for name, _ in rows), LONGEST_NAME)
    lines = [Content.styled(heading, "bold")] if heading else []
    return Content("\n").join([*lines, *(_row(name, meaning, style, indent, width) for name, meaning in rows)])


def _row(name: str, meaning: str, style: str, indent: int, width: int) -> Content:
    """A short name, and what it means beside it, also where that takes several lines."""
    lines = wrap(meaning, max(width - indent - len(GAP), LEAST_WIDTH))
    beside = ("\n" + " " * (indent + len(GAP))).join(lines)
    return Content.assemble((f"{name:>{indent}}", style), GAP + beside)
