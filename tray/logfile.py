"""The endpoint's log: a file that rotates, with the time before each line. Any thread may write.

Invariant: writing never raises and never blocks for long. A full disk must not stop the pumps, or the endpoint
would hang on a full pipe.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 2 * 1024 * 1024
MAX_FILES = 5
STAMPED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:")
"""A line that brings its own time: the endpoint's Python logs do, llama.cpp's don't."""


def read_clock() -> datetime:
    """Now, in local time with its offset."""
    return datetime.now().astimezone()


class RotatingLog:
    """`path` is the newest file; older ones are path.1 … path.4. Opened at the first line."""

    def __init__(
        self,
        path: Path,
        max_bytes: int = MAX_BYTES,
        max_files: int = MAX_FILES,
        clock: Callable[[], datetime] = read_clock,
    ) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._max_files = max_files
        self._clock = clock
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._size = 0

    def write(self, line: str) -> None:
        """Append one line, without its newline."""
        stamp = "" if STAMPED.match(line) else f"{self._clock().isoformat(sep=' ', timespec='milliseconds')} "
        data = f"{stamp}{line}\n".encode(errors="replace")
        with self._lock:
            try:
                self._append(data)
            except OSError:
                self._drop()  # tried afresh with the next line

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        with self._lock:
            self._drop()

    def _append(self, data: bytes) -> None:
        file = self._file or self._open()
        if self._size and self._size + len(data) > self._max_bytes:
            self._rotate()
            file = self._open()
        self._size += file.write(data)
        file.flush()

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner only: a model's messages may quote what was asked.
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
        self._size = self._file.tell()
        return self._file

    def _rotate(self) -> None:
        self._drop()  # Windows can't rename an open file
        for number in range(self._max_files - 1, 0, -1):
            source = self._numbered(number - 1)
            if source.exists():
                source.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path if number == 0 else self.path.with_name(f"{self.path.name}.{number}")

    def _drop(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk may refuse the last bytes; there is nobody to tell
                self._file.close()
            self._file = None
