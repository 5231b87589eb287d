"""Between the lab and the worker's thread: brings orders there, and snapshots back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nnsim.tui.delivery import Delivery
from nnsim.tui.snapshot import Attention, Snapshot
from nnsim.tui.worker import Worker

if TYPE_CHECKING:
    from nnsim.tui.session import Session


class Controller:
    """One scenario file in a lab. Its methods return at once; what they ask for is done in order by the worker.

    `show` and `complain` are called as `delivery.Delivery` says.
    """

    def __init__(
        self,
        worker: Worker,
        file: Path,
        show: Callable[[Snapshot, Callable[[], None]], None],
        complain: Callable[[str], None],
    ) -> None:
        self._worker = worker
        self._file = file
        self._delivery = Delivery(show, complain)
        self._session: Session | None = None
        self._wanted: int | None = None

    @property
    def delivering(self) -> bool:
        """Whether a snapshot is on its way to the screen."""
        return self._delivery.under_way

    def open(self, overrides: dict[str, object] | None = None) -> None:
        """Load the scenario, with some keys set otherwise, and show its start."""
        self._worker.submit(lambda: self._open(overrides))

    def close(self) -> None:
        """Stop whatever is under way."""
        self._delivery.closed = True
        if self._worker.pulse == self._pulse:  # and not that of a lab that has been opened meanwhile
            self._worker.pulse = None
        if self._session is not None:
            self._session.cancel()

    def order(self, job: Callable[[Session], object]) -> None:
        """Do something to the run, then show it."""

        def work() -> None:
            if self._session is not None and not self._delivery.closed:
                try:
                    job(self._session)
                except ValueError as error:
                    self._delivery.tell(f"{error}.")
                self._delivery.publish(self._session.snapshot())

        self._worker.submit(work)

    def attend(self, attention: Attention) -> None:
        """Let the snapshots hold what the person looks at from now on."""

        def look(session: Session) -> None:
            session.attention = attention

        self.order(look)

    def seek(self, update: int) -> None:
        """Go to an update; of several that are asked for while one is on its way, the last counts."""
        self._wanted = update

        def go(session: Session) -> None:
            wanted, self._wanted = self._wanted, None
            if wanted is not None:
                session.seek(wanted)

        self.order(go)

    def many_runs(self) -> None:
        """Start many runs of the present set-up, and show how they come in."""
        self.order(lambda session: session.many_runs(lambda: self.order(lambda _: None)))

    # --- in the worker's thread ---

    def _open(self, overrides: dict[str, object] | None) -> None:
        from nnsim.core.jit import CACHE_NOTICE
        from nnsim.scenarios.experiment import build
        from nnsim.scenarios.library import name_of
        from nnsim.scenarios.reader import ScenarioError, read
        from nnsim.tui.session import Session

        if self._delivery.closed:
            return
        try:
            experiment = build(read(self._file, overrides), str(self._file), name_of(self._file))
        except ScenarioError as error:
            self._delivery.tell(str(error))
            return
        experiment.timeline().advance(1)  # loads the kernels, so that the first key need not wait for them
        session = Session(experiment)
        if self._session is not None:
            session.attention = self._session.attention
        self._session = session
        self._worker.pulse = self._pulse
        self._delivery.publish(session.snapshot())
        if CACHE_NOTICE:
            self._delivery.tell(CACHE_NOTICE)

    def _pulse(self) -> float | None:
        """Let a playing run go on, show it, and say how long there is nothing to do."""
        session = self._session
        if session is None or not session.pace.playing:
            return None
        moved = session.pulse()
        if not session.pace.playing or (moved and self._delivery.due):
            self._delivery.publish(session.snapshot())
        return session.pace.rest
