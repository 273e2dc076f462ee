"""One model's saved prefixes: what the worker does with them. Worker's thread; every method waits for the disk.

The folder is ours alone: made with mode 700, and refused when somebody else owns it or anybody may write beside it.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from endpoint.cache.disk.about import find_strangers, write_about, write_whole
from endpoint.cache.disk.inventory import Kind, list_files
from endpoint.cache.disk.names import ENTRY_SUFFIX, NOTES, identify_entry, is_entry_id, is_model, name_note
from endpoint.cache.disk.notes import MOST_NOTE, pack_note, read_note_file
from endpoint.cache.disk.ownership import check_owner, make_model_folder, make_root
from endpoint.cache.disk.room import DiskRoom
from endpoint.cache.disk.store import DiskEntry, Found, Note
from endpoint.errors import StateFault, StateNotWritten, StateUnusable
from endpoint.providers.file_draft import FileDraft
from endpoint.providers.saved_state import SavedState
from endpoint.providers.state_file import pack_state, read_state, read_summary

_LOGGER = logging.getLogger(__name__)
IsWanted = Callable[[], bool]
_DAMAGED = frozenset({StateFault.TORN, StateFault.CHECKSUM, StateFault.NOT_OURS, StateFault.OTHER_FINGERPRINT})


class Shelf:
    """The folder of `fingerprint` (hexadecimal) in the room. `about`: what made it, in words, with a "model"."""

    def __init__(self, room: DiskRoom, fingerprint: str, about: Mapping[str, str]) -> None:
        if not is_model(fingerprint):
            raise ValueError(f"A fingerprint is hexadecimal, not {fingerprint!r:.80}.")
        self._room = room
        self._fingerprint = fingerprint
        self._about = dict(about)
        self._folder = room.root / fingerprint
        self._notes = self._folder / NOTES
        self._known: set[str] = set()

    def scan(self) -> Found:
        """What is there. Damaged files go. Raises OSError."""
        with contextlib.suppress(OSError):  # what can't be written can be read; whoever saves says what is wrong
            self._room.tidy()
        if self._folder.exists():
            check_owner(self._folder)
        entries, damaged = [], []
        for file in list_files(self._folder):
            if file.kind is not Kind.ENTRY:
                continue
            try:
                entries.append(self._describe(file.path, file.used_at_s))
            except StateUnusable as error:
                damaged.append(error)
                self._discard(file.path, error)
        if damaged:
            _LOGGER.warning("%d saved prefixes can't be used. The first: %s", len(damaged), damaged[0])
        self._known = {entry.id for entry in entries}
        notes = self._read_notes()
        self._room.count()
        return Found(tuple(entries), notes, find_strangers(self._room.root, self._folder, self._about))

    def save(self, entry_id: str, state: SavedState, is_wanted: IsWanted) -> DiskEntry:
        """Write it, unless it is there. Raises StateNotWritten and OSError."""
        path = self._locate(entry_id)
        present = self._find(path)
        if present is not None:
            self._known.add(entry_id)
            return present
        packed = pack_state(state, self._fingerprint, is_wanted)
        self._prepare()
        draft = self._room.take(packed.size, lambda: packed.begin(path))
        try:
            packed.fill(draft, is_wanted, self._room.lock())
        finally:
            self._room.count()
        self._known.add(entry_id)
        return DiskEntry(entry_id, state.tokens, state.checkpoints, packed.size, path.stat().st_mtime)

    def load(self, entry_id: str, is_wanted: IsWanted) -> SavedState:
        """Read it back, and note that it was used. Raises StateUnusable; a damaged file is gone then."""
        path = self._locate(entry_id)
        try:
            state = read_state(path, self._fingerprint, is_wanted)
            if identify_entry(state.tokens, state.checkpoints) != entry_id:
                raise StateUnusable(str(path), StateFault.CHECKSUM, "it holds another prefix")
        except StateUnusable as error:
            self._known.discard(entry_id)
            self._discard(path, error)
            raise
        self.touch(entry_id)
        return state

    def touch(self, entry_id: str) -> None:
        """It was used now."""
        with contextlib.suppress(OSError):  # take_vanished tells when it is gone
            os.utime(self._locate(entry_id), follow_symlinks=os.utime not in os.supports_follow_symlinks)

    def delete(self, entry_id: str) -> None:
        """Remove it. Raises OSError."""
        self._known.discard(entry_id)
        self._locate(entry_id).unlink(missing_ok=True)
        self._room.count()

    def clear(self) -> tuple[str, ...]:
        """Remove all models' prefixes and notes; which of ours there were. Raises OSError."""
        gone, self._known = tuple(self._known), set()
        self._room.clear()
        return gone

    def take_vanished(self) -> tuple[str, ...]:
        """Entries that were here, and that somebody has removed since: for the budget, or another process."""
        present = {file.path.stem for file in list_files(self._folder) if file.kind is Kind.ENTRY}
        gone = tuple(self._known - present)
        self._known &= present
        return gone

    def put_note(self, note: Note) -> None:
        """Write it in place of one of its name. Raises StateNotWritten and OSError."""
        content = pack_note(note)
        if len(content) > MOST_NOTE:
            raise StateNotWritten(f"A note was not kept: it has {len(content)} bytes, and {MOST_NOTE} are the most.")
        self._prepare()
        path = self._notes / name_note(note.name)
        spared = self._locate(note.entry) if is_entry_id(note.entry) else None  # not removed for its own note's sake
        self._room.take(len(content), lambda: write_whole(FileDraft(path, len(content)), content), spared)
        self._room.count()

    def drop_note(self, name: str) -> None:
        """Remove it. Raises OSError."""
        (self._notes / name_note(name)).unlink(missing_ok=True)
        self._room.count()

    def _locate(self, entry_id: str) -> Path:
        if not is_entry_id(entry_id):
            raise StateUnusable(entry_id[:80], StateFault.MISSING, "that is no entry's id")
        return self._folder / f"{entry_id}{ENTRY_SUFFIX}"

    def _prepare(self) -> None:
        """The folders, and what they are about. They may have gone since the last time."""
        make_root(self._room.root)
        make_model_folder(self._folder, self._notes)
        write_about(self._folder, self._about)

    def _find(self, path: Path) -> DiskEntry | None:
        """It, used now, if it is there and seems to be whole."""
        try:
            self.touch(path.stem)
            return self._describe(path, path.stat().st_mtime)
        except (StateUnusable, OSError):
            return None

    def _describe(self, path: Path, used_at_s: float) -> DiskEntry:
        summary = read_summary(path, self._fingerprint)
        if identify_entry(summary.tokens, summary.checkpoints) != path.stem:
            raise StateUnusable(str(path), StateFault.CHECKSUM, "it holds another prefix")
        return DiskEntry(path.stem, summary.tokens, summary.checkpoints, summary.size, used_at_s)

    def _discard(self, path: Path, error: StateUnusable) -> None:
        if error.fault in _DAMAGED:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _read_notes(self) -> tuple[Note, ...]:
        notes = []
        for file in list_files(self._folder):
            if file.kind is Kind.NOTE:
                try:
                    notes.append(read_note_file(file.path))
                except (ValueError, OSError, RecursionError) as error:
                    _LOGGER.warning("The note %s beside the saved prefixes is not used: %s.", file.path, error)
                    with contextlib.suppress(OSError):
                        file.path.unlink(missing_ok=True)
        return tuple(notes)
