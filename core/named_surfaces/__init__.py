"""Loss surfaces that have a name, with the minima that are known of them.

Their formulas are those of Jamil and Yang (2013), "A literature survey of benchmark functions for global optimisation
problems", and of Surjanovic and Bingham's Virtual Library of Simulation Experiments, unless another source is given.
The kernels compute the same numbers from the distances to a minimum that is known exactly, so that nothing cancels
near it. Their loops over the points have no branches and, as far as possible, no calls, so that the compiler lets
several points pass through each instruction.
"""

from __future__ import annotations

from collections.abc import Callable

from nnsim.core.named_surfaces.landforms import monkey_saddle, plateau, ravine, saddle
from nnsim.core.named_surfaces.scalable import ackley, rastrigin, rosenbrock, styblinski_tang
from nnsim.core.named_surfaces.two_parameters import (
    beale,
    booth,
    easom,
    goldstein_price,
    himmelblau,
    matyas,
    six_hump_camel,
)
from nnsim.core.surfaces import Surface

NAMED: dict[str, Callable[..., Surface]] = {
    "booth": booth,
    "beale": beale,
    "himmelblau": himmelblau,
    "rosenbrock": rosenbrock,
    "rastrigin": rastrigin,
    "ackley": ackley,
    "styblinski_tang": styblinski_tang,
    "six_hump_camel": six_hump_camel,
    "matyas": matyas,
    "easom": easom,
    "saddle": saddle,
    "monkey_saddle": monkey_saddle,
    "plateau": plateau,
    "ravine": ravine,
    "goldstein_price": goldstein_price,
}
