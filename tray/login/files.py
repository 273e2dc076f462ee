"""Reading and replacing the small files in which systems keep what to start at login."""

from __future__ import annotations

from pathlib import Path

from tray.errors import DesktopError
from tray.whole_file import follow, replace_file


def read_file(path: Path) -> bytes | None:
    """Its content; None: there is no such file. Raises DesktopError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DesktopError(f"{path}: can't be read: {error.strerror or error}") from error


def write_file(path: Path, content: bytes) -> None:
    """Write it as a whole or not at all; a symbolic link stays one, and its target is written. Raises DesktopError."""
    try:
        replace_file(follow(path), content)
    except OSError as error:
        raise DesktopError(f"{path}: can't be written: {error.strerror or error}") from error


def remove_file(path: Path) -> None:
    """Remove it; one that isn't there is fine. Raises DesktopError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DesktopError(f"{path}: can't be removed: {error.strerror or error}") from error
