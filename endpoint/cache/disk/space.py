"""How much disk saved prefixes may take, and which of them go when it is too much. Any thread; no state of its own.

The budget is for all models' prefixes in one root together, and whoever writes there sees to it: so it holds with two
endpoints on one folder, too. They take turns by a lock file; without the lock nothing is written.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock

from endpoint.cache.disk.layout import StateFile, list_folders, list_leftovers, list_states

SHARE = 4
LARGEST = 10 << 30
"""The budget is a quarter of what is free, and no more than this, where nobody says."""
RESERVE = 512 << 20
"""Bytes of the file system that are left free, or a twentieth of it if that is less."""
LOCK_S = 10.0
LEFTOVER_S = 600.0
"""Age from which an unfinished file is nobody's any more."""


def choose_disk_budget(free_bytes: int) -> int:
    """Bytes: a quarter of what is free, 10 GiB at most."""
    return min(free_bytes // SHARE, LARGEST)


def find_disk_budget(root: Path) -> int:
    """The same for the file system that the folder is, or will be, on; what is saved there already counts as free."""
    place = root
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return choose_disk_budget(shutil.disk_usage(place).free + measure(root))
    except OSError:
        return 0


def measure(root: Path) -> int:
    """Bytes of all saved prefixes."""
    return sum(each.size for each in _list_all(root))


def lock(root: Path) -> AbstractContextManager[object]:
    """Held while room is made and used. Entering raises filelock.Timeout, which is an OSError, and other OSErrors."""
    return FileLock(root / ".lock", timeout=LOCK_S, mode=0o600)


def make_room(root: Path, size: int, budget: int, spare: Collection[Path]) -> tuple[bool, list[Path]]:
    """Delete the least recently used of all models, `spare` last, until `size` bytes more fit. Whether they do, and
    what went. Raises OSError."""
    if size > budget:
        return False, []
    states = sorted(_list_all(root), key=lambda each: (each.path in spare, each.used_at))
    usage = shutil.disk_usage(root)
    total = sum(each.size for each in states)
    short = max(total + size - budget, size + min(RESERVE, usage.total // 20) - usage.free)
    gone: list[Path] = []
    for each in states:
        if short <= 0:
            break
        each.path.unlink(missing_ok=True)
        gone.append(each.path)
        short -= each.size
    return short <= 0, gone


def sweep(root: Path, max_age_s: float) -> list[Path]:
    """Delete what is too old, and what killed writers left. What went of the former. Raises OSError."""
    now = time.time()
    gone = [each.path for each in _list_all(root) if now - each.used_at > max_age_s]
    for path in gone:
        path.unlink(missing_ok=True)
    for folder in list_folders(root):
        for path in list_leftovers(folder):
            if now - path.stat().st_mtime > LEFTOVER_S:
                path.unlink(missing_ok=True)
    return gone


def _list_all(root: Path) -> list[StateFile]:
    try:
        return [each for folder in list_folders(root) for each in list_states(folder)]
    except FileNotFoundError:
        return []
