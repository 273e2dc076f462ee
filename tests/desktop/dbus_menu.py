"""Reads and clicks a tray icon's menu over the session bus, as a panel does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
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
    """One line of the menu; separators are left out. `mark`: radio or checkmark, empty where there is none."""

    id: int
    label: str
    is_enabled: bool
    mark: str = ""
    checked: bool | None = None
    children: tuple[Line, ...] = ()

    def walk(self) -> Iterator[Line]:
        """This line and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


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

    def walk(self) -> list[Line]:
        """All lines, those of submenus too."""
        return [each for line in self.lines() for each in line.walk()]

    def find(self, *path: str) -> Line:
        """The line at the end of a path of labels, each given by its beginning."""
        return wait_until(lambda: find_line(self.lines(), path), f"the line {' > '.join(path)}")

    def click(self, *path: str) -> None:
        """Click the line at the end of a path of labels, each given by its beginning."""
        line = self.find(*path)
        self._ask(self._menu(), "Event", "isvu", (line.id, "clicked", ("i", 0), int(time.time())))

    def open(self) -> None:
        """Tell the app that its menu is shown, as a panel does."""
        self._ask(self._menu(), "AboutToShow", "i", (0,))
        self._ask(self._menu(), "Event", "isvu", (0, "opened", ("i", 0), int(time.time())))

    def wait_for_status(self, start: str) -> list[Line]:
        """Wait until the first line starts so; the menu then."""

        def probe() -> list[Line] | None:
            lines = self.lines()
            return lines if lines and lines[0].label.startswith(start) else None

        return wait_until(probe, f"status {start!r}")

    def _menu(self) -> DBusAddress:
        return make_address(self._owner, self._path, MENU)

    def _first_item(self) -> str | None:
        try:
            items: list[str] = self._get(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")
        except RuntimeError:
            return None  # the panel is there, but not yet on the bus
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


def find_line(lines: Sequence[Line], path: Sequence[str]) -> Line | None:
    """The first line with each label's beginning; the exact label where there is one."""
    first, *rest = path
    fitting = [line for line in lines if line.label.startswith(first)]
    line = next((line for line in fitting if line.label == first), next(iter(fitting), None))
    return line if line is None or not rest else find_line(line.children, rest)


def _read_line(node: tuple[int, dict[str, tuple[str, Any]], list[Any]]) -> Line | None:
    number, properties, below = node
    values = {name: value for name, (_, value) in properties.items()}
    if values.get("type") == "separator":
        return None
    # As a panel shows it: `__` is an underscore, `_` alone marks a shortcut and is swallowed.
    label = values.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
    mark = values.get("toggle-type", "")
    return Line(
        number,
        label,
        values.get("enabled", True),
        mark,
        values.get("toggle-state") == 1 if mark else None,
        tuple(line for child in below if (line := _read_line(child[1])) is not None),
    )
