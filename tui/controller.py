"""Between the lab and the worker's thread: brings orders there, and snapshots back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nnsim.scenarios.text import whole
from nnsim.tui.delivery import Delivery
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.worker import Worker

if TYPE_CHECKING:
    from nnsim.core.timeline import Timeline
    from nnsim.scenarios.bookmark import Bookmark
    from nnsim.scenarios.experiment import Experiment
    from nnsim.scenarios.race import Rivals
    from nnsim.scenarios.reader import ScenarioError
    from nnsim.tui.journal import Journal
    from nnsim.tui.session import Session

Result = TypeVar("Result")


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
        journal: Journal | None = None,
    ) -> None:
        self._worker = worker
        self._file = file
        self._journal = journal
        self._overrides: dict[str, object] = {}
        self._text = ""  # the fingerprint of the scenario file as it was read
        self._delivery = Delivery(show, complain)
        self._session: Session | None = None
        self._seeks = self._others = 0  # orders so far: to go to an update, and all others
        self._done = 0  # those that are no longer waiting

    @property
    def delivering(self) -> bool:
        """Whether a snapshot is on its way to the screen."""
        return self._delivery.under_way

    def open(self) -> None:
        """Load the scenario, and show where it was left, or its start."""
        self._worker.submit(self._resume)

    def set_up(self, overrides: dict[str, object]) -> None:
        """Start again with the scenario's own set-up and these keys set otherwise."""
        self._worker.submit(lambda: self._open(overrides))

    def close(self) -> None:
        """Stop whatever is under way, and write down where the run was left; the first time counts."""
        if self._delivery.closed:
            return
        self._delivery.closed = True
        self._worker.submit(self._leave)
        if self._worker.pulse == self._pulse:  # and not that of a lab that has been opened meanwhile
            self._worker.pulse = None
        if self._session is not None:
            self._session.cancel()

    def order(self, job: Callable[[Session], object]) -> None:
        """Do something to the run, then show it."""

        self._others += 1
        self._submit(lambda: self._do(job))

    def ask(self, job: Callable[[Session], Result], answer: Callable[[Result], None]) -> None:
        """Do something to the run, show it, and call `answer` with what came of it, in the event loop's thread."""

        def work(session: Session) -> None:
            result = job(session)
            self._delivery.in_loop(lambda: answer(result))

        self.order(work)

    def attend(self, attention: Attention) -> None:
        """Let the snapshots hold what the person looks at from now on."""

        def look(session: Session) -> None:
            session.attention = attention

        self.order(look)

    def seek(self, update: int) -> None:
        """Go to an update; of several that are asked for in a row, those that have not been done yet are left out."""
        self._seeks += 1
        number = self._seeks

        def go() -> None:
            if number == self._seeks or self._others != others:
                self._do(lambda session: session.seek(update))

        others = self._others
        self._submit(go)

    def many_runs(self, started: Callable[[str], None]) -> None:
        """Start many runs of the present set-up, and show how they come in; `started` gets the view that shows them if
        they do."""
        show = lambda: self._worker.submit(lambda: self._do(lambda _: None))  # noqa: E731
        self.ask(lambda session: session.many_runs(show), started)

    def _submit(self, order: Callable[[], None]) -> None:
        def work() -> None:
            self._done += 1
            order()

        self._delivery.expect()
        self._worker.submit(work)

    # --- in the worker's thread ---

    @property
    def _asked(self) -> bool:
        """Whether an order is waiting."""
        return self._done < self._seeks + self._others

    @property
    def _shows_soon(self) -> bool:
        """Whether another order is waiting, which will be shown, and something has been shown just now: then what lies
        between them is left out, and fast fingers are not kept waiting for pictures that nobody sees."""
        return self._asked and self._delivery.just_published

    def _do(self, job: Callable[[Session], object]) -> None:
        from nnsim.scenarios.reader import ScenarioError

        if self._session is not None and not self._delivery.closed:
            try:
                job(self._session)
            except (ValueError, ScenarioError) as error:
                self._tell(error)
            finally:
                if not self._shows_soon:
                    self._delivery.publish(self._session.snapshot())

    def _resume(self) -> None:
        """Show the run where it was left; where that cannot be, show the start and say why."""
        from nnsim.scenarios.bookmark import misfit

        mark = self._journal.entry(self._file).bookmark if self._journal is not None else None
        if mark is None:
            self._open({})
        elif (reason := misfit(mark, self._file)) is None:
            self._way_back(mark)
        else:
            self._open({})
            kept = ", and what led there is put aside in your journal" if self._put_aside(mark) else ""
            self._delivery.tell(f"{reason}: the run starts anew{kept}.")

    def _put_aside(self, mark: Bookmark) -> bool:
        """Keep the bookmark of a run that an nnsim with other numbers has made where no new one replaces it."""
        from nnsim.scenarios.bookmark import foreign

        if self._journal is None or not foreign(mark):
            return False
        self._journal.put_aside(self._file)
        return True

    def _way_back(self, mark: Bookmark) -> None:
        """Make the run again up to where it was left."""
        from nnsim.scenarios.reader import ScenarioError
        from nnsim.scenarios.way_back import resume, resume_beside

        def again(experiment: Experiment) -> tuple[Timeline, Rivals | None]:
            go_on = self._on_the_way
            return resume(experiment, mark, go_on), resume_beside(experiment, mark, go_on)

        try:
            self._begin(dict(mark.set), again)
        except (ValueError, ScenarioError) as error:  # it does not fit, as after a change of nnsim
            self._open({})
            self._delivery.tell(f"{str(error).rstrip('.')}, so the run starts anew.")

    def _on_the_way(self, done: int, wanted: int) -> bool:
        """Say how far the way back has come; False when the lab has been left."""
        self._delivery.tell(f"Going back to where you were: update {done:,} of {wanted:,}.")
        return not self._delivery.closed

    def _open(self, overrides: dict[str, object]) -> None:
        """Show the start of the scenario; where there is none, say why and stay with the run that there is."""
        from nnsim.scenarios.reader import ScenarioError

        try:
            self._begin(overrides, lambda experiment: (experiment.timeline(), None))
        except (ValueError, ScenarioError) as error:
            self._tell(error)

    def _tell(self, error: ValueError | ScenarioError) -> None:
        """Say why something cannot be; a ScenarioError ends with a full stop of its own."""
        self._delivery.tell(whole(str(error).removesuffix(".")))

    def _begin(
        self, overrides: dict[str, object], begin: Callable[[Experiment], tuple[Timeline, Rivals | None]]
    ) -> None:
        """Show a run of the scenario with some keys set otherwise, and those beside it, unless the lab has been left
        meanwhile. Where `begin` makes no others, those that are there stay."""
        from nnsim.core.jit import CACHE_NOTICE
        from nnsim.scenarios.bookmark import fingerprint
        from nnsim.scenarios.experiment import build
        from nnsim.scenarios.library import name_of
        from nnsim.scenarios.reader import read, source_of
        from nnsim.tui.session import Session

        if self._delivery.closed:
            return
        text = fingerprint(self._file)  # before it is read: if it changes meanwhile, no bookmark fits the new text
        source = source_of(self._file, overrides)
        scenario = read(self._file, overrides, source)
        experiment = build(scenario, source, name_of(self._file), overrides)
        experiment.timeline().advance(1)  # loads the kernels, so that the first key need not wait for them
        timeline, rivals = begin(experiment)
        if self._delivery.closed:  # before the run was where it had been left: that place stays written down
            return
        before = self._session
        session = Session(experiment, timeline, rivals if before is None else before.rivals)
        if before is not None:
            before.many.cancel()
            session.attention = before.attention
        self._session, self._overrides, self._text = session, overrides, text
        self._worker.pulse = self._pulse
        self._delivery.publish(session.snapshot())
        if CACHE_NOTICE:
            self._delivery.tell(CACHE_NOTICE)

    def _leave(self) -> None:
        """Write down where the run was left."""
        from nnsim.scenarios.bookmark import bookmark

        if self._journal is not None and self._session is not None:
            session = self._session
            mark = bookmark(session.scenario, session.timeline, self._text, self._overrides, session.rivals)
            self._journal.leave(self._file, mark)

    def _pulse(self) -> float | None:
        """Let a playing run go on, show it, and say how long there is nothing to do. Orders come first: the screen is
        left free for what they lead to."""
        session = self._session
        if session is None or not session.pace.playing:
            return None
        if self._asked:
            return 0.0
        moved = session.pulse()
        if not session.pace.playing or (moved and self._delivery.due):
            snapshot = session.snapshot(anew=not session.pace.playing)
            if not self._asked:
                self._delivery.publish(snapshot)
        return session.pace.rest
