"""Held prefixes: what finished rows leave behind. Engine thread only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoint.providers.base import Prefix
from endpoint.providers.mlx.checkpoints import Copies, rewind
from endpoint.providers.mlx.state import Snapshot, State, take_all
from endpoint.providers.stops import thin_out
from endpoint.providers.tally import ByteTally


@dataclass(frozen=True, slots=True)
class Held:
    """The state after all of a prefix's tokens, and, of state that can't be cut, copies at depths before."""

    tokens: tuple[int, ...]
    whole: Snapshot
    copies: Copies

    def snapshots(self) -> Iterable[Snapshot]:
        """All of them."""
        return (self.whole, *self.copies.values())


class HeldPrefixes:
    """By prefix."""

    def __init__(self, tally: ByteTally) -> None:
        self._tally = tally
        self._held: dict[int, Held] = {}
        self._numbers = itertools.count(1)

    def hold(self, tokens: tuple[int, ...], state: State, copies: Copies | None) -> Prefix:
        """Hold a state that has computed just these tokens. One that can't be cut comes with `copies` of earlier
        checkpoints, perhaps none."""
        return self.take(Held(tokens, take_all(state), copies or {}), can_be_cut=copies is None)

    def take(self, held: Held, *, can_be_cut: bool) -> Prefix:
        """As it is."""
        depths = () if can_be_cut else (*sorted(held.copies), len(held.tokens))
        prefix = Prefix(next(self._numbers), held.tokens, depths)
        self._held[prefix.id] = held
        self._tally.hold(held.snapshots())
        return prefix

    def find(self, prefix: Prefix) -> Held:
        """What is held of it."""
        return self._held[prefix.id]

    def lend(self, prefix: Prefix, depth: int) -> State:
        """A copy of the state after its first `depth` tokens."""
        held = self._held[prefix.id]
        return rewind(held.whole.caches, len(held.tokens), depth, held.copies.get(depth))

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
