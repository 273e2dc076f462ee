"""How fast bytes come, smoothed over some seconds. Pure: the time is handed in."""

from __future__ import annotations

import math
from dataclasses import dataclass

SMOOTH_S = 5.0
"""A change of speed shows to two thirds after so long: the figure stands still enough to be read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`since`: when counting began, `at`: when `done` bytes were there, both in seconds of some clock; `rate`: bytes a
    second, None: unknown yet."""

    since: float
    at: float
    done: int
    rate: float | None = None

    def follow(self, done: int, now: float) -> Pace:
        """With `done` bytes at `now`. Where bytes are gone, they are fetched again: begin anew."""
        passed = now - self.at
        if done < self.done:
            return begin(done, now)
        if passed <= 0:
            return self
        fresh = (done - self.done) / passed
        if self.rate is None:
            return Pace(self.since, now, done, fresh)
        # Divided by what all looks together weigh so far, or the first one would count for too much.
        weight = (1 - math.exp(-passed / SMOOTH_S)) / (1 - math.exp(-(now - self.since) / SMOOTH_S))
        return Pace(self.since, now, done, self.rate + weight * (fresh - self.rate))

    @property
    def steady_rate(self) -> float | None:
        """The rate, once it was looked at for long enough to say something of the next download, too."""
        return self.rate if self.at - self.since >= SMOOTH_S else None

    def seconds_left(self, total: int) -> int | None:
        """Until `total` bytes are there; None while that can't be known."""
        return math.ceil((total - self.done) / self.rate) if self.rate else None


def begin(done: int, now: float) -> Pace:
    """With `done` bytes that were there before."""
    return Pace(now, now, done)
