"""Held prefixes: resident in the context under a sequence id of their own, or copied out to RAM. Engine thread only."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from endpoint.providers.base import Prefix
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.ledger import CellLedger


@dataclass(slots=True)
class _Held:
    """One of the two is set; neither once a copy has failed."""

    seq_id: int | None
    snapshot: Snapshot | None


class HeldPrefixes:
    """Owns what finished rows leave behind. `free_ids` is the pool of sequence ids shared with the rows."""

    def __init__(self, context: LlamaContext, ledger: CellLedger, free_ids: list[int], parallel: int) -> None:
        self._context = context
        self._ledger = ledger
        self._free_ids = free_ids
        self._parallel = parallel
        self._held: dict[int, _Held] = {}
        self._numbers = itertools.count(1)

    def take(self, seq_id: int, tokens: tuple[int, ...], running: int) -> Prefix | None:
        """Hold a sequence that a row gives up. With no id to spare for `running` rows and a new one, at once in RAM."""
        held = _Held(seq_id, None)
        if len(self._free_ids) < self._parallel - running and not self._copy_out(held):
            return None
        prefix = Prefix(next(self._numbers), tokens)
        self._held[prefix.id] = held
        return prefix

    def lend(self, prefix: Prefix, target: int, depth: int) -> bool:
        """Give the first `depth` tokens' state to an empty sequence; False when it doesn't fit."""
        held = self._held[prefix.id]
        if held.seq_id is not None:
            self._context.share(held.seq_id, target, depth)
            self._ledger.fork(held.seq_id, target, depth)
            return True
        if held.snapshot is None or not self._context.restore(target, held.snapshot):
            return False
        self._ledger.extend(target, len(prefix.tokens))
        if depth < len(prefix.tokens):
            if not self._context.trim(target, depth):
                self._context.remove(target)
                self._ledger.drop(target)
                return False
            self._ledger.trim(target, depth)
        return True

    def spill(self, prefix: Prefix) -> bool:
        """Copy a prefix out of the context; False when that failed: it is held nowhere then and must be released."""
        return self._copy_out(self._held[prefix.id])

    def spill_any(self) -> bool:
        """Copy the oldest resident out, for its cells; False when there is none."""
        for held in self._held.values():
            if held.seq_id is not None:
                return self._copy_out(held)
        return False

    def ram_bytes(self) -> int:
        """Bytes of all copies."""
        return sum(len(held.snapshot) for held in self._held.values() if held.snapshot is not None)

    def release(self, prefix: Prefix) -> None:
        """Forget a prefix and free its cells."""
        held = self._held.pop(prefix.id)
        if held.seq_id is not None:
            self._free(held.seq_id)

    def close(self) -> None:
        """Forget all."""
        self._held.clear()

    def _copy_out(self, held: _Held) -> bool:
        if held.seq_id is not None:
            held.snapshot = self._context.snapshot(held.seq_id)
            self._free(held.seq_id)
            held.seq_id = None
        return held.snapshot is not None

    def _free(self, seq_id: int) -> None:
        self._context.remove(seq_id)
        self._ledger.drop(seq_id)
        self._free_ids.append(seq_id)
