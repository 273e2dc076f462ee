"""Which saved prefixes there are, and which of them are on their way into RAM. Engine thread only.

Between the engine, which asks by tokens, and a DiskStore, which knows entries: an index over what is on the disk,
changed by what the store reports. A prompt may wait for a saved prefix; it never waits for one that failed to load.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from endpoint.cache.disk.store import DiskEntry, DiskStore, Found, Gone, Note, NotLoaded, Saved
from endpoint.cache.index import PrefixIndex
from endpoint.providers.base import Prefix
from endpoint.providers.saved_state import SavedState


@dataclass(frozen=True, slots=True)
class SavedMatch:
    """An entry whose first `depth` tokens are the prompt's, and can be taken up there."""

    entry: DiskEntry
    depth: int


@dataclass(frozen=True, slots=True)
class _Known:
    entry: DiskEntry
    spots: tuple[int, ...]


class SavedPrefixes:
    """What the store has for the model that runs."""

    def __init__(self, store: DiskStore, *, trimmable: bool) -> None:
        self._store = store
        self._trimmable = trimmable
        self._index = PrefixIndex()
        self._known: dict[str, _Known] = {}
        self._spots: dict[int, str] = {}
        self._numbers = itertools.count()
        self._loading: set[str] = set()
        self.notes: dict[str, Note] = {}
        self.strangers: tuple[str, ...] = ()
        self.is_ready = False

    def __len__(self) -> int:
        return len(self._known)

    @property
    def is_loading(self) -> bool:
        """Whether something is on its way."""
        return bool(self._loading)

    def get(self, entry_id: str) -> DiskEntry | None:
        """An entry."""
        known = self._known.get(entry_id)
        return None if known is None else known.entry

    def find(self, tokens: tuple[int, ...]) -> SavedMatch | None:
        """The best saved beginning of these tokens."""
        match = self._index.match_longest(tokens) if self._trimmable else self._index.match_whole(tokens)
        return None if match is None else SavedMatch(self._known[self._spots[match.entry]].entry, match.depth)

    def covers(self, tokens: tuple[int, ...]) -> int:
        """How many of these tokens the best saved prefix begins with, taken up or not."""
        match = self._index.match_longest(tokens)
        return 0 if match is None else match.depth

    def request(self, entry: DiskEntry) -> None:
        """Have it read, unless it is being read."""
        if entry.id not in self._loading:
            self._loading.add(entry.id)
            self._store.load(entry.id)

    def save(self, state: SavedState) -> str:
        """Have it written; its id."""
        return self._store.save(state)

    def touch(self, prefix: Prefix) -> None:
        """A held prefix was used: the saved one that has as much of it was too."""
        match = self.find(prefix.tokens)
        if match is not None:
            self._store.touch(match.entry.id)

    def begin(self, found: Found) -> None:
        """What was there at the start."""
        for entry in found.entries:
            self._enter(entry)
        self.notes = {note.name: note for note in found.notes if note.entry in self._known}
        self.strangers = found.strangers
        self.is_ready = True

    def take_saved(self, saved: Saved) -> None:
        """It is on the disk. What it contains isn't needed any more, where nothing is noted of it."""
        noted = {note.entry for note in self.notes.values()}
        for entry_id in self._contained_in(saved.entry):
            if entry_id not in noted and entry_id not in self._loading:
                self.delete(entry_id)
        self._enter(saved.entry)

    def take_loaded(self, entry_id: str) -> DiskEntry | None:
        """Its state has come."""
        self._loading.discard(entry_id)
        return self.get(entry_id)

    def take_not_loaded(self, event: NotLoaded) -> DiskEntry | None:
        """It can't be had; what it was."""
        entry = self.take_loaded(event.entry_id)
        self._leave(event.entry_id)
        return entry

    def take_gone(self, event: Gone) -> None:
        """They are no more."""
        for entry_id in event.entry_ids:
            self._leave(entry_id)
        self.notes = {name: note for name, note in self.notes.items() if note.entry not in event.entry_ids}

    def note(self, note: Note) -> None:
        """Keep a note, in place of one of its name."""
        self.notes[note.name] = note
        self._store.put_note(note)

    def drop_note(self, name: str) -> Note | None:
        """Forget one; what it was."""
        note = self.notes.pop(name, None)
        if note is not None:
            self._store.drop_note(name)
        return note

    def delete(self, entry_id: str) -> None:
        """Forget an entry."""
        self._leave(entry_id)
        self._store.delete(entry_id)

    def clear(self) -> None:
        """Forget all, of other models too."""
        for entry_id in tuple(self._known):
            self._leave(entry_id)
        self.notes.clear()
        self.strangers = ()
        self._store.clear()

    def _contained_in(self, entry: DiskEntry) -> list[str]:
        """Entries that it begins with, and whose every place to take up it has."""
        covered = {self._spots[spot] for spot in self._index.covered_by(entry.tokens)} - {entry.id}
        others = [self._known[entry_id].entry for entry_id in covered]
        return [
            other.id
            for other in others
            if other.tokens == entry.tokens[: len(other.tokens)]
            and (self._trimmable or set(other.checkpoints) <= set(entry.checkpoints))
        ]

    def _enter(self, entry: DiskEntry) -> None:
        self._leave(entry.id)
        depths = (len(entry.tokens),) if self._trimmable else entry.checkpoints
        spots = tuple(next(self._numbers) for _ in depths)
        self._known[entry.id] = _Known(entry, spots)
        for spot, depth in zip(spots, depths, strict=True):
            self._spots[spot] = entry.id
            self._index.insert(spot, entry.tokens[:depth])

    def _leave(self, entry_id: str) -> None:
        known = self._known.pop(entry_id, None)
        for spot in known.spots if known is not None else ():
            self._index.remove(spot)
            del self._spots[spot]
