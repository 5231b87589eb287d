"""What the lab shows at one moment: an immutable picture of a run, made by the controller, drawn by the widgets.

A widget knows nothing of training: everything it draws stands here, in plain numbers and text. Arrays are read-only
by agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnsim.tui.snapshot.batch import BatchStrip
    from nnsim.tui.snapshot.chart import Chart
    from nnsim.tui.snapshot.goals import Goals
    from nnsim.tui.snapshot.network import Diagram
    from nnsim.tui.snapshot.race import Race
    from nnsim.tui.snapshot.readings import Reading
    from nnsim.tui.snapshot.receipt import Receipt
    from nnsim.tui.snapshot.stages import Stage
    from nnsim.tui.snapshot.status import Narration, Status
    from nnsim.tui.snapshot.table import ParameterTable
    from nnsim.tui.snapshot.timeline import TimelineBar


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything the lab shows at one moment; what nobody looks at may be None. `branches` says, in words, which
    futures were left and are kept, `views` which views the stage has, the first being the scenario's own, and `view`
    which of them it shows. `has_network` tells whether there is a network that a diagram can show."""

    status: Status
    stage: Stage
    chart: Chart
    table: ParameterTable
    narration: Narration
    timeline: TimelineBar
    goals: Goals
    branches: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    view: str = ""
    has_network: bool = False
    diagram: Diagram | None = None
    batch: BatchStrip | None = None
    readings: tuple[Reading, ...] = ()
    race: Race | None = None
    receipt: Receipt | None = None
