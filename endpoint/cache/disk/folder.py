"""A DiskStore in a folder: one worker thread owns the files of this process; other processes may share the folder.

Whatever the disk does ends in one line of the log and an event, never in an exception: the cache is a convenience.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue

from endpoint.cache.disk import layout, space
from endpoint.cache.disk.store import (
    DiskBudget,
    DiskEntry,
    DiskEvent,
    Found,
    Gone,
    Loaded,
    Note,
    NotLoaded,
    NotSaved,
    Post,
    Saved,
)
from endpoint.errors import StateError, StateFault, StateUnusable
from endpoint.providers.saved_state import SavedState
from endpoint.providers.state_file import read_state, read_summary, write_state

_LOGGER = logging.getLogger(__name__)
MOST_PENDING = 512 << 20
"""Bytes of states that may wait to be written: they are in RAM, or keep what they share with a held prefix there."""
_HOPELESS = frozenset({StateFault.NOT_OURS, StateFault.OTHER_FINGERPRINT, StateFault.TORN, StateFault.CHECKSUM})


class FolderStore:
    """`root` holds all models' prefixes, `fingerprint` names this one's; `origin` tells in words what made them."""

    def __init__(
        self,
        root: Path,
        fingerprint: str,
        origin: Mapping[str, str],
        budget: DiskBudget,
        post: Post,
        most_pending: int = MOST_PENDING,
    ) -> None:
        self._root = root
        self._folder = root / fingerprint
        self._fingerprint = fingerprint
        self._origin = dict(origin)
        self._budget = budget
        self._post = post
        self._most_pending = most_pending
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="saved prefixes", daemon=True)
        self._lock = threading.Lock()  # for the three below, which callers and the worker change
        self._pending_bytes = 0
        self._pending: set[str] = set()
        self._entries: dict[str, DiskEntry] = {}
        self._noted: dict[str, str] = {}  # a note's name, and the entry that it needs; the worker's
        self._bytes = 0
        self._until: float | None = None
        self._is_broken = False

    def start(self) -> None:
        """Look what is there, then do what is asked."""
        self._jobs.put(self._open)
        self._thread.start()

    @property
    def bytes(self) -> int:
        """As of the last look at the disk."""
        return self._bytes

    @property
    def budget_bytes(self) -> int:
        """For all models."""
        return self._budget.bytes

    @property
    def pending_bytes(self) -> int:
        """Handed over and not written yet."""
        return self._pending_bytes

    def save(self, state: SavedState) -> str:
        """Write it, unless it is there or on its way; refused when too much is on its way."""
        entry_id = layout.name_entry(state.tokens, state.checkpoints)
        with self._lock:
            known = self._entries.get(entry_id)
            waits = entry_id in self._pending
            is_full = self._pending_bytes + state.size > self._most_pending
            if known is None and not waits and not is_full:
                self._pending.add(entry_id)
                self._pending_bytes += state.size
        if known is not None:
            self._post(Saved(known))
            self.touch(entry_id)
        elif is_full and not waits:
            self._post(NotSaved(entry_id, "too much waits to be written"))
        elif not waits:
            self._jobs.put(lambda: self._save(entry_id, state))
        return entry_id

    def load(self, entry_id: str) -> None:
        """Read it back."""
        self._jobs.put(lambda: self._load(entry_id))

    def touch(self, entry_id: str) -> None:
        """Note on the disk that it was used."""
        self._jobs.put(lambda: os.utime(self._path(entry_id)))

    def delete(self, entry_id: str) -> None:
        """Forget it."""
        self._jobs.put(lambda: self._remove([self._path(entry_id)]))

    def clear(self) -> None:
        """Forget all, of all models; notes too."""
        self._jobs.put(self._clear)

    def put_note(self, note: Note) -> None:
        """Write it."""
        self._jobs.put(lambda: self._put_note(note))

    def drop_note(self, name: str) -> None:
        """Delete it."""
        self._jobs.put(lambda: self._drop_note(name))

    def close(self, timeout_s: float) -> bool:
        """Do what was asked, as far as the time goes."""
        self._until = time.monotonic() + timeout_s
        self._jobs.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self._pending

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and self._has_time():
            try:
                job()
            except FileNotFoundError:
                pass  # another process deleted it; the next look at it tells
            except OSError as error:
                self._complain(f"The saved prefixes in {self._root} can't be used as they should: {error}.")

    def _has_time(self) -> bool:
        return self._until is None or time.monotonic() < self._until

    def _complain(self, message: str) -> None:
        """Once for each kind of trouble, not for each prefix."""
        log = _LOGGER.debug if self._is_broken else _LOGGER.warning
        log(message)
        self._is_broken = True

    def _open(self) -> None:
        found = Found((), ())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            layout.write_json(self._folder / layout.ABOUT, self._origin)
            space.sweep(self._root, self._budget.max_age_s)
            found = self._look()
        except OSError as error:
            self._complain(f"Prefixes can't be saved in {self._root}: {error}. They are held in RAM only.")
        self._post(found)

    def _look(self) -> Found:
        for file in layout.list_states(self._folder):
            try:
                summary = read_summary(file.path, self._fingerprint)
            except StateUnusable as error:
                self._give_up(file.path, error)
                continue
            if layout.name_entry(summary.tokens, summary.checkpoints) == file.entry_id:
                self._entries[file.entry_id] = DiskEntry(
                    file.entry_id, summary.tokens, summary.checkpoints, summary.size, file.used_at
                )
        notes = tuple(note for note in layout.read_notes(self._folder) if note.entry in self._entries)
        self._noted = {note.name: note.entry for note in notes}
        self._bytes = space.measure(self._root)
        return Found(tuple(self._entries.values()), notes, self._find_strangers())

    def _find_strangers(self) -> tuple[str, ...]:
        """What differs for the prefixes of the same model's name that lie beside ours, the fewest differences first."""
        others = [each for each in layout.list_folders(self._root) if each != self._folder]
        said = [layout.read_about(each) for each in others if any(layout.list_states(each))]
        alike = [each for each in said if each.get("model") == self._origin.get("model")]
        differences = [tuple(name for name, value in self._origin.items() if each.get(name) != value) for each in alike]
        return min(differences, key=len, default=())

    def _save(self, entry_id: str, state: SavedState) -> None:
        try:
            event = self._write(entry_id, state)
        except (StateError, OSError) as error:
            self._complain(str(error))
            event = NotSaved(entry_id, str(error))
        with self._lock:
            self._pending.discard(entry_id)
            self._pending_bytes -= state.size
            if isinstance(event, Saved):
                self._entries[entry_id] = event.entry
        self._post(event)

    def _write(self, entry_id: str, state: SavedState) -> Saved | NotSaved:
        path = self._path(entry_id)
        spare = {self._path(noted) for noted in self._noted.values()}
        with space.lock(self._root):
            fits, gone = space.make_room(self._root, state.size, self._budget.bytes, spare)
            self._forget(gone)
            if not fits:
                return NotSaved(entry_id, f"{state.size} bytes don't fit the disk's budget of {self._budget.bytes}")
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_state(path, state, self._fingerprint, self._has_time)
            self._bytes = space.measure(self._root)
        status = path.stat()
        return Saved(DiskEntry(entry_id, state.tokens, state.checkpoints, status.st_size, status.st_mtime))

    def _load(self, entry_id: str) -> None:
        path = self._path(entry_id)
        event: DiskEvent
        try:
            event = Loaded(entry_id, read_state(path, self._fingerprint))
            os.utime(path)
        except StateUnusable as error:
            self._give_up(path, error)
            event = NotLoaded(entry_id, str(error.fault))
        except (OSError, MemoryError) as error:
            self._complain(f"The saved prefix {path} can't be read: {error}.")
            event = NotLoaded(entry_id, "it can't be read")
        self._post(event)

    def _give_up(self, path: Path, error: StateUnusable) -> None:
        _LOGGER.warning("%s", error)
        if error.fault in _HOPELESS:
            path.unlink(missing_ok=True)
        with self._lock:
            self._entries.pop(path.name.removesuffix(layout.STATE), None)

    def _remove(self, paths: list[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
        self._bytes = space.measure(self._root)
        self._forget(paths)

    def _forget(self, paths: list[Path]) -> None:
        """Of this model's that are gone."""
        ids = [path.name.removesuffix(layout.STATE) for path in paths if path.parent == self._folder]
        with self._lock:
            for entry_id in ids:
                self._entries.pop(entry_id, None)
        if ids:
            self._post(Gone(tuple(ids)))

    def _clear(self) -> None:
        with space.lock(self._root):
            for folder in layout.list_folders(self._root):
                for note in list(layout.read_notes(folder)):
                    layout.remove_note(folder, note.name)
                self._remove([file.path for file in layout.list_states(folder)])
        self._noted.clear()

    def _put_note(self, note: Note) -> None:
        layout.write_note(self._folder, note)
        self._noted[note.name] = note.entry

    def _drop_note(self, name: str) -> None:
        layout.remove_note(self._folder, name)
        self._noted.pop(name, None)

    def _path(self, entry_id: str) -> Path:
        return self._folder / f"{entry_id}{layout.STATE}"


def open_folder(root: Path, budget: DiskBudget, fingerprint: str, origin: Mapping[str, str], post: Post) -> FolderStore:
    """A store that has begun to look what is there."""
    store = FolderStore(root, fingerprint, origin, budget, post)
    store.start()
    return store
