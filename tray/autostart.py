"""Start at login: one switch, kept where the system keeps it. Its answer is the system's, not a setting of ours.

Invariant: nothing is started or stopped here; a change counts from the next login on. Any thread; small files only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tray.login.command import Command


class Autostart(Protocol):
    """The switch of one system. Both methods raise DesktopError, which names the file or key and what is wrong."""

    def is_on(self) -> bool:
        """True when the system will start Traypoint at the next login, as far as it tells."""

    def switch(self, on: bool) -> None:
        """Have it start at login, or not. What the user has added there stays."""


def find_autostart(
    command: Command,
    env: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    home: Path | None = None,
) -> Autostart:
    """The switch of this system; `command` is what is to be started (tray.login.command finds it)."""
    home = home or Path.home()
    if platform == "win32":
        from tray.login.run_key import RunKey
        from tray.login.windows_registry import WindowsRegistry

        return RunKey(WindowsRegistry(), command)
    if platform == "darwin":
        from tray.login.launch_agent import LaunchAgent

        return LaunchAgent(home, command)
    from tray.login.xdg_autostart import XdgAutostart

    return XdgAutostart(env, home, command)
