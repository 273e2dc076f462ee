"""Is there a desktop with a place for an icon? Looked at before any toolkit is loaded, so that a server pays nothing.

Linux is the only platform where the answer is in doubt: Windows and macOS always have their tray and menu bar.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_WAIT_S = 3.0
"""At login we may start before the panel does."""


class Backend(StrEnum):
    """pystray's backends that can show a menu. Its `xorg` can't."""

    APPINDICATOR = "appindicator"
    GTK = "gtk"
    DARWIN = "darwin"
    WIN32 = "win32"


@dataclass(frozen=True, slots=True)
class NoTray:
    """There can be no icon; `reason` says why, in one line."""

    reason: str


def find_backend(
    env: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    has_watcher: Callable[[Mapping[str, str]], bool] | None = None,
    has_legacy_tray: Callable[[Mapping[str, str]], bool] | None = None,
) -> Backend | NoTray:
    """The backend that will work here, or why none will."""
    if platform == "darwin":
        return Backend.DARWIN
    if platform == "win32":
        return Backend.WIN32
    if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
        return NoTray("no screen: neither DISPLAY nor WAYLAND_DISPLAY is set")
    if (has_watcher or wait_for_watcher)(env):
        return Backend.APPINDICATOR
    if (has_legacy_tray or has_xembed_tray)(env):
        return Backend.GTK
    return NoTray(f"this desktop shows no tray icons (no {WATCHER} on the bus; GNOME needs its AppIndicator extension)")


def wait_for_watcher(env: Mapping[str, str], timeout_s: float = WATCHER_WAIT_S) -> bool:
    """True when a panel that shows indicators is on the session bus, or arrives there in time."""
    # Without an address GDBus would start a bus of its own, on which nobody would be.
    runtime_dir = env.get("XDG_RUNTIME_DIR")
    has_bus_socket = bool(runtime_dir) and Path(runtime_dir or "", "bus").exists()
    if not env.get("DBUS_SESSION_BUS_ADDRESS") and not has_bus_socket:
        return False
    deadline = time.monotonic() + timeout_s
    while not owns_name(WATCHER):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def owns_name(name: str) -> bool:
    """Whether a program on the session bus has this name; False where there is no bus, or no way to ask it."""
    try:
        from gi.repository import Gio, GLib

        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        answer = bus.call_sync(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            "NameHasOwner",
            GLib.Variant("(s)", (name,)),
            None,
            Gio.DBusCallFlags.NONE,
            1000,  # milliseconds
            None,
        )
    except Exception:
        return False
    return bool(answer.unpack()[0])


def has_xembed_tray(env: Mapping[str, str]) -> bool:
    """True when an old-style (XEmbed) system tray owns its X selection."""
    if not env.get("DISPLAY"):
        return False
    try:
        from Xlib import X  # type: ignore[import-untyped]  # no types
        from Xlib.display import Display  # type: ignore[import-untyped]  # no types

        display = Display(env["DISPLAY"])
        try:
            atom = display.intern_atom(f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}")
            return bool(display.get_selection_owner(atom) != X.NONE)
        finally:
            display.close()
    except Exception:
        return False
