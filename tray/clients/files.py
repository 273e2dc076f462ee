"""Settings files of other programs on the disk: read, replaced as a whole, backed up once.

Invariants: a file is replaced at once or not at all, and keeps its permissions; what a link leads to is written, the
link stays; nothing outside the folder that the file belongs to is ever written. Errors are ClientErrors.
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

from tray.clients.values import Place
from tray.errors import ClientError
from tray.whole_file import replace_file

BACKUP_SUFFIX = ".before-traypoint"
BY_HAND = "--print shows what to do by hand."
MAX_BYTES = 4 << 20


def find_real(place: Place) -> Path:
    """The file that the place stands for, links followed. Raises ClientError when that is somewhere else altogether."""
    try:
        real, root = place.path.resolve(), place.root.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise ClientError(f"{place.path}: can't be followed: {error}") from error
    if not real.is_relative_to(root):
        raise ClientError(f"{place.path} leads to {real}, outside of {root}: nothing is written there. {BY_HAND}")
    return real


def read_bytes(path: Path) -> bytes | None:
    """The file's bytes; None where there is no file. Raises ClientError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ClientError(f"{path} is no file: nothing is written there. {BY_HAND}")
        if status.st_size > MAX_BYTES:
            raise ClientError(f"{path} has {status.st_size} bytes: that is no settings file. {BY_HAND}")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClientError(f"{path}: can't be read: {error.strerror or error}") from error


def replace(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write the file, with the permissions that it has, else with `mode`, else for its owner only."""
    try:
        replace_file(path, data, _mode_of(path) or mode)
    except OSError as error:
        raise ClientError(f"{path}: can't be written: {error.strerror or error}") from error


def back_up(path: Path, data: bytes) -> Path:
    """Keep the data beside the file, under a name that nothing else has; where it is kept. Raises ClientError."""
    number, backup = 1, path.with_name(path.name + BACKUP_SUFFIX)
    while (kept := read_bytes(backup)) not in (None, data):
        number += 1
        backup = path.with_name(f"{path.name}{BACKUP_SUFFIX}-{number}")
    if kept is None:
        replace(backup, data, _mode_of(path))
    return backup


def remove(path: Path) -> None:
    """Remove the file, if it is there. Raises ClientError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ClientError(f"{path}: can't be removed: {error.strerror or error}") from error


def _mode_of(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    return None
