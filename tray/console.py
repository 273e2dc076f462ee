"""Windows gives a console program a window when a windowed one starts it: flags against that. Elsewhere 0. Pure."""

from __future__ import annotations

import subprocess
import sys


def hide_console() -> int:
    """No window."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def leave_group() -> int:
    """No window, and a group of its own, so that Ctrl+C stays ours."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0
