"""What earlier requests computed, and which of it a new one takes up: index, budget, least recently used out first.

Engine thread only. The promise: reuse changes no answer. A prefix is used only as far as its tokens are the request's,
and where its state can't be cut, only at its checkpoints: each is an entry of its own in the index.
"""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from endpoint.cache.index import Match, PrefixIndex
from endpoint.cache.report import Shortfall
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


class NothingHeld:
    """In place of a provider that has gone."""

    def held_bytes(self) -> int:
        """None."""
        return 0

    def release(self, prefix: Prefix) -> None:
        """There is none."""

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """There is none."""
        del most
        return prefix


@dataclass(frozen=True, slots=True)
class _Entry:
    prefix: Prefix
    spots: tuple[int, ...]  # its numbers in the index
    bytes: int  # that holding it took
    uses: int = 0  # how often it, or what it replaced, was taken up


OnLoss = Callable[[tuple[int, ...], Shortfall], None]
"""Told of tokens whose state is held no more, and why."""


class PrefixCache:
    """Held prefixes. `budget_bytes` bounds what they take in RAM. Pinned ones stay while there are others to go."""

    def __init__(
        self,
        holder: PrefixHolder,
        *,
        trimmable: bool,
        budget_bytes: int,
        on_loss: OnLoss | None = None,
    ) -> None:
        self._holder = holder
        self._trimmable = trimmable
        self.budget_bytes = budget_bytes
        self._on_loss = on_loss
        self._index = PrefixIndex()
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._spots: dict[int, Prefix] = {}
        self._pins: Counter[int] = Counter()
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Prefix]:
        """The most recently used first."""
        return (entry.prefix for entry in reversed(tuple(self._entries.values())))

    def get(self, number: int) -> Prefix | None:
        """A held prefix by its id."""
        entry = self._entries.get(number)
        return None if entry is None else entry.prefix

    def bytes_of(self, prefix: Prefix) -> int:
        """What holding it took; what it shares with another isn't counted again."""
        return self._entries[prefix.id].bytes

    def uses_of(self, prefix: Prefix) -> int:
        """How often it, or what it replaced, was taken up."""
        return self._entries[prefix.id].uses

    def is_pinned(self, prefix: Prefix) -> bool:
        """Whether a key stands for it."""
        return self._pins[prefix.id] > 0

    def find(self, tokens: tuple[int, ...], prefer: Prefix | None = None) -> Reuse | None:
        """The best held beginning of a prompt; at least one token is left to compute, for there the answer starts.
        `prefer`: this one, when no other has more."""
        usable = tokens[:-1]
        match = self._index.match_longest(usable) if self._trimmable else self._match_checkpoint(usable)
        if match is None:
            return None
        prefix = self._spots[match.entry]
        if prefer is not None and self._reaches(prefer, usable, match.depth):
            prefix = prefer
        if match.depth < WORTH_KEEPING or match.depth * RESTORE_GAIN < len(prefix.tokens):
            return None
        return Reuse(prefix, match.depth)

    def find_base(self, tokens: tuple[int, ...]) -> Reuse | None:
        """What a copy of these tokens' state may share with one that is held already."""
        match = self._index.match_longest(tokens) if self._trimmable else None
        return None if match is None or match.depth < WORTH_KEEPING else Reuse(self._spots[match.entry], match.depth)

    def find_alike(self, tokens: tuple[int, ...]) -> tuple[Prefix, int] | None:
        """What shares the longest beginning with these tokens, usable or not, and how many tokens."""
        match = self._index.match_longest(tokens)
        return None if match is None else (self._spots[match.entry], match.depth)

    def find_most(self, tokens: tuple[int, ...]) -> Prefix | None:
        """The held prefix from which most of these tokens can be taken up, if that is the greater part."""
        match = self._index.match_longest(tokens) if self._trimmable else self._index.match_whole(tokens)
        return self._spots[match.entry] if match is not None and 2 * match.depth > len(tokens) else None

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
        entry = self._entries[prefix.id]
        self._entries[prefix.id] = replace(entry, uses=entry.uses + 1)
        self._entries.move_to_end(prefix.id)

    def add(self, prefix: Prefix, size: int = 0) -> None:
        """Hold what a finished job has computed; `size`: the bytes that this took. It replaces what it contains, but
        for what is pinned."""
        if len(prefix.tokens) < WORTH_KEEPING or self._is_contained(prefix):
            self._holder.release(prefix)
            return
        contained = self._contained_in(prefix)
        uses = max((self._entries[held.id].uses for held in contained), default=0)
        self._enter(_Entry(prefix, (), size, uses))
        for held in contained:
            if not self._pins[held.id]:
                self._forget(held)
        self.keep_to_budget()

    def pin(self, prefix: Prefix) -> None:
        """It goes after all that isn't pinned. As often pinned as unpinned, it is as before."""
        self._pins[prefix.id] += 1

    def unpin(self, prefix: Prefix) -> None:
        """Take one pin back. What another one contains goes with its last."""
        self._pins[prefix.id] -= 1
        if self._pins[prefix.id] > 0 or prefix.id not in self._entries:
            return
        del self._pins[prefix.id]
        entry = self._entries.pop(prefix.id)
        self._leave(entry)
        if self._is_contained(prefix):
            self._holder.release(prefix)
        else:
            self._enter(entry)
            self._entries.move_to_end(prefix.id)

    def drop(self, prefix: Prefix, why: Shortfall) -> None:
        """Forget it."""
        if prefix.id in self._entries:
            self._forget(prefix)
            if self._on_loss is not None:
                self._on_loss(prefix.tokens, why)

    def clear(self, why: Shortfall) -> None:
        """Forget all."""
        for prefix in tuple(self):
            self.drop(prefix, why)

    def attach(self, holder: PrefixHolder) -> None:
        """Let another provider hold what comes; nothing is held now. Its ids begin anew: old pins mean nothing."""
        self._holder = holder
        self._pins.clear()

    def make_room(self, size: int, spare: Prefix | None = None) -> bool:
        """Forget others until `size` bytes more fit the budget, but not `spare`; False when they don't even then."""
        limit = self.budget_bytes - size
        if limit < 0:
            return False
        while self._holder.held_bytes() > limit:
            victim = self.choose_victim(spare)
            if victim is None:
                return False
            self._reduce(victim)
        return True

    def keep_to_budget(self) -> bool:
        """Forget the least recently used, its checkpoints first, until the budget holds; False when it doesn't even
        then."""
        return self.make_room(0)

    def choose_victim(self, spare: Prefix | None = None) -> Prefix | None:
        """The least recently used that no key stands for, or, when there is none, that one does; not `spare`."""
        others = [entry.prefix for entry in self._entries.values() if spare is None or entry.prefix.id != spare.id]
        return next((prefix for prefix in others if not self._pins[prefix.id]), others[0] if others else None)

    def _reaches(self, prefix: Prefix, usable: tuple[int, ...], depth: int) -> bool:
        if prefix.id not in self._entries or prefix.tokens[:depth] != usable[:depth]:
            return False
        return len(prefix.tokens) >= depth and (self._trimmable or depth in prefix.checkpoints)

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

    def _enter(self, entry: _Entry) -> None:
        """Into the index at all its depths; an entry keeps its place among the others."""
        prefix = entry.prefix
        depths = (len(prefix.tokens),) if self._trimmable else prefix.checkpoints
        spots = tuple(next(self._numbers) for _ in depths)
        self._entries[prefix.id] = replace(entry, spots=spots)
        for spot, depth in zip(spots, depths, strict=True):
            self._spots[spot] = prefix
            self._index.insert(spot, prefix.tokens[:depth])

    def _reduce(self, prefix: Prefix) -> None:
        """To its first and its last checkpoint, then to its last, then to nothing."""
        most = 2 if len(prefix.checkpoints) > 2 else 1
        if len(prefix.checkpoints) <= most:
            self.drop(prefix, Shortfall.EVICTED)
            return
        entry = self._entries[prefix.id]
        self._leave(entry)
        self._enter(replace(entry, prefix=self._holder.thin(prefix, most)))

    def _leave(self, entry: _Entry) -> None:
        for spot in entry.spots:
            self._index.remove(spot)
            del self._spots[spot]

    def _forget(self, prefix: Prefix) -> None:
        self._leave(self._entries.pop(prefix.id))
        self._holder.release(prefix)
