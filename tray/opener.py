"""Opens a file with the desktop's own viewer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from tray.errors import DesktopError


def open_file(path: Path, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Show `path` to the user; returns at once. Raises DesktopError, which names the file in any case."""
    if not path.exists():
        raise DesktopError(f"Nothing has been logged yet ({path}).")
    if platform == "win32":
        _start_on_windows(path)
        return
    opener = "open" if platform == "darwin" else "xdg-open"
    if shutil.which(opener, path=env.get("PATH")) is None:
        raise DesktopError(f"{opener} isn't installed; the log is {path}")
    try:
        viewer = subprocess.Popen(
            [opener, str(path)],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the viewer stays when we go
        )
    except OSError as error:
        raise DesktopError(f"Could not open {path}: {error}") from error
    # Waited for, or it would stay a zombie until we end.
    threading.Thread(target=viewer.wait, name="viewer", daemon=True).start()


def _start_on_windows(path: Path) -> None:
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606  the user's own file, in the user's own viewer
        except OSError as error:
            raise DesktopError(f"Could not open {path}: {error}") from error
