"""What a scenario asks, and what has become of its challenges, from a scene."""

from __future__ import annotations

from nnsim.scenarios.challenge import AnyChallenge, Diverge, Reach
from nnsim.scenarios.challenges import standings
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.goals import Goal, Goals


def goals(scene: Scene) -> Goals:
    """What the scenario asks, and what has become of its challenges where the run stands."""
    scenario = scene.experiment.scenario
    found = standings(scene.experiment, scene.timeline)
    pairs = zip(scenario.challenges, found, strict=True)
    reached = tuple(Goal(challenge.title, standing, _limit(challenge)) for challenge, standing in pairs)
    return Goals(scenario.question, scenario.goal, reached)


def _limit(challenge: AnyChallenge) -> str:
    match challenge:
        case Reach(by_update=int(count)) | Diverge(by_update=int(count)):
            return f"{count:,} update{'s' if count > 1 else ''}"
        case Reach(by_epoch=int(count)):
            return f"{count:,} epoch{'s' if count > 1 else ''}"
        case _:
            return ""
