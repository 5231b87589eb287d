"""The keys of the lab."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from nnsim.tui.arrangement import PANELS
from nnsim.tui.panels import ALL

UPDATE, EPOCH = Binding.Group("Update", compact=True), Binding.Group("Epoch", compact=True)
PHASE, RATE = Binding.Group("Phase", compact=True), Binding.Group("Rate", compact=True)
SETUP, AGAIN = Binding.Group("Setup", compact=True), Binding.Group("Again", compact=True)


def _key(keys: str, action: str, id: str, tooltip: str, shown_as: str | None = None) -> Binding:
    """A key that the footer has no room for; the help lists it."""
    return Binding(keys, action, id=id, tooltip=tooltip, key_display=shown_as, show=False)


KEYS: list[BindingType] = [
    Binding("space", "play", "Play", key_display="space", id="play", tooltip="Play or pause"),
    Binding("left", "back", "Back", key_display="←", id="back", tooltip="One update back", group=UPDATE),
    Binding("right", "forward", "Update", key_display="→", id="forward", tooltip="One update forward", group=UPDATE),
    Binding("comma", "back_phase", "Phase", key_display=",", id="back-phase", tooltip="One phase back", group=PHASE),
    Binding(
        "full_stop", "forward_phase", "Phase", key_display=".", id="phase", tooltip="One phase forward", group=PHASE
    ),
    Binding("E", "back_epoch", "Epoch back", id="back-epoch", tooltip="One epoch back", group=EPOCH),
    Binding("e", "epoch", "Epoch", id="epoch", tooltip="One epoch forward", group=EPOCH),
    Binding("minus", "rate(-1)", "Rate", key_display="-", id="rate-down", tooltip="Smaller learning rate", group=RATE),
    Binding(
        "plus,equals_sign",
        "rate(1)",
        "Rate",
        key_display="+",
        id="rate-up",
        tooltip="Larger learning rate",
        group=RATE,
    ),
    Binding("l", "type_rate", "Rate", id="type-rate", tooltip="Type a learning rate", group=RATE),
    Binding("o", "optimizer", "Setup", id="optimizer", tooltip="Choose the optimizer", group=SETUP),
    Binding("b", "batch", "Setup", id="batch-size", tooltip="Choose the batch size", group=SETUP),
    Binding("r", "again", "Again", id="again", tooltip="Start again with the present settings", group=AGAIN),
    Binding("R", "new_seed", "Again", id="new-seed", tooltip="Start again with a new seed", group=AGAIN),
    Binding("x", "receipt", "Receipt", id="receipt", tooltip="The next update of the selected parameter, written out"),
    _key("O", "setting", "setting", "Type a number of the optimizer, such as its momentum"),
    _key("w", "app.why", "why", "Why: the formula behind this scenario, and its source"),
    Binding("i", "goals", "Goals", id="goals", tooltip="Goals: what there is to win here, and what comes next"),
    Binding("p", "predict", "Predict", id="predict", tooltip="Predict what happens next"),
    Binding("v", "view", "View", id="view", tooltip="Another view of the stage"),
    Binding("g", "ghost", "Ghost", id="ghost", tooltip="Keep this run as a ghost beside the next one"),
    Binding("question_mark,f1", "app.help", "Help", key_display="?", id="help", tooltip="Help"),
    Binding("escape", "leave", "Back", key_display="esc", id="leave", tooltip="Back to the gallery"),
    Binding("q", "app.quit", "Quit", id="quit", tooltip="Quit"),
    Binding("tab", "next_panel(1)", id="next-panel", tooltip="Next panel", show=False),
    _key("home", "start", "start", "Go to the start"),
    _key("end", "latest", "latest", "Go to the latest update"),
    _key("left_square_bracket", "speed(-1)", "slower", "Play slower", "["),
    _key("right_square_bracket", "speed(1)", "faster", "Play faster", "]"),
    _key("k", "axis_of_slice", "axis-of-slice", "Keep the selected parameter as the second axis of the slice"),
    _key("G", "race", "race", "Race: runs that differ in one setting, side by side"),
    _key("M", "many_runs", "many-runs", "Many runs of this set-up with other seeds"),
    _key("y", "scale", "scale", "Switch the chart between linear and log scale"),
    _key("a", "measure", "measure", "Switch the chart between the loss and the accuracy or RMSE"),
    _key("u", "axis", "axis", "Count the chart's x axis in updates, epochs, samples or seconds"),
    _key("less_than_sign", "cursor(-1)", "cursor-left", "Move the chart's cursor to the left", "<"),
    _key("greater_than_sign", "cursor(1)", "cursor-right", "Move the chart's cursor to the right", ">"),
    _key("t", "timeline", "timeline", "Focus the timeline: the arrows then scrub"),
    _key("left_curly_bracket", "mark(-1)", "mark-before", "Go to the mark before this update", "{"),
    _key("right_curly_bracket", "mark(1)", "mark-after", "Go to the mark after this update", "}"),
    _key("m", "maximise", "maximise", "Give the focused panel the whole lab, or take it back"),
    _key("h", "hide", "hide", "Hide the focused panel; its number brings it back"),
    *(_key(str(n), f"panel({n})", f"panel-{n}", f"Bring up {ALL[name].name}") for n, name in enumerate(PANELS, 1)),
    _key("shift+tab", "next_panel(-1)", "previous-panel", "Previous panel"),
]
