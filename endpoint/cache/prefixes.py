"""What earlier requests computed, and which of it a new one takes up: index, budget, least recently used out first.

Engine thread only. The promise: reuse changes no answer. A prefix is used only as far as its tokens are the request's.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from endpoint.cache.index import PrefixIndex
from endpoint.cache.residency import WORTH_KEEPING
from endpoint.providers.base import Prefix, Reuse

RESTORE_GAIN = 100
"""Copying a held token back costs about a hundredth of computing one (3 µs and 300 µs and more, measured on two cores
with 23 kB a token): a prefix is taken up when it saves more than a hundredth of its own length."""


class PrefixHolder(Protocol):
    """The part of a provider that the cache needs."""

    def held_bytes(self) -> int: ...

    def release(self, prefix: Prefix) -> None: ...


class PrefixCache:
    """Held prefixes. `budget_bytes` bounds what they take in RAM."""

    def __init__(self, holder: PrefixHolder, *, trimmable: bool, budget_bytes: int) -> None:
        self._holder = holder
        self._trimmable = trimmable
        self._budget_bytes = budget_bytes
        self._index = PrefixIndex()
        self._entries: OrderedDict[int, Prefix] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, tokens: tuple[int, ...]) -> Reuse | None:
        """The best held beginning of a prompt; at least one token is left to compute, for there the answer starts."""
        usable = tokens[:-1]
        match = self._index.match_longest(usable) if self._trimmable else self._index.match_whole(usable)
        if match is None:
            return None
        prefix = self._entries[match.entry]
        if match.depth < WORTH_KEEPING or match.depth * RESTORE_GAIN < len(prefix.tokens):
            return None
        return Reuse(prefix, match.depth)

    def known(self, tokens: tuple[int, ...]) -> int:
        """How many of these tokens the best held prefix begins with."""
        match = self._index.match_longest(tokens)
        return match.depth if match is not None else 0

    def touch(self, prefix: Prefix) -> None:
        """It is used: it goes last."""
        self._entries.move_to_end(prefix.id)

    def add(self, prefix: Prefix) -> None:
        """Hold what a finished job has computed. It replaces what it contains."""
        if len(prefix.tokens) < WORTH_KEEPING or self._is_contained(prefix):
            self._holder.release(prefix)
            return
        if self._trimmable:
            for entry in self._index.covered_by(prefix.tokens):
                self._forget(entry)
        self._entries[prefix.id] = prefix
        self._index.insert(prefix.id, prefix.tokens)
        while self._entries and self._holder.held_bytes() > self._budget_bytes:
            self._forget(next(iter(self._entries)))

    def _is_contained(self, prefix: Prefix) -> bool:
        if not self._trimmable:
            return False
        match = self._index.match_longest(prefix.tokens)
        return match is not None and match.depth == len(prefix.tokens) < len(self._entries[match.entry].tokens)

    def _forget(self, entry: int) -> None:
        prefix = self._entries.pop(entry)
        self._index.remove(entry)
        self._holder.release(prefix)
