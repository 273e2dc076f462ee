"""A StatusNotifierWatcher, run as a process of its own: lets the icon appear with no panel and no pixels.

Prints `watching` once it owns its name on the session bus.
"""

# No `from __future__ import annotations`: dbus-fast reads the D-Bus signatures from the live annotations.
import asyncio

from dbus_fast import Message
from dbus_fast.aio import MessageBus
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

NAME = "org.kde.StatusNotifierWatcher"


class Watcher(ServiceInterface):
    """Remembers who registered."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.items: list[str] = []
        self.sender = ""

    def see(self, message: Message) -> None:
        """An item may register by its object path alone; then its address is the message's sender."""
        if message.member == "RegisterStatusNotifierItem":
            self.sender = message.sender or ""

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: "s"):  # type: ignore[no-untyped-def, name-defined]  # a D-Bus signature
        self.items.append(f"{self.sender}{service}" if service.startswith("/") else f"{service}/StatusNotifierItem")
        self.emit_properties_changed({"RegisteredStatusNotifierItems": self.items})

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: "s"):  # type: ignore[no-untyped-def, name-defined]  # a D-Bus signature
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":  # type: ignore[valid-type]  # a D-Bus signature
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":  # type: ignore[name-defined]  # a D-Bus signature
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":  # type: ignore[name-defined]  # a D-Bus signature
        return 0


async def main() -> None:
    bus = await MessageBus().connect()
    watcher = Watcher()
    bus.add_message_handler(watcher.see)
    bus.export("/StatusNotifierWatcher", watcher)
    await bus.request_name(NAME)
    print("watching", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(main())
