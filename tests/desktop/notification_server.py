"""The desktop's notification service, run as a process of its own: shows nothing, prints each note as a line of JSON.

Prints `notifying` once it owns its name on the session bus. Standard output is the record: one note, one line.
"""

# No `from __future__ import annotations`: dbus-fast reads the D-Bus signatures from the live annotations.
import asyncio
import json

from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method

NAME = "org.freedesktop.Notifications"


class Notifications(ServiceInterface):
    """Takes every note, and numbers it."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.count = 0

    @dbus_method()
    def Notify(
        self,
        app: "s",  # type: ignore[name-defined]  # a D-Bus signature
        replaces: "u",  # type: ignore[name-defined]  # a D-Bus signature
        icon: "s",  # type: ignore[name-defined]  # a D-Bus signature
        title: "s",  # type: ignore[name-defined]  # a D-Bus signature
        text: "s",  # type: ignore[name-defined]  # a D-Bus signature
        actions: "as",  # type: ignore[valid-type]  # a D-Bus signature
        hints: "a{sv}",  # type: ignore[valid-type]  # a D-Bus signature
        timeout: "i",  # type: ignore[name-defined]  # a D-Bus signature
    ) -> "u":  # type: ignore[name-defined]  # a D-Bus signature
        print(json.dumps({"title": title, "text": text}), flush=True)
        self.count += 1
        return replaces or self.count

    @dbus_method()
    def CloseNotification(self, number: "u"):  # type: ignore[no-untyped-def, name-defined]  # a D-Bus signature
        pass

    @dbus_method()
    def GetCapabilities(self) -> "as":  # type: ignore[valid-type]  # a D-Bus signature
        return ["body"]

    @dbus_method()
    def GetServerInformation(self) -> "ssss":  # type: ignore[name-defined]  # a D-Bus signature
        return ["tests", "traypoint", "1", "1.2"]


async def main() -> None:
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications())
    await bus.request_name(NAME)
    print("notifying", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(main())
