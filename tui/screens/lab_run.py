"""The lab as it is driven: the keys that move the run, change it, and set others beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nnsim.scenarios.ladder import on_ladder
from nnsim.tui.plain import plain
from nnsim.tui.screens.goals import GoalsDialog
from nnsim.tui.screens.lab_view import LabView
from nnsim.tui.screens.prediction import Bet, PredictionDialog
from nnsim.tui.screens.set_up import ask_batch_size, ask_optimizer, ask_race, ask_rate, ask_setting

if TYPE_CHECKING:
    from nnsim.scenarios.prediction import Verdict
    from nnsim.tui.session import Offer, Session
    from nnsim.tui.snapshot.status import Status

VERDICT_SECONDS = 12.0


class LabRun(LabView):
    """What a person can do to the run."""

    # --- move it ---

    def _order(self, job: Callable[[Session], object]) -> None:
        self.controller.order(job)

    def action_play(self) -> None:
        self._order(lambda session: session.play_or_pause())

    def action_forward(self) -> None:
        self._order(lambda session: session.forward())

    def action_back(self) -> None:
        self._order(lambda session: session.back())

    def action_forward_phase(self) -> None:
        self._order(lambda session: session.forward_phase())

    def action_back_phase(self) -> None:
        self._order(lambda session: session.back_phase())

    def action_epoch(self) -> None:
        self._order(lambda session: session.forward_epoch())

    def action_back_epoch(self) -> None:
        self._order(lambda session: session.back_epoch())

    def action_start(self) -> None:
        self._order(lambda session: session.seek(0))

    def action_latest(self) -> None:
        self._order(lambda session: session.seek(session.timeline.latest))

    def action_again(self) -> None:
        self._order(lambda session: session.restart())

    def action_new_seed(self) -> None:
        self._order(lambda session: session.restart(new_seed=True))

    def action_speed(self, steps: int) -> None:
        self._order(lambda session: session.faster(steps))

    def action_rate(self, steps: int) -> None:
        self._order(lambda session: session.change_rate(lambda rate: on_ladder(rate, steps)))

    # --- change it ---

    def action_type_rate(self) -> None:
        self._when_ready(partial(ask_rate, self.app, self.controller))

    def action_optimizer(self) -> None:
        self._when_ready(partial(ask_optimizer, self.app, self.controller))

    def action_setting(self) -> None:
        self._when_ready(partial(ask_setting, self.app, self.controller))

    def action_batch(self) -> None:
        self._when_ready(partial(ask_batch_size, self.app, self.controller))

    # --- runs beside this one ---

    def action_ghost(self) -> None:
        def keep(_: Status) -> None:
            self._order(lambda session: session.keep_ghost())
            self.notify("This run stays as a ghost. Change one setting and press r to run beside it.")

        self._when_ready(keep)

    def action_race(self) -> None:
        self._when_ready(lambda _: ask_race(self.app, self.controller, self.scenario))

    def action_many_runs(self) -> None:
        def started(view: str) -> None:
            self.attention = replace(self.attention, view=view)

        self._when_ready(lambda _: self.controller.many_runs(started))

    # --- goals and predictions ---

    def action_goals(self) -> None:
        def show(status: Status) -> None:
            assert self.snapshot is not None
            won = self._journal.entry(self.file).won
            self.app.push_screen(GoalsDialog(status.title, self.snapshot.goals, won, self.following))

        self._when_ready(show)

    def action_predict(self) -> None:
        self._when_ready(lambda _: self.controller.ask(lambda session: session.questions(), self._predict))

    def _predict(self, offer: Offer) -> None:
        questions, known = offer
        if not questions:
            self._complain("This run cannot go on: there is nothing to predict.")
            return

        def done(bet: Bet | None) -> None:
            if bet is not None:
                self.controller.ask(lambda session: session.bet(*bet), partial(self._settle, counts=not known))

        entry = self._journal.entry(self.file)
        self.app.push_screen(PredictionDialog(questions, entry.right, entry.wrong, known), done)

    def _settle(self, verdict: Verdict, counts: bool) -> None:
        self.notify(plain(verdict.sentence), markup=False, timeout=VERDICT_SECONDS)
        if counts:
            self._worker.submit(lambda: self._journal.bet(self.file, verdict.right))
