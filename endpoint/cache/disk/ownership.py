"""Makes the folders of saved prefixes, and looks at whose they are. Any thread, no state.

What is read back decides what the model goes on from, so nobody else may have put it there: a model's folder is its
user's, with mode 700, and no link. The folder of them all may be the user's choice and stay as open as it is, so long
as not everybody can exchange what lies in it.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

_PRIVATE = 0o700


def make_root(root: Path) -> None:
    """The folder of all models. Raises OSError, also when anybody may write there."""
    root.mkdir(_PRIVATE, parents=True, exist_ok=True)
    mode = root.stat().st_mode
    if sys.platform != "win32" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise PermissionError(errno.EPERM, "anybody may write there, so prefixes are not saved: chmod o-w", str(root))


def make_model_folder(folder: Path, notes: Path) -> None:
    """One model's folder, and that of its notes. Raises OSError, also when it isn't ours."""
    folder.mkdir(_PRIVATE, exist_ok=True)
    check_owner(folder)
    notes.mkdir(_PRIVATE, exist_ok=True)
    check_owner(notes)


def check_owner(folder: Path) -> None:
    """Raises OSError when it isn't ours, or a link. What others may do there is taken from them."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "it is a link or a file, so prefixes are not saved", str(folder))
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "somebody else owns it, so prefixes are not saved", str(folder))
    if status.st_mode & 0o077:
        folder.chmod(_PRIVATE)
