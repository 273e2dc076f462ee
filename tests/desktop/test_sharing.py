"""Menu, command line and settings file of one running app: a change in one shows in the others; notes come once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.desktop.app import App, ask, free_port, running_app
from tests.desktop.session import HERE, PATIENCE_S, Desktop, wait_until

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(240)]

SHARED_S = 2.0
"""The promise: a change shows everywhere within this."""
FAKE = ("--provider", "fake", "--model", "echo")


class Notes:
    """What a notification service was asked to show."""

    def __init__(self, desktop: Desktop) -> None:
        desktop.start([sys.executable, str(HERE / "notification_server.py")])
        (self._file,) = desktop.home.glob(f"*-{Path(sys.executable).name}.log")
        wait_until(lambda: "notifying" in self._file.read_text(), "a notification service")

    def titles(self) -> list[str]:
        """The first lines so far."""
        return [json.loads(line)["title"] for line in self._file.read_text().splitlines()[1:]]

    def wait_for(self, *titles: str) -> None:
        """Wait until there are as many; they must be these."""
        wait_until(lambda: len(self.titles()) >= len(titles), f"notes: {titles}")
        assert self.titles() == list(titles)


@pytest.fixture
def notes(desktop: Desktop) -> Notes:
    return Notes(desktop)


@pytest.fixture
def app(notes: Notes, desktop: Desktop) -> Iterator[App]:
    desktop.env["TRAYPOINT_TEST_HOOKS"] = "1"
    with running_app(desktop, *FAKE, "--port", str(free_port())) as made:
        made.menu.wait_for_status("● Ready")
        yield made


def show_within(probe: Callable[[], object], what: str) -> None:
    wait_until(lambda: probe() or None, what, SHARED_S)


@pytest.mark.alone
def test_what_the_command_line_changes_shows_in_the_menu_and_in_the_file(app: App) -> None:
    before = app.child().pid
    assert app.run("use", "--provider", "fake", "echo,load_ms=5").returncode == 0
    show_within(lambda: app.menu.status().startswith("● Ready"), "the new model in the menu")
    assert app.child().pid != before
    assert 'model = "echo,load_ms=5"' in app.settings()

    assert app.run("config", "set", "notifications", "off").returncode == 0
    show_within(lambda: _mark(app, "Notifications") is False, "the switch in the menu")
    assert app.run("config", "set", "idle_unload", "300").returncode == 0
    show_within(lambda: app.status()["settings"]["idle_unload"] == 300, "the idle time in the status")


@pytest.mark.alone
def test_what_is_clicked_shows_in_the_status_and_in_the_file(app: App) -> None:
    app.menu.click("Settings", "Notifications")
    show_within(lambda: "notifications = false" in app.settings(), "the click in the file")
    assert app.status()["settings"]["notifications"] is False
    assert json.loads(app.run("config", "get", "notifications", "--json").stdout)["value"] is False


def test_a_second_start_shows_the_first_and_brings_a_hidden_icon_back(app: App) -> None:
    assert app.run("config", "set", "keep_running", "on").returncode == 0
    wait_until(lambda: app.status()["settings"]["keep_running"], "the preference in force")
    app.menu.click("Quit")
    wait_until(lambda: app.status()["hidden"], "the icon gone")
    assert ask(app.status()["port"], "GET", "/health")["status"] == "healthy"

    second = app.desktop.start_traypoint()
    assert second.wait(PATIENCE_S) == 0
    assert not app.status()["hidden"]
    assert f"already running (pid {app.process.pid})" in app.desktop.messages()
    app.menu.attach()
    assert app.menu.status().startswith("● Ready")


def test_a_kept_endpoint_ends_with_the_app_on_stop_app(app: App) -> None:
    assert app.run("config", "set", "keep_running", "on").returncode == 0
    wait_until(lambda: app.status()["settings"]["keep_running"], "the preference in force")
    app.menu.click("Quit")
    wait_until(lambda: app.status()["hidden"], "the icon gone")
    assert app.run("stop", "--app").stdout == "Traypoint has ended.\n"
    assert app.process.wait(PATIENCE_S) == 0


def test_each_event_is_noted_once(app: App, notes: Notes) -> None:
    notes.wait_for("Traypoint is ready")
    app.child().kill()
    notes.wait_for("Traypoint is ready", "Traypoint's endpoint crashed", "Traypoint is ready")
    assert app.run("use", "/no/such.gguf", "--provider", "llamacpp").returncode == 3
    app.menu.wait_for_status("● Ready")
    first = ("Traypoint is ready", "Traypoint's endpoint crashed", "Traypoint is ready")
    notes.wait_for(*first, "Traypoint is back with echo")
    app.child().kill()
    notes.wait_for(*first, "Traypoint is back with echo", "Traypoint's endpoint crashed", "Traypoint is ready")


def test_a_start_that_fails_is_noted_once(desktop: Desktop, notes: Notes) -> None:
    with running_app(desktop, "--model", "/no/such.gguf", "--port", str(free_port())) as app:
        app.menu.wait_for_status("✕")
        notes.wait_for("Traypoint could not start")
        app.menu.click("Copy base URL")  # what is done meanwhile makes no second note
        app.menu.find("Copied http")
        notes.wait_for("Traypoint could not start")


def test_nothing_is_noted_when_that_is_switched_off(app: App, notes: Notes) -> None:
    notes.wait_for("Traypoint is ready")
    app.menu.click("Settings", "Notifications")
    app.wait_for_setting("notifications = false")
    before = app.child().pid
    app.child().kill()
    wait_until(lambda: _is_ready_again(app, before), "another endpoint ready")
    assert notes.titles() == ["Traypoint is ready"]


def _is_ready_again(app: App, before: int) -> bool:
    is_other = not psutil.pid_exists(before) and app.status()["state"] == "ready"
    return is_other and app.menu.status().startswith("● Ready")


def _mark(app: App, label: str) -> bool | None:
    return app.menu.find("Settings", label).checked
