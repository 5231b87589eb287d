"""How many updates a playing run owes: so many a second, or as many as there is time for."""

from __future__ import annotations

import time

SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, None)
"""Updates a second; None is as fast as possible."""
SLICE = 0.012
"""Seconds of training between two looks at what else there is to do."""
AVERAGE = 0.2
PLAY_TIME = 12.0
"""Seconds that a run takes at the speed at which it opens."""


class Pace:
    """Whether a run plays, at which speed, and what it owes. `updates` is the length of the run, which is short enough
    to be watched at the speed that this begins with."""

    def __init__(self, updates: int) -> None:
        wanted = updates / PLAY_TIME
        self._place = next(place for place, speed in enumerate(SPEEDS) if speed is None or speed >= wanted)
        self._possible = 1000.0  # updates a second, as measured
        self._owed = 0.0
        self._then = 0.0
        self.playing = False

    @property
    def speed(self) -> float | None:
        """Updates a second, None for as many as possible."""
        return SPEEDS[self._place]

    def play(self, playing: bool) -> None:
        """Begin to play, or pause."""
        self.playing = playing
        self._owed, self._then = 0.0, time.monotonic()

    def faster(self, steps: int) -> None:
        """Go up or down the ladder of speeds."""
        self._place = min(max(self._place + steps, 0), len(SPEEDS) - 1)
        self._owed = 0.0

    def due(self) -> int:
        """The updates that are due now, at most as many as a slice of time has room for."""
        now = time.monotonic()
        room = self._possible * SLICE
        if self.speed is None:
            due = int(room) + 1
        else:
            self._owed = min(self._owed + (now - self._then) * self.speed, room + 1.0)
            due = int(self._owed)
            self._owed -= due
        self._then = now
        return due

    def took(self, updates: int, seconds: float) -> None:
        """Learn from how long some updates took."""
        self._possible += AVERAGE * (updates / max(seconds, 1e-6) - self._possible)

    @property
    def rest(self) -> float:
        """Seconds until the next update may be due."""
        return 0.0 if self.speed is None else min(1.0 / 30.0, 1.0 / self.speed)
