"""Notices that the settings file was changed, by an editor or another program. One thread, which owns nothing.

It only says so: reading is the side jobs' business, in order with our own writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from tray.actions import Action, SettingsTouched

LOOK_S = 1.0
"""Between two looks at the file's times: a change shows within two seconds, and a look costs microseconds."""
SETTLE_S = 0.2
"""Until a second look at a file that has just changed: an editor may have emptied or moved it, to write it anew."""

Stamp = tuple[int, int, int] | None


class SettingsWatch:
    """Posts SettingsTouched once a changed `path` stays as it is; what is there when it is made is known already."""

    def __init__(
        self, path: Path, post: Callable[[Action], None], look_s: float = LOOK_S, settle_s: float = SETTLE_S
    ) -> None:
        self._path = path
        self._post = post
        self._look_s = look_s
        self._settle_s = settle_s
        self._closed = threading.Event()
        self._told = self._seen = read_stamp(path)
        self._thread = threading.Thread(target=self._loop, name="settings", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End the thread soon."""
        self._closed.set()

    def look(self) -> float:
        """One look; how long to wait until the next, in seconds."""
        before, self._seen = self._seen, read_stamp(self._path)
        if self._seen == self._told:
            return self._look_s
        if self._seen != before:
            return self._settle_s
        self._told = self._seen
        self._post(SettingsTouched())
        return self._look_s

    def _loop(self) -> None:
        wait_s = self._look_s
        while not self._closed.wait(wait_s):
            wait_s = self.look()


def read_stamp(path: Path) -> Stamp:
    """What changes when the file does; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
