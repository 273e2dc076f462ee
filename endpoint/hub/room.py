"""Whether the disk has room for what is still to come. Asked before, and again while it comes: others write too."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

from endpoint.hub.failure import HubFailure
from endpoint.hub_contract import FailureCode

SPARE_BYTES = 32 << 20
"""Left free: a disk that is full to the last byte stops more than this download."""
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def find_free(folder: Path) -> int:
    """Bytes that may be written there. The folder need not exist yet. Raises OSError."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(place).free


class Room:
    """The disk under one folder; `free` is asked for the bytes that are free there."""

    def __init__(self, folder: Path, free: Callable[[Path], int] = find_free) -> None:
        self._folder = folder
        self._free = free

    def check(self, needed: int) -> None:
        """Raises HubFailure when `needed` more bytes don't fit."""
        free = self._free(self._folder)
        if needed and needed + SPARE_BYTES > free:
            raise self.make_failure(needed, free)

    def translate(self, error: OSError, needed: int) -> HubFailure:
        """What a failed write means; `needed`: bytes that were still to come."""
        if error.errno in _FULL:
            return self.make_failure(needed, self._free(self._folder))
        return explain_disk(error, self._folder)

    def make_failure(self, needed: int, free: int) -> HubFailure:
        """That there is too little room, with the numbers."""
        return HubFailure(
            FailureCode.DISK_FULL,
            f"{_gigabytes(needed)} are still to come, and {_gigabytes(free)} are free at {self._folder}. What has come "
            f"is kept: make room, or set HF_HUB_CACHE to a folder on another disk, and pull again.",
        )


def explain_disk(error: OSError, folder: Path | None = None) -> HubFailure:
    """A file that can't be read or written. `folder`: where, should the error not say."""
    todo = "See that files can be written there, or set HF_HUB_CACHE to another folder."
    place = error.filename or folder or "A file"
    return HubFailure(FailureCode.DISK, f"{place}: {error.strerror or error}. {todo}")


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 10_000_000 else f"{count / 1e6:.1f} MB"
