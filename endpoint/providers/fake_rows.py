"""A job in the fake provider: how far it has come. Engine thread only."""

from __future__ import annotations

from dataclasses import dataclass, field

from endpoint.providers.base import Job
from endpoint.providers.stops import MOST, next_stop


@dataclass(slots=True)
class Row:
    """`prefilled` is computed, `emitted` said already."""

    job: Job
    prefilled: int = 0
    emitted: int = 0  # of the prompt's tokens, those left out too
    drawn: int = 0
    stops: tuple[int, ...] = ()
    held: set[int] = field(default_factory=set)  # of the stops
    most: int = MOST

    @property
    def goal(self) -> int:
        """Where the prefill stops next."""
        end = len(self.job.tokens) - 1
        return next_stop(self.stops, self.prefilled, end) if self.stops and self.prefilled < end else end + 1

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Those that it holds."""
        return tuple(sorted(self.held))

    def holdable(self, *, trimmable: bool) -> int:
        """How many of its tokens a prefix may have: up to the last checkpoint where state can't be cut."""
        return self.prefilled if trimmable else max(self.held, default=0)
