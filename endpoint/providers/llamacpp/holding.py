"""Held prefixes: copies of computed state in RAM, out of the context's way. Engine thread only."""

from __future__ import annotations

import itertools

from endpoint.providers.base import Prefix
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.ledger import CellLedger


class HeldPrefixes:
    """Owns what finished rows leave behind. Copies come back into the lowest free cells, as if computed there: sums
    over cells round by where the cells are, so a state that stayed where it was would make answers depend on history.
    """

    def __init__(self, context: LlamaContext, ledger: CellLedger) -> None:
        self._context = context
        self._ledger = ledger
        self._snapshots: dict[int, Snapshot] = {}
        self._bytes = 0
        self._numbers = itertools.count(1)

    def copy_out(self, seq_id: int, tokens: tuple[int, ...]) -> Prefix | None:
        """Hold a copy of a sequence that has computed just these tokens; None when the library makes none."""
        snapshot = self._context.snapshot(seq_id)
        if snapshot is None:
            return None
        prefix = Prefix(next(self._numbers), tokens)
        self._snapshots[prefix.id] = snapshot
        self._bytes += len(snapshot)
        return prefix

    def lend(self, prefix: Prefix, target: int, depth: int) -> bool:
        """Copy the first `depth` tokens' state into an empty sequence; False when it doesn't fit."""
        if not self._context.restore(target, self._snapshots[prefix.id]):
            return False
        if depth < len(prefix.tokens) and not self._context.trim(target, depth):
            self._context.remove(target)
            return False
        self._ledger.extend(target, depth)
        return True

    def ram_bytes(self) -> int:
        """Bytes of all copies."""
        return self._bytes

    def release(self, prefix: Prefix) -> None:
        """Forget a copy."""
        self._bytes -= len(self._snapshots.pop(prefix.id))

    def close(self) -> None:
        """Forget all."""
        self._snapshots.clear()
        self._bytes = 0
