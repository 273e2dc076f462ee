"""Where saved prefixes lie: one folder a fingerprint, names made of digests alone. Any thread; no state.

    ROOT/<fingerprint>/about.json            what made them, in words
    ROOT/<fingerprint>/<entry id>.state      a prefix (providers/state_file.py)
    ROOT/<fingerprint>/notes/<digest>.json   what a name stands for

Only such names are ever read, written or deleted: whatever else lies there is left alone, and links are not followed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from endpoint.cache.disk.store import Note

STATE = ".state"
ABOUT = "about.json"
NOTES = "notes"
_DIGEST = re.compile(r"[0-9a-f]{32}")
_LEFTOVER = re.compile(r"\.[0-9a-f]{32}\.(state|json)\..+\.tmp|\.about\.json\..+\.tmp")
MOST_NOTE = 16 << 20
"""Bytes of a note that are read; one of a conversation of a hundred thousand tokens has about one."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """A file of a prefix as the file system tells of it; `used_at` in Unix seconds."""

    path: Path
    size: int
    used_at: float

    @property
    def entry_id(self) -> str:
        """Of the prefix in it."""
        return self.path.name.removesuffix(STATE)


def name_entry(tokens: tuple[int, ...], checkpoints: tuple[int, ...]) -> str:
    """The id of a prefix: the same one has the same wherever it is saved."""
    digest = hashlib.blake2b(array("Q", tokens).tobytes(), digest_size=16)
    digest.update(b"|" + array("Q", checkpoints).tobytes())
    return digest.hexdigest()


def name_note(name: str) -> str:
    """The file's name of a note."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() + ".json"


def list_folders(root: Path) -> list[Path]:
    """Every fingerprint's folder. Raises OSError."""
    with os.scandir(root) as found:
        return [
            Path(each.path) for each in found if _DIGEST.fullmatch(each.name) and each.is_dir(follow_symlinks=False)
        ]


def list_states(folder: Path) -> Iterator[StateFile]:
    """The prefixes in a folder; a folder or file that vanishes meanwhile is none. Raises other OSErrors."""
    for each in _scan(folder):
        name = each.name.removesuffix(STATE)
        if each.name.endswith(STATE) and _DIGEST.fullmatch(name):
            try:
                status = each.stat(follow_symlinks=False)
                if each.is_file(follow_symlinks=False):
                    yield StateFile(Path(each.path), status.st_size, status.st_mtime)
            except FileNotFoundError:
                continue


def list_leftovers(folder: Path) -> Iterator[Path]:
    """What a writer that was killed has left."""
    for place in (folder, folder / NOTES):
        for each in _scan(place):
            if _LEFTOVER.fullmatch(each.name) and each.is_file(follow_symlinks=False):
                yield Path(each.path)


def read_about(folder: Path) -> Mapping[str, str]:
    """What made the prefixes there; empty when that can't be read."""
    said = _read_json(folder / ABOUT)
    return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def write_json(path: Path, content: object) -> None:
    """Whole or not at all. Raises OSError."""
    number, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_notes(folder: Path) -> Iterator[Note]:
    """The notes in a fingerprint's folder; what isn't one is passed over."""
    for each in _scan(folder / NOTES):
        path = Path(each.path)
        if each.is_file(follow_symlinks=False) and path.suffix == ".json" and _DIGEST.fullmatch(path.stem):
            note = _to_note(_read_json(path))
            if note is not None and name_note(note.name) == path.name:
                yield note


def write_note(folder: Path, note: Note) -> None:
    """Raises OSError, and ValueError or TypeError for content that is no JSON."""
    place = folder / NOTES
    place.mkdir(mode=0o700, exist_ok=True)
    content = {"name": note.name, "entry": note.entry, "content": note.content, "saved_at_s": note.saved_at_s}
    write_json(place / name_note(note.name), content)


def remove_note(folder: Path, name: str) -> None:
    """Raises OSError."""
    (folder / NOTES / name_note(name)).unlink(missing_ok=True)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _read_json(path: Path) -> object:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_NOTE + 1)
        return json.loads(data) if len(data) <= MOST_NOTE else None
    except (OSError, ValueError, RecursionError):
        return None


def _to_note(said: object) -> Note | None:
    if not isinstance(said, dict):
        return None
    name, entry, content, at = (said.get(field) for field in ("name", "entry", "content", "saved_at_s"))
    if not isinstance(name, str) or not isinstance(entry, str) or not _DIGEST.fullmatch(entry):
        return None
    if not isinstance(content, dict) or not isinstance(at, (int, float)):
        return None
    return Note(name, entry, content, float(at))
