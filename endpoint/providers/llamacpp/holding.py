"""Held prefixes: copies of computed state in RAM, out of the context's way. Engine thread only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoint.providers.base import Prefix
from endpoint.providers.llamacpp.checkpoints import Copies
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.stops import thin_out
from endpoint.providers.tally import ByteTally


@dataclass(frozen=True, slots=True)
class _Held:
    whole: Snapshot
    copies: Copies  # of state that can't be cut, at depths before its end

    def snapshots(self) -> Iterable[Snapshot]:
        return (self.whole, *self.copies.values())


class HeldPrefixes:
    """Owns what finished rows leave behind. Copies come back into the lowest free cells, as if computed there: sums
    over cells round by where the cells are, so a state that stayed where it was would make answers depend on history.
    """

    def __init__(self, context: LlamaContext, ledger: CellLedger, tally: ByteTally) -> None:
        self._context = context
        self._ledger = ledger
        self._tally = tally
        self._held: dict[int, _Held] = {}
        self._numbers = itertools.count(1)

    def copy_out(self, seq_id: int, tokens: tuple[int, ...], copies: Copies | None = None) -> Prefix | None:
        """Hold a copy of a sequence that has computed just these tokens; None when the library makes none. State that
        can't be cut comes with `copies` of earlier checkpoints, perhaps none."""
        snapshot = self._context.snapshot(seq_id)
        if snapshot is None:
            return None
        checkpoints = () if copies is None else (*sorted(copies), len(tokens))
        prefix = Prefix(next(self._numbers), tokens, checkpoints)
        self._held[prefix.id] = held = _Held(snapshot, copies or {})
        self._tally.hold(held.snapshots())
        return prefix

    def lend(self, prefix: Prefix, target: int, depth: int) -> bool:
        """Copy the first `depth` tokens' state into an empty sequence; False when it doesn't fit."""
        held = self._held[prefix.id]
        if not self._context.restore(target, held.whole):
            return False
        if depth < len(prefix.tokens) and not self._cut(held, target, depth):
            self._context.remove(target)
            return False
        self._ledger.extend(target, depth)
        return True

    def copies(self, prefix: Prefix) -> Copies:
        """Its checkpoints before its end."""
        return self._held[prefix.id].copies

    def release(self, prefix: Prefix) -> None:
        """Forget a copy."""
        self._tally.let_go(self._held.pop(prefix.id).snapshots())

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget checkpoints of it; the end, which is the whole copy, stays."""
        before = self._held[prefix.id]
        depths = thin_out(prefix.checkpoints, most)
        after = _Held(before.whole, {depth: copy for depth, copy in before.copies.items() if depth in depths})
        self._held[prefix.id] = after
        self._tally.hold(after.snapshots())
        self._tally.let_go(before.snapshots())
        return replace(prefix, checkpoints=depths)

    def close(self) -> None:
        """Forget all."""
        self._held.clear()

    def _cut(self, held: _Held, target: int, depth: int) -> bool:
        if depth in held.copies:
            return self._context.put_back(target, held.copies[depth], depth)
        return self._context.trim(target, depth)
