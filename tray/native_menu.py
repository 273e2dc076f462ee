"""The menu model as pystray's menu, made anew for each change: for macOS and Windows, where that is cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tray.actions import Click
from tray.menu.items import SEPARATOR, Check, Item
from tray.toolkit import NativeMenu, Toolkit


def make_menu(
    toolkit: Toolkit, items: Sequence[Item], escape: Callable[[str], str], post: Callable[[Click], None]
) -> NativeMenu:
    """Pystray's menu of these lines. Raises what pystray raises."""
    menu = toolkit.Menu(*(_make_line(toolkit, item, escape, post) for item in items))
    # pystray swallows a menu's errors and the icon never appears: have them raised here.
    for line in menu.items:
        str(line)
    return menu


def _make_line(toolkit: Toolkit, item: Item, escape: Callable[[str], str], post: Callable[[Click], None]) -> object:
    if item == SEPARATOR:
        return toolkit.Menu.SEPARATOR
    checked = None if item.check is Check.NONE else _always(item.is_checked)
    return toolkit.MenuItem(
        escape(item.label),
        make_menu(toolkit, item.children, escape, post) if item.children else _clicker(item.action, post),
        enabled=item.is_enabled,
        default=item.is_default,
        checked=checked,
        radio=item.check is Check.RADIO,
    )


def _always(value: bool) -> Callable[[object], bool]:
    return lambda _: value


def _clicker(action: Click | None, post: Callable[[Click], None]) -> Callable[[], None]:
    """Pystray calls an action with as many arguments as it takes: none."""

    def click() -> None:
        if action is not None:
            post(action)

    return click
