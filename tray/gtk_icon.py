"""Title and picture of pystray's icon set at once, on GTK's thread.

pystray's own setters go through GLib.idle_add, which loses memory at each call (tray/gtk_loop.py). Beneath its
decorator are the functions that do the work; leans on pystray 0.19's private names, which pyproject.toml pins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tray.toolkit import NativeIcon


def set_title(icon: NativeIcon, title: str) -> None:
    """The tooltip."""
    _assign(icon, "_title", title, "_update_title")


def set_picture(icon: NativeIcon, picture: object) -> None:
    """What the panel shows."""
    _assign(icon, "_icon", picture, "_update_icon")


def _assign(icon: NativeIcon, field: str, value: object, update: str) -> None:
    setattr(icon, field, value)
    if icon.visible:
        function: Any = getattr(type(icon), update)
        getattr(function, "__wrapped__", function)(icon)
