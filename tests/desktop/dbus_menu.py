"""Reads and clicks a tray icon's menu over the session bus, as a panel does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tests.desktop.session import wait_until

if TYPE_CHECKING:  # jeepney is there on Linux only: imported where it is used, so that others can collect and skip
    from jeepney import DBusAddress
    from jeepney.io.blocking import DBusConnection

WATCHER = "org.kde.StatusNotifierWatcher"
MENU = "com.canonical.dbusmenu"
REPLY_S = 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the menu; separators are left out."""

    id: int
    label: str
    is_enabled: bool


class DbusMenu:
    """The menu of the only icon on this bus."""

    def __init__(self, address: str) -> None:
        from jeepney.io.blocking import open_dbus_connection

        self._bus: DBusConnection = open_dbus_connection(bus=address)
        self._owner, self._path = "", ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.close()

    def attach(self) -> None:
        """Wait for the icon."""
        item = wait_until(self._first_item, "an icon registered")
        self._owner, _, path = item.partition("/")
        self._path = self._get(self._owner, f"/{path}", "org.kde.StatusNotifierItem", "Menu")

    def lines(self) -> list[Line]:
        """The menu as it is now, top to bottom."""
        self._ask(self._menu(), "AboutToShow", "i", (0,))
        _, root = self._ask(self._menu(), "GetLayout", "iias", (0, -1, []))
        return [line for child in root[2] if (line := _read_line(child[1])) is not None]

    def status(self) -> str:
        """The first line."""
        return self.lines()[0].label

    def enabled(self) -> set[str]:
        """The labels that can be clicked."""
        return {line.label for line in self.lines() if line.is_enabled}

    def click(self, label: str) -> None:
        """Click the line with this label; again where the menu was rebuilt between the look and the click.

        pystray rebuilds the menu after each click, with new ids. A click on an id that is gone is answered with
        an error and has done nothing.
        """
        wait_until(lambda: self._try_click(label), f"{label!r} clicked")

    def _try_click(self, label: str) -> bool:
        line = next(line for line in self.lines() if line.label == label)
        try:
            self._ask(self._menu(), "Event", "isvu", (line.id, "clicked", ("i", 0), int(time.time())))
        except RuntimeError as error:
            if "does not refer to a menu item" in str(error):
                return False
            raise
        return True

    def wait_for_status(self, start: str) -> list[Line]:
        """Wait until the first line starts so; the menu then."""

        def probe() -> list[Line] | None:
            lines = self.lines()
            return lines if lines and lines[0].label.startswith(start) else None

        return wait_until(probe, f"status {start!r}")

    def _menu(self) -> DBusAddress:
        return make_address(self._owner, self._path, MENU)

    def _first_item(self) -> str | None:
        items: list[str] = self._get(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")
        return items[0] if items else None

    def _get(self, owner: str, path: str, interface: str, name: str) -> Any:
        properties = make_address(owner, path, "org.freedesktop.DBus.Properties")
        return self._ask(properties, "Get", "ss", (interface, name))[0][1]

    def _ask(self, address: DBusAddress, member: str, signature: str, body: tuple[Any, ...]) -> Any:
        from jeepney import MessageType, new_method_call

        reply = self._bus.send_and_get_reply(new_method_call(address, member, signature, body), timeout=REPLY_S)
        if reply.header.message_type is MessageType.error:
            raise RuntimeError(f"{member}: {reply.body}")
        return reply.body


def make_address(owner: str, path: str, interface: str) -> DBusAddress:
    """Where a message goes."""
    from jeepney import DBusAddress

    return DBusAddress(path, owner, interface)


def _read_line(node: tuple[int, dict[str, tuple[str, Any]], list[Any]]) -> Line | None:
    number, properties, _ = node
    values = {name: value for name, (_, value) in properties.items()}
    if values.get("type") == "separator":
        return None
    # As a panel shows it: `__` is an underscore, `_` alone marks a shortcut and is swallowed.
    label = values.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
    return Line(number, label, values.get("enabled", True))
