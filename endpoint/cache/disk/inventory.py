"""What lies in the folder of saved prefixes, of all models. Any thread, no state.

Links are not followed, and what isn't called like one of ours isn't listed. What another process removes meanwhile is
left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from endpoint.cache.disk.names import ABOUT, ENTRY_SUFFIX, NOTES, is_entry, is_model, is_note
from endpoint.cache.disk.notes import read_noted_entry
from endpoint.providers.file_draft import is_draft


class Kind(Enum):
    """What a file is."""

    ENTRY = "entry"
    NOTE = "note"
    DRAFT = "draft"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`size` in bytes, `used_at_s` in Unix seconds: the time of change, which a use renews."""

    path: Path
    kind: Kind
    size: int
    used_at_s: float


def list_models(root: Path) -> list[Path]:
    """The folders of all models. Raises OSError, but not where there is no root."""
    try:
        with os.scandir(root) as found:
            return [Path(each.path) for each in found if is_model(each.name) and each.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def list_files(folder: Path) -> list[StoredFile]:
    """One model's files. Its notes are listed before its entries: the entry of a note that is listed was there by then,
    and isn't missing for being new."""
    return [*_list(folder / NOTES, within_notes=True), *_list(folder, within_notes=False)]


def list_all(root: Path) -> list[StoredFile]:
    """All models' files. Raises OSError."""
    return [file for folder in list_models(root) for file in list_files(folder)]


def find_noted(files: Iterable[StoredFile]) -> dict[Path, list[Path]]:
    """The entries that notes need, and by which."""
    noted: dict[Path, list[Path]] = {}
    for file in files:
        entry = read_noted_entry(file.path) if file.kind is Kind.NOTE else None
        if entry is not None:
            noted.setdefault(file.path.parent.parent / f"{entry}{ENTRY_SUFFIX}", []).append(file.path)
    return noted


def _list(folder: Path, *, within_notes: bool) -> Iterator[StoredFile]:
    try:
        if folder.is_symlink():
            return
        with os.scandir(folder) as found:
            for each in found:
                kind = _tell_kind(each.name, within_notes=within_notes)
                file = _measure(each, kind) if kind is not None else None
                if file is not None:
                    yield file
    except OSError:
        return


def _tell_kind(name: str, *, within_notes: bool) -> Kind | None:
    if is_draft(name):
        return Kind.DRAFT
    if within_notes:
        return Kind.NOTE if is_note(name) else None
    if name == ABOUT:
        return Kind.ABOUT
    return Kind.ENTRY if is_entry(name) else None


def _measure(each: os.DirEntry[str], kind: Kind) -> StoredFile | None:
    try:
        status = each.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return StoredFile(Path(each.path), kind, status.st_size, status.st_mtime)
