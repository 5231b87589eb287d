"""The small dialogs of the lab: type a learning rate, choose one of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from nnsim.scenarios.text import found
from nnsim.tui.screens.leaving import LeftOnce
from nnsim.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from nnsim.core.optimizers import Optimizer

Choice = TypeVar("Choice")
Typed = TypeVar("Typed")

CANCEL = Binding("escape", "dismiss(None)", "Cancel", id="cancel")


class TypedDialog(ModalScreen[Typed | None], LeftOnce[Typed | None], Generic[Typed]):
    """Asks for something to be typed. Where `parse` raises a ValueError, its sentence is the answer and the dialog
    stays."""

    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(self, title: str, hint: str, example: str, parse: Callable[[str], Typed]) -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self._parse = parse
        self._input = Input(placeholder=example, max_length=40)
        self._error = Static(id="error", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = "enter takes it, esc leaves it"
            yield Static(self._hint, markup=False)
            yield self._input
            yield self._error

    def on_key(self, event: events.Key) -> None:
        """Take what somebody fast types before the field has the focus."""
        if self.focused is None and event.is_printable and event.character:
            self._input.value += event.character
        elif self.focused is None and event.key == "enter":
            self._submit(self._input.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._submit(event.value)

    def _submit(self, text: str) -> None:
        try:
            self.dismiss(self._parse(text))
        except ValueError as error:
            self._error.update(Content(str(error)))

    def on_input_changed(self) -> None:
        self._error.update("")


def typed_number(text: str) -> float | None:
    """The number that a person typed, also as a calculation such as 2/9; None where it is none."""
    from nnsim.core.formula import constant

    try:
        return constant(text)
    except ValueError:
        return None


def parse_rate(text: str) -> float:
    """The learning rate that a person typed. Raises ValueError with a sentence when it is none."""
    rate = typed_number(text)
    if rate is None or rate < 0.0:
        raise ValueError(
            f"{found(text)} is no learning rate: it takes a finite number of at least 0, such as 0.05 or 2/9."
        )
    return rate


def hyperparameters(rule: Optimizer) -> dict[str, float | bool]:
    """The numbers and flags of an optimizer, but for its learning rate."""
    return {name: value for name, value in vars(rule).items() if name != "learning_rate"}


def parse_setting(text: str, rule: Optimizer) -> Optimizer:
    """The optimizer with what was typed as "momentum 0.5" or "momentum = 1/2" in place of its own. Raises ValueError
    with a sentence for anything that it cannot have."""
    known = hyperparameters(rule)
    name, _, value = text.replace("=", " ").strip().partition(" ")
    if name not in known:
        raise ValueError(f"{found(name)} is no setting of this optimizer: it has {', '.join(known)}.")
    if isinstance(known[name], bool):
        if value.strip() not in ("true", "false"):
            raise ValueError(f"{name} is {found(value.strip())}: it takes true or false.")
        return _changed(rule, name, value.strip() == "true")
    typed = typed_number(value)
    if typed is None:
        raise ValueError(f"{name} is {found(value.strip())}: it takes a number, such as 0.5 or 1/2.")
    return _changed(rule, name, typed)


def _changed(rule: Optimizer, name: str, value: float | bool) -> Optimizer:
    changes: dict[str, Any] = {name: value}
    try:
        return replace(rule, **changes)
    except ValueError as error:
        raise ValueError(f"{error}.") from None


class ChoiceDialog(ModalScreen[Choice | None], LeftOnce[Choice | None], Generic[Choice]):
    """Offers named choices; the present one carries a dot and the cursor. What is typed leads to the first choice whose
    name begins with it, or else has a word that does."""

    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(self, title: str, choices: Sequence[tuple[str, Choice | None]], now: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._names = [name.lower() for name, _ in choices]
        self._meant = next((place for place, (name, _) in enumerate(choices) if name == now), 0)
        self._note = note
        self._typed = ""
        self._listing = Choices(*(Option(Content(f"{'●' if name == now else ' '} {name}")) for name, _ in choices))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = "type or move, enter takes it, esc leaves it"
            yield Static(self._note, markup=False)
            yield self._listing

    def on_mount(self) -> None:
        self._listing.highlighted = self._meant

    def on_key(self, event: events.Key) -> None:
        """Go to the choice that is meant, also for somebody who types before the list has the focus."""
        if event.is_printable and event.character:
            self._find(event.character.lower())
        elif self.focused is None and event.key == "enter":
            self.dismiss(self._choices[self._meant][1])

    def _find(self, character: str) -> None:
        """Go on with what has been typed; what leads nowhere begins anew with its last character."""
        for typed in (self._typed + character, character):
            begins = [place for place, name in enumerate(self._names) if name.startswith(typed)]
            found = begins or [place for place, name in enumerate(self._names) if f" {typed}" in name]
            if found:
                self._typed, self._meant = typed, found[0]
                self._listing.highlighted = found[0]
                return

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index][1])
