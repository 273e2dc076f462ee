"""Saved prefixes as the engine thread sees them: it asks, and hears of what came of it through `post`.

Nothing here waits: every method of a DiskStore returns at once, and one worker thread does what was asked: reads first,
for somebody waits for them, then small things in their order, then writes. What is deleted isn't written afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from endpoint.providers.saved_state import SavedState


@dataclass(frozen=True, slots=True)
class DiskEntry:
    """A saved prefix of the model that runs. `id`: a digest of its tokens and checkpoints. Times in Unix seconds."""

    id: str
    tokens: tuple[int, ...] = field(repr=False)
    checkpoints: tuple[int, ...]
    bytes: int
    used_at_s: float


@dataclass(frozen=True, slots=True)
class Note:
    """A small JSON object that is kept by name beside the prefixes: what a key stands for. `entry`: the prefix's id."""

    name: str
    entry: str
    content: Mapping[str, object] = field(repr=False)
    saved_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was there at the start. `strangers`: what differs, in words, for prefixes of the same model file's name that
    another template, library or content made ("the chat template", "the library"): they can't be used."""

    entries: tuple[DiskEntry, ...]
    notes: tuple[Note, ...]
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """It is whole and on the disk."""

    entry: DiskEntry


@dataclass(frozen=True, slots=True)
class NotSaved:
    """It isn't; `reason` was logged."""

    entry_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """An entry's state."""

    entry_id: str
    state: SavedState


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """It can't be read back; `reason` was logged, and the file is gone if it is damaged."""

    entry_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Entries that went for the budget, by age, by `clear`, or by another process."""

    entry_ids: tuple[str, ...]


DiskEvent = Found | Saved | NotSaved | Loaded | NotLoaded | Gone
Post = Callable[[DiskEvent], None]
"""Called on the worker's thread."""


@dataclass(frozen=True, slots=True)
class DiskBudget:
    """For all models' prefixes together: bytes, and seconds since the last use."""

    bytes: int
    max_age_s: float = 30 * 86_400.0


class DiskStore(Protocol):
    """Any thread may call; nothing raises for what the disk does."""

    @property
    def bytes(self) -> int:
        """What all models' saved prefixes take."""

    @property
    def budget_bytes(self) -> int: ...

    @property
    def pending_bytes(self) -> int:
        """RAM that states take which wait to be written."""

    def save(self, state: SavedState) -> str:
        """Write it, unless it is there; its entry's id. Then Saved or NotSaved, once for all who asked meanwhile."""

    def load(self, entry_id: str) -> None:
        """Read it back. Then Loaded or NotLoaded."""

    def touch(self, entry_id: str) -> None:
        """It was used: it goes last."""

    def delete(self, entry_id: str) -> None:
        """Forget it, also if it waits to be written: NotSaved for that. Then Gone."""

    def clear(self) -> None:
        """Forget all prefixes and notes, of all models. Then Gone."""

    def put_note(self, note: Note) -> None:
        """Keep it, in place of one of its name. Its entry goes after others; a note whose entry is gone goes some time
        later, at the next start at the latest."""

    def drop_note(self, name: str) -> None:
        """Forget it."""

    def close(self, timeout_s: float) -> bool:
        """Do what was asked, as far as the time goes; whether all was done. What isn't leaves no trace."""
