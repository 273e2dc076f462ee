"""Has work done on GTK's thread, from any other. One watch on a pipe, for as long as the app lives.

Not GLib.idle_add for each piece of work: PyGObject 3.42 loses about a hundred bytes at each call, and a menu that shows
figures changes tens of thousands of times a day.
"""

from __future__ import annotations

import os
import queue
import traceback
from collections.abc import Callable

_MANY = 4096


class GtkLoop:
    """Made on GTK's thread, before its main loop runs; `call` may come from anywhere."""

    def __init__(self) -> None:
        from gi.repository import GLib

        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        GLib.io_add_watch(self._reader, GLib.IO_IN, self._work)

    def call(self, work: Callable[[], None]) -> None:
        """Have this done soon, in order."""
        self._inbox.put(work)
        try:
            os.write(self._writer, b"\0")
        except BlockingIOError:  # full: the thread is going to look in any case
            return

    def _work(self, _source: object, _condition: object) -> bool:
        os.read(self._reader, _MANY)
        while True:
            try:
                work = self._inbox.get_nowait()
            except queue.Empty:
                return True  # and go on watching
            try:
                work()
            except Exception:  # a bug in one piece of work must not end the watch: nothing would be drawn any more
                traceback.print_exc()
