"""What a child is told on its standard input: orders, all of them, and news, of which only the newest counts.

Any thread may tell something, and none waits: one thread writes, and a child that doesn't read holds up that one alone.
Invariants: the writing thread owns the stream; orders go before news; the last news is written once the child reads.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from typing import IO

NEWS_S = 0.5
"""Between two pieces of news: as often as a person can read them."""


class ChildInput:
    """Writes lines to `stream`, a pipe, until it is closed or nobody can read them any more."""

    def __init__(self, stream: IO[bytes], name: str, news_s: float = NEWS_S) -> None:
        self._stream = stream
        self._news_s = news_s
        self._changed = threading.Condition()
        self._orders: deque[str] = deque()
        self._news: str | None = None
        self._news_due = 0.0
        self._is_closed = False
        threading.Thread(target=self._write_all, name=name, daemon=True).start()

    def order(self, line: str) -> None:
        """Have it written soon."""
        with self._changed:
            self._orders.append(line)
            self._changed.notify()

    def inform(self, line: str) -> None:
        """Have it written soon, unless something newer comes first."""
        with self._changed:
            self._news = line
            self._changed.notify()

    def close(self) -> None:
        """The child has gone, or is to see the end of the file. What wasn't written yet isn't."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _write_all(self) -> None:
        with contextlib.suppress(OSError):  # the child has gone
            while (line := self._next()) is not None:
                _write(self._stream.fileno(), f"{line}\n".encode())
        with contextlib.suppress(OSError):
            self._stream.close()

    def _next(self) -> str | None:
        """Wait for the next line; None: closed."""
        with self._changed:
            while not self._is_closed:
                if self._orders:
                    return self._orders.popleft()
                if self._news is None:
                    self._changed.wait()
                elif (wait := self._news_due - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    line, self._news = self._news, None
                    self._news_due = time.monotonic() + self._news_s
                    return line
            return None


def _write(descriptor: int, data: bytes) -> None:
    """Past Python's buffer, whose lock a thread that hangs here would keep for ever."""
    while data:
        data = data[os.write(descriptor, data) :]
