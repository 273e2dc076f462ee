"""Held prefixes: copies of computed state in RAM, out of the context's way. Engine thread only.

Invariant: copies never change, so that what is saved may be read on any thread.
"""

from __future__ import annotations

import ctypes
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import llama_cpp.llama_cpp as ll

from endpoint.providers.base import Prefix
from endpoint.providers.llamacpp.checkpoints import Copies
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.saved_state import Part, SavedState
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
        return self._hold(_Held(snapshot, copies or {}), tokens, checkpoints)

    def lend(self, prefix: Prefix, target: int, depth: int) -> bool:
        """Copy the first `depth` tokens' state into an empty sequence; False when it doesn't fit, or what was restored
        is the state of something else."""
        held, whole = self._held[prefix.id], len(prefix.tokens)
        if not self._context.restore(target, held.whole):
            return False
        is_cut = self._context.count(target) == whole and (depth == whole or self._cut(held, target, depth))
        if not is_cut or self._context.count(target) != depth:
            self._context.remove(target)
            return False
        self._ledger.extend(target, depth)
        return True

    def copies(self, prefix: Prefix) -> Copies:
        """Its checkpoints before its end."""
        return self._held[prefix.id].copies

    def save(self, prefix: Prefix) -> SavedState:
        """Its copies as they are, the whole one first, then those at its checkpoints."""
        held = self._held[prefix.id]
        snapshots = (held.whole, *(held.copies[depth] for depth in prefix.checkpoints[:-1]))
        parts = tuple(memoryview(snapshot).cast("B") for snapshot in snapshots)
        return SavedState(prefix.tokens, prefix.checkpoints, describe_parts(parts), parts)

    def restore(self, state: SavedState) -> Prefix | None:
        """Hold what `save` gave; None when it isn't that. Whether the library takes it shows when it is lent."""
        depths = state.checkpoints[:-1]
        if len(state.parts) != 1 + len(depths) or state.layout != describe_parts(state.parts):
            return None
        whole, *copies = map(_adopt, state.parts)
        return self._hold(_Held(whole, dict(zip(depths, copies, strict=True))), state.tokens, state.checkpoints)

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

    def _hold(self, held: _Held, tokens: tuple[int, ...], checkpoints: tuple[int, ...]) -> Prefix:
        prefix = Prefix(next(self._numbers), tokens, checkpoints)
        self._held[prefix.id] = held
        self._tally.hold(held.snapshots())
        return prefix

    def _cut(self, held: _Held, target: int, depth: int) -> bool:
        if depth in held.copies:
            return self._context.put_back(target, held.copies[depth], depth)
        return self._context.trim(target, depth)


def describe_parts(parts: Sequence[Part]) -> str:
    """The layout of saved state: llama.cpp's own, so many bytes each."""
    sizes = [len(part) for part in parts]
    return json.dumps({"format": "llama_state_seq", "version": ll.LLAMA_STATE_SEQ_VERSION, "bytes": sizes})


def _adopt(part: Part) -> Snapshot:
    """The same memory where it may be written to (ctypes takes no other), else a copy."""
    kind = ctypes.c_uint8 * len(part)
    return kind.from_buffer_copy(part) if memoryview(part).readonly else kind.from_buffer(part)
