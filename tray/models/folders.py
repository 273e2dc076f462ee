"""Folders and files that hold models in no order of a tool's own: the app's folder, and what the user added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tray.models.candidate import Candidate, Form
from tray.models.folder_models import list_gguf, list_mlx, make_gguf
from tray.models.model import Place
from tray.models.walk import walk_folders


def list_tree(root: Path, place: Place) -> Iterator[Candidate]:
    """All models in a folder and below it."""
    for folder in walk_folders(root):
        yield from list_gguf(folder, place)
        yield from list_mlx(folder, place)


def list_added(path: Path) -> Iterator[Candidate]:
    """What the user added: a folder with all below it, or one file, however it is called. Says when it isn't there."""
    text = str(path)
    if path.is_dir():
        yield from list_tree(path, Place.FOLDER)
    elif path.is_file():
        yield make_gguf(Place.FILE, path, path.name.removesuffix(".gguf"))
    else:
        yield Candidate(Place.FOLDER, Form.GGUF, text, text, (path,), problem="there is no such folder or file")
