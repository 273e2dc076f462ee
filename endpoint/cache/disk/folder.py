"""The store of saved prefixes in a folder: a queue, and one thread that owns the files.

Whatever the disk does is told as an event and logged once: a fault that repeats with every prefix (a full disk, a
folder that can't be written) has one line until something is saved again. No prompt's text is logged.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from endpoint.cache.disk.names import identify_entry
from endpoint.cache.disk.room import DiskRoom
from endpoint.cache.disk.shelf import Shelf
from endpoint.cache.disk.store import (
    DiskBudget,
    Found,
    Gone,
    Loaded,
    Note,
    NotLoaded,
    NotSaved,
    Post,
    Saved,
)
from endpoint.cache.disk.work import Check, Errand, Load, Save, Work, WorkQueue
from endpoint.errors import StateNotWritten, StateUnusable
from endpoint.providers.saved_state import SavedState

_LOGGER = logging.getLogger(__name__)
MOST_PENDING = 512 << 20
CHECK_S = 3600.0
"""Between two looks at what has become too old."""


class FolderStore:
    """A DiskStore in `root`, for the prefixes that `fingerprint` (hexadecimal) made; `about` says in words what that
    is. Nothing is touched before `start`. At most `most_pending` bytes of states wait to be written, but one always
    may."""

    def __init__(
        self,
        root: Path,
        fingerprint: str,
        about: Mapping[str, str],
        budget: DiskBudget,
        post: Post,
        *,
        most_pending: int = MOST_PENDING,
    ) -> None:
        self._room = DiskRoom(root, budget)
        self._shelf = Shelf(self._room, fingerprint, about)
        self._post = post
        self._work = WorkQueue(most_pending)
        self._complaint = ""
        self._thread = threading.Thread(target=self._run, name="saved-prefixes", daemon=True)

    @property
    def bytes(self) -> int:
        """As they were counted last."""
        return self._room.used

    @property
    def budget_bytes(self) -> int:
        return self._room.budget.bytes

    @property
    def pending_bytes(self) -> int:
        return self._work.bytes

    def start(self) -> None:
        """Begin with looking what is there: Found."""
        self._thread.start()

    def save(self, state: SavedState) -> str:
        """Write it, unless it is there or about to be."""
        entry_id = identify_entry(state.tokens, state.checkpoints)
        if not self._work.add_save(entry_id, state):
            self._work.add_errand(lambda: self._refuse(entry_id, "too much waits to be written already"))
        return entry_id

    def load(self, entry_id: str) -> None:
        """Read it before all else."""
        self._work.add_load(entry_id)

    def touch(self, entry_id: str) -> None:
        self._work.add_errand(lambda: self._shelf.touch(entry_id))

    def delete(self, entry_id: str) -> None:
        """Also if it isn't written yet."""
        waited = (entry_id,) if self._work.forget(entry_id) else ()
        self._work.add_errand(lambda: self._delete(entry_id, waited))

    def clear(self) -> None:
        """Also what isn't written yet."""
        waited = self._work.forget_all()
        self._work.add_errand(lambda: self._clear(waited))

    def put_note(self, note: Note) -> None:
        self._work.add_errand(lambda: self._shelf.put_note(note))

    def drop_note(self, name: str) -> None:
        self._work.add_errand(lambda: self._shelf.drop_note(name))

    def close(self, timeout_s: float) -> bool:
        """What is being written when the time is up is broken off; a wait for the disk can't be."""
        self._work.end(time.monotonic() + timeout_s)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive() and self._work.is_done

    def _run(self) -> None:
        self._guard(self._scan, lambda _: self._post(Found((), ())))
        while (work := self._work.take(CHECK_S)) is not None:
            self._do(work)
            self._guard(self._tell_vanished)

    def _do(self, work: Work) -> None:
        match work:
            case Save(entry_id, state):
                self._guard(lambda: self._save(entry_id, state), lambda why: self._post(NotSaved(entry_id, why)))
            case Load(entry_id):
                self._guard(lambda: self._load(entry_id), lambda why: self._post(NotLoaded(entry_id, why)))
            case Errand(run):
                self._guard(run)
            case Check():
                self._guard(self._room.tidy)

    def _guard(self, act: Callable[[], None], fail: Callable[[str], None] | None = None) -> None:
        """Whatever goes wrong is logged and told, and the thread lives on."""
        try:
            act()
        except (StateNotWritten, OSError) as error:
            self._complain(error)
            why = str(error)
        except StateUnusable as error:
            _LOGGER.warning("%s", error)
            why = str(error)
        except Exception as error:  # a defect of ours, or no memory: somebody waits for the answer
            _LOGGER.exception("Saving prefixes failed")
            why = f"{type(error).__name__}: {error}"
        else:
            return
        if fail is not None:
            fail(why)

    def _complain(self, error: StateNotWritten | OSError) -> None:
        """Once for each kind of fault, until something is saved again."""
        cause = error.__cause__ or error
        kind = f"{type(cause).__name__} {getattr(cause, 'errno', '')}"
        if kind != self._complaint:
            self._complaint = kind
            _LOGGER.warning("%s", error)

    def _scan(self) -> None:
        self._post(self._shelf.scan())

    def _save(self, entry_id: str, state: SavedState) -> None:
        try:
            entry = self._shelf.save(entry_id, state, self._work.is_wanted)
        finally:
            self._work.finish()
        self._complaint = ""
        self._post(Saved(entry))

    def _load(self, entry_id: str) -> None:
        self._post(Loaded(entry_id, self._shelf.load(entry_id, self._work.is_wanted)))

    def _delete(self, entry_id: str, waited: tuple[str, ...]) -> None:
        self._forget(waited)
        try:
            self._shelf.delete(entry_id)
        finally:
            self._post(Gone((entry_id,)))

    def _clear(self, waited: tuple[str, ...]) -> None:
        self._forget(waited)
        self._post(Gone(self._shelf.clear()))

    def _forget(self, waited: tuple[str, ...]) -> None:
        for entry_id in waited:
            self._post(NotSaved(entry_id, "it was deleted before it was written"))

    def _refuse(self, entry_id: str, reason: str) -> None:
        self._complain(StateNotWritten(f"A prefix's state was not saved: {reason}."))
        self._post(NotSaved(entry_id, reason))

    def _tell_vanished(self) -> None:
        gone = self._shelf.take_vanished()
        if gone:
            self._post(Gone(gone))


def open_folder(root: Path, budget: DiskBudget, fingerprint: str, about: Mapping[str, str], post: Post) -> FolderStore:
    """A store that has begun to look what is there."""
    store = FolderStore(root, fingerprint, about, budget, post)
    store.start()
    return store
