"""How much may be saved, and what goes when it is too much. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from endpoint.cache.disk.inventory import Kind, StoredFile

_RANKS = {Kind.ENTRY: 0, Kind.NOTE: 2}


def choose_disk_budget(free_bytes: int) -> int:
    """For all saved prefixes together, where nobody says: a quarter of what is free, at most 10 GiB."""
    return min(10 << 30, max(0, free_bytes) // 4)


def choose_reserve(total_bytes: int) -> int:
    """What must stay free of a file system of `total_bytes`: a twentieth, at most 512 MiB."""
    return min(512 << 20, total_bytes // 20)


def choose_victims(
    files: Iterable[StoredFile], noted: Collection[Path], excess: int, spared: Path | None = None
) -> list[StoredFile] | None:
    """What to remove to free `excess` bytes; None when it can't be done. The least recently used go first, those that a
    note needs after the others, and notes, of which none has an entry by then, at the end."""

    def rank(file: StoredFile) -> tuple[int, float]:
        return (1 if file.path in noted else _RANKS[file.kind], file.used_at_s)

    victims: list[StoredFile] = []
    for file in sorted((each for each in files if each.kind in _RANKS and each.path != spared), key=rank):
        if excess <= 0:
            break
        victims.append(file)
        excess -= file.size
    return victims if excess <= 0 else None
