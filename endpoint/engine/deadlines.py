"""When requests run out of time. Pure; engine thread only. Asked at every step, so asking must cost nothing."""

from __future__ import annotations

import math

_NEVER = math.inf


class Deadlines:
    """Times are time.monotonic() seconds."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._next = _NEVER  # never later than the earliest of them

    def add(self, job_id: int, at: float) -> None:
        """A request must have ended by then."""
        self._at[job_id] = at
        self._next = min(self._next, at)

    def forget(self, job_id: int) -> None:
        """It has ended; one without a deadline is ignored."""
        self._at.pop(job_id, None)

    def take_due(self, now: float) -> list[int]:
        """The requests whose time is up, the earliest first; each is told once."""
        if now < self._next:
            return []
        due = sorted((at, job_id) for job_id, at in self._at.items() if at <= now)
        for _, job_id in due:
            del self._at[job_id]
        self._next = min(self._at.values(), default=_NEVER)
        return [job_id for _, job_id in due]
