"""The lab: one run of a scenario, its chart and timeline, what is selected, the way out, and the palette."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.widget import Widget

from nnsim.tui import panels
from nnsim.tui.commands import Command
from nnsim.tui.plain import plain
from nnsim.tui.screens.entries import title_of
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.lab_keys import KEYS
from nnsim.tui.screens.lab_run import LabRun
from nnsim.tui.screens.set_up import optimizers

if TYPE_CHECKING:
    from nnsim.scenarios.schema import Variant
    from nnsim.tui.app import NnsimApp
    from nnsim.tui.session import Session
    from nnsim.tui.snapshot.status import Status
    from nnsim.tui.widgets.batch_strip import BatchStripView
    from nnsim.tui.widgets.diagram import DiagramView
    from nnsim.tui.widgets.loss_chart import LossChart
    from nnsim.tui.widgets.parameter_table import ParameterView
    from nnsim.tui.widgets.stage import StageView
    from nnsim.tui.widgets.start import StartChosen
    from nnsim.tui.widgets.timeline import TimelineView


class LabScreen(LabRun):
    """The lab on one scenario file."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    # --- the chart and the timeline ---

    @property
    def _chart(self) -> LossChart:
        chart: LossChart = self.query_one("#chart")  # type: ignore[assignment]
        return chart

    @property
    def _timeline(self) -> TimelineView:
        timeline: TimelineView = self.query_one("#timeline")  # type: ignore[assignment]
        return timeline

    def action_scale(self) -> None:
        self._when_ready(lambda _: self._chart.switch_scale())

    def action_measure(self) -> None:
        def switch(_: Status) -> None:
            if not self._chart.switch_measure():
                self._complain("A surface has its loss alone: there is no accuracy or RMSE to chart.")

        self._when_ready(switch)

    def action_axis(self) -> None:
        self._when_ready(lambda _: self._chart.next_axis())

    def action_cursor(self, columns: int) -> None:
        self._when_ready(lambda _: self._chart.move_cursor(columns))

    def action_timeline(self) -> None:
        self._when_ready(lambda _: self.set_focus(self._timeline))

    def action_mark(self, step: int) -> None:
        def go(_: Status) -> None:
            mark = self._timeline.mark_after() if step > 0 else self._timeline.mark_before()
            if mark is not None:
                self.controller.seek(mark)

        self._when_ready(go)

    def on_timeline_view_scrubbed(self, message: TimelineView.Scrubbed) -> None:
        self.controller.seek(message.update)

    def on_timeline_view_fork_chosen(self, message: TimelineView.ForkChosen) -> None:
        self._order(lambda session: session.switch(message.place))

    # --- selections ---

    def on_parameter_view_selected(self, message: ParameterView.Selected) -> None:
        pair = self.attention.pair and (message.parameter, self.attention.pair[1])
        self._attend(parameter=message.parameter, pair=pair)

    def action_axis_of_slice(self) -> None:
        """Keep the selected parameter as the second axis of the slice; the first is whichever is selected then."""
        if self.snapshot is not None and "slice" in self.snapshot.views:
            kept = self.attention.parameter
            self._attend(pair=((self.attention.pair or (kept,))[0], kept), view="slice")
            name = plain(self.snapshot.table.names[kept])
            self.notify(f"{name} is the second axis of the slice. Select another parameter as the first.", markup=False)
        else:
            self._complain("A curve or surface is seen whole: slices are for more parameters.")

    def on_diagram_view_neuron_selected(self, message: DiagramView.NeuronSelected) -> None:
        self._attend(neuron=message.neuron)

    def on_batch_strip_view_sample_selected(self, message: BatchStripView.SampleSelected) -> None:
        self._attend(sample=message.place)

    def on_stage_view_browsed(self, message: StageView.Browsed) -> None:
        self._attend(browse=message.browse)

    def on_start_chosen(self, message: StartChosen) -> None:
        self._order(lambda session: session.start_at(message.point))

    def _copy_table(self) -> None:
        def copy(_: Status) -> None:
            table: ParameterView = self.query_one("#parameters")  # type: ignore[assignment]
            self.app.copy_to_clipboard(table.as_text())
            self.notify(f"{len(table.as_text().splitlines()) - 1:,} rows are in the clipboard.")

        self._when_ready(copy)

    def action_leave(self) -> None:
        """Give up what is under way, put the receipt away that has the focus, or else go to the gallery."""
        if self._ready and self._chart.drop_cursor():
            return
        if self._panel == "receipt":
            self.action_receipt()
            return
        if self.is_current:  # a second escape may still be on its way here
            self.controller.close()  # now, so that whoever opens this scenario next finds where it was left
            self.app.pop_screen()
            if isinstance(self.app.screen, GalleryScreen):
                onward = self.following if self._completed else None
                self.app.screen.show_again(onward or self.file)

    # --- the palette ---

    def _set_up(self, variant: Variant) -> None:
        self.controller.set_up(variant.set)
        self.notify(f"Set up anew: {plain(variant.title)}", markup=False)

    def commands(self) -> Iterable[Command]:
        """What the palette offers here: the next scenario, the variants of this one, the keys, futures that were left,
        the optimizers."""
        if self.following is not None:
            go_on = partial(cast("NnsimApp", self.app).open_lab, self.following)
            yield Command(f"Next: {title_of(self.following)}", "the next scenario of the course", go_on)
        for variant in self.scenario.variants:
            title, note = f"Try: {plain(variant.title)}", "starts again with this set-up"
            yield Command(title, note, partial(self._set_up, variant))
        for binding in self.BINDINGS:
            assert isinstance(binding, Binding)
            title, note = binding.tooltip or binding.description, f"key {binding.key_display or binding.key}"
            yield Command(title, note, partial(self.run_action, binding.action))
        yield Command("End the race", "forgets the rivals and the ghosts", partial(self._order, _end_race))
        for name, panel in panels.ALL.items():
            for widget in self.ground.query(f"#{name}"):
                yield from _commands_of(panel, widget)
        yield Command("Copy the whole table", "as lines of tab-separated numbers", self._copy_table)
        for place, words in enumerate(self.snapshot.branches if self.snapshot else ()):
            switch = partial(_switch, place)
            yield Command("Go back to the future that was", words, partial(self._order, switch))
        if self.snapshot is not None:
            for name, make in optimizers():
                choose = partial(_set_optimizer, make)
                yield Command(f"Optimizer: {name}", "from the next update on", partial(self._order, choose))


def _commands_of(panel: panels.Panel, widget: Widget) -> Iterable[Command]:
    """What a panel offers by its own keys."""
    for binding in widget.BINDINGS:
        if isinstance(binding, Binding) and binding.description:
            title = f"{panel.name.removeprefix('the ').capitalize()}: {binding.description}"
            key = f"key {binding.key_display or binding.key} in panel {panel.number}"
            yield Command(title, key, partial(widget.run_action, binding.action))


def _end_race(session: Session) -> None:
    session.end_race()


def _switch(place: int, session: Session) -> None:
    session.switch(place)


def _set_optimizer(make: Any, session: Session) -> None:
    session.set_optimizer(make)
