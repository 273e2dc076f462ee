"""The icon and its native menu. The only importer of pystray, and only once a tray is known to be there.

Threads: `run` is the main thread's and blocks; `show` and `close` may be called from any other. Toolkits want to be
touched on the main thread only, so `show` leaves the newest state in a slot and has `_apply` run there.
Invariant: the native menu is touched only when the menu model has changed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import cast

from tray.actions import Click
from tray.gtk_icon import set_picture, set_title
from tray.gtk_loop import GtkLoop
from tray.gtk_menu import GtkMenu
from tray.icons import StateIcon, load_icon
from tray.menu.header import status_line
from tray.menu.menu import build_menu
from tray.native_menu import make_menu
from tray.screen import Backend, NoTray
from tray.state import AppState
from tray.toolkit import NativeIcon, Toolkit

TITLE = "Traypoint"
INSTALL_HINT = "install python3-gi and gir1.2-ayatanaappindicator3-0.1, or your system's equivalents"


def load_toolkit(backend: Backend) -> Toolkit | NoTray:
    """Pystray with this backend. It chooses one while it is imported, and may raise nearly anything then."""
    try:
        with _environment(PYSTRAY_BACKEND=backend.value, GDK_GL="disable"):
            return cast(Toolkit, importlib.import_module("pystray"))
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        hint = f"; {INSTALL_HINT}" if backend in (Backend.APPINDICATOR, Backend.GTK) else ""
        return NoTray(f"the {backend.value} backend can't be loaded ({why}){hint}")


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set variables for a while: our children must not inherit them. GDK_GL: a menu needs no OpenGL, and where GTK
    has to ask for it the software renderer alone costs 50 MB.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class TrayShell:
    """One icon in the tray; a View of the controller."""

    def __init__(self, toolkit: Toolkit, backend: Backend, post: Callable[[Click], None], first: AppState) -> None:
        self._toolkit = toolkit
        self._backend = backend
        self._post = post
        self._lock = threading.Lock()
        self._wanted: AppState | None = None
        self._shown = first
        self._items = build_menu(first)
        self._icon = toolkit.Icon(
            "traypoint",
            load_icon(first.endpoint),
            _tooltip(first),
            make_menu(toolkit, self._items, self._escape, post),
        )
        self._fit_icon()
        self._is_gtk = backend in (Backend.APPINDICATOR, Backend.GTK)
        self._gtk_loop = GtkLoop() if self._is_gtk else None
        self._gtk_menu = self._draw_with_gtk()

    def run(self, on_shown: Callable[[], None], rearm_signals: Callable[[], None]) -> None:
        """Show the icon until `close`. `on_shown` is called once it is there, on another thread.

        Raises whatever the toolkit raises when it can't show it.
        """
        shown = threading.Event()

        def set_up(icon: NativeIcon) -> None:
            if self._backend is Backend.DARWIN:  # AppKit wants to be touched on the main thread; we are on another
                self._on_main_thread(lambda: setattr(icon, "visible", True))
            else:
                icon.visible = True
            self._on_main_thread(rearm_signals)
            shown.set()
            on_shown()

        try:
            self._icon.run(set_up)
        except Exception:
            # On its way out it may miss a notification service (GLib.GError); there is nothing left to lose.
            if not shown.is_set():
                raise

    def show(self, state: AppState) -> None:
        """Have this state shown soon; of several in a row only the last one is drawn."""
        with self._lock:
            is_scheduled = self._wanted is not None
            self._wanted = state
        if not is_scheduled:
            self._on_main_thread(self._apply)

    def close(self) -> None:
        """Take the icon away; `run` returns."""
        with contextlib.suppress(Exception):  # the toolkit may be gone already: that is what we want
            self._icon.stop()

    def _apply(self) -> None:
        with self._lock:
            state, self._wanted = self._wanted, None
        if state is None:
            return
        before, self._shown = self._shown, state
        if state.endpoint is not before.endpoint:
            self._set_picture(load_icon(state.endpoint))
        if _tooltip(state) != _tooltip(before):
            self._set_title(_tooltip(state))
        if state.is_hidden is not before.is_hidden:
            self._icon.visible = not state.is_hidden
        items = build_menu(state)
        if items != self._items:
            self._items = items
            self._draw()

    def _set_picture(self, picture: StateIcon) -> None:
        if self._is_gtk:
            set_picture(self._icon, picture)
        else:
            self._icon.icon = picture

    def _set_title(self, title: str) -> None:
        if self._is_gtk:
            set_title(self._icon, title)
        else:
            self._icon.title = title

    def notify(self, title: str, text: str) -> None:
        """Have the desktop show a notification. A desktop that has none is no reason to fail."""

        def deliver() -> None:
            with contextlib.suppress(Exception):  # whatever the toolkit raises where nobody shows notifications
                self._icon.notify(text, title)

        self._on_main_thread(deliver)

    def _fit_icon(self) -> None:
        """Have the panel take the picture that was drawn for its size."""
        if self._backend is Backend.APPINDICATOR:
            from tray.themed_icon import IndicatorIcon, use_theme

            use_theme(cast("IndicatorIcon", self._icon))
        elif self._backend is Backend.DARWIN:
            from tray.mac_icon import BarIcon, use_templates

            use_templates(cast("BarIcon", self._icon))

    def _draw_with_gtk(self) -> GtkMenu | None:
        """On Linux pystray is given our own menu to show."""
        if not self._is_gtk:
            return None
        menu = GtkMenu(self._items, lambda label: escape_update(label, self._backend), self._post)
        self._icon._create_menu = lambda _descriptors: menu.widget  # type: ignore[attr-defined]  # pystray's own seam
        return menu

    def _draw(self) -> None:
        if self._gtk_menu is not None:
            self._gtk_menu.show(self._items)
        else:
            self._icon.menu = make_menu(self._toolkit, self._items, self._escape, self._post)

    def _escape(self, label: str) -> str:
        return escape_label(label, self._backend)

    def _on_main_thread(self, work: Callable[[], None]) -> None:
        if self._backend is Backend.DARWIN:
            importlib.import_module("PyObjCTools.AppHelper").callAfter(work)
        elif self._backend is Backend.WIN32:
            work()  # Shell_NotifyIcon may be called from any thread; pystray's menus are rebuilt under its own loop
        elif self._gtk_loop is not None:
            self._gtk_loop.call(work)


def escape_label(label: str, backend: Backend) -> str:
    """A new line's label so that the platform shows it as it is: a shortcut's mark would be swallowed."""
    return label.replace("&", "&&") if backend is Backend.WIN32 else label


def escape_update(label: str, backend: Backend) -> str:
    """As `escape_label` for a GTK line that exists. libdbusmenu doubles a new label's underscores, but sends a changed
    one as it is, and the panel then swallows them.
    """
    return label.replace("_", "__") if backend is Backend.APPINDICATOR else label


def _tooltip(state: AppState) -> str:
    return f"{TITLE}: {status_line(state)}"
