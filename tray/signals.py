"""Turns SIGINT, SIGTERM and SIGHUP into one call, even while the main thread sits in a toolkit's C code.

Python runs a handler only when its main thread gets to Python code; the wake-up socket is written by the C handler
itself, and our thread reads it. Toolkits that reset SIGINT (pystray does) are answered with `rearm`.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class SignalWatch:
    """Calls `on_signal` from its own thread for each signal, from `arm` on until `close`."""

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._numbers = [number for name in NAMES if (number := getattr(signal, name, None)) is not None]

    def arm(self) -> None:
        """Start listening. Main thread only."""
        # A program started with nohup ignores SIGHUP, and is meant to.
        self._numbers = [n for n in self._numbers if signal.getsignal(n) is not signal.SIG_IGN]
        threading.Thread(target=self._read, name="signals", daemon=True).start()
        self.rearm()

    def rearm(self) -> None:
        """Listen again after a toolkit has put its own in place (pystray, PyGObject's main loop). Main thread only."""
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(number, _ignore)

    def close(self) -> None:
        """Stop listening: from here on signals have their default meaning. Main thread only."""
        signal.set_wakeup_fd(-1)
        for number in self._numbers:
            signal.signal(number, signal.SIG_DFL)
        self._writer.close()

    def _read(self) -> None:
        with self._reader:
            while data := self._reader.recv(64):
                for number in data:
                    if number in self._numbers:
                        self._on_signal()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Only there so that the C handler is installed and writes to the wake-up socket."""
