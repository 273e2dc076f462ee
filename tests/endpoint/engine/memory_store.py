"""A DiskStore whose disk is a dict that outlives engines: answers come from its caller's thread, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.cache.disk.store import (
    DiskEntry,
    Found,
    Gone,
    Loaded,
    Note,
    NotLoaded,
    NotSaved,
    Post,
    Saved,
)
from endpoint.providers.saved_state import SavedState


@dataclass
class Disk:
    """What is on it, by entry; `is_full`: nothing can be written; `torn`: entries that can't be read."""

    states: dict[str, SavedState] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    is_full: bool = False
    torn: set[str] = field(default_factory=set)
    fingerprint: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)

    def open(self, fingerprint: str, origin: Mapping[str, str], post: Post) -> MemoryStore:
        """As the engine opens its store."""
        self.fingerprint, self.origin = fingerprint, origin
        store = MemoryStore(self, post)
        post(Found(tuple(map(store.describe, self.states)), tuple(self.notes.values()), self.strangers))
        return store


class MemoryStore:
    """One engine's view of a Disk."""

    def __init__(self, disk: Disk, post: Post) -> None:
        self._disk = disk
        self._post = post
        self.touched: list[str] = []

    @property
    def bytes(self) -> int:
        return sum(state.size for state in self._disk.states.values())

    @property
    def budget_bytes(self) -> int:
        return 1 << 30

    @property
    def pending_bytes(self) -> int:
        return 0

    def describe(self, entry_id: str) -> DiskEntry:
        state = self._disk.states[entry_id]
        return DiskEntry(entry_id, state.tokens, state.checkpoints, state.size, 0.0)

    def save(self, state: SavedState) -> str:
        entry_id = f"{hash((state.tokens, state.checkpoints)):x}"
        if self._disk.is_full:
            self._post(NotSaved(entry_id, "the disk is full"))
            return entry_id
        self._disk.states[entry_id] = state
        self._post(Saved(self.describe(entry_id)))
        return entry_id

    def load(self, entry_id: str) -> None:
        state = self._disk.states.get(entry_id)
        if state is None or entry_id in self._disk.torn:
            self._post(NotLoaded(entry_id, "it is torn"))
        else:
            self._post(Loaded(entry_id, state))

    def touch(self, entry_id: str) -> None:
        self.touched.append(entry_id)

    def delete(self, entry_id: str) -> None:
        self._disk.states.pop(entry_id, None)
        self._post(Gone((entry_id,)))

    def clear(self) -> None:
        gone = tuple(self._disk.states)
        self._disk.states.clear()
        self._disk.notes.clear()
        self._post(Gone(gone))

    def put_note(self, note: Note) -> None:
        self._disk.notes[note.name] = note

    def drop_note(self, name: str) -> None:
        self._disk.notes.pop(name, None)

    def close(self, timeout_s: float) -> bool:
        return timeout_s >= 0
