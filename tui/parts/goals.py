"""What a scenario asks, and what has become of its challenges, from a scene."""

from __future__ import annotations

from nnsim.scenarios.challenge import AnyChallenge, Diverge, Reach
from nnsim.scenarios.challenges import Standing, standings
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.goals import Goal, Goals


def goals(scene: Scene) -> Goals:
    """What the scenario asks, and what has become of its challenges where the run stands."""
    scenario = scene.experiment.scenario
    found = standings(scene.experiment, scene.timeline)
    reached = tuple(_goal(challenge, standing) for challenge, standing in zip(scenario.challenges, found, strict=True))
    return Goals(scenario.question, scenario.goal, reached)


def _goal(challenge: AnyChallenge, standing: Standing) -> Goal:
    missed = standing.missed is not None
    return Goal(challenge.title, standing.counts, standing.won, _limit(challenge), missed, standing.rate)


def _limit(challenge: AnyChallenge) -> str:
    match challenge:
        case Reach(by_update=int(count)) | Diverge(by_update=int(count)):
            return f"{count:,} update{'s' if count > 1 else ''}"
        case Reach(by_epoch=int(count)):
            return f"{count:,} epoch{'s' if count > 1 else ''}"
        case _:
            return ""
