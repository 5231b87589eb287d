"""The bet: choose what to predict, then what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nnsim.tui.plain import plain
from nnsim.tui.screens.leaving import LeftOnce
from nnsim.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from nnsim.scenarios.prediction import Question

FIRST = "What do you want to predict?"
KNOWN = "The run has been there, so this one does not count: go on with end, or begin again with r."
NOTHING = "Nothing can be predicted here: the run has stopped."


class Bet(NamedTuple):
    """A question, and the choice (from 0) that somebody bets on."""

    question: Question
    choice: int


class PredictionDialog(ModalScreen[Bet | None], LeftOnce[Bet | None]):
    """Asks which question, unless there is only one, and then for the answer. `right` of `right + wrong` bets on this
    scenario have come true so far; this one does not count when its end is `known`, having been on the screen before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="back"),
        *(Binding(str(digit), f"take({digit})", show=False) for digit in range(1, 10)),
    ]

    def __init__(self, questions: Sequence[Question], right: int, wrong: int, known: bool = False) -> None:
        super().__init__()
        self._questions = questions
        self._question = questions[0] if len(questions) == 1 else None
        bets = right + wrong
        self._score = f"{right} of {bets} right so far." if bets else "Your first prediction in this scenario."
        self._score = KNOWN if known else self._score
        # Kept, not looked up: a fast escape leaves the dialog before they are in it.
        self._box = Vertical(classes="dialog")
        self._text = Static(id="ask", markup=False)
        self._listing = Choices()

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._text
            yield self._listing

    def on_mount(self) -> None:
        self._listing.focus()
        self._ask()

    @property
    def _answers(self) -> list[str]:
        """What there is to choose from now."""
        if self._question is not None:
            return [*self._question.choices]
        return [question.text for question in self._questions]

    def _ask(self) -> None:
        question = self._question
        box = self._box
        box.border_title = "Predict"
        leave = "esc goes back" if question is not None and len(self._questions) > 1 else "esc leaves it"
        box.border_subtitle = f"1 to {len(self._answers)} or enter takes it, {leave}" if self._questions else leave
        asked = plain(question.text) if question is not None else FIRST if self._questions else NOTHING
        self._text.update(Content.assemble((asked, "bold"), f"\n{self._score}"))
        listing = self._listing
        listing.clear_options()
        listing.add_options(
            Option(Content.assemble((f"{place}", "bold $primary"), f"  {plain(answer)}"))
            for place, answer in enumerate(self._answers, 1)
        )
        listing.highlighted = 0 if self._questions else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.action_take(event.option_index + 1)

    def action_take(self, place: int) -> None:
        """Take the question or the answer with this number, from 1."""
        if place > len(self._answers):
            return
        if self._question is not None:
            self.dismiss(Bet(self._question, place - 1))
        else:
            self._question = self._questions[place - 1]
            self._ask()

    def action_back(self) -> None:
        """From the answers to the questions, and from there out."""
        if self._question is None or len(self._questions) < 2:
            self.dismiss(None)
        else:
            self._question = None
            self._ask()
