"""Where a waiting job's beginning comes from: a running job, a held prefix, or nowhere. Pure but for what it remembers.

Jobs that arrive together with a common beginning compute it once: the others wait for the first and then share it.
Engine thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from endpoint.cache.index import common_length
from endpoint.providers.base import Job, Reuse, RunningJob

Depths = tuple[int, ...] | None
"""Where a running job may be shared; None: anywhere."""
WORTH_WAITING = 64
"""Tokens that must be saved by waiting for a running job's prefill rather than starting now."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start now, with what is there."""

    reuse: Reuse | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A running job is computing what this one needs."""


class SharingPlanner:
    """Remembers how much each pair of jobs has in common: prompts don't change, and comparing them costs."""

    def __init__(self, computed: Callable[[int], int], checkpoints: Callable[[int], Depths]) -> None:
        self._computed = computed
        self._checkpoints = checkpoints
        self._common: dict[tuple[int, int], int] = {}

    def plan(self, job: Job, running: Iterable[Job], held: Reuse | None) -> Start | Wait:
        """What to do with a waiting job, given the running ones and the best held prefix."""
        best, later = held, 0
        for other in running:
            shared, now = self._shareable(job, other)
            later = max(later, shared)
            if now > 0 and (best is None or now >= best.depth - _advantage(best)):
                best = Reuse(RunningJob(other.id), now)
        if later - (best.depth if best else 0) >= WORTH_WAITING:
            return Wait()
        return Start(best)

    def _shareable(self, job: Job, other: Job) -> tuple[int, int]:
        """How many of its tokens a job can have of a running one, in the end and now."""
        shared, computed = min(self.shared(job, other), len(job.tokens) - 1), self._computed(other.id)
        depths = self._checkpoints(other.id)
        if depths is None:
            return shared, min(shared, computed)
        lone = len(job.tokens) - 2  # would leave one token before the last, which would be computed by itself
        usable = [depth for depth in depths if depth <= shared and depth != lone]
        return max(usable, default=0), max((depth for depth in usable if depth <= computed), default=0)

    def forget(self, job_id: int) -> None:
        """A job has ended."""
        self._common = {pair: shared for pair, shared in self._common.items() if job_id not in pair}

    def shared(self, job: Job, other: Job) -> int:
        """How many tokens two prompts have in common at their beginning."""
        pair = (min(job.id, other.id), max(job.id, other.id))
        if pair not in self._common:
            self._common[pair] = common_length(job.tokens, other.tokens)
        return self._common[pair]


def _advantage(best: Reuse) -> int:
    """Tokens that a running job may fall short of a held prefix and still be the better source: its cells are shared,
    where a copy takes cells of its own, which every step of every row then looks over."""
    return 0 if isinstance(best.source, RunningJob) else WORTH_WAITING
