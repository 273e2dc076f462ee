"""Small files that are replaced as a whole: whoever reads one, and a power cut, sees the old one or the new one.

Any thread. Invariant: a file that could not be replaced is as it was, and nothing is left beside it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Make the file, or put this in its place; its folder is made where it isn't there. A link is replaced, too, and
    what it leads to stays: see `follow`. `mode`: permissions; by default its owner's only. Raises OSError.
    """
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            partial.chmod(mode)
        partial.replace(path)
    except OSError:
        if partial is not None:
            with contextlib.suppress(OSError):
                partial.unlink()
        raise


def follow(path: Path) -> Path:
    """The file that a path stands for: people keep their settings in a repository, and link them. Raises OSError."""
    try:
        return path.resolve()
    except RuntimeError as error:  # links in a circle, before Python 3.13
        raise OSError(f"can't be followed: {error}") from error
