"""The endpoint's line to the app that started it, about downloads: what the app told last, and wishes back.

Threads: the parent watch hears, the event loop looks, any thread wishes. What was told is one frozen value,
replaced whole.
"""

from __future__ import annotations

import threading
from typing import TextIO

from endpoint.app_contract import DownloadWish, ToldDownloads, format_wish


class AppLink:
    """`out`: this process's standard output, which the app reads."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._told: ToldDownloads | None = None

    def hear(self, told: ToldDownloads) -> None:
        """The app has told how its downloads stand."""
        self._told = told

    def downloads(self) -> ToldDownloads | None:
        """What it told last; None: nothing yet."""
        return self._told

    def wish(self, wish: DownloadWish) -> None:
        """Pass a wish on; what becomes of it is heard. Blocks while the app doesn't read. Raises OSError."""
        with self._lock:  # one line at a time
            self._out.write(f"{format_wish(wish)}\n")
            self._out.flush()
