"""Reads the rotating log of `tray/logfile.py`: its last lines, and what is added from then on. Any one thread.

No file is kept open between two looks: Windows can't rename one that is, and the writer must rotate. A file is known
again by its identity, under whatever number it has by then. Files are opened newest first: one that is renamed
meanwhile only moves towards the older ones, so it may be met twice, but is never missed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tray.logfile import MAX_FILES

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the log has been read: so many bytes of this file, and all of the older ones."""

    identity: Identity
    position: int


@dataclass(frozen=True, slots=True)
class Part:
    """What was unread in one file, and the place after it."""

    data: bytes
    end: Bookmark


def read_tail(path: Path, lines: int, max_files: int = MAX_FILES) -> tuple[bytes, Bookmark | None]:
    """The last `lines` lines, across its files, and the place after them; None: there is no log. Raises OSError."""
    text = b""
    newest: Bookmark | None = None
    with ExitStack() as stack:
        for identity, file in _open_newest_first(path, max_files, stack):
            data = file.read()
            newest = newest or Bookmark(identity, len(data))
            text = data + text
            if text.count(b"\n") > lines:
                break
    return b"".join(text.splitlines(keepends=True)[-lines:]) if lines else b"", newest


def follow(path: Path, after: Bookmark | None, wait: Callable[[], bool], max_files: int = MAX_FILES) -> Iterator[bytes]:
    """What is added, as it comes. `wait` is called between two looks, and ends it by returning False. `after` None:
    from the log's beginning. Raises OSError.
    """
    bookmark = after
    while wait():
        for part in _read_unread(path, bookmark, max_files):
            bookmark = part.end
            if part.data:
                yield part.data


def _read_unread(path: Path, after: Bookmark | None, max_files: int) -> list[Part]:
    """What each file has that wasn't read yet, the oldest first. When the bookmark's file is gone, all that is left."""
    with ExitStack() as stack:
        unread: list[tuple[Identity, BinaryIO]] = []
        for identity, file in _open_newest_first(path, max_files, stack):
            unread.insert(0, (identity, file))
            if after is not None and identity == after.identity:
                break
        return [_read_on(identity, file, after) for identity, file in unread]


def _read_on(identity: Identity, file: BinaryIO, after: Bookmark | None) -> Part:
    """The rest of a file. One that has become shorter was emptied, and is read from its beginning."""
    start = after.position if after is not None and identity == after.identity else 0
    if os.fstat(file.fileno()).st_size < start:
        start = 0
    file.seek(start)
    data = file.read()
    return Part(data, Bookmark(identity, start + len(data)))


def _open_newest_first(path: Path, max_files: int, stack: ExitStack) -> Iterator[tuple[Identity, BinaryIO]]:
    """The log's files that there are, each once; `stack` closes them."""
    met: set[Identity] = set()
    for number in range(max_files):
        try:
            file = stack.enter_context((path.with_name(f"{path.name}.{number}") if number else path).open("rb"))
        except FileNotFoundError:
            continue
        status = os.fstat(file.fileno())
        identity = (status.st_dev, status.st_ino)
        if identity not in met:
            met.add(identity)
            yield identity, file
