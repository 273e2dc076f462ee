"""Folders and files that hold models in no order of a tool's own: the app's folder, and what the user added."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from tray.models.candidate import Candidate, Form
from tray.models.folder_models import list_gguf, list_mlx, make_gguf
from tray.models.model import Place
from tray.models.regular_file import find_mode
from tray.models.walk import walk_folders


def list_tree(root: Path, place: Place) -> Iterator[Candidate]:
    """All models in a folder and below it."""
    for folder in walk_folders(root):
        yield from list_gguf(folder, place)
        yield from list_mlx(folder, place)


def list_added(path: Path) -> Iterator[Candidate]:
    """What the user added: a folder with all below it, or one file, however it is called. Says when it isn't there."""
    mode = find_mode(path)
    if stat.S_ISDIR(mode):
        yield from list_tree(path, Place.FOLDER)
    elif stat.S_ISREG(mode):
        yield _find_file(path)
    else:
        problem = "there is no such folder or file"
        yield Candidate(Place.FOLDER, Form.GGUF, str(path), str(path), (path,), problem=problem)


def _find_file(path: Path) -> Candidate:
    """The model that the file is, or is a part of."""
    for folder in walk_folders(path.parent, depth=0):
        for found in list_gguf(folder, Place.FILE):
            if path in found.files:
                return found
    return make_gguf(Place.FILE, path, path.name)
