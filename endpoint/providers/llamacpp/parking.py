"""When KV cells run out: whose state leaves the context, where it goes, and when it comes back. Engine thread only.

The youngest row is parked: a copy of its state goes to RAM and its cells are freed. When there is room again it comes
back by copy and goes on where it was (25 ms out and 6 ms in for 1,250 tokens of the starter model, where computing them
again takes three seconds). Copies together hold no more tokens than the context has cells, so parking at most doubles
what the context takes; beyond that, and where the library makes no copy, a row is prefilled again from its tokens.

Parked rows come back oldest first and wait for a margin, so that a row that was let in isn't thrown out in the next
steps. The oldest row is never the victim, and one request always fits the context: every row gets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.plan import Row

RETURN_STEPS = 16
"""Steps that the rows together must be able to make, a cell each, after one has come back."""


class Copied(Protocol):
    """A sequence's state as bytes."""

    def __len__(self) -> int: ...


Copy = TypeVar("Copy", bound=Copied)


class StateCopier(Protocol[Copy]):
    """The part of a context that parking needs."""

    cells: int

    def snapshot(self, seq_id: int) -> Copy | None: ...

    def restore(self, seq_id: int, snapshot: Copy) -> bool: ...

    def remove(self, seq_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Parked(Generic[Copy]):
    state: Copy
    tokens: int


class Parking(Generic[Copy]):
    """Owns the copies of parked rows. `times` counts how often a row was parked."""

    def __init__(self, context: StateCopier[Copy], ledger: CellLedger) -> None:
        self._context = context
        self._ledger = ledger
        self._parked: dict[int, _Parked[Copy]] = {}
        self.times = 0

    def ram_bytes(self) -> int:
        """Bytes of all copies."""
        return sum(len(parked.state) for parked in self._parked.values())

    def make_room(self, rows: Sequence[Row]) -> bool:
        """Park the youngest row. False when no more than one holds cells."""
        victim = choose_victim(rows)
        if victim is None:
            return False
        self.park(victim)
        return True

    def park(self, row: Row) -> None:
        """Take a row out of the context, its state into RAM if that may be."""
        if self._tokens() + row.n_past <= self._context.cells:
            state = self._context.snapshot(row.seq_id)
            if state is not None:
                self._parked[row.job.id] = _Parked(state, row.n_past)
        self._context.remove(row.seq_id)
        self._ledger.drop(row.seq_id)
        row.n_past = 0
        row.parked = True
        self.times += 1

    def let_return(self, rows: Sequence[Row]) -> None:
        """Bring parked rows back, oldest first, as far as cells go."""
        for row in sorted((row for row in rows if row.parked), key=lambda row: row.job.id):
            if not can_return(row, rows, self._context.cells - self._ledger.used):
                return
            self._bring_back(row)

    def forget(self, job_id: int) -> None:
        """A row is gone; one that has no copy here is ignored."""
        self._parked.pop(job_id, None)

    def _bring_back(self, row: Row) -> None:
        """With no copy, or no place for it, the row starts again from its tokens."""
        row.parked = False
        parked = self._parked.pop(row.job.id, None)
        if parked is not None and self._context.restore(row.seq_id, parked.state):
            row.n_past = parked.tokens
            self._ledger.extend(row.seq_id, parked.tokens)

    def _tokens(self) -> int:
        return sum(parked.tokens for parked in self._parked.values())


def can_return(row: Row, rows: Sequence[Row], free: int) -> bool:
    """Whether a parked row may take cells again, of `free` ones: what the running rows' prompts still need, its own
    tokens and RETURN_STEPS steps of all rows must fit, or it must be alone."""
    running = [other for other in rows if not other.parked]
    if not running:
        return True
    return free - sum(other.pending for other in running) >= len(row.tokens) + RETURN_STEPS * (len(running) + 1)


def choose_victim(rows: Sequence[Row]) -> Row | None:
    """The row that gives up its cells when there are not enough: the youngest, and never the last one left."""
    holding = [row for row in rows if row.n_past > 0]
    return max(holding, key=lambda row: row.job.id) if len(holding) > 1 else None
