"""A screen without a place for icons: one line that says so, and on without."""

from __future__ import annotations

import pytest

from tests.desktop.app import put_on_path
from tests.desktop.panel import Panel
from tests.desktop.session import PATIENCE_S, Desktop, find_missing, wait_until
from tray.screen import Backend, find_backend, has_xembed_tray, wait_for_watcher

pytestmark = pytest.mark.desktop

FAKE = ("--port", "0", "--provider", "fake", "--model", "echo")


def test_without_a_panel_the_app_says_so_and_serves(desktop: Desktop) -> None:
    app = desktop.start_traypoint(*FAKE)
    wait_until(lambda: "Ready: " in desktop.messages(), "the Ready line")
    (line,) = [line for line in desktop.messages().splitlines() if line.startswith("traypoint: ")]
    assert line.startswith("traypoint: no tray icon: this desktop shows no tray icons")
    assert line.endswith("; going on without one.")
    app.terminate()
    assert app.wait(PATIENCE_S) == 0


def test_an_empty_screen_has_no_old_tray_either(desktop: Desktop) -> None:
    assert not has_xembed_tray(desktop.env)


def test_a_panels_old_tray_is_found(desktop: Desktop) -> None:
    missing = find_missing(["openbox", "xfce4-panel", "import"], [])
    if missing:
        pytest.skip(missing)
    Panel(desktop).start()
    wait_until(lambda: has_xembed_tray(desktop.env), "the panel's old tray")
    assert find_backend(desktop.env, "linux", has_watcher=lambda _: False) is Backend.GTK


def test_a_bus_nobody_listens_on_has_no_watcher() -> None:
    assert not wait_for_watcher({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}, timeout_s=0)


def test_started_from_a_launcher_where_no_icon_can_be_shown_it_opens_its_page(desktop: Desktop) -> None:
    notes = put_on_path(desktop, "xdg-open")
    app = desktop.start_traypoint(*FAKE)
    address = wait_until(lambda: notes.exists() and notes.read_text().strip(), "an opened page")
    wait_until(lambda: f"Ready: {address}v1" in desktop.messages(), "the Ready line, which may come later")
    app.terminate()
    assert app.wait(PATIENCE_S) == 0
