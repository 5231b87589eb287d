"""A scenario made ready to run: the objective, the settings, and where it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import msgspec
import numpy as np

from nnsim.core import initializers, optimizers, surfaces
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.clipping import Clipping
from nnsim.core.curvature import is_bowl
from nnsim.core.formula import formula_surface
from nnsim.core.named_surfaces import NAMED
from nnsim.core.network import Network
from nnsim.core.objective import Evaluation, Objective, of_network, of_surface
from nnsim.core.penalties import Penalty
from nnsim.core.randomness import Purpose, generator
from nnsim.core.schedules import SCHEDULES, Schedule
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS, Run, Settings
from nnsim.scenarios import challenges, formulas, networks, schedules, schema, targets
from nnsim.scenarios import surfaces as specs
from nnsim.scenarios.data.baselines import Guess, baselines, blind_guess, line_loss
from nnsim.scenarios.optimizers import Optimizer
from nnsim.scenarios.samples import Pictures, data_set, matrix
from nnsim.scenarios.source import Source
from nnsim.scenarios.text import counted

# What runs measure, and report in columns: a parameter of that name would hide it.
TAKEN = (
    "update",
    "epoch",
    "train_loss",
    "test_loss",
    "loss",
    "batch_loss",
    "learning_rate",
    "sharpness",
    "critical_rate",
    "preconditioned_sharpness",
    "gradient_norm",
    "gradient_spread",
    "noise_scale",
    "noise_ratio",
    "gradient_cosine",
    "penalty",
    "rmse",
    "test_rmse",
    "accuracy",
    "test_accuracy",
)


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything that a run of a scenario needs. Targets of the data times `scale` are in `unit`. `pictures`
    tells how samples that are pictures become such again; `inputs` and `classes` are the names of the network's inputs
    and of the classes it tells apart, empty where they have none. `overridden` has the dotted keys of the file that
    were set otherwise when it was read, and `source` says where, for errors."""

    name: str
    scenario: schema.Scenario
    objective: Objective
    settings: Settings
    unit: str = ""
    scale: float = 1.0
    pictures: Pictures | None = None
    inputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    overridden: frozenset[str] = frozenset()
    source: Source = field(default_factory=lambda: Source(""))

    def start(self, seed: int) -> Vector:
        """The parameters before the first update."""
        scenario, network = self.scenario, self.objective.network
        if scenario.start is not None or network is None or scenario.network is None:
            return np.array(scenario.start, dtype=np.float64)
        weights, biases = (_initializer(which) for which in (scenario.network.weights, scenario.network.biases))
        return network.initial(weights, biases, seed)

    def timeline(self, seed: int | None = None) -> Timeline:
        """A fresh run, with the scenario's own seed or another one."""
        seed = self.scenario.run.seed if seed is None else seed
        return Timeline(self.objective, self.settings, self.start(seed), seed)

    @property
    def starts_at_random(self) -> bool:
        """Whether the start depends on the seed."""
        return self.objective.network is not None and self.scenario.start is None

    @property
    def updates_per_epoch(self) -> int:
        return -(-len(self.objective.train) // self.settings.batch_size)

    @property
    def updates(self) -> int:
        """The length of a run in updates."""
        length = self.scenario.run
        return length.updates if length.updates is not None else (length.epochs or 0) * self.updates_per_epoch

    def end(self, run: Run) -> int:
        """The update at which a run will have the scenario's length, with the batches it has now; the present update
        when it has that length already."""
        return end_of(self.scenario.run.updates, self.scenario.run.epochs, run)

    def at_end(self, run: Run) -> bool:
        """Whether a run stands exactly where the scenario's length ends."""
        length = self.scenario.run
        if length.updates is not None:
            return run.update == length.updates
        return (run.place.epoch, run.place.sample) == (length.epochs, 0)

    @cached_property
    def tops(self) -> list[float]:
        """The tops that part the valleys of a surface of one parameter, from left to right, to 1 in 10,000."""
        surface = self.objective.surface
        if surface is None or surface.size > 1:
            return []
        minima = sorted(position[0] for _, position in surface.minima)
        between = [np.linspace(low, high, 10_001) for low, high in pairwise(minima)]
        return [float(xs[self.objective.losses(xs[:, None]).argmax()]) for xs in between]

    def value_of(self, quantity: str, evaluation: Evaluation | None) -> float:
        """The loss or the metric of an evaluation, an RMSE in `unit`."""
        assert evaluation is not None
        if quantity.endswith("loss"):
            return evaluation.loss
        assert evaluation.metric is not None
        return evaluation.metric * (self.scale if quantity.endswith("rmse") else 1.0)

    @cached_property
    def is_bowl(self) -> bool:
        """Whether the loss is known to curve the same everywhere, and nowhere down; looked at for up to 16 parameters,
        where a critical rate is told."""
        return self.objective.size <= PATH_PARAMETERS and is_bowl(self.objective, self.start(self.scenario.run.seed))

    @cached_property
    def baselines(self) -> dict[str, float]:
        """The metric of simple predictors on the test set, or, without one, on the training set; an RMSE in `unit`."""
        objective, unit = self.objective, self.scale if self.objective.metric == "rmse" else 1.0
        found = baselines(objective, objective.test or objective.train)
        return {name: unit * value for name, value in found.items()}

    @cached_property
    def blind_guess(self) -> Guess | None:
        """The lowest training loss of answers that know nothing of the inputs, where there is one."""
        return blind_guess(self.objective)

    @cached_property
    def line_loss(self) -> float:
        """The training loss of the best straight line."""
        return line_loss(self.objective)


def end_of(updates: int | None, epochs: int | None, run: Run) -> int:
    """The update at which a run will have made so many updates, or epochs with the batches it has now; the present
    update when it has made them already."""
    if updates is not None:
        return max(updates, run.update)
    left = (epochs or 0) - run.place.epoch
    return run.update + (run.batches.left(run.place) + (left - 1) * run.batches.per_epoch if left > 0 else 0)


def build(
    scenario: schema.Scenario, source: Source | str, name: str = "scenario", overridden: Iterable[str] = ()
) -> Experiment:
    """Make a scenario ready. `overridden` has the keys that were set otherwise when it was read; `source` is its file,
    with these set on the command line, or says who else has set them. Raises ScenarioError when parts do not fit
    together."""
    source = Source.outside(source, "--set", overridden) if isinstance(source, str) else source
    try:
        experiment = _of_surface(scenario, name) if scenario.surface is not None else _of_network(scenario, name)
        experiment = replace(experiment, overridden=frozenset(overridden), source=source)
        experiment.timeline()
        _check_view(experiment)
        challenges.check(experiment)
    except ValueError as error:
        raise source.fault(error) from None
    return experiment


def _of_surface(scenario: schema.Scenario, name: str) -> Experiment:
    surface = _surface(scenario.surface)
    start = scenario.start or []
    if len(start) != surface.size:
        raise ValueError(f"start has {counted(len(start), 'number')}: this surface takes {surface.size}")
    if isinstance(scenario.surface, specs.Formula):
        formulas.check_start(surface, np.array(start, dtype=np.float64))
        formulas.check_minima(surface, scenario.surface.minima)
    tilts = None if scenario.tilts is None else _tilts(scenario.tilts, surface.size)
    objective = of_surface(surface, tilts)
    unit = scenario.surface.unit if isinstance(scenario.surface, specs.SquaredError) else ""
    return Experiment(name, scenario, objective, settings_of(scenario, objective), unit)


def _of_network(scenario: schema.Scenario, name: str) -> Experiment:
    spec, data = scenario.network, scenario.data
    assert spec is not None
    assert data is not None
    network = Network(spec.sizes, spec.activations, spec.biased)
    if scenario.start is not None and len(scenario.start) != network.size:
        numbers, parameters = counted(len(scenario.start), "number"), counted(network.size, "parameter")
        raise ValueError(f"start has {numbers}: this network has {parameters}")
    known = targets.fitting(data_set(data), spec, data)
    train, test = known.train, known.test
    objective = of_network(network, spec.loss, train, test, Penalty(spec.l1, spec.l2), spec.huber_delta)
    if scenario.published is not None and (objective.metric != "accuracy" or network.size <= PATH_PARAMETERS):
        raise ValueError(f"published goes with a classifier of more than {PATH_PARAMETERS} parameters: this is none")
    return Experiment(
        name,
        scenario,
        objective,
        settings_of(scenario, objective),
        unit=known.unit,
        scale=known.scale,
        pictures=known.pictures,
        inputs=known.inputs,
        classes=known.classes,
    )


def _check_view(experiment: Experiment) -> None:
    """Raise ValueError when the view has a sample that there is not, or a second point of a secant without a loss."""
    view, objective, last = experiment.scenario.view, experiment.objective, len(experiment.objective.train) - 1
    if view.sample > last:
        allowed = f"it takes {f'0 to {last}' if last else 0}, for samples are counted from 0, in files as on the screen"
        raise ValueError(f"view.sample is {view.sample}: {allowed}")
    start = experiment.start(experiment.scenario.run.seed)
    for distance in view.secants if objective.size == 1 else ():
        loss = float(objective.losses(start[None] + distance)[0])
        if not np.isfinite(loss):
            raise ValueError(f"view.secants has {distance:g}: so far from the start the loss is {loss:g}")


def _surface(spec: specs.Surface | None) -> surfaces.Surface:
    match spec:
        case specs.SquaredError():
            return surfaces.squared_error(spec.target)
        case specs.Bowl():
            return surfaces.bowl(matrix(spec.hessian, "surface.hessian"), np.array(spec.minimum, dtype=np.float64))
        case specs.Named():
            return NAMED[spec.name]() if spec.dimensions is None else NAMED[spec.name](spec.dimensions)
        case specs.Formula():
            return _formula(spec)
        case _:
            return surfaces.double_well()


def _formula(spec: specs.Formula) -> surfaces.Surface:
    try:
        surface = formula_surface(spec.text, spec.names, [(each.label, tuple(each.at)) for each in spec.minima])
    except ValueError as error:
        raise ValueError(f"surface.{error}") from None
    for name in surface.names:
        if name in TAKEN:
            raise ValueError(
                f"surface.text has a variable {name}, but a run has a {name} of its own: it takes another name"
            )
    return surface


def _tilts(spec: specs.Tilts, size: int) -> Matrix:
    """Standard normal tilts, centred, and scaled to the wanted root mean square; shape (count, size)."""
    tilts = generator(Purpose.TILTS, spec.seed).standard_normal((spec.count, size))
    tilts -= tilts.mean(axis=0)
    scaled: Matrix = tilts * (spec.deviation / np.sqrt(np.mean(tilts**2, axis=0)))
    return scaled


def _initializer(spec: networks.Initializer) -> initializers.Initializer:
    match spec:
        case networks.Constant():
            return initializers.constant(spec.value)
        case networks.Uniform():
            return initializers.uniform(spec.low, spec.high)
        case networks.Normal():
            return initializers.normal(spec.mean, spec.deviation)
        case _:
            return initializers.NAMED[str(type(spec).__struct_config__.tag)]


def settings_of(scenario: schema.Scenario, objective: Objective) -> Settings:
    """How a scenario is trained. Raises ValueError for a batch larger than the training set."""
    size, samples = scenario.batches.size, len(objective.train)
    if size != "full" and size > samples:
        raise ValueError(f'batches.size is {size}: it takes up to {samples}, the number of samples, or "full"')
    return Settings(
        optimizer=_optimizer(scenario.optimizer),
        batch_size=samples if size == "full" else size,
        order=scenario.batches.order,
        schedule=None if scenario.schedule is None else make_schedule(scenario.schedule),
        clipping=Clipping(scenario.clipping.norm, scenario.clipping.value),
    )


def _optimizer(spec: Optimizer) -> optimizers.Optimizer:
    make = optimizers.OPTIMIZERS[str(type(spec).__struct_config__.tag)]
    return make(**msgspec.structs.asdict(spec))


def make_schedule(spec: schedules.Schedule) -> Schedule:
    """The schedule that a scenario's table describes: its kind and fields are the core's."""
    return SCHEDULES[str(spec.__struct_config__.tag)](**msgspec.structs.asdict(spec))
