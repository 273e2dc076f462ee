"""Writes what is worth it to the disk, one prefix at a time, and only while nobody waits. Engine thread only."""

from __future__ import annotations

import time
from collections.abc import Iterator

from endpoint.cache.key_notes import KEY, write_note
from endpoint.cache.keys import Key
from endpoint.cache.saved import SavedPrefixes
from endpoint.cache.worth import QUIET_S, Candidate, is_worth_saving, is_worth_saving_at_end
from endpoint.engine.tiers import PrefixTiers
from endpoint.providers.base import Prefix

MOST_PENDING = 256 << 20
"""Bytes that may wait to be written before another prefix joins them."""


class PrefixSaver:
    """Looks again whenever something has changed, and once more when it has been quiet for long."""

    def __init__(self, tiers: PrefixTiers) -> None:
        self._tiers = tiers
        self._asked: set[int] = set()  # prefixes that were handed to the store
        self._noted: dict[str, int] = {}  # keys, and the version that is noted
        self._settled: tuple[int, bool] | None = None
        self._finished: int | None = None

    def has_work(self, quiet_s: float) -> bool:
        """Whether it is worth looking."""
        store = self._tiers.store
        if self._tiers.saved is None or store is None or store.pending_bytes > MOST_PENDING:
            return False
        return self._settled != (self._tiers.changes, quiet_s >= QUIET_S)

    def step(self, quiet_s: float) -> None:
        """Hand one prefix to the store; or find that there is none, and note what keys stand for."""
        saved = self._tiers.saved
        if saved is None:
            return
        for prefix in self._tiers.cache:
            if is_worth_saving(self._weigh(prefix, saved), quiet_s):
                self._save(prefix, saved)
                return
        self._note_keys(saved)
        self._settled = (self._tiers.changes, quiet_s >= QUIET_S)

    def finish(self) -> bool:
        """Before all that is held goes, and while nobody waits: hand one more prefix to the store, and let it write.
        True when whatever isn't saved by now won't be, and keys are noted."""
        saved, store = self._tiers.saved, self._tiers.store
        if saved is None or store is None:
            return True
        if store.pending_bytes > MOST_PENDING:
            return False
        for prefix in self._tiers.cache:
            if is_worth_saving_at_end(self._weigh(prefix, saved)):
                self._save(prefix, saved)
                return False
        is_settled, self._finished = self._finished == self._tiers.changes, self._tiers.changes
        if store.pending_bytes or not is_settled:  # the store may be about to report what it has just written
            return False
        self._note_keys(saved)
        return True

    def save_before_loss(self, prefix: Prefix) -> None:
        """A held prefix is about to go: hand it to the store where that is worth it and not much waits there."""
        saved, store = self._tiers.saved, self._tiers.store
        if saved is None or store is None or store.pending_bytes > MOST_PENDING:
            return
        if is_worth_saving_at_end(self._weigh(prefix, saved)):
            self._save(prefix, saved)

    def save_all(self, until: float) -> None:
        """At the end: whatever isn't saved yet, the most recently used first, until time.monotonic() is `until`."""
        saved = self._tiers.saved
        if saved is None:
            return
        for prefix in self._tiers.cache:
            if time.monotonic() >= until:
                return
            if is_worth_saving_at_end(self._weigh(prefix, saved)):
                self._save(prefix, saved)
        self._note_keys(saved)

    def _weigh(self, prefix: Prefix, saved: SavedPrefixes) -> Candidate:
        covered = len(prefix.tokens) if prefix.id in self._asked else saved.covers(prefix.tokens)
        is_prepared = any(key.is_prepared for key in self._keys_of(prefix))
        return Candidate(len(prefix.tokens), covered, self._tiers.cache.uses_of(prefix), is_prepared)

    def _keys_of(self, prefix: Prefix) -> Iterator[Key]:
        if not self._tiers.cache.is_pinned(prefix):
            return iter(())
        return (key for key in self._tiers.keys if key.held == prefix.id)

    def _save(self, prefix: Prefix, saved: SavedPrefixes) -> None:
        self._asked.add(prefix.id)
        saved.save(self._tiers.copy(prefix))

    def _note_keys(self, saved: SavedPrefixes) -> None:
        for key in self._tiers.keys:
            is_noted = self._noted.get(key.name) == key.version and KEY + key.name in saved.notes
            match = None if is_noted else saved.find(key.tokens)
            if match is not None and 2 * match.depth > len(key.tokens):
                self._noted[key.name] = key.version
                entry = (match.entry.id, match.entry.tokens)
                saved.note(write_note(KEY + key.name, key, entry, self._tiers.now))
