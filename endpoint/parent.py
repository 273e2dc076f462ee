"""The life line to the parent: a managed endpoint reads its standard input and ends with it, on any system.

A line "stop" asks for an orderly end; end of file means that the parent is gone, however it went, SIGKILL included.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from enum import Enum, auto

from endpoint.contract import STOP_LINE


class ParentWish(Enum):
    """What the parent wants, or that it is gone."""

    STOP = auto()
    GONE = auto()


def watch_parent(on_wish: Callable[[ParentWish], None], descriptor: int = 0) -> threading.Thread:
    """Start the watching thread; `on_wish` is called on it, at most once with each wish."""
    thread = threading.Thread(target=_watch, args=(on_wish, descriptor), name="parent-watch", daemon=True)
    thread.start()
    return thread


def _watch(on_wish: Callable[[ParentWish], None], descriptor: int) -> None:
    pending = b""
    stop_line = STOP_LINE.encode()
    while True:
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            data = b""
        if not data:
            on_wish(ParentWish.GONE)
            return
        *lines, pending = (pending + data).split(b"\n")
        if any(line.strip() == stop_line for line in lines):
            on_wish(ParentWish.STOP)
