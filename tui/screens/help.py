"""Help: what the focused panel shows, and every key."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

PANELS = {
    "scenarios": "The course, in order: each scenario needs only what came before. Your own files come last.",
    "stage": "The problem as a picture. The ball ● is where the run stands now; in the second colour you see the next "
    "update, before it is made: the way against the gradient. Older points fade. A letter or × marks a minimum.",
    "chart": "The loss over the updates, of the training set and, where there is one, of the test set. Dots are the "
    "losses of single batches. A vertical line marks a change of settings, or where you stand after going back. ╌╌ are "
    "the learning rates of a schedule, on a scale of their own from 0 at the bottom; ·· are futures that were left "
    "when the run went on differently: ctrl+p leads back to them.",
    "parameters": "Every weight and bias: its value now, the gradient at this value on the next batch, and the last "
    "update, which led here. The optimizer's state follows where there is room. A dot marks what moved most. Up and "
    "down select a row: its numbers stand below at full precision. n and p change the layer of a network.",
    "narration": "What the last update did, with its numbers, and something to try next.",
}
WORDS = {
    "parameters": "what training changes: weights (W2[28,8] joins input 28 to neuron 8 of layer 2) and biases",
    "loss": "how wrong the network is, as one number; training makes it small",
    "gradient": "the slope of the loss along every parameter: which way is up, and how steep",
    "update": "one step of all parameters against the gradient of one batch",
    "epoch": "one pass over the training set; without samples, one update",
    "learning rate": "how far a step goes: for plain SGD, learning rate times gradient",
    "critical rate": "the learning rate above which steps here grow instead of shrinking: 2 divided by the curvature",
    "curvature": "how fast the slope changes, along the direction where it changes most",
    "schedule": "a plan by which the learning rate changes on the way",
    "clipping": "a gradient that is too long is made shorter before the step",
    "penalty": "what is added to the loss for large weights, to keep them small",
    "SGD": "stochastic gradient descent: plain steps against the gradient; momentum keeps a part of the last step",
    "Adam": "steps of about the learning rate along every parameter, whatever the size of its gradient",
    "other optimizers": "each divides or signs the gradient in its own way, from what it has seen of it before; Rprop "
    "uses the learning rate as its first step alone",
    "RMSE": "how far estimates are off: the root of the mean squared error, in people for the crowd",
    "least squares": "the best straight-line answer, without a network; the mean predictor always gives the mean",
}
OVERVIEW = "A laboratory for gradient descent: step through the training of a network, forwards and backwards."
NAMES = {"stage": "The stage", "chart": "The loss", "parameters": "The parameters", "narration": "What is happening"}


class HelpScreen(ModalScreen[None]):
    """Explains the panel that has the focus on `screen`, or the screen when none has."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1", "dismiss(None)", "Close", key_display="esc", id="close")
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        focused = screen.focused
        self._panel = focused.id if focused is not None and focused.id in PANELS else None
        self._bindings_shown = _keys(screen)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog help") as box:
            box.border_title = NAMES.get(self._panel or "", "Help")
            box.border_subtitle = "esc closes"
            yield Static(PANELS.get(self._panel or "", OVERVIEW), classes="explanation", markup=False)
            for word, meaning in WORDS.items():
                yield Static(Content.assemble((word, "bold"), f": {meaning}"))
            yield Static()
            width = max(len(key) for key, _ in self._bindings_shown)
            for key, text in self._bindings_shown:
                yield Static(Content.assemble((f"{key:>{width}}", "bold $primary"), f"  {text}"))


def _keys(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Every key of the screen and of the app with what it does."""
    keys: dict[str, str] = {}
    for binding in [*screen.BINDINGS, *screen.app.BINDINGS]:
        if isinstance(binding, Binding):
            key = "? F1" if binding.id == "help" else binding.key_display or binding.key
            keys.setdefault(key, binding.tooltip or binding.description)
    keys["ctrl+p"] = "Command palette: every action, every scenario, and what to try"
    return list(keys.items())
