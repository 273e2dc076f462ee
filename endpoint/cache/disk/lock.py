"""A lock between processes, on a file that stays. Any thread.

The operating system drops it when its process ends, however it ends.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.01
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def hold_lock(path: Path, timeout_s: float) -> Iterator[bool]:
    """Whether the lock is held: it is advice, and whoever doesn't get it in time goes on without. Raises OSError when
    the file can't be opened."""
    number = os.open(path, _FLAGS, 0o600)
    try:
        until = time.monotonic() + timeout_s
        held = _try_lock(number)
        while held is False and time.monotonic() < until:
            time.sleep(_POLL_S)
            held = _try_lock(number)
        yield bool(held)
    finally:
        os.close(number)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(number: int) -> bool | None:
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(number: int) -> bool | None:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None  # the file system has no locks: waiting won't help
        return True
