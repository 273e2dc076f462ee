"""Checkpoints of running rows whose state can't be cut: copies of the layers that move on. Engine thread only.

The other layers remember every token and can be cut, so a state at an earlier depth is those, cut, and the copy made
there. Invariant: a row's checkpoints lie at depths that it has computed once; their tokens are the prompt's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endpoint.providers.base import Job
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import Snapshot, State, cut, fork, put_back, take_part
from endpoint.providers.stops import MOST, choose_stops, thin_out
from endpoint.providers.tally import ByteTally

Copies = dict[int, Snapshot]
"""Partial snapshots by depth."""


class Checkpoints:
    """By job. Copies are shared with held prefixes, never changed. `moving`: the layers that they are of."""

    def __init__(self, moving: Sequence[int], tally: ByteTally) -> None:
        self._moving = moving
        self._tally = tally
        self._most: dict[int, int] = {}
        self._copies: dict[int, Copies] = {}

    def begin(self, row: Row, inherited: Mapping[int, Snapshot]) -> None:
        """A row starts, with what its source left at depths up to its own."""
        job = row.job
        row.stops = choose_stops(job.checkpoints, len(job.tokens), lambda depth: depth)
        self._most[job.id] = MOST
        self._replace(job.id, {depth: copy for depth, copy in inherited.items() if depth <= row.n_past})

    def depths(self, row: Row) -> tuple[int, ...]:
        """Held, or to come."""
        to_come = (depth for depth in row.stops if depth > row.n_past and self._most[row.job.id])
        return tuple(sorted({*self._copies[row.job.id], *to_come}))

    def pass_by(self, row: Row, state: State) -> None:
        """After a chunk: copy where a row stands at one of its depths."""
        copies = self._copies[row.job.id]
        if row.n_past in row.stops and row.n_past not in copies and self._most[row.job.id]:
            self._replace(row.job.id, {**copies, row.n_past: take_part(state, self._moving)})

    def held(self, job_id: int) -> Copies:
        """A row's copies."""
        return self._copies[job_id]

    def limit(self, job_id: int, most: int) -> None:
        """Keep no more copies for a job than these; an unknown one is ignored."""
        if job_id in self._copies:
            self._most[job_id] = most
            self._replace(job_id, self._copies[job_id])

    def end(self, job: Job) -> None:
        """The job is over."""
        self._most.pop(job.id, None)
        self._tally.let_go(self._copies.pop(job.id, {}).values())

    def _replace(self, job_id: int, copies: Copies) -> None:
        """Keep these for a job, as many as it may have, and count them."""
        copies = {depth: copies[depth] for depth in thin_out(copies, self._most[job_id])}
        self._tally.hold(copies.values())
        self._tally.let_go(self._copies.get(job_id, {}).values())
        self._copies[job_id] = copies


def rewind(state: State, n_past: int, depth: int, part: Snapshot | None) -> State:
    """A copy of a state that has computed `n_past` tokens, as it was after `depth` of them; `part`: the copy of the
    moving layers that was made there, None where there are none."""
    copied = fork(state)
    if part is None:
        cut(copied, n_past - depth)
        return copied
    cut(copied, n_past - depth, part.layers)
    put_back(copied, part)
    return copied
