"""Hugging Face's cache: models--owner--name, with snapshots whose files are links to blobs. Its library isn't used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tray.models.candidate import Candidate, Form
from tray.models.folder_models import UNFINISHED, list_gguf, list_mlx
from tray.models.model import Place
from tray.models.regular_file import open_regular
from tray.models.walk import list_folders, walk_folders

_PREFIX = "models--"
_DEPTH = 3
_LONGEST_REVISION = 128
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
"""What the endpoint takes for a repository's name."""


def list_hugging_face(hub: Path) -> Iterator[Candidate]:
    """The models of all repositories in the cache."""
    for folder in list_folders(hub):
        if folder.startswith(_PREFIX):
            repository = folder.removeprefix(_PREFIX).replace("--", "/", 1)
            yield from _list_repository(hub / folder, repository)


def _list_repository(home: Path, repository: str) -> Iterator[Candidate]:
    found = [*_list_ggufs(home), *_list_mlx(home, repository)]
    yield from found
    if not found and _is_unfinished(home):
        is_gguf = "gguf" in repository.lower()
        if is_gguf or "mlx" in repository.lower():  # of others it isn't known that they could be run here
            form = Form.GGUF if is_gguf else Form.MLX
            yield Candidate(Place.HUGGING_FACE, form, repository, repository, (home,), problem=UNFINISHED)


def _list_ggufs(home: Path) -> Iterator[Candidate]:
    """Files of the main branch's snapshot, and of others what it hasn't got: a download of one file makes a snapshot of
    its own when the repository has changed meanwhile."""
    seen: set[Path] = set()
    for snapshot in _order_snapshots(home):
        for folder in walk_folders(snapshot, _DEPTH):
            for candidate in list_gguf(folder, Place.HUGGING_FACE):
                name = candidate.files[0].relative_to(snapshot)
                if name not in seen:
                    seen.add(name)
                    yield candidate


def _list_mlx(home: Path, repository: str) -> Iterator[Candidate]:
    """The newest snapshot with weights; by the repository's name where the endpoint finds it by that."""
    main = _read_main(home)
    for snapshot in _order_snapshots(home):
        for folder in walk_folders(snapshot, depth=0):
            for candidate in list_mlx(folder, Place.HUGGING_FACE, repository):
                named = snapshot.name == main and _REPOSITORY.fullmatch(repository)
                yield replace(candidate, model=repository if named else candidate.model)
                return


def _order_snapshots(home: Path) -> list[Path]:
    """That of the main branch first, then the newest."""
    main = _read_main(home)
    snapshots = [home / "snapshots" / name for name in list_folders(home / "snapshots")]
    return sorted(snapshots, key=lambda snapshot: (snapshot.name == main, _read_time(snapshot)), reverse=True)


def _read_main(home: Path) -> str:
    try:
        with open_regular(home / "refs" / "main") as file:
            return file.read(_LONGEST_REVISION).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _read_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _is_unfinished(home: Path) -> bool:
    return any(name.endswith(".incomplete") for folder in walk_folders(home / "blobs", 0) for name in folder.files)
