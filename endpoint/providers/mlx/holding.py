"""Held prefixes: what finished rows leave behind. Where all layers are of plain attention, one that begins like another
is a copy of the rest alone. Engine thread only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoint.providers.base import Prefix, Reuse
from endpoint.providers.chains import Chain, Segment, choose_shared, end_of_shared, find_cuts, share
from endpoint.providers.mlx.checkpoints import Copies, rewind
from endpoint.providers.mlx.state import Snapshot, State, join, take_all, take_range
from endpoint.providers.stops import thin_out
from endpoint.providers.tally import ByteTally


@dataclass(frozen=True, slots=True)
class Held:
    """The state after all of a prefix's tokens, in segments where it can be cut, and, where it can't, copies at depths
    before."""

    tokens: tuple[int, ...]
    chain: Chain[Snapshot]
    copies: Copies

    def snapshots(self) -> Iterable[Snapshot]:
        """All of them."""
        return (*(segment.body for segment in self.chain), *self.copies.values())


class HeldPrefixes:
    """By prefix. `shares`: whether one may be a copy of just what another one lacks (`chains.py`)."""

    def __init__(self, tally: ByteTally, *, shares: bool) -> None:
        self._tally = tally
        self._shares = shares
        self._held: dict[int, Held] = {}
        self._numbers = itertools.count(1)

    def hold(
        self, tokens: tuple[int, ...], state: State, copies: Copies | None = None, base: Reuse | None = None
    ) -> Prefix:
        """Hold a state that has computed just these tokens. One that can't be cut comes with `copies` of earlier
        checkpoints, perhaps none."""
        shared, count = self.choose_shared(base, len(tokens)), len(tokens)
        start = end_of_shared(shared, base)
        body = take_range(state, start, count) if shared else take_all(state)
        chain = (*shared, Segment(start, count, body))
        return self.take(Held(tokens, chain, copies or {}), can_be_cut=copies is None)

    def take(self, held: Held, *, can_be_cut: bool) -> Prefix:
        """As it is."""
        depths = () if can_be_cut else (*sorted(held.copies), len(held.tokens))
        prefix = Prefix(next(self._numbers), held.tokens, depths)
        self._held[prefix.id] = held
        self._tally.hold(held.snapshots())
        return prefix

    def choose_shared(self, base: Reuse | None, count: int) -> Chain[Snapshot]:
        """What a prefix of so many tokens takes over from the base."""
        if base is None or not self._shares or not isinstance(base.source, Prefix):
            return ()
        return choose_shared(self._held[base.source.id].chain, base.depth, count)

    def find(self, prefix: Prefix) -> Held:
        """What is held of it."""
        return self._held[prefix.id]

    def lend(self, prefix: Prefix, depth: int) -> State:
        """A copy of the state after its first `depth` tokens."""
        held = self._held[prefix.id]
        if len(held.chain) == 1:
            return rewind(held.chain[0].body.caches, len(held.tokens), depth, held.copies.get(depth))
        return join([segment.body for segment in cut_bodies(share(held.chain, depth), depth)])

    def release(self, prefix: Prefix) -> None:
        """Forget it."""
        self._tally.let_go(self._held.pop(prefix.id).snapshots())

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget checkpoints of it; the end, which is the whole state, stays."""
        before = self._held[prefix.id]
        depths = thin_out(prefix.checkpoints, most)
        after = replace(before, copies={depth: copy for depth, copy in before.copies.items() if depth in depths})
        self._held[prefix.id] = after
        self._tally.hold(after.snapshots())
        self._tally.let_go(before.snapshots())
        return replace(prefix, checkpoints=depths)

    def close(self) -> None:
        """Forget all."""
        self._held.clear()


def cut_bodies(chain: Chain[Snapshot], depth: int) -> Chain[Snapshot]:
    """With no more in its segments than their part of its first `depth` tokens: plain attention's."""
    cut: list[Segment[Snapshot]] = []
    for segment, end in zip(chain, find_cuts(chain, depth), strict=True):
        body = segment.body if end == segment.end else take_range(segment.body.caches, 0, end - segment.start)
        cut.append(Segment(segment.start, end, body))
    return tuple(cut)
