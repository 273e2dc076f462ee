"""LM Studio's models: publisher/model/files, in a folder that its settings name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tray.models.candidate import Candidate
from tray.models.folders import list_tree
from tray.models.json_file import read_object
from tray.models.model import Place
from tray.models.regular_file import open_regular

_POINTER = ".lmstudio-home-pointer"
_HOMES = (".lmstudio", ".cache/lm-studio")
"""The newer one first."""
_LARGEST_SETTINGS = 1 << 20
_LONGEST_PATH = 4096


def list_lm_studio(home: Path) -> Iterator[Candidate]:
    """All that LM Studio keeps for the user with this home."""
    for folder in find_folders(home):
        yield from list_tree(folder, Place.LM_STUDIO)


def find_folders(home: Path) -> tuple[Path, ...]:
    """Where its models are: the folder chosen in its settings, and the usual ones; each once."""
    found: list[Path] = []
    for place in (_read_pointer(home), *(home / name for name in _HOMES)):
        if place is None:
            continue
        chosen = (read_object(place / "settings.json", _LARGEST_SETTINGS) or {}).get("downloadsFolder")
        if isinstance(chosen, str) and Path(chosen).is_absolute() and "\0" not in chosen:
            found.append(Path(chosen))
        found += [place / "models", place / ".internal" / "bundled-models"]
    return tuple(dict.fromkeys(found))


def _read_pointer(home: Path) -> Path | None:
    """The folder that LM Studio was moved to."""
    try:
        with open_regular(home / _POINTER) as file:
            text = file.read(_LONGEST_PATH).decode().strip()
    except (OSError, ValueError):
        return None
    return Path(text) if Path(text).is_absolute() and "\0" not in text else None
