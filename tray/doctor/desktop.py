"""What the desktop has for us: a place for the icon, a clipboard, notifications, a start at login."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from tray.autostart import find_autostart
from tray.clipboard import HINT, list_tools
from tray.doctor.finding import Circumstances, Finding, Status
from tray.errors import DesktopError
from tray.login.command import find_command
from tray.login.xdg_autostart import XdgAutostart
from tray.screen import NoTray, find_backend, owns_name, wait_for_watcher

NOTIFIER = "org.freedesktop.Notifications"
HEADLESS = "Nothing, if none is wanted: `traypoint --no-tray` needs no desktop."


def check_icon(c: Circumstances) -> Sequence[Finding]:
    """Whether an icon can be shown, and else why not."""
    if has_screen(c) and c.platform == "linux" and find_spec("gi") is None:
        advice = "Install PyGObject, then run `make tray` (docs/setup.md)."
        return [Finding("icon", Status.WARN, "PyGObject (gi) is missing, which shows it", advice)]
    backend = find_backend(c.env, c.platform, has_watcher=lambda env: wait_for_watcher(env, timeout_s=0))
    if isinstance(backend, NoTray):
        return [Finding("icon", Status.WARN, backend.reason, HEADLESS)]
    return [Finding("icon", Status.OK, f"shown by {backend}")]


def check_clipboard(c: Circumstances) -> Sequence[Finding]:
    """The tool that "Copy base URL" uses."""
    if not has_screen(c):
        return [Finding("clipboard", Status.SKIP, "no screen, no clipboard")]
    tools = [argv[0] for argv in list_tools(c.env, c.platform)]
    found = next((tool for tool in tools if shutil.which(tool, path=c.env.get("PATH"))), None)
    if found is None:
        return [
            Finding("clipboard", Status.WARN, "no tool; GTK is tried instead", HINT.partition(": ")[2].capitalize())
        ]
    return [Finding("clipboard", Status.OK, found)]


def check_notifications(c: Circumstances, owns: Callable[[str], bool] = owns_name) -> Sequence[Finding]:
    """A program that shows notifications. One that is only started when it is needed isn't there before."""
    if c.platform != "linux":
        return [Finding("notifications", Status.OK, "the system's own")]
    if not has_screen(c):
        return [Finding("notifications", Status.SKIP, "no screen, no notifications")]
    if owns(NOTIFIER) or _can_be_activated(c):
        return [Finding("notifications", Status.OK, NOTIFIER)]
    advice = "Install one (notification-daemon, mako, dunst), or `traypoint config set notifications off`."
    return [Finding("notifications", Status.WARN, f"nobody on the bus shows them ({NOTIFIER})", advice)]


def check_autostart(c: Circumstances) -> Sequence[Finding]:
    """As the system has it; an entry that is on must name a program that is still there."""
    home = Path(c.env.get("HOME") or Path.home())
    try:
        autostart = find_autostart(find_command(sys.argv[0], c.env), c.env, c.platform, home)
        if autostart.is_on():
            return [Finding("start at login", Status.OK, "on")]
        if isinstance(autostart, XdgAutostart) and autostart.is_dead():
            told = f"{autostart.path} starts a program that isn't there"
            advice = "Switch it on anew in the icon's menu, or delete that file."
            return [Finding("start at login", Status.WARN, told, advice)]
    except DesktopError as error:
        return [Finding("start at login", Status.WARN, str(error), "Switch it on anew in the icon's menu.")]
    return [Finding("start at login", Status.SKIP, "off")]


def has_screen(c: Circumstances) -> bool:
    """Whether this session has one; macOS and Windows always do."""
    return c.platform != "linux" or bool(c.env.get("DISPLAY") or c.env.get("WAYLAND_DISPLAY"))


def _can_be_activated(c: Circumstances) -> bool:
    folders = (c.env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    services = [file for folder in folders for file in Path(folder, "dbus-1", "services").glob("*.service")]
    return any(f"Name={NOTIFIER}" in file.read_text(encoding="utf-8", errors="replace") for file in services)
