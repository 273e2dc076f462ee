"""Windows: start at login by a value under the user's Run key.

Task Manager and Settings switch such a value off by one of the same name under StartupApproved, and leave it in place.
"""

from __future__ import annotations

import subprocess
from typing import Protocol

from tray.errors import DesktopError
from tray.login.command import Command

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
NAME = "Traypoint"
LONGEST = 260
"""Characters; Windows runs no longer command from there."""


class Registry(Protocol):
    """Values under HKEY_CURRENT_USER. All raise DesktopError when the registry refuses."""

    def read(self, key: str, name: str) -> str | bytes | None:
        """A value; None: there is none."""

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value to a text, making the key when it isn't there."""

    def delete(self, key: str, name: str) -> None:
        """Remove a value; one that isn't there is fine."""


class RunKey:
    """An Autostart."""

    def __init__(self, registry: Registry, command: Command) -> None:
        self._registry = registry
        self._command = command

    def is_on(self) -> bool:
        return bool(self._registry.read(RUN, NAME)) and not self._is_refused()

    def switch(self, on: bool) -> None:
        if not on:
            self._registry.delete(RUN, NAME)
        elif (line := self._choose_line()) != self._registry.read(RUN, NAME):
            self._registry.write(RUN, NAME, line)
        if not on or self._is_refused():
            self._registry.delete(APPROVED, NAME)

    def _choose_line(self) -> str:
        """The command line to have there: one that the user has added arguments to stays."""
        line = subprocess.list2cmdline(self._command)
        if len(line) > LONGEST:
            raise DesktopError(
                f"Windows starts no command of more than {LONGEST} characters at login; this one has {len(line)}: "
                f"{line}. Install Traypoint in a folder with a shorter path."
            )
        found = self._registry.read(RUN, NAME)
        return found if isinstance(found, str) and found.startswith(f"{line} ") else line

    def _is_refused(self) -> bool:
        """The first byte is odd when the user has switched it off."""
        approved = self._registry.read(APPROVED, NAME)
        return isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
