"""The life line to the parent: a managed endpoint reads its standard input and ends with it, on any system.

A line "stop" asks for an orderly end, "drain" for one after all that was begun; end of file means that the parent is
gone, however it went, SIGKILL included. Other lines tell of the app's downloads (endpoint/app_contract.py).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from enum import Enum, auto

from endpoint.app_contract import LONGEST_LINE, ToldDownloads, parse_downloads
from endpoint.contract import DRAIN_LINE, STOP_LINE, ExitCode

ORPHAN_S = 0.7
"""A parent that is gone waits for nobody: after this the process ends, whatever hangs or is still being imported."""


class ParentWish(Enum):
    """What the parent wants, or that it is gone."""

    STOP = auto()
    DRAIN = auto()
    GONE = auto()


_PIECE = 1 << 16
_WORDS = {STOP_LINE.encode(): ParentWish.STOP, DRAIN_LINE.encode(): ParentWish.DRAIN}


class ParentWatch:
    """Reads `descriptor` on a thread of its own from `start` on. Wishes that come before `attach` are kept for it.

    `hear` gets what it tells of downloads, on the watching thread. `leave` is called ORPHAN_S seconds after the parent
    has gone, if the process hasn't ended by then.
    """

    def __init__(
        self,
        hear: Callable[[ToldDownloads], None],
        descriptor: int = 0,
        leave: Callable[[], None] = lambda: os._exit(ExitCode.FAILURE),
    ) -> None:
        self._hear = hear
        self._descriptor = descriptor
        self._leave = leave
        self._lock = threading.Lock()
        self._kept: list[ParentWish] = []
        self._on_wish: Callable[[ParentWish], None] | None = None

    def start(self) -> None:
        """Begin at once, before anything slow: a parent can be killed at any moment."""
        threading.Thread(target=self._watch, name="parent-watch", daemon=True).start()

    def attach(self, on_wish: Callable[[ParentWish], None]) -> None:
        """From now on call `on_wish`, on the watching thread; first with what was kept, on this one."""
        with self._lock:
            self._on_wish = on_wish
            kept, self._kept = self._kept, []
        for wish in kept:
            on_wish(wish)

    def _watch(self) -> None:
        pending = b""
        while data := self._read():
            *lines, pending = (pending + data).split(b"\n")
            pending = pending[: LONGEST_LINE + 1]  # of what is longer no more is kept than shows that it is
            for line in lines:
                self._take(line)
        timer = threading.Timer(ORPHAN_S, self._leave)
        timer.daemon = True
        timer.start()
        self._tell(ParentWish.GONE)

    def _take(self, line: bytes) -> None:
        wish = _WORDS.get(line.strip())
        if wish is not None:
            self._tell(wish)
        elif len(line) <= LONGEST_LINE and (told := parse_downloads(line.decode(errors="replace"))) is not None:
            self._hear(told)

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, _PIECE)
        except OSError:
            return b""

    def _tell(self, wish: ParentWish) -> None:
        with self._lock:
            on_wish = self._on_wish
            if on_wish is None:
                self._kept.append(wish)
        if on_wish is not None:
            on_wish(wish)
