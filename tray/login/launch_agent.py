"""macOS: start at login by a property list in ~/Library/LaunchAgents, which launchd reads at login.

That the user has switched it off in System Settings (Login Items) is known to macOS alone: there is no file to read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tray.errors import DesktopError
from tray.login.command import Command, can_run, choose_command, is_ours
from tray.login.files import read_file, remove_file, write_file

LABEL = "app.traypoint.login"
ARGUMENTS = "ProgramArguments"


class LaunchAgent:
    """An Autostart."""

    def __init__(self, home: Path, command: Command) -> None:
        self.path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        self._command = command

    def is_on(self) -> bool:
        agent = self._read()
        if agent is None or agent.get("Disabled") or not agent.get("RunAtLoad"):
            return False
        return can_run(_command_of(agent))

    def switch(self, on: bool) -> None:
        agent = self._read()
        if on:
            self._write(agent, self._switched_on(agent or {}))
        elif agent is not None and _is_untouched(agent):
            remove_file(self.path)
        elif agent is not None:
            self._write(agent, {**agent, "Disabled": True})

    def _switched_on(self, agent: dict[str, Any]) -> dict[str, Any]:
        command = choose_command(_command_of(agent), self._command)
        kept = {key: value for key, value in agent.items() if key != "Disabled"}
        return {"ProcessType": "Interactive", **kept, **_essentials(command)}

    def _read(self) -> dict[str, Any] | None:
        import plistlib
        from xml.parsers.expat import ExpatError

        content = read_file(self.path)
        if content is None:
            return None
        try:
            agent = plistlib.loads(content)
        except (plistlib.InvalidFileException, ExpatError, ValueError) as error:
            raise DesktopError(f"{self.path} is no property list ({error}); move it away and try again.") from error
        if not isinstance(agent, dict):
            raise DesktopError(f"{self.path} holds no dictionary; move it away and try again.")
        return agent

    def _write(self, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        import plistlib

        if after != before:
            write_file(self.path, plistlib.dumps(after, sort_keys=False))


def _essentials(command: Command) -> dict[str, Any]:
    """Without these it isn't our agent. No KeepAlive: Quit means quit."""
    return {"Label": LABEL, ARGUMENTS: list(command), "RunAtLoad": True}


def _command_of(agent: dict[str, Any]) -> Command:
    words = agent.get(ARGUMENTS)
    return tuple(map(str, words)) if isinstance(words, list) else ()


def _is_untouched(agent: dict[str, Any]) -> bool:
    """Whether it holds what we wrote and nothing of the user's."""
    command = _command_of(agent)
    return is_ours(command) and agent == {"ProcessType": "Interactive", **_essentials(command)}
