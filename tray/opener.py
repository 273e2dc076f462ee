"""Opens files, folders and web pages with the desktop's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from tray.errors import DesktopError

SCHEMES = ("http://", "https://")


def open_path(path: Path, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Show a file or a folder to the user; returns at once. Raises DesktopError, which names it in any case."""
    if not path.exists():
        raise DesktopError(f"{path} isn't there.")
    _open(str(path.absolute()), f"the {'folder' if path.is_dir() else 'file'} is {path}", env, platform)


def open_url(url: str, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Show a web page to the user; returns at once. Raises DesktopError, which names the page in any case."""
    if not url.startswith(SCHEMES):
        raise DesktopError(f"Not a web page's address: {url}")
    _open(url, f"the page is {url}", env, platform)


def _open(target: str, hint: str, env: Mapping[str, str], platform: str) -> None:
    """`hint`: what the user needs to find it without us."""
    if platform == "win32":
        _start_on_windows(target)
        return
    opener = "open" if platform == "darwin" else "xdg-open"
    if shutil.which(opener, path=env.get("PATH")) is None:
        raise DesktopError(f"{opener} isn't installed; {hint}")
    try:
        viewer = subprocess.Popen(
            [opener, target],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the viewer stays when we go
        )
    except OSError as error:
        raise DesktopError(f"Could not open {target}: {error}") from error
    # Waited for, or it would stay a zombie until we end.
    threading.Thread(target=viewer.wait, name="viewer", daemon=True).start()


def _start_on_windows(target: str) -> None:
    if sys.platform == "win32":
        try:
            os.startfile(target)  # noqa: S606  the user's own file, folder or page, in the user's own program
        except OSError as error:
            raise DesktopError(f"Could not open {target}: {error}") from error
