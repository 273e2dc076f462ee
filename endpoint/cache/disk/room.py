"""Keeps the folder of saved prefixes, of all models and of all endpoints that use it, within its budget.

Worker's thread. What is there is counted anew each time, for other processes change it. Under the lock, room is made
and at once taken by a draft of the full size, which counts: so two endpoints that write at the same time stay within
the budget together. Where no lock can be had, they may exceed it by what they write just then, and the next one to
write puts that right.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from endpoint.cache.disk.budget import choose_disk_budget, choose_reserve, choose_victims
from endpoint.cache.disk.inventory import Kind, StoredFile, find_noted, list_all, list_files, list_models
from endpoint.cache.disk.lock import hold_lock
from endpoint.cache.disk.names import ABOUT, LOCK, NOTES
from endpoint.cache.disk.store import DiskBudget
from endpoint.errors import StateNotWritten
from endpoint.providers.file_draft import sweep_draft

LOCK_S = 2.0
Taken = TypeVar("Taken")


def find_disk_budget(root: Path) -> int:
    """Bytes for all prefixes, where nobody says: as choose_disk_budget, of the file system that the folder is on, or
    will be. What is saved there already counts as free."""
    place = root
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return choose_disk_budget(shutil.disk_usage(place).free + sum(file.size for file in list_all(root)))
    except OSError:
        return 0


class DiskRoom:
    """The folder `root`. Its methods raise OSError where it can't be used."""

    def __init__(self, root: Path, budget: DiskBudget) -> None:
        self.root = root
        self.budget = budget
        self.used = 0
        """Bytes, as they were counted last."""

    def count(self) -> None:
        """See what there is."""
        self.used = sum(file.size for file in list_all(self.root))

    def tidy(self) -> None:
        """Remove what is too old, what a crash left, notes without their entries, and folders that are empty."""
        if not self.root.is_dir():
            return
        with self.lock():
            files = self._survey()
            for entry, notes in find_noted(files).items():
                if not entry.exists():
                    for note in notes:
                        _remove(note)
            self._shrink(files, 0, None)
            for folder in list_models(self.root):
                _remove_empty(folder)
            self.count()

    def take(self, size: int, take: Callable[[], Taken], spared: Path | None = None) -> Taken:
        """Make room for `size` bytes, and have it taken: `take` makes a draft of that size, or a file. `spared` stays.
        Raises StateNotWritten when there can't be room."""
        if size > self.budget.bytes:
            raise StateNotWritten(
                f"Not saved: {size} bytes are more than all saved prefixes may have, {self.budget.bytes}."
            )
        with self.lock():
            files = self._survey()
            self._shrink(files, size, spared)
            taken = take()
            self.used += size  # until it is counted
            return taken

    def clear(self) -> None:
        """Remove everything that is ours, also what is being written."""
        if not self.root.is_dir():
            return
        with self.lock():
            for file in list_all(self.root):
                _remove(file.path)
            for folder in list_models(self.root):
                _remove_empty(folder)
            self.count()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody counts, makes room or moves a draft to its place meanwhile: what is moved while somebody lists the
        folder may be in neither place for them."""
        with hold_lock(self.root / LOCK, LOCK_S):
            yield

    def _survey(self) -> list[StoredFile]:
        """What there is, without what is too old or was left."""
        oldest = time.time() - self.budget.max_age_s
        files = []
        for file in list_all(self.root):
            if file.kind is Kind.DRAFT and sweep_draft(file.path):
                continue
            if file.kind is Kind.ENTRY and file.used_at_s < oldest and _remove(file.path):
                continue
            files.append(file)
        self.used = sum(file.size for file in files)
        return files

    def _shrink(self, files: list[StoredFile], size: int, spared: Path | None) -> None:
        excess = max(self.used + size - self.budget.bytes, self._missing(size))
        if excess <= 0:
            return
        victims = choose_victims(files, find_noted(files), excess, spared)
        removed = sum(file.size for file in victims or () if _remove(file.path))
        self.used -= removed
        if removed < excess and size:
            raise StateNotWritten(f"Not saved: no room can be made on the disk for {size} bytes.")

    def _missing(self, size: int) -> int:
        """How much the file system lacks to take `size` bytes and keep its reserve."""
        if not size:
            return 0
        disk = shutil.disk_usage(self.root)
        return size + choose_reserve(disk.total) - disk.free


def _remove(path: Path) -> bool:
    """Whether it is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _remove_empty(folder: Path) -> None:
    """A model's folder in which nothing but its description is left. Whoever writes there next makes it again."""
    if any(file.kind is not Kind.ABOUT for file in list_files(folder)):
        return
    with contextlib.suppress(OSError):
        if {each.name for each in folder.iterdir()} <= {ABOUT, NOTES}:
            (folder / ABOUT).unlink(missing_ok=True)
            if (folder / NOTES).is_dir():
                (folder / NOTES).rmdir()
            folder.rmdir()
