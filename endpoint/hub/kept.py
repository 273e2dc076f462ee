"""What of a repository is in the cache already, for when the hub can't be asked."""

from __future__ import annotations

import re
from pathlib import Path

from endpoint.hub.choosing import Choice, Form, choose
from endpoint.hub.failure import HubFailure
from endpoint.hub.listing import HubFile
from endpoint.hub.names import is_commit
from endpoint.hub.shelf import Shelf

_PART = re.compile(r".+-\d{5}-of-(\d{5})\.safetensors")
_LONGEST = 64


def find_kept(shelf: Shelf, wanted: str) -> tuple[str, Choice] | None:
    """The commit that `main` was, and what `wanted` means in its snapshot; None when it isn't there whole."""
    try:
        with (shelf.home / "refs" / "main").open(encoding="ascii", errors="replace") as file:
            commit = file.read(_LONGEST).strip()
        files = _list(shelf.home / "snapshots" / commit) if is_commit(commit) else ()
        choice = choose(shelf.repo, files, wanted)
    except (OSError, HubFailure):
        return None
    return None if choice.form is Form.MLX and _lacks_parts(choice.files) else (commit, choice)


def _list(snapshot: Path) -> tuple[HubFile, ...]:
    """Its files. Their hashes aren't looked for: what has a name there was verified when it came."""
    found = (path for path in snapshot.rglob("*") if path.is_file())
    return tuple(HubFile(path.relative_to(snapshot).as_posix(), path.stat().st_size, "") for path in found)


def _lacks_parts(files: tuple[HubFile, ...]) -> bool:
    parts = [part for part in (_PART.fullmatch(file.path) for file in files) if part]
    return bool(parts) and len(parts) != int(parts[0][1])
