"""Writes the file of the downloads that aren't over, on a thread of its own: nobody waits for the disk.

Owner of that file while the app runs. Invariant: records are written in the order in which they came.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from pathlib import Path

from tray.downloads.records import Records, write_records

LAST_S = 2.0
"""How long the disk may take when the app ends."""


class Keeper:
    """`keep` may be called from any thread; `close` once, after the last of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inbox: queue.SimpleQueue[Records | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="downloads-file", daemon=True)
        self._thread.start()

    def keep(self, records: Records) -> None:
        """Have the file say this soon; returns at once."""
        self._inbox.put(records)

    def close(self) -> None:
        """Write what waits, then end."""
        self._inbox.put(None)
        self._thread.join(LAST_S)

    def _loop(self) -> None:
        while (records := self._inbox.get()) is not None:
            # On a full disk the downloads themselves say so; the next change is the next try.
            with contextlib.suppress(OSError):
                write_records(self._path, records)
