"""Files that are whole or not there. Any thread; each draft has one owner.

A draft lies beside its place as `.NAME.*.tmp`, as long as it will be and readable by its owner alone, and is moved
when its content is on the disk. Its owner holds an advisory lock on it, which ends with the process: so whoever sweeps
a folder can tell a draft that a crash left from one that is being written, by this process or by another.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

PREFIX = "."
SUFFIX = ".tmp"
OLD_S = 600.0
"""Where the file system has no locks, a draft that nobody has written to for so long is a leftover."""


class FileDraft:
    """A file on its way to `path`, which takes `size` bytes from the start. Raises OSError, as all its methods do;
    nothing is left of it then, nor after `drop`."""

    def __init__(self, path: Path, size: int) -> None:
        number, name = tempfile.mkstemp(SUFFIX, f"{PREFIX}{path.name}.", path.parent)
        self.path = path
        self._beside = Path(name)
        self.file: IO[bytes] = os.fdopen(number, "wb")
        try:
            _lock(number)
            self.file.truncate(size)
        except BaseException:
            self.drop()
            raise

    def sync(self) -> None:
        """Have what was written so far on the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def finish(self) -> None:
        """Put it in its place, with all that was written."""
        try:
            self.sync()
            if os.name == "nt":
                self.file.close()  # an open file can't be moved there
            self._beside.replace(self.path)
        except BaseException:
            self.drop()
            raise
        self.file.close()
        _sync_folder(self.path.parent)

    def drop(self) -> None:
        """Forget it."""
        with contextlib.suppress(OSError):
            self.file.close()  # what is buffered may find the disk full once more
        with contextlib.suppress(OSError):
            self._beside.unlink()


def is_draft(name: str) -> bool:
    """Whether a file's name is that of a draft."""
    return name.startswith(PREFIX) and name.endswith(SUFFIX)


def sweep_draft(path: Path) -> bool:
    """Remove a draft that nobody is writing; whether it is gone."""
    try:
        if not _is_left(path):
            return False
        path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """So that the new name, too, is on the disk, where the file system can say so: the file is whole and in its place
    already. Windows has no such call, and writes names through by itself."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


if sys.platform == "win32":

    def _lock(number: int) -> None:
        """A file that is open can't be removed there: it needs no lock."""

    def _is_left(path: Path) -> bool:
        """The attempt to remove it tells."""
        return path.exists()

else:
    import fcntl

    def _lock(number: int) -> None:
        with contextlib.suppress(OSError):  # some network file systems have no locks; OLD_S is for them
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_left(path: Path) -> bool:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return time.time() - os.fstat(number).st_mtime > OLD_S
        finally:
            os.close(number)
        return True
