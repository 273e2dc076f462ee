"""Linux: start at login by a file in the folder `autostart` (freedesktop's Desktop Application Autostart).

Desktops switch such a file off in their own settings by a key in it; that is read as off, and undone by switching on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tray.login.command import Command, can_run, choose_command, is_ours
from tray.login.desktop_entry import join_command, read_flag, read_key, set_key, split_command
from tray.login.files import read_file, remove_file, write_file

HIDDEN = "Hidden"
ENABLED = "X-GNOME-Autostart-enabled"
REQUIRED = ("Type", "Name")
"""Without these and Exec a desktop ignores the file."""

PLAIN = """\
[Desktop Entry]
Type=Application
Name=Traypoint
Comment=Serves a local model to OpenAI clients
Icon=traypoint
Terminal=false
"""


class XdgAutostart:
    """An Autostart."""

    def __init__(self, env: Mapping[str, str], home: Path, command: Command) -> None:
        configured = Path(env.get("XDG_CONFIG_HOME", ""))
        # The specification has relative paths ignored.
        folder = configured if configured.is_absolute() else home / ".config"
        self.path = folder / "autostart" / "traypoint.desktop"
        self._command = command
        self._search_path = env.get("PATH")

    def is_on(self) -> bool:
        text = self._read()
        if text is None or _is_switched_off(text):
            return False
        tried = read_key(text, "TryExec")
        return can_run(_command_of(text), self._search_path) and (not tried or can_run((tried,), self._search_path))

    def is_dead(self) -> bool:
        """Whether it should start, but its program isn't there any more. Raises DesktopError."""
        text = self._read()
        if text is None or _is_switched_off(text):
            return False
        return not can_run(_command_of(text), self._search_path)

    def switch(self, on: bool) -> None:
        text = self._read()
        if on:
            self._write(text, self._switched_on(text or PLAIN))
        elif text is not None and _is_untouched(text):
            remove_file(self.path)
        elif text is not None:
            self._write(text, set_key(text, HIDDEN, "true"))

    def _switched_on(self, text: str) -> str:
        found = _command_of(text)
        command = choose_command(found, self._command, self._search_path)
        if command != found:
            text = _with_command(text, command)
        for key in REQUIRED:
            if read_key(text, key) is None:
                text = set_key(text, key, read_key(PLAIN, key))
        text = set_key(text, HIDDEN, None)
        return text if read_flag(text, ENABLED) is not False else set_key(text, ENABLED, "true")

    def _read(self) -> str | None:
        content = read_file(self.path)
        return None if content is None else content.decode(errors="surrogateescape")

    def _write(self, before: str | None, after: str) -> None:
        if after != before:
            write_file(self.path, after.encode(errors="surrogateescape"))


def _with_command(text: str, command: Command) -> str:
    """TryExec: once Traypoint is removed, the desktop skips the file in silence."""
    return set_key(set_key(text, "Exec", join_command(command)), "TryExec", command[0])


def _command_of(text: str) -> Command:
    return split_command(read_key(text, "Exec") or "")


def _is_switched_off(text: str) -> bool:
    return read_flag(text, HIDDEN) is True or read_flag(text, ENABLED) is False


def _is_untouched(text: str) -> bool:
    """Whether it holds what we wrote and nothing of the user's or the desktop's."""
    command = _command_of(text)
    return is_ours(command) and text == _with_command(PLAIN, command)
