"""The keyboard of a person at a file dialog, on a screen with a window manager."""

from __future__ import annotations

import subprocess

from tests.desktop.session import Desktop, wait_until

TOOLS = ("openbox", "xdotool", "import")


class Keyboard:
    """Types at the window that has the keyboard."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop

    def wait_for_manager(self) -> None:
        """A window manager must be there first, to give a dialog the keyboard."""
        wait_until(lambda: self._xdotool("get_desktop"), "a window manager")

    def finds_window(self) -> bool:
        """Whether some window has the keyboard."""
        return bool(self._xdotool("getactivewindow", "getwindowname"))

    def type(self, text: str) -> None:
        """Type a path. Its slash opens the dialog's line for paths; a key that comes before that is there is lost."""
        before = wait_until(self._photograph_still, "a dialog that is drawn")
        self._xdotool("type", text[0])
        wait_until(lambda: self._photograph() != before, "a line for paths")
        wait_until(self._photograph_still, "a line for paths that is drawn")
        self._xdotool("type", "--delay", "20", text[1:])

    def press(self, key: str) -> None:
        self._xdotool("key", key)

    def _photograph_still(self) -> bytes | None:
        first, second = self._photograph(), self._photograph()
        return second if first == second else None

    def _photograph(self) -> bytes:
        argv = ["import", "-window", "root", "rgb:-"]
        return subprocess.run(argv, env=self._desktop.env, stdout=subprocess.PIPE, timeout=20, check=True).stdout

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self._desktop.env, capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout.strip()
