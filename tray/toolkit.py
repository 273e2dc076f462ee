"""What Traypoint uses of pystray 0.19, as types: it has none of its own. A fake for tests fits the same shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol


class NativeMenu(Protocol):
    """pystray.Menu"""

    @property
    def items(self) -> Iterable[object]: ...


class NativeIcon(Protocol):
    """pystray.Icon: `run` blocks the main thread; setting a property redraws it."""

    visible: bool
    icon: object
    title: str
    menu: NativeMenu

    def run(self, setup: Callable[[NativeIcon], None]) -> None: ...

    def stop(self) -> None: ...

    def notify(self, message: str, title: str) -> None: ...


class MenuClass(Protocol):
    """pystray.Menu, the class."""

    SEPARATOR: object

    def __call__(self, *lines: object) -> NativeMenu: ...


class LineClass(Protocol):
    """pystray.MenuItem, the class. `action` may be a menu."""

    def __call__(
        self,
        text: str,
        action: NativeMenu | Callable[[], None],
        *,
        enabled: bool,
        default: bool,
        checked: Callable[[object], bool] | None,
        radio: bool,
    ) -> object: ...


class IconClass(Protocol):
    """pystray.Icon, the class."""

    def __call__(self, name: str, icon: object, title: str, menu: NativeMenu) -> NativeIcon: ...


class Toolkit(Protocol):
    """pystray, the module."""

    Icon: IconClass
    Menu: MenuClass
    MenuItem: LineClass
