"""What earlier requests computed, and which of it a new one takes up: index, budget, least recently used out first.

Engine thread only. The promise: reuse changes no answer. A prefix is used only as far as its tokens are the request's,
and where its state can't be cut, only at its checkpoints: each is an entry of its own in the index.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from endpoint.cache.index import Match, PrefixIndex
from endpoint.cache.residency import WORTH_KEEPING
from endpoint.providers.base import Prefix, Reuse

RESTORE_GAIN = 100
"""Copying a held token back costs about a hundredth of computing one (3 µs and 300 µs and more, measured on two cores
with 23 kB a token): a prefix is taken up when it saves more than a hundredth of its own length."""


class PrefixHolder(Protocol):
    """The part of a provider that the cache needs."""

    def held_bytes(self) -> int: ...

    def release(self, prefix: Prefix) -> None: ...

    def thin(self, prefix: Prefix, most: int) -> Prefix: ...


@dataclass(frozen=True, slots=True)
class _Entry:
    prefix: Prefix
    spots: tuple[int, ...]  # its numbers in the index


class PrefixCache:
    """Held prefixes. `budget_bytes` bounds what they take in RAM."""

    def __init__(self, holder: PrefixHolder, *, trimmable: bool, budget_bytes: int) -> None:
        self._holder = holder
        self._trimmable = trimmable
        self._budget_bytes = budget_bytes
        self._index = PrefixIndex()
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._spots: dict[int, Prefix] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, tokens: tuple[int, ...]) -> Reuse | None:
        """The best held beginning of a prompt; at least one token is left to compute, for there the answer starts."""
        usable = tokens[:-1]
        match = self._index.match_longest(usable) if self._trimmable else self._match_checkpoint(usable)
        if match is None:
            return None
        prefix = self._spots[match.entry]
        if match.depth < WORTH_KEEPING or match.depth * RESTORE_GAIN < len(prefix.tokens):
            return None
        return Reuse(prefix, match.depth)

    def known(self, tokens: tuple[int, ...]) -> int:
        """How many of these tokens the best held prefix begins with."""
        match = self._index.match_longest(tokens)
        return match.depth if match is not None else 0

    def holds(self, tokens: tuple[int, ...], checkpoints: Iterable[int]) -> bool:
        """Whether state that can't be cut is held at all of these depths of a prompt, in one prefix."""
        depths = set(checkpoints)
        end = max(depths, default=0)
        match = self._index.match_whole(tokens[:end])
        return match is not None and match.depth == end and depths <= set(self._spots[match.entry].checkpoints)

    def touch(self, prefix: Prefix) -> None:
        """It is used: it goes last."""
        self._entries.move_to_end(prefix.id)

    def add(self, prefix: Prefix) -> None:
        """Hold what a finished job has computed. It replaces what it contains."""
        if len(prefix.tokens) < WORTH_KEEPING or self._is_contained(prefix):
            self._holder.release(prefix)
            return
        for held in self._contained_in(prefix):
            self._forget(held)
        self._enter(prefix)
        self.keep_to_budget()

    def keep_to_budget(self) -> bool:
        """Forget the least recently used, its checkpoints first, until the budget holds; False when it doesn't even
        then."""
        while self._holder.held_bytes() > self._budget_bytes:
            if not self._entries:
                return False
            self._reduce(next(iter(self._entries.values())).prefix)
        return True

    def _match_checkpoint(self, usable: tuple[int, ...]) -> Match | None:
        """The deepest one, but none that leaves a single token before the last: that would be computed by itself."""
        match = self._index.match_whole(usable)
        if match is not None and len(usable) - match.depth == 1:
            return self._index.match_whole(usable[:-2])
        return match

    def _is_contained(self, prefix: Prefix) -> bool:
        if not self._trimmable:
            return self.holds(prefix.tokens, prefix.checkpoints)
        match = self._index.match_longest(prefix.tokens)
        return match is not None and match.depth == len(prefix.tokens) < len(self._spots[match.entry].tokens)

    def _contained_in(self, prefix: Prefix) -> list[Prefix]:
        """Held prefixes that this one begins with; where state can't be cut, those whose end it has too."""
        covered = {self._spots[spot].id: self._spots[spot] for spot in self._index.covered_by(prefix.tokens)}
        return [
            held
            for held in covered.values()
            if len(held.tokens) <= len(prefix.tokens)
            and held.tokens == prefix.tokens[: len(held.tokens)]
            and (self._trimmable or len(held.tokens) in prefix.checkpoints)
        ]

    def _enter(self, prefix: Prefix) -> None:
        """Into the index at all its depths; an entry keeps its place among the others."""
        depths = (len(prefix.tokens),) if self._trimmable else prefix.checkpoints
        spots = tuple(next(self._numbers) for _ in depths)
        self._entries[prefix.id] = _Entry(prefix, spots)
        for spot, depth in zip(spots, depths, strict=True):
            self._spots[spot] = prefix
            self._index.insert(spot, prefix.tokens[:depth])

    def _reduce(self, prefix: Prefix) -> None:
        """To its first and its last checkpoint, then to its last, then to nothing."""
        most = 2 if len(prefix.checkpoints) > 2 else 1
        if len(prefix.checkpoints) <= most:
            self._forget(prefix)
            return
        self._leave(prefix)
        self._enter(self._holder.thin(prefix, most))

    def _leave(self, prefix: Prefix) -> None:
        for spot in self._entries[prefix.id].spots:
            self._index.remove(spot)
            del self._spots[spot]

    def _forget(self, prefix: Prefix) -> None:
        self._leave(prefix)
        del self._entries[prefix.id]
        self._holder.release(prefix)
