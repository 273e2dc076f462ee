"""Goes through a tree of folders that may be hostile: links that lead round in circles, a whole disk, what may not be
read. Any thread. Links to folders are followed, each folder is visited once.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_DEPTH = 8
MOST_FOLDERS = 5_000
MOST_NAMES = 100_000
"""In all folders of a tree. What lies beyond is not looked at."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`files`: the names of all that are no folders and not hidden, sorted; links that lead nowhere among them."""

    path: Path
    files: tuple[str, ...]


def walk_folders(root: Path, depth: int = MOST_DEPTH) -> Iterator[Folder]:
    """The root and the folders below it, those near it first. What is hidden is left out (macOS puts a `._name` beside
    each file on foreign disks). What isn't there, or may not be read, is passed over in silence. Raises nothing."""
    waiting = deque([(root, depth)])
    visited: set[tuple[int, int]] = set()
    names = 0
    while waiting and len(visited) < MOST_FOLDERS and names < MOST_NAMES:
        path, left = waiting.popleft()
        if not _is_new(path, visited):
            continue
        files, folders = _list(path, MOST_NAMES - names)
        names += len(files) + len(folders)
        yield Folder(path, tuple(sorted(files)))
        if left:
            waiting.extend((path / name, left - 1) for name in sorted(folders))


def list_folders(root: Path) -> tuple[str, ...]:
    """The names of the folders right in `root`, sorted; none where it can't be read."""
    return tuple(sorted(_list(root, MOST_NAMES)[1]))


def _is_new(path: Path, visited: set[tuple[int, int]]) -> bool:
    """Whether this folder wasn't visited by any other way."""
    try:
        found = path.stat()
    except OSError:
        return False
    identity = (found.st_dev, found.st_ino)
    if identity in visited:
        return False
    visited.add(identity)
    return True


def _list(path: Path, most: int) -> tuple[list[str], list[str]]:
    """Names of files and of folders, `most` of both together."""
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry, _ in zip(entries, range(most), strict=False):
                if not entry.name.startswith("."):
                    (folders if _is_folder(entry) else files).append(entry.name)
    except OSError:
        pass
    return files, folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that goes round in circles raises."""
    try:
        return entry.is_dir()
    except OSError:
        return False
