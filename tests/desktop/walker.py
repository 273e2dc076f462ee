"""Clicks through the real menu, and remembers what was clicked."""

from __future__ import annotations

from typing import Any

from tests.desktop.app import App
from tests.desktop.session import wait_until


class Walker:
    """Clicks, and remembers which lines it has clicked. A radio stands for all of its submenu."""

    def __init__(self, app: App) -> None:
        self.app, self.menu = app, app.menu
        self.clicked: set[int] = set()

    def click(self, *path: str) -> None:
        line = self.menu.find(*path)
        assert line.is_enabled, f"{line.label} can't be clicked"
        self.clicked.add(line.id)
        self.menu.click(*path)

    def is_marked(self, *path: str) -> bool:
        return bool(self.menu.find(*path).checked)

    def wait_for_mark(self, *path: str, on: bool = True) -> None:
        wait_until(lambda: self.is_marked(*path) is on, f"the mark of {path[-1]!r} {'on' if on else 'off'}")

    def wait_for_health(self, **wanted: Any) -> dict[str, Any]:
        """Wait until an endpoint of this app answers with these fields."""

        def probe() -> dict[str, Any] | None:
            try:
                health: dict[str, Any] = self.app.get("/health")
            except (OSError, ValueError):
                return None
            return health if all(health.get(name) == value for name, value in wanted.items()) else None

        return wait_until(probe, f"/health with {wanted}")

    def left_out(self) -> list[str]:
        """Lines that can be clicked and weren't: of radios one a submenu is enough."""
        leaves = [line for line in self.menu.walk() if line.is_enabled and not line.children]
        offers = {line.id for line in self.menu.find("Download for this machine").children}  # see test_downloads.py
        return [line.label for line in leaves if line.id not in self.clicked | offers and line.mark != "radio"]
