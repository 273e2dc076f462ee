"""Gives a new row the state that it begins with: a running row's cells, or a held prefix. Engine thread only."""

from __future__ import annotations

from collections.abc import Mapping

from endpoint.providers.base import Prefix, Reuse, RunningJob
from endpoint.providers.llamacpp.checkpoints import Checkpoints, Copies
from endpoint.providers.llamacpp.context import LlamaContext
from endpoint.providers.llamacpp.holding import HeldPrefixes
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.plan import Row


class Lender:
    """One a context."""

    def __init__(
        self,
        context: LlamaContext,
        ledger: CellLedger,
        held: HeldPrefixes,
        checkpoints: Checkpoints,
        *,
        trimmable: bool,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._held = held
        self._checkpoints = checkpoints
        self._trimmable = trimmable

    def borrow(self, row: Row, reuse: Reuse, rows: Mapping[int, Row]) -> Copies | None:
        """The source's checkpoints, perhaps none; None when its state can't be had. `rows`: by job."""
        match reuse.source:
            case RunningJob(job_id):
                return self._share(rows[job_id], row.seq_id, reuse.depth)
            case Prefix() as prefix:
                return self._held.copies(prefix) if self._held.lend(prefix, row.seq_id, reuse.depth) else None

    def _share(self, source: Row, target: int, depth: int) -> Copies | None:
        copies: Copies | None = {}
        if self._trimmable:
            self._context.share(source.seq_id, target, depth)
        else:
            copies = self._checkpoints.lend(source, target, depth)
        if copies is not None:
            self._ledger.fork(source.seq_id, target, depth)
        return copies
