"""The model that comes with Traypoint, in a Python package of its own. The package is found, not imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from endpoint.contract import DEFAULT_MODEL, STARTER_PACKAGE
from tray.models.candidate import Candidate
from tray.models.folder_models import list_gguf
from tray.models.model import Place
from tray.models.walk import walk_folders


def list_starter(package: str = STARTER_PACKAGE) -> Iterator[Candidate]:
    """The starter, by the name that the endpoint knows it by; nothing where the package isn't installed."""
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations if spec else None) or ():
        for folder in walk_folders(Path(place), depth=0):
            for found in list_gguf(folder, Place.STARTER):
                yield replace(found, model=DEFAULT_MODEL)
                return
