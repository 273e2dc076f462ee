"""Moves running rows down when they sit high above free cells. Engine thread only.

Every decode looks over all cells up to the highest one in use: a stream that began beside long prompts goes on paying
for them when they are gone (27 tokens a second above 4,096 free cells, 74 after the move; starter model, two cores). A
copy out and back into the lowest free cells costs some 30 ms for 1,250 tokens, once.

The library doesn't tell which cells are in use. Their number never was more than `_top` since the context was last
empty or compacted, and it fills the lowest free ones, so that is about how high rows can sit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.parking import Copy, StateCopier
from endpoint.providers.llamacpp.plan import Row

WORTHWHILE = 1024
"""Free cells below the highest one: fewer cost too little to move anything."""


class Compactor(Generic[Copy]):
    """Watches how high cells were filled."""

    def __init__(self, context: StateCopier[Copy], ledger: CellLedger) -> None:
        self._context = context
        self._ledger = ledger
        self._top = 0

    def compact(self, rows: Sequence[Row]) -> bool:
        """Before a step: move all rows down if that pays. True when they were moved."""
        used = self._ledger.used
        self._top = max(self._top, used) if used else 0
        if self._top - used < max(WORTHWHILE, used) or self._ledger.is_shared:
            return False
        holding = [row for row in rows if row.n_past]
        copies = [self._context.snapshot(row.seq_id) for row in holding]
        self._top = used  # also when it fails: it would fail again
        if any(copy is None for copy in copies):
            return False
        for row in holding:
            self._context.remove(row.seq_id)
        for row, copy in zip(holding, copies, strict=True):
            self._put_back(row, copy)
        return True

    def _put_back(self, row: Row, copy: Copy | None) -> None:
        """There were cells for all before, so there are now; else the row is prefilled again."""
        if copy is None or not self._context.restore(row.seq_id, copy):
            self._ledger.drop(row.seq_id)
            row.n_past = 0
