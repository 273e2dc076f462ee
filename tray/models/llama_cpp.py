"""llama.cpp's own cache: a folder of GGUF files, each named by its repository too. Newer versions of llama.cpp keep
theirs in the Hugging Face cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tray.models.candidate import Candidate
from tray.models.folder_models import list_gguf
from tray.models.model import Place
from tray.models.walk import walk_folders


def list_llama_cpp(cache: Path) -> Iterator[Candidate]:
    """The models in it, and those whose download was broken off."""
    for folder in walk_folders(cache, depth=1):
        yield from list_gguf(folder, Place.LLAMA_CPP)
