"""Checkpoints of running rows whose state can't be cut: copies of the part that moves on. Engine thread only.

A copy holds what the layers keep of the past (a window, a running state) and not the attention cells of every token,
which stay valid and can be cut. So a state at an earlier depth is the cells up to there and the copy made there.
Invariant: a row's checkpoints lie at depths that it has computed once; their tokens are the prompt's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.providers.base import Job
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.memory import Window
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.stops import MOST, choose_stops, thin_out
from endpoint.providers.tally import ByteTally

Copies = dict[int, Snapshot]
"""Partial snapshots by depth."""


@dataclass(frozen=True, slots=True)
class Rewound:
    """A row that was set back to `depth`; `earlier` are its checkpoints before that."""

    depth: int
    earlier: Copies


class Checkpoints:
    """By job. Copies are shared with held prefixes, never changed."""

    def __init__(self, context: LlamaContext, window: Window, tally: ByteTally) -> None:
        self._context = context
        self._window = window
        self._tally = tally
        self._wanted: dict[int, tuple[int, ...]] = {}
        self._most: dict[int, int] = {}
        self._copies: dict[int, Copies] = {}

    def begin(self, row: Row, inherited: Mapping[int, Snapshot]) -> None:
        """A row starts, with what its source left at depths up to its own."""
        job = row.job
        wanted = choose_stops(job.checkpoints, len(job.tokens), self._window.settle)
        self._wanted[job.id], self._most[job.id] = wanted, MOST
        self._replace(job.id, {depth: copy for depth, copy in inherited.items() if depth <= row.n_past})
        row.stops = tuple(sorted({*wanted, *self._window.turning_points(len(job.tokens))}))
        if job.checkpoints and row.n_past:
            self._take(row)

    def depths(self, row: Row) -> tuple[int, ...]:
        """Held, or to come."""
        to_come = (depth for depth in self._wanted[row.job.id] if depth > row.n_past and self._most[row.job.id])
        return tuple(sorted({*self._copies[row.job.id], *to_come}))

    def pass_by(self, slices: Sequence[Slice]) -> None:
        """After a step: copy where a row stands at one of its depths."""
        for row in (part.row for part in slices):
            if row.n_past in self._wanted.get(row.job.id, ()):
                self._take(row)
            if self._window.turns(row.n_past):
                self._turn(row)

    def lend(self, source: Row, target: int, depth: int) -> Copies | None:
        """Let an empty sequence share a running row's first `depth` tokens; the row's copies, None if it can't be."""
        copies = self._copies[source.job.id]
        if depth > source.n_past or depth not in copies:
            return None
        self._context.share(source.seq_id, target, depth)
        if not self._context.put_back(target, copies[depth], depth):
            return None
        return copies

    def weigh(self, row: Row) -> int:
        """Bytes of a row's state at its last checkpoint: the copy that is there, and as much of what can be cut as the
        checkpoint's tokens are of all."""
        depth = self._last(row)
        if not depth:
            return 0
        cuttable = self._context.weigh(row.seq_id) - self._context.weigh(row.seq_id, part=True)
        return len(self._copies[row.job.id][depth]) + -(-cuttable * depth // row.n_past)

    def rewind(self, row: Row) -> Rewound | None:
        """Set a row back to its last checkpoint; None when it has none."""
        copies = self._copies[row.job.id]
        depth = self._last(row)
        if not depth or (depth < row.n_past and not self._context.put_back(row.seq_id, copies[depth], depth)):
            return None
        return Rewound(depth, {earlier: copy for earlier, copy in copies.items() if earlier < depth})

    def limit(self, job_id: int, most: int) -> None:
        """Keep no more copies for a job than these; an unknown one is ignored."""
        if job_id in self._copies:
            self._most[job_id] = most
            self._replace(job_id, self._copies[job_id])

    def end(self, job: Job) -> None:
        """The job is over."""
        self._wanted.pop(job.id, None)
        self._most.pop(job.id, None)
        self._tally.let_go(self._copies.pop(job.id, {}).values())

    def _last(self, row: Row) -> int:
        return max((depth for depth in self._copies[row.job.id] if depth <= row.n_past), default=0)

    def _take(self, row: Row) -> None:
        copies = self._copies[row.job.id]
        if row.n_past in copies or not self._most[row.job.id]:
            return
        copy = self._context.snapshot(row.seq_id, part=True)
        if copy is not None:
            self._replace(row.job.id, {**copies, row.n_past: copy})

    def _replace(self, job_id: int, copies: Copies) -> None:
        """Keep these for a job, as many as it may have, and count them."""
        copies = {depth: copies[depth] for depth in thin_out(copies, self._most[job_id])}
        self._tally.hold(copies.values())
        self._tally.let_go(self._copies.get(job_id, {}).values())
        self._copies[job_id] = copies

    def _turn(self, row: Row) -> None:
        copy = self._context.snapshot(row.seq_id, part=True)
        if copy is not None:
            self._context.put_back(row.seq_id, copy, row.n_past)
