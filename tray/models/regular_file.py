"""Looks with care at what others left in a folder: a pipe or a device could block for ever, and pathlib's own questions
raise for names that are too long, or in folders that may not be read. Any thread.
"""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without blocking, so that a pipe is open at once and can be told by its kind."""


def open_regular(path: Path) -> FileIO:
    """The file, unbuffered, for reading. Raises OSError when it isn't there, isn't a file, or may not be read."""
    descriptor = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return FileIO(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def find_mode(path: Path) -> int:
    """What a path leads to, as `stat` has it; 0 where that is nothing, or can't be known."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0
