"""What a run is trained with, chosen in dialogs: the learning rate, the optimizer, the batch size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

from nnsim.scenarios.text import number
from nnsim.tui.controller import Controller
from nnsim.tui.screens.dialogs import ChoiceDialog, TypedDialog, hyperparameters, parse_rate, parse_setting

if TYPE_CHECKING:
    from nnsim.core.optimizers import Optimizer
    from nnsim.scenarios.schema import Scenario
    from nnsim.tui.snapshot.status import Status


def ask_rate(app: App[Any], controller: Controller, status: Status) -> None:
    """Let the person type a learning rate."""

    def done(rate: float | None) -> None:
        if rate is not None:
            controller.order(lambda session: session.change_rate(lambda _: rate))

    hint = f"Now {number(status.learning_rate)}."
    if status.critical_rate is not None:
        hint += f" {about_critical(status.critical_rate, status.flies_apart)}"
    hint += " It may be a calculation, such as 2/9."
    app.push_screen(TypedDialog("Which learning rate?", hint, number(status.learning_rate), parse_rate), done)


def about_critical(critical_rate: float, flies_apart: bool) -> str:
    """What is known of rates above the critical one: what they do only where the curvature stays."""
    if flies_apart:
        return f"Above {number(critical_rate)} steps along the sharpest direction grow."
    return f"The critical rate by the curvature here is {number(critical_rate)}; elsewhere it is another."


def ask_setting(app: App[Any], controller: Controller, status: Status) -> None:
    """Let the person type another number of the optimizer, such as its momentum."""
    known = hyperparameters(status.rule)

    def done(rule: Optimizer | None) -> None:
        if rule is not None:
            controller.order(lambda session: session.set_optimizer(rule.with_rate))

    shown = (str(value).lower() if isinstance(value, bool) else number(value) for value in known.values())
    now = ", ".join(f"{name} {value}" for name, value in zip(known, shown, strict=True))
    example = f"{next(iter(known))} 0.5"
    hint = f"{status.optimizer} has {now}. Type a name and what it is to be from the next update on."
    hint += " A number may be a calculation, such as 1/2."
    app.push_screen(TypedDialog("Which setting?", hint, example, partial(parse_setting, rule=status.rule)), done)


def ask_optimizer(app: App[Any], controller: Controller, status: Status) -> None:
    """Let the person choose an optimizer."""

    def done(make: Callable[[float], Optimizer] | None) -> None:
        if make is not None:
            controller.order(lambda session: session.set_optimizer(make))

    note = "The learning rate stays; another optimizer starts with fresh state. O types its numbers."
    choices: list[tuple[str, Callable[[float], Optimizer] | None]] = [*optimizers()]
    if status.optimizer not in dict(choices):
        choices.insert(0, (status.optimizer, None))
    app.push_screen(ChoiceDialog("Which optimizer?", choices, status.optimizer, note), done)


def ask_batch_size(app: App[Any], controller: Controller, status: Status) -> None:
    """Let the person choose a batch size."""

    def done(size: int | None) -> None:
        if size is not None:
            controller.order(lambda session: session.set_batch_size(size))

    sizes = [2**power for power in range(17) if 2**power < status.samples] + [status.samples]
    choices = [(f"{size}, the whole training set" if size == status.samples else str(size), size) for size in sizes]
    now = next((name for name, size in choices if size == status.batch_size), "")
    note = f"Samples per update, out of {status.samples}."
    app.push_screen(ChoiceDialog("Which batch size?", choices, now, note), done)


def ask_race(app: App[Any], controller: Controller, scenario: Scenario) -> None:
    """Let the person choose what the runs of a race differ in."""
    from nnsim.scenarios.race import OWN_RACE, RACES

    def done(kind: str | None) -> None:
        if kind is not None:
            controller.order(lambda session: session.race(kind))
            app.notify("The race is on: the chart has all runs, 9 says who got where first.")

    kinds = [*([OWN_RACE] if scenario.race else []), *RACES]
    choices: list[tuple[str, str | None]] = [(kind.capitalize(), kind) for kind in kinds]
    note = "More runs from the same start, on the same samples in the same order; they differ in one thing."
    app.push_screen(ChoiceDialog("A race of what?", choices, "", note), done)


def optimizers() -> list[tuple[str, Callable[[float], Optimizer]]]:
    """The optimizers to choose from, each made for a learning rate."""
    from nnsim.core import optimizers as rules

    makers: list[Callable[[float], Optimizer]] = [
        rules.SGD,
        partial(rules.SGD, momentum=0.9),
        partial(rules.SGD, momentum=0.9, nesterov=True),
        rules.Adagrad,
        rules.RMSprop,
        partial(rules.RMSprop, centered=True),
        rules.Adadelta,
        rules.Adam,
        partial(rules.Adam, amsgrad=True),
        rules.AdamW,
        rules.Adamax,
        rules.NAdam,
        rules.RAdam,
        rules.Rprop,
        rules.Lion,
    ]
    return [(make(0.0).label, make) for make in makers]
