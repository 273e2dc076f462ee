"""Stores of saved prefixes in a folder, and what they report."""

from __future__ import annotations

import contextlib
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from endpoint.cache.disk.folder import MOST_PENDING, FolderStore
from endpoint.cache.disk.names import identify_entry
from endpoint.cache.disk.store import DiskBudget, DiskEvent, Saved
from endpoint.providers.saved_state import SavedState

DEADLINE_S = 20.0
MODEL = "f00d"
Event = TypeVar("Event")


class Listener:
    """Hears what a store reports, and waits for more."""

    def __init__(self) -> None:
        self.events: list[DiskEvent] = []
        self._heard = threading.Condition()

    def post(self, event: DiskEvent) -> None:
        with self._heard:
            self.events.append(event)
            self._heard.notify_all()

    def take(self, *kinds: type[Event]) -> Event:
        """The next event of these kinds; it counts as heard."""
        with self._heard:
            if not self._heard.wait_for(lambda: any(isinstance(event, kinds) for event in self.events), DEADLINE_S):
                raise AssertionError(f"none of {kinds} among {self.events}")
            found = next(event for event in self.events if isinstance(event, kinds))
            self.events.remove(found)
            return found


class Opened:
    """A started store and its listener."""

    def __init__(self, store: FolderStore, listener: Listener) -> None:
        self.store = store
        self.listener = listener

    def take(self, kind: type[Event]) -> Event:
        return self.listener.take(kind)

    def save(self, state: SavedState) -> Saved:
        """Save and wait."""
        self.store.save(state)
        return self.take(Saved)

    def settle(self) -> None:
        """Until the worker has done all the small things: an answer that comes behind them has come."""
        answer = threading.Event()
        self.store._work.add_errand(answer.set)
        assert answer.wait(DEADLINE_S)


@contextlib.contextmanager
def opened(
    root: Path,
    fingerprint: str = MODEL,
    budget: DiskBudget | int = 10**9,
    about: Mapping[str, str] | None = None,
    most_pending: int = MOST_PENDING,
) -> Iterator[Opened]:
    """A store that has begun; it is closed at the end. Its Found is still to be taken."""
    listener = Listener()
    budget = DiskBudget(budget) if isinstance(budget, int) else budget
    facts = {"model": "tiny", "chat template": "a"} if about is None else about
    store = FolderStore(root, fingerprint, facts, budget, listener.post, most_pending=most_pending)
    store.start()
    try:
        yield Opened(store, listener)
    finally:
        store.close(DEADLINE_S)


def make_state(first: int, size: int = 100) -> SavedState:
    """A prefix like no other; its parts have `size` bytes."""
    return SavedState((first, 2, 3), (), '{"kind": "test"}', (bytes([first % 256]) * size,))


def name_of(state: SavedState) -> str:
    return identify_entry(state.tokens, state.checkpoints)


def same(state: SavedState, other: SavedState) -> bool:
    """Whether they hold the same bytes, in whatever memory."""
    return (state.tokens, state.checkpoints, state.layout, tuple(map(bytes, state.parts))) == (
        other.tokens,
        other.checkpoints,
        other.layout,
        tuple(map(bytes, other.parts)),
    )


def file_names(root: Path) -> set[str]:
    """All files, but what the stores keep for themselves."""
    return {path.name for path in root.rglob("*") if path.is_file()} - {".lock", "about.json"}


def measure(root: Path) -> int:
    """Bytes of all files; one that is moved meanwhile counts once."""
    sizes = {}
    for path in root.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            sizes[status.st_ino] = status.st_size if stat.S_ISREG(status.st_mode) else 0
    return sum(sizes.values())
