"""Linux: has the panel take the icon from an icon theme's folders, so that it picks the size drawn for it.

pystray gives an indicator one picture in a temporary file, which the panel scales: strokes that lay on whole pixels no
longer do. Main thread, as everything of GTK. Leans on pystray 0.19's private names, which pyproject.toml pins.
"""

from __future__ import annotations

from typing import Protocol

from tray.icons import StateIcon


class Indicator(Protocol):
    """AppIndicator3.Indicator, as far as pystray uses it, and its better ways to say what to draw."""

    def set_icon_theme_path(self, folder: str) -> None: ...

    def set_icon_full(self, name: str, description: str) -> None: ...

    def set_menu(self, menu: object) -> None: ...

    def set_title(self, title: str) -> None: ...

    def set_status(self, status: object) -> None: ...


class IndicatorIcon(Protocol):
    """pystray's Icon of the appindicator backend."""

    icon: StateIcon
    _appindicator: Indicator | ThemedIndicator


def use_theme(icon: IndicatorIcon) -> None:
    """From now on have this icon's pictures named, in our own theme folder. Call it once, before `run`."""
    indicator = icon._appindicator
    if not isinstance(indicator, ThemedIndicator):
        icon._appindicator = ThemedIndicator(icon, indicator)


class ThemedIndicator:
    """Stands before the indicator: where pystray sets its temporary file, the picture's name is set instead."""

    def __init__(self, icon: IndicatorIcon, indicator: Indicator) -> None:
        self._icon = icon
        self._indicator = indicator
        indicator.set_icon_theme_path(str(icon.icon.assets))

    def set_icon(self, _path: str) -> None:
        picture = self._icon.icon
        self._indicator.set_icon_full(picture.theme_name, picture.description)

    def set_menu(self, menu: object) -> None:
        self._indicator.set_menu(menu)

    def set_title(self, title: str) -> None:
        self._indicator.set_title(title)

    def set_status(self, status: object) -> None:
        self._indicator.set_status(status)
