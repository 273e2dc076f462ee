"""What the store was asked for and hasn't done yet. Any thread; bounded by the bytes of what waits to be written.

Reads come first, for somebody waits for them, then small things in their order, then writes in theirs. So `forget` and
`forget_all` must come with whatever deletes: a write that was asked for before doesn't happen after.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from endpoint.providers.saved_state import SavedState


@dataclass(frozen=True, slots=True)
class Save:
    """Write it."""

    entry_id: str
    state: SavedState = field(repr=False)


@dataclass(frozen=True, slots=True)
class Load:
    """Read it."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Errand:
    """Something small."""

    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Check:
    """Nothing was asked for a long time."""


Work = Save | Load | Errand | Check


class WorkQueue:
    """`most_bytes` of states may wait; one always may, whatever its size."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._loads: dict[str, Load] = {}
        self._errands: deque[Errand] = deque()
        self._saves: dict[str, Save] = {}
        self._writing: Save | None = None
        self._is_spoilt = False  # what is being written was forgotten meanwhile
        self._is_late = False
        self._until: float | None = None
        self._changed = threading.Condition()

    @property
    def bytes(self) -> int:
        """What the states take that aren't written yet."""
        with self._changed:
            return self._count()

    @property
    def is_done(self) -> bool:
        """Whether all was taken, and nothing broken off at the end."""
        with self._changed:
            return not (self._loads or self._errands or self._saves or self._writing or self._is_late)

    def add_save(self, entry_id: str, state: SavedState) -> bool:
        """Whether it will be written: by this call or by one before."""
        with self._changed:
            is_writing = self._writing is not None and self._writing.entry_id == entry_id and not self._is_spoilt
            if entry_id in self._saves or is_writing:
                return True
            count = self._count()
            if self._until is not None or (count and count + state.size > self._most):
                return False
            self._saves[entry_id] = Save(entry_id, state)
            self._changed.notify()
            return True

    def add_load(self, entry_id: str) -> None:
        """Once is enough."""
        with self._changed:
            self._loads[entry_id] = Load(entry_id)
            self._changed.notify()

    def add_errand(self, run: Callable[[], None]) -> None:
        """Something that takes no time."""
        with self._changed:
            self._errands.append(Errand(run))
            self._changed.notify()

    def forget(self, entry_id: str) -> bool:
        """Don't write it; whether it waited."""
        with self._changed:
            if self._writing is not None and self._writing.entry_id == entry_id:
                self._is_spoilt = True
            return self._saves.pop(entry_id, None) is not None

    def forget_all(self) -> tuple[str, ...]:
        """Write nothing of what was asked for; what waited."""
        with self._changed:
            self._is_spoilt = self._writing is not None
            waiting = tuple(self._saves)
            self._saves.clear()
            return waiting

    def take(self, timeout_s: float) -> Work | None:
        """What to do next, after `timeout_s` without anything a Check; None at the end."""
        self.finish()
        with self._changed:
            self._changed.wait_for(self._has_work, timeout_s)
            if self._is_over():
                return None
            if self._loads:
                return self._loads.pop(next(iter(self._loads)))
            if self._errands:
                return self._errands.popleft()
            if self._saves:
                self._writing = self._saves.pop(next(iter(self._saves)))
                return self._writing
            return None if self._until is not None else Check()

    def finish(self) -> None:
        """What was taken to be written is written, or failed: whoever asks for it from now on means anew. To be called
        before anybody is told."""
        with self._changed:
            self._writing, self._is_spoilt = None, False

    def is_wanted(self) -> bool:
        """Whether what was taken last should go on."""
        with self._changed:
            self._is_late |= self._is_over()
            return not (self._is_spoilt or self._is_late)

    def end(self, until: float) -> None:
        """Read nothing more, and do the rest if it can be done before time.monotonic() is `until`."""
        with self._changed:
            self._until = until
            self._loads.clear()
            self._changed.notify()

    def _is_over(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def _has_work(self) -> bool:
        return bool(self._loads or self._errands or self._saves) or self._until is not None

    def _count(self) -> int:
        writing = self._writing.state.size if self._writing is not None else 0
        return writing + sum(save.state.size for save in self._saves.values())
