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

from endpoint.providers.base import Prefix, Reuse
from endpoint.providers.chains import Chain, Segment, choose_shared, join_spans, read_spans, share, write_spans
from endpoint.providers.llamacpp.checkpoints import Copies
from endpoint.providers.llamacpp.context import LlamaContext, Snapshot
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.saved_state import Part, SavedState
from endpoint.providers.stops import thin_out
from endpoint.providers.tally import ByteTally


@dataclass(frozen=True, slots=True)
class _Held:
    """State that can't be cut is one segment, with `copies` of it at depths before its end."""

    chain: Chain[Snapshot]
    copies: Copies

    def snapshots(self) -> Iterable[Snapshot]:
        return (*(segment.body for segment in self.chain), *self.copies.values())


class HeldPrefixes:
    """Owns what finished rows leave behind. Copies come back into the lowest free cells, as if computed there: sums
    over cells round by where the cells are, so a state that stayed where it was would make answers depend on history.
    """

    def __init__(self, context: LlamaContext, ledger: CellLedger, tally: ByteTally, spare: int) -> None:
        """`spare`: a sequence that no row ever has."""
        self._context = context
        self._spare = spare
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
        return self._hold(_Held((Segment(0, len(tokens), snapshot),), copies or {}), tokens, checkpoints)

    def copy_behind(self, seq_id: int, tokens: tuple[int, ...], base: Reuse | None) -> Prefix | None:
        """As `copy_out`, of state that can be cut: only what lies behind the part that is shared with the base."""
        shared, depth = self._find_shared(base, len(tokens))
        if not shared:
            return self.copy_out(seq_id, tokens)
        snapshot = self._context.snapshot_behind(seq_id, depth, self._spare)
        if snapshot is None:
            return None
        return self._hold(_Held((*shared, Segment(depth, len(tokens), snapshot)), {}), tokens, ())

    def weigh(self, seq_id: int, count: int, base: Reuse | None) -> int:
        """Bytes that `copy_behind` would take of a sequence's first `count` tokens."""
        shared, depth = self._find_shared(base, count)
        return self._context.weigh_range(seq_id, depth if shared else 0, count, self._spare)

    def _find_shared(self, base: Reuse | None, count: int) -> tuple[Chain[Snapshot], int]:
        """What a copy of `count` tokens is built on, and how many of them that covers."""
        if base is None or not isinstance(base.source, Prefix):
            return (), 0
        return choose_shared(self._held[base.source.id].chain, base.depth, count), base.depth

    def lend(self, prefix: Prefix, target: int, depth: int) -> bool:
        """Copy the first `depth` tokens' state into an empty sequence; False when it doesn't fit, or what was restored
        is the state of something else."""
        held = self._held[prefix.id]
        needed = share(held.chain, depth)
        is_there = all(self._put(segment, target) for segment in needed)
        is_cut = is_there and (depth == needed[-1].end or self._cut(held, target, depth))
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
        copies = (held.copies[depth] for depth in prefix.checkpoints[:-1])
        snapshots = (*(segment.body for segment in held.chain), *copies)
        parts = tuple(memoryview(snapshot).cast("B") for snapshot in snapshots)
        return SavedState(prefix.tokens, prefix.checkpoints, describe_parts(parts, write_spans(held.chain)), parts)

    def restore(self, state: SavedState) -> Prefix | None:
        """Hold what `save` gave; None when it isn't that. Whether the library takes it shows when it is lent."""
        depths, spans = state.checkpoints[:-1], _find_spans(state)
        if len(state.parts) != len(spans) + len(depths) or state.layout != describe_parts(state.parts, spans):
            return None
        snapshots = list(map(_adopt, state.parts))
        copies = dict(zip(depths, snapshots[len(spans) :], strict=True))
        return self._hold(_Held(join_spans(spans, snapshots[: len(spans)]), copies), state.tokens, state.checkpoints)

    def release(self, prefix: Prefix) -> None:
        """Forget a copy."""
        self._tally.let_go(self._held.pop(prefix.id).snapshots())

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget checkpoints of it; the end, which is the whole copy, stays."""
        before = self._held[prefix.id]
        depths = thin_out(prefix.checkpoints, most)
        after = _Held(before.chain, {depth: copy for depth, copy in before.copies.items() if depth in depths})
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

    def _put(self, segment: Segment[Snapshot], target: int) -> bool:
        """A segment behind those that are there, which are cut where it starts."""
        context = self._context
        if not segment.start:
            return context.restore(target, segment.body) and context.count(target) == segment.end
        if not context.trim(target, segment.start):
            return False
        return context.append(target, segment.body, self._spare, (segment.start, segment.end))

    def _cut(self, held: _Held, target: int, depth: int) -> bool:
        if depth in held.copies:
            return self._context.put_back(target, held.copies[depth], depth)
        return self._context.trim(target, depth)


def describe_parts(parts: Sequence[Part], spans: Sequence[Sequence[int]]) -> str:
    """The layout of saved state: llama.cpp's own, so many bytes each; the first of them are segments of these spans of
    tokens."""
    sizes = [len(part) for part in parts]
    version = ll.LLAMA_STATE_SEQ_VERSION
    return json.dumps({"format": "llama_state_seq", "version": version, "bytes": sizes, "spans": list(spans)})


def _find_spans(state: SavedState) -> list[tuple[int, int]]:
    """Of the segments; none when the layout says nothing that can be."""
    try:
        spans = read_spans(json.loads(state.layout)["spans"], len(state.tokens))
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return spans if len(spans) == 1 or not state.checkpoints else []


def _adopt(part: Part) -> Snapshot:
    """The same memory where it may be written to (ctypes takes no other), else a copy."""
    kind = ctypes.c_uint8 * len(part)
    return kind.from_buffer_copy(part) if memoryview(part).readonly else kind.from_buffer(part)
