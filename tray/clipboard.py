"""Puts a text on the clipboard with what the desktop has: a tool first, GTK where the tray has loaded it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from tray.console import hide_console
from tray.errors import DesktopError

TIMEOUT_S = 3.0
HINT = "No clipboard tool found: install wl-clipboard, xclip or xsel."


def copy_text(text: str, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Put `text` on the clipboard. Raises DesktopError, which says what is missing or what went wrong."""
    for argv in list_tools(env, platform):
        if shutil.which(argv[0], path=env.get("PATH")):
            _pipe(argv, text)
            return
    if not _copy_with_gtk(text):
        raise DesktopError(HINT)


def list_tools(env: Mapping[str, str], platform: str) -> tuple[tuple[str, ...], ...]:
    """The commands that read a text for the clipboard on this desktop, best first."""
    if platform == "darwin":
        return (("pbcopy",),)
    if platform == "win32":
        return (("clip",),)
    wayland = (("wl-copy",),) if env.get("WAYLAND_DISPLAY") else ()
    x11 = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")) if env.get("DISPLAY") else ()
    return (*wayland, *x11)


def _pipe(argv: tuple[str, ...], text: str) -> None:
    # Windows' clip takes UTF-16; the others take the locale's encoding, which is UTF-8 where they run.
    data = text.encode("utf-16-le" if argv[0] == "clip" else "utf-8")
    try:
        # xclip stays behind to serve the text: with our pipes in its hands we would wait for it.
        subprocess.run(
            argv,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=True,
            creationflags=hide_console(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DesktopError(f"Could not copy: {argv[0]} failed ({error}).") from error


def _copy_with_gtk(text: str) -> bool:
    """Through the GTK that the tray runs on; False when there is none. Its main loop does the work a moment later."""
    if "gi.repository.Gtk" not in sys.modules:
        return False
    from gi.repository import Gdk, GLib, Gtk

    def copy() -> bool:
        clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        clipboard.set_text(text, -1)
        clipboard.store()
        return False  # once, not at every idle moment

    GLib.idle_add(copy)
    return True
