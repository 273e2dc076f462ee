"""Tells of events with the desktop's notifications. A View; on the controller's thread.

What is worth telling is tray/notifications.py's to say, and it says nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

from tray.notifications import tell
from tray.state import AppState


class Notifier:
    """`deliver` takes title and text, and must not block."""

    def __init__(self, deliver: Callable[[str, str], None]) -> None:
        self._deliver = deliver
        self._before: AppState | None = None

    def show(self, state: AppState) -> None:
        """Tell what has happened since the last state, if that is wanted."""
        before, self._before = self._before, state
        note = tell(before, state) if before is not None else None
        if note is not None and state.preferences.notifications:
            self._deliver(note.title, note.text)

    def close(self) -> None:
        """Nothing is left to tell."""
